/* SPDX-License-Identifier: ISC */
#ifndef EVENT_KEYSET_H
#define EVENT_KEYSET_H

/* The keys of one mapping, to find one that is given twice.  Few keys cost
 * nothing; very many (from a hostile file) do not take quadratic time. */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum { KEYSET_FEW = 16 };

struct keyset {
	size_t n;
	struct bytes few[KEYSET_FEW];
	struct bytes *table; /* of all, once they are more than a few */
	size_t size;	     /* of the table: a power of two */
};

void keyset_init(struct keyset *s);
void keyset_clear(struct keyset *s);

/* False: it is there already.  Does not copy the key's bytes. */
bool keyset_add(struct keyset *s, struct bytes key);

#endif
