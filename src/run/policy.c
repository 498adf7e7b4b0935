/* SPDX-License-Identifier: ISC */
/* Parses --halt and --termseq, and applies these and the other rules to the numbers and
 * outcomes that the scheduler passes.  A percentage of failed jobs counts only after a
 * minimum of finished jobs, so that one early failure does not end a run. */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "run/policy.h"

/* --- halt */

enum { PERCENT_FROM = 3 }; /* percentages mean something from here on */

/* The old forms of GNU parallel. */
static const char *modern_form(const char *text)
{
	static const char *const forms[][2] = {{"0", "never"},
					       {"1", "soon,fail=1"},
					       {"2", "now,fail=1"},
					       {"-1", "soon,success=1"},
					       {"-2", "now,success=1"}};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(text, forms[i][0]) == 0)
			return forms[i][1];
	return text;
}

/* Which of the n words the text begins with, and step over it; -1: none. */
static int take_word(const char **text, const char *const words[], int n)
{
	for (int i = 0; i < n; i++) {
		size_t len = strlen(words[i]);

		if (strncmp(*text, words[i], len) != 0)
			continue;
		*text += len;
		return i;
	}
	return -1;
}

static bool parse_halt(const char *p, struct halt *halt)
{
	static const char *const when[] = {"never", "soon,", "now,"};
	static const char *const why[] = {"fail=", "success=", "done="};
	int at;

	*halt = (struct halt){.when = HALT_SOON};
	if (strchr(p, '%') == NULL || strchr(p, ',') != NULL) {
		at = take_word(&p, when, 3);
		halt->when = at >= 0 ? (enum halt_when)at : HALT_NEVER;
		if (halt->when == HALT_NEVER)
			return at >= 0 && *p == '\0';
		at = take_word(&p, why, 3);
		if (at < 0)
			return false;
		halt->why = (enum halt_why)at;
	}
	return units_percent(p, &halt->count, &halt->percent) == 0 && halt->count > 0 &&
	       (!halt->percent || halt->count <= 100);
}

int halt_parse(const char *text, struct halt *halt, struct err *err)
{
	if (parse_halt(modern_form(text), halt))
		return 0;
	return err_usage(err,
			 "write never, or when and why: now,fail=1 soon,fail=3 "
			 "now,fail=10%% now,success=1 soon,done=5");
}

bool halt_reached(const struct halt *halt, uint64_t ok, uint64_t failed)
{
	uint64_t finished = ok + failed, counted = finished;

	if (halt->when == HALT_NEVER)
		return false;
	if (halt->why == HALT_FAIL)
		counted = failed;
	else if (halt->why == HALT_SUCCESS)
		counted = ok;
	if (!halt->percent)
		return counted >= halt->count;
	return finished >= PERCENT_FROM && counted * 100 >= halt->count * finished;
}

/* --- retries */

int retry_parse_delay(struct retry_rules *r, const char *text, struct err *err)
{
	char *copy = xstrdup(text), *max = copy, *first = strsep(&max, ",");
	int bad = units_duration(first, &r->delay_ns) < 0;

	r->max_ns = 0;
	if (max != NULL)
		bad |= units_duration(max, &r->max_ns) < 0 || r->max_ns < r->delay_ns;
	free(copy);
	if (bad)
		return err_usage(err,
				 "write the first delay, or the first and "
				 "the longest: 1s or 1s,5m");
	return 0;
}

/* "75" or "100-102". */
static bool add_codes(struct retry_rules *r, const char *text)
{
	int first, last, end = 0, n = sscanf(text, "%9d%n-%9d%n", &first, &end, &last, &end);

	if (n == 1)
		last = first;
	if (n < 1 || text[end] != '\0' || first < 1 || last > 255 || first > last)
		return false;
	for (; first <= last; first++)
		r->on_code[first] = true;
	return true;
}

/* What --retry-on names; a result without a name is never tried again: another try would
 * print the same (JOB_REFUSED), or not find the command either (JOB_NOT_STARTED). */
static const char *const retry_names[RETRY_RESULTS] = {
    [JOB_FAILED] = "exit",
    [JOB_SIGNALED] = "signal",
    [JOB_TIMEOUT] = "timeout",
    [JOB_LOST] = "lost",
};

