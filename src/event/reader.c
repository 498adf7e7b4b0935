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

enum {
	SHOWN = 40,	/* columns of a key */
	SEEN_MAX = 200, /* bytes of several */
};

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

static const struct reader_ops *of_extension(const char *extension)
{
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
		if (strcasecmp(extension, extensions[i].extension + 1) == 0)
			return extensions[i].ops;
	return NULL;
}

const struct reader_ops *reader_of_format(const char *format)
{
	return strcmp(format, "lines") == 0 ? &reader_lines_ops : of_extension(format);
}

const struct reader_ops *reader_of_file(const char *path)
{
	const char *dot = strrchr(path, '.');
	const struct reader_ops *ops = dot != NULL ? of_extension(dot + 1) : NULL;

	return ops != NULL ? ops : &reader_lines_ops;
}

/* --- guessing the format of a line */

static struct bytes trim(struct bytes s)
{
	while (s.len > 0 && strchr(" \t\r", *s.p) != NULL) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && strchr(" \t\r", s.p[s.len - 1]) != NULL)
		s.len--;
	return s;
}

/* Is the name a key in the line: alone or between quotes, before a colon, and not part of
 * a longer word? */
static bool has_key(struct bytes line, struct bytes name, bool bare)
{
	for (const char *p = line.p, *end = line.p + line.len;
	     (p = memmem(p, (size_t)(end - p), name.p, name.len)) != NULL; p++) {
		const char *after = p + name.len;
		char before = p > line.p ? p[-1] : ' ';
		bool quoted = (before == '"' || before == '\'') && after < end && *after == before;

		if (!quoted && (!bare || strchr(" \t{,", before) == NULL))
			continue;
		for (after += quoted; after < end && *after == ' '; after++)
			;
		if (after < end && *after == ':')
			return true;
	}
	return false;
}

static bool has_column(struct bytes line, struct bytes name, char delimiter)
{
	while (line.len > 0) {
		const char *end = memchr(line.p, delimiter, line.len);
		struct bytes cell = {line.p, end != NULL ? (size_t)(end - line.p) : line.len};

		line.p += cell.len + (end != NULL);
		line.len -= cell.len + (end != NULL);
		cell = trim(cell);
		if (cell.len >= 2 && *cell.p == '"' && cell.p[cell.len - 1] == '"')
			cell = (struct bytes){cell.p + 1, cell.len - 2};
		if (bytes_eq(cell, name))
			return true;
	}
	return false;
}

/* A list or mapping that goes on in the next line, or has the name. */
static bool is_json(struct bytes line, struct bytes name)
{
	if (line.len == 0 || (*line.p != '{' && *line.p != '['))
		return false;
	for (size_t i = 0; i < line.len && strchr("[{ \t", line.p[i]) != NULL; i++)
		if (i + 1 == line.len)
			return true;
	return has_key(line, name, false);
}

static bool is_yaml(struct bytes line, struct bytes name)
{
	bool item = line.len > 2 && memcmp(line.p, "- ", 2) == 0;
	struct bytes first = {line.p, name.len};

	if (bytes_is(line, "---") || bytes_is(line, "%YAML 1.2"))
		return true;
	return item ? has_key(line, name, true)
		    : line.len > name.len && bytes_eq(first, name) &&
			  line.p[name.len] == ':' &&
			  (line.len == name.len + 1 || line.p[name.len + 1] == ' ');
}

bool format_guess(struct bytes line, struct bytes name, struct format_guess *g)
{
	static const struct {
		char delimiter;
		struct format_guess guess;
	} tables[] = {{',', {"CSV", "-f csv"}},
		      {'\t', {"TSV", "-f tsv"}},
		      {';', {"CSV", "-f csv -C ';'"}},
		      {'|', {"CSV", "-f csv -C '|'"}}};
	const char *dot = memchr(name.p, '.', name.len);
	bool sequence = line.len > 0 && *line.p == RECORD_SEPARATOR;
	struct bytes text = trim((struct bytes){line.p + sequence, line.len - sequence});

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		*g = tables[i].guess;
		if (has_column(text, name, tables[i].delimiter))
			return true;
	}
	if (dot != NULL)
		name.len = (size_t)(dot - name.p);
	if (is_json(text, name)) {
		*g = (struct format_guess){"JSON", *text.p == '[' ? "-f json" : "-f jsonl"};
		return true;
	}
	*g = (struct format_guess){"YAML", "-f yaml"};
	return is_yaml(text, name);
}

/* --- the start of the input */

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

