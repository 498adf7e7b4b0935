/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "event/source_ops.h"

/* Every combination of the events of several sources. */

struct cross_source {
	struct source base;
	struct source *first; /* streamed; the others are held */
	struct source_held *held;
	size_t nheld;
	bool loaded, empty;
	struct arena *arena;  /* of the first's event */
	struct event current; /* the first's event */
	size_t *at;	      /* which event of each of the held comes next */
	bool wrapped;	      /* all of the held were gone through with current */
};

static enum source_result load_held(struct cross_source *c, struct err *err)
{
	for (size_t i = 0; i < c->nheld; i++) {
		enum source_result result = source_held_load(&c->held[i], err);

		if (result != SOURCE_END)
			return result;
		if (c->held[i].n == 0)
			c->empty = true;
	}
	c->loaded = true;
	return SOURCE_END;
}

/* As an odometer: the last wheel turns fastest. */
static void turn(struct cross_source *c)
{
	for (size_t i = c->nheld; i > 0; i--) {
		if (++c->at[i - 1] < c->held[i - 1].n)
			return;
		c->at[i - 1] = 0;
	}
	c->wrapped = true;
}

static void combine(struct cross_source *c, struct arena *a, struct event *out)
{
	size_t n = c->current.nitems;

	for (size_t i = 0; i < c->nheld; i++)
		n += c->held[i].v[c->at[i]].nitems;
	*out = (struct event){.items = arena_alloc(a, n * sizeof *out->items)};
	event_add_items(out, &c->current, a);
	for (size_t i = 0; i < c->nheld; i++)
		event_add_items(out, &c->held[i].v[c->at[i]], a);
}

static enum source_result cross_next(struct source *s, struct arena *a, struct event *out,
				     struct err *err)
{
	struct cross_source *c = (struct cross_source *)s;
	enum source_result result;

	if (!c->loaded) {
		result = load_held(c, err);
		if (result != SOURCE_END)
			return result;
	}
	if (c->empty)
		return SOURCE_END;
	if (c->wrapped) {
		arena_reset(c->arena);
		result = source_next(c->first, c->arena, &c->current, err);
		if (result != SOURCE_EVENT)
			return result;
		c->wrapped = false;
	}
	combine(c, a, out);
	turn(c);
	return SOURCE_EVENT;
}

static void cross_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	struct cross_source *c = (struct cross_source *)s;

	source_on_ready(c->first, fn, arg);
	for (size_t i = 0; i < c->nheld; i++)
		if (c->held[i].from != NULL)
			source_on_ready(c->held[i].from, fn, arg);
}

static bool cross_total(struct source *s, uint64_t *total)
{
	struct cross_source *c = (struct cross_source *)s;
	uint64_t product, n;

	if (!source_total(c->first, &product))
		return false;
	for (size_t i = 0; i < c->nheld; i++)
		if (!source_held_total(&c->held[i], &n) ||
		    __builtin_mul_overflow(product, n, &product))
			return false;
	*total = product;
	return true;
}

static void cross_free(struct source *s)
{
	struct cross_source *c = (struct cross_source *)s;

	source_free(c->first);
	for (size_t i = 0; i < c->nheld; i++)
		source_held_free(&c->held[i]);
	free(c->held);
	free(c->at);
	arena_free(c->arena);
	free(c);
}

static const struct source_ops cross_ops = {
    .next = cross_next,
    .on_ready = cross_on_ready,
    .total = cross_total,
    .free = cross_free,
};

struct source *source_cross(struct source **parts, size_t n)
{
	struct cross_source *c;

	if (n == 1)
		return parts[0];
	c = xcalloc(1, sizeof *c);
	c->base.ops = &cross_ops;
	c->first = parts[0];
	c->nheld = n - 1;
	c->held = xcalloc(c->nheld, sizeof *c->held);
	c->at = xcalloc(c->nheld, sizeof *c->at);
	for (size_t i = 0; i < c->nheld; i++)
		source_held_init(&c->held[i], parts[i + 1]);
	c->arena = arena_new();
	c->wrapped = true;
	return &c->base;
}

/* --- in random order */

struct shuffle_source {
	struct source base;
	struct source_held held;
	size_t left; /* of held.v, those not given out yet stand first */
	bool loaded;
	uint64_t state;
};

/* splitmix64: small, and every seed is a good one. */
static uint64_t random_bits(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Below n, each equally likely: what is over a multiple of n is thrown again. */
static uint64_t random_below(uint64_t *state, uint64_t n)
{
	uint64_t bits, top = UINT64_MAX - UINT64_MAX % n;

	do
		bits = random_bits(state);
	while (bits >= top);
	return bits % n;
}

static enum source_result shuffle_next(struct source *s, struct arena *a,
				       struct event *out, struct err *err)
{
	struct shuffle_source *sh = (struct shuffle_source *)s;
	enum source_result result;
	size_t pick;

	if (!sh->loaded) {
		result = source_held_load(&sh->held, err);
		if (result != SOURCE_END)
			return result;
		sh->loaded = true;
		sh->left = sh->held.n;
	}
	if (sh->left == 0)
		return SOURCE_END;
	pick = (size_t)random_below(&sh->state, sh->left--);
	event_copy(out, &sh->held.v[pick], a);
	sh->held.v[pick] = sh->held.v[sh->left];
	return SOURCE_EVENT;
}

static void shuffle_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	struct shuffle_source *sh = (struct shuffle_source *)s;

	if (sh->held.from != NULL)
		source_on_ready(sh->held.from, fn, arg);
}

static bool shuffle_total(struct source *s, uint64_t *total)
{
	return source_held_total(&((struct shuffle_source *)s)->held, total);
}

static void shuffle_free(struct source *s)
{
	source_held_free(&((struct shuffle_source *)s)->held);
	free(s);
}

static const struct source_ops shuffle_ops = {
    .next = shuffle_next,
    .on_ready = shuffle_on_ready,
    .total = shuffle_total,
    .free = shuffle_free,
};

struct source *source_shuffle(struct source *from, uint64_t seed)
{
	struct shuffle_source *sh = xcalloc(1, sizeof *sh);

	sh->base.ops = &shuffle_ops;
	source_held_init(&sh->held, from);
	sh->state = seed;
	return &sh->base;
}
