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
	bool batched; /* events come in batches: one column holds all as JSON */
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

static void add_column(struct sink_csv *s, struct bytes title, struct column column)
{
	char *free = free_title(s, title);

	s->columns = xgrow(s->columns, &s->cap, s->n + 1, sizeof *s->columns);
	s->columns[s->n] = column;
	if (column.name.p != NULL)
		s->columns[s->n].name = arena_bytes(s->arena, column.name);
	s->columns[s->n++].title = free;
}

static void add_numbered(struct sink_csv *s, bool only, struct column column)
{
	char number[24];

	snprintf(number, sizeof number, "%zu", s->n + 1);
	add_column(s, bytes_str(only ? "event" : number), column);
}

static void choose_columns(struct sink_csv *s, const struct outcome *r)
{
	const struct event *e = r->bindings->events[0];

	s->begun = true;
	s->batched = r->batched;
	if (s->batched) {
		add_numbered(s, true, (struct column){.whole = true});
		return;
	}
	for (size_t i = 0; i < e->nitems; i++) {
		const struct item *item = &e->items[i];

		if (item->nfields == 0 && !item->mapping)
			add_numbered(s, e->nitems == 1,
				     (struct column){.item = i, .whole = true});
		for (size_t k = 0; k < item->nfields; k++) {
			struct bytes name = item->fields[k].name;

			if (name.p != NULL)
				add_column(s, name,
					   (struct column){.item = i, .name = name});
			else
				add_numbered(s, false,
					     (struct column){.item = i, .field = k});
		}
	}
}

/* --- values */

static const struct field *find(const struct item *item, const struct column *c)
{
	if (c->name.p == NULL)
		return c->field < item->nfields ? &item->fields[c->field] : NULL;
	for (size_t i = 0; i < item->nfields; i++)
		if (item->fields[i].name.p != NULL &&
		    bytes_eq(item->fields[i].name, c->name))
			return &item->fields[i];
	return NULL;
}

static struct bytes value(const struct sink_csv *s, const struct outcome *r,
			  const struct column *c, struct arena *a)
{
	const struct event *e = r->bindings->events[0];
	const struct field *f;

	if (s->batched)
		return r->event;
	if (c->item >= e->nitems)
		return (struct bytes){NULL, 0};
	if (c->whole)
		return item_text(&e->items[c->item], a);
	f = find(&e->items[c->item], c);
	return f != NULL ? f->value : (struct bytes){NULL, 0};
}

/* A table cannot get wider once it has begun. */
static void warn_of_more(struct sink_csv *s, const struct outcome *r)
{
	const struct event *e = r->bindings->events[0];
	size_t fields = 0, shown = 0;

	for (size_t i = 0; i < e->nitems; i++)
		fields += e->items[i].nfields;
	for (size_t i = 0; i < s->n; i++) {
		const struct column *c = &s->columns[i];

		if (!c->whole && c->item < e->nitems)
			shown += find(&e->items[c->item], c) != NULL;
	}
	if (shown < fields && !s->batched)
		msg_once(&s->warned,
			 "event %llu has fields that the first one does not have: CSV has "
			 "no columns for them (JSON and YAML show them)",
			 (unsigned long long)r->bindings->seq);
}

static void encode(void *state, struct bytes data, struct buf *out)
{
	(void)state;
	csv_add_piece(out, data);
}

static void add_text(struct buf *b, const char *text)
{
	csv_add_field(b, bytes_str(text), ',');
}

/* --- rows */

static void csv_header(struct sink *base, const struct sink_job *job, struct buf *out)
{
	struct sink_csv *s = (struct sink_csv *)base;

	if (s->begun)
		return;
	outcome_record(job->outcome, s->arena, s->record);
	choose_columns(s, job->outcome);
	for (size_t i = 0; i < s->n; i++) {
		add_text(out, s->columns[i].title);
		buf_addc(out, ',');
	}
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (i != RECORD_EVENT)
			buf_addf(out, "%s,", s->record[i].name.p);
	for (size_t i = 0; i < NOUTPUTS; i++)
		buf_addf(out, "%s%c", outputs[i], i + 1 < NOUTPUTS ? ',' : '\n');
}

static void add_record(struct buf *b, struct sink_csv *s, const struct outcome *o,
		       struct arena *a)
{
	outcome_record(o, a, s->record);
	for (size_t i = 0; i < RECORD_FIELDS; i++) {
		if (i == RECORD_EVENT)
			continue;
		add_text(b, text_clean(s->record[i].value, a));
		buf_addc(b, ',');
	}
	b->len--; /* the last comma */
}

/* One of the two columns of a stream is empty. */
static int write_streams(const struct sink_job *job, const struct sink_out *out,
			 struct buf *b, struct err *err)
{
	bool text[2];

	if (sink_is_text(job, 0, &text[0], err) < 0 ||
	    sink_is_text(job, 1, &text[1], err) < 0)
		return -1;
	for (int i = 0; i < 4; i++) {
		int stream = i % 2, result;
		bool wanted = text[stream] == (i < 2) && sink_stream_size(job, stream) > 0;

		buf_adds(b, wanted ? ",\"" : ",");
		if (!wanted)
			continue;
		if (sink_write(out, b, err) < 0)
			return -1;
		result = i < 2 ? sink_stream(job, stream, encode, NULL, out, err)
			       : sink_base64(job, stream, out, err);
		if (result < 0)
			return -1;
		buf_addc(b, '"');
	}
	return 0;
}

static int csv_job(struct sink *base, const struct sink_job *job,
		   const struct sink_out *out, struct err *err)
{
	struct sink_csv *s = (struct sink_csv *)base;
	struct arena *a = arena_new();
	struct buf b = BUF_INIT;
	int result;

	warn_of_more(s, job->outcome);
	for (size_t i = 0; i < s->n; i++) {
		add_text(&b, text_clean(value(s, job->outcome, &s->columns[i], a), a));
		buf_addc(&b, ',');
	}
	add_record(&b, s, job->outcome, a);
	arena_free(a);
	result = write_streams(job, out, &b, err);
	buf_addc(&b, '\n');
	if (result == 0)
		result = sink_write(out, &b, err);
	buf_clear(&b);
	return result;
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
