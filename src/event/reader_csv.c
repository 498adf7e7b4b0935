/* SPDX-License-Identifier: ISC */

/* Tables: the first row names the fields of those after it.  libcsv is given runs of
 * bytes that end with a line, so that the line of what it finds is known; its strict
 * mode is RFC 4180, and is left for a quote that is text.  A row ends with LF, CR or CRLF;
 * empty lines between rows are skipped. */

#include <config.h>

#include <csv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "event/builder.h"
#include "event/reader.h"

enum { SHOWN = 40, LIBCSV_BLOCK = 64 * 1024, STRICT = CSV_STRICT | CSV_STRICT_FINI };

struct csv_reader {
	struct reader base;
	struct csv_parser csv;
	struct err *err; /* of the call under way */
	bool failed;	 /* a callback filled it */

	uint64_t line, column; /* of the next character */
	bool after_cr;

	bool begun; /* the row has */
	uint64_t row_line, size;
	struct builder row;
	struct buf text; /* no_header: the row as it is written */
	bool crlf;	 /* the last row that has an end ends in a CR */

	struct header header; /* none before the first row, or with no_header */
	struct arena *header_arena;
	size_t columns; /* in the first row; 0: not read yet */

	/* tsv: whether a field is quoted is known at its end */
	bool inside;	     /* the next byte does not begin a field */
	struct buf held;     /* what was not used, from the quote that begins a field */
	struct ahead {
		size_t at;	/* bytes of it seen; 0: none */
		bool quote, cr; /* the last one */
		size_t first, column; /* where the field begins, and of the last byte */
		bool next_line; /* it has line breaks */
		bool rows;	/* and what is before the first of them could be a row */
	} ahead;
};

#define FAIL(r, ...) reader_error(&(r)->base, (r)->row_line, 1, (r)->err, __VA_ARGS__)

/* --- rows */

/* The delimiter as -C takes it. */
struct delimiter {
	char text[3];
};

static struct delimiter delimiter_of(struct csv_reader *r)
{
	unsigned char c = csv_get_delim(&r->csv);

	return c == '\t' ? (struct delimiter){"\\t"} : (struct delimiter){{(char)c}};
}

/* The last column: a delimiter at the end of each line makes one without a name. */
static int trailing_delimiter(struct csv_reader *r)
{
	return FAIL(r, "the header ends with a '%s', so that column %zu has no name; remove "
		       "it from each line, add a name, or use --no-header",
		    delimiter_of(r).text, r->columns);
}

static int take_names(struct csv_reader *r)
{
	struct builder *b = &r->row;
	struct bytes name;
	size_t bad;

	if (header_take(&r->header, b->fields, b->nfields, r->header_arena, &bad))
		return 0;
	name = b->fields[bad].value;
	if (name.len == 0 && bad > 0 && bad + 1 == r->columns)
		return trailing_delimiter(r);
	if (name.len == 0)
		return FAIL(r, "column %zu of the header has no name; give it one, or use "
			       "--no-header",
			    bad + 1);
	return FAIL(r, "duplicate name '%.*s' in the header; rename one, or use --no-header",
		    (int)width_fit(name, SHOWN), name.p);
}

/* Spreadsheets write a first line "sep=;" and read it; elsewhere it is not CSV. */
static int check_first(struct csv_reader *r)
{
	const struct builder *b = &r->row;
	struct bytes first = b->fields[0].value;
	bool same = b->nfields == 2 && first.len == 4 && b->fields[1].value.len == 0;

	if ((!same && (b->nfields != 1 || first.len != 5)) ||
	    strncasecmp(first.p, "sep=", 4) != 0)
		return 0;
	if (same)
		return FAIL(r, "a line 'sep=%s', which is for spreadsheets; remove it",
			    delimiter_of(r).text);
	return FAIL(r, "a line 'sep=%c', which is for spreadsheets; remove it, and use -C '%c'",
		    first.p[4], first.p[4]);
}

/* The option that names the delimiter which the header seems to have; NULL: none. */
static const char *other_delimiter(const struct csv_reader *r)
{
	return r->header.n == 1 ? header_hint(r->header.names[0]) : NULL;
}

