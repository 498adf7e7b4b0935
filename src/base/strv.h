/* SPDX-License-Identifier: ISC */
#ifndef BASE_STRV_H
#define BASE_STRV_H

/* A growable vector of strings that it owns, always ended by NULL once
 * anything was added: ready for execve. */

#include <stddef.h>

struct strv {
	char **v;
	size_t n, cap;
};

#define STRV_INIT {NULL, 0, 0}

void strv_add(struct strv *s, const char *text);  /* copies */
void strv_take(struct strv *s, char *text);	  /* takes a malloc'ed string */
void strv_clear(struct strv *s);

#endif
