/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_QUOTE_H
#define COMMAND_QUOTE_H

/* Text as words of a POSIX shell line, to be read and copied. */

#include "base/buf.h"
#include "base/bytes.h"

/* Append text as one shell word with exactly this value: bare where nothing in
 * it means anything to a shell, else in single quotes.  Control characters
 * (but newline and tab), C1 controls and bytes that are not UTF-8 are written
 * as "$(printf '\033')", so that the line is safe to print on a terminal. */
void quote_word(struct buf *out, struct bytes text);

/* The same, but always in quotes: for places where a bare word could be a
 * keyword, an assignment or a descriptor number. */
void quote_always(struct buf *out, struct bytes text);

#endif
