/* SPDX-License-Identifier: ISC */
#ifndef WATCH_SUMMARY_H
#define WATCH_SUMMARY_H

/* What a run that had failures, or was broken off, says at its end: how many
 * of how many, grouped by reason, the first few, and how to run just these
 * again.  A run without failures says nothing. */

#include "command/template.h"
#include "run/watcher.h"

struct summary;

struct summary_config {
	const struct template *template;
	unsigned columns; /* a line's width; 0: any */
	/* The command line in two halves, each already quoted for a shell, and the
	 * option that goes between them to run what has failed again; "": none is
	 * needed; NULL: --only and the numbers.  Must outlive the summary. */
	const char *again_before, *again_option, *again_after;
};

struct summary *summary_new(const struct summary_config *cfg);
void summary_free(struct summary *s); /* NULL is allowed */

extern const struct watcher_ops summary_ops;

#endif
