/* SPDX-License-Identifier: ISC */
#ifndef RUN_WATCHER_H
#define RUN_WATCHER_H

/* Those who look on: progress, summary, job log.  They are told and never asked,
 * and see jobs only as const. */

#include <stdbool.h>
#include <stdint.h>

#include "run/job.h"

/* How the run stands. */
struct run_state {
	uint64_t total;	  /* jobs in all; 0 with total_known false */
	bool total_known; /* becomes true at the end of the input at the latest */
	uint64_t running;
	uint64_t done;	  /* have a result: ok + failed */
	uint64_t ok, failed;
	uint64_t retrying; /* have failed and wait for their next try */
	uint64_t skipped;  /* were run by an earlier run (--resume) */
	uint64_t stopped; /* killed because the run ended early */
	bool ended_early; /* events may be left that were not run */
	bool reader_gone; /* nobody reads our output any more */
	int64_t start;	  /* clock_mono, ns */
};

struct watcher_ops {
	/* Any of these may be NULL. */
	void (*begin)(void *arg, const struct run_state *run);
	void (*total)(void *arg, const struct run_state *run); /* has become known */
	void (*skipped)(void *arg, const struct run_state *run);
	void (*started)(void *arg, const struct run_state *run, const struct job *job);
	/* It was ended, or not tried again, because the run ends. */
	void (*stopped)(void *arg, const struct run_state *run, const struct job *job);
	void (*done)(void *arg, const struct run_state *run, const struct job *job);
	/* The job's output has been written: now it may be said to have run.  -1
	 * with err stops the run: a log that is silent is worse than none. */
	int (*retired)(void *arg, const struct run_state *run, const struct job *job,
		       struct err *err);
	void (*end)(void *arg, const struct run_state *run);
};

struct watcher {
	const struct watcher_ops *ops;
	void *arg;
};

#endif
