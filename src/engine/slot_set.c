/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/slot_set.h"

enum { WORD_BITS = 64 };

static uint64_t bit_of(unsigned slot)
{
	return UINT64_C(1) << ((slot - 1) % WORD_BITS);
}

static uint64_t *word_of(const struct slot_set *s, unsigned slot)
{
	assert(slot >= 1 && slot <= s->room);
	return &s->taken[(slot - 1) / WORD_BITS];
}

void slot_set_clear(struct slot_set *s)
{
	free(s->taken);
	s->taken = NULL;
}

void slot_set_resize(struct slot_set *s, unsigned n)
{
	size_t old = s->room / WORD_BITS, new = n / WORD_BITS + 1;

	s->n = n;
	if (new <= old)
		return;
	s->taken = xrealloc(s->taken, new * sizeof *s->taken);
	memset(s->taken + old, 0, (new - old) * sizeof *s->taken);
	s->room = (unsigned)new * WORD_BITS;
}

unsigned slot_set_lowest(const struct slot_set *s)
{
	unsigned word = 0;

	if (s->ntaken >= s->n)
		return 0;
	while (s->taken[word] == UINT64_MAX)
		word++;
	return word * WORD_BITS + (unsigned)__builtin_ctzll(~s->taken[word]) + 1;
}

void slot_set_take(struct slot_set *s, unsigned slot)
{
	assert((*word_of(s, slot) & bit_of(slot)) == 0);
	*word_of(s, slot) |= bit_of(slot);
	s->ntaken++;
}

void slot_set_give(struct slot_set *s, unsigned slot)
{
	assert((*word_of(s, slot) & bit_of(slot)) != 0);
	*word_of(s, slot) &= ~bit_of(slot);
	s->ntaken--;
}
