/* SPDX-License-Identifier: ISC */
/* Collects during a run what its end needs: how often each reason of failure occurred,
 * a line about each of the first failures, and the numbers of the failed events as
 * ranges.  All three have limits, so that memory does not grow with the failures. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/width.h"
#include "watch/summary.h"

enum { MAX_SHOWN = 5, MAX_REASONS = 12, MAX_RANGES = 200, MAX_COLUMNS = 200 };

struct reason {
	char text[64];
	uint64_t count;
};

struct range {
	uint64_t first, last;
};

struct shown {
	uint64_t seq;
	char *line;
};

struct summary {
	struct summary_config cfg;
	struct reason reasons[MAX_REASONS];
	size_t nreasons;
	uint64_t other; /* failures beyond MAX_REASONS reasons */
	struct shown shown[MAX_SHOWN];
	size_t nshown;
	/* The numbers of the events that failed, ascending, with gaps between. */
	struct range ranges[MAX_RANGES];
	size_t nranges;
	bool too_many; /* ranges to list */
};

static void count_reason(struct summary *s, const char *text)
{
	for (size_t i = 0; i < s->nreasons; i++) {
		if (strcmp(s->reasons[i].text, text) == 0) {
			s->reasons[i].count++;
			return;
		}
	}
	if (s->nreasons == MAX_REASONS) {
		s->other++;
		return;
	}
	snprintf(s->reasons[s->nreasons].text, sizeof s->reasons[0].text, "%s", text);
	s->reasons[s->nreasons++].count = 1;
}

static size_t line_columns(const struct summary *s)
{
	size_t used = strlen("volley: ");

	if (s->cfg.columns > 40 && s->cfg.columns < MAX_COLUMNS)
		return s->cfg.columns - used;
	return MAX_COLUMNS - used;
}

/* Line breaks and tabs would break the list. */
static void cut_line(struct buf *line, size_t columns)
{
	size_t fits;

	for (size_t i = 0; i < line->len; i++)
		if (line->data[i] == '\n' || line->data[i] == '\t')
			line->data[i] = ' ';
	fits = width_fit(buf_bytes(line), columns);
	if (fits == line->len)
		return;
	line->len = width_fit(buf_bytes(line), columns - 3);
	buf_adds(line, "...");
}

static void keep_line(struct summary *s, const struct bindings *job, const char *reason)
{
	const struct event *e = job->events[0];
	struct buf line = BUF_INIT;

	buf_addf(&line, "  job %llu", (unsigned long long)job->seq);
	if (e->file != NULL && e->line > 0)
		buf_addf(&line, " (%s:%llu)", event_file(e), (unsigned long long)e->line);
	buf_addf(&line, ": %s: ", reason);
	template_show(s->cfg.template, job, &line);
	cut_line(&line, line_columns(s));
	s->shown[s->nshown++] =
	    (struct shown){job->seq, xmemdup0(line.data, line.len)};
	buf_clear(&line);
}

static void add_number(struct summary *s, uint64_t n)
{
	struct range *r = s->ranges, *end = s->ranges + s->nranges;

	while (r < end && r->last + 1 < n)
		r++;
	if (r < end && r->first <= n + 1) {
		if (n < r->first)
			r->first = n;
		if (n > r->last)
			r->last = n;
		if (r + 1 < end && r->last + 1 == r[1].first) {
			r[1].first = r->first;
			memmove(r, r + 1, (size_t)(end - r - 1) * sizeof *r);
			s->nranges--;
		}
	} else if (s->nranges == MAX_RANGES) {
		s->too_many = true;
	} else {
		memmove(r + 1, r, (size_t)(end - r) * sizeof *r);
		*r = (struct range){n, n};
		s->nranges++;
	}
}

