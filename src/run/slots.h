/* SPDX-License-Identifier: ISC */
#ifndef RUN_SLOTS_H
#define RUN_SLOTS_H

/* How many jobs at a time. */

#include "base/err.h"

/* text as -j takes it: "8"; "50%" of the CPUs, "+2" or "-1" relative to them (at
 * least 1 results); "0": as many as the limits of the system allow (most).
 * Returns 0, or -1 with a usage error. */
int slots_parse(const char *text, unsigned cpus, unsigned most, unsigned *slots,
		struct err *err);

/* The most jobs that may run at a time, by the limits on open files and
 * processes. */
unsigned slots_most(void);

#endif
