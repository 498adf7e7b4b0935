/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

/* A directory for one test, and what tests want to know of their process. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char scratch[64]; /* its path, after scratch_make */

static inline void scratch_make(void)
{
	strcpy(scratch, "/tmp/volley-test.XXXXXX");
	if (mkdtemp(scratch) == NULL)
		abort();
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void scratch_remove(void)
{
	nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in it; valid until the fourth call from now. */
static inline const char *scratch_path(const char *name)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
	return path;
}

/* Make a file there, and its folders; returns its path as scratch_path. */
static inline const char *scratch_file(const char *name, const char *text, mode_t mode)
{
	const char *path = scratch_path(name);
	char folder[512];
	FILE *f;

	for (size_t i = strlen(scratch) + 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		snprintf(folder, sizeof folder, "%.*s", (int)i, path);
		mkdir(folder, 0755);
	}
	f = fopen(path, "we");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) < 0)
		abort();
	return path;
}

/* --- meeting other processes */

static inline const char *scratch_fifo(const char *name)
{
	const char *path = scratch_path(name);

	if (mkfifo(path, 0600) < 0 && errno != EEXIST)
		abort();
	return path;
}

/* Waits until another process opens the other end: its "post=" or "wait=". */
static inline void scratch_meet(const char *name, int flags)
{
	close(open(scratch_path(name), flags | O_CLOEXEC));
}

/* What its "pidfile=" has written. */
static inline pid_t scratch_pid(const char *name)
{
	FILE *f = fopen(scratch_path(name), "re");
	long pid = 0;

	if (f == NULL || fscanf(f, "%ld", &pid) != 1)
		abort();
	fclose(f);
	return (pid_t)pid;
}

static inline bool is_gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

/* Gone, or a zombie that this process has adopted and not reaped yet. */
static inline bool has_ended(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return is_gone(pid) ||
	       (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info.si_pid == pid);
}

/* --- this process, and where it was built */

/* What a program of the build folder is called. */
static inline char *built_program(const char *name)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", getenv("TOP_BUILDDIR"), name);
	return path;
}

/* It emulates limits and stops, and children do not get to see them. */
static inline bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

static inline int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -3; /* ".", ".." and the directory's own */

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static inline int lowest_free_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* Whoever runs the tests may have left descriptors open: none of them may be
 * taken for a leak. */
static inline void keep_descriptors_to_ourselves(void)
{
	for (int fd = 3; fd < 1024; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

#endif
