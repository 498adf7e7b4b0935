/* SPDX-License-Identifier: ISC */

/* Each line of a piece is an event, taken from the piece without a copy; only the start
 * of a line that the next piece continues is kept.  With another delimiter than newline
 * a line is any text that ends with it. */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "event/reader.h"

enum { KEEP_ROOM = 256 * 1024 }; /* memory kept for the next incomplete line */

struct lines_reader {
	struct reader base;
	bool strip_cr;	 /* known after the first line */
	uint64_t line;	 /* the one being read, from 1 */
	struct buf part; /* the start of a line that is not complete yet */
};

static bool is_blank(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t')
			return false;
	return true;
}

static bool ends_in_cr(struct bytes line)
{
	return line.len > 0 && line.p[line.len - 1] == '\r';
}

/* A line without its delimiter. */
static void emit_line(struct lines_reader *r, struct bytes line)
{
	struct item item = {.kind = VALUE_TEXT, .crlf = r->strip_cr};

	if (r->strip_cr && ends_in_cr(line))
		line.len--;
	item.text = line;
	if (!r->base.cfg.skip_blank || !is_blank(line))
		reader_emit(&r->base, &item, r->line);
	r->line++;
}

/* The first complete line decides for all of them. */
static void line_ended(struct lines_reader *r, struct bytes line)
{
	if (r->line == 1 && r->base.cfg.crlf == CRLF_AUTO && r->base.cfg.delimiter == '\n')
		r->strip_cr = ends_in_cr(line);
	emit_line(r, line);
}

static int nul_error(struct lines_reader *r, size_t before, struct err *err)
{
	uint64_t column = 1 + utf8_count((struct bytes){r->part.data, before});

	return reader_nul(&r->base, r->line, column, err);
}

/* Keep a piece of a line.  Both errors are found at the first byte that is
 * wrong, so that it does not matter where the input was cut. */
static int keep_part(struct lines_reader *r, struct bytes piece, struct err *err)
{
	uint64_t room = r->base.limit - r->part.len;
	size_t before = r->part.len;
	const char *nul = NULL;
	bool too_long = piece.len > room;

	if (too_long)
		piece.len = (size_t)room;
	if (r->base.cfg.delimiter != '\0' && piece.len > 0)
		nul = memchr(piece.p, '\0', piece.len);
	if (nul != NULL) {
		buf_addb(&r->part, piece);
		return nul_error(r, before + (size_t)(nul - piece.p), err);
	}
	if (too_long)
		return reader_too_long(&r->base, r->line, 1, err);
	buf_addb(&r->part, piece);
	return 0;
}

/* A line whose start is kept, or one that is wrong. */
static int end_part(struct lines_reader *r, struct bytes piece, struct err *err)
{
	if (keep_part(r, piece, err) < 0)
		return -1;
	line_ended(r, buf_bytes(&r->part));
	if (r->part.cap > KEEP_ROOM)
		buf_clear(&r->part);
	buf_reset(&r->part);
	return 0;
}

static int lines_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct lines_reader *r = (struct lines_reader *)base;
	const char *p = data.p, *end = p + data.len, *nul = NULL, *stop;

	if (r->base.cfg.delimiter != '\0')
		nul = memchr(p, '\0', data.len);
	for (; p < end; p = stop + 1) {
		stop = memchr(p, r->base.cfg.delimiter, (size_t)(end - p));
		if (stop == NULL)
			return keep_part(r, (struct bytes){p, (size_t)(end - p)}, err);

		struct bytes line = {p, (size_t)(stop - p)};

		if (r->part.len == 0 && line.len <= r->base.limit &&
		    (nul == NULL || stop < nul))
			line_ended(r, line); /* the usual case: nothing is copied */
		else if (end_part(r, line, err) < 0)
			return -1;
	}
	return 0;
}

static int lines_finish(struct reader *base, struct err *err)
{
	struct lines_reader *r = (struct lines_reader *)base;

	(void)err;
	if (r->part.len > 0)
		emit_line(r, buf_bytes(&r->part));
	buf_reset(&r->part);
	return 0;
}

static void lines_close(struct reader *base)
{
	struct lines_reader *r = (struct lines_reader *)base;

	buf_clear(&r->part);
	free(r);
}

static struct reader *lines_open(const struct reader_config *cfg)
{
	struct lines_reader *r = xcalloc(1, sizeof *r);

	r->line = 1;
	r->base.keeps_mark = cfg->delimiter != '\n';
	r->strip_cr = cfg->crlf == CRLF_STRIP && cfg->delimiter == '\n';
	return &r->base;
}

const struct reader_ops reader_lines_ops = {
    .format = "lines",
    .cheap = true,
    .open = lines_open,
    .feed = lines_feed,
    .finish = lines_finish,
    .close = lines_close,
};
