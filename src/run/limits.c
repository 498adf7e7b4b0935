/* SPDX-License-Identifier: ISC */
/* Reads the load and the memory of the machine from /proc, and warns when only others
 * can be the cause of a wait. */
#include <config.h>

#include <stdio.h>

#include "base/msg.h"
#include "run/limits.h"

enum { WARN_AFTER = 3 }; /* refusals: a moment of load needs no warning */

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

bool limits_allow(struct limits *l, unsigned running)
{
	if (!is_busy(l) && !is_short_of_memory(l)) {
		l->refusals = 0;
		return true;
	}
	if (running == 0)
		warn(l);
	return false;
}
