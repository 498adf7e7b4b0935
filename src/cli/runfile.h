/* SPDX-License-Identifier: ISC */
#ifndef CLI_RUNFILE_H
#define CLI_RUNFILE_H

/* The run file: what a command line says, as YAML (volley-run(5)).
 *
 * Its keys are the options, from the same table (option.h), and a few more for
 * the words that are no options: command, argv, events, sources.
 *
 * It is read twice.  First it is walked through with libyaml: that finds what
 * is wrong, with its place, before anything is made of it; refuses aliases, deep
 * nesting and huge values at once; and finds the events.  Then libcyaml loads
 * the keys that there are, by a schema made from the table.  All values are
 * texts, and parsed by the functions that parse the command line. */

#include "base/buf.h"
#include "base/err.h"
#include "cli/settings.h"

/* Put the run file that the settings name below them: the command line, which
 * they were made from, wins.  Does nothing without a run file.  -1 with a usage
 * error. */
int runfile_merge(struct settings *s, struct err *err);

/* Append the run file that is equivalent to the settings, written by libcyaml.
 * -1 with err: something in them cannot be written as YAML. */
int runfile_print(const struct settings *s, struct buf *out, struct err *err);

/* Is there such a key? */
bool runfile_has_key(const char *name);

#endif
