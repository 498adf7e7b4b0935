/* SPDX-License-Identifier: ISC */

/* Shows and writes a run of bytes, and measures the distance between two of
 * them to find which name a mistyped word was meant to be. */

#include <config.h>

#include <errno.h>
#include <unistd.h>

#include "base/bytes.h"

/* The length of the control character at the start of text; 0: it is none.  Those above
 * 0x80 take two bytes in UTF-8. */
static size_t control_length(struct bytes text)
{
	unsigned char c = (unsigned char)text.p[0];

	if (c < 0x20 || c == 0x7f)
		return 1;
	return c == 0xc2 && text.len > 1 && (unsigned char)text.p[1] < 0xa0 ? 2 : 0;
}

static void put_hex(char *to, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	to[0] = '\\';
	to[1] = 'x';
	to[2] = digits[c >> 4];
	to[3] = digits[c & 15];
}

size_t bytes_printable(struct bytes *text, const char *keep, char to[BYTES_PRINTABLE])
{
	static const char letters[][2] = {{'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}};
	const char *p = text->p;
	size_t n = control_length(*text), len = 0;

	if (n == 0 || (*p != '\0' && strchr(keep, *p) != NULL)) {
		n = 1;
		to[len++] = *p;
	}
	text->p += n;
	text->len -= n;
	for (size_t i = 0; len == 0 && i < sizeof letters / sizeof *letters; i++)
		if (*p == letters[i][0]) {
			to[0] = '\\';
			to[1] = letters[i][1];
			return 2;
		}
	if (len == 0)
		for (size_t i = 0; i < n; i++, len += 4)
			put_hex(to + len, (unsigned char)p[i]);
	return len;
}

int bytes_write(int fd, struct bytes text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text.p += n;
		text.len -= (size_t)n;
	}
	return 0;
}

/* --- suggestions */

enum {
	MAX_LENGTH = 32,  /* of a word that is compared at all */
	MAX_DISTANCE = 3, /* at a greater distance it is another word */
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many single changes lead from one word to the other, where two neighbours that
 * change places are one (Damerau and Levenshtein); words longer than the table are as far
 * as can be. */
static size_t distance(struct bytes a, struct bytes b)
{
	size_t d[MAX_LENGTH + 1][MAX_LENGTH + 1];

	if (a.len > MAX_LENGTH || b.len > MAX_LENGTH)
		return MAX_LENGTH;
	for (size_t j = 0; j <= b.len; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		d[i][0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			d[i][j] = least(d[i - 1][j], d[i][j - 1]) + 1;
			d[i][j] = least(d[i][j],
					d[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a.len][b.len];
}

void suggest_begin(struct suggestion *s, struct bytes word)
{
	*s = (struct suggestion){.word = word, .distance = MAX_DISTANCE + 1};
}

void suggest_try(struct suggestion *s, const char *name)
{
	size_t d = distance(s->word, bytes_str(name));

	/* A word that was cut short is nearer than one that was mistyped. */
	if (s->word.len >= 3 && strncmp(name, s->word.p, s->word.len) == 0)
		d = 0;
	/* Every name is near a short word, but "x" was not meant to be "run". */
	if (d < s->distance && 2 * d <= strlen(name)) {
		s->distance = d;
		s->best = name;
	}
}
