/* SPDX-License-Identifier: ISC */
/* Reads stat, environ and status files of /proc into a table sorted by pid.  A signal is
 * sent through a pidfd after the start time was compared, so that it cannot reach another
 * process with the same pid.  One descriptor is kept in reserve for reading /proc when
 * all others are in use. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/process.h"

/* --- files of /proc */

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* As openat, in /proc.  The spare descriptor makes room for one more. */
static int open_file(struct processes *all, const char *path)
{
	int fd = openat(dirfd(all->dir), path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && is_shortage(errno) && all->spare_fd >= 0) {
		close(all->spare_fd);
		all->spare_fd = -1;
		fd = openat(dirfd(all->dir), path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0 && is_shortage(errno))
		all->error = errno;
	return fd;
}

static void keep_spare(struct processes *all)
{
	if (all->spare_fd < 0)
		all->spare_fd = fcntl(dirfd(all->dir), F_DUPFD_CLOEXEC, 3);
}

static void close_file(struct processes *all, int fd)
{
	close(fd);
	keep_spare(all);
}

/* The start of a file, ended by NUL; below 0: it may not be read. */
static ssize_t read_start(struct processes *all, pid_t pid, const char *name, char *to,
			  size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%d/%s", (int)pid, name);
	fd = open_file(all, path);
	if (fd < 0)
		return -1;
	n = read(fd, to, size - 1);
	if (n >= 0)
		to[n] = '\0';
	else if (errno != ESRCH) /* ESRCH: it ended meanwhile */
		all->error = errno;
	close_file(all, fd);
	return n;
}

/* "PID (NAME) STATE PPID PGRP SESSION ... STARTTIME ...": the name may hold
 * anything, parentheses too, so the last one ends it. */
static bool read_stat(struct processes *all, pid_t pid, struct process *p)
{
	char text[1024], state, *name, *after;
	int parent, group, session;
	unsigned long long start;

	if (read_start(all, pid, "stat", text, sizeof text) <= 0)
		return false;
	name = strchr(text, '(');
	after = strrchr(text, ')');
	if (name == NULL || after == NULL ||
	    sscanf(after + 1,
		   " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
		   "%*d %*d %llu",
		   &state, &parent, &group, &session, &start) != 5)
		return false;
	*p = (struct process){pid, parent, group, session,
			      start, state == 'Z' || state == 'X', ""};
	snprintf(p->name, sizeof p->name, "%.*s", (int)(after - name - 1), name + 1);
	return true;
}

/* --- all of them */

/* /proc/self names this process by its number there. */
static bool is_own_namespace(DIR *dir)
{
	char target[32];
	ssize_t n = readlinkat(dirfd(dir), "self", target, sizeof target - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	return strtol(target, NULL, 10) == getpid();
}

void processes_open(struct processes *all)
{
	*all = (struct processes){.dir = opendir("/proc"), .spare_fd = -1};
	if (all->dir == NULL)
		return;
	if (!is_own_namespace(all->dir)) {
		closedir(all->dir);
		all->dir = NULL;
		return;
	}
	keep_spare(all);
}

void processes_close(struct processes *all)
{
	if (all->spare_fd >= 0)
		close(all->spare_fd);
	if (all->dir != NULL)
		closedir(all->dir);
	free(all->v);
}

static int compare_pids(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void read_all(struct processes *all)
{
	struct dirent *entry;

	keep_spare(all);
	rewinddir(all->dir);
	while ((entry = readdir(all->dir)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		all->v = xgrow(all->v, &all->cap, all->n + 1, sizeof *all->v);
		if (read_stat(all, pid, &all->v[all->n]))
			all->n++;
	}
	if (all->n > 0)
		qsort(all->v, all->n, sizeof *all->v, compare_pids);
}

enum processes_sight processes_read(struct processes *all, const char **why)
{
	const char *ignored;

	if (why == NULL)
		why = &ignored;
	all->n = 0;
	all->error = 0;
	if (all->dir == NULL) {
		*why = "/proc is missing, or shows another pid namespace";
		return PROCESSES_NONE;
	}
	read_all(all);
	if (all->error != 0 || processes_find(all, getpid()) == NULL) {
		*why = all->error != 0 ? strerror(all->error) : "/proc shows nothing";
		return PROCESSES_NONE;
	}
	*why = "/proc hides the processes of other users";
	return processes_find(all, 1) == NULL ? PROCESSES_OWN : PROCESSES_ALL;
}

const struct process *processes_find(const struct processes *all, pid_t pid)
{
	struct process key = {.pid = pid};

	if (all->n == 0)
		return NULL;
	return bsearch(&key, all->v, all->n, sizeof *all->v, compare_pids);
}

/* --- one of them */

bool processes_environment(struct processes *all, pid_t pid, struct buf *out)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%d/environ", (int)pid);
	fd = open_file(all, path);
	if (fd < 0)
		return false;
	while ((n = read(fd, buf_room(out, 4096), 4096)) > 0)
		out->len += (size_t)n;
	close_file(all, fd);
	buf_addc(out, '\0');
	return n == 0;
}

const char *process_variable(const struct buf *environment, const char *name)
{
	const char *end = environment->data + environment->len;
	size_t len = strlen(name);

	for (const char *at = environment->data; at < end; at += strlen(at) + 1)
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return at + len + 1;
	return NULL;
}

uint64_t process_ticks(void)
{
	static long per_second;
	struct timespec now;

	if (per_second == 0)
		per_second = sysconf(_SC_CLK_TCK);
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * (uint64_t)per_second +
	       (uint64_t)now.tv_nsec / (uint64_t)(1000000000 / per_second);
}

static bool is_same_program(struct processes *all, pid_t pid)
{
	struct stat its, ours;
	char path[64];

	snprintf(path, sizeof path, "%d/exe", (int)pid);
	return fstatat(dirfd(all->dir), path, &its, 0) == 0 &&
	       fstatat(dirfd(all->dir), "self/exe", &ours, 0) == 0 &&
	       its.st_ino == ours.st_ino && its.st_dev == ours.st_dev;
}

/* All but SIGKILL, SIGSTOP and the two that the C library keeps for itself. */
static bool blocks_all(struct processes *all, pid_t pid)
{
	static const uint64_t ours =
	    UINT64_MAX & ~(UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1) |
			   UINT64_C(3) << 31);
	char text[4096], *line;

	if (read_start(all, pid, "status", text, sizeof text) <= 0)
		return false;
	line = strstr(text, "\nSigBlk:");
	return line != NULL && (strtoull(line + 8, NULL, 16) & ours) == ours;
}

bool processes_is_deaf_copy(struct processes *all, pid_t pid)
{
	return all->dir != NULL && is_same_program(all, pid) && blocks_all(all, pid);
}

/* The pidfd refers to one process, which is then compared with p.  Without a pidfd (old
 * kernels, seccomp filters, no descriptor left), a plain kill follows right after the
 * comparison. */
bool processes_signal(struct processes *all, const struct process *p, int signo)
{
	int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	bool gone = fd < 0 && errno == ESRCH, allowed = true;
	struct process now;

	if (!gone && read_stat(all, p->pid, &now) && now.start == p->start &&
	    (fd < 0 || (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0) < 0 &&
			errno != ESRCH)))
		allowed = kill(p->pid, signo) == 0 || errno != EPERM;
	if (fd >= 0)
		close(fd);
	return allowed;
}

/* --- what one is doing */

/* The number of the system call that it sleeps in and its first argument, as
 * proc_pid_syscall(5) has them; false: it runs, or it may not be known (*known). */
static bool read_call(pid_t pid, long *number, unsigned long *first, bool *known)
{
	char path[64];
	int n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
	f = fopen(path, "re");
	*known = f != NULL;
	if (f != NULL) {
		n = fscanf(f, "%ld %lx", number, first);
		*known = !ferror(f); /* it may be opened but not read */
		fclose(f);
	}
	return n == 2;
}

static bool is_same_file(pid_t pid, unsigned long its_fd, int fd)
{
	struct stat a, b;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%lu", (int)pid, its_fd);
	return stat(path, &a) == 0 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

enum process_doing process_looks_at(pid_t pid, int pipe_fd)
{
	unsigned long first;
	long number;
	bool known;

	if (!read_call(pid, &number, &first, &known))
		return known ? PROCESS_IS_BUSY : PROCESS_WAITS;
	if (number == SYS_read && is_same_file(pid, first, pipe_fd))
		return PROCESS_READS;
	return number == SYS_wait4 || number == SYS_waitid ? PROCESS_WAITS : PROCESS_IS_BUSY;
}
