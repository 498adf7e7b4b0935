/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "watch/cells.h"
#include "watch/columns.h"

/* The charset's characters: how many there are, and the one at an index. */
static int64_t count_chars(struct bytes set)
{
	int64_t n = 0;

	for (size_t at = 0; at < set.len; n++)
		at += columns_char_len((struct bytes){set.p + at, set.len - at});
	return n;
}

static struct bytes char_at(struct bytes set, int64_t index)
{
	while (index-- > 0) {
		size_t n = columns_char_len(set);

		set.p += n;
		set.len -= n;
	}
	set.len = columns_char_len(set);
	return set;
}

static void add_repeated(struct buf *out, struct bytes text, int64_t times)
{
	while (times-- > 0)
		buf_addb(out, text);
}

/* ASCII only: strcasecmp would ask the locale. */
static bool is_name(const char *text, const char *name)
{
	for (; *name != '\0' && (*text | 0x20) == *name; name++)
		text++;
	return *text == '\0' && *name == '\0';
}

static bool add_colour(struct buf *out, const char *colour)
{
	static const char *const names[] = {"black", "red",	"green", "yellow",
					    "blue",  "magenta", "cyan",	 "white"};
	unsigned long rgb;

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		if (is_name(colour, names[i])) {
			buf_addf(out, "\033[%um", 30 + i);
			return true;
		}
	}
	if (colour[0] != '#' || strlen(colour) != 7 ||
	    strspn(colour + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	rgb = strtoul(colour + 1, NULL, 16);
	buf_addf(out, "\033[38;2;%lu;%lu;%lum", rgb >> 16, rgb >> 8 & 0xff, rgb & 0xff);
	return true;
}

static void add_row(struct buf *out, double done, int64_t cells, struct bytes set)
{
	int64_t steps = count_chars(set) - 1, filled, full;

	assert(steps > 0);
	filled = (int64_t)(done * (double)cells * (double)steps);
	full = filled / steps;
	add_repeated(out, char_at(set, steps), full);
	if (full >= cells)
		return;
	buf_addb(out, char_at(set, filled % steps));
	add_repeated(out, char_at(set, 0), cells - full - 1);
}

void cells_add(struct buf *out, double done, int64_t cells, const char *charset,
	       const char *colour)
{
	bool coloured = colour != NULL && add_colour(out, colour);

	add_row(out, done, cells, bytes_str(charset));
	if (coloured)
		buf_adds(out, COLUMNS_RESET);
}
