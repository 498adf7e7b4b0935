/* SPDX-License-Identifier: ISC */

/* JSON arrays and JSON Lines.  The input is cut into whole tokens, each is checked for
 * what yajl lets pass (lone surrogates, overlong UTF-8), and then yajl gets it: it
 * knows the grammar and what escapes mean.  Since yajl sees one token at a time,
 * anything its callbacks find is at the place of that token, and it does not matter
 * where the input was cut.
 *
 * A value at depth 0 is an item.  In an array it is one as soon as it ends; in
 * JSON Lines only when its line ends too, so that "{...} rubbish" gives none.  There
 * a value may take several lines, but a line cannot hold two.
 *
 * With a path, items are what the list is made of to which it leads in each value at
 * depth 0 (or the one mapping there); lists and mappings outside of items are stepped
 * over. */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "event/builder.h"
#include "event/json_tokens.h"
#include "event/reader.h"

enum { SHOWN = 40 };

struct json_reader {
	struct reader base;
	yajl_handle yajl;
	struct json_tokens tokens;
	struct err *err; /* of the call under way */

	enum { MODE_UNKNOWN, MODE_ARRAY, MODE_LINES } mode;
	bool begun, ended; /* MODE_ARRAY: the brackets around all */

	/* With a path: where the next token is, outside of items. */
	size_t outer;	  /* open lists and mappings */
	size_t level;	  /* of these, the last one on the path */
	const char *rest; /* of the path, below that */
	bool here;	  /* the next value is on the path */
	bool is_list;	  /* the one at level is a list */
	uint64_t index;	  /* of its next member */
	bool found;	  /* the end of the path was reached, in this value at depth 0 */
	size_t list;	  /* level of the list of items; 0: not in it */
	struct buf seen;  /* keys at level */
	uint64_t top_line, top_column, level_line, level_column;

	uint64_t line, column; /* where the item begins */
	uint64_t size;	       /* bytes so far */
	struct builder item;   /* MODE_LINES: may be complete before its line is */
};

#define FAIL(r, ...)                                                                     \
	reader_error(&(r)->base, (r)->tokens.token_line, (r)->tokens.token_column,       \
		     (r)->err, __VA_ARGS__)

static struct bytes token(const struct json_reader *r)
{
	return buf_bytes(&r->tokens.text);
}

static void emit(struct json_reader *r)
{
	reader_emit(&r->base, &r->item.item, r->line);
	builder_reset(&r->item);
}

/* --- what yajl finds: 0 stops it, with r->err filled */

/* In JSON Lines the line must end, too. */
static int value_ends(struct json_reader *r)
{
	if (r->item.complete && (r->mode == MODE_ARRAY || r->base.cfg.path != NULL))
		emit(r);
	return 1;
}

/* Is what comes next an item, or in one? */
static bool in_item(const struct json_reader *r)
{
	return r->base.cfg.path == NULL || r->item.depth > 0 ||
	       (r->list > 0 && r->list == r->outer);
}

/* No member is on the path; or (NULL) this value cannot have any. */
static int path_missing(struct json_reader *r, struct buf *seen)
{
	if (seen != NULL)
		reader_path_missing(&r->base, r->level_line, r->level_column, r->err,
				    r->rest, seen);
	else
		reader_path_missing(&r->base, r->tokens.token_line,
				    r->tokens.token_column, r->err, r->rest, NULL);
	return 0;
}

/* Move r->rest on if the member of the list or mapping at level is on the path. */
static bool step(struct json_reader *r, struct bytes key)
{
	const char *below;

	if (r->found || r->outer != r->level)
		return false;
	below = reader_path_step(r->rest, key, &r->seen);
	if (below != NULL)
		r->rest = below;
	return below != NULL;
}

/* A value begins outside of items: is it on the path? */
static bool on_path(struct json_reader *r)
{
	bool here = r->here;
	char number[24];

	r->here = false;
	if (r->outer == 0) {
		r->rest = r->base.cfg.path;
		r->level = 0;
		r->found = false;
		r->top_line = r->tokens.token_line;
		r->top_column = r->tokens.token_column;
		return true;
	}
	if (!r->is_list || r->outer != r->level)
		return here;
	snprintf(number, sizeof number, "%" PRIu64, r->index++);
	return step(r, bytes_str(number));
}

