/* SPDX-License-Identifier: ISC */

/* Tables: the first row names the fields of those after it.  libcsv is given runs of
 * bytes that end with a line, so that the line of what it finds is known; its strict
 * mode is RFC 4180.  A row ends with LF, CR or CRLF; empty lines between rows are
 * skipped. */

#include <config.h>

#include <csv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "event/builder.h"
#include "event/reader.h"

enum { SHOWN = 40, LIBCSV_BLOCK = 64 * 1024 };

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
};

#define FAIL(r, ...) reader_error(&(r)->base, (r)->row_line, 1, (r)->err, __VA_ARGS__)

/* --- rows */

static int take_names(struct csv_reader *r)
{
	struct builder *b = &r->row;
	struct bytes name;
	size_t bad;

	if (header_take(&r->header, b->fields, b->nfields, r->header_arena, &bad))
		return 0;
	name = b->fields[bad].value;
	if (name.len == 0)
		return FAIL(r, "column %zu of the header has no name; give it one, or use "
			       "--no-header",
			    bad + 1);
	return FAIL(r, "duplicate name '%.*s' in the header; rename one, or use --no-header",
		    (int)width_fit(name, SHOWN), name.p);
}

static int check_columns(struct csv_reader *r)
{
	size_t n = r->row.nfields;

	if (n == r->columns)
		return 0;
	return FAIL(r, "a row of %zu field%s where the first row has %zu; quote a field that "
		       "holds a '%s'",
		    n, n == 1 ? "" : "s", r->columns,
		    csv_get_delim(&r->csv) == '\t' ? "\\t" : ",");
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
	return reader_error(&r->base, r->line, r->column, r->err,
			    "NUL byte in the input; if this is UTF-16, convert it to UTF-8");
}

static int syntax_error(struct csv_reader *r, struct bytes run, size_t at)
{
	uint64_t column = r->column + utf8_count((struct bytes){run.p, at});

	if (csv_error(&r->csv) == CSV_ENOMEM)
		mem_die(0);
	return reader_error(&r->base, r->line, column, r->err,
			    "a quote that neither begins nor ends a field; quote the field and "
			    "double the quotes inside it");
}

static int parse(struct csv_reader *r, struct bytes run)
{
	size_t n = csv_parse(&r->csv, run.p, run.len, on_field, on_row, r);

	if (r->failed)
		return -1;
	return n < run.len ? syntax_error(r, run, n) : 0;
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

static int csv_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct csv_reader *r = (struct csv_reader *)base;

	r->err = err;
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

static int csv_finish(struct reader *base, struct err *err)
{
	struct csv_reader *r = (struct csv_reader *)base;

	r->err = err;
	if (csv_fini(&r->csv, on_field, on_row, r) != 0)
		return FAIL(r, "a quote in the row that begins here is not closed");
	return r->failed ? -1 : 0;
}

/* --- life */

static void csv_close(struct reader *base)
{
	struct csv_reader *r = (struct csv_reader *)base;

	csv_free(&r->csv);
	builder_clear(&r->row);
	arena_free(r->header_arena);
	buf_clear(&r->text);
	free(r);
}

static int is_no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static struct reader *open_with(char delimiter)
{
	struct csv_reader *r = xcalloc(1, sizeof *r);

	r->line = r->column = r->row_line = 1;
	csv_init(&r->csv, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&r->csv, (unsigned char)delimiter);
	csv_set_space_func(&r->csv, is_no_space); /* else blanks are cut off */
	csv_set_realloc_func(&r->csv, xrealloc);
	csv_set_blk_size(&r->csv, LIBCSV_BLOCK);
	builder_init(&r->row);
	r->header_arena = arena_new();
	return &r->base;
}

static struct reader *csv_open(const struct reader_config *cfg)
{
	(void)cfg;
	return open_with(',');
}

static struct reader *tsv_open(const struct reader_config *cfg)
{
	(void)cfg;
	return open_with('\t');
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
    .feed = csv_feed,
    .finish = csv_finish,
    .close = csv_close,
};
