/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/limits.h"

enum { TELL_AFTER = 3 }; /* refusals: a moment of load is nothing to tell of */

static FILE *open_proc(const struct limits *l, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/proc/%s", l->root, name);
	return fopen(path, "re");
}

/* Processes that run or wait for a CPU right now, without us: unlike the load
 * average this does not lag a minute behind what we start. */
static unsigned running_processes(const struct limits *l)
{
	FILE *f = open_proc(l, "loadavg");
	unsigned running = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*s %*s %*s %u/", &running) != 1)
		running = 0;
	fclose(f);
	return running > 0 ? running - 1 : 0;
}

static uint64_t available_memory(const struct limits *l)
{
	FILE *f = open_proc(l, "meminfo");
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

static bool is_busy(const struct limits *l)
{
	return l->load > 0 && running_processes(l) >= l->load;
}

static bool is_short_of_memory(const struct limits *l)
{
	return l->memfree > 0 && available_memory(l) < l->memfree;
}

static void tell_why(struct limits *l)
{
	if (++l->refusals < TELL_AFTER)
		return;
	if (is_busy(l))
		msg_once(&l->told,
			 "nothing starts while %u or more processes of others want to run "
			 "(--load)",
			 l->load);
	else if (is_short_of_memory(l))
		msg_once(&l->told,
			 "nothing starts while only %llu MiB of memory are available "
			 "(--memfree)",
			 (unsigned long long)(available_memory(l) >> 20));
}

static bool enter(void *arg, unsigned running)
{
	struct limits *l = arg;

	if (!is_busy(l) && !is_short_of_memory(l)) {
		l->refusals = 0;
		return true;
	}
	if (running == 0)
		tell_why(l);
	if (l->timer.pos == 0)
		loop_timer_set(l->loop, &l->timer, clock_in(NSEC_PER_SEC), ask_again, l);
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
