/* SPDX-License-Identifier: ISC */

/* Allocation that ends the program when there is no memory.  The message is formatted
 * on the stack and written directly: it needs no memory and no other module. */

#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

void mem_die(size_t wanted)
{
	char text[80];
	int n = snprintf(text, sizeof text, "volley: out of memory (%zu bytes wanted)\n",
			 wanted);

	(void)!write(STDERR_FILENO, text, (size_t)n);
	_exit(STATUS_ERROR);
}

void *xmalloc(size_t n)
{
	void *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		mem_die(n);
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count > 0 ? count : 1, size);

	if (p == NULL)
		mem_die(size);
	return p;
}

void *xrealloc(void *p, size_t n)
{
	p = realloc(p, n > 0 ? n : 1);
	if (p == NULL)
		mem_die(n);
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
		mem_die(SIZE_MAX);
	*cap = want;
	return xrealloc(p, want * size);
}
