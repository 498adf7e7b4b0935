/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "run/retry.h"

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
				 "--retry-delay %s: write the first delay, or the first and "
				 "the longest: 1s or 1s,5m",
				 text);
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
				 "--retry-on %s: write a list of exit, timeout, signal, lost "
				 "and exit statuses: timeout,75,100-102",
				 text);
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
	case JOB_NOT_STARTED: /* a command that is not there will not be next time */
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
