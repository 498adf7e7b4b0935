/* SPDX-License-Identifier: ISC */
/* Parses --halt and --termseq, and applies these and the other rules to the numbers and
 * outcomes that the scheduler passes.  A percentage of failed jobs counts only after a
 * minimum of finished jobs, so that one early failure does not end a run. */
#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "run/policy.h"

/* --- halt */

enum { PERCENT_FROM = 3 }; /* percentages mean something from here on */

static int refuse_halt(struct err *err)
{
	return err_usage(err,
			 "write never, or when and why: now,fail=1 soon,fail=3 "
			 "now,fail=10%% now,success=1 soon,done=5");
}

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

static bool take(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	return true;
}

static bool parse_amount(const char *text, struct halt *halt)
{
	size_t len = strlen(text);
	char digits[24];

	halt->percent = len > 0 && text[len - 1] == '%';
	len -= halt->percent;
	if (len >= sizeof digits)
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return units_uint(digits, &halt->count) == 0 && halt->count > 0 &&
	       (!halt->percent || halt->count <= 100);
}

int halt_parse(const char *text, struct halt *halt, struct err *err)
{
	const char *p = modern_form(text);

	*halt = (struct halt){.when = HALT_NEVER};
	if (strcmp(p, "never") == 0)
		return 0;
	halt->when = HALT_SOON;
	if (strchr(p, ',') == NULL && parse_amount(p, halt) && halt->percent)
		return 0;
	if (take(&p, "now,"))
		halt->when = HALT_NOW;
	else if (!take(&p, "soon,"))
		return refuse_halt(err);
	if (take(&p, "fail="))
		halt->why = HALT_FAIL;
	else if (take(&p, "success="))
		halt->why = HALT_SUCCESS;
	else if (take(&p, "done="))
		halt->why = HALT_DONE;
	else
		return refuse_halt(err);
	return parse_amount(p, halt) ? 0 : refuse_halt(err);
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
	const char *comma = strchrnul(text, ',');
	char *first = xmemdup0(text, (size_t)(comma - text));
	int bad = units_duration(first, &r->delay_ns) < 0;

	free(first);
	r->max_ns = 0;
	if (*comma == ',')
		bad |= units_duration(comma + 1, &r->max_ns) < 0 ||
		       r->max_ns < r->delay_ns;
	if (bad)
		return err_usage(err,
				 "write the first delay, or the first and "
				 "the longest: 1s or 1s,5m");
	return 0;
}

/* "75" or "100-102". */
static bool add_codes(struct retry_rules *r, const char *text)
{
	char *end;
	long first = strtol(text, &end, 10), last = first;

	if (end == text)
		return false;
	if (*end == '-') {
		text = end + 1;
		last = strtol(text, &end, 10);
		if (end == text)
			return false;
	}
	if (*end != '\0' || first < 1 || last > 255 || first > last)
		return false;
	for (; first <= last; first++)
		r->on_code[first] = true;
	return true;
}

static bool add_rule(struct retry_rules *r, const char *name)
{
	if (strcmp(name, "exit") == 0)
		r->on_exit = true;
	else if (strcmp(name, "timeout") == 0)
		r->on_timeout = true;
	else if (strcmp(name, "signal") == 0)
		r->on_signal = true;
	else if (strcmp(name, "lost") == 0)
		r->on_lost = true;
	else
		return add_codes(r, name);
	return true;
}

int retry_parse_on(struct retry_rules *r, const char *text, struct err *err)
{
	char *copy = xstrdup(text), *save, *name;
	int bad = 0;

	r->listed = true;
	name = strtok_r(copy, ",", &save);
	bad = name == NULL;
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
	if (o->try >= tries)
		return false;
	switch (o->status) {
	case JOB_OK:
	case JOB_STOPPED:
	case JOB_REFUSED: /* it would print the same again */
	case JOB_NOT_STARTED: /* the command will not exist next time either */
		return false;
	case JOB_FAILED:
		return !r->listed || r->on_exit || r->on_code[o->code & 0xff];
	case JOB_SIGNALED:
		return !r->listed || r->on_signal;
	case JOB_TIMEOUT:
		return !r->listed || r->on_timeout;
	case JOB_LOST:
		return !r->listed || r->on_lost;
	}
	return false;
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
