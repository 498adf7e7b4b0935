/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "event/source_ops.h"

void source_held_init(struct source_held *held, struct source *from)
{
	*held = (struct source_held){.from = from, .arena = arena_new()};
}

void source_held_free(struct source_held *held)
{
	source_free(held->from);
	arena_free(held->arena);
	free(held->v);
}

enum source_result source_held_one(struct source_held *held, struct err *err)
{
	enum source_result result;

	if (held->from == NULL)
		return SOURCE_END;
	held->v = xgrow(held->v, &held->cap, held->n + 1, sizeof *held->v);
	result = source_next(held->from, held->arena, &held->v[held->n], err);
	if (result == SOURCE_EVENT)
		held->n++;
	if (result != SOURCE_END)
		return result;
	source_free(held->from);
	held->from = NULL;
	return SOURCE_END;
}

void source_held_forget(struct source_held *held)
{
	held->n = 0;
	arena_reset(held->arena);
}

enum source_result source_held_load(struct source_held *held, struct err *err)
{
	enum source_result result;

	do
		result = source_held_one(held, err);
	while (result == SOURCE_EVENT);
	return result;
}

void event_add_items(struct event *to, const struct event *from, struct arena *a)
{
	for (size_t i = 0; i < from->nitems; i++)
		item_copy(&to->items[to->nitems++], &from->items[i], a);
	if (to->file == NULL && from->file != NULL) {
		to->file = arena_str(a, from->file);
		to->line = from->line;
	}
}

bool source_held_total(struct source_held *held, uint64_t *total)
{
	if (held->from != NULL)
		return source_total(held->from, total);
	*total = held->n;
	return true;
}

enum source_result source_next(struct source *s, struct arena *a, struct event *out,
			       struct err *err)
{
	return s->ops->next(s, a, out, err);
}

void source_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	if (s->ops->on_ready != NULL)
		s->ops->on_ready(s, fn, arg);
}

bool source_total(struct source *s, uint64_t *total)
{
	return s->ops->total(s, total);
}

void source_free(struct source *s)
{
	if (s != NULL)
		s->ops->free(s);
}
