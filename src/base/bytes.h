/* SPDX-License-Identifier: ISC */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

/* A run of bytes that its holder does not own: compare it, write it, find the name
 * that it may have been meant to be.  It may hold any byte, NUL too. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
	const char *p;
	size_t len;
};

static inline struct bytes bytes_str(const char *s)
{
	return (struct bytes){s, strlen(s)};
}

static inline bool bytes_eq(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool bytes_is(struct bytes a, const char *s)
{
	return bytes_eq(a, bytes_str(s));
}

/* Take the next character off text (not empty) and write how it is shown to a person:
 * control characters become \xHH, \n, \r or \t, except those in keep.  Returns the length.
 * Every message goes through this, here or in a buffer. */
enum { BYTES_PRINTABLE = 8 };
size_t bytes_printable(struct bytes *text, const char *keep, char to[BYTES_PRINTABLE]);

/* Write all of it to a blocking descriptor.  -1 with errno. */
int bytes_write(int fd, struct bytes text);

/* "Did you mean ...?": the one of several names that begins with a word, or is nearest to
 * it, when the word equals none of them. */
struct suggestion {
	struct bytes word;
	const char *best; /* NULL: no name is near enough */
	size_t distance;
};

void suggest_begin(struct suggestion *s, struct bytes word);

/* Compare with one of the names, which must outlive the suggestion.  Of several
 * that are equally near, the first stays. */
void suggest_try(struct suggestion *s, const char *name);

#endif
