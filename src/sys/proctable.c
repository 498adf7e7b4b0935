/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/proctable.h"

static ssize_t read_file(pid_t pid, const char *name, char *to, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, to, size - 1);
	close(fd);
	if (n >= 0)
		to[n] = '\0';
	return n;
}

/* "PID (NAME) STATE PPID PGRP ... STARTTIME ...": the name may hold anything,
 * parentheses too, so what follows it is found from behind. */
static bool read_stat(pid_t pid, struct proc *p)
{
	char text[1024], state, *name, *after;
	unsigned long long start;
	int parent, group;

	if (read_file(pid, "stat", text, sizeof text) <= 0)
		return false;
	name = strchr(text, '(');
	after = strrchr(text, ')');
	if (name == NULL || after == NULL ||
	    sscanf(after + 1,
		   " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
		   "%*d %*d %llu",
		   &state, &parent, &group, &start) != 4)
		return false;
	*p = (struct proc){pid, parent, group, start, state == 'Z' || state == 'X', ""};
	snprintf(p->name, sizeof p->name, "%.*s", (int)(after - name - 1), name + 1);
	return true;
}

static int compare_pids(const void *a, const void *b)
{
	const struct proc *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

void proctable_read(struct proctable *t)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	t->n = 0;
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		t->procs = xgrow(t->procs, &t->cap, t->n + 1, sizeof *t->procs);
		if (read_stat(pid, &t->procs[t->n]))
			t->n++;
	}
	closedir(dir);
	if (t->n > 0)
		qsort(t->procs, t->n, sizeof *t->procs, compare_pids);
}

void proctable_clear(struct proctable *t)
{
	free(t->procs);
	*t = (struct proctable){NULL, 0, 0};
}

const struct proc *proctable_find(const struct proctable *t, pid_t pid)
{
	struct proc key = {.pid = pid};

	if (t->n == 0)
		return NULL;
	return bsearch(&key, t->procs, t->n, sizeof *t->procs, compare_pids);
}

bool proctable_descends(const struct proctable *t, const struct proc *p, pid_t ancestor)
{
	/* The table is no snapshot: bound the walk, should it show a circle. */
	for (int depth = 0; p != NULL && p->parent > 0 && depth < 1000; depth++) {
		if (p->parent == ancestor)
			return true;
		p = proctable_find(t, p->parent);
	}
	return false;
}

static bool read_environment(pid_t pid, struct buf *text)
{
	char path[64];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((n = read(fd, buf_room(text, 4096), 4096)) > 0)
		text->len += (size_t)n;
	close(fd);
	return text->len > 0;
}

uint64_t proc_environment_number(pid_t pid, const char *name)
{
	struct buf text = BUF_INIT;
	size_t len = strlen(name);
	uint64_t number = 0;

	if (read_environment(pid, &text)) {
		buf_addc(&text, '\0');
		for (const char *at = text.data; at < text.data + text.len;
		     at += strlen(at) + 1) {
			if (strncmp(at, name, len) == 0 && at[len] == '=') {
				number = strtoull(at + len + 1, NULL, 10);
				break;
			}
		}
	}
	buf_clear(&text);
	return number;
}

/* The number of the system call that it sleeps in and its first argument, as
 * proc_pid_syscall(5) has them; false: it runs, or nobody may know (*known). */
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
		*known = !ferror(f); /* what may be opened may yet not be read */
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

enum proc_doing proc_looks_at(pid_t pid, int pipe_fd)
{
	unsigned long first;
	long number;
	bool known;

	if (!read_call(pid, &number, &first, &known))
		return known ? PROC_IS_BUSY : PROC_WAITS;
	if (number == SYS_read && is_same_file(pid, first, pipe_fd))
		return PROC_READS;
	return number == SYS_wait4 || number == SYS_waitid ? PROC_WAITS : PROC_IS_BUSY;
}

/* The descriptor holds on to one process; only then is it compared with the one
 * that was looked at.  A kernel without pidfd_open (before 5.3) gets the small
 * risk of a plain kill. */
void proc_signal(const struct proc *p, int signo)
{
	int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	struct proc now;

	if (fd < 0 && errno != ENOSYS)
		return;
	if (read_stat(p->pid, &now) && now.start == p->start) {
		if (fd >= 0)
			(void)syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0);
		else
			kill(p->pid, signo);
	}
	if (fd >= 0)
		close(fd);
}
