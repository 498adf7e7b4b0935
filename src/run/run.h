/* SPDX-License-Identifier: ISC */
#ifndef RUN_RUN_H
#define RUN_RUN_H

/* A run as plain data: what it is made of, and how far it is.  The scheduler alone changes
 * the state; the jobs and the intake see both, and observers see the state. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "command/template.h"
#include "engine/engine.h"
#include "event/source.h"
#include "output/outcome.h"
#include "output/output.h"
#include "run/limits.h"
#include "run/policy.h"
#include "run/resume.h"
#include "sys/loop.h"

/* --- its state */

/* A run only moves on in these.  PHASE_RUNNING also lasts to the end of a run that
 * nothing ends early. */
enum run_phase {
	PHASE_RUNNING,
	PHASE_DRAINING, /* nothing more starts; what runs may end */
	PHASE_STOPPING, /* what runs is being ended by --termseq */
	PHASE_KILLING,	/* and by SIGKILL, without patience */
};

/* Why a run ended, or is ending.  Of several reasons the last in this list
 * counts: it decides the exit status. */
enum end_reason {
	END_OF_INPUT, /* nothing ended it early */
	END_DRAINED,
	END_HALTED,
	END_DEADLINE,
	END_READER_GONE, /* stdout has no reader any more */
	END_ERROR,	 /* of volley's own */
	END_SIGNAL,
};

/* The state of the run. */
struct run_state {
	enum run_phase phase;
	enum end_reason reason;
	uint64_t total;	  /* jobs in all; 0 with total_known false */
	bool total_known; /* becomes true at the end of the input at the latest */
	uint64_t running;
	uint64_t done;	  /* have a result: ok + failed */
	uint64_t ok, failed;
	uint64_t retrying; /* have failed and wait for their next try */
	uint64_t skipped;  /* were run by an earlier run (--resume) */
	uint64_t stopped;  /* killed, or not retried, because the run ended early */
	bool ended_early;  /* events may be left that were not run */
	int64_t start;	   /* clock_mono, ns */
};

/* --- observers: progress, summary, job log.  They are notified and never asked, and
 * see of a job its bindings (number, slot, events) and, once it has one, its outcome. */

struct watcher_ops {
	/* Any of these may be NULL. */
	void (*begin)(void *arg, const struct run_state *run);
	void (*total)(void *arg, const struct run_state *run); /* has become known */
	void (*skipped)(void *arg, const struct run_state *run);
	/* Handed to the engine. */
	void (*started)(void *arg, const struct run_state *run,
			const struct bindings *job);
	/* It was ended, or not retried, because the run ends. */
	void (*stopped)(void *arg, const struct run_state *run, const struct outcome *o);
	void (*done)(void *arg, const struct run_state *run, const struct outcome *o);
	/* The job's output has been written: now it may be logged as run.  -1 with err
	 * stops the run: an incomplete log is worse than no log. */
	int (*retired)(void *arg, const struct run_state *run, const struct outcome *o,
		       struct err *err);
	void (*end)(void *arg, const struct run_state *run);
};

struct watcher {
	const struct watcher_ops *ops;
	void *arg;
};

/* --- what it is made of */

/* Job slots that are shared with other programs: make's (jobserver.h). */
struct gate {
	/* May one more job start?  running: how many run now.  True takes what the job
	 * needs; false: ready(ready_arg) will be called, from the loop, when it is
	 * worth asking again. */
	bool (*enter)(void *arg, unsigned running, loop_call_fn ready, void *ready_arg);
	/* A job that was let in has ended, or was not started after all.  running:
	 * how many still run. */
	void (*leave)(void *arg, unsigned running);
};

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
	bool selected;	       /* only some of the events are selected */
	struct limits limits;
	const struct gate *gate; /* asked before each start; NULL: none */
	void *gate_arg;
	const struct watcher *watchers;
	size_t nwatchers;
};

#endif
