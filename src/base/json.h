/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSON_H
#define BASE_JSON_H

/* Writes JSON strings, and recognises numbers, true, false and null. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Append a string literal; each byte that is not UTF-8 becomes U+FFFD. */
void json_add_string(struct buf *b, struct bytes text);

/* Append part of a string literal, without its quotes: for text that is known to be
 * UTF-8, in pieces that may end inside a character. */
void json_add_piece(struct buf *b, struct bytes text);

/* Is text spelled as a JSON number, true, false or null? */
bool json_is_bare(struct bytes text);

#endif
