/* SPDX-License-Identifier: ISC */
/* Asks all gates in turn, and implements those that only look at the system and ask
 * again after a while. */
#include <config.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/gates.h"

enum {
	BACKLOG_MS = 20, /* until messages are looked at again, */
	LIMITS_MS = 1000, /* and load and memory */
	WARN_AFTER = 3,	 /* refusals: a moment of load needs no warning */
};

bool gates_enter(const struct gate *gates, size_t n, unsigned running)
{
	for (size_t i = 0; i < n; i++) {
		if (gates[i].ops->enter(gates[i].arg, running))
			continue;
		gates_leave(gates, i, running); /* give back what the others gave */
		return false;
	}
	return true;
}

void gates_leave(const struct gate *gates, size_t n, unsigned running)
{
	while (n-- > 0)
		gates[n].ops->leave(gates[n].arg, running);
}

/* --- asking again */

static void ask_again(void *arg)
{
	struct gate_timer *t = arg;

	if (t->ready != NULL)
		t->ready(t->ready_arg);
}

static void ask_in(struct gate_timer *t, struct loop *loop, int64_t ms)
{
	if (t->timer.pos == 0)
		loop_timer_set(loop, &t->timer, clock_in(ms * NSEC_PER_MSEC), ask_again, t);
}

static void on_ready(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
	struct gate_timer *t = arg;

	t->ready = fn;
	t->ready_arg = fn_arg;
}

static void leave(void *arg, unsigned running)
{
	(void)arg;
	(void)running;
}

/* --- messages */

static bool enter_backlog(void *arg, unsigned running)
{
	struct backlog *b = arg;

	(void)running;
	if (!msg_is_full())
		return true;
	ask_in(&b->again, b->loop, BACKLOG_MS);
	return false;
}

const struct gate_ops backlog_gate = {enter_backlog, leave, on_ready};

void backlog_clear(struct backlog *b)
{
	loop_timer_cancel(b->loop, &b->again.timer);
}

/* --- load and memory */

static FILE *open_proc(const struct limits *l, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/proc/%s", l->root, name);
	return fopen(path, "re");
}

/* Processes that run or wait for a CPU right now, without volley: unlike the load
 * average, this does not react to our starts a minute late. */
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

static bool is_busy(const struct limits *l)
{
	return l->load > 0 && running_processes(l) >= l->load;
}

static bool is_short_of_memory(const struct limits *l)
{
	return l->memfree > 0 && available_memory(l) < l->memfree;
}

static void warn(struct limits *l)
{
	if (++l->refusals < WARN_AFTER)
		return;
	if (is_busy(l))
		msg_once(&l->warned,
			 "nothing starts while %u or more processes of others want to run",
			 l->load);
	else if (is_short_of_memory(l))
		msg_once(&l->warned,
			 "nothing starts while only %llu MiB of memory are available",
			 (unsigned long long)(available_memory(l) >> 20));
}

static bool enter_limits(void *arg, unsigned running)
{
	struct limits *l = arg;

	if (!is_busy(l) && !is_short_of_memory(l)) {
		l->refusals = 0;
		return true;
	}
	if (running == 0)
		warn(l);
	ask_in(&l->again, l->loop, LIMITS_MS);
	return false;
}

const struct gate_ops limits_gate = {enter_limits, leave, on_ready};

void limits_clear(struct limits *l)
{
	loop_timer_cancel(l->loop, &l->again.timer);
}
