/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "event/colsep.h"
#include "event/keyset.h"
#include "event/source_ops.h"

enum { SHOWN = 40 };

struct columns_source {
	struct source base;
	struct source *from;
	struct colsep *colsep;
	bool header;	      /* the first line is still to be read as one */
	struct arena *arena;  /* of the names */
	struct bytes *names;  /* NULL: no header */
	size_t nnames;
	struct field *fields; /* of the line at hand */
	size_t nfields, cap;
};

/* An error at a column of the line. */
static int line_error(const struct event *e, struct bytes column, struct err *err,
		      const char *phrase)
{
	struct bytes line = e->items[0].text;
	struct bytes before = {line.p, (size_t)(column.p - line.p)};
	int len = (int)width_fit(column, SHOWN);

	if (e->file == NULL)
		return err_set(err, "'%.*s': %s", len, column.p, phrase);
	return err_set(err, "%s:%" PRIu64 ":%" PRIu64 ": %s ('%.*s')", e->file, e->line,
		       1 + utf8_count(before), phrase, len, column.p);
}

static void split(struct columns_source *c, struct bytes line)
{
	struct bytes rest = line;

	c->nfields = 0;
	do {
		struct field f = {.value = colsep_next(c->colsep, line.p, &rest),
				  .kind = VALUE_TEXT};

		c->fields = xgrow(c->fields, &c->cap, c->nfields + 1, sizeof f);
		c->fields[c->nfields++] = f;
	} while (rest.p != NULL);
}

static int take_names(struct columns_source *c, const struct event *e, struct err *err)
{
	struct keyset seen;
	int result = 0;

	split(c, e->items[0].text);
	c->names = arena_calloc(c->arena, c->nfields, sizeof *c->names);
	c->nnames = c->nfields;
	keyset_init(&seen);
	for (size_t i = 0; i < c->nnames && result == 0; i++) {
		c->names[i] = arena_bytes(c->arena, c->fields[i].value);
		if (c->names[i].len == 0)
			result = line_error(e, c->fields[i].value, err,
					    "a column of the header has no name");
		else if (!keyset_add(&seen, c->names[i]))
			result = line_error(e, c->fields[i].value, err,
					    "duplicate name in the header; rename one");
	}
	keyset_clear(&seen);
	return result;
}

/* Every name has a value: columns that a short line lacks are empty. */
static int name_fields(struct columns_source *c, const struct event *e, struct err *err)
{
	static const struct field missing = {.value = {"", 0}, .kind = VALUE_TEXT};

	if (c->nfields > c->nnames)
		return line_error(e, c->fields[c->nnames].value, err,
				  "more columns than the header has names");
	c->fields = xgrow(c->fields, &c->cap, c->nnames, sizeof missing);
	while (c->nfields < c->nnames)
		c->fields[c->nfields++] = missing;
	for (size_t i = 0; i < c->nnames; i++)
		c->fields[i].name = c->names[i];
	return 0;
}

static int set_columns(struct columns_source *c, struct event *e, struct arena *a,
		       struct err *err)
{
	struct item *item = &e->items[0];

	split(c, item->text);
	if (c->names != NULL && name_fields(c, e, err) < 0)
		return -1;
	item->mapping = c->names != NULL;
	item->nfields = c->nfields;
	item->fields = arena_alloc(a, c->nfields * sizeof *item->fields);
	memcpy(item->fields, c->fields, c->nfields * sizeof *item->fields);
	for (size_t i = 0; c->names != NULL && i < c->nfields; i++)
		item->fields[i].name = arena_bytes(a, c->names[i]);
	return 0;
}

static enum source_result columns_next(struct source *s, struct arena *a,
				       struct event *out, struct err *err)
{
	struct columns_source *c = (struct columns_source *)s;
	enum source_result result;

	if (c->header) {
		result = source_next(c->from, c->arena, out, err);
		if (result != SOURCE_EVENT)
			return result;
		if (take_names(c, out, err) < 0)
			return SOURCE_ERROR;
		c->header = false;
	}
	result = source_next(c->from, a, out, err);
	if (result == SOURCE_EVENT && set_columns(c, out, a, err) < 0)
		return SOURCE_ERROR;
	return result;
}

static void columns_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	source_on_ready(((struct columns_source *)s)->from, fn, arg);
}

static bool columns_total(struct source *s, uint64_t *total)
{
	struct columns_source *c = (struct columns_source *)s;
	bool header = c->header || c->names != NULL;

	if (!source_total(c->from, total))
		return false;
	*total -= header && *total > 0;
	return true;
}

static void columns_free(struct source *s)
{
	struct columns_source *c = (struct columns_source *)s;

	source_free(c->from);
	colsep_free(c->colsep);
	arena_free(c->arena);
	free(c->fields);
	free(c);
}

static const struct source_ops columns_ops = {
    .next = columns_next,
    .on_ready = columns_on_ready,
    .total = columns_total,
    .free = columns_free,
};

struct source *source_columns(struct source *from, struct colsep *colsep, bool header)
{
	struct columns_source *c = xcalloc(1, sizeof *c);

	c->base.ops = &columns_ops;
	c->from = from;
	c->colsep = colsep;
	c->header = header;
	c->arena = arena_new();
	return &c->base;
}
