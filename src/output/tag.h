/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_TAG_H
#define OUTPUT_TAG_H

/* What stands before every line of a job's output. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* The text and a tab, in the arena.  Control characters of the text are spelled
 * out (\n, \x1b), so that a tag is one line and does nothing to a terminal.  With
 * color the text has one of six colours, by the number. */
struct bytes tag_make(const char *text, uint64_t number, bool color, struct arena *a);

#endif
