/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <sched.h>
#include <sys/resource.h>

#include "scratch.h"
#include "sys/capacity.h"
#include "tap.h"

static int allowed = 8;

/* In place of the C library's: this test's machine has as many CPUs as it says. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	(void)pid;
	CPU_ZERO_S(size, set);
	for (int i = 0; i < allowed; i++)
		CPU_SET_S((size_t)i, size, set);
	return 0;
}

#define V1 "sys/fs/cgroup/cpu"
#define V2 "sys/fs/cgroup"

static const struct {
	const char *what;
	const char *groups; /* /proc/self/cgroup */
	const char *files[4][2];
	unsigned want;
} cases[] = {
    {"no control groups: what the affinity mask allows", NULL, {{NULL}}, 8},
    {"version 2 without a quota", "0::/a\n", {{V2 "/a/cpu.max", "max 100000\n"}}, 8},
    {"version 2 without its file", "0::/a\n", {{NULL}}, 8},
    {"version 2, two CPUs", "0::/a\n", {{V2 "/a/cpu.max", "200000 100000\n"}}, 2},
    {"a part of a CPU counts as one", "0::/a\n", {{V2 "/a/cpu.max", "250000 100000\n"}}, 3},
    {"less than one CPU is one", "0::/a\n", {{V2 "/a/cpu.max", "5000 100000\n"}}, 1},
    {"more than the mask allows", "0::/a\n", {{V2 "/a/cpu.max", "9900000 100000\n"}}, 8},
    {"a parent's quota binds",
     "0::/a/b/c\n",
     {{V2 "/a/b/c/cpu.max", "max 100000\n"},
      {V2 "/a/b/cpu.max", "500000 100000\n"},
      {V2 "/a/cpu.max", "400000 100000\n"}},
     4},
    {"and so does the root's, as in a container",
     "0::/\n",
     {{V2 "/cpu.max", "300000 100000\n"}},
     3},
    {"a group of the host that cannot be seen here",
     "0::/host/pod/x\n",
     {{V2 "/cpu.max", "300000 100000\n"}},
     3},
    {"a group with nothing in its file", "0::/a\n", {{V2 "/a/cpu.max", ""}}, 8},
    {"version 1, three CPUs",
     "5:memory:/m\n4:cpu,cpuacct:/a\n",
     {{V1 "/a/cpu.cfs_quota_us", "300000\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}},
     3},
    {"version 1 without a quota",
     "4:cpu:/a\n",
     {{V1 "/a/cpu.cfs_quota_us", "-1\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}},
     8},
    {"version 1, a parent's",
     "4:cpuacct,cpu:/a/b\n",
     {{V1 "/cpu.cfs_quota_us", "150000\n"}, {V1 "/cpu.cfs_period_us", "100000\n"}},
     2},
    {"version 1 without a period",
     "4:cpu:/a\n",
     {{V1 "/a/cpu.cfs_quota_us", "300000\n"}},
     8},
    {"the group of another controller",
     "4:cpuset:/a\n",
     {{V1 "/a/cpu.cfs_quota_us", "100000\n"}, {V1 "/a/cpu.cfs_period_us", "100000\n"}},
     8},
    {"both versions: the least",
     "4:cpu:/a\n0::/b\n",
     {{V1 "/a/cpu.cfs_quota_us", "500000\n"},
      {V1 "/a/cpu.cfs_period_us", "100000\n"},
      {V2 "/b/cpu.max", "200000 100000\n"}},
     2},
    {"malformed lines", "x\n0:\n\n4:cpu\n", {{NULL}}, 8},
};

static void test_processes(void)
{
	struct rlimit limit;
	uint64_t user;

	getrlimit(RLIMIT_NPROC, &limit);
	user = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
	is_int((int64_t)capacity_processes("/nonexistent"), (int64_t)user,
	       "without groups the user's limit on processes counts");
	scratch_make();
	scratch_file("proc/self/cgroup", "8:pids:/a\n0::/b/c\n", 0644);
	scratch_file("sys/fs/cgroup/pids/a/pids.max", "max\n", 0644);
	scratch_file(V2 "/b/pids.max", "30\n", 0644);
	scratch_file(V2 "/b/c/pids.max", "40\n", 0644);
	is_int((int64_t)capacity_processes(scratch), 30, "else the least of the groups'");
	limit.rlim_cur = 20;
	if (setrlimit(RLIMIT_NPROC, &limit) == 0)
		is_int((int64_t)capacity_processes(scratch), 20, "or the user's");
	scratch_remove();
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		scratch_make();
		if (cases[i].groups != NULL)
			scratch_file("proc/self/cgroup", cases[i].groups, 0644);
		for (size_t f = 0; f < 4 && cases[i].files[f][0] != NULL; f++)
			scratch_file(cases[i].files[f][0], cases[i].files[f][1], 0644);
		is_int(capacity_cpus(scratch), cases[i].want, "%s", cases[i].what);
		scratch_remove();
	}
	allowed = 0;
	is_int(capacity_cpus("/nonexistent"), 1, "never less than one");
	allowed = 1;
	is_int(capacity_cpus(""), 1, "on this machine, no more than the mask allows");
	test_processes();
	return done_testing();
}
