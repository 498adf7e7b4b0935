/* SPDX-License-Identifier: ISC */
#ifndef SYS_CGROUP_H
#define SYS_CGROUP_H

/* The control groups of this process (version 2 and 1), and their limits. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One group's directory; v2: of version 2. */
typedef void (*cgroup_fn)(void *arg, const char *dir, bool v2);

/* Call fn for the group that limits this process by the controller ("cpu", "pids"),
 * and for each of its parents, which bind it as well.  root is put before /proc and
 * /sys: "" but in tests. */
void cgroup_each(const char *root, const char *controller, cgroup_fn fn, void *arg);

/* The start of a file in a group's directory, ended by NUL; false if it may not be
 * read or is empty. */
bool cgroup_read(const char *dir, const char *name, char *text, size_t size);

/* The most processes that the groups and RLIMIT_NPROC allow; UINT64_MAX: no limit. */
uint64_t cgroup_process_limit(const char *root);

#endif
