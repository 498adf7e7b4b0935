/* SPDX-License-Identifier: ISC */

/* limit SLOTS JOBS none|pipes|guarded COMMAND [WORD]...: start and reap JOBS
 * processes, SLOTS at a time, and do nothing else: the minimal cost.  With "pipes", each
 * has a pipe for stdout and one for stderr, which are read until end of file; with
 * "guarded", there is also a second process that notices if this one dies. */

#include <config.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sys/rawcall.h"

#ifndef RAWCALL_CLONE
#error "the probe knows only processors with rawcall_clone"
#endif

struct slot {
	pid_t pid;
	int read_ends[2], write_ends[2];
	_Alignas(16) unsigned char stack[8192];
};

static char **command;
static bool with_pipes;

static void child(void *arg)
{
	struct slot *s = arg;

	for (int i = 0; i < 2 && with_pipes; i++)
		rawcall(SYS_dup3, s->write_ends[i], i + 1, 0, 0);
	rawcall(SYS_execve, (long)command[0], (long)command, (long)environ, 0);
	for (;;)
		rawcall(SYS_exit_group, 127, 0, 0, 0);
}

static void start(struct slot *s)
{
	struct clone_args args = {
	    .flags = CLONE_VM,
	    .exit_signal = SIGCHLD,
	    .stack = (uintptr_t)s->stack,
	    .stack_size = sizeof s->stack,
	};

	for (int i = 0; i < 2 && with_pipes; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			exit(1);
		s->read_ends[i] = ends[0];
		s->write_ends[i] = ends[1];
	}
	s->pid = (pid_t)rawcall_clone(&args, sizeof args, child, s);
	if (s->pid < 0) {
		fprintf(stderr, "limit: clone3: %s\n", strerror(-s->pid));
		exit(1);
	}
	for (int i = 0; i < 2 && with_pipes; i++)
		close(s->write_ends[i]);
}

static void finish(struct slot *s)
{
	char buffer[4096];

	for (int i = 0; i < 2 && with_pipes; i++) {
		while (read(s->read_ends[i], buffer, sizeof buffer) > 0)
			continue;
		close(s->read_ends[i]);
	}
}

static struct slot *reap(struct slot *slots, int n)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	if (pid < 0 || status != 0) {
		fprintf(stderr, "limit: a job has failed\n");
		exit(1);
	}
	for (int i = 0; i < n; i++)
		if (slots[i].pid == pid)
			return &slots[i];
	abort();
}

static int guard_pipe;

static pid_t start_guard(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	close(ends[0]);
	guard_pipe = ends[1];
	return pid;
}

int main(int argc, char **argv)
{
	int n = argc > 4 ? atoi(argv[1]) : 0;
	long jobs = argc > 4 ? atol(argv[2]) : 0, started = 0;
	pid_t guard = 0;
	struct slot *slots = calloc(n > 0 ? (size_t)n : 1, sizeof *slots);

	if (n <= 0 || jobs < n || slots == NULL) {
		fprintf(stderr,
			"usage: limit SLOTS JOBS none|pipes|guarded COMMAND [WORD]...\n");
		return 2;
	}
	with_pipes = strcmp(argv[3], "none") != 0;
	command = argv + 4;
	if (strcmp(argv[3], "guarded") == 0)
		guard = start_guard();
	for (; started < n; started++)
		start(&slots[started]);
	for (long ended = 0; ended < jobs; ended++) {
		struct slot *s = reap(slots, n);

		finish(s);
		if (started++ < jobs)
			start(s);
	}
	if (guard > 0) {
		close(guard_pipe);
		waitpid(guard, NULL, 0);
	}
	return 0;
}