static int step_over_scalar(struct json_reader *r)
{
	if (!on_path(r))
		return 1;
	if (*r->rest != '\0')
		return path_missing(r, NULL);
	reader_path_scalar(&r->base, r->tokens.token_line, r->tokens.token_column, r->err,
			   bytes_is(token(r), "null"));
	return 0;
}

static int on_bare(struct json_reader *r)
{
	if (!in_item(r))
		return step_over_scalar(r);
	builder_scalar(&r->item, json_bare_value(token(r)), VALUE_BARE);
	return value_ends(r);
}

static int on_null(void *arg)
{
	return on_bare(arg);
}

static int on_boolean(void *arg, int value)
{
	(void)value;
	return on_bare(arg);
}

static int on_number(void *arg, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return on_bare(arg);
}

static int on_string(void *arg, const unsigned char *text, size_t len)
{
	struct json_reader *r = arg;

	if (!in_item(r))
		return step_over_scalar(r);
	builder_scalar(&r->item, (struct bytes){(const char *)text, len}, VALUE_TEXT);
	return value_ends(r);
}

static int on_key(void *arg, const unsigned char *text, size_t len)
{
	struct json_reader *r = arg;
	struct bytes key = {(const char *)text, len};

	if (r->item.depth == 0) {
		r->here = step(r, key);
		return 1;
	}
	if (builder_key(&r->item, key))
		return 1;
	reader_duplicate(&r->base, r->tokens.token_line, r->tokens.token_column, r->err, key);
	return 0;
}

/* A list or mapping begins outside of items.  False: it is an item. */
static bool open_outer(struct json_reader *r, bool mapping, int *result)
{
	bool here = on_path(r);

	*result = 1;
	r->found = r->found || (here && *r->rest == '\0');
	if (here && *r->rest == '\0' && mapping)
		return false;
	r->outer++;
	if (!here)
		return true;
	if (*r->rest == '\0') {
		r->list = r->outer;
		return true;
	}
	if (!mapping && !isdigit((unsigned char)*r->rest))
		*result = path_missing(r, NULL);
	r->level = r->outer;
	r->is_list = !mapping;
	r->index = 0;
	r->level_line = r->tokens.token_line;
	r->level_column = r->tokens.token_column;
	buf_reset(&r->seen);
	return true;
}

static int close_outer(struct json_reader *r)
{
	if (!r->found && r->outer == r->level)
		return path_missing(r, &r->seen);
	if (r->outer-- == r->list)
		r->list = 0;
	return 1;
}

static int open_level(struct json_reader *r, bool mapping)
{
	int result;

	if (r->mode == MODE_ARRAY && !r->begun) {
		r->begun = true;
		return 1;
	}
	if (!reader_may_nest(&r->base, in_item(r) ? r->item.depth : r->outer)) {
		reader_too_deep(&r->base, r->tokens.token_line, r->tokens.token_column,
				r->err);
		return 0;
	}
	if (!in_item(r) && open_outer(r, mapping, &result))
		return result;
	builder_open(&r->item, mapping);
	return 1;
}

static int on_start_map(void *arg)
{
	return open_level(arg, true);
}

static int on_start_array(void *arg)
{
	return open_level(arg, false);
}

static int on_end(void *arg)
{
	struct json_reader *r = arg;

	if (r->item.depth == 0 && r->base.cfg.path != NULL)
		return close_outer(r);
	if (r->item.depth == 0) {
		r->ended = true;
		return 1;
	}
	builder_close(&r->item);
	return value_ends(r);
}

/* --- what a token must be before yajl may see it */

static int check_string(struct json_reader *r)
{
	struct bytes text = token(r);
	size_t at;
	const char *wrong = json_string_fault(text, &at);

	if (wrong == NULL)
		return 0;
	return reader_error(&r->base, r->tokens.token_line,
			    r->tokens.token_column + utf8_count((struct bytes){text.p, at}),
			    r->err, "%s", wrong);
}

