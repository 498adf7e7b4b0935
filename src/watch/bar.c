/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "watch/bar.h"
#include "watch/columns.h"
#include "watch/meter.h"

/* An exponential moving average that begins at its first value. */
struct ema {
	double last;
	double missing; /* of its weight: 1 - alpha to the power of the calls */
};

struct bar {
	struct bar_config config; /* its strings may be gone: these are copies */
	char *desc, *unit, *charset, *postfix;
	struct buf out;
	int64_t n;
	double started;
	bool closed;
	size_t columns; /* of the line that stands there */

	/* The last draw that an update caused.  Only these are samples of the
	 * rate, as in tqdm, however often the line is drawn besides. */
	int64_t sample_n;
	double sample_at;
	double drawn_at; /* the last draw by an update or a tick */

	double mininterval, maxinterval;
	double miniters;
	struct ema dn, dt, iters;
};

const struct bar_config bar_config_default = {
    .total = METER_UNKNOWN,
    .ncols = METER_UNKNOWN,
    .smoothing = 0.3,
    .mininterval = NSEC_PER_SEC / 10,
    .maxinterval = 10 * NSEC_PER_SEC,
    .miniters = BAR_MINITERS_DYNAMIC,
    .leave = true,
};

static const double tick_interval = 1;

/* A time as tqdm has it.  Differences are taken between these, as there: what is
 * due at just 0.1 s hangs on their last bit. */
static double seconds(int64_t ns)
{
	return (double)ns / NSEC_PER_SEC;
}

