/* SPDX-License-Identifier: ISC */
/* What every engine does in the same way: report its end, and know which of its slots
 * are taken. */
#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine.h"

void engine_attach(struct engine *e, const struct engine_events *events, void *arg)
{
	e->events = events;
	e->arg = arg;
}

static void report_finished(void *arg)
{
	struct engine *e = arg;

	e->events->finished(e->arg);
}

void engine_is_over(struct engine *e)
{
	if (e->over)
		return;
	e->over = true;
	loop_defer(e->loop, &e->report, report_finished, e);
}

void engine_clear(struct engine *e)
{
	loop_defer_cancel(e->loop, &e->report);
}

/* --- slots */

enum { WORD_BITS = 64 };

static uint64_t bit_of(unsigned slot)
{
	return UINT64_C(1) << ((slot - 1) % WORD_BITS);
}

static uint64_t *word_of(const struct slots *s, unsigned slot)
{
	assert(slot >= 1 && slot <= s->room);
	return &s->taken[(slot - 1) / WORD_BITS];
}

void slots_clear(struct slots *s)
{
	free(s->taken);
	s->taken = NULL;
}

void slots_resize(struct slots *s, unsigned n)
{
	size_t old = s->room / WORD_BITS, new = n / WORD_BITS + 1;

	s->n = n;
	if (new <= old)
		return;
	s->taken = xrealloc(s->taken, new * sizeof *s->taken);
	memset(s->taken + old, 0, (new - old) * sizeof *s->taken);
	s->room = (unsigned)new * WORD_BITS;
}

unsigned slots_lowest(const struct slots *s)
{
	unsigned word = 0;

	if (s->ntaken >= s->n)
		return 0;
	while (s->taken[word] == UINT64_MAX)
		word++;
	return word * WORD_BITS + (unsigned)__builtin_ctzll(~s->taken[word]) + 1;
}

void slots_take(struct slots *s, unsigned slot)
{
	assert((*word_of(s, slot) & bit_of(slot)) == 0);
	*word_of(s, slot) |= bit_of(slot);
	s->ntaken++;
}

void slots_give(struct slots *s, unsigned slot)
{
	assert((*word_of(s, slot) & bit_of(slot)) != 0);
	*word_of(s, slot) &= ~bit_of(slot);
	s->ntaken--;
}
