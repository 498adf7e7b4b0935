/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOB_LIMIT_H
#define RUN_JOB_LIMIT_H

/* -j: how many jobs may run at a time.  The number may be in a file, and change there
 * while volley runs. */

#include <stdbool.h>

#include "base/err.h"
#include "run/sched.h"
#include "sys/loop.h"

/* text as -j takes it: "8"; "50%" of the CPUs, "+2" or "-1" relative to them (at
 * least 1 results); "0": as many as the limits of the system allow (most).
 * Returns 0, or -1 with a usage error. */
int job_limit_parse(const char *text, unsigned cpus, unsigned most, unsigned *jobs,
		    struct err *err);

/* The number in the file now, in any form that -j takes.  -1 with err. */
int job_limit_read(const char *path, unsigned cpus, unsigned most, unsigned *jobs,
		   struct err *err);

/* The most jobs that may run at a time, by the limits on open files and
 * processes. */
unsigned job_limit_most(void);

struct job_limit_file {
	const char *path;
	unsigned cpus, most; /* see job_limit_parse */
	struct loop *loop;
	struct sched *sched;

	/* Its own. */
	struct loop_timer timer;
	unsigned jobs;
	bool warned; /* that the file is bad */
};

/* Read the file once a second from now on, and tell the scheduler when the number has
 * changed.  After a warning about a bad file the old number stays. */
void job_limit_watch(struct job_limit_file *f);
void job_limit_unwatch(struct job_limit_file *f);

#endif
