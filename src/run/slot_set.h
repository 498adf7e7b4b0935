/* SPDX-License-Identifier: ISC */
#ifndef RUN_SLOT_SET_H
#define RUN_SLOT_SET_H

/* Which slots are taken.  A job gets the lowest free one, so that few jobs use
 * few slots. */

#include <stdint.h>

struct slot_set {
	uint64_t *taken; /* a bit per slot */
	unsigned n; /* slots there are room for */
};

void slot_set_init(struct slot_set *s, unsigned n);
void slot_set_clear(struct slot_set *s);

/* Change the number of slots; those that are taken stay so, also above n. */
void slot_set_resize(struct slot_set *s, unsigned n);

/* The lowest free slot, from 1; there must be one. */
unsigned slot_set_take(struct slot_set *s);
void slot_set_give(struct slot_set *s, unsigned slot);

#endif
