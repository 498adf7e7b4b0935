/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/msg.h"
#include "engine/guardian.h"
#include "engine/strays.h"
#include "tap.h"

static char run[STRAYS_RUN_SIZE];

static int enter(struct guardian *g, uint64_t seq, uint64_t try)
{
	struct mark mark = {seq, try};

	return guardian_enter(g, &mark, process_ticks());
}

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
		struct guardian *g = guardian_new(run, &err);
		int tickets[2];

		if (g == NULL)
			_exit(1);
		for (int i = 0; i < 2; i++) {
			tickets[i] = enter(g, (uint64_t)i + 1, 1);
			pids[i] = hang();
			guardian_add_group(g, tickets[i], pids[i]);
		}
		guardian_leave(g, tickets[0]);
		tickets[0] = enter(g, 3, 1); /* its place is used again */
		guardian_add_group(g, tickets[0], pids[0]);
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

/* One that is just being started: its group is not known, but it has its mark. */
static pid_t starting_volley(int result, pid_t *child)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct err err;
		struct guardian *g = guardian_new(run, &err);

		if (g == NULL)
			_exit(1);
		enter(g, 7, 2);
		setenv("VOLLEY_RUN", run, 1);
		setenv("VOLLEY_SEQ", "7", 1);
		setenv("VOLLEY_TRY", "2", 1);
		*child = hang();
		if (write(result, child, sizeof *child) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	return pid;
}

static void test_death_at_a_start(void)
{
	int number[2], alive[2];
	pid_t child = 0, parent;

	if (pipe(number) < 0 || pipe(alive) < 0)
		abort();
	parent = starting_volley(number[1], &child);
	close(alive[1]);
	if (read(number[0], &child, sizeof child) != sizeof child)
		abort();
	waitpid(parent, NULL, 0);
	ok(ended_within(alive[0], 10000),
	   "a process that is being started is found by its mark and killed");
	close(alive[0]);
	close(number[0]);
	close(number[1]);
}

/* A volley that is killed while try 2 of job 7 runs; and a process with another mark. */
static pid_t marked_volley(int result, const char *seq, const char *try, const char *of_run)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct err err;
		struct guardian *g = guardian_new(run, &err);
		pid_t child;

		if (g == NULL)
			_exit(1);
		enter(g, 7, 2);
		setenv("VOLLEY_RUN", of_run, 1);
		setenv("VOLLEY_SEQ", seq, 1);
		setenv("VOLLEY_TRY", try, 1);
		child = hang();
		if (write(result, &child, sizeof child) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	return pid;
}

