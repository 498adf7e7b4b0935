/* SPDX-License-Identifier: ISC */
/* Collects during a run what its end needs: how often each reason of failure occurred,
 * a line about each of the first failures and stopped jobs, and which events succeeded and
 * failed.  All have limits, so that memory does not grow with the jobs. */

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/width.h"
#include "watch/numbers.h"
#include "watch/summary.h"

enum { MAX_SHOWN = 5, MAX_REASONS = 12, MAX_COLUMNS = 200 };

struct reason {
	char text[64];
	uint64_t count;
};

struct shown {
	uint64_t seq;
	char *line;
};

/* The first few jobs of a kind. */
struct shown_list {
	struct shown v[MAX_SHOWN];
	size_t n;
};

struct summary {
	struct summary_config cfg;
	struct reason reasons[MAX_REASONS];
	size_t nreasons;
	uint64_t other; /* failures beyond MAX_REASONS reasons */
	struct shown_list failures, stopped;
	struct numbers ok, failed; /* events */
	bool killed; /* a job by a SIGKILL that volley did not send */
	bool wanted_terminal;
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

/* A command that could not be made would mislead: the reason stands in its place. */
static void add_command(const struct summary *s, const struct outcome *o, struct buf *line)
{
	if (o->status == JOB_NOT_STARTED && o->why != NULL)
		buf_adds(line, o->why);
	else
		template_show(s->cfg.template, o->bindings, line);
}

static void keep_line(const struct summary *s, struct shown_list *list,
		      const struct outcome *o, const char *reason)
{
	const struct event *e = o->bindings->events[0];
	struct buf line = BUF_INIT;

	if (list->n == MAX_SHOWN)
		return;
	buf_addf(&line, "  job %llu", (unsigned long long)o->bindings->seq);
	if (e->file != NULL && e->line > 0)
		buf_addf(&line, " (%s:%llu)", event_file(e), (unsigned long long)e->line);
	buf_addf(&line, ": %s: ", reason);
	add_command(s, o, &line);
	cut_line(&line, line_columns(s));
	list->v[list->n++] =
	    (struct shown){o->bindings->seq, xmemdup0(line.data, line.len)};
	buf_clear(&line);
}

static void add_numbers(struct numbers *l, const struct bindings *job)
{
	for (size_t i = 0; i < job->nevents; i++)
		numbers_add(l, job->events[i]->seq);
}

/* A shell whose child died of a signal exits with 128 and the signal. */
static bool was_killed(const struct outcome *o)
{
	return (o->status == JOB_SIGNALED && !o->wanted_terminal && o->code == SIGKILL) ||
	       (o->status == JOB_FAILED && o->code == 128 + SIGKILL);
}

static void job_done(void *arg, const struct run_state *run, const struct outcome *o)
{
	struct summary *s = arg;
	char reason[64];

	(void)run;
	if (o->status == JOB_OK) {
		add_numbers(&s->ok, o->bindings);
		return;
	}
	count_reason(s, outcome_reason(o, reason, sizeof reason));
	keep_line(s, &s->failures, o, reason);
	add_numbers(&s->failed, o->bindings);
	s->killed |= was_killed(o);
	s->wanted_terminal |= o->wanted_terminal;
}

static void job_stopped(void *arg, const struct run_state *run, const struct outcome *o)
{
	char reason[64];

	(void)run;
	snprintf(reason, sizeof reason, "stopped after %.1fs",
		 (double)o->runtime / NSEC_PER_SEC);
	keep_line(arg, &((struct summary *)arg)->stopped, o, reason);
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

static void print_list(struct shown_list *list, uint64_t all)
{
	if (list->n > 0)
		qsort(list->v, list->n, sizeof list->v[0], compare_shown);
	for (size_t i = 0; i < list->n; i++)
		msg_print("%s", list->v[i].line);
	if (all > list->n)
		msg_print("  and %llu more", (unsigned long long)(all - list->n));
}

static void print_failures(struct summary *s, const struct run_state *run)
{
	struct buf reasons = BUF_INIT;

	add_reasons(s, &reasons);
	msg_print("%llu of %llu job%s failed: %s", (unsigned long long)run->failed,
		  (unsigned long long)run->done, run->done == 1 ? "" : "s",
		  buf_cstr(&reasons));
	buf_clear(&reasons);
	print_list(&s->failures, run->failed);
	if (s->killed)
		msg_print("volley did not send this SIGKILL; memory may have run out (see "
			  "dmesg)");
}

/* False: nothing was run, or nothing is missing. */
static bool print_stopped(struct summary *s, const struct run_state *run)
{
	struct buf text = BUF_INIT;
	uint64_t seen = run->done + run->stopped + run->skipped;

	if (seen == 0 || (run->stopped == 0 && run->total_known && run->total <= seen))
		return false;
	buf_addf(&text, "ended early: %llu done, %llu stopped",
		 (unsigned long long)run->done, (unsigned long long)run->stopped);
	if (run->total_known)
		buf_addf(&text, ", %llu not run",
			 (unsigned long long)(run->total > seen ? run->total - seen : 0));
	else
		buf_adds(&text, ", the rest not run");
	msg_print("%s", buf_cstr(&text));
	buf_clear(&text);
	print_list(&s->stopped, run->stopped);
	return true;
}

static void add_word(struct buf *line, const char *word)
{
	if (*word != '\0')
		buf_addf(line, " %s", word);
}

/* The command line with the options; list: numbers after them, or NULL. */
static void print_command(const struct summary *s, const char *what, bool same_input,
			  const char *option, const char *list)
{
	const struct again *a = &s->cfg.again;
	struct buf line = BUF_INIT;

	buf_addf(&line, "to %s%s: %s", what, same_input ? ", with the same input" : "",
		 a->before);
	if (s->wanted_terminal)
		add_word(&line, a->terminal);
	add_word(&line, option);
	if (list != NULL)
		add_word(&line, list);
	add_word(&line, a->after);
	msg_print("%s", buf_cstr(&line));
	buf_clear(&line);
}

static void print_again(const struct summary *s, const struct run_state *run, bool rest)
{
	const struct again *a = &s->cfg.again;
	const char *what = run->failed == 1 ? "rerun it" : "rerun these";
	struct buf failed = BUF_INIT, others = BUF_INIT;

	if (a->numbers == NULL && run->failed > 0)
		print_command(s, rest ? "rerun what failed and continue" : what,
			      a->same_input, a->failed, NULL);
	else if (a->numbers == NULL && rest)
		print_command(s, "continue", a->same_input, a->rest, NULL);
	if (a->numbers == NULL)
		return;
	if (run->failed > 0 && a->from_file != NULL)
		print_command(s, what, false, a->from_file, NULL);
	else if (numbers_print(&s->failed, &failed))
		print_command(s, what, a->same_input, a->numbers, buf_cstr(&failed));
	if (rest && numbers_print_others(&s->ok, a->selected, a->nselected, &others))
		print_command(s, "continue", a->same_input, a->numbers, buf_cstr(&others));
	buf_clear(&failed);
	buf_clear(&others);
}

static void run_ended(void *arg, const struct run_state *run)
{
	struct summary *s = arg;
	bool rest = false;

	if (run->reason == END_READER_GONE)
		return; /* without a message, like any filter */
	if (run->failed > 0)
		print_failures(s, run);
	if (run->stopped > 0 || run->ended_early)
		rest = print_stopped(s, run);
	print_again(s, run, rest);
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
	for (size_t i = 0; i < MAX_SHOWN; i++) {
		free(s->failures.v[i].line);
		free(s->stopped.v[i].line);
	}
	free(s);
}

const struct watcher_ops summary_ops = {
    .done = job_done, .stopped = job_stopped, .end = run_ended};
