/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/cpus.h"

static unsigned affinity(void)
{
	cpu_set_t set;
	long online;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	online = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than the set holds */
	return online > 0 ? (unsigned)online : 1;
}

/* The start of a file that the kernel makes, which is there at once; false if there is
 * none.  Not by stdio: this is a good part of the time that volley needs to start. */
static bool read_start(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
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
	char path[4096], line[64], period[64];
	double quota, per;

	if (v2) {
		snprintf(path, sizeof path, "%s/cpu.max", dir);
		if (!read_start(path, line, sizeof line) ||
		    sscanf(line, "%lf %lf", &quota, &per) != 2)
			return 0;
		return quota_cpus(quota, per);
	}
	snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", dir);
	if (!read_start(path, line, sizeof line))
		return 0;
	snprintf(path, sizeof path, "%s/cpu.cfs_period_us", dir);
	if (!read_start(path, period, sizeof period))
		return 0;
	return quota_cpus(atof(line), atof(period));
}

/* A group is bound by its parents as well: take the least on the way up.  In a
 * container the path may be one of the host, so that only the root is there. */
static unsigned walk_up(const char *mount, const char *group, bool v2, unsigned least)
{
	struct buf dir = BUF_INIT;
	size_t top = strlen(mount);

	buf_adds(&dir, mount);
	if (strcmp(group, "/") != 0)
		buf_adds(&dir, group);
	for (;;) {
		unsigned cpus = group_quota(buf_cstr(&dir), v2);

		if (cpus > 0 && cpus < least)
			least = cpus;
		while (dir.len > top && dir.data[dir.len - 1] != '/')
			dir.len--;
		if (dir.len <= top)
			break;
		dir.len--;
	}
	buf_clear(&dir);
	return least;
}

static bool names_cpu(char *controllers)
{
	char *save, *name = strtok_r(controllers, ",", &save);

	for (; name != NULL; name = strtok_r(NULL, ",", &save))
		if (strcmp(name, "cpu") == 0)
			return true;
	return false;
}

/* A line of /proc/self/cgroup: "0::/path" (version 2) or "4:cpu,cpuacct:/path". */
static unsigned line_quota(const char *root, char *line, unsigned least)
{
	char mount[4096], *controllers = strchr(line, ':'), *group;

	if (controllers == NULL || (group = strchr(controllers + 1, ':')) == NULL)
		return least;
	*group++ = '\0';
	controllers++;
	if (*controllers == '\0') {
		snprintf(mount, sizeof mount, "%s/sys/fs/cgroup", root);
		return walk_up(mount, group, true, least);
	}
	if (!names_cpu(controllers))
		return least;
	snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/cpu", root);
	return walk_up(mount, group, false, least);
}

unsigned cpus_usable(const char *root)
{
	unsigned least = affinity();
	char path[4096], groups[32 * 1024], *line, *save;

	snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
	if (read_start(path, groups, sizeof groups))
		for (line = strtok_r(groups, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save))
			least = line_quota(root, line, least);
	return least > 0 ? least : 1;
}