static int check_columns(struct csv_reader *r)
{
	size_t n = r->row.nfields;
	const char *other = other_delimiter(r);
	struct delimiter delimiter = delimiter_of(r);

	if (n == r->columns)
		return 0;
	if (other != NULL)
		return FAIL(r, "a row of %zu fields where the header has one; use %s", n, other);
	if (n == r->columns + 1 && r->row.fields[n - 1].value.len == 0)
		return FAIL(r, "a row of %zu fields where the first row has %zu; remove the '%s' "
			       "at its end",
			    n, r->columns, delimiter.text);
	return FAIL(r, "a row of %zu field%s where the first row has %zu; quote a field that "
		       "holds a '%s'",
		    n, n == 1 ? "" : "s", r->columns, delimiter.text);
}

static void emit_row(struct csv_reader *r)
{
	struct builder *row = &r->row;
	bool named = r->header.names != NULL;
	struct item item = {.mapping = named,
			    .kind = VALUE_TEXT,
			    .crlf = r->crlf,
			    .fields = row->fields,
			    .nfields = row->nfields};

	for (size_t i = 0; named && i < row->nfields; i++)
		row->fields[i].name = r->header.names[i];
	if (!named)
		item.text = buf_bytes(&r->text);
	reader_emit(&r->base, &item, r->row_line);
}

static int use_row(struct csv_reader *r)
{
	if (r->columns == 0) {
		r->columns = r->row.nfields;
		if (check_first(r) < 0)
			return -1;
		if (!r->base.cfg.no_header)
			return take_names(r);
	}
	if (check_columns(r) < 0)
		return -1;
	emit_row(r);
	return 0;
}

/* --- what libcsv finds; it cannot be stopped, so what follows an error is
 * ignored */

static void on_field(void *text, size_t len, void *arg)
{
	struct csv_reader *r = arg;

	if (!r->failed)
		builder_column(&r->row, (struct bytes){text, len});
}

static void on_row(int end, void *arg)
{
	struct csv_reader *r = arg;

	if (r->failed)
		return;
	if (end >= 0)
		r->crlf = end == '\r';
	r->failed = use_row(r) < 0;
	r->begun = false;
	r->size = 0;
	buf_reset(&r->text);
	builder_reset(&r->row);
}

/* --- what libcsv gets */

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

static int nul_error(struct csv_reader *r)
{
	return reader_nul(&r->base, r->line, r->column, r->err);
}

static int syntax_error(struct csv_reader *r, struct bytes run, size_t at)
{
	uint64_t column = r->column + utf8_count((struct bytes){run.p, at});
	const char *other = other_delimiter(r);

	return reader_error(&r->base, r->line, column, r->err,
			    "a quote that neither begins nor ends a field; %s%s",
			    other != NULL ? "use " : "quote the field and double the quotes "
						     "inside it, or use --quote no",
			    other != NULL ? other : "");
}

/* Strict mode stops at a quote inside an unquoted field, and after one that ends a
 * field. */
static int parse(struct csv_reader *r, struct bytes run)
{
	size_t n = 0;

	for (;;) {
		n += csv_parse(&r->csv, run.p + n, run.len - n, on_field, on_row, r);
		if (r->failed)
			return -1;
		if (n == run.len)
			return 0;
		if (csv_error(&r->csv) == CSV_ENOMEM)
			mem_die(0);
		if (r->csv.quoted || r->base.cfg.quote == QUOTE_YES)
			return syntax_error(r, run, n);
		csv_set_opts(&r->csv, 0);
		n += csv_parse(&r->csv, run.p + n, 1, on_field, on_row, r);
		csv_set_opts(&r->csv, STRICT);
	}
}

static int count(struct csv_reader *r, struct bytes run)
{
	r->size += run.len;
	if (r->base.cfg.no_header)
		buf_addb(&r->text, run);
	if (r->size > r->base.limit)
		return reader_too_long(&r->base, r->row_line, 1, r->err);
	return 0;
}

