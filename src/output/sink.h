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

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "output/outcome.h"
#include "output/spool.h"

struct sink;

struct sink_job {
	const struct outcome *outcome;
	const struct spool *streams; /* stdout, stderr; only read */
};

/* Where a sink writes to.  What it appends to the text is passed on in large pieces.
 * After a failure, which err tells, nothing more is written. */
struct sink_out {
	int (*write)(void *arg, struct bytes data, struct err *err);
	void *arg;
	struct err *err;
	struct buf text;
	bool failed;
};

/* Only the first is mandatory. */
struct sink_ops {
	/* Write the job. */
	void (*job)(struct sink *s, const struct sink_job *job, struct sink_out *out);
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

/* One object per line: the record, and then "stdout" and "stderr"; one that is not text is
 * "stdout_base64". */
struct sink *sink_json_new(void);

/* Append the record alone, as an object without its "}". */
void sink_json_record(const struct outcome *o, struct buf *b);

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
		struct spill *spill, struct err *err);

/* Write the rest of the text.  -1 with err: this or something before has failed. */
int sink_end(struct sink_out *out);

/* --- for sinks */

/* Write data, which the text does not hold. */
void sink_write(struct sink_out *out, struct bytes data);

/* The next piece of a stream, after the text if that is large.  False at the end, and
 * after a failure. */
bool sink_read(struct sink_out *out, struct spool_cursor *c, struct bytes *data);

/* Is a stream of the job text: UTF-8 without NUL? */
bool sink_is_text(struct sink_out *out, const struct sink_job *job, int stream);

/* Write a stream: add appends a piece of it as the format spells text; NULL: base64. */
void sink_stream(struct sink_out *out, const struct sink_job *job, int stream,
		 void (*add)(struct buf *out, struct bytes piece));

/* The text in the arena, ended by a NUL that is its only one; NUL and bytes that are
 * not UTF-8 become U+FFFD. */
char *text_clean(struct bytes text, struct arena *a);

uint64_t sink_stream_size(const struct sink_job *job, int stream);

#endif
