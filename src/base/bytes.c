/* SPDX-License-Identifier: ISC */

/* Writes a run of bytes to a descriptor, and measures the distance between two of
 * them (Levenshtein) to find which name a mistyped word was meant to be. */

#include <config.h>

#include <errno.h>
#include <unistd.h>

#include "base/bytes.h"

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

/* How many single changes lead from one word to the other (Levenshtein); words
 * longer than the table are as far as can be. */
static size_t distance(struct bytes a, struct bytes b)
{
	size_t row[MAX_LENGTH + 1], diagonal, above;

	if (a.len > MAX_LENGTH || b.len > MAX_LENGTH)
		return MAX_LENGTH;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			above = row[j];
			row[j] = diagonal + (a.p[i - 1] != b.p[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[b.len];
}

void suggest_begin(struct suggestion *s, struct bytes word)
{
	*s = (struct suggestion){.word = word, .distance = MAX_DISTANCE + 1};
}

void suggest_try(struct suggestion *s, const char *name)
{
	size_t d = distance(s->word, bytes_str(name));

	/* Every name is near a short word, but "x" was not meant to be "run". */
	if (d < s->distance && 2 * d <= strlen(name)) {
		s->distance = d;
		s->best = name;
	}
}
