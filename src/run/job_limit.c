/* SPDX-License-Identifier: ISC */
/* Turns -j's text into a number of jobs.  When the text is in a file, a timer reads it
 * again and again. */
#include <config.h>

#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/units.h"
#include "run/job_limit.h"
#include "sys/textfile.h"

enum { MOST = 16384, FILES_PER_JOB = 2, OTHER_FILES = 64 };

static unsigned clamp(int64_t n)
{
	if (n < 1)
		return 1;
	return n > MOST ? MOST : (unsigned)n;
}

int job_limit_parse(const char *text, unsigned cpus, unsigned most, unsigned *jobs,
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

unsigned job_limit_most(void)
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

/* --- the file */

int job_limit_read(const char *path, unsigned cpus, unsigned most, unsigned *jobs,
		   struct err *err)
{
	struct err reason;
	char text[64];

	if (textfile_read(path, text, sizeof text) < 0)
		return err_sys(err, "cannot read jobs file '%s'", path);
	text[strcspn(text, " \t\r\n")] = '\0';
	if (job_limit_parse(text, cpus, most, jobs, &reason) == 0)
		return 0;
	return err_usage(err, "jobs file '%s': '%s': %s", path, text, reason.text);
}

static void look(void *arg)
{
	struct job_limit_file *f = arg;
	unsigned jobs;
	struct err err;

	if (job_limit_read(f->path, f->cpus, f->most, &jobs, &err) < 0) {
		msg_once(&f->warned, "%s; continuing with %u jobs at a time", err.text,
			 f->jobs);
	} else if (jobs != f->jobs) {
		f->jobs = jobs;
		f->warned = false;
		sched_set_slots(f->sched, jobs);
	}
	job_limit_watch(f);
}

void job_limit_watch(struct job_limit_file *f)
{
	loop_timer_set(f->loop, &f->timer, clock_in(NSEC_PER_SEC), look, f);
}

void job_limit_unwatch(struct job_limit_file *f)
{
	loop_timer_cancel(f->loop, &f->timer);
}
