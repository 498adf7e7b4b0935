/* SPDX-License-Identifier: ISC */
#ifndef BASE_HASH_H
#define BASE_HASH_H

/* A set of texts, each with a count, remembered by a hash of 128 bits: small enough for
 * millions of texts, and large enough that collisions by chance do not occur. */

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct hash_key {
	uint64_t a, b;
};

/* The key of a number and a text together. */
struct hash_key hash_of(uint64_t number, struct bytes text);

struct counter {
	struct counter_entry *entries;
	size_t n, cap; /* keys; places, a power of two or 0 */
};

#define COUNTER_INIT {NULL, 0, 0}

/* The count of the key, made 0 when it is new; valid until the next call. */
uint32_t *counter_at(struct counter *c, struct hash_key key);

/* The count of the key; 0 when it is not there. */
uint32_t counter_get(const struct counter *c, struct hash_key key);

void counter_clear(struct counter *c);

#endif
