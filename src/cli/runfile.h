/* SPDX-License-Identifier: ISC */
#ifndef CLI_RUNFILE_H
#define CLI_RUNFILE_H

/* The run file: what a command line says, as YAML (volley-run(5)).  Loaded and printed
 * by libcyaml. */

#include "base/buf.h"
#include "base/err.h"
#include "cli/given.h"

/* Fill the list, which is empty, from the file.  The path must live as long as the list.
 * -1 with a usage error. */
int runfile_load(const char *path, struct given_list *list, struct err *err);

/* Fill all with the run files that the command line names, each over those before it,
 * and the command line over them.  -1 with a usage error. */
int runfile_merge(const struct given_list *line, struct given_list *all, struct err *err);

/* Append the run file that is equivalent to the list.  -1 with err: something in it
 * cannot be written as YAML. */
int runfile_print(const struct given_list *l, struct buf *out, struct err *err);

#endif
