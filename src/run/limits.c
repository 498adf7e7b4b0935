/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/clock.h"
#include "run/limits.h"

/* Processes that run or wait for a CPU right now, without us: unlike the load
 * average this does not lag a minute behind what we start. */
static unsigned running_processes(void)
{
	FILE *f = fopen("/proc/loadavg", "re");
	unsigned running = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*s %*s %*s %u/", &running) != 1)
		running = 0;
	fclose(f);
	return running > 0 ? running - 1 : 0;
}

static uint64_t available_memory(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib = UINT64_MAX / 1024;
	char line[128];

	if (f == NULL)
		return UINT64_MAX;
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}

static void ask_again(void *arg)
{
	struct limits *l = arg;

	if (l->ready != NULL)
		l->ready(l->ready_arg);
}

static bool enter(void *arg, unsigned running)
{
	struct limits *l = arg;

	(void)running;
	if ((l->load == 0 || running_processes() < l->load) &&
	    (l->memfree == 0 || available_memory() >= l->memfree))
		return true;
	if (l->timer.pos == 0)
		loop_timer_set(l->loop, &l->timer, clock_mono() + NSEC_PER_SEC, ask_again,
			       l);
	return false;
}

static void leave(void *arg, unsigned running)
{
	(void)arg;
	(void)running;
}

static void on_ready(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
	struct limits *l = arg;

	l->ready = fn;
	l->ready_arg = fn_arg;
}

const struct gate_ops limits_gate = {enter, leave, on_ready};

void limits_clear(struct limits *l)
{
	loop_timer_cancel(l->loop, &l->timer);
}
