/* SPDX-License-Identifier: ISC */
/* Formats one line of the progress bar.  The line consists of a percentage, the bar,
 * and the numbers after it; the bar gets the columns that the two texts leave.  The
 * formats and the arithmetic are tqdm's. */

#include <config.h>

#include <inttypes.h>

#include "base/width.h"
#include "watch/meter.h"

enum { CELLS_DEFAULT = 10, STEPS_MAX = 10 };

/* The signs of a cell, from empty to full. */
static const struct charset {
	int64_t steps;
	const char *signs[STEPS_MAX + 1];
} blocks = {8, {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}},
  ascii = {10, {" ", "1", "2", "3", "4", "5", "6", "7", "8", "9", "#"}};

static bool has_total(const struct meter *m)
{
	return m->total > 0 && m->n <= m->total;
}

static double rate_of(const struct meter *m)
{
	if (m->rate >= 0)
		return m->rate;
	return m->elapsed > 0 ? (double)(m->n - m->initial) / m->elapsed : 0;
}

/* As mm:ss or h:mm:ss. */
static void add_interval(struct buf *out, double seconds)
{
	const double limit = 9.2e18; /* what an int64_t holds */
	int64_t s = (int64_t)(seconds < limit ? seconds : limit), hours = s / 3600;

	if (hours > 0)
		buf_addf(out, "%" PRId64 ":", hours);
	buf_addf(out, "%02d:%02d", (int)(s / 60 % 60), (int)(s % 60));
}

/* Slow rates are shown as the time that one takes. */
static void add_rate(struct buf *out, double rate, const char *unit)
{
	if (rate == 0)
		buf_addf(out, "?%s/s", unit);
	else if (1 / rate > 1)
		buf_addf(out, "%5.2fs/%s", 1 / rate, unit);
	else
		buf_addf(out, "%5.2f%s/s", rate, unit);
}

static void add_times(struct buf *out, const struct meter *m)
{
	double rate = rate_of(m);

	add_interval(out, m->elapsed);
	if (has_total(m))
		buf_addc(out, '<');
	if (has_total(m) && rate > 0)
		add_interval(out, (double)(m->total - m->n) / rate);
	else if (has_total(m))
		buf_addc(out, '?');
	buf_adds(out, ", ");
}

static void add_numbers(struct buf *out, const struct meter *m)
{
	if (has_total(m))
		buf_addf(out, " %" PRId64 "/%" PRId64 " [", m->n, m->total);
	else
		buf_addf(out, "%" PRId64 "%s [", m->n, m->unit);
	if (m->brief < 2)
		add_times(out, m);
	if (m->brief < 1)
		add_rate(out, rate_of(m), m->unit);
	if (m->failed > 0)
		buf_addf(out, "%sfailed=%" PRIu64, m->brief < 1 ? ", " : "", m->failed);
	buf_addc(out, ']');
}

static void add_cells(struct buf *out, const struct charset *set, double done, int64_t cells)
{
	int64_t filled = (int64_t)(done * (double)cells * (double)set->steps);

	for (int64_t i = 0; i < cells; i++) {
		int64_t here = filled - i * set->steps;

		buf_adds(out, set->signs[here < 0	     ? 0
					 : here > set->steps ? set->steps
							     : here]);
	}
}

static void add_bar(struct buf *out, const struct meter *m, double done)
{
	size_t start = out->len;
	struct buf numbers = BUF_INIT;
	struct bytes line;
	int64_t cells = CELLS_DEFAULT;

	buf_addf(out, "%3.0f%%|", done * 100);
	buf_addc(&numbers, '|');
	add_numbers(&numbers, m);
	if (m->ncols > 0) {
		cells = m->ncols - (int64_t)(out->len - start) -
			(int64_t)width_columns(buf_bytes(&numbers));
		cells = cells < 1 ? 1 : cells;
	}
	add_cells(out, m->ascii ? &ascii : &blocks, done, cells);
	buf_addb(out, buf_bytes(&numbers));
	buf_clear(&numbers);
	line = (struct bytes){out->data + start, out->len - start};
	if (m->ncols > 0)
		out->len = start + width_fit(line, (size_t)m->ncols);
}

void meter_format(struct buf *out, const struct meter *m)
{
	double done = (double)m->n / (double)m->total;

	if (has_total(m) && m->ncols != 0) {
		add_bar(out, m, done);
		return;
	}
	if (has_total(m))
		buf_addf(out, "%3.0f%%", done * 100);
	add_numbers(out, m);
}
