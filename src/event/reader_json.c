/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "event/json_tokens.h"
#include "event/keyset.h"
#include "event/reader.h"

/* The input is cut into whole tokens, each is checked for what yajl lets pass
 * (lone surrogates, overlong UTF-8), and then yajl gets it: it knows the grammar
 * and what escapes mean.  Since yajl sees one token at a time, the place of
 * whatever its callbacks find is that token's, and no cut makes a difference.
 *
 * A value at depth 0 is an item.  In an array it is one as soon as it ends; in
 * JSON Lines when its line ends too, so that "{...} rubbish" gives none.  There
 * a value may take several lines, but no line has two. */

enum { SHOWN = 40, KEEP_ROOM = 256 * 1024 };

struct level {
	bool mapping;
	size_t n; /* values or keys so far */
	struct keyset keys;
};

struct json_reader {
	struct reader base;
	struct reader_config cfg;
	yajl_handle yajl;
	struct json_tokens tokens;
	struct err *err; /* of the call under way */
	uint64_t limit;

	enum { MODE_UNKNOWN, MODE_ARRAY, MODE_LINES } mode;
	bool begun, ended; /* MODE_ARRAY: the brackets around all */

	/* the item */
	uint64_t line, column; /* where it begins */
	uint64_t size;	       /* bytes so far */
	struct level *levels;  /* the open lists and mappings in it */
	size_t depth, levels_cap;
	struct item item;
	bool pending; /* MODE_LINES: complete, but its line is not */
	struct arena *arena;
	struct field *fields;
	size_t nfields, cap;
	struct bytes key; /* of the next field */
	struct buf json; /* the value of a field that is a list or mapping */
};

#define FAIL(r, ...)                                                                     \
	reader_error(&(r)->cfg, (r)->tokens.token_line, (r)->tokens.token_column,        \
		     (r)->err, __VA_ARGS__)

static struct bytes token(const struct json_reader *r)
{
	return buf_bytes(&r->tokens.text);
}

/* --- items */

static void emit(struct json_reader *r)
{
	r->cfg.emit(r->cfg.arg, &r->item, r->line);
	r->pending = false;
	r->nfields = 0;
	if (r->json.cap > KEEP_ROOM)
		buf_clear(&r->json);
	arena_reset(r->arena);
}

static void item_complete(struct json_reader *r)
{
	if (r->mode == MODE_ARRAY)
		emit(r);
	else
		r->pending = true;
}

static void list_or_mapping_complete(struct json_reader *r, bool mapping)
{
	r->item = (struct item){.mapping = mapping, .fields = r->fields};
	r->item.nfields = r->nfields;
	if (!mapping) {
		buf_reset(&r->json);
		json_add_list(&r->json, r->fields, r->nfields);
		r->item.text = arena_bytes(r->arena, buf_bytes(&r->json));
		r->item.kind = VALUE_JSON;
	}
	item_complete(r);
}

static void add_field(struct json_reader *r, struct bytes value, enum value_kind kind)
{
	struct field f = {.value = arena_bytes(r->arena, value), .kind = kind};

	if (r->levels[0].mapping)
		f.name = r->key;
	r->fields = xgrow(r->fields, &r->cap, r->nfields + 1, sizeof f);
	r->fields[r->nfields++] = f;
}

/* --- what yajl finds: 0 stops it, with r->err filled */

/* What stands between two values inside a field. */
static void separate(struct json_reader *r)
{
	struct level *l = &r->levels[r->depth - 1];

	if (l->n++ > 0)
		buf_addc(&r->json, ',');
}

static int on_scalar(struct json_reader *r, struct bytes text, enum value_kind kind)
{
	if (r->depth == 0) {
		r->item =
		    (struct item){.text = arena_bytes(r->arena, text), .kind = kind};
		item_complete(r);
	} else if (r->depth == 1) {
		add_field(r, text, kind);
	} else {
		if (!r->levels[r->depth - 1].mapping)
			separate(r);
		json_add_value(&r->json, text, kind);
	}
	return 1;
}

static int on_bare(struct json_reader *r)
{
	return on_scalar(r, json_bare_value(token(r)), VALUE_BARE);
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
	return on_scalar(arg, (struct bytes){(const char *)text, len}, VALUE_TEXT);
}

