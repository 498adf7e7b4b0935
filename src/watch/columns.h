/* SPDX-License-Identifier: ISC */
#ifndef WATCH_COLUMNS_H
#define WATCH_COLUMNS_H

/* The width of a line as tqdm counts it: by character, not by grapheme cluster
 * as base/width.h does, so that bars come out the same to the byte.  Wide
 * characters count 2, colour sequences (ESC [ ... letter) 0, everything else 1:
 * combining characters and bad bytes too.  It is never less than what a
 * terminal needs for printable text, so a line that fits by this rule fits. */

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

#define COLUMNS_RESET "\033[0m"

size_t columns_count(struct bytes text);

/* Cut what stands in the buffer from offset start on to at most max columns.
 * Where a colour sequence is left in it, it ends with a reset afterwards. */
void columns_cut(struct buf *line, size_t start, size_t max);

/* The length in bytes of the character that the text (not empty) begins with;
 * 1 for a byte that is not UTF-8. */
size_t columns_char_len(struct bytes text);

#endif
