/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>

#include "base/utf8.h"
#include "event/json_tokens.h"
#include "event/reader.h"

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