static int on_key(void *arg, const unsigned char *text, size_t len)
{
	struct json_reader *r = arg;
	struct bytes key =
	    arena_bytes(r->arena, (struct bytes){(const char *)text, len});

	if (!keyset_add(&r->levels[r->depth - 1].keys, key)) {
		FAIL(r, "duplicate key '%.*s'; remove one of them",
		     (int)width_fit(key, SHOWN), key.p);
		return 0;
	}
	if (r->depth == 1) {
		r->key = key;
	} else {
		separate(r);
		json_add_string(&r->json, key);
		buf_addc(&r->json, ':');
	}
	return 1;
}

static int open_level(struct json_reader *r, bool mapping)
{
	struct level *l;

	if (r->depth == 0 && r->mode == MODE_ARRAY && !r->begun) {
		r->begun = true;
		return 1;
	}
	if (r->depth >= reader_max_depth(&r->cfg)) {
		reader_too_deep(&r->cfg, r->tokens.token_line, r->tokens.token_column,
				r->err);
		return 0;
	}
	if (r->depth == 1)
		buf_reset(&r->json);
	else if (r->depth > 1 && !r->levels[r->depth - 1].mapping)
		separate(r);
	if (r->depth > 0)
		buf_addc(&r->json, mapping ? '{' : '[');
	r->levels = xgrow(r->levels, &r->levels_cap, r->depth + 1, sizeof *r->levels);
	l = &r->levels[r->depth++];
	l->mapping = mapping;
	l->n = 0;
	keyset_init(&l->keys);
	return 1;
}

static int close_level(struct json_reader *r, bool mapping)
{
	if (r->depth == 0) {
		r->ended = true;
		return 1;
	}
	keyset_clear(&r->levels[--r->depth].keys);
	if (r->depth == 0) {
		list_or_mapping_complete(r, mapping);
		return 1;
	}
	buf_addc(&r->json, mapping ? '}' : ']');
	if (r->depth == 1)
		add_field(r, buf_bytes(&r->json), VALUE_JSON);
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

static int on_end_map(void *arg)
{
	return close_level(arg, true);
}

static int on_end_array(void *arg)
{
	return close_level(arg, false);
}

/* --- what a token must be before yajl may see it */

/* An error inside the token, behind so many bytes. */
static int fail_at(struct json_reader *r, size_t at, const char *phrase)
{
	uint64_t column = r->tokens.token_column +
			  utf8_count((struct bytes){token(r).p, at});

	return reader_error(&r->cfg, r->tokens.token_line, column, r->err, "%s", phrase);
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) & 15 : -1;
}

