/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_OUTCOME_H
#define OUTPUT_OUTCOME_H

/* What is known about a finished job, as one plain struct.
 *
 * The scheduler fills it in one place (run/job.c) and owns what it
 * points to.  Everything else that deals with results reads this and nothing
 * else: sinks, results, observers, retries, halting, the exit status. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "command/placeholder.h"

enum job_status {
	JOB_OK,
	JOB_FAILED,	 /* exited with a status other than 0 */
	JOB_SIGNALED,	 /* died of a signal */
	JOB_TIMEOUT,	 /* was killed because it took too long */
	JOB_NOT_STARTED, /* its command could not be executed */
	JOB_LOST,	 /* the engine lost it */
	JOB_STOPPED,	 /* was killed, or not retried, because the run ends */
	JOB_REFUSED,	 /* exited with 0, but -o cannot use what it printed */
};

struct outcome {
	const struct bindings *bindings; /* its number, slot and events */
	bool batched;			 /* the events are a batch, even if only one */
	enum job_status status;
	int code;	 /* exit status (NOT_STARTED: 126 or 127), or signal number */
	const char *why; /* NOT_STARTED, LOST and REFUSED: a phrase; else NULL */
	bool truncated;	 /* a stream was closed while another process held it */
	bool wanted_terminal; /* was killed because it waited for the terminal */
	unsigned try;	      /* from 1 */
	bool again; /* it had failed in the job log that the run resumes */
	int64_t start;	      /* ns since 1970 */
	int64_t runtime;      /* ns */
	uint64_t stdout_bytes; /* written by the last try */
	bool has_usage;	       /* false: it did not run, or in a worker's process */
	struct rusage usage;   /* of the last try and what it has waited for */
	/* Set only for sinks and results. */
	struct bytes event;   /* outcome_event_json */
	struct bytes command; /* as a self-contained shell line */
};

/* The status as one word: ok failed signal timeout not-started lost stopped. */
const char *outcome_word(const struct outcome *o);

/* The exit status; -1: it has none. */
int outcome_exit(const struct outcome *o);

/* The signal that it died of by itself; 0: none. */
int outcome_signal(const struct outcome *o);

/* What a shell would have in $?: 124 after a timeout, 128 + N after signal N. */
int outcome_shell_status(const struct outcome *o);

/* A short phrase for people: "exit 3", "SIGKILL", "not started", ... in text
 * (at least 64 bytes), which is returned. */
char *outcome_reason(const struct outcome *o, char *text, size_t size);

/* Append an event as JSON: a mapping as an object, a value as a string (or bare,
 * as its kind says), several items as an array. */
void event_json(struct buf *b, const struct event *e);

/* Append the events of a job as one JSON value: its event, or for a batch an
 * array of them. */
void outcome_event_json(struct buf *b, const struct outcome *o);

/* The record of a job, which sinks write down: its fields in order, but for the
 * outputs, which come last.  A bare value that is empty is null.  The values are in
 * the arena. */
enum { RECORD_EVENT = 1, RECORD_COMMAND, RECORD_STATUS, RECORD_FIELDS = 14 };
void outcome_record(const struct outcome *o, struct arena *a,
		    struct field fields[RECORD_FIELDS]);

#endif
