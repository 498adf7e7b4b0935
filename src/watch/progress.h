/* SPDX-License-Identifier: ISC */
#ifndef WATCH_PROGRESS_H
#define WATCH_PROGRESS_H

/* What is shown of a run while it goes on: a bar on the terminal or plain lines for
 * logs, and the commands as they start (-t). */

#include <stdint.h>

#include "command/template.h"
#include "run/run.h"
#include "sys/loop.h"
#include "sys/terminal.h"

enum progress_kind {
	PROGRESS_AUTO,	/* a bar when stderr is a terminal, else nothing */
	PROGRESS_BAR,	/* a bar, whatever stderr is */
	PROGRESS_PLAIN, /* a line at intervals, and one at the end */
	PROGRESS_NONE,
};

struct progress_config {
	struct loop *loop;
	struct terminal *terminal;
	enum progress_kind kind;
	int64_t interval_ns; /* PROGRESS_PLAIN */
	const char *unit;
};

struct progress;

struct progress *progress_new(const struct progress_config *cfg);
void progress_free(struct progress *p); /* NULL is allowed */

/* arg of the watcher: the struct progress. */
extern const struct watcher_ops progress_ops;

/* Each command before it runs.  arg of the watcher: the struct template. */
extern const struct watcher_ops verbose_ops;

#endif
