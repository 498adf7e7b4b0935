/* SPDX-License-Identifier: ISC */
#ifndef RUN_SCHED_INTERNAL_H
#define RUN_SCHED_INTERNAL_H

/* What the three files of the scheduler share: sched.c (the run: its events and
 * its end), sched_start.c (from event to running job), sched_result.c (from
 * result to retirement or retry).  Nobody else includes this. */

#include "run/job_pool.h"
#include "run/median.h"
#include "run/sched.h"
#include "run/slot_set.h"

struct sched {
	struct sched_config cfg;
	struct run_state state;
	struct sched_outcome outcome;
	struct engine *engine;
	struct output *output;

	struct job_pool pool;
	struct link running, waiting, done; /* waiting: for their next try */
	struct job *next; /* collects its batch of events */
	struct slot_set slots;
	unsigned max_running; /* cfg.slots, or less while the system is short */
	uint64_t next_seq;
	bool prepared; /* the template has seen an event */
	bool input_ended;
	bool draining; /* start nothing more */
	bool stopping; /* start nothing more, and what runs is being ended */
	bool hurry;    /* the user has asked twice for the end */
	bool finished;
	int64_t next_start; /* --delay: not before this */
	struct loop_timer fill_timer, deadline_timer, patience;
	struct loop_call fill;
	struct median run_times;
	uint64_t random;
	unsigned messages;
	bool told_truncated, told_short;
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

void sched_stop(struct sched *s);
void sched_stop_with_error(struct sched *s, const struct err *err);
void sched_check_end(struct sched *s);

/* Move the job on to another state; asserts that there is such an arc. */
void sched_set_state(struct job *job, enum job_state state);

/* Begin to end the job; from_step: where in the termination sequence. */
void sched_terminate(struct sched *s, struct job *job, unsigned from_step);

/* --- sched_start.c */

/* Has the total become known just now? */
bool sched_ask_total(struct sched *s);

/* Start jobs while that is possible: in the loop's next turn. */
void sched_want_fill(struct sched *s);

/* The same now; a loop_call_fn. */
void sched_fill(void *sched);

/* Does the engine say where a job goes, and queue it there? */
bool sched_is_queued(const struct sched *s);

/* The job's time runs from now on. */
void sched_begin_time(struct job *job);

/* Since then, but not for longer than it may. */
void sched_set_timeout(struct sched *s, struct job *job);

/* The job's slot is free, and what gates gave for it is given back. */
void sched_vacate(struct sched *s, struct job *job);

/* --- sched_result.c */

/* The job has its result, from the engine or without one (err says why). */
void sched_job_done(struct sched *s, struct job *job, const struct engine_result *r);
void sched_job_refused(struct sched *s, struct job *job, const struct err *err);

/* The job needed no running (--dry-run). */
void sched_job_shown(struct sched *s, struct job *job);

#endif
