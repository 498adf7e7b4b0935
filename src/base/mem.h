/* SPDX-License-Identifier: ISC */
#ifndef BASE_MEM_H
#define BASE_MEM_H

/* Allocation that cannot fail: out of memory ends the program with a message. */

#include <stddef.h>

/* As malloc, calloc, realloc, strdup, strndup; the caller frees with free(). */
void *xmalloc(size_t n);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xmemdup0(const void *p, size_t n); /* n bytes and a NUL */

/* Make room for at least n elements of the given size in the array p that has
 * *cap of them now; returns the (moved) array and updates *cap. */
void *xgrow(void *p, size_t *cap, size_t n, size_t size);

/* On failure they print how many bytes were requested, and exit with STATUS_ERROR.  For
 * libraries that report a lack of memory themselves. */
_Noreturn void mem_die(size_t wanted);

#endif
