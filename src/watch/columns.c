/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdbool.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "watch/columns.h"

static bool is_between(char c, char low, char high)
{
	return c >= low && c <= high;
}

/* The length of the colour sequence at the text's start, 0 when there is none. */
static size_t sequence_len(struct bytes text)
{
	size_t at = 2;

	if (text.len < 3 || text.p[0] != '\033' || text.p[1] != '[')
		return 0;
	while (at < text.len && (text.p[at] == ';' || is_between(text.p[at], '0', '9')))
		at++;
	if (at < text.len &&
	    (is_between(text.p[at], 'A', 'Z') || is_between(text.p[at], 'a', 'z')))
		return at + 1;
	return 0;
}

/* Combining characters that Unicode calls wide (the sound marks of decomposed
 * kana among them); utf8proc gives 0 for all combining ones. */
static bool is_wide_mark(uint32_t code)
{
	return (code >= 0x302a && code <= 0x302d) || code == 0x3099 || code == 0x309a ||
	       code == 0x16fe4;
}

/* The character at the text's start: its length, and its columns. */
static size_t next_char(struct bytes text, size_t *columns)
{
	uint32_t code;
	size_t n = utf8_first(text, &code);

	*columns = 1;
	if (n == 0)
		return 1;
	if (utf8proc_charwidth((utf8proc_int32_t)code) == 2 || is_wide_mark(code))
		*columns = 2;
	return n;
}

/* The same, a colour sequence counting as one character without width. */
static size_t next_sign(struct bytes text, size_t *columns)
{
	size_t n = sequence_len(text);

	*columns = 0;
	return n > 0 ? n : next_char(text, columns);
}

static struct bytes tail(struct bytes text, size_t at)
{
	return (struct bytes){text.p + at, text.len - at};
}

size_t columns_char_len(struct bytes text)
{
	size_t columns;

	return next_char(text, &columns);
}

size_t columns_count(struct bytes text)
{
	size_t total = 0, columns;

	for (size_t at = 0; at < text.len; total += columns)
		at += next_sign(tail(text, at), &columns);
	return total;
}

/* The length of the longest start of at most max columns.  has_sequence: it
 * holds a colour sequence. */
static size_t fit(struct bytes text, size_t max, bool *has_sequence)
{
	size_t at = 0, total = 0, columns, n;

	*has_sequence = false;
	while (at < text.len) {
		n = next_sign(tail(text, at), &columns);
		total += columns;
		if (total > max)
			break;
		*has_sequence |= columns == 0;
		at += n;
	}
	return at;
}

static bool ends_with(struct bytes text, struct bytes end)
{
	return text.len >= end.len && bytes_eq(tail(text, text.len - end.len), end);
}

void columns_cut(struct buf *line, size_t start, size_t max)
{
	struct bytes reset = bytes_str(COLUMNS_RESET);
	bool has_sequence;

	if (line->len <= start)
		return;
	line->len = start + fit(tail(buf_bytes(line), start), max, &has_sequence);
	if (has_sequence && !ends_with(tail(buf_bytes(line), start), reset))
		buf_addb(line, reset);
}
