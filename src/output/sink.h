/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

/* A sink writes finished jobs down in a format: JSON, YAML, CSV, or one table of
 * all the tables that they printed.
 *
 * It turns a record and the two streams of its job into bytes; where these go
 * (stdout, a file) is its caller's business.  Streams may be larger than memory:
 * they are read and written piece by piece. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "output/outcome.h"
#include "output/spool.h"

struct sink;

struct sink_job {
	const struct outcome *outcome;
	const struct spool *streams; /* stdout, stderr; are only read */
	struct spill *spill;
};

/* Takes the bytes that a sink makes; -1 with err when it cannot. */
struct sink_out {
	int (*write)(void *arg, struct bytes data, struct err *err);
	void *arg;
};

/* Only the first is mandatory. */
struct sink_ops {
	/* Write the job.  -1 with err: reading or writing failed. */
	int (*job)(struct sink *s, const struct sink_job *job, const struct sink_out *out,
		   struct err *err);
	/* Append what must stand before this job's bytes because they are the
	 * first: a header.  Called before each job. */
	void (*header)(struct sink *s, const struct sink_job *job, struct buf *out);
	/* Is what the job printed fit for this format?  Called once for each job
	 * that succeeded when it has finished, whatever its turn.  -1 with err: no;
	 * the err is about the job. */
	int (*check)(struct sink *s, const struct sink_job *job, struct err *err);
	void (*free)(struct sink *s);
	bool stdout_only; /* stderr is not written down here */
	bool ok_only;	  /* nor are jobs that failed */
};

/* Every sink's struct begins with this. */
struct sink {
	const struct sink_ops *ops;
};

/* One object per line: all keys, in the order of struct outcome, and then, with
 * outputs, "stdout" and "stderr"; one that is not text is "stdout_base64". */
struct sink *sink_json_new(bool outputs);

/* The same as a list, which is complete after every job. */
struct sink *sink_yaml_new(void);

/* One row per job.  The event's fields come first, a column for each that the
 * first event has; columns for both forms of the streams come last. */
struct sink *sink_csv_new(void);

/* The rows of the jobs that succeeded.  The stdout of each must be a CSV table with
 * the columns of the first that was checked; its header is written once. */
struct sink *sink_table_new(void);

void sink_free(struct sink *s); /* NULL is allowed */

/* Write the job down into *to, which is empty, behind a header if one is due;
 * nothing for a job that is left out.  -1 with err. */
int sink_render(struct sink *s, const struct sink_job *job, struct spool *to,
		struct err *err);

/* --- for sinks */

int sink_write(const struct sink_out *out, struct buf *b, struct err *err); /* resets b */

/* Is a stream of the job text, UTF-8 without NUL?  -1 with err. */
int sink_is_text(const struct sink_job *job, int stream, bool *text, struct err *err);

/* Write a stream; encode appends what a piece of it becomes. */
typedef void (*sink_encode_fn)(void *state, struct bytes data, struct buf *out);
int sink_stream(const struct sink_job *job, int stream, sink_encode_fn encode,
		void *state, const struct sink_out *out, struct err *err);

/* Write a stream as base64. */
int sink_base64(const struct sink_job *job, int stream, const struct sink_out *out,
		struct err *err);

uint64_t sink_stream_size(const struct sink_job *job, int stream);

#endif
