/* SPDX-License-Identifier: ISC */
#ifndef RUN_SCHED_H
#define RUN_SCHED_H

/* The scheduler: pulls events, makes jobs of them, starts them while there are
 * places, and sees each through to its retirement.
 *
 * It owns all jobs and all their state changes, and makes no system calls: its
 * engine may be a simulation and its clock a fake. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "command/template.h"
#include "engine/engine.h"
#include "event/source.h"
#include "output/output.h"
#include "run/gates.h"
#include "run/policy.h"
#include "run/resume.h"
#include "run/watcher.h"
#include "sys/loop.h"

struct sched;

struct sched_config {
	struct loop *loop;
	struct source *source;	   /* stays the caller's */
	struct template *template; /* stays the caller's */
	struct engine *engine;	   /* stays the caller's; closed after sched_free */
	struct output_config output;
	unsigned slots;
	size_t batch;	  /* events per job, at least 1 */
	size_t window;	  /* finished jobs that may wait for their turn */
	int64_t delay_ns; /* between starts */
	bool dry_run;	  /* print the commands instead of running them */
	bool only_failed; /* drop the output of jobs that succeed */
	bool print_stopped; /* show that of jobs that are stopped; records have it */
	int64_t timeout_ns;	  /* 0: none */
	unsigned timeout_percent; /* of the median run time of successes; 0: none */
	int64_t deadline_ns;	  /* for the whole run; 0: none */
	struct retry_rules retry;
	struct halt halt;
	struct termination termination;
	struct resume *resume; /* skip what was run already; NULL: nothing */
	bool selected;	       /* only some of the events are selected (--only) */
	const struct gate *gates;
	size_t ngates;
	const struct watcher *watchers;
	size_t nwatchers;
};

/* cfg's pointers must outlive the scheduler. */
struct sched *sched_new(const struct sched_config *cfg);
void sched_free(struct sched *s); /* NULL is allowed; only after the run */

/* Begin; the loop is stopped when the run is over. */
void sched_start(struct sched *s);

/* End the run now, because of this signal: start nothing more, end what runs by
 * the termination sequence.  Called again it kills at once. */
void sched_interrupt(struct sched *s, int signo);

/* Start no more jobs; the run ends when those that run have ended. */
void sched_drain(struct sched *s);

/* Send a signal to all running jobs: SIGTSTP, SIGCONT. */
void sched_signal_all(struct sched *s, int signo);

/* How many jobs may run from now on, at least 1. */
void sched_set_slots(struct sched *s, unsigned slots);

/* Call fn for each running job.  started: clock_mono, ns, or 0 while it waits in
 * its slot; where: as the engine describes it. */
void sched_each_running(const struct sched *s,
			void (*fn)(void *arg, const struct bindings *job, int64_t started,
				   const char *where),
			void *arg);

const struct run_state *sched_state(const struct sched *s);

/* The error in volley itself that ended the run; only for END_ERROR. */
const struct err *sched_error(const struct sched *s);

/* The signal that volley should die of: the one that ended the run, SIGPIPE if its reader
 * is gone; 0: none. */
int sched_signal(const struct sched *s);

/* What volley exits with (enum status, or the number of failed jobs). */
int sched_exit_status(const struct sched *s);

#endif
