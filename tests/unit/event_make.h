/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_EVENT_MAKE_H
#define TESTS_UNIT_EVENT_MAKE_H

/* Events from one line of text, for tables of tests:
 *
 *	a b.c           a value
 *	k=v,n=#1        a mapping; after # a bare value, after @ nested JSON
 *	a;b;c           a line of columns
 *	x+y             an event of two items, from two sources
 *	x&y             a batch of two events */

#include <stdlib.h>

#include "base/arena.h"
#include "command/placeholder.h"
#include "event/event.h"

enum { MADE_MAX = 10 };

struct made {
	struct arena *arena;
	struct event *events[MADE_MAX];
	struct bindings bindings;
};

/* Cut the part up to c off *rest. */
static inline struct bytes made_cut(struct bytes *rest, char c)
{
	const char *end = rest->len > 0 ? memchr(rest->p, c, rest->len) : NULL;
	struct bytes part = {rest->p, end != NULL ? (size_t)(end - rest->p) : rest->len};
	size_t skip = part.len + (end != NULL);

	*rest = (struct bytes){end != NULL ? rest->p + skip : NULL, rest->len - skip};
	return part;
}

static inline void made_field(struct field *f, struct bytes text, bool named)
{
	f->kind = VALUE_TEXT;
	f->name = named ? made_cut(&text, '=') : (struct bytes){NULL, 0};
	f->value = text;
	if (named && text.len > 0 && (*text.p == '#' || *text.p == '@')) {
		f->kind = *text.p == '#' ? VALUE_BARE : VALUE_JSON;
		f->value = (struct bytes){text.p + 1, text.len - 1};
	}
}

static inline void made_item(struct item *item, struct bytes text, struct arena *a)
{
	bool mapping = memchr(text.p, '=', text.len) != NULL;
	bool columns = !mapping && memchr(text.p, ';', text.len) != NULL;

	*item = (struct item){.text = text, .kind = VALUE_TEXT};
	if (!mapping && !columns)
		return;
	if (mapping)
		item->text = (struct bytes){NULL, 0};
	item->mapping = mapping;
	item->fields = arena_calloc(a, MADE_MAX, sizeof *item->fields);
	while (text.p != NULL)
		made_field(&item->fields[item->nfields++],
			   made_cut(&text, mapping ? ',' : ';'), mapping);
}

static inline struct event *made_event(struct bytes text, struct arena *a)
{
	struct event *e = arena_calloc(a, 1, sizeof *e);

	e->items = arena_calloc(a, MADE_MAX, sizeof *e->items);
	while (text.p != NULL)
		made_item(&e->items[e->nitems++], made_cut(&text, '+'), a);
	return e;
}

/* Job 7 of 250 in slot 3 of 16, started for the second time. */
static inline struct made made_new(const char *text)
{
	struct made m = {.arena = arena_new(),
			 .bindings = {.seq = 7, .total = 250, .slot = 3, .slots = 16, .try = 2}};
	struct bytes rest = bytes_str(text);

	while (rest.p != NULL)
		m.events[m.bindings.nevents++] =
		    made_event(made_cut(&rest, '&'), m.arena);
	return m;
}

/* Valid as long as m does not move. */
static inline const struct bindings *made_bindings(struct made *m)
{
	m->bindings.events = (const struct event *const *)m->events;
	return &m->bindings;
}

#endif
