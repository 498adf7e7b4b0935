/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/guardian.h"
#include "tap.h"

/* A process in a group of its own that holds the pipe's write end open. */
static pid_t hang(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		execlp("sleep", "sleep", "60", (char *)NULL); /* closes volley's pipe */
		_exit(1);
	}
	setpgid(pid, pid);
	return pid;
}

static bool ended_within(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&p, 1, ms) == 1 && read(fd, &byte, 1) == 0;
}

/* Plays volley: two jobs, of which one ends; and is killed. */
static pid_t volley(int result, pid_t pids[2])
{
	pid_t pid = fork();

	if (pid == 0) {
		struct err err;
		struct guardian *g = guardian_new(&err);
		int tickets[2];

		if (g == NULL)
			_exit(1);
		for (int i = 0; i < 2; i++) {
			pids[i] = hang();
			if (guardian_start(g, &err) < 0)
				_exit(1);
			tickets[i] = guardian_enter(g, pids[i], (uint64_t)i + 1);
		}
		guardian_leave(g, tickets[0]);
		tickets[0] = guardian_enter(g, pids[0], 3); /* its place is used again */
		guardian_leave(g, tickets[0]);
		if (write(result, pids, 2 * sizeof(pid_t)) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	return pid;
}

static void test_death(void)
{
	pid_t pids[2] = {0, 0}, parent;
	int numbers[2], alive[2];

	if (pipe(numbers) < 0 || pipe(alive) < 0)
		abort();
	parent = volley(numbers[1], pids);
	close(alive[1]); /* now only volley's jobs hold it */
	if (read(numbers[0], pids, sizeof pids) != sizeof pids)
		abort();
	waitpid(parent, NULL, 0);
	/* The first was not guarded any more and still holds the pipe. */
	ok(!ended_within(alive[0], 100) && kill(pids[0], 0) == 0,
	   "when volley is killed, a job that had ended is left alone");
	kill(pids[0], SIGKILL);
	ok(ended_within(alive[0], 10000), "and one that ran is killed");
	close(alive[0]);
	close(numbers[0]);
	close(numbers[1]);
}

static void test_peace(void)
{
	struct err err;
	struct guardian *g = guardian_new(&err);
	pid_t pid = hang();
	int ticket = guardian_enter(g, pid, 1);

	is_int(guardian_start(g, &err), 0, "the guardian is started");
	is_int(guardian_start(g, &err), 0, "once");
	guardian_leave(g, ticket);
	guardian_leave(g, -1);
	guardian_free(g);
	is_int(kill(pid, 0), 0, "when volley ends, what jobs have left lives on");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(waitpid(-1, NULL, WNOHANG), -1, "and no guardian is left");
	guardian_free(guardian_new(&err));
	is_int(waitpid(-1, NULL, WNOHANG), -1, "nor is there one that was not started");
}

int main(void)
{
	test_death();
	test_peace();
	return done_testing();
}