/* The four digits of "\uXXXX" at p; -1: it is not that. */
static int32_t unicode_escape(const char *p, const char *end)
{
	int32_t value = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static bool is_high(int32_t c)
{
	return c >= 0xd800 && c < 0xdc00;
}

static bool is_low(int32_t c)
{
	return c >= 0xdc00 && c < 0xe000;
}

/* The escape at p: its length, or 0 with what is wrong. */
static size_t check_escape(const char *p, const char *end, const char **wrong)
{
	int32_t c;

	if (p[1] != 'u') {
		*wrong = "no such escape; write \\\\ for a backslash";
		return strchr("\"\\/bfnrt", p[1]) != NULL ? 2 : 0;
	}
	c = unicode_escape(p, end);
	if (c < 0)
		*wrong = "\\u needs four hexadecimal digits";
	else if (c == 0)
		*wrong = "NUL (\\u0000) in a text; no argument can hold it";
	else if (is_high(c) && is_low(unicode_escape(p + 6, end)))
		return 12;
	else if (is_high(c) || is_low(c))
		*wrong = "half of a surrogate pair; write both halves, or the character "
			 "itself";
	else
		return 6;
	return 0;
}

/* What the tokens let through has no control characters, and no quote or end
 * behind a backslash. */
static int check_string(struct json_reader *r)
{
	struct bytes text = token(r);
	const char *p = text.p, *end = p + text.len, *wrong = NULL;
	size_t n;

	for (; p < end; p += n) {
		uint32_t code;

		n = 1;
		if (*p == '\\') {
			n = check_escape(p, end, &wrong);
		} else if ((unsigned char)*p >= 0x80) {
			wrong = "not UTF-8; convert the input to UTF-8";
			n = utf8_first((struct bytes){p, (size_t)(end - p)}, &code);
		}
		if (n == 0)
			return fail_at(r, (size_t)(p - text.p), wrong);
	}
	return 0;
}

static int check_word(struct json_reader *r)
{
	struct bytes word = token(r);

	if (json_is_bare(word))
		return 0;
	if (memchr(word.p, '\0', word.len) != NULL)
		return FAIL(r, "NUL byte; if this is UTF-16, convert it to UTF-8");
	if (*word.p == '/' || *word.p == '#')
		return FAIL(r, "JSON has no comments; remove it");
	return FAIL(r, "'%.*s' is not JSON; write a text in double quotes",
		    (int)width_fit(word, SHOWN), word.p);
}

static int check_token(struct json_reader *r)
{
	char first = *token(r).p;

	if (r->ended)
		return FAIL(r, "something behind the end of the array; for JSON Lines that "
			       "are arrays use -f jsonl");
	if (r->pending && first == ',')
		return FAIL(r, "a comma behind a line's value; remove it, or put all in [ ]");
	if (r->pending)
		return FAIL(r, "a second value in a line; begin a new line for each");
	if (first == '"')
		return check_string(r);
	return strchr("{}[],:", first) != NULL && first != '\0' ? 0 : check_word(r);
}

/* --- from tokens to yajl */

/* yajl's phrases, and ours: what it wants to see where this token stands. */
static const char *wanted(const char *phrase)
{
	static const struct {
		const char *theirs, *ours;
	} table[] = {
	    {"unallowed token", "a value"},
	    {"invalid object key", "a key in double quotes"},
	    {"must be separated by a colon", "':' behind the key"},
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
		r->mode = *token(r).p == '[' ? MODE_ARRAY : MODE_LINES;
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
		return reader_error(&r->cfg, r->tokens.line, r->tokens.column, r->err,
				    "the line ends inside a text; close the quote, or write "
				    "\\n");
	return reader_error(&r->cfg, r->tokens.line, r->tokens.column, r->err,
			    "control character U+%04X in a text; write it as \\u%04x", c, c);
}

/* Does the item that is under way have more bytes than it may? */
static bool count(struct json_reader *r, enum json_step step, size_t used)
{
	bool blank = step == JSON_BLANK || step == JSON_NEWLINE;

	if (r->depth == 0 && blank)
		return false;
	if (r->size == 0) {
		r->line = r->tokens.token_line;
		r->column = r->tokens.token_column;
	}
	r->size += used;
	return r->size > r->limit;
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
		if (r->pending)
			emit(r);
		break;
	case JSON_BLANK:
	case JSON_MORE:
		return 0;
	}
	if (r->depth == 0)
		r->size = 0;
	return 0;
}

static int json_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct json_reader *r = (struct json_reader *)base;

	r->err = err;
	while (data.len > 0) {
		/* one byte beyond the limit, where a word may see its end */
		uint64_t most = r->limit - r->size;
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
			return reader_too_long(&r->cfg, r->line, r->column, err);
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
	if (r->pending)
		emit(r);
	if (r->depth > 0)
		return reader_error(&r->cfg, r->line, r->column, err,
				    "the input ends inside the value that begins here");
	if (r->begun && !r->ended)
		return reader_error(&r->cfg, r->tokens.line, r->tokens.column, err,
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

	while (r->depth > 0)
		keyset_clear(&r->levels[--r->depth].keys);
	yajl_free(r->yajl);
	json_tokens_clear(&r->tokens);
	arena_free(r->arena);
	free(r->levels);
	free(r->fields);
	buf_clear(&r->json);
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
	    .yajl_end_map = on_end_map,
	    .yajl_start_array = on_start_array,
	    .yajl_end_array = on_end_array,
	};
	static yajl_alloc_funcs memory = {alloc, resize, release, NULL};
	struct json_reader *r = xcalloc(1, sizeof *r);

	r->cfg = *cfg;
	r->limit = cfg->max_event > 0 ? cfg->max_event : UINT64_MAX;
	r->yajl = yajl_alloc(&callbacks, &memory, r);
	yajl_config(r->yajl, yajl_allow_multiple_values, 1);
	json_tokens_init(&r->tokens);
	r->arena = arena_new();
	r->fields = xgrow(NULL, &r->cap, 1, sizeof *r->fields);
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
