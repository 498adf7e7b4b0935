/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOB_H
#define RUN_JOB_H

/* A job: one command for one event (or a batch of them), from the pull of the
 * event to the last byte of its output.  Only the scheduler changes it. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/list.h"
#include "command/template.h"
#include "engine/engine.h"
#include "event/event.h"
#include "output/output.h"
#include "sys/loop.h"

/* READY -> RUNNING -> DONE -> RETIRED; a retry goes from DONE to READY. */
enum job_state {
	JOB_READY,   /* has its events, waits for a slot */
	JOB_RUNNING, /* is with the engine */
	JOB_DONE,    /* has its result; its output is on its way */
	JOB_RETIRED, /* all is written: about to be freed */
};

enum job_status {
	JOB_OK,
	JOB_FAILED,	 /* exited with code */
	JOB_SIGNALED,	 /* died of signal code */
	JOB_TIMEOUT,	 /* was killed because it took too long */
	JOB_NOT_STARTED, /* code: 126 or 127 */
	JOB_LOST,	 /* the engine lost it */
	JOB_STOPPED,	 /* was killed because the run ends */
	JOB_REFUSED,	 /* ended well, but -o has no use for what it printed */
};

struct job {
	enum job_state state;
	uint64_t seq;	/* from 1 */
	unsigned slot;	/* from 1; 0: has none */
	unsigned tries; /* started so many times */

	struct arena *arena; /* everything below points into it */
	struct event **events;
	size_t nevents, events_cap; /* the array itself is malloc'ed */
	struct bindings bindings;
	struct command command;

	enum job_status status; /* valid when DONE */
	int code;		/* exit status or signal number */
	bool truncated, wanted_terminal;
	const char *why; /* NOT_STARTED, LOST and REFUSED: a phrase; else NULL */
	struct rusage usage;
	pid_t pid;
	uint64_t stdout_bytes; /* that its last try wrote */
	int64_t start, end; /* clock_mono, ns; start 0: it is queued, and has had no turn */
	int64_t start_wall; /* ns since 1970 */

	int64_t timeout_ns; /* what it was given; 0: none */

	/* The scheduler's own. */
	struct sched *sched;
	bool timed_out; /* is being killed for that */
	int64_t due;	/* waits for its next try until then (clock_mono) */
	struct engine_task task;
	struct output_job output;
	struct link link; /* in the list of running, waiting or done jobs */
	struct loop_timer kill_timer, timeout_timer;
	unsigned shortages; /* not started so often for want of processes */
	unsigned kill_step; /* how far the termination has got; 0: not begun */
};

/* A short phrase for people: "exit 3", "signal 9", "not started", ... in text
 * (at least 64 bytes), which is returned. */
char *job_reason(const struct job *job, char *text, size_t size);

#endif