static bool add_rule(struct retry_rules *r, const char *name)
{
	for (int i = 0; i < RETRY_RESULTS; i++) {
		if (retry_names[i] == NULL || strcmp(name, retry_names[i]) != 0)
			continue;
		r->on[i] = true;
		return true;
	}
	return add_codes(r, name);
}

int retry_parse_on(struct retry_rules *r, const char *text, struct err *err)
{
	char *copy = xstrdup(text), *save, *name = strtok_r(copy, ",", &save);
	bool bad = name == NULL;

	r->listed = true;
	for (; name != NULL && !bad; name = strtok_r(NULL, ",", &save))
		bad = !add_rule(r, name);
	free(copy);
	if (bad)
		return err_usage(err,
				 "write a list of exit, timeout, signal, lost "
				 "and exit statuses: timeout,75,100-102");
	return 0;
}

bool retry_wanted(const struct retry_rules *r, const struct outcome *o, uint64_t tries)
{
	if (o->try >= tries || retry_names[o->status] == NULL)
		return false;
	return !r->listed || r->on[o->status] ||
	       (o->status == JOB_FAILED && r->on_code[o->code & 0xff]);
}

int64_t retry_delay(const struct retry_rules *r, unsigned tries_done, uint64_t random)
{
	int64_t max = r->max_ns > 0 ? r->max_ns : INT64_MAX / 4;
	int64_t delay = r->delay_ns;

	for (unsigned i = 1; i < tries_done && delay < max; i++)
		delay = delay > max / 2 ? max : delay * 2;
	if (delay > 0)
		delay = clock_after(delay - delay / 4,
				    (int64_t)(random % (uint64_t)(delay / 2 + 1)));
	return delay < max ? delay : max;
}

/* --- termination */

const struct termination termination_default = {
    .steps = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50}, {SIGKILL, 25}},
    .n = 4,
};

static int signal_number(const char *name)
{
	uint64_t n;

	if (units_uint(name, &n) == 0)
		return n >= 1 && n < NSIG ? (int)n : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int signo = 1; signo < NSIG; signo++) {
		const char *known = sigabbrev_np(signo);

		if (known != NULL && strcasecmp(known, name) == 0)
			return signo;
	}
	return -1;
}

static int parse_steps(char *text, struct termination *t)
{
	char *save, *word = strtok_r(text, ",", &save);
	uint64_t ms;

	t->n = 0;
	for (; word != NULL; word = strtok_r(NULL, ",", &save)) {
		struct termination_step *step = &t->steps[t->n];

		if (t->n == TERMINATION_MAX_STEPS)
			return -1;
		*step = (struct termination_step){signal_number(word), 0};
		if (step->signo < 0)
			return -1;
		t->n++;
		word = strtok_r(NULL, ",", &save);
		if (word == NULL)
			break;
		if (units_uint(word, &ms) < 0 || ms > 3600000)
			return -1;
		step->wait_ms = (int)ms;
	}
	return t->n > 0 ? 0 : -1;
}

int termination_parse(const char *text, struct termination *t, struct err *err)
{
	char *copy = xstrdup(text);
	int bad = parse_steps(copy, t) < 0;

	free(copy);
	if (bad)
		return err_usage(err,
				 "write signals and milliseconds in turn: "
				 "TERM,200,TERM,100,KILL,25");
	return 0;
}

/* --- median */

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void median_add(struct median *m, int64_t value)
{
	m->recent[m->added++ % MEDIAN_KEEPS] = value;
}

int64_t median_get(const struct median *m)
{
	size_t n = m->added < MEDIAN_KEEPS ? (size_t)m->added : MEDIAN_KEEPS;
	int64_t sorted[MEDIAN_KEEPS];

	if (n < MEDIAN_FROM)
		return -1;
	memcpy(sorted, m->recent, n * sizeof sorted[0]);
	qsort(sorted, n, sizeof sorted[0], compare);
	return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

int64_t median_percent(const struct median *m, unsigned percent)
{
	int64_t result;

	if (__builtin_mul_overflow(median_get(m) / 100, percent, &result))
		return INT64_MAX;
	return result;
}
