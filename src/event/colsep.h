/* SPDX-License-Identifier: ISC */
#ifndef EVENT_COLSEP_H
#define EVENT_COLSEP_H

/* The separator between the columns of a line: a regular expression (POSIX
 * extended, and \t, \n, \s, \w and the like).  Works on bytes. */

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

struct colsep;

/* NULL with a usage error, a phrase without the pattern: not a regular expression, or
 * one that matches the empty text. */
struct colsep *colsep_new(const char *pattern, struct err *err);
void colsep_free(struct colsep *c); /* NULL is allowed */

/* The byte that separates columns; -1: not a single byte. */
int colsep_byte(const struct colsep *c);

/* Cut the next column off the front of *rest, with the separator after it.
 * rest->p becomes NULL with the last one; a line always has at least one.
 * start: where the line begins, so that ^ does not match elsewhere.  There must
 * be a NUL after the line (checkers of regexec look for it). */
struct bytes colsep_next(struct colsep *c, const char *start, struct bytes *rest);

#endif
