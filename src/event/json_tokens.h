/* SPDX-License-Identifier: ISC */
#ifndef EVENT_JSON_TOKENS_H
#define EVENT_JSON_TOKENS_H

/* Cuts JSON into whole tokens and knows at which line and column each begins, however
 * the input is cut into pieces.  What the tokens mean, and in which order they may come,
 * is the parser's business. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum json_step {
	JSON_MORE,    /* all was used; a token is not complete yet, or none began */
	JSON_BLANK,   /* blanks were stepped over */
	JSON_NEWLINE, /* so was a newline */
	JSON_TOKEN,   /* text is a whole token */
	JSON_CONTROL, /* a control character inside a string comes next */
};

struct json_tokens {
	uint64_t line, column; /* of the next character, from 1; in characters */
	enum { JSON_BETWEEN, JSON_STRING, JSON_WORD } state;
	bool escaped; /* a backslash came last */

	/* The token, or the start of one that is not complete: a sign, a string
	 * with its quotes, or a word (anything else up to a blank or sign). */
	struct buf text;
	uint64_t token_line, token_column;
};

void json_tokens_init(struct json_tokens *t);
void json_tokens_clear(struct json_tokens *t);

/* Use up the start of *data (not empty). */
enum json_step json_tokens_next(struct json_tokens *t, struct bytes *data);

/* At the end of the input: a word needs nothing after it. */
enum json_step json_tokens_end(struct json_tokens *t);

/* What is wrong inside a string token, and at which byte; NULL: nothing. */
const char *json_string_fault(struct bytes token, size_t *at);

#endif
