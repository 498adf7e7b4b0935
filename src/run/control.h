/* SPDX-License-Identifier: ISC */
#ifndef RUN_CONTROL_H
#define RUN_CONTROL_H

/* Signals to volley, and what each does to the run.  Nothing is owned here: scheduler,
 * loop and terminal are the caller's. */

#include "run/sched.h"
#include "sys/loop.h"
#include "sys/terminal.h"

struct control {
	struct loop *loop;
	struct sched *sched;
	struct terminal *terminal;
};

/* INT, TERM, HUP and QUIT end the run; TSTP stops the jobs and volley; USR1 says
 * what runs, and for how long; USR2 starts no more jobs.  Signals that were
 * ignored when volley started stay ignored. */
void control_watch(struct control *c);

/* For local_config.suspend: a job that has the terminal was stopped. */
void control_suspend(void *arg);

#endif
