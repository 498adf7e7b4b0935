/* SPDX-License-Identifier: ISC */
#ifndef RUN_LIMITS_H
#define RUN_LIMITS_H

/* How many jobs may run at a time (-j), and when none may start because the machine is
 * busy or short of memory (--load, --memfree). */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* text as -j takes it: "8"; "50%" of the CPUs, "+2" or "-1" relative to them (at
 * least 1 results); "0": as many as the limits of the system allow (most).
 * Returns 0, or -1 with a usage error. */
int limits_parse_jobs(const char *text, unsigned cpus, unsigned most, unsigned *jobs,
		      struct err *err);

/* The number in the file now, in any form that -j takes.  -1 with err. */
int limits_read_jobs(const char *path, unsigned *jobs, struct err *err);

/* The most jobs that may run at a time, by the limits on open files and
 * processes. */
unsigned limits_most_jobs(void);

struct limits {
	const char *root; /* put before /proc: "" except in tests */
	unsigned load;	  /* most processes that want to run; 0: no limit */
	uint64_t memfree; /* bytes that must be available; 0: no limit */

	/* Its own. */
	unsigned refusals; /* in a row, while no job ran */
	bool warned;
};

/* May one more job start?  running: how many run now.  Warns once if the
 * load or the shortage is not caused by them. */
bool limits_allow(struct limits *l, unsigned running);

#endif