/* When the guardian has ended. */
static bool survives(const char *seq, const char *try, const char *of_run)
{
	int number[2], status;
	pid_t child = 0, parent;
	bool alive;

	if (pipe(number) < 0)
		abort();
	parent = marked_volley(number[1], seq, try, of_run);
	if (read(number[0], &child, sizeof child) != sizeof child)
		abort();
	waitpid(parent, NULL, 0);
	while (waitpid(-1, &status, 0) > 0 && !(WIFEXITED(status) || WIFSIGNALED(status)))
		continue; /* the guardian, or the child */
	alive = kill(child, 0) == 0;
	kill(child, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	close(number[0]);
	close(number[1]);
	return alive;
}

static void test_marks(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ok(survives("7", "1", run), "processes of another try keep running");
	ok(survives("8", "2", run), "and those of another job");
	ok(survives("7", "2", "1-2-3"), "and those of another run");
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* A killed task's stray, without a mark, that volley had found before. */
static pid_t finding_volley(int result, pid_t *stray, bool reused)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct processes all;
		struct err err;
		struct guardian *g = guardian_new(run, &err);

		if (g == NULL)
			_exit(1);
		enter(g, 1, 1);
		*stray = hang();
		processes_open(&all);
		processes_read(&all, NULL);
		guardian_add_stray(g, *stray,
				   processes_find(&all, *stray)->start - reused);
		if (write(result, stray, sizeof *stray) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	return pid;
}

static bool kills_found(bool reused)
{
	int number[2], alive[2];
	pid_t stray = 0, parent;
	bool killed;

	if (pipe(number) < 0 || pipe(alive) < 0)
		abort();
	parent = finding_volley(number[1], &stray, reused);
	close(alive[1]);
	if (read(number[0], &stray, sizeof stray) != sizeof stray)
		abort();
	waitpid(parent, NULL, 0);
	killed = ended_within(alive[0], reused ? 200 : 10000);
	kill(stray, SIGKILL);
	close(alive[0]);
	close(number[0]);
	close(number[1]);
	return killed;
}

static void test_found(void)
{
	ok(kills_found(false), "a stray that volley has found is killed");
	ok(!kills_found(true), "another process with its number is not");
}

static void test_peace(void)
{
	struct err err;
	struct guardian *g = guardian_new(run, &err);
	pid_t pid = hang();
	int ticket = enter(g, 1, 1);

	guardian_add_group(g, ticket, pid);
	guardian_leave(g, ticket);
	guardian_leave(g, -1);
	guardian_free(g);
	is_int(waitpid(pid, NULL, WNOHANG), 0,
	       "when volley ends, processes that jobs left keep running");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(waitpid(-1, NULL, WNOHANG), -1, "and no guardian is left");
	g = guardian_new(run, &err);
	guardian_dismiss(g);
	is_int(waitpid(-1, NULL, 0) > 0, 1, "one that is dismissed ends by itself");
	guardian_free(g);
}

/* A goodbye is no death, even if a task is still in the table. */
static void test_goodbye(void)
{
	struct err err;
	struct guardian *g = guardian_new(run, &err);
	pid_t guardian = guardian_pid(g), pid = hang();

	guardian_add_group(g, enter(g, 1, 1), pid);
	guardian_dismiss(g);
	waitpid(guardian, NULL, 0);
	is_int(waitpid(pid, NULL, WNOHANG), 0, "after a goodbye nothing is killed");
	guardian_free(g);
	is_int(waitpid(pid, NULL, WNOHANG), 0, "not even when the pipe is closed");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_stopped(void)
{
	struct err err;
	struct guardian *g = guardian_new(run, &err);
	pid_t guardian = guardian_pid(g);
	int status;

	kill(guardian, SIGSTOP);
	waitpid(guardian, &status, WUNTRACED);
	guardian_free(g);
	is_int(waitpid(-1, NULL, WNOHANG), -1, "a stopped guardian is ended, too");
}

/* --- its own death */

static struct buf messages;

static void add_message(void *arg, struct bytes text)
{
	(void)arg;
	buf_add(&messages, text.p, text.len);
}

static void test_own_death(void)
{
	struct err err;
	struct loop *loop = loop_new(&err);
	struct guardian *g = guardian_new(run, &err);
	pid_t guardian = guardian_pid(g);

	msg_set_writer(add_message, NULL);
	guardian_watch(g, loop);
	loop_turn(loop);
	is(buf_cstr(&messages), "", "a guardian that lives is not mentioned");
	kill(guardian, SIGKILL);
	waitpid(guardian, NULL, 0);
	loop_turn(loop);
	ok(strstr(buf_cstr(&messages), "the process that guards the jobs has died") != NULL,
	   "when the guardian dies, volley says so");
	buf_reset(&messages);
	loop_turn(loop);
	guardian_free(g);
	loop_turn(loop);
	is(buf_cstr(&messages), "", "once");
	g = guardian_new(run, &err);
	guardian = guardian_pid(g);
	guardian_watch(g, loop);
	guardian_dismiss(g);
	waitpid(guardian, NULL, 0);
	loop_turn(loop);
	is(buf_cstr(&messages), "", "and not of one that was dismissed");
	guardian_free(g);
	msg_set_writer(NULL, NULL);
	buf_clear(&messages);
	loop_free(loop);
}

int main(void)
{
	strays_name_run(run);
	signal(SIGPIPE, SIG_IGN);
	test_death();
	test_death_at_a_start();
	test_found();
	test_marks();
	test_peace();
	test_goodbye();
	test_stopped();
	test_own_death();
	return done_testing();
}
