/* SPDX-License-Identifier: ISC */
#ifndef WATCH_BAR_H
#define WATCH_BAR_H

/* The progress bar in time: when to draw, at what rate it goes, and what goes
 * out for it, as tqdm 4.64 does on a terminal, to the byte.  The bar reads no
 * clock and owns no descriptor: the caller says what time it is (nanoseconds of
 * one steady clock, never backwards) and takes the bytes.
 * tests/data/tqdm-writes.jsonl holds what tqdm itself wrote.
 *
 * Two things are otherwise, since no output may damage the screen: a line
 * without total is cut to the width like any other (tqdm lets it wrap), and
 * there are bar_tick and bar_redraw in place of tqdm's monitor thread. */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { BAR_MINITERS_DYNAMIC = -1 };

/* Takes one write; may not call the bar. */
typedef void (*bar_write_fn)(void *arg, struct bytes text);

/* Start from bar_config_default, which has tqdm's defaults.  The strings are
 * copied; they and the postfix must be printable text of one line. */
struct bar_config {
	int64_t total;	      /* METER_UNKNOWN */
	int64_t initial;      /* 0 */
	int ncols;	      /* METER_UNKNOWN; 0: numbers only */
	const char *desc;     /* NULL: none */
	const char *unit;     /* NULL: "it" */
	const char *charset;  /* NULL: CELLS_BLOCKS */
	double smoothing;     /* 0.3; of the rate: 0 the average of all, 1 the last */
	int64_t mininterval;  /* 0.1 s; draw no oftener */
	int64_t maxinterval;  /* 10 s; draws further apart correct dynamic miniters */
	int64_t miniters;     /* look at the time only after so many more; default
			       * BAR_MINITERS_DYNAMIC: as the rate suggests */
	bool leave;	      /* true: the last line stays when the bar is closed */
	bar_write_fn write;   /* must be set */
	void *arg;
};

extern const struct bar_config bar_config_default;

struct bar;

/* Make a bar and draw it.  The caller frees it with bar_free. */
struct bar *bar_new(const struct bar_config *config, int64_t now);

/* Free without drawing; NULL is fine. */
void bar_free(struct bar *bar);

/* So many more are done (0 or more); draws if it is time to. */
void bar_update(struct bar *bar, int64_t dn, int64_t now);

/* The same, but draw nothing: the line is not to be written on just now. */
void bar_count(struct bar *bar, int64_t dn);

/* Count dn as done without having been work, as tqdm's initial: they are in the
 * count and the percentage, but not in the rate.  Draws nothing. */
void bar_skip(struct bar *bar, int64_t dn);

/* Change what the next draw shows; draw nothing.  A bar that has become
 * narrower no longer clears beyond its new width, where it would wrap. */
void bar_set_width(struct bar *bar, int ncols);
void bar_set_postfix(struct bar *bar, const char *postfix); /* copies; NULL: none */
void bar_set_total(struct bar *bar, int64_t total);

/* To be called about once a second.  Draws if no update or tick did for a
 * second, so that the time is seen to run; no update draws within mininterval
 * of that.  After maxinterval without a draw by an update, the next one will
 * not wait for miniters. */
void bar_tick(struct bar *bar, int64_t now);

/* Draw, whenever the last time was: after bar_erase and other output. */
void bar_redraw(struct bar *bar, int64_t now);

/* Blank the line and go back to its start, for other output to take its place. */
void bar_erase(struct bar *bar);

/* Draw a last time with the average rate and end the line, or (without leave)
 * blank it.  Nothing draws from then on, whatever is called. */
void bar_close(struct bar *bar, int64_t now);

#endif