static int check_word(struct json_reader *r)
{
	struct bytes word = token(r);

	if (json_is_bare(word))
		return 0;
	if (memchr(word.p, '\0', word.len) != NULL)
		return reader_nul(&r->base, r->tokens.token_line, r->tokens.token_column,
				  r->err);
	if (*word.p == RECORD_SEPARATOR)
		return FAIL(r, "a record separator (0x1e): this is a JSON text sequence; "
			       "remove them all (tr -d '\\036') and use -f jsonl");
	if (*word.p == '/' || *word.p == '#')
		return FAIL(r, "JSON has no comments; remove it");
	return FAIL(r, "'%.*s' is not JSON; write a text in double quotes",
		    (int)width_fit(word, SHOWN), word.p);
}

static int check_token(struct json_reader *r)
{
	char first = *token(r).p;

	if (first == RECORD_SEPARATOR)
		return check_word(r);
	if (r->ended)
		return FAIL(r, "unexpected text after the array; for JSON Lines that are "
			       "arrays use -f jsonl");
	if (r->item.complete && first == ',')
		return FAIL(r, "a comma after a line's value; remove it, or put all in [ ]");
	if (r->item.complete)
		return FAIL(r, "unexpected text after the value; begin a new line for each "
			       "value");
	if (first == '"')
		return check_string(r);
	return strchr("{}[],:", first) != NULL && first != '\0' ? 0 : check_word(r);
}

/* --- from tokens to yajl */

/* yajl's phrases, and ours: what it expects in place of this token. */
static const char *wanted(const char *phrase)
{
	static const struct {
		const char *theirs, *ours;
	} table[] = {
	    {"unallowed token", "a value"},
	    {"invalid object key", "a key in double quotes"},
	    {"must be separated by a colon", "':' after the key"},
	    {"inside map", "',' or '}'"},
	    {"after array element", "',' or ']'"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strstr(phrase, table[i].theirs) != NULL)
			return table[i].ours;
	return "something else";
}

static int grammar_error(struct json_reader *r)
{
	unsigned char *phrase = yajl_get_error(r->yajl, 0, NULL, 0);
	const char *what = wanted((const char *)phrase);
	bool comma = (*token(r).p == ']' && strcmp(what, "a value") == 0) ||
		     (*token(r).p == '}' && strncmp(what, "a key", 5) == 0);

	yajl_free_error(r->yajl, phrase);
	return FAIL(r, "%s is expected, not %.*s%s", what, (int)width_fit(token(r), SHOWN),
		    token(r).p, comma ? "; is there a comma too many before it?" : "");
}

static int use_token(struct json_reader *r)
{
	bool word = strchr("{}[],:\"", *token(r).p) == NULL || *token(r).p == '\0';
	yajl_status status;

	if (check_token(r) < 0)
		return -1;
	if (r->mode == MODE_UNKNOWN)
		r->mode = *token(r).p == '[' && r->base.cfg.path == NULL ? MODE_ARRAY
									  : MODE_LINES;
	status = yajl_parse(r->yajl, (const unsigned char *)token(r).p, token(r).len);
	if (status == yajl_status_ok && word) /* it ends only with what follows it */
		status = yajl_parse(r->yajl, (const unsigned char *)" ", 1);
	if (status == yajl_status_error)
		return grammar_error(r);
	return status == yajl_status_ok ? 0 : -1;
}

static int control_error(struct json_reader *r, unsigned char c)
{
	if (c == '\n' || c == '\r')
		return reader_error(&r->base, r->tokens.line, r->tokens.column, r->err,
				    "the line ends inside a text; close the quote, or write "
				    "\\n");
	return reader_error(&r->base, r->tokens.line, r->tokens.column, r->err,
			    "control character U+%04X in a text; write it as \\u%04x", c, c);
}

/* Does the item that is under way have more bytes than it may? */
static bool count(struct json_reader *r, enum json_step step, size_t used)
{
	bool blank = step == JSON_BLANK || step == JSON_NEWLINE;

	if (r->item.depth == 0 && blank)
		return false;
	if (r->size == 0) {
		r->line = r->tokens.token_line;
		r->column = r->tokens.token_column;
	}
	r->size += used;
	return r->size > r->base.limit;
}

static int use_step(struct json_reader *r, enum json_step step, struct bytes rest)
{
	switch (step) {
	case JSON_TOKEN:
		if (use_token(r) < 0)
			return -1;
		break;
	case JSON_CONTROL:
		return control_error(r, (unsigned char)*rest.p);
	case JSON_NEWLINE:
		if (r->item.complete)
			emit(r);
		break;
	case JSON_BLANK:
	case JSON_MORE:
		return 0;
	}
	if (r->item.depth == 0)
		r->size = 0;
	return 0;
}

static int json_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct json_reader *r = (struct json_reader *)base;

	r->err = err;
	while (data.len > 0) {
		/* one byte beyond the limit, where a word may see its end */
		uint64_t most = r->base.limit - r->size;
		struct bytes piece = {data.p, data.len};
		enum json_step step;
		size_t used;

		if (most < piece.len)
			piece.len = (size_t)most + 1;
		step = json_tokens_next(&r->tokens, &piece);
		used = (size_t)(piece.p - data.p);
		data.p += used;
		data.len -= used;
		if (count(r, step, used))
			return reader_too_long(&r->base, r->line, r->column, err);
		if (use_step(r, step, data) < 0)
			return -1;
	}
	return 0;
}

