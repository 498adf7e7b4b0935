/* SPDX-License-Identifier: ISC */
/* Turns -j's text into a number of jobs, reads the load and the memory of the machine
 * from /proc, and warns when only others can be the cause of a wait. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/msg.h"
#include "base/units.h"
#include "run/limits.h"
#include "sys/capacity.h"
#include "sys/textfile.h"

/* --- the number of jobs */

enum { MOST = 16384, FILES_PER_JOB = 2, OTHER_FILES = 64 };

static unsigned clamp(int64_t n)
{
	if (n < 1)
		return 1;
	return n > MOST ? MOST : (unsigned)n;
}

int limits_parse_jobs(const char *text, unsigned cpus, unsigned most, unsigned *jobs,
		    struct err *err)
{
	bool relative = text[0] == '+' || text[0] == '-', percent;
	uint64_t n;

	if (units_percent(text + relative, &n, &percent) < 0 || n > 1000000 ||
	    (percent && relative))
		return err_usage(err,
				 "how many jobs at a time is a number (8), a percentage of "
				 "the CPUs (50%%), a number more or less than there are CPUs "
				 "(+2, -1), or 0 for as many as possible");
	if (percent)
		*jobs = clamp(((int64_t)n * cpus + 50) / 100);
	else if (relative)
		*jobs = clamp((int64_t)cpus + (text[0] == '+' ? (int64_t)n : -(int64_t)n));
	else
		*jobs = n == 0 ? most : clamp((int64_t)n);
	return 0;
}

unsigned limits_most_jobs(void)
{
	struct rlimit files, processes;
	rlim_t most = MOST;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max != RLIM_INFINITY &&
	    files.rlim_max < OTHER_FILES + FILES_PER_JOB * most)
		most = files.rlim_max > OTHER_FILES
			   ? (files.rlim_max - OTHER_FILES) / FILES_PER_JOB
			   : 1;
	if (getrlimit(RLIMIT_NPROC, &processes) == 0 &&
	    processes.rlim_cur != RLIM_INFINITY && processes.rlim_cur / 2 < most)
		most = processes.rlim_cur / 2;
	return clamp((int64_t)most);
}

int limits_read_jobs(const char *path, unsigned *jobs, struct err *err)
{
	struct err reason;
	char text[64];

	if (textfile_read(path, text, sizeof text) < 0)
		return err_sys(err, "cannot read jobs file '%s'", path);
	text[strcspn(text, " \t\r\n")] = '\0';
	if (limits_parse_jobs(text, capacity_cpus(""), limits_most_jobs(), jobs, &reason) ==
	    0)
		return 0;
	return err_usage(err, "jobs file '%s': '%s': %s", path, text, reason.text);
}

/* --- load and memory */

enum { WARN_AFTER = 3 }; /* refusals: a moment of load needs no warning */

/* The text is empty when it cannot be read. */
static void read_proc(const struct limits *l, const char *name, char *text, size_t size)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/proc/%s", l->root, name);
	(void)textfile_read(path, text, size);
}

/* Processes that run or wait for a CPU right now, without volley: unlike the load
 * average, this does not react to our starts a minute late. */
static unsigned running_processes(const struct limits *l)
{
	unsigned running = 0;
	char text[128];

	read_proc(l, "loadavg", text, sizeof text);
	(void)sscanf(text, "%*s %*s %*s %u/", &running);
	return running > 0 ? running - 1 : 0;
}

static uint64_t available_memory(const struct limits *l)
{
	unsigned long long kib;
	const char *line;
	char text[4096];

	read_proc(l, "meminfo", text, sizeof text);
	line = strstr(text, "MemAvailable:");
	if (line == NULL || sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
		return UINT64_MAX; /* not known: it holds nothing back */
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
