/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

/* A sink writes finished jobs in a format: JSON, YAML, CSV, or one table of all the
 * tables that they printed.  It turns the record of a job and its two streams into
 * bytes; its caller decides where these go (stdout, a file).  Streams may be larger
 * than memory: they are read and written piece by piece.
 *
 * A new format is a file with the functions of struct sink_ops, and a row in
 * sink_formats. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "output/outcome.h"
#include "output/spool.h"

struct sink;

struct sink_job {
	const struct outcome *outcome;
	const struct spool *streams; /* stdout, stderr; only read */
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
	/* Append what must come before this job's bytes because they are the first: a
	 * header.  Called before each job. */
	void (*header)(struct sink *s, const struct sink_job *job, struct buf *out);
	/* Can this format hold what the job printed?  Called once for each job that
	 * succeeded, when it has finished, whatever its turn.  -1 with err, which is
	 * about the job: no. */
	int (*check)(struct sink *s, const struct sink_job *job, struct err *err);
	void (*free)(struct sink *s);
	bool stdout_only; /* stderr is left out */
	bool ok_only;	  /* jobs that did not succeed are left out */
};

/* Every sink's struct begins with this. */
struct sink {
	const struct sink_ops *ops;
};

/* One object per line: the record, and then, with outputs, "stdout" and "stderr"; one
 * that is not text is "stdout_base64". */
struct sink *sink_json_new(bool outputs);

/* The same as a list, which is valid after every job. */
struct sink *sink_yaml_new(void);

/* One row per job.  The event's fields come first, a column for each that the
 * first event has; columns for both forms of the streams come last. */
struct sink *sink_csv_new(void);

/* The rows of the jobs that succeeded.  The stdout of each must be a CSV table with
 * the columns of the first that was checked; its header is written once. */
struct sink *sink_table_new(void);

void sink_free(struct sink *s); /* NULL is allowed */

struct sink_format {
	const char *name; /* as -o takes it */
	const char *suffixes[3]; /* of files in this format; NULL: no more */
	struct sink *(*make)(void);
};

enum { SINK_SUFFIXES = 3 };

/* All formats; one without name ends them. */
extern const struct sink_format sink_formats[];

/* NULL: there is none. */
const struct sink_format *sink_format(const char *name);
const struct sink_format *sink_format_of_file(const char *path);

/* Write the job into *to, which is empty, after a header if one is due; nothing for a
 * job that is left out.  -1 with err. */
int sink_render(struct sink *s, const struct sink_job *job, struct spool *to,
		struct err *err);

/* --- for sinks */

int sink_write(const struct sink_out *out, struct buf *b, struct err *err); /* resets b */

/* Is a stream of the job text: UTF-8 without NUL?  -1 with err. */
int sink_is_text(const struct sink_job *job, int stream, bool *text, struct err *err);

/* Write a stream; encode appends what a piece of it becomes. */
typedef void (*sink_encode_fn)(void *state, struct bytes data, struct buf *out);
int sink_stream(const struct sink_job *job, int stream, sink_encode_fn encode,
		void *state, const struct sink_out *out, struct err *err);

/* Base64 on one line, piece by piece.  All zero at first. */
struct base64 {
	unsigned char rest[3];
	unsigned nrest;
};

void base64_add(struct base64 *b, struct bytes data, struct buf *out);
void base64_end(struct base64 *b, struct buf *out);

/* The text in the arena, ended by a NUL that is its only one; NUL and bytes that are
 * not UTF-8 become U+FFFD. */
char *text_clean(struct bytes text, struct arena *a);

/* Write a stream as base64. */
int sink_base64(const struct sink_job *job, int stream, const struct sink_out *out,
		struct err *err);

uint64_t sink_stream_size(const struct sink_job *job, int stream);

#endif