static int json_finish(struct reader *base, struct err *err)
{
	struct json_reader *r = (struct json_reader *)base;

	r->err = err;
	if (r->tokens.state == JSON_STRING)
		return FAIL(r, "the input ends inside the text that begins here");
	if (json_tokens_end(&r->tokens) == JSON_TOKEN && use_token(r) < 0)
		return -1;
	if (r->item.complete)
		emit(r);
	if (r->item.depth > 0)
		return reader_error(&r->base, r->line, r->column, err,
				    "the input ends inside the value that begins here");
	if (r->outer > 0)
		return reader_error(&r->base, r->top_line, r->top_column, err,
				    "the input ends inside the value that begins here");
	if (r->begun && !r->ended)
		return reader_error(&r->base, r->tokens.line, r->tokens.column, err,
				    "the input ends before the array does; ']' is missing");
	return 0;
}

/* --- life */

static void *alloc(void *arg, size_t n)
{
	(void)arg;
	return xmalloc(n);
}

static void *resize(void *arg, void *p, size_t n)
{
	(void)arg;
	return xrealloc(p, n);
}

static void release(void *arg, void *p)
{
	(void)arg;
	free(p);
}

static void json_close(struct reader *base)
{
	struct json_reader *r = (struct json_reader *)base;

	yajl_free(r->yajl);
	json_tokens_clear(&r->tokens);
	buf_clear(&r->seen);
	builder_clear(&r->item);
	free(r);
}

static struct reader *json_open(const struct reader_config *cfg)
{
	static const yajl_callbacks callbacks = {
	    .yajl_null = on_null,
	    .yajl_boolean = on_boolean,
	    .yajl_number = on_number,
	    .yajl_string = on_string,
	    .yajl_start_map = on_start_map,
	    .yajl_map_key = on_key,
	    .yajl_end_map = on_end,
	    .yajl_start_array = on_start_array,
	    .yajl_end_array = on_end,
	};
	static yajl_alloc_funcs memory = {alloc, resize, release, NULL};
	struct json_reader *r = xcalloc(1, sizeof *r);

	(void)cfg;
	r->yajl = yajl_alloc(&callbacks, &memory, r);
	yajl_config(r->yajl, yajl_allow_multiple_values, 1);
	json_tokens_init(&r->tokens);
	builder_init(&r->item);
	return &r->base;
}

static struct reader *jsonl_open(const struct reader_config *cfg)
{
	struct reader *base = json_open(cfg);

	((struct json_reader *)base)->mode = MODE_LINES;
	return base;
}

const struct reader_ops reader_json_ops = {
    .format = "json",
    .open = json_open,
    .feed = json_feed,
    .finish = json_finish,
    .close = json_close,
};

const struct reader_ops reader_jsonl_ops = {
    .format = "jsonl",
    .open = jsonl_open,
    .feed = json_feed,
    .finish = json_finish,
    .close = json_close,
};
