/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_RESULTS_H
#define OUTPUT_RESULTS_H

/* --results: the records and outputs of jobs, kept in files besides stdout.
 *
 * A path with the suffix of a format (see sink_formats) is one file, to which a record
 * per job is appended in the order in which jobs finish, with one write each (a record
 * above 1 MiB takes several); a record that cannot be written whole is removed.  Any
 * other path is a directory, with a directory for each job that is named by its number
 * and holds the files stdout, stderr, and result: JSON without the outputs, which is
 * renamed to its place last, so that where it exists, the others are complete.
 *
 * A file that has contents is never overwritten.  In a directory the results of jobs
 * of the same number are replaced. */

#include <stdbool.h>

#include "base/err.h"
#include "output/outcome.h"
#include "output/spool.h"

struct results;

/* NULL with err.  go_on: add to a file that has contents (a CSV file must have
 * the same columns) instead of refusing it.  path must outlive the results. */
struct results *results_open(const char *path, bool go_on, struct err *err);

/* Write a finished job; streams are only read.  -1 with err, which names the
 * file. */
int results_add(struct results *r, const struct outcome *outcome,
		const struct spool *streams, struct err *err);

void results_free(struct results *r); /* NULL is allowed */

#endif
