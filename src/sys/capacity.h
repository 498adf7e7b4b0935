/* SPDX-License-Identifier: ISC */
#ifndef SYS_CAPACITY_H
#define SYS_CAPACITY_H

/* How much of the machine this process may use: CPUs, processes, open files.  root is
 * put before /proc and /sys: "" except in tests. */

#include <stdint.h>
#include <sys/resource.h>

#include "base/err.h"

/* CPUs, rounded up, at least 1: the least of the affinity mask and the CPU quotas of
 * the control groups (version 2 and 1). */
unsigned capacity_cpus(const char *root);

/* The most processes that the control groups and RLIMIT_NPROC allow; UINT64_MAX: no
 * limit. */
uint64_t capacity_processes(const char *root);

/* Raise the limit on open files to the hard limit: with two pipes a job the usual 1024
 * is soon reached.  *old: what it was, for the jobs and for later. */
void capacity_raise_files(struct rlimit *old);

/* Can this many more files be opened?  -1 with err, which says how many files are
 * needed in all.  fd: any open descriptor. */
int capacity_check_files(unsigned wanted, int fd, struct err *err);

#endif
