/* SPDX-License-Identifier: ISC */
#ifndef WATCH_JOBLOG_H
#define WATCH_JOBLOG_H

/* The job log: a line per finished job, after its output has been written.
 *
 * The format is GNU parallel's (parallel(1), --joblog): a header, then nine
 * columns with tabs between: Seq Host Starttime JobRuntime Send Receive Exitval
 * Signal Command.  Send is 1 for a job that had failed and was run again
 * (--resume-failed), else 0.  A newline in the command is written as NUL.  Jobs that were
 * stopped because the run ended are not logged, so that --resume runs them. */

#include <stdbool.h>

#include "base/err.h"
#include "command/template.h"
#include "run/run.h"
#include "sys/loop.h"

struct joblog;

enum joblog_sync {
	JOBLOG_SYNC_SECOND, /* to the disk at most once a second, and at the end */
	JOBLOG_SYNC_JOB,    /* after each job */
};

struct joblog_config {
	struct loop *loop;
	const struct template *template;
	const char *path;
	bool append; /* keep the contents (--resume); else the file is emptied */
	enum joblog_sync sync;
};

/* Opens and locks the file: two runs cannot share one.  A file that has contents and is
 * not a job log is never written to.  NULL with err. */
struct joblog *joblog_open(const struct joblog_config *cfg, struct err *err);

/* The descriptor, to read the contents before the run. */
int joblog_fd(const struct joblog *j);

/* Sync the last data to the disk, and close.  -1 with err. */
int joblog_close(struct joblog *j, struct err *err);

extern const struct watcher_ops joblog_ops;

/* The first line of every job log, with its newline. */
extern const char joblog_header[];

#endif
