/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_SLOT_SET_H
#define ENGINE_SLOT_SET_H

/* Which slots are taken. */

#include <stdint.h>

struct slot_set {
	uint64_t *taken; /* a bit per slot */
	unsigned n;	 /* slots there are */
	unsigned ntaken;
	unsigned room; /* slots there are bits for; all zero at first */
};

void slot_set_clear(struct slot_set *s);

/* Change the number of slots; those that are taken stay so, also above n. */
void slot_set_resize(struct slot_set *s, unsigned n);

/* The lowest free slot, from 1; 0: as many are taken as there are slots. */
unsigned slot_set_lowest(const struct slot_set *s);

void slot_set_take(struct slot_set *s, unsigned slot);
void slot_set_give(struct slot_set *s, unsigned slot);

#endif
