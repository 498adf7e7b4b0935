/* SPDX-License-Identifier: ISC */
#ifndef RUN_SCHED_INTERNAL_H
#define RUN_SCHED_INTERNAL_H

/* Shared by the three files of the scheduler: sched.c (the run: its phase and its
 * end), sched_start.c (from event to running job), sched_result.c (from result to
 * retirement or retry).  Not included elsewhere. */

#include "run/job_pool.h"
#include "run/median.h"
#include "run/sched.h"

struct sched {
	struct sched_config cfg;
	struct run_state state;
	struct output *output;
	struct job_pool pool;
	struct link running, waiting, done; /* waiting: for their next try */
	struct loop_call turn; /* starts what can start, and looks for the end */

	/* events */
	struct job *next; /* collects its batch of events */
	uint64_t next_seq;
	bool prepared; /* the template has seen an event */
	bool input_ended;

	/* starts */
	uint64_t most;	    /* jobs at a time while the system is short of processes */
	int64_t grow_at;    /* when to try more than that */
	bool retried_last;  /* the last start was a retry: the next is a new job */
	int64_t next_start; /* --delay: not before this */
	struct loop_timer start_timer;
	struct median run_times;
	struct loop_timer median_timer;

	/* results */
	uint64_t random;
	unsigned messages;
	bool told_truncated, told_short;

	/* the end */
	int64_t ending_since; /* clock_mono: when the phase last changed */
	int signo;	      /* END_SIGNAL */
	struct err err;	      /* END_ERROR */
	bool has_err;
	bool failed; /* volley itself, after which output may be incomplete */
	int halt_status; /* END_HALTED: as a shell would have it in $? */
	bool finishing, engine_finished, finished;
	struct loop_timer deadline_timer, patience;
};

#define TELL(s, what, ...)                                                               \
	do {                                                                             \
		for (size_t tell_i = 0; tell_i < (s)->cfg.nwatchers; tell_i++) {         \
			const struct watcher *tell_w = &(s)->cfg.watchers[tell_i];       \
			if (tell_w->ops->what != NULL)                                   \
				tell_w->ops->what(tell_w->arg, __VA_ARGS__);             \
		}                                                                        \
	} while (0)

/* --- sched.c */

/* Something has changed: in the loop's next turn, start what can start and look
 * whether the run is over.  Every change of state ends here.  A loop_call_fn. */
void sched_changed(void *sched);

/* The run is to end for this reason: go on to the phase, unless it is there or
 * further.  The only place where phase and reason change. */
void sched_enter(struct sched *s, enum run_phase phase, enum end_reason reason);

/* The same for an error of volley's own; prints it, the first time. */
void sched_fail(struct sched *s, const struct err *err);

/* The input ends here, because of this error; what was read before is run. */
void sched_input_failed(struct sched *s, const struct err *err);

/* Is the output of stopped jobs wanted: for their records, or to be shown? */
bool sched_keeps_stopped(const struct sched *s);

/* Move the job on to another state; asserts that there is such an arc. */
void sched_set_state(struct job *job, enum job_state state);

/* Begin to kill the job, for this reason unless there is one already; from_step:
 * where in the termination sequence. */
void sched_terminate(struct job *job, enum job_kill why, unsigned from_step);

/* --- sched_start.c */

/* Has the total become known just now? */
bool sched_ask_total(struct sched *s);

/* Start jobs while that is possible. */
void sched_fill(struct sched *s);

/* The engine has begun with the job. */
void sched_job_started(struct sched *s, struct job *job, int64_t when);

/* A job has succeeded: --timeout N% may mean another time for those that run. */
void sched_median_changed(struct sched *s);

/* The job's process has ended: its slot is free, and what gates gave for it. */
void sched_vacate(struct sched *s, struct job *job);

/* The system was short of processes: start fewer at a time for a while. */
void sched_slow_down(struct sched *s);

/* --- sched_result.c */

/* The job has its result, from the engine or without one (err says why). */
void sched_job_done(struct sched *s, struct job *job, const struct engine_result *r);
void sched_job_refused(struct sched *s, struct job *job, const struct err *err);

/* The job needed no running (--dry-run). */
void sched_job_shown(struct sched *s, struct job *job);

/* The job will not be tried again, because the run ends. */
void sched_job_dropped(struct sched *s, struct job *job);

#endif
