/* SPDX-License-Identifier: ISC */
#ifndef SYS_CPUS_H
#define SYS_CPUS_H

/* How many CPUs this process may use, rounded up, at least 1: the least of its
 * affinity mask and the CPU quotas of its control groups (version 2 and 1).
 * root is put before /proc and /sys: "" but in tests. */
unsigned cpus_usable(const char *root);

#endif
