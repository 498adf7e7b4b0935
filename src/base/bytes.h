/* SPDX-License-Identifier: ISC */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

/* A run of bytes that somebody else owns.  May hold any byte, NUL too. */

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

#endif
