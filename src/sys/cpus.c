/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/cgroup.h"
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
		if (!cgroup_read(dir, "cpu.max", line, sizeof line) ||
		    sscanf(line, "%lf %lf", &quota, &per) != 2)
			return 0;
		return quota_cpus(quota, per);
	}
	if (!cgroup_read(dir, "cpu.cfs_quota_us", line, sizeof line) ||
	    !cgroup_read(dir, "cpu.cfs_period_us", period, sizeof period))
		return 0;
	return quota_cpus(atof(line), atof(period));
}

static void take_least(void *arg, const char *dir, bool v2)
{
	unsigned cpus = group_quota(dir, v2), *least = arg;

	if (cpus > 0 && cpus < *least)
		*least = cpus;
}

unsigned cpus_usable(const char *root)
{
	unsigned least = affinity();

	cgroup_each(root, "cpu", take_least, &least);
	return least > 0 ? least : 1;
}