/* Bytes without line breaks. */
static int use_run(struct csv_reader *r, struct bytes run)
{
	struct bytes allowed = run;

	if (!r->begun)
		r->row_line = r->line;
	r->begun = true;
	if (run.len > r->base.limit - r->size)
		allowed.len = (size_t)(r->base.limit - r->size);
	if (parse(r, allowed) < 0 || count(r, run) < 0)
		return -1;
	r->column += utf8_count(run);
	r->after_cr = false;
	return 0;
}

/* One byte that ends a line; inside quotes it is data. */
static int use_break(struct csv_reader *r, struct bytes run)
{
	if (parse(r, run) < 0)
		return -1;
	if (*run.p == '\r' || !r->after_cr)
		r->line++;
	r->column = 1;
	r->after_cr = *run.p == '\r';
	return r->begun ? count(r, run) : 0;
}

static size_t run_length(struct bytes data)
{
	size_t n = 0;

	while (n < data.len && !is_break(data.p[n]) && data.p[n] != '\0')
		n++;
	return n;
}

static int use_data(struct csv_reader *r, struct bytes data)
{
	while (data.len > 0) {
		size_t n = run_length(data);
		int result;

		if (n > 0) {
			result = use_run(r, (struct bytes){data.p, n});
		} else {
			n = 1;
			result = *data.p == '\0'
				     ? nul_error(r)
				     : use_break(r, (struct bytes){data.p, n});
		}
		if (result < 0)
			return -1;
		data.p += n;
		data.len -= n;
	}
	return 0;
}

static int csv_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct csv_reader *r = (struct csv_reader *)base;

	r->err = err;
	return use_data(r, data);
}

static int csv_finish(struct reader *base, struct err *err)
{
	struct csv_reader *r = (struct csv_reader *)base;

	r->err = err;
	if (csv_fini(&r->csv, on_field, on_row, r) != 0)
		return FAIL(r, "a quote in the row that begins here is not closed; use --quote "
			       "no if quotes are text");
	return r->failed ? -1 : 0;
}

/* --- tsv: a field is quoted if all of it is well-formed quoted text.  Such a field may
 * have line breaks, but not where its first line and another one could be rows: then two
 * rows have a quote that is text.  libcsv sees quotes only in quoted fields. */

enum verdict { UNKNOWN, QUOTED, TEXT };

static bool ends_field(char c)
{
	return c == '\t' || is_break(c);
}

/* The field may end: before a tab, or with the row. */
static enum verdict closed(const struct csv_reader *r, bool tab)
{
	const struct ahead *a = &r->ahead;

	return a->rows && a->column == (tab ? a->first : r->columns) ? TEXT : QUOTED;
}

static enum verdict next_byte(struct csv_reader *r, char c)
{
	struct ahead *a = &r->ahead;
	bool second = a->cr && c == '\n';

	if (a->quote && c != '"')
		return ends_field(c) ? closed(r, c == '\t') : TEXT;
	if (c == '\0' || r->size + a->at >= r->base.limit)
		return TEXT;
	a->quote = c == '"' && !a->quote;
	a->cr = c == '\r';
	a->column += c == '\t';
	if (is_break(c) && !second) {
		if (a->rows && a->column == r->columns)
			return TEXT;
		a->rows |= !a->next_line && a->column == r->columns;
		a->next_line = true;
		a->column = 1;
	}
	return UNKNOWN;
}

/* data begins with the quote that begins a field. */
static enum verdict look_ahead(struct csv_reader *r, struct bytes data, bool end)
{
	struct ahead *a = &r->ahead;
	enum verdict verdict = UNKNOWN;

	if (a->at == 0)
		*a = (struct ahead){.at = 1,
				    .first = r->row.nfields + 1,
				    .column = r->row.nfields + 1};
	while (verdict == UNKNOWN && a->at < data.len) {
		verdict = next_byte(r, data.p[a->at]);
		a->at += verdict == UNKNOWN;
	}
	if (verdict == UNKNOWN && end)
		verdict = a->quote ? closed(r, false) : TEXT;
	return verdict;
}

/* The length of what comes before a quote that begins a field. */
static size_t text_length(const struct csv_reader *r, struct bytes data)
{
	const char *p = data.p, *end = data.p + data.len;

	for (; p < end && (p = memchr(p, '"', (size_t)(end - p))) != NULL; p++)
		if (p == data.p ? !r->inside : ends_field(p[-1]))
			return (size_t)(p - data.p);
	return data.len;
}

