/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_ASK_H
#define COMMAND_SHELL_ASK_H

/* Questions to the very shell that is going to run the lines, asked once,
 * before the first job. */

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/strv.h"

/* Is the word a builtin, function or keyword, rather than the name of a program,
 * be there one or not? */
bool shell_knows_word(const struct strv *shell, const char *word);

/* Let the shell check the script's syntax without running it (sh -n).  -1 with
 * err, a usage error in the shell's own words. */
int shell_check_syntax(const struct strv *shell, const char *script, struct err *err);

/* Does a bash function that is exported to us occur in the line, as a word? */
bool shell_names_function(const char *line);

#endif
