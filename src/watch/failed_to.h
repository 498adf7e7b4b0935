/* SPDX-License-Identifier: ISC */
#ifndef WATCH_FAILED_TO_H
#define WATCH_FAILED_TO_H

/* --failed-to: the events whose jobs have failed or were stopped, in the format of
 * the input they came from, so that "volley -a FILE" runs just these again.
 *
 * Written beside the file and renamed at the end: the file may be the input of
 * the same run, and is whole or as it was.  It stays as it was when the run failed
 * before its first job, and when it is the input and events of it may be left.  What
 * is no regular file (a pipe) is written as it is. */

#include <stdbool.h>

#include "base/err.h"
#include "run/watcher.h"

struct failed_to;

struct failed_to_config {
	const char *path;
	bool is_input; /* the events come from there */
	bool selected; /* only some of them are asked for */
	const char *format; /* lines csv tsv json jsonl yaml */
	char delimiter;	    /* lines: what ends an event */
	/* lines: what joins the names of the columns to a first line; '\0': none */
	char header;
	bool no_header; /* csv, tsv */
	bool keeps_cr;	/* lines: they are read with --no-crlf, this time and next */
	bool tells_nul; /* say at the end that the delimiter is NUL */
};

/* NULL with err. */
struct failed_to *failed_to_open(const struct failed_to_config *cfg, struct err *err);

/* Without an end of the run before it, the file stays as it was.  -1 with err: it
 * could not be written. */
int failed_to_close(struct failed_to *f, struct err *err); /* NULL is allowed */

extern const struct watcher_ops failed_to_ops;

#endif
