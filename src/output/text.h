/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

/* What bytes must become before a format that knows only text can hold them. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/utf8.h"

/* Is a stream, seen piece by piece, UTF-8 without NUL?  All zero at first. */
struct text_check {
	bool bad;	  /* no: and nothing can change that */
	struct utf8 last; /* its last character */
};

void text_check_add(struct text_check *c, struct bytes data);
bool text_check_passes(const struct text_check *c); /* at the end */

/* A stream as base64 on one line, piece by piece.  All zero at first. */
struct base64 {
	unsigned char rest[3];
	unsigned nrest;
};

void base64_add(struct base64 *b, struct bytes data, struct buf *out);
void base64_end(struct base64 *b, struct buf *out);

/* The text in the arena, ended by a NUL that is its only one; bytes that are not
 * UTF-8, and NUL, become U+FFFD. */
char *text_clean(struct bytes text, struct arena *a);

#endif
