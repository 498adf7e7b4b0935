/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

/* Whose turn it is: every job's output reaches stdout and stderr whole.
 *
 * Jobs wait in one queue.  In completion order a job joins it when it has finished; in
 * input order (keep_order) when it begins, and the job at the head streams its stdout
 * straight through.  At the head a job's stdout is written and then, when the job has
 * finished, its stderr; then it is retired.  By lines without keep_order there are no
 * turns: every job's whole lines are written as they come.  Results are written when a
 * job has finished, whatever its turn.  What a job's output looks like is decided in
 * shape.h.
 *
 * Nothing here blocks: when a descriptor takes no more, the queue waits for it while
 * the loop goes on.  Nothing here knows what a job is, except for struct output_job,
 * which its owner embeds. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/list.h"
#include "output/outcome.h"
#include "output/results.h"
#include "output/shape.h"
#include "output/sink.h"
#include "sys/loop.h"
#include "sys/terminal.h"

struct output;

struct output_job {
	struct shaped shaped;
	uint64_t marks[2]; /* by lines: where the job's last ones end */
	struct link link;  /* in the queue, once it is there */
	struct link held_link;
	bool queued, finished, held;
};

struct output_config {
	struct loop *loop;
	struct terminal *terminal;
	int fds[2]; /* stdout, stderr; stay the caller's */
	bool keep_order;
	bool whole; /* show nothing of a job before it has finished */
	bool by_lines;		 /* whole lines as they come; not with a sink */
	bool color[2];		 /* of tags */
	struct sink *sink;	 /* NULL: streams as they are; stays the caller's */
	struct results *results; /* NULL: none; stays the caller's */
	const char *tmpdir; /* must outlive the output */
	uint64_t memory;    /* bytes held in memory before they go to a file */
};

/* Called from the loop only, except for hold, which output_add and output_move may
 * call. */
struct output_events {
	/* The job's output is written; it may be freed. */
	void (*retired)(void *arg, struct output_job *job);
	/* Stop (or go on) reading the job's stdout: it waits to be written. */
	void (*hold)(void *arg, struct output_job *job, bool hold);
	/* Writing failed; nothing more will be written. */
	void (*failed)(void *arg, const struct err *err);
	/* The reader of stdout or stderr is gone; nothing more will be written. */
	void (*reader_gone)(void *arg);
};

struct output *output_new(const struct output_config *cfg,
			  const struct output_events *events, void *arg);
/* Drops what is not written.  The jobs that are left must be dropped before. */
void output_free(struct output *o); /* NULL is allowed */

/* A job begins; call in input order.  The job must stay until it is retired or
 * dropped. */
void output_begin(struct output *o, struct output_job *job);

/* Put a tag before each line that the job will write: see shape_tag.  The tag is in
 * the arena, which must stay as long as the job. */
void output_tag(struct output *o, struct output_job *job, const char *text,
		uint64_t number, struct arena *a);

/* The job wrote data on stream 0 (stdout) or 1 (stderr).  -1 with err: the
 * temporary file is full. */
int output_add(struct output *o, struct output_job *job, int stream, struct bytes data,
	       struct err *err);

/* The same for what is in the pipe that is the stream, which is moved without a copy.
 * Returns as read(2); -1 with errno EAGAIN also when nothing more can be taken now, and
 * then the job is held; with EOPNOTSUPP: read it, and add that. */
ssize_t output_move(struct output *o, struct output_job *job, int stream, int pipe_fd);

/* The job succeeded and will add no more: does the sink accept what it wrote?  -1 with
 * err, which is about the job: no, and its record must say that it failed. */
int output_check(struct output *o, struct output_job *job, const struct outcome *outcome,
		 struct err *err);

/* Are records wanted? */
bool output_takes_records(const struct output *o);

/* Does a job that was stopped have a record on stdout? */
bool output_shows_stopped(const struct output *o);

/* What is known of the job, before output_finish; it must stay as long as the job.
 * -1 with err: the results could not be written. */
int output_record(struct output *o, struct output_job *job, const struct outcome *outcome,
		  struct err *err);

/* The job will add no more.  retired() follows. */
void output_finish(struct output *o, struct output_job *job);

/* Forget what the job has written so far. */
void output_discard(struct output *o, struct output_job *job);

/* The same for a job that has finished: it will be retired, and nothing written. */
void output_mute(struct output *o, struct output_job *job);

/* Take the job out, unwritten; retired() will not follow. */
void output_drop(struct output *o, struct output_job *job);

/* Nothing will be written any more: a write failed, or the reader is gone. */
bool output_is_broken(const struct output *o);

/* Since when (clock_mono) the next bytes wait for a reader that has taken nothing
 * since; 0: they do not wait. */
int64_t output_blocked_since(const struct output *o);

/* Jobs that have finished and wait to be written. */
size_t output_waiting(const struct output *o);

#endif
