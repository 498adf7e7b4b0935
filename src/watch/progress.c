/* SPDX-License-Identifier: ISC */
/* Shows the run while it goes on: a bar that is redrawn when jobs end and once a
 * second, or a plain line at intervals; and with -t each command as it starts.  When
 * the bar may be written is the terminal's decision (sys/terminal.h). */

#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/units.h"
#include "watch/bar.h"
#include "watch/meter.h"
#include "watch/progress.h"

struct progress {
	struct progress_config cfg;
	const struct run_state *run;
	struct bar *bar; /* NULL: none is drawn */
	struct loop_timer timer;
};

static void tick(void *arg);

static int64_t known_total(const struct run_state *run)
{
	return run->total_known ? (int64_t)run->total : METER_UNKNOWN;
}

static void set_timer(struct progress *p, int64_t interval)
{
	loop_timer_set(p->cfg.loop, &p->timer, clock_in(interval), tick, p);
}

/* --- the bar */

/* As tqdm: all columns of the terminal, else one less than $COLUMNS. */
static int bar_columns(const struct progress *p)
{
	unsigned columns = terminal_columns(p->cfg.terminal);
	const char *variable = getenv("COLUMNS");
	uint64_t n;

	if (columns > 0)
		return (int)columns;
	if (variable != NULL && units_uint(variable, &n) == 0 && n > 1 && n < 10000)
		return (int)n - 1;
	return METER_UNKNOWN;
}

/* Judged by the locale's name, so that the locale need not be loaded. */
static bool is_utf8_locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]), *encoding;

		if (value == NULL || *value == '\0')
			continue;
		encoding = strchr(value, '.');
		return encoding != NULL && (strncasecmp(encoding, ".utf-8", 6) == 0 ||
					    strncasecmp(encoding, ".utf8", 5) == 0);
	}
	return false;
}

static void write_bar(void *arg, struct bytes text)
{
	const struct progress *p = arg;

	terminal_write(p->cfg.terminal, text);
}

static void erase_bar(void *arg)
{
	const struct progress *p = arg;

	bar_erase(p->bar);
}

static void draw_bar(void *arg)
{
	const struct progress *p = arg;

	bar_redraw(p->bar, clock_mono());
}

static void resized(void *arg, int signo)
{
	struct progress *p = arg;

	(void)signo;
	if (p->bar == NULL)
		return;
	bar_set_width(p->bar, bar_columns(p));
	if (!terminal_is_busy(p->cfg.terminal))
		bar_redraw(p->bar, clock_mono());
}

static void open_bar(struct progress *p)
{
	struct terminal_status status = {erase_bar, draw_bar, p};
	struct meter shows = {.total = known_total(p->run),
			      .ncols = bar_columns(p),
			      .unit = p->cfg.unit,
			      .ascii = !is_utf8_locale()};

	p->bar = bar_new(&shows, write_bar, p, clock_mono());
	terminal_set_status(p->cfg.terminal, &status);
	loop_signal(p->cfg.loop, SIGWINCH, resized, p);
	set_timer(p, NSEC_PER_SEC);
}

static void update_bar(struct progress *p)
{
	bar_meter(p->bar)->failed = p->run->failed;
	if (terminal_is_busy(p->cfg.terminal))
		bar_count(p->bar, 1);
	else
		bar_update(p->bar, 1, clock_mono());
}

static void close_bar(struct progress *p)
{
	terminal_end_output(p->cfg.terminal);
	terminal_show_status(p->cfg.terminal);
	bar_close(p->bar, clock_mono());
	terminal_set_status(p->cfg.terminal, NULL);
	bar_free(p->bar);
	p->bar = NULL;
}

/* --- plain lines */

static void print_line(const struct progress *p)
{
	struct meter meter = {
	    .n = (int64_t)(p->run->done + p->run->skipped),
	    .initial = (int64_t)p->run->skipped,
	    .total = known_total(p->run),
	    .elapsed = (double)(clock_mono() - p->run->start) / NSEC_PER_SEC,
	    .rate = METER_AVERAGE,
	    .ncols = 0,
	    .unit = p->cfg.unit,
	    .failed = p->run->failed,
	};
	struct buf line = BUF_INIT;

	meter_format(&line, &meter);
	msg_print("%s", buf_cstr(&line));
	buf_clear(&line);
}

/* --- the observer */

static void tick(void *arg)
{
	struct progress *p = arg;

	if (p->bar == NULL) {
		print_line(p);
		set_timer(p, p->cfg.interval_ns);
		return;
	}
	if (!terminal_is_busy(p->cfg.terminal))
		bar_tick(p->bar, clock_mono());
	set_timer(p, NSEC_PER_SEC);
}

static void run_begins(void *arg, const struct run_state *run)
{
	struct progress *p = arg;

	p->run = run;
	if (p->cfg.kind == PROGRESS_BAR ||
	    (p->cfg.kind == PROGRESS_AUTO && terminal_is_tty(p->cfg.terminal)))
		open_bar(p);
	else if (p->cfg.kind == PROGRESS_PLAIN)
		set_timer(p, p->cfg.interval_ns);
}

static void total_is_known(void *arg, const struct run_state *run)
{
	struct progress *p = arg;

	if (p->bar == NULL)
		return;
	bar_meter(p->bar)->total = (int64_t)run->total;
	if (!terminal_is_busy(p->cfg.terminal))
		bar_redraw(p->bar, clock_mono());
}

static void job_skipped(void *arg, const struct run_state *run)
{
	struct progress *p = arg;

	(void)run;
	if (p->bar != NULL)
		bar_skip(p->bar, 1);
}

static void job_done(void *arg, const struct run_state *run, const struct outcome *o)
{
	struct progress *p = arg;

	(void)run;
	(void)o;
	if (p->bar != NULL)
		update_bar(p);
}

static void run_ends(void *arg, const struct run_state *run)
{
	struct progress *p = arg;

	loop_timer_cancel(p->cfg.loop, &p->timer);
	if (p->bar != NULL)
		close_bar(p);
	else if (p->cfg.kind == PROGRESS_PLAIN && run->reason != END_READER_GONE)
		print_line(p);
}

struct progress *progress_new(const struct progress_config *cfg)
{
	struct progress *p = xcalloc(1, sizeof *p);

	p->cfg = *cfg;
	return p;
}

void progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	loop_timer_cancel(p->cfg.loop, &p->timer);
	if (p->bar != NULL)
		terminal_set_status(p->cfg.terminal, NULL);
	bar_free(p->bar);
	free(p);
}

const struct watcher_ops progress_ops = {
    .begin = run_begins,
    .total = total_is_known,
    .skipped = job_skipped,
    .done = job_done,
    .end = run_ends,
};

/* --- commands */

static void show_command(void *arg, const struct run_state *run,
			 const struct bindings *job)
{
	struct buf line = BUF_INIT;

	(void)run;
	template_show(arg, job, &line);
	buf_addc(&line, '\n');
	msg_raw(buf_bytes(&line));
	buf_clear(&line);
}

const struct watcher_ops verbose_ops = {.started = show_command};
