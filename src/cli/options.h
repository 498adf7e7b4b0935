/* SPDX-License-Identifier: ISC */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/* The command line's options: one table, from which the line is parsed and
 * --help is printed, and to which the man page is held by a test. */

#include "base/buf.h"
#include "base/err.h"
#include "cli/settings.h"

/* The defaults.  Clear the settings also when what follows fails. */
void options_init(struct settings *s);

/* Add what argv says.  -1 with a usage error.  The settings point into argv. */
int options_parse(struct settings *s, int argc, char *const *argv, struct err *err);

/* One more source of events, all zero; valid until the next. */
struct input *settings_add_input(struct settings *s);

void settings_clear(struct settings *s);

/* The text of --help, and the short usage for a call that makes no sense. */
void options_help(struct buf *out);
void options_usage(struct buf *out);

#endif
