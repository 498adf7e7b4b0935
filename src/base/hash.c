/* SPDX-License-Identifier: ISC */

/* Two 64-bit hashes with different seeds make a key; an open-addressed table maps keys
 * to counts.  The texts are not stored: keys that are equal are taken for equal texts. */

#include <config.h>

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

struct counter_entry {
	struct hash_key key; /* both 0: the place is free */
	uint32_t count;
};

/* Multiply to twice the width and fold: mixes well and costs little. */
static uint64_t mix(uint64_t x, uint64_t y)
{
	unsigned __int128 product = (unsigned __int128)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_half(uint64_t seed, uint64_t number, struct bytes text)
{
	uint64_t h = mix(seed ^ number, UINT64_C(0x9e3779b97f4a7c15)) ^ text.len;

	while (text.len > 0) {
		size_t n = text.len < 8 ? text.len : 8;
		uint64_t word = 0;

		memcpy(&word, text.p, n);
		h = mix(h ^ word ^ seed, UINT64_C(0xd6e8feb86659fd93)) + h;
		text.p += n;
		text.len -= n;
	}
	return mix(h ^ seed, UINT64_C(0xff51afd7ed558ccd));
}

struct hash_key hash_of(uint64_t number, struct bytes text)
{
	struct hash_key key = {hash_half(UINT64_C(0x243f6a8885a308d3), number, text),
			       hash_half(UINT64_C(0x13198a2e03707345), number, text)};

	if (key.a == 0 && key.b == 0)
		key.b = 1;
	return key;
}

static struct counter_entry *place(const struct counter *c, struct hash_key key)
{
	size_t at = key.a & (c->cap - 1);

	for (;; at = (at + 1) & (c->cap - 1)) {
		struct counter_entry *e = &c->entries[at];

		if ((e->key.a == key.a && e->key.b == key.b) ||
		    (e->key.a == 0 && e->key.b == 0))
			return e;
	}
}

static void grow(struct counter *c)
{
	struct counter bigger = {NULL, c->n, c->cap > 0 ? c->cap * 2 : 64};

	bigger.entries = xcalloc(bigger.cap, sizeof *bigger.entries);
	for (size_t i = 0; i < c->cap; i++)
		if (c->entries[i].key.a != 0 || c->entries[i].key.b != 0)
			*place(&bigger, c->entries[i].key) = c->entries[i];
	free(c->entries);
	*c = bigger;
}

uint32_t *counter_at(struct counter *c, struct hash_key key)
{
	struct counter_entry *e;

	if (c->n * 4 >= c->cap * 3)
		grow(c);
	e = place(c, key);
	if (e->key.a == 0 && e->key.b == 0) {
		e->key = key;
		c->n++;
	}
	return &e->count;
}

uint32_t counter_get(const struct counter *c, struct hash_key key)
{
	return c->n > 0 ? place(c, key)->count : 0;
}

void counter_clear(struct counter *c)
{
	free(c->entries);
	*c = (struct counter)COUNTER_INIT;
}
