/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

/* Whose turn it is: every job's output reaches stdout and stderr whole.
 *
 * Jobs stand in one queue.  In completion order a job joins it when it has
 * finished; in input order (keep_order) when it begins, and the one at the head
 * streams its stdout straight through.  At the head a job's stdout is written,
 * then, when it has finished, its stderr; then it is retired.
 *
 * Nothing here blocks: when a descriptor takes no more, the queue waits for it
 * while the loop goes on.  Nothing here knows what a job is: it is told of
 * struct output_job, which its owner embeds. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/list.h"
#include "output/spool.h"
#include "sys/loop.h"
#include "sys/terminal.h"

struct output;

struct output_job {
	struct spool streams[2]; /* stdout, stderr */
	struct link link;	 /* in the queue, once there */
	bool queued, finished, held;
};

struct output_config {
	struct loop *loop;
	struct terminal *terminal;
	int fds[2]; /* to write to: stdout, stderr; stay the caller's */
	bool keep_order;
	bool whole; /* show nothing of a job before it has finished */
	const char *tmpdir; /* must outlive the output */
	uint64_t memory;    /* bytes held in memory before they go to a file */
};

/* Told from the loop only, except for hold, which may come from output_add. */
struct output_events {
	/* The job's output is written; it may be freed. */
	void (*retired)(void *arg, struct output_job *job);
	/* Stop (or go on) reading the job's stdout: it waits to be written. */
	void (*hold)(void *arg, struct output_job *job, bool hold);
	/* Writing failed; nothing more will be written. */
	void (*failed)(void *arg, const struct err *err);
	/* Whoever read our stdout or stderr is gone; nothing more will be written. */
	void (*reader_gone)(void *arg);
};

struct output *output_new(const struct output_config *cfg,
			  const struct output_events *events, void *arg);
/* Drops what is not written; the jobs that are left must be cleared before. */
void output_free(struct output *o); /* NULL is allowed */

/* A job begins; call in input order.  The job must stay until it is retired or
 * cleared. */
void output_begin(struct output *o, struct output_job *job);

/* The job wrote data on stream 0 (stdout) or 1 (stderr).  -1 with err: the
 * temporary file is full. */
int output_add(struct output *o, struct output_job *job, int stream, struct bytes data,
	       struct err *err);

/* The job will add no more.  retired() follows. */
void output_finish(struct output *o, struct output_job *job);

/* Forget what the job has written so far. */
void output_discard(struct output *o, struct output_job *job);

/* Take the job out, unwritten; retired() will not come. */
void output_drop(struct output *o, struct output_job *job);

/* Nothing will be written any more: a write failed, or the reader is gone. */
bool output_is_broken(const struct output *o);

/* What is next to be written waits for its reader. */
bool output_is_blocked(const struct output *o);

/* Jobs that have finished and wait to be written. */
size_t output_waiting(const struct output *o);

#endif
