/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOB_H
#define RUN_JOB_H

/* A job: one command for one event (or a batch of them), from the pull of the
 * event to the last byte of its output.  Only the scheduler sees and changes it;
 * observers get its bindings and its outcome. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "command/template.h"
#include "engine/engine.h"
#include "event/event.h"
#include "output/outcome.h"
#include "output/output.h"
#include "sys/loop.h"

/* READY -> RUNNING -> DONE -> RETIRED; a retry goes from DONE to READY, and back when the
 * run ends before it. */
enum job_state {
	JOB_READY,   /* has its events, waits for a slot */
	JOB_RUNNING, /* is with the engine */
	JOB_DONE,    /* has its result; its output is on its way */
	JOB_RETIRED, /* all is written: about to be freed */
};

/* Why it is being killed: the first reason stays. */
enum job_kill { KILL_NONE, KILL_TIMEOUT, KILL_STOP };

struct job {
	enum job_state state;
	struct arena *arena; /* everything below points into it */
	struct event **events;
	size_t nevents, events_cap; /* the array itself is malloc'ed */
	struct bindings bindings;   /* its number, slot and events */
	struct command command;
	struct outcome outcome; /* valid when DONE, except for try: starts so far */

	struct sched *sched;
	struct engine_task task;
	struct output_job output;
	struct link link; /* in the list of running, waiting or done jobs */
	int64_t started; /* clock_mono, ns; 0: the engine has not begun with it */
	int64_t due;	 /* READY for another try: not before this (clock_mono) */
	bool vacated;	 /* its process has ended, its streams may not have */
	enum job_kill killed;
	unsigned kill_step; /* how far the termination has got; 0: not begun */
	unsigned shortages; /* starts that failed for want of processes */
	struct loop_timer kill_timer, timeout_timer;
};

#endif