static char *copy_or_null(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

/* --- the rate ------------------------------------------------------------ */

/* It starts from 0; the divisor makes up for that, so that the first value
 * comes out as it went in.  0 before that. */
static double ema_value(const struct ema *ema)
{
	return ema->missing < 1 ? ema->last / (1 - ema->missing) : 0;
}

static void ema_add(struct ema *ema, double alpha, double x)
{
	ema->last = alpha * x + (1 - alpha) * ema->last;
	ema->missing *= 1 - alpha;
}

/* How many more to wait for before looking at the time again. */
static void adapt_miniters(struct bar *bar, double dn, double dt)
{
	double smoothing = bar->config.smoothing;
	double part = bar->mininterval > 0 && dt > 0 ? bar->mininterval / dt : 1;

	if (bar->maxinterval > 0 && dt >= bar->maxinterval) {
		double every = bar->mininterval > 0 ? bar->mininterval : bar->maxinterval;

		bar->miniters = dn * every / dt;
	} else if (smoothing > 0) {
		ema_add(&bar->iters, smoothing, dn * part);
		bar->miniters = ema_value(&bar->iters);
	} else {
		bar->miniters = dn; /* never less than it was, or none had drawn */
	}
}

/* --- drawing ------------------------------------------------------------- */

/* Write "\r", the line from offset 1 on, and blanks over what stood there. */
static void put_line(struct bar *bar)
{
	struct bytes all = buf_bytes(&bar->out);
	size_t columns = columns_count((struct bytes){all.p + 1, all.len - 1});

	for (size_t i = columns; i < bar->columns; i++)
		buf_addc(&bar->out, ' ');
	bar->columns = columns;
	bar->config.write(bar->config.arg, buf_bytes(&bar->out));
}

static void begin_line(struct bar *bar)
{
	buf_reset(&bar->out);
	buf_addc(&bar->out, '\r');
}

static void draw(struct bar *bar, double now, bool average)
{
	const struct bar_config *c = &bar->config;
	double dt = ema_value(&bar->dt);
	struct meter_args args = {
	    .n = bar->n,
	    .initial = c->initial,
	    .total = c->total,
	    .elapsed = now - bar->started,
	    .ncols = c->ncols,
	    .desc = bar->desc,
	    .postfix = bar->postfix,
	    .unit = bar->unit,
	    .charset = bar->charset,
	};

	if (!average && dt > 0) {
		args.rate_given = true;
		args.rate = ema_value(&bar->dn) / dt;
	}
	begin_line(bar);
	meter_format(&bar->out, &args);
	if (c->ncols > 0)
		columns_cut(&bar->out, 1, (size_t)c->ncols);
	put_line(bar);
}

static void put_blanks(struct bar *bar)
{
	begin_line(bar);
	put_line(bar);
}

/* An update draws, and what happened since the last one is a sample. */
static void sample(struct bar *bar, double now)
{
	double dn = (double)(bar->n - bar->sample_n);
	double dt = now - bar->sample_at;

	if (bar->config.smoothing > 0 && dt > 0 && dn > 0) {
		ema_add(&bar->dn, bar->config.smoothing, dn);
		ema_add(&bar->dt, bar->config.smoothing, dt);
	}
	draw(bar, now, false);
	if (bar->config.miniters == BAR_MINITERS_DYNAMIC)
		adapt_miniters(bar, dn, dt);
	bar->sample_n = bar->n;
	bar->sample_at = bar->drawn_at = now;
}

/* --- the interface ------------------------------------------------------- */

struct bar *bar_new(const struct bar_config *config, int64_t now)
{
	struct bar *bar = xcalloc(1, sizeof *bar);

	assert(config->write != NULL);
	bar->config = *config;
	bar->desc = copy_or_null(config->desc);
	bar->unit = copy_or_null(config->unit);
	bar->charset = copy_or_null(config->charset);
	bar->n = bar->sample_n = config->initial;
	bar->dn.missing = bar->dt.missing = bar->iters.missing = 1;
	bar->mininterval = seconds(config->mininterval);
	bar->maxinterval = seconds(config->maxinterval);
	bar->started = bar->sample_at = bar->drawn_at = seconds(now);
	if (config->miniters != BAR_MINITERS_DYNAMIC)
		bar->miniters = (double)config->miniters;
	draw(bar, seconds(now), false);
	return bar;
}

void bar_free(struct bar *bar)
{
	if (bar == NULL)
		return;
	free(bar->desc);
	free(bar->unit);
	free(bar->charset);
	free(bar->postfix);
	buf_clear(&bar->out);
	free(bar);
}

void bar_count(struct bar *bar, int64_t dn)
{
	assert(dn >= 0);
	bar->n += dn;
}

void bar_skip(struct bar *bar, int64_t dn)
{
	bar_count(bar, dn);
	bar->config.initial += dn;
	bar->sample_n += dn;
}

void bar_update(struct bar *bar, int64_t dn, int64_t now)
{
	bar_count(bar, dn);
	if (bar->closed || (double)(bar->n - bar->sample_n) < bar->miniters)
		return;
	if (seconds(now) - bar->drawn_at >= bar->mininterval)
		sample(bar, seconds(now));
}

void bar_set_width(struct bar *bar, int ncols)
{
	bar->config.ncols = ncols;
	if (ncols > 0 && bar->columns > (size_t)ncols)
		bar->columns = (size_t)ncols;
}

void bar_set_postfix(struct bar *bar, const char *postfix)
{
	char *copy = copy_or_null(postfix);

	free(bar->postfix);
	bar->postfix = copy;
}

void bar_set_total(struct bar *bar, int64_t total)
{
	bar->config.total = total;
}

void bar_tick(struct bar *bar, int64_t now)
{
	double t = seconds(now);

	/* After a burst miniters is high; slow jobs would never reach it, and
	 * the burst's rate would stay. */
	if (bar->miniters > 1 && t - bar->sample_at >= bar->maxinterval)
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
	put_blanks(bar);
	bar->config.write(bar->config.arg, bytes_str("\r"));
}

void bar_close(struct bar *bar, int64_t now)
{
	if (bar->closed)
		return;
	bar->closed = true;
	if (bar->config.leave) {
		draw(bar, seconds(now), true);
		bar->config.write(bar->config.arg, bytes_str("\n"));
	} else {
		put_blanks(bar);
		bar->config.write(bar->config.arg, bytes_str("\r"));
	}
}
