/* SPDX-License-Identifier: ISC */
#ifndef WATCH_SUMMARY_H
#define WATCH_SUMMARY_H

/* What is printed at the end of a run that had failures or ended early: how many of how
 * many jobs failed, grouped by reason, the first few of them, and a command that reruns
 * only those.  Nothing is printed for a run without failures. */

#include "command/template.h"
#include "run/run.h"

struct summary;

struct summary_config {
	const struct template *template;
	unsigned columns; /* a line's width; 0: any */
	/* The command line in two halves, each quoted for a shell, and the option that
	 * goes between them to rerun what has failed; "": none is needed.  Must outlive the
	 * summary. */
	const char *again_before, *again_option, *again_after;
	bool again_numbers; /* the option takes the numbers of the events */
};

struct summary *summary_new(const struct summary_config *cfg);
void summary_free(struct summary *s); /* NULL is allowed */

extern const struct watcher_ops summary_ops;

#endif
