/* SPDX-License-Identifier: ISC */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/* The command line's options: one table, from which the line is parsed and
 * --help is printed, and to which the man page is held by a test. */

#include "base/buf.h"
#include "base/err.h"
#include "cli/settings.h"

/* Defaults, then argv.  -1 with a usage error.  The settings point into argv. */
int options_parse(struct settings *s, int argc, char *const *argv, struct err *err);

void settings_clear(struct settings *s);

/* The text of --help, and the short usage for a call that makes no sense. */
void options_help(struct buf *out);
void options_usage(struct buf *out);

#endif
