/* SPDX-License-Identifier: ISC */
#ifndef RUN_SCHED_H
#define RUN_SCHED_H

/* The scheduler: pulls events, makes jobs of them, starts them while slots are
 * free, and sees each through to its retirement.
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
#include "run/gate.h"
#include "run/halt.h"
#include "run/resume.h"
#include "run/retry.h"
#include "run/termination.h"
#include "run/watcher.h"
#include "sys/loop.h"

struct sched;

struct sched_config {
	struct loop *loop;
	struct source *source;	   /* stays the caller's */
	struct template *template; /* stays the caller's */
	const struct engine_ops *engine;
	struct output_config output;
	unsigned slots;
	size_t batch;	  /* events per job, at least 1 */
	size_t window;	  /* finished jobs that may wait for their turn */
	int64_t delay_ns; /* between starts */
	int64_t drain_ns; /* see engine.h */
	int nice;	  /* see engine.h */
	struct worker_rules workers; /* see engine.h */
	bool dry_run;	  /* print the commands instead of running them */
	bool terminal;	  /* jobs have volley's terminal, stdout and stderr (--debug) */
	bool only_failed; /* drop the output of jobs that succeed */
	int64_t timeout_ns;	  /* 0: none */
	unsigned timeout_percent; /* of the median run time of successes; 0: none */
	int64_t deadline_ns;	  /* for the whole run; 0: none */
	struct retry_rules retry;
	struct halt halt;
	struct termination termination;
	struct resume *resume; /* skip what was run already; NULL: nothing */
	bool selected;	       /* not all events are asked for (--only) */
	const struct gate *gates;
	size_t ngates;
	bool ungroup;	  /* jobs write to volley's stdout and stderr themselves */
	/* The job that has the terminal was stopped there: stop volley too, and
	 * return when continued. */
	void (*suspend)(void *arg);
	void *suspend_arg;
	const struct watcher *watchers;
	size_t nwatchers;
};

/* Why a run ended, when it was not simply over. */
struct sched_outcome {
	int signo;	  /* died of this signal (SIGPIPE: the reader is gone); or 0 */
	bool has_error;	  /* volley's own; err says what */
	struct err err;
	bool deadline;	  /* it passed */
	bool halted;	  /* by --halt; then status is what volley exits with */
	int halt_status;
};

/* NULL with err.  cfg's pointers must outlive the scheduler. */
struct sched *sched_new(const struct sched_config *cfg, struct err *err);
void sched_free(struct sched *s); /* NULL is allowed; only after the run */

/* Begin; the loop is stopped when the run is over. */
void sched_start(struct sched *s);

/* End the run now: start nothing more, end what runs by the termination
 * sequence.  Called again it kills at once.  The run's outcome is signo. */
void sched_interrupt(struct sched *s, int signo);

/* Send a signal to all running jobs: SIGTSTP, SIGCONT. */
void sched_signal_all(struct sched *s, int signo);

/* Start no more jobs; the run ends when those that run have ended. */
void sched_drain(struct sched *s);

/* How many jobs may run from now on, at least 1. */
void sched_set_slots(struct sched *s, unsigned slots);

/* Call fn for each running job. */
void sched_each_running(const struct sched *s,
			void (*fn)(void *arg, const struct job *job), void *arg);

const struct run_state *sched_state(const struct sched *s);
const struct sched_outcome *sched_outcome(const struct sched *s);

/* What volley should exit with (enum status, or the number of failed jobs). */
int sched_exit_status(const struct sched *s);

#endif