static int use_field(struct csv_reader *r, struct bytes field)
{
	int result;

	csv_set_quote(&r->csv, '"');
	result = use_data(r, field);
	csv_set_quote(&r->csv, '\0');
	return result;
}

/* Use up the start of *data as far as it is known what it means. */
static int use_fields(struct csv_reader *r, struct bytes *data, bool end)
{
	int result = 0;

	while (result == 0 && data->len > 0) {
		size_t n = text_length(r, *data);
		enum verdict verdict = n > 0 ? TEXT : look_ahead(r, *data, end);

		if (verdict == UNKNOWN)
			return 0;
		if (n == 0)
			n = verdict == QUOTED ? r->ahead.at : 1;
		r->ahead.at = 0;
		r->inside = verdict == QUOTED || !ends_field(data->p[n - 1]);
		result = (verdict == QUOTED ? use_field : use_data)(
		    r, (struct bytes){data->p, n});
		data->p += n;
		data->len -= n;
	}
	return result;
}

/* Use data after what was held, and hold the rest. */
static int use_held(struct csv_reader *r, struct bytes data, bool end)
{
	struct buf joined = r->held;
	struct bytes rest = data;
	int result;

	r->held = (struct buf)BUF_INIT;
	if (joined.len > 0) {
		buf_addb(&joined, data);
		rest = buf_bytes(&joined);
	}
	result = use_fields(r, &rest, end);
	if (joined.len > 0 && rest.len == joined.len) {
		r->held = joined;
		return result;
	}
	buf_addb(&r->held, rest);
	buf_clear(&joined);
	return result;
}

static int tsv_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct csv_reader *r = (struct csv_reader *)base;

	r->err = err;
	if (base->cfg.quote != QUOTE_AUTO)
		return use_data(r, data);
	return use_held(r, data, false);
}

static int tsv_finish(struct reader *base, struct err *err)
{
	struct csv_reader *r = (struct csv_reader *)base;

	r->err = err;
	if (use_held(r, (struct bytes){"", 0}, true) < 0)
		return -1;
	return csv_finish(base, err);
}

/* --- life */

static void csv_close(struct reader *base)
{
	struct csv_reader *r = (struct csv_reader *)base;

	csv_free(&r->csv);
	builder_clear(&r->row);
	arena_free(r->header_arena);
	buf_clear(&r->text);
	buf_clear(&r->held);
	free(r);
}

static int is_no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static struct reader *open_with(const struct reader_config *cfg, char delimiter)
{
	struct csv_reader *r = xcalloc(1, sizeof *r);

	r->line = r->column = r->row_line = 1;
	csv_init(&r->csv, STRICT);
	csv_set_delim(&r->csv, (unsigned char)delimiter);
	if (cfg->quote == QUOTE_NO)
		csv_set_quote(&r->csv, '\0'); /* which never gets there */
	csv_set_space_func(&r->csv, is_no_space); /* else blanks are cut off */
	csv_set_realloc_func(&r->csv, xrealloc);
	csv_set_blk_size(&r->csv, LIBCSV_BLOCK);
	builder_init(&r->row);
	r->header_arena = arena_new();
	return &r->base;
}

static struct reader *csv_open(const struct reader_config *cfg)
{
	return open_with(cfg, cfg->separator != '\0' ? cfg->separator : ',');
}

static struct reader *tsv_open(const struct reader_config *cfg)
{
	struct reader *base = open_with(cfg, '\t');

	if (cfg->quote == QUOTE_AUTO)
		csv_set_quote(&((struct csv_reader *)base)->csv, '\0');
	return base;
}

const struct reader_ops reader_csv_ops = {
    .format = "csv",
    .open = csv_open,
    .feed = csv_feed,
    .finish = csv_finish,
    .close = csv_close,
};

const struct reader_ops reader_tsv_ops = {
    .format = "tsv",
    .open = tsv_open,
    .feed = tsv_feed,
    .finish = tsv_finish,
    .close = csv_close,
};
