/* SPDX-License-Identifier: ISC */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

/* How many terminal columns a text takes.  Pure functions that own nothing. */

#include <stddef.h>

#include "base/bytes.h"

/* Columns of the text: wide characters 2, combining ones 0 (by grapheme
 * cluster), bytes that are not UTF-8 and control characters 1 each. */
size_t width_columns(struct bytes text);

/* The length in bytes of the longest start of the text that takes at most
 * max columns; never cuts inside a grapheme cluster. */
size_t width_fit(struct bytes text, size_t max);

#endif
