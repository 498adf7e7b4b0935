/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_ASK_H
#define COMMAND_SHELL_ASK_H

/* Questions to the shell that is going to run the lines.  The answers own their text. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "command/shell/dialect.h"

/* What a shell has answered. */
struct shell_answers {
	const struct strv *shell; /* it and its flags; must outlive this */
	struct shell_dialect dialect;
	struct buf said; /* by the questions */
	const char *own; /* its builtins, when it need not be asked; or NULL */
};

/* Ask the shell once what it is and which of the words in the line it knows; other
 * words are asked about when they are looked up.  Afterwards a->dialect is for
 * shell_compile, and valid until shell_answers_clear. */
void shell_identify(struct shell_answers *a, const struct strv *shell, const char *line);
void shell_answers_clear(struct shell_answers *a);

/* Let the shell check the script's syntax without running it (sh -n).  -1 with
 * err, a usage error in the shell's own words. */
int shell_check_syntax(const struct shell_answers *a, const char *script, struct err *err);

/* Does a bash function that is exported to volley occur in the line, as a word? */
bool shell_names_function(const char *line);

#endif
