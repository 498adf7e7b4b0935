/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "event/source_ops.h"

/* In each round every source gives one event, in order; a round that has to wait
 * goes on where it stopped. */

struct link_source {
	struct source base;
	struct source_held *parts;
	size_t n;
	bool recycle;
	bool ended;
	uint64_t round; /* from 0 */
	size_t at;	/* the part that is next in this round */
	bool fresh;	/* recycle: a part has given a new event in this round */
};

/* The event of a part in this round. */
static const struct event *part_event(const struct link_source *l, size_t i)
{
	const struct source_held *part = &l->parts[i];

	return &part->v[l->recycle ? l->round % part->n : 0];
}

/* Have the event of the next part ready, or l->ended. */
static enum source_result pull(struct link_source *l, struct err *err)
{
	struct source_held *part = &l->parts[l->at];
	enum source_result result = source_held_one(part, err);

	if (result == SOURCE_EVENT)
		l->fresh = true;
	else if (result != SOURCE_END)
		return result;
	else if (!l->recycle || part->n == 0)
		l->ended = true;
	l->at++;
	return result;
}

static void combine(const struct link_source *l, struct arena *a, struct event *out)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += part_event(l, i)->nitems;
	*out = (struct event){.items = arena_alloc(a, n * sizeof *out->items)};
	for (size_t i = 0; i < l->n; i++)
		event_add_items(out, part_event(l, i), a);
}

static void begin_round(struct link_source *l)
{
	l->round++;
	l->at = 0;
	l->fresh = false;
	for (size_t i = 0; !l->recycle && i < l->n; i++)
		source_held_forget(&l->parts[i]);
}

static enum source_result link_next(struct source *s, struct arena *a, struct event *out,
				    struct err *err)
{
	struct link_source *l = (struct link_source *)s;

	while (l->at < l->n && !l->ended) {
		enum source_result result = pull(l, err);

		if (result == SOURCE_AGAIN || result == SOURCE_ERROR)
			return result;
	}
	if (!l->fresh)
		l->ended = true;
	if (l->ended)
		return SOURCE_END;
	combine(l, a, out);
	begin_round(l);
	return SOURCE_EVENT;
}

static void link_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	struct link_source *l = (struct link_source *)s;

	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i].from != NULL)
			source_on_ready(l->parts[i].from, fn, arg);
}

static bool link_total(struct source *s, uint64_t *total)
{
	struct link_source *l = (struct link_source *)s;
	uint64_t n, least = UINT64_MAX, most = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->parts[i].from == NULL)
			n = l->recycle ? l->parts[i].n : l->round;
		else if (!source_total(l->parts[i].from, &n))
			return false;
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	*total = l->recycle && least > 0 ? most : least;
	return true;
}

static void link_free(struct source *s)
{
	struct link_source *l = (struct link_source *)s;

	for (size_t i = 0; i < l->n; i++)
		source_held_free(&l->parts[i]);
	free(l->parts);
	free(l);
}

static const struct source_ops link_ops = {
    .next = link_next,
    .on_ready = link_on_ready,
    .total = link_total,
    .free = link_free,
};

struct source *source_link(struct source **parts, size_t n, bool recycle)
{
	struct link_source *l;

	if (n == 1)
		return parts[0];
	l = xcalloc(1, sizeof *l);
	l->base.ops = &link_ops;
	l->recycle = recycle;
	l->n = n;
	l->parts = xcalloc(n, sizeof *l->parts);
	for (size_t i = 0; i < n; i++)
		source_held_init(&l->parts[i], parts[i]);
	return &l->base;
}
