/* SPDX-License-Identifier: ISC */

/* Everything between tokens is stepped over, and a token is copied to t->text until it
 * is whole, so that input may be cut anywhere.  A word ends only with what follows it.
 * The check of strings is for what yajl lets pass or reports without a place: escapes,
 * halves of surrogate pairs, text that is not UTF-8. */

#include <config.h>

#include <string.h>

#include "base/utf8.h"
#include "event/json_tokens.h"

enum { KEEP_ROOM = 256 * 1024 }; /* memory kept for the next token */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_sign(char c)
{
	return c != '\0' && strchr("{}[],:", c) != NULL;
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '\n' || c == '"' || is_sign(c);
}

/* Step over n bytes, which hold no newline. */
static struct bytes step(struct json_tokens *t, struct bytes *data, size_t n)
{
	struct bytes passed = {data->p, n};

	t->column += utf8_count(passed);
	data->p += n;
	data->len -= n;
	return passed;
}

static void take(struct json_tokens *t, struct bytes *data, size_t n)
{
	buf_addb(&t->text, step(t, data, n));
}

static enum json_step token_ends(struct json_tokens *t)
{
	t->state = JSON_BETWEEN;
	return JSON_TOKEN;
}

/* The length of the start of a string that is nothing special. */
static size_t plain_run(struct bytes data)
{
	size_t n = 0;

	while (n < data.len && (unsigned char)data.p[n] >= 0x20 && data.p[n] != '"' &&
	       data.p[n] != '\\')
		n++;
	return n;
}

static enum json_step next_in_string(struct json_tokens *t, struct bytes *data)
{
	while (data->len > 0) {
		char c = *data->p;

		if ((unsigned char)c < 0x20)
			return JSON_CONTROL;
		if (t->escaped) {
			take(t, data, 1);
			t->escaped = false;
		} else if (c == '"') {
			take(t, data, 1);
			return token_ends(t);
		} else if (c == '\\') {
			take(t, data, 1);
			t->escaped = true;
		} else {
			take(t, data, plain_run(*data));
		}
	}
	return JSON_MORE;
}

static enum json_step next_in_word(struct json_tokens *t, struct bytes *data)
{
	size_t n = 0;

	while (n < data->len && !ends_word(data->p[n]))
		n++;
	take(t, data, n);
	return data->len > 0 ? token_ends(t) : JSON_MORE;
}

static enum json_step next_blank(struct json_tokens *t, struct bytes *data)
{
	size_t n = 0;

	if (*data->p == '\n') {
		step(t, data, 1);
		t->line++;
		t->column = 1;
		return JSON_NEWLINE;
	}
	while (n < data->len && is_blank(data->p[n]))
		n++;
	step(t, data, n);
	return JSON_BLANK;
}

static enum json_step begin_token(struct json_tokens *t, struct bytes *data)
{
	if (t->text.cap > KEEP_ROOM)
		buf_clear(&t->text);
	buf_reset(&t->text);
	t->token_line = t->line;
	t->token_column = t->column;
	t->escaped = false;
	if (is_sign(*data->p)) {
		take(t, data, 1);
		return JSON_TOKEN;
	}
	if (*data->p != '"') {
		t->state = JSON_WORD;
		return next_in_word(t, data);
	}
	t->state = JSON_STRING;
	take(t, data, 1);
	return next_in_string(t, data);
}

void json_tokens_init(struct json_tokens *t)
{
	*t = (struct json_tokens){.line = 1, .column = 1, .text = BUF_INIT};
}

void json_tokens_clear(struct json_tokens *t)
{
	buf_clear(&t->text);
}

enum json_step json_tokens_next(struct json_tokens *t, struct bytes *data)
{
	switch (t->state) {
	case JSON_STRING:
		return next_in_string(t, data);
	case JSON_WORD:
		return next_in_word(t, data);
	case JSON_BETWEEN:
		break;
	}
	if (is_blank(*data->p) || *data->p == '\n')
		return next_blank(t, data);
	return begin_token(t, data);
}

enum json_step json_tokens_end(struct json_tokens *t)
{
	return t->state == JSON_WORD ? token_ends(t) : JSON_MORE;
}

/* --- checking strings */

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

const char *json_string_fault(struct bytes text, size_t *at)
{
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
		if (n == 0) {
			*at = (size_t)(p - text.p);
			return wrong;
		}
	}
	return NULL;
}
