/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/slot_set.h"

enum { WORD_BITS = 64 };

void slot_set_init(struct slot_set *s, unsigned n)
{
	s->n = n;
	s->taken = xcalloc(n / WORD_BITS + 1, sizeof *s->taken);
}

void slot_set_clear(struct slot_set *s)
{
	free(s->taken);
	s->taken = NULL;
}

void slot_set_resize(struct slot_set *s, unsigned n)
{
	size_t old = s->n / WORD_BITS + 1, new = n / WORD_BITS + 1;

	if (n <= s->n)
		return;
	s->taken = xrealloc(s->taken, new * sizeof *s->taken);
	memset(s->taken + old, 0, (new - old) * sizeof *s->taken);
	s->n = n;
}

unsigned slot_set_take(struct slot_set *s)
{
	unsigned word = 0, bit;

	while (s->taken[word] == UINT64_MAX)
		word++;
	bit = (unsigned)__builtin_ctzll(~s->taken[word]);
	assert(word * WORD_BITS + bit < s->n);
	s->taken[word] |= UINT64_C(1) << bit;
	return word * WORD_BITS + bit + 1;
}

void slot_set_give(struct slot_set *s, unsigned slot)
{
	s->taken[(slot - 1) / WORD_BITS] &= ~(UINT64_C(1) << ((slot - 1) % WORD_BITS));
}
