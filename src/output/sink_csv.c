/* SPDX-License-Identifier: ISC */
/* Writes a row of CSV per job.  The columns are chosen from the first job: those of its
 * event, then those of the record, then two forms of each stream.  Later events fill
 * the columns that they have a field for. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/csv.h"
#include "base/mem.h"
#include "base/msg.h"
#include "output/sink.h"

/* One column of the event: a named field of one of its items, an unnamed field (a
 * column of a line), or an item that is a value. */
struct column {
	char *title;
	struct bytes name; /* p == NULL: go by the field number */
	size_t item, field;
	bool whole; /* the item, not a field of it */
};

struct sink_csv {
	struct sink base;
	struct arena *arena;
	struct column *columns;
	size_t n, cap;
	bool begun, warned;
	struct field record[RECORD_FIELDS]; /* of the job that is written */
};

static const char *const outputs[] = {"stdout", "stderr", "stdout_base64",
				      "stderr_base64"};

enum { NOUTPUTS = sizeof outputs / sizeof outputs[0] };

/* --- columns */

static bool is_taken(const struct sink_csv *s, const char *title)
{
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (i != RECORD_EVENT && bytes_is(s->record[i].name, title))
			return true;
	for (size_t i = 0; i < NOUTPUTS; i++)
		if (strcmp(title, outputs[i]) == 0)
			return true;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(title, s->columns[i].title) == 0)
			return true;
	return false;
}

/* A field may have the name of one of our columns. */
static char *free_title(struct sink_csv *s, struct bytes wanted)
{
	struct buf b = BUF_INIT;
	char *title = text_clean(wanted, s->arena);

	while (is_taken(s, title)) {
		buf_reset(&b);
		buf_addf(&b, "event.%s", title);
		title = arena_str(s->arena, buf_cstr(&b));
	}
	buf_clear(&b);
	return title;
}

/* title NULL: the column's name, or else its number. */
static void add_column(struct sink_csv *s, const char *title, struct column column)
{
	char number[24];

	snprintf(number, sizeof number, "%zu", s->n + 1);
	if (column.name.p != NULL)
		column.name = arena_bytes(s->arena, column.name);
	column.title = free_title(s, title != NULL	     ? bytes_str(title)
				     : column.name.p != NULL ? column.name
							     : bytes_str(number));
	s->columns = xgrow(s->columns, &s->cap, s->n + 1, sizeof *s->columns);
	s->columns[s->n++] = column;
}

static void choose_columns(struct sink_csv *s, const struct outcome *r)
{
	const struct event *e = r->bindings->events[0];

	s->begun = true;
	if (r->batched) {
		add_column(s, "event", (struct column){.whole = true});
		return;
	}
	for (size_t i = 0; i < e->nitems; i++) {
		const struct item *item = &e->items[i];

		if (item->nfields == 0 && !item->mapping)
			add_column(s, e->nitems == 1 ? "event" : NULL,
				   (struct column){.item = i, .whole = true});
		for (size_t k = 0; k < item->nfields; k++)
			add_column(s, NULL,
				   (struct column){.name = item->fields[k].name,
						   .item = i,
						   .field = k});
	}
}

/* --- values */

/* NULL: the event has no such field. */
static const struct field *find(const struct event *e, const struct column *c)
{
	const struct item *item;

	if (c->whole || c->item >= e->nitems)
		return NULL;
	item = &e->items[c->item];
	if (c->name.p == NULL)
		return c->field < item->nfields ? &item->fields[c->field] : NULL;
	for (size_t i = 0; i < item->nfields; i++)
		if (item->fields[i].name.p != NULL &&
		    bytes_eq(item->fields[i].name, c->name))
			return &item->fields[i];
	return NULL;
}

static struct bytes value(const struct outcome *r, const struct column *c, struct arena *a)
{
	const struct event *e = r->bindings->events[0];
	const struct field *f = find(e, c);

	if (r->batched) /* one column holds all events */
		return r->event;
	if (c->whole && c->item < e->nitems)
		return item_text(&e->items[c->item], a);
	return f != NULL ? f->value : (struct bytes){NULL, 0};
}

/* A table cannot get wider once it has begun. */
static void warn_of_more(struct sink_csv *s, const struct outcome *r)
{
	const struct event *e = r->bindings->events[0];
	size_t fields = 0, shown = 0;

	for (size_t i = 0; i < e->nitems; i++)
		fields += e->items[i].nfields;
	for (size_t i = 0; i < s->n; i++)
		shown += find(e, &s->columns[i]) != NULL;
	if (shown < fields && !r->batched)
		msg_once(&s->warned,
			 "event %llu has fields that the first one does not have: CSV has "
			 "no columns for them (JSON and YAML show them)",
			 (unsigned long long)r->bindings->seq);
}

static void add_cell(struct buf *b, struct bytes text, struct arena *a)
{
	csv_add_field(b, bytes_str(text_clean(text, a)), ',');
	buf_addc(b, ',');
}

/* --- rows */

static void csv_header(struct sink *base, const struct sink_job *job, struct buf *out)
{
	struct sink_csv *s = (struct sink_csv *)base;

	if (s->begun)
		return;
	outcome_record(job->outcome, s->arena, s->record);
	choose_columns(s, job->outcome);
	for (size_t i = 0; i < s->n; i++)
		add_cell(out, bytes_str(s->columns[i].title), s->arena);
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (i != RECORD_EVENT)
			buf_addf(out, "%s,", s->record[i].name.p);
	for (size_t i = 0; i < NOUTPUTS; i++)
		buf_addf(out, "%s%c", outputs[i], i + 1 < NOUTPUTS ? ',' : '\n');
}

static void csv_job(struct sink *base, const struct sink_job *job, struct sink_out *out)
{
	struct sink_csv *s = (struct sink_csv *)base;
	struct arena *a = arena_new();
	struct buf *b = &out->text;
	bool text[2];

	warn_of_more(s, job->outcome);
	for (size_t i = 0; i < s->n; i++)
		add_cell(b, value(job->outcome, &s->columns[i], a), a);
	outcome_record(job->outcome, a, s->record);
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (i != RECORD_EVENT)
			add_cell(b, s->record[i].value, a);
	arena_free(a);
	for (int i = 0; i < 2; i++)
		text[i] = sink_is_text(out, job, i);
	/* One of the two columns of a stream is empty. */
	for (size_t i = 0; i < NOUTPUTS; i++) {
		int stream = i % 2;

		if (text[stream] == (i < 2) && sink_stream_size(job, stream) > 0) {
			buf_addc(b, '"');
			sink_stream(out, job, stream, i < 2 ? csv_add_piece : NULL);
			buf_addc(b, '"');
		}
		buf_addc(b, i + 1 < NOUTPUTS ? ',' : '\n');
	}
}

static void csv_free(struct sink *base)
{
	struct sink_csv *s = (struct sink_csv *)base;

	free(s->columns);
	arena_free(s->arena);
}

static const struct sink_ops csv_ops = {
    .job = csv_job, .header = csv_header, .free = csv_free};

struct sink *sink_csv_new(void)
{
	struct sink_csv *s = xcalloc(1, sizeof *s);

	s->base.ops = &csv_ops;
	s->arena = arena_new();
	return &s->base;
}
