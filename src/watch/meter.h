/* SPDX-License-Identifier: ISC */
#ifndef WATCH_METER_H
#define WATCH_METER_H

/* One line of the progress bar, as text: what tqdm 4.64 would draw for these
 * numbers, to the byte.  A pure function of its arguments; nothing here may
 * know of clocks, terminals or jobs.  tests/data/tqdm-format.jsonl holds what
 * tqdm itself answered. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "watch/number.h"

enum { METER_UNKNOWN = -1 };

/* Zeroes mean "not given" but for total and ncols: METER_UNKNOWN does there. */
struct meter_args {
	int64_t n;	  /* done so far; not negative */
	int64_t initial;  /* what n began with */
	int64_t total;	  /* without one (0 is none either), or behind it: no bar */
	double elapsed;	  /* seconds */
	int ncols;	  /* width of the whole line; unknown: a bar of 10 cells,
			   * 0: no bar.  Too narrow: the line's tail is cut, but a
			   * line without total never is */
	bool rate_given;  /* use rate, per second, not (n - initial) / elapsed */
	double rate;
	const char *desc;    /* stands before all, followed by ": " */
	const char *postfix; /* stands behind the rate */
	const char *unit;    /* NULL: "it" */
	const char *charset; /* as cells_add takes it; NULL: CELLS_BLOCKS */
	const char *colour;  /* as cells_add takes it; NULL: none */
	const char *format;  /* a line of one's own, with fields in braces:
			      * bar, l_bar, r_bar, desc, n, n_fmt, total, total_fmt,
			      * unit, elapsed, elapsed_s, remaining, remaining_s,
			      * percentage, rate_fmt, rate_noinv_fmt, rate_inv_fmt,
			      * postfix; other text is copied.  Numbers take
			      * {name:W.Df}, the bar {bar:N} (cells), {bar:-N} (less
			      * than the line's rest) with a, u, b behind it for
			      * ascii, blocks, blank */
	bool si;	     /* counts and rates as 1.50k, 2.00M */
	int64_t divisor;     /* between two such prefixes of counts; 0: 1000 */
	struct number scale; /* else multiply n, total and given rate; 0: do not,
			      * 1: as si */
};

/* Append the line, without any line end. */
void meter_format(struct buf *out, const struct meter_args *args);

/* Append seconds, truncated, as mm:ss or h:mm:ss. */
void meter_interval(struct buf *out, double seconds);

/* Append three significant digits and a prefix from k to Y, then the suffix. */
void meter_sizeof(struct buf *out, double x, const char *suffix, int64_t divisor);

/* Append with three significant digits, unless the number itself is as short. */
void meter_num(struct buf *out, struct number x);

#endif
