/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_LINES_H
#define OUTPUT_LINES_H

/* A job's stream by lines: each behind a tag, or handed on only when it is
 * whole, or both.  The last line gets the end that it may lack. */

#include <stdbool.h>

#include "output/spool.h"

/* All zero at first. */
struct line_stream {
	struct spool partial; /* whole lines only: a line that has no end so far */
	bool inside;	      /* what was handed on does not end in a newline */
};

struct line_mode {
	struct bytes tag; /* put before every line */
	bool whole;	  /* hand on whole lines only */
	struct spill *spill;
	/* Write what comes next at once: returns how many bytes are; the rest goes to
	 * the spool.  Not asked with tags.  NULL: it all goes there. */
	size_t (*at_once)(void *arg, struct bytes data);
	void *arg;
};

/* Add what the stream goes on with; lines go to the spool.  -1 with err: the
 * temporary file is full. */
int lines_add(struct line_stream *l, const struct line_mode *mode, struct bytes data,
	      struct spool *to, struct err *err);

/* The stream is over. */
int lines_end(struct line_stream *l, const struct line_mode *mode, struct spool *to,
	      struct err *err);

void lines_clear(struct line_stream *l, struct spill *spill);

#endif
