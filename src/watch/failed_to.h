/* SPDX-License-Identifier: ISC */
#ifndef WATCH_FAILED_TO_H
#define WATCH_FAILED_TO_H

/* --failed-to: the events whose jobs failed or were stopped, in the format of the input
 * they came from, so that "volley -a FILE" reruns only those.
 *
 * The events are written to a file beside it, which is renamed at the end: the file may
 * be the input of the same run, and is replaced whole or not at all.  It is not
 * replaced when the run failed before its first job, and when it is the input and may
 * hold events that were not run.  A file that is not regular (a pipe) is written
 * directly. */

#include <stdbool.h>

#include "base/err.h"
#include "run/run.h"

struct failed_to;

struct failed_to_config {
	const char *name; /* what messages begin with */
	const char *path;
	bool is_input; /* the events come from there */
	bool selected; /* only some of them are run */
	const char *format; /* lines csv tsv json jsonl yaml */
	char delimiter;	    /* lines: what ends an event */
	/* lines: what joins the names of the columns to a first line; '\0': none */
	char header;
	char separator; /* csv, tsv: between fields */
	bool quoted;	/* csv, tsv: quotes are not text */
	bool no_header; /* csv, tsv */
	bool keeps_cr;	/* lines: they are read with --no-crlf, now and in the rerun */
	bool tells_nul; /* say at the end that the delimiter is NUL */
};

/* NULL with err. */
struct failed_to *failed_to_open(const struct failed_to_config *cfg, struct err *err);

/* The file is left as it was if the run has not ended before.  -1 with err: it could
 * not be written. */
int failed_to_close(struct failed_to *f, struct err *err); /* NULL is allowed */

extern const struct watcher_ops failed_to_ops;

#endif