/* Other formats find UTF-16 by its first two bytes; lines may hold any bytes but NUL. */
static const char *utf16_name(const struct reader *r)
{
	const char *p = r->start;

	if (r->seen == 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
		return "UTF-16";
	if (r->seen > 0 && p[0] == '\0')
		return "UTF-16BE";
	return r->seen == 2 && p[1] == '\0' ? "UTF-16LE" : NULL;
}

int reader_nul(const struct reader *r, uint64_t line, uint64_t column, struct err *err)
{
	const char *name = utf16_name(r);
	bool lines = r->ops == &reader_lines_ops;

	if (name != NULL && (!lines || strcmp(name, "UTF-16") == 0))
		return reader_error(r, line, column, err,
				    "the input is %s; convert it to UTF-8 (iconv -f %s)", name,
				    name);
	if (!lines)
		return reader_error(r, line, column, err, "NUL byte in the input");
	return reader_error(r, line, column, err,
			    "NUL byte in a line; use -0 if NUL ends each event%s%s%s",
			    name != NULL ? ", or convert " : "", name != NULL ? name : "",
			    name != NULL ? " to UTF-8 (iconv)" : "");
}

/* Is the first byte all there is, and half of a mark of UTF-16?  It is held until it is
 * known whether the other half follows. */
static bool begins_mark(const struct reader *r)
{
	return r->seen == 1 && (r->start[0] == '\xff' || r->start[0] == '\xfe');
}

static int feed_held(struct reader *r, struct err *err)
{
	bool held = r->seen == 2 && (r->start[0] == '\xff' || r->start[0] == '\xfe');

	r->begun |= held;
	return held ? r->ops->feed(r, (struct bytes){r->start, 1}, err) : 0;
}

/* The first two bytes come one by one, so that it does not matter where the input is
 * cut. */
static int feed_start(struct reader *r, struct bytes *data, struct err *err)
{
	while (data->len > 0 && r->seen < sizeof r->start) {
		struct bytes byte = {data->p, 1};

		r->start[r->seen++] = *data->p;
		data->p++;
		data->len--;
		if (begins_mark(r))
			continue;
		if (r->ops != &reader_lines_ops && utf16_name(r) != NULL)
			return reader_nul(r, 1, 1, err);
		if (feed_held(r, err) < 0 ||
		    (!r->begun && !r->keeps_mark && skip_mark(r, &byte, err) < 0))
			return -1;
		if (byte.len > 0 && r->ops->feed(r, byte, err) < 0)
			return -1;
	}
	return 0;
}

int reader_feed(struct reader *r, struct bytes data, struct err *err)
{
	if (r->seen < sizeof r->start && feed_start(r, &data, err) < 0)
		return -1;
	if (!r->begun && !r->keeps_mark && skip_mark(r, &data, err) < 0)
		return -1;
	return data.len > 0 ? r->ops->feed(r, data, err) : 0;
}

int reader_finish(struct reader *r, struct err *err)
{
	if (!r->begun && r->mark > 0 && r->mark < 3 &&
	    r->ops->feed(r, (struct bytes){byte_order_mark, r->mark}, err) < 0)
		return -1;
	if (begins_mark(r) && r->ops->feed(r, (struct bytes){r->start, 1}, err) < 0)
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
	return reader_error(r, line, column, err, "duplicate key '%.*s'; remove one of them",
			    (int)width_fit(key, SHOWN), key.p);
}

const char *reader_path_step(const char *rest, struct bytes key, struct buf *seen)
{
	if (seen->len < SEEN_MAX) {
		buf_adds(seen, seen->len > 0 ? ", " : "");
		buf_addf(seen, "%.*s", (int)width_fit(key, SHOWN), key.p);
	} else if (seen->data[seen->len - 1] != '.') {
		buf_adds(seen, ", ...");
	}
	if (strncmp(rest, key.p, key.len) != 0)
		return NULL;
	rest += key.len;
	return *rest == '.' ? rest + 1 : *rest == '\0' ? rest : NULL;
}

int reader_path_missing(const struct reader *r, uint64_t line, uint64_t column,
			struct err *err, const char *rest, struct buf *seen)
{
	if (seen == NULL)
		return reader_error(r, line, column, err,
				    "no '%s' (--path) here: this is not a mapping", rest);
	if (seen->len == 0)
		return reader_error(r, line, column, err,
				    "no '%s' (--path) here: this is empty", rest);
	return reader_error(r, line, column, err,
			    "no '%s' (--path) here; there are: %s", rest,
			    buf_cstr(seen));
}

int reader_path_scalar(const struct reader *r, uint64_t line, uint64_t column,
		       struct err *err, bool null)
{
	return reader_error(r, line, column, err,
			    null ? "null at --path, not a list or a mapping; write [] for "
				   "no events"
				 : "a single value at --path, not a list or a mapping");
}
