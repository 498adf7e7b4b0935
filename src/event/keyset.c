/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "event/keyset.h"

static uint64_t hash(struct bytes key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.p[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

/* Where the key stands in the table, or the empty place where it belongs. */
static struct bytes *place(struct keyset *s, struct bytes key)
{
	size_t at = (size_t)hash(key) & (s->size - 1);

	while (s->table[at].p != NULL && !bytes_eq(s->table[at], key))
		at = (at + 1) & (s->size - 1);
	return &s->table[at];
}

static void resize(struct keyset *s, size_t size)
{
	struct bytes *old = s->table != NULL ? s->table : s->few;
	size_t old_size = s->table != NULL ? s->size : s->n;

	s->table = xcalloc(size, sizeof *s->table);
	s->size = size;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].p != NULL)
			*place(s, old[i]) = old[i];
	if (old != s->few)
		free(old);
}

static bool add_few(struct keyset *s, struct bytes key)
{
	for (size_t i = 0; i < s->n; i++)
		if (bytes_eq(s->few[i], key))
			return false;
	s->few[s->n++] = key;
	return true;
}

void keyset_init(struct keyset *s)
{
	s->n = s->size = 0;
	s->table = NULL;
}

void keyset_clear(struct keyset *s)
{
	free(s->table);
	keyset_init(s);
}

bool keyset_add(struct keyset *s, struct bytes key)
{
	struct bytes *at;

	if (s->n < KEYSET_FEW)
		return add_few(s, key);
	if (s->n * 2 >= s->size)
		resize(s, s->n * 4);
	at = place(s, key);
	if (at->p != NULL)
		return false;
	*at = key;
	s->n++;
	return true;
}
