/* SPDX-License-Identifier: ISC */

/* Splits lines into columns.  A separator of one byte is searched for directly, any other
 * by regexec.  At the end is the source that does so with each line of another source,
 * and takes the names of the columns from the first line if asked to. */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "event/builder.h"
#include "event/colsep.h"
#include "event/source.h"

enum { SHOWN = 40 };

struct colsep {
	bool plain;   /* a single byte */
	char byte;
	regex_t regex;
};

/* "\t" and "\n" are common, but POSIX does not have them.  Returns the
 * byte, 0 for an escape that regcomp knows, -1 for one that would silently mean
 * the letter itself. */
static int escape_value(char letter)
{
	if (letter == 't')
		return '\t';
	if (letter == 'n')
		return '\n';
	return isalpha((unsigned char)letter) && strchr("sSwWbB", letter) == NULL ? -1 : 0;
}

/* Make of the pattern what regcomp takes. */
static int translate(const char *pattern, struct buf *out, struct err *err)
{
	for (const char *p = pattern; *p != '\0'; p++) {
		int value;

		if (*p != '\\' || p[1] == '\0') {
			buf_addc(out, *p);
			continue;
		}
		value = escape_value(*++p);
		if (value < 0)
			return err_usage(err,
					 "'\\%c' has no meaning; for digits write [0-9]",
					 *p);
		if (value == 0)
			buf_addc(out, '\\');
		buf_addc(out, value > 0 ? (char)value : *p);
	}
	return 0;
}

static int compile(struct colsep *c, const char *posix, struct err *err)
{
	int code = regcomp(&c->regex, posix, REG_EXTENDED);
	char why[256];

	if (code != 0) {
		regerror(code, &c->regex, why, sizeof why);
		return err_usage(err, "not a regular expression: %s", why);
	}
	if (regexec(&c->regex, "", 0, NULL, 0) != 0)
		return 0;
	regfree(&c->regex);
	return err_usage(err, "it matches the empty text; use + instead of *");
}

/* The byte that is all the pattern matches; '\0': it is not like that.  A "|" alone would
 * match the empty text on both of its sides, so it is taken as a byte. */
static char plain_byte(const char *posix)
{
	bool escaped = posix[0] == '\\' && ispunct((unsigned char)posix[1]);
	const char *byte = posix + escaped;

	if (*byte == '\0' || byte[1] != '\0' ||
	    (!escaped && strchr(".[]*^$+?(){}\\", *byte) != NULL))
		return '\0';
	return *byte;
}

struct colsep *colsep_new(const char *pattern, struct err *err)
{
	struct colsep *c = xcalloc(1, sizeof *c);
	struct buf posix = BUF_INIT;
	int result = translate(pattern, &posix, err);

	if (result == 0 && plain_byte(buf_cstr(&posix)) != '\0') {
		c->plain = true;
		c->byte = plain_byte(posix.data);
	} else if (result == 0) {
		result = compile(c, buf_cstr(&posix), err);
	}
	buf_clear(&posix);
	if (result == 0)
		return c;
	free(c);
	return NULL;
}

void colsep_free(struct colsep *c)
{
	if (c == NULL)
		return;
	if (!c->plain)
		regfree(&c->regex);
	free(c);
}

int colsep_byte(const struct colsep *c)
{
	return c->plain ? (unsigned char)c->byte : -1;
}

/* Find the next separator in text. */
static bool find(struct colsep *c, const char *start, struct bytes text, size_t *at,
		 size_t *len)
{
	regmatch_t m = {0, (regoff_t)text.len};
	const char *p;

	if (c->plain) {
		p = text.len > 0 ? memchr(text.p, c->byte, text.len) : NULL;
		*at = p != NULL ? (size_t)(p - text.p) : 0;
		*len = 1;
		return p != NULL;
	}
	if (regexec(&c->regex, text.p, 1, &m,
		    REG_STARTEND | (text.p > start ? REG_NOTBOL : 0)) != 0 ||
	    m.rm_eo == m.rm_so)
		return false;
	*at = (size_t)m.rm_so;
	*len = (size_t)(m.rm_eo - m.rm_so);
	return true;
}

