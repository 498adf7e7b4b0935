/* SPDX-License-Identifier: ISC */
#ifndef TESTS_READER_CUTS_H
#define TESTS_READER_CUTS_H

/* Tests of readers: what an input gives, written as text, and that it gives
 * the same when it is fed byte by byte or cut in two at any place. */

#include <stdlib.h>

#include "base/mem.h"
#include "base/msg.h"
#include "event/reader.h"
#include "tap.h"

#define TEXT(s)                                                                          \
	{                                                                                \
		s, sizeof(s) - 1                                                         \
	}

struct reader_case {
	const char *name;
	struct bytes input;
	const char *want; /* lines: "LINE JSON", columns behind it; "! error" */
};

/* A line per item. */
static inline void cuts_emit(void *arg, const struct item *item, uint64_t line)
{
	struct buf *out = arg;
	struct arena *a = arena_new();

	buf_addf(out, "%llu ", (unsigned long long)line);
	json_add_value(out, item_text(item, a), item->mapping ? VALUE_JSON : item->kind);
	for (size_t i = 0; !item->mapping && i < item->nfields; i++) {
		buf_adds(out, " | ");
		json_add_value(out, item->fields[i].value, item->fields[i].kind);
	}
	buf_addc(out, '\n');
	arena_free(a);
}

static inline void cuts_message(void *arg, struct bytes text)
{
	buf_addb(arg, text);
}

/* Each piece in memory of its own, so that reading beyond it or after the call
 * is found by the sanitizer. */
static inline int cuts_feed(struct reader *r, struct bytes piece, struct err *err)
{
	char *copy = xmalloc(piece.len);
	int result;

	if (piece.len > 0)
		memcpy(copy, piece.p, piece.len);
	result = reader_feed(r, (struct bytes){copy, piece.len}, err);
	free(copy);
	return result;
}

/* first: the length of the first piece, then pieces of each. */
static inline void cuts_run(const struct reader_ops *ops, struct reader_config cfg,
			    struct bytes input, size_t first, size_t each,
			    struct buf *out)
{
	struct err err = {0};
	struct reader *r;
	int result = 0;

	buf_reset(out);
	cfg.name = "in";
	cfg.emit = cuts_emit;
	cfg.arg = out;
	msg_set_writer(cuts_message, out);
	r = reader_open(ops, &cfg);
	for (size_t n = first; result == 0 && input.len > 0; n = each) {
		if (n > input.len)
			n = input.len;
		result = cuts_feed(r, (struct bytes){input.p, n}, &err);
		input.p += n;
		input.len -= n;
	}
	if (result == 0)
		result = reader_finish(r, &err);
	if (result < 0)
		buf_addf(out, "! %s\n", err.text);
	reader_close(r);
	msg_set_writer(NULL, NULL);
}

/* The cut (or 0: byte by byte) that gives something else; input.len: none. */
static inline size_t cuts_differ(const struct reader_ops *ops,
				 const struct reader_config *cfg, struct bytes input,
				 const char *want, struct buf *out)
{
	for (size_t cut = 0; cut < input.len; cut++) {
		cuts_run(ops, *cfg, input, cut > 0 ? cut : 1, cut > 0 ? input.len : 1,
			 out);
		if (strcmp(buf_cstr(out), want) != 0)
			return cut;
	}
	return input.len;
}

static inline void cuts_check(const struct reader_ops *ops,
			      const struct reader_config *cfg,
			      const struct reader_case *c)
{
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	size_t at;

	cuts_run(ops, *cfg, c->input, c->input.len, 1, &whole);
	is(buf_cstr(&whole), c->want, "%s", c->name);
	at = cuts_differ(ops, cfg, c->input, buf_cstr(&whole), &cut);
	if (!ok(at == c->input.len, "%s: the same at every cut", c->name)) {
		printf("# cut at %zu:\n", at);
		tap_show("     got", buf_cstr(&cut));
	}
	buf_clear(&whole);
	buf_clear(&cut);
}

/* Closing after any start of the input is allowed. */
static inline void cuts_close_early(const struct reader_ops *ops,
				    struct reader_config cfg, struct bytes input)
{
	struct buf out = BUF_INIT;

	cfg.name = "in";
	cfg.emit = cuts_emit;
	cfg.arg = &out;
	for (size_t n = 0; n <= input.len; n++) {
		struct reader *r = reader_open(ops, &cfg);
		struct err err;

		cuts_feed(r, (struct bytes){input.p, n}, &err);
		reader_close(r);
	}
	ok(true, "%s: can be closed at any place", ops->format);
	buf_clear(&out);
}

#endif
