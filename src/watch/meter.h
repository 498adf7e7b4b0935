/* SPDX-License-Identifier: ISC */
#ifndef WATCH_METER_H
#define WATCH_METER_H

/* One line of the progress bar as text: what tqdm 4.64 draws for these numbers, to
 * the byte.  A pure function of its arguments; nothing here may know of clocks,
 * terminals or jobs.  tests/data/tqdm-format.jsonl holds what tqdm itself printed.
 *
 * One difference: widths are counted as base/width.h does, by grapheme cluster and
 * not by character, which only a unit with combining characters shows. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	METER_UNKNOWN = -1,
	METER_AVERAGE = -1, /* the rate: what the counts and the time say */
};

struct meter {
	int64_t n;	 /* done so far */
	int64_t initial; /* how many of these were done before the time began */
	int64_t total;	 /* METER_UNKNOWN, 0 or less than n: no bar */
	double elapsed;	 /* seconds */
	double rate;	 /* per second, 0: not known; METER_AVERAGE */
	int ncols;	 /* width of a line with a bar, which is cut to it;
			  * METER_UNKNOWN: a bar of 10 cells, 0: no bar */
	const char *unit;
	uint64_t failed; /* shown after the rate; 0: not shown */
	bool ascii;	 /* draw the bar in ASCII, not in block characters */
	/* Unlike tqdm, 1: without the rate, 2: without the times too, so that the
	 * failures fit. */
	unsigned brief;
};

enum { METER_BRIEFEST = 2 };

/* Append the line, without a line end. */
void meter_format(struct buf *out, const struct meter *m);

#endif
