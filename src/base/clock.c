/* SPDX-License-Identifier: ISC */

/* Reads the system's clocks, or the variable that a test provides.  Time that passes
 * during a pause is subtracted from then on, so that jobs do not time out while volley
 * is stopped. */

#include <config.h>

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"

static const int64_t *fake_ns;
static bool paused;
static int64_t paused_at, missed; /* by the system's clock; in all pauses */

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	if (fake_ns != NULL)
		return *fake_ns;
	clock_gettime(id, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

int64_t clock_mono(void)
{
	return (paused ? paused_at : read_clock(CLOCK_MONOTONIC)) - missed;
}

void clock_pause(void)
{
	assert(!paused);
	paused_at = read_clock(CLOCK_MONOTONIC);
	paused = true;
}

void clock_resume(void)
{
	assert(paused);
	missed += read_clock(CLOCK_MONOTONIC) - paused_at;
	paused = false;
}

int64_t clock_after(int64_t from, int64_t delay)
{
	int64_t at;

	return __builtin_add_overflow(from, delay, &at) ? INT64_MAX : at;
}

int64_t clock_in(int64_t delay)
{
	return clock_after(clock_mono(), delay);
}

int64_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

void clock_fake(const int64_t *ns)
{
	fake_ns = ns;
	paused = false;
	missed = 0;
}
