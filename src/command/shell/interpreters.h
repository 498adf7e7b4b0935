/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_INTERPRETERS_H
#define COMMAND_SHELL_INTERPRETERS_H

/* Values in the code of other interpreters: sh -c, ssh, awk, ...  Those parse the value
 * as part of their code; binding does not help.
 *
 * Only words are checked, so commands without a shell use this, too. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/buf.h"

/* A placeholder in a word. */
struct code_ref {
	const char *name; /* as written */
	bool sh;	  /* a shell-quoted copy */
	bool waived;	  /* meant as code */
	size_t column;	  /* 0: not in a line */
};

struct code_word {
	struct bytes text; /* as tokens_text gives it */
	struct code_ref *refs;
	size_t n;
};

struct code_check {
	struct arena *arena;
	struct strv *warnings; /* advice is appended */
	struct err *err;
	bool allow_nested;
};

/* -1 with err: a value would be parsed as the code of a shell. */
int code_check_words(const struct code_check *c, const struct code_word *w, size_t n);

/* The same for what a command reads: the body of a here-document. */
int code_check_input(const struct code_check *c, const struct code_word *w, size_t n,
		     const struct code_word *input);

#endif
