/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/cgroup.h"

/* Not by stdio: this is a good part of the time that volley needs to start. */
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

bool cgroup_read(const char *dir, const char *name, char *text, size_t size)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return read_start(path, text, size);
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

void cgroup_each(const char *root, const char *controller, cgroup_fn fn, void *arg)
{
	char path[4096], groups[32 * 1024], *line, *save;

	snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
	if (!read_start(path, groups, sizeof groups))
		return;
	for (line = strtok_r(groups, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		visit_line(root, controller, line, fn, arg);
}

/* pids.max is a number or "max", in both versions. */
static void take_pids_max(void *arg, const char *dir, bool v2)
{
	uint64_t *least = arg, most;
	char text[64], *end;

	(void)v2;
	if (!cgroup_read(dir, "pids.max", text, sizeof text))
		return;
	most = strtoull(text, &end, 10);
	if (end != text && most < *least)
		*least = most;
}

uint64_t cgroup_process_limit(const char *root)
{
	struct rlimit user;
	uint64_t least = UINT64_MAX;

	if (getrlimit(RLIMIT_NPROC, &user) == 0 && user.rlim_cur != RLIM_INFINITY)
		least = user.rlim_cur;
	cgroup_each(root, "pids", take_pids_max, &least);
	return least;
}
