/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_WORDS_CHECK_H
#define COMMAND_WORDS_CHECK_H

/* What can be said of a command that is given as words, before it runs. */

#include "base/buf.h"
#include "command/placeholder.h"

/* Refuse a value inside the code of an inner shell (sudo sh -c 'rm {}'), and
 * append a warning of one inside the code of ssh, awk, ...  -1 with err. */
int words_check_code(const struct word *words, size_t n, const struct placeholders *all,
		     bool allow_nested, struct strv *warnings, struct err *err);

/* A warning when a word is an operator of the shell's: no shell will see it. */
void words_warn_of_operators(char *const *words, size_t n);

#endif
