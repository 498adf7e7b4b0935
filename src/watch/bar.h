/* SPDX-License-Identifier: ISC */
#ifndef WATCH_BAR_H
#define WATCH_BAR_H

/* The progress bar over time: when it is drawn, which rate it shows, and the bytes
 * that go to the terminal, as tqdm 4.64 writes them with its defaults.  The bar reads
 * no clock and owns no descriptor: the caller passes the time (nanoseconds of one
 * steady clock) and takes the bytes.  tests/data/tqdm-writes.jsonl holds what tqdm
 * itself wrote.
 *
 * There are three differences.  Because no output may damage the screen, a line without
 * total is cut to the width like any other (tqdm lets it wrap), and bar_tick and
 * bar_redraw take the place of tqdm's monitor thread.  When the number of failures would
 * be cut off, the rate is left out, and then the times. */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "watch/meter.h"

struct bar;

typedef void (*bar_write_fn)(void *arg, struct bytes text); /* may not call the bar */

/* Make a bar that shows this (but the time and the rate), and draw it.  The unit is
 * printable text of one line and must outlive the bar. */
struct bar *bar_new(const struct meter *shows, bar_write_fn write, void *arg, int64_t now);

/* What the next draw shows: total and failed may be changed. */
struct meter *bar_meter(struct bar *bar);

/* Free without drawing; NULL is allowed. */
void bar_free(struct bar *bar);

/* dn more are done (0 or more); draws if it is time to. */
void bar_update(struct bar *bar, int64_t dn, int64_t now);

/* The same without drawing, for a moment when the line cannot be written on. */
void bar_count(struct bar *bar, int64_t dn);

/* Count dn as done earlier, as tqdm's initial: they are in the count and the
 * percentage, but not in the rate.  Draws nothing. */
void bar_skip(struct bar *bar, int64_t dn);

/* Change the width and draw nothing.  A bar that has become narrower no longer clears
 * beyond its new width, where it would wrap. */
void bar_set_width(struct bar *bar, int ncols);

/* Call about once a second.  Draws if no update or tick did for a second, so that the
 * elapsed time advances; no update draws within 0.1 s of that.  After 10 s without a
 * draw by an update, the next update draws whatever it counts. */
void bar_tick(struct bar *bar, int64_t now);

/* Draw, whenever the last draw was: after bar_erase and other output. */
void bar_redraw(struct bar *bar, int64_t now);

/* Blank the line and return to its start, so that other output can take its place. */
void bar_erase(struct bar *bar);

/* Draw a last time with the average rate, and end the line.  Nothing draws after
 * that, whatever is called. */
void bar_close(struct bar *bar, int64_t now);

#endif