static void job_done(void *arg, const struct run_state *run, const struct outcome *o)
{
	struct summary *s = arg;
	char reason[64];

	(void)run;
	if (o->status == JOB_OK)
		return;
	outcome_reason(o, reason, sizeof reason);
	count_reason(s, reason);
	if (s->nshown < MAX_SHOWN)
		keep_line(s, o->bindings, reason);
	for (size_t i = 0; i < o->bindings->nevents; i++)
		add_number(s, o->bindings->events[i]->seq);
}

static void add_reasons(const struct summary *s, struct buf *out)
{
	for (size_t i = 0; i < s->nreasons; i++)
		buf_addf(out, "%s%llu %s", i > 0 ? ", " : "",
			 (unsigned long long)s->reasons[i].count, s->reasons[i].text);
	if (s->other > 0)
		buf_addf(out, ", %llu other", (unsigned long long)s->other);
}

static int compare_shown(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void print_failures(struct summary *s, const struct run_state *run)
{
	struct buf reasons = BUF_INIT;

	add_reasons(s, &reasons);
	msg_print("%llu of %llu job%s failed: %s", (unsigned long long)run->failed,
		  (unsigned long long)run->done, run->done == 1 ? "" : "s",
		  buf_cstr(&reasons));
	buf_clear(&reasons);
	if (s->nshown > 0)
		qsort(s->shown, s->nshown, sizeof s->shown[0], compare_shown);
	for (size_t i = 0; i < s->nshown; i++)
		msg_print("%s", s->shown[i].line);
	if (run->failed > s->nshown)
		msg_print("  and %llu more",
			  (unsigned long long)(run->failed - s->nshown));
}

static void print_stopped(const struct run_state *run)
{
	struct buf text = BUF_INIT;
	uint64_t seen = run->done + run->stopped + run->skipped;

	if (seen == 0 || (run->stopped == 0 && run->total_known && run->total <= seen))
		return; /* nothing was run, or nothing is missing */
	buf_addf(&text, "ended early: %llu done, %llu stopped",
		 (unsigned long long)run->done, (unsigned long long)run->stopped);
	if (run->total_known)
		buf_addf(&text, ", %llu not run",
			 (unsigned long long)(run->total > seen ? run->total - seen : 0));
	else
		buf_adds(&text, ", the rest not run");
	msg_print("%s", buf_cstr(&text));
	buf_clear(&text);
}

/* The failed events as a list: "3,7-9". */
static void add_ranges(const struct summary *s, struct buf *out)
{
	for (size_t i = 0; i < s->nranges; i++) {
		const struct range *r = &s->ranges[i];

		buf_addf(out, "%s%llu", i > 0 ? "," : "", (unsigned long long)r->first);
		if (r->last > r->first)
			buf_addf(out, "-%llu", (unsigned long long)r->last);
	}
}

static void print_again(struct summary *s, const struct run_state *run)
{
	struct buf option = BUF_INIT;

	if (s->cfg.again_numbers && s->too_many)
		return; /* to list */
	buf_adds(&option, s->cfg.again_option);
	if (s->cfg.again_numbers) {
		buf_addc(&option, ' ');
		add_ranges(s, &option);
	}
	msg_print("to rerun %s: %s%s%s%s%s", run->failed == 1 ? "it" : "these",
		  s->cfg.again_before, option.len > 0 ? " " : "", buf_cstr(&option),
		  *s->cfg.again_after != '\0' ? " " : "", s->cfg.again_after);
	buf_clear(&option);
}

static void run_ended(void *arg, const struct run_state *run)
{
	struct summary *s = arg;

	if (run->reason == END_READER_GONE)
		return; /* without a message, like any filter */
	if (run->failed > 0)
		print_failures(s, run);
	if (run->stopped > 0 || run->ended_early)
		print_stopped(run);
	if (run->failed > 0)
		print_again(s, run);
}

struct summary *summary_new(const struct summary_config *cfg)
{
	struct summary *s = xcalloc(1, sizeof *s);

	s->cfg = *cfg;
	return s;
}

void summary_free(struct summary *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nshown; i++)
		free(s->shown[i].line);
	free(s);
}

const struct watcher_ops summary_ops = {.done = job_done, .end = run_ended};
