/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SHAPE_H
#define OUTPUT_SHAPE_H

/* The shape of a job's output when it is written: raw, as the job wrote it; with a tag
 * before each line; in whole lines; or as a record in a sink's format.  Bytes go in as
 * the job writes them, and what is to be written comes out in spools.  When it is
 * written is not decided here: see output.h. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "output/outcome.h"
#include "output/results.h"
#include "output/sink.h"
#include "output/spool.h"

/* The same for all jobs. */
struct shape {
	struct spill *spill;
	struct sink *sink;	 /* records replace the streams; NULL: they do not */
	struct results *results; /* records are kept besides; NULL: they are not */
	bool by_lines;		 /* hand on only whole lines */
	bool copies; /* what is handed on may be gone when the results are written */
	bool color[2]; /* of tags: on stdout, stderr */
};

/* One job's output.  All zero at first. */
struct shaped {
	struct spool out[2];  /* to be written to stdout and stderr */
	struct spool kept[2]; /* what the job wrote, where results need it and out is
			       * not the same */
	struct bytes tags[2];
	struct shaped_lines {
		struct spool partial; /* by lines: a line that has no end yet */
		bool inside; /* what was handed on does not end in a newline */
	} lines[2];
	const struct outcome *record; /* still to be written by the sink */
};

/* A stream of a job on its way into a spool.  With by_lines and no tags, write is called
 * first, if it is set: it returns how many bytes it took, and the spool gets the rest. */
struct shape_stream {
	const struct shape *shape;
	struct shaped *job;
	int stream;
	struct spool *to;
	size_t (*write)(void *arg, struct bytes data);
	void *arg;
};

/* Put a tag before each line: the text, with control characters spelled out (\n,
 * \x1b), and a tab.  In color, the number chooses one of six. */
void shape_tag(const struct shape *shape, struct shaped *s, const char *text,
	       uint64_t number, struct arena *a);

/* Does the job's output go through unread, and into one spool only? */
bool shape_is_raw(const struct shape *shape, const struct shaped *s);

/* The stream goes on with data.  -1 with err: the temporary file is full. */
int shape_add(const struct shape_stream *s, struct bytes data, struct err *err);

/* The stream has ended: its last line gets the newline that it may lack. */
int shape_end(const struct shape_stream *s, struct err *err);

/* The job has this outcome, which must stay as long as the job: write its results, and
 * remember it for shape_render.  -1 with err: the results could not be written. */
int shape_record(const struct shape *shape, struct shaped *s,
		 const struct outcome *outcome, struct err *err);

/* Replace the streams by the record that is still to be written. */
int shape_render(const struct shape *shape, struct shaped *s, struct err *err);

/* Drop all that the job wrote. */
void shape_clear(const struct shape *shape, struct shaped *s);

#endif
