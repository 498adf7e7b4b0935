/* SPDX-License-Identifier: ISC */
/* Reads the limits that the kernel has set for this process: its affinity mask, the
 * quotas of its control groups and of all their parents, and its resource limits.  What
 * is available is the smallest of the limits that apply. */
#include <config.h>

#include <assert.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/capacity.h"
#include "sys/textfile.h"

enum { MOST_FILES = 16 }; /* that are checked for */

/* --- control groups */

/* One group's directory; v2: of version 2. */
typedef void (*cgroup_fn)(void *arg, const char *dir, bool v2);

/* The start of a file in a group's directory; false if it may not be read or is empty. */
static bool read_limit(const char *dir, const char *name, char *text, size_t size)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return textfile_read(path, text, size) > 0;
}

/* In a container the path may be one of the host, so that only the root is there. */
static void walk_up(const char *mount, const char *group, bool v2, cgroup_fn fn, void *arg)
{
	struct buf dir = BUF_INIT;
	size_t top = strlen(mount);

	buf_adds(&dir, mount);
	if (strcmp(group, "/") != 0)
		buf_adds(&dir, group);
	for (;;) {
		fn(arg, buf_cstr(&dir), v2);
		while (dir.len > top && dir.data[dir.len - 1] != '/')
			dir.len--;
		if (dir.len <= top)
			break;
		dir.len--;
	}
	buf_clear(&dir);
}

static bool is_among(const char *controller, char *controllers)
{
	char *save, *name = strtok_r(controllers, ",", &save);

	for (; name != NULL; name = strtok_r(NULL, ",", &save))
		if (strcmp(name, controller) == 0)
			return true;
	return false;
}

/* A line of /proc/self/cgroup: "0::/path" (version 2) or "4:cpu,cpuacct:/path". */
static void visit_line(const char *root, const char *controller, char *line, cgroup_fn fn,
		       void *arg)
{
	char mount[4096], *controllers = strchr(line, ':'), *group;

	if (controllers == NULL || (group = strchr(controllers + 1, ':')) == NULL)
		return;
	*group++ = '\0';
	controllers++;
	if (*controllers == '\0') {
		snprintf(mount, sizeof mount, "%s/sys/fs/cgroup", root);
		walk_up(mount, group, true, fn, arg);
	} else if (is_among(controller, controllers)) {
		snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/%s", root, controller);
		walk_up(mount, group, false, fn, arg);
	}
}

/* Call fn for the group that limits this process by the controller ("cpu", "pids"), and
 * for each of its parents, which bind it as well. */
static void each_cgroup(const char *root, const char *controller, cgroup_fn fn, void *arg)
{
	char path[4096], groups[32 * 1024], *line, *save;

	snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
	if (textfile_read(path, groups, sizeof groups) <= 0)
		return;
	for (line = strtok_r(groups, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		visit_line(root, controller, line, fn, arg);
}

/* --- CPUs */

static unsigned affinity(void)
{
	cpu_set_t set;
	long online;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	online = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than the set holds */
	return online > 0 ? (unsigned)online : 1;
}

static unsigned quota_cpus(double quota, double period)
{
	double cpus;

	if (quota <= 0 || period <= 0)
		return 0;
	cpus = quota / period;
	if (cpus >= 1e6)
		return 0;
	return (unsigned)cpus + (cpus > (unsigned)cpus);
}

/* The quota of one group's directory as CPUs; 0: none.  Version 2 has "max
 * 100000" or "200000 100000" in cpu.max, version 1 has two files, -1 for none. */
static unsigned group_quota(const char *dir, bool v2)
{
	char line[64], period[64];
	double quota, per;

	if (v2) {
		if (!read_limit(dir, "cpu.max", line, sizeof line) ||
		    sscanf(line, "%lf %lf", &quota, &per) != 2)
			return 0;
		return quota_cpus(quota, per);
	}
	if (!read_limit(dir, "cpu.cfs_quota_us", line, sizeof line) ||
	    !read_limit(dir, "cpu.cfs_period_us", period, sizeof period))
		return 0;
	return quota_cpus(atof(line), atof(period));
}

static void take_least(void *arg, const char *dir, bool v2)
{
	unsigned cpus = group_quota(dir, v2), *least = arg;

	if (cpus > 0 && cpus < *least)
		*least = cpus;
}

unsigned capacity_cpus(const char *root)
{
	unsigned least = affinity();

	each_cgroup(root, "cpu", take_least, &least);
	return least > 0 ? least : 1;
}

/* --- processes */

/* pids.max is a number or "max", in both versions. */
static void take_pids_max(void *arg, const char *dir, bool v2)
{
	uint64_t *least = arg, most;
	char text[64], *end;

	(void)v2;
	if (!read_limit(dir, "pids.max", text, sizeof text))
		return;
	most = strtoull(text, &end, 10);
	if (end != text && most < *least)
		*least = most;
}

uint64_t capacity_processes(const char *root)
{
	struct rlimit user;
	uint64_t least = UINT64_MAX;

	if (getrlimit(RLIMIT_NPROC, &user) == 0 && user.rlim_cur != RLIM_INFINITY)
		least = user.rlim_cur;
	each_cgroup(root, "pids", take_pids_max, &least);
	return least;
}

/* --- open files */

void capacity_raise_files(struct rlimit *old)
{
	struct rlimit more;

	getrlimit(RLIMIT_NOFILE, old);
	more = *old;
	more.rlim_cur = more.rlim_max;
	setrlimit(RLIMIT_NOFILE, &more);
}

int capacity_check_files(unsigned wanted, int fd, struct err *err)
{
	int copies[MOST_FILES];
	struct rlimit limit;
	unsigned n = 0;

	assert(wanted <= MOST_FILES);
	while (n < wanted && (copies[n] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		n++;
	for (unsigned i = 0; i < n; i++)
		close(copies[i]);
	if (n == wanted || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	return err_set(err, "the limit on open files is %llu (ulimit -n), and one job needs "
			    "%llu",
		       (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_cur + wanted - n);
}