struct bytes colsep_next(struct colsep *c, const char *start, struct bytes *rest)
{
	struct bytes column = *rest;
	size_t at, len;

	if (!find(c, start, *rest, &at, &len)) {
		*rest = (struct bytes){NULL, 0};
		return column;
	}
	column.len = at;
	rest->p += at + len;
	rest->len -= at + len;
	return column;
}

/* --- a source of split lines */

struct columns_source {
	struct source base;
	struct colsep *colsep; /* the caller's, or tab */
	struct colsep *tab;    /* ours; NULL: not needed */
	bool header;	      /* the first line is still to be read as one */
	struct header names;
	struct arena *arena;  /* of the names */
	struct field *fields; /* of the current line */
	size_t nfields, cap;
};

/* An error in a column of the line. */
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
	struct bytes name;
	size_t bad;

	split(c, e->items[0].text);
	if (header_take(&c->names, c->fields, c->nfields, c->arena, &bad))
		return 0;
	name = c->fields[bad].value;
	return line_error(e, name, err,
			  name.len == 0 ? "a column of the header has no name"
					: "duplicate name in the header; rename one");
}

/* Every name has a value: columns that a short line lacks are empty. */
static int name_fields(struct columns_source *c, const struct event *e, struct err *err)
{
	static const struct field missing = {.value = {"", 0}, .kind = VALUE_TEXT};

	if (c->nfields > c->names.n)
		return line_error(e, c->fields[c->names.n].value, err,
				  "more columns than the header has names");
	c->fields = xgrow(c->fields, &c->cap, c->names.n, sizeof missing);
	while (c->nfields < c->names.n)
		c->fields[c->nfields++] = missing;
	for (size_t i = 0; i < c->names.n; i++)
		c->fields[i].name = c->names.names[i];
	return 0;
}

static int set_columns(struct columns_source *c, struct event *e, struct arena *a,
		       struct err *err)
{
	struct item *item = &e->items[0];
	bool named = c->names.names != NULL;

	split(c, item->text);
	if (named && name_fields(c, e, err) < 0)
		return -1;
	item->mapping = named;
	item->nfields = c->nfields;
	item->fields = arena_alloc(a, c->nfields * sizeof *item->fields);
	memcpy(item->fields, c->fields, c->nfields * sizeof *item->fields);
	for (size_t i = 0; named && i < c->nfields; i++)
		item->fields[i].name = arena_bytes(a, c->names.names[i]);
	return 0;
}

static enum source_result columns_next(struct source *s, struct arena *a,
				       struct event *out, struct err *err)
{
	struct columns_source *c = (struct columns_source *)s;
	enum source_result result;

	if (c->header) {
		result = source_next(s->from, c->arena, out, err);
		if (result != SOURCE_EVENT)
			return result;
		if (take_names(c, out, err) < 0)
			return SOURCE_ERROR;
		c->header = false;
	}
	result = source_next(s->from, a, out, err);
	if (result == SOURCE_EVENT && set_columns(c, out, a, err) < 0)
		return SOURCE_ERROR;
	return result;
}

static bool columns_total(struct source *s, uint64_t *total)
{
	struct columns_source *c = (struct columns_source *)s;
	bool header = c->header || c->names.names != NULL;

	if (!source_total(s->from, total))
		return false;
	*total -= header && *total > 0;
	return true;
}

static void columns_free(struct source *s)
{
	struct columns_source *c = (struct columns_source *)s;

	colsep_free(c->tab);
	arena_free(c->arena);
	free(c->fields);
	free(c);
}

static const struct source_ops columns_ops = {
    .next = columns_next,
    .total = columns_total,
    .free = columns_free,
};

struct source *source_columns(struct source *from, struct colsep *colsep, bool header)
{
	struct columns_source *c = xcalloc(1, sizeof *c);
	struct err impossible;

	c->base.ops = &columns_ops;
	c->base.from = from;
	if (colsep == NULL)
		colsep = c->tab = colsep_new("\t", &impossible);
	c->colsep = colsep;
	c->header = header;
	c->arena = arena_new();
	return &c->base;
}
