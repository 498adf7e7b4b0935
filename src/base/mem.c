/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"

void *xmalloc(size_t n)
{
	void *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		msg_die_no_memory(n);
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count > 0 ? count : 1, size);

	if (p == NULL)
		msg_die_no_memory(size);
	return p;
}

void *xrealloc(void *p, size_t n)
{
	p = realloc(p, n > 0 ? n : 1);
	if (p == NULL)
		msg_die_no_memory(n);
	return p;
}

char *xmemdup0(const void *p, size_t n)
{
	char *copy = xmalloc(n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *xstrdup(const char *s)
{
	return xmemdup0(s, strlen(s));
}

void *xgrow(void *p, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap;

	if (n <= *cap)
		return p;
	if (want < 8)
		want = 8;
	while (want < n)
		want *= 2;
	if (want > SIZE_MAX / size)
		msg_die_no_memory(SIZE_MAX);
	*cap = want;
	return xrealloc(p, want * size);
}
