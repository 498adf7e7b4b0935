/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOB_H
#define RUN_JOB_H

/* A job: one command for one event (or a batch of them), from the moment the event is
 * read to the last byte of its output.  Only the scheduler sees and changes jobs;
 * observers get their bindings and their outcome.  This module handles what concerns
 * one job alone: its state, its time, how it is killed, and its outcome. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "command/template.h"
#include "engine/engine.h"
#include "event/event.h"
#include "output/outcome.h"
#include "output/output.h"
#include "run/run.h"

/* READY -> RUNNING -> VACATED -> DONE; a retry goes back to READY, and from there to DONE
 * when the run ends before it. */
enum job_state {
	JOB_READY,   /* has its events, waits for a slot */
	JOB_RUNNING, /* is with the engine */
	JOB_VACATED, /* its process has ended, its streams may not have */
	JOB_DONE,    /* has its result; its output is on its way */
};

/* Why it is being killed: the first reason stays. */
enum job_kill { KILL_NONE, KILL_TIMEOUT, KILL_STOP };

/* What the jobs of a run have in common. */
struct job_rules {
	const struct sched_config *cfg;
	struct median run_times;  /* of the jobs that have succeeded */
	unsigned messages;	  /* about single jobs, so far */
	bool warned_truncated;
};

struct job {
	enum job_state state;
	struct job_rules *rules;
	struct arena *arena; /* everything below points into it */
	struct event **events;
	size_t nevents, events_cap; /* the array itself is malloc'ed */
	struct bindings bindings;   /* its number, slot and events */
	struct command command;
	struct outcome outcome; /* valid when DONE, except for try: starts so far */

	struct engine_task task;
	struct output_job output;
	struct link link; /* in the list of running, waiting or done jobs */
	int64_t started; /* clock_mono, ns; 0: the engine has not begun with it */
	int64_t due;	 /* READY for another try: not before this (clock_mono) */
	enum job_kill killed;
	unsigned kill_step; /* the next of the termination sequence; 0: not begun */
	unsigned shortages; /* starts that failed for want of processes */
	struct loop_timer kill_timer, timeout_timer;
};

void job_signal(struct job *job, int signo);

/* Begin to kill the job, for this reason unless there is one already; from_step:
 * where in the termination sequence. */
void job_terminate(struct job *job, enum job_kill why, unsigned from_step);

/* The engine has begun with the job: its time runs from there. */
void job_begin(struct job *job, int64_t when);

/* Kill the job if its time is over, else set a timer.  Call again when the limit may
 * have changed. */
void job_check_time(struct job *job);

/* The job has ended by this result: fill in its outcome. */
void job_judge(struct job *job, const struct engine_result *r);

/* Print what its user should know about the outcome; only the first few jobs'. */
void job_explain(struct job *job);

/* Print what runs, where, and for how long. */
void job_print(const struct job *job);

/* Fill in the texts of the outcome that only records have. */
void job_describe(struct job *job);

#endif
