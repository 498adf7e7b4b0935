/* SPDX-License-Identifier: ISC */
/* Decides when the progress bar is drawn and at what rate it is shown to run.  An
 * update draws when enough was done (miniters, which follows the rate) and the last
 * draw is long enough ago; such draws are also the samples of the rate, which is
 * smoothed.  Ticks and redraws show the same numbers again and are no samples. */

#include <config.h>

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/width.h"
#include "watch/bar.h"

/* An exponential moving average that begins at its first value. */
struct ema {
	double last;
	double missing; /* of its weight: 1 - alpha to the power of the calls */
};

struct bar {
	bar_write_fn write;
	void *arg;
	struct meter meter; /* what the next draw shows */
	struct buf out;
	double started;
	bool closed;
	size_t columns; /* of the line on the screen */

	/* The last draw that an update caused.  Only these are samples of the rate, as
	 * in tqdm, however often the line is drawn besides. */
	int64_t sample_n;
	double sample_at;
	double drawn_at; /* the last draw by an update or a tick */

	double miniters; /* an update draws after this many more */
	struct ema dn, dt, iters;
};

/* tqdm's defaults, in seconds; mininterval and maxinterval bound how often an update
 * draws. */
static const double smoothing = 0.3, mininterval = 0.1, maxinterval = 10;
static const double tick_interval = 1;

/* A time as tqdm has it.  Differences are taken between these, as in tqdm: what is due
 * at exactly 0.1 s depends on their last bit. */
static double seconds(int64_t ns)
{
	return (double)ns / NSEC_PER_SEC;
}

/* --- the rate */

/* The average starts from 0; the divisor makes up for that, so that the first value
 * comes out unchanged.  0 before the first. */
static double ema_value(const struct ema *ema)
{
	return ema->missing < 1 ? ema->last / (1 - ema->missing) : 0;
}

static void ema_add(struct ema *ema, double x)
{
	ema->last = smoothing * x + (1 - smoothing) * ema->last;
	ema->missing *= 1 - smoothing;
}

/* How many more to wait for before looking at the time again. */
static void adapt_miniters(struct bar *bar, double dn, double dt)
{
	if (dt >= maxinterval) {
		bar->miniters = dn * mininterval / dt;
	} else {
		ema_add(&bar->iters, dn * (dt > 0 ? mininterval / dt : 1));
		bar->miniters = ema_value(&bar->iters);
	}
}

/* --- drawing */

/* Write "\r", the line from offset 1 on, and blanks over the rest of the old line. */
static void put_line(struct bar *bar)
{
	struct bytes all = buf_bytes(&bar->out);
	size_t columns = width_columns((struct bytes){all.p + 1, all.len - 1});

	for (size_t i = columns; i < bar->columns; i++)
		buf_addc(&bar->out, ' ');
	bar->columns = columns;
	bar->write(bar->arg, buf_bytes(&bar->out));
}

static void begin_line(struct bar *bar)
{
	buf_reset(&bar->out);
	buf_addc(&bar->out, '\r');
}

/* Without a total there is no bar to give way: the line is cut. */
static void format_line(struct bar *bar)
{
	struct bytes line;

	begin_line(bar);
	meter_format(&bar->out, &bar->meter);
	line = (struct bytes){bar->out.data + 1, bar->out.len - 1};
	if (bar->meter.ncols > 0)
		bar->out.len = 1 + width_fit(line, (size_t)bar->meter.ncols);
}

static bool is_cut(const struct bar *bar)
{
	return bar->out.data[bar->out.len - 1] != ']';
}

static void draw(struct bar *bar, double now, bool average)
{
	double dt = ema_value(&bar->dt);

	bar->meter.elapsed = now - bar->started;
	bar->meter.rate = !average && dt > 0 ? ema_value(&bar->dn) / dt : METER_AVERAGE;
	bar->meter.brief = 0;
	format_line(bar);
	while (bar->meter.failed > 0 && is_cut(bar) && bar->meter.brief < METER_BRIEFEST) {
		bar->meter.brief++;
		format_line(bar);
	}
	put_line(bar);
}

/* An update draws, and what happened since the last one is a sample. */
static void sample(struct bar *bar, double now)
{
	double dn = (double)(bar->meter.n - bar->sample_n);
	double dt = now - bar->sample_at;

	if (dt > 0 && dn > 0) {
		ema_add(&bar->dn, dn);
		ema_add(&bar->dt, dt);
	}
	draw(bar, now, false);
	adapt_miniters(bar, dn, dt);
	bar->sample_n = bar->meter.n;
	bar->sample_at = bar->drawn_at = now;
}

/* --- the interface */

struct bar *bar_new(const struct meter *shows, bar_write_fn write, void *arg, int64_t now)
{
	struct bar *bar = xcalloc(1, sizeof *bar);

	bar->meter = *shows;
	bar->write = write;
	bar->arg = arg;
	bar->dn.missing = bar->dt.missing = bar->iters.missing = 1;
	bar->started = bar->sample_at = bar->drawn_at = seconds(now);
	draw(bar, seconds(now), false);
	return bar;
}

void bar_free(struct bar *bar)
{
	if (bar == NULL)
		return;
	buf_clear(&bar->out);
	free(bar);
}

void bar_count(struct bar *bar, int64_t dn)
{
	assert(dn >= 0);
	bar->meter.n += dn;
}

void bar_skip(struct bar *bar, int64_t dn)
{
	bar_count(bar, dn);
	bar->meter.initial += dn;
	bar->sample_n += dn;
}

void bar_update(struct bar *bar, int64_t dn, int64_t now)
{
	bar_count(bar, dn);
	if (bar->closed || (double)(bar->meter.n - bar->sample_n) < bar->miniters)
		return;
	if (seconds(now) - bar->drawn_at >= mininterval)
		sample(bar, seconds(now));
}

void bar_set_width(struct bar *bar, int ncols)
{
	bar->meter.ncols = ncols;
	if (ncols > 0 && bar->columns > (size_t)ncols)
		bar->columns = (size_t)ncols;
}

struct meter *bar_meter(struct bar *bar)
{
	return &bar->meter;
}

void bar_tick(struct bar *bar, int64_t now)
{
	double t = seconds(now);

	/* After a burst miniters is high; slow jobs would never reach it, and the rate
	 * of the burst would stay. */
	if (bar->miniters > 1 && t - bar->sample_at >= maxinterval)
		bar->miniters = 1;
	if (bar->closed || t - bar->drawn_at < tick_interval)
		return;
	draw(bar, t, false);
	bar->drawn_at = t;
}

void bar_redraw(struct bar *bar, int64_t now)
{
	if (!bar->closed)
		draw(bar, seconds(now), false);
}

void bar_erase(struct bar *bar)
{
	if (bar->closed || bar->columns == 0)
		return;
	begin_line(bar);
	put_line(bar);
	bar->write(bar->arg, bytes_str("\r"));
}

void bar_close(struct bar *bar, int64_t now)
{
	if (bar->closed)
		return;
	bar->closed = true;
	draw(bar, seconds(now), true);
	bar->write(bar->arg, bytes_str("\n"));
}
