/* SPDX-License-Identifier: ISC */

/* What all formats share: which reader a name or a file asks for, the byte order mark at
 * the start of the input, and the errors that have the same words in each. */

#include <config.h>

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/width.h"
#include "event/reader.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

static const struct {
	const char *extension;
	const struct reader_ops *ops;
} extensions[] = {
    {".csv", &reader_csv_ops},	    {".tsv", &reader_tsv_ops},
    {".json", &reader_json_ops},    {".jsonl", &reader_jsonl_ops},
    {".ndjson", &reader_jsonl_ops}, {".yaml", &reader_yaml_ops},
    {".yml", &reader_yaml_ops},
};

static const struct reader_ops *const formats[] = {
    &reader_lines_ops, &reader_csv_ops,	  &reader_tsv_ops,
    &reader_json_ops,  &reader_jsonl_ops, &reader_yaml_ops,
};

const struct reader_ops *reader_of_format(const char *format)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i]->format, format) == 0)
			return formats[i];
	return NULL;
}

const struct reader_ops *reader_of_file(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < sizeof extensions / sizeof *extensions; i++)
		if (strcasecmp(dot, extensions[i].extension) == 0)
			return extensions[i].ops;
	return &reader_lines_ops;
}

/* Step over the mark, or over the part of it that is there.  What only looked
 * like its start goes to the reader. */
static int skip_mark(struct reader *r, struct bytes *data, struct err *err)
{
	while (data->len > 0 && r->mark < 3 && *data->p == byte_order_mark[r->mark]) {
		r->mark++;
		data->p++;
		data->len--;
	}
	if (r->mark < 3 && data->len == 0)
		return 0;
	r->begun = true;
	if (r->mark == 0 || r->mark == 3)
		return 0;
	return r->ops->feed(r, (struct bytes){byte_order_mark, r->mark}, err);
}

static void add_size(struct buf *b, uint64_t bytes)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		uint64_t n = bytes >> units[i].shift;

		if (n > 0 && n << units[i].shift == bytes) {
			buf_addf(b, "%" PRIu64 " %s", n, units[i].name);
			return;
		}
	}
	buf_addf(b, "%" PRIu64 " bytes", bytes);
}

struct reader *reader_open(const struct reader_ops *ops, const struct reader_config *cfg)
{
	struct reader *r = ops->open(cfg);

	r->ops = ops;
	r->cfg = *cfg;
	r->limit = cfg->max_event > 0 ? cfg->max_event : UINT64_MAX;
	return r;
}

int reader_feed(struct reader *r, struct bytes data, struct err *err)
{
	if (!r->begun && !r->keeps_mark && skip_mark(r, &data, err) < 0)
		return -1;
	return data.len > 0 ? r->ops->feed(r, data, err) : 0;
}

int reader_finish(struct reader *r, struct err *err)
{
	if (!r->begun && r->mark > 0 && r->mark < 3 &&
	    r->ops->feed(r, (struct bytes){byte_order_mark, r->mark}, err) < 0)
		return -1;
	return r->ops->finish(r, err);
}

void reader_close(struct reader *r)
{
	if (r != NULL)
		r->ops->close(r);
}

int reader_error(const struct reader *r, uint64_t line, uint64_t column, struct err *err,
		 const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "%s:%" PRIu64 ":%" PRIu64 ": ", r->cfg.name, line, column);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	err_set(err, "%s", buf_cstr(&b));
	buf_clear(&b);
	return -1;
}

int reader_too_long(const struct reader *r, uint64_t line, uint64_t column,
		    struct err *err)
{
	struct buf size = BUF_INIT;

	add_size(&size, r->cfg.max_event);
	reader_error(r, line, column, err,
		     "event longer than %s; --max-event raises the limit",
		     buf_cstr(&size));
	buf_clear(&size);
	return -1;
}

static unsigned max_depth(const struct reader *r)
{
	return r->cfg.max_depth > 0 ? r->cfg.max_depth : READER_DEPTH;
}

bool reader_may_nest(const struct reader *r, size_t depth)
{
	return depth < max_depth(r);
}

int reader_too_deep(const struct reader *r, uint64_t line, uint64_t column,
		    struct err *err)
{
	return reader_error(r, line, column, err,
			    "nested deeper than %u levels; --max-depth raises the limit, "
			    "or give it as a quoted text",
			    max_depth(r));
}

int reader_duplicate(const struct reader *r, uint64_t line, uint64_t column,
		     struct err *err, struct bytes key)
{
	enum { SHOWN = 40 };

	return reader_error(r, line, column, err, "duplicate key '%.*s'; remove one of them",
			    (int)width_fit(key, SHOWN), key.p);
}
