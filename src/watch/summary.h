/* SPDX-License-Identifier: ISC */
#ifndef WATCH_SUMMARY_H
#define WATCH_SUMMARY_H

/* What is printed at the end of a run that had failures or ended early: how many of how
 * many jobs failed, grouped by reason, the first few of them and of those that were
 * stopped, and the commands that rerun the failures and continue the run.  Nothing is
 * printed for a run without failures. */

#include "command/template.h"
#include "run/run.h"

struct summary;

/* The command line again, and what is put into it.  All strings are quoted for a shell
 * and must outlive the summary. */
struct again {
	const char *before, *after; /* its two halves */
	const char *numbers; /* the option that takes numbers of events; NULL: there is a log */
	const char *failed, *rest; /* the options that with a log run the failures and what
				    * is left, or just what is left */
	const char *terminal; /* the option for a job that wants the terminal; "": none */
	const char *from_file; /* the option that reads the failed events from a file, since
				* they cannot be read from the input again; NULL: none */
	bool same_input; /* the events come from a standard input that the line lacks */
	const struct seq_range *selected; /* the events of the run; n = 0: all */
	size_t nselected;
};

struct summary_config {
	const struct template *template;
	unsigned columns; /* a line's width; 0: any */
	struct again again;
};

struct summary *summary_new(const struct summary_config *cfg);
void summary_free(struct summary *s); /* NULL is allowed */

extern const struct watcher_ops summary_ops;

#endif
