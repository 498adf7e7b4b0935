/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include "base/units.h"
#include "run/slots.h"

enum { MOST = 16384, FILES_PER_JOB = 2, OTHER_FILES = 64 };

static int refuse(const char *text, struct err *err)
{
	return err_usage(err,
			 "-j %s: how many jobs at a time is a number (8), a percentage of "
			 "the CPUs (50%%), a number more or less than there are CPUs "
			 "(+2, -1), or 0 for as many as possible",
			 text);
}

static unsigned clamp(int64_t n)
{
	if (n < 1)
		return 1;
	return n > MOST ? MOST : (unsigned)n;
}

int slots_parse(const char *text, unsigned cpus, unsigned most, unsigned *slots,
		struct err *err)
{
	size_t len = strlen(text);
	bool percent = len > 0 && text[len - 1] == '%';
	bool relative = text[0] == '+' || text[0] == '-';
	char digits[16];
	uint64_t n;

	if (len > sizeof digits - 1 || (percent && relative))
		return refuse(text, err);
	memcpy(digits, text + relative, len - relative - percent);
	digits[len - relative - percent] = '\0';
	if (units_uint(digits, &n) < 0 || n > 1000000)
		return refuse(text, err);
	if (percent)
		*slots = clamp(((int64_t)n * cpus + 50) / 100);
	else if (relative)
		*slots = clamp((int64_t)cpus + (text[0] == '+' ? (int64_t)n : -(int64_t)n));
	else
		*slots = n == 0 ? most : clamp((int64_t)n);
	return 0;
}

unsigned slots_most(void)
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
