/* SPDX-License-Identifier: ISC */
#ifndef RUN_WATCHER_H
#define RUN_WATCHER_H

/* Observers of a run: progress, summary, job log.  They are notified and never
 * asked, and see of a job its bindings (number, slot, events) and, once it has
 * one, its outcome. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "output/outcome.h"

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

#endif
