/* SPDX-License-Identifier: ISC */

/* Sums the columns of grapheme clusters, as utf8proc finds them.  A cluster is as wide
 * as its widest character, so a letter with combining marks takes one column and a flag
 * two. */

#include <config.h>

#include <stdbool.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "base/width.h"

enum { VARIATION_EMOJI = 0xfe0f };

/* One character: its code point (-1 for a bad byte) and its length in bytes. */
static size_t next_char(struct bytes text, size_t at, utf8proc_int32_t *code)
{
	uint32_t c;
	size_t n = utf8_first((struct bytes){text.p + at, text.len - at}, &c);

	*code = n > 0 ? (utf8proc_int32_t)c : -1;
	return n > 0 ? n : 1;
}

static size_t char_columns(utf8proc_int32_t code)
{
	int n;

	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return 1; /* bad bytes and controls are shown as one sign */
	n = utf8proc_charwidth(code);
	return n > 0 ? (size_t)n : 0;
}

static bool is_regional(utf8proc_int32_t code)
{
	return code >= 0x1f1e6 && code <= 0x1f1ff;
}

/* The cluster at *at: moves *at past it and returns its columns.  A cluster
 * is as wide as its widest character; an emoji selector or a pair of regional
 * indicators (a flag) makes it 2. */
static size_t next_cluster(struct bytes text, size_t *at)
{
	utf8proc_int32_t code, next, state = 0;
	size_t columns, len;

	*at += next_char(text, *at, &code);
	columns = char_columns(code);
	while (code >= 0 && *at < text.len) {
		len = next_char(text, *at, &next);
		if (next < 0 || utf8proc_grapheme_break_stateful(code, next, &state))
			break;
		if (char_columns(next) > columns)
			columns = char_columns(next);
		if (next == VARIATION_EMOJI || (is_regional(code) && is_regional(next)))
			columns = 2;
		code = next;
		*at += len;
	}
	return columns;
}

size_t width_columns(struct bytes text)
{
	size_t columns = 0;

	for (size_t at = 0; at < text.len;)
		columns += next_cluster(text, &at);
	return columns;
}

size_t width_fit(struct bytes text, size_t max)
{
	size_t columns = 0, at = 0, end = 0;

	while (at < text.len) {
		columns += next_cluster(text, &at);
		if (columns > max)
			break;
		end = at;
	}
	return end;
}
