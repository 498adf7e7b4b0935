/* SPDX-License-Identifier: ISC */
#ifndef RUN_CONTROL_H
#define RUN_CONTROL_H

/* What its user can change in a run: signals to volley, and the number in -j's file.
 * Nothing is owned here: scheduler, loop and terminal are the caller's. */

#include "run/sched.h"
#include "sys/loop.h"
#include "sys/terminal.h"

struct control {
	struct loop *loop;
	struct sched *sched;
	struct terminal *terminal;
	const char *jobs_file; /* -j FILE, read once a second; NULL: none */
	unsigned jobs;	       /* at a time, now */

	/* Its own. */
	struct loop_timer timer;
	bool warned; /* that the file is bad */
};

/* INT, TERM, HUP and QUIT end the run; TSTP stops the jobs and volley; USR1 says
 * what runs, and for how long; USR2 starts no more jobs.  Signals that were
 * ignored when volley started stay ignored.  A bad jobs file leaves the old number. */
void control_watch(struct control *c);

/* For local_config.suspend: a job that has the terminal was stopped. */
void control_suspend(void *arg);

#endif
