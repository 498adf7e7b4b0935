/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/msg.h"
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
			tickets[i] = guardian_enter(g, (uint64_t)i + 1);
			pids[i] = hang();
			guardian_add_group(g, tickets[i], pids[i]);
		}
		guardian_leave(g, tickets[0]);
		tickets[0] = guardian_enter(g, 3); /* its place is used again */
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
		struct guardian *g = guardian_new(&err);
		char number[32];

		if (g == NULL)
			_exit(1);
		guardian_enter(g, 7);
		snprintf(number, sizeof number, "%d", (int)getpid());
		setenv("VOLLEY_PID", number, 1);
		setenv("VOLLEY_SEQ", "7", 1);
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
	ok(ended_within(alive[0], 10000), "what is just being started is killed by its mark");
	close(alive[0]);
	close(number[0]);
	close(number[1]);
}

static void test_peace(void)
{
	struct err err;
	struct guardian *g = guardian_new(&err);
	pid_t pid = hang();
	int ticket = guardian_enter(g, 1);

	guardian_add_group(g, ticket, pid);
	guardian_leave(g, ticket);
	guardian_leave(g, -1);
	guardian_free(g);
	is_int(waitpid(pid, NULL, WNOHANG), 0, "when volley ends, what jobs have left lives on");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(waitpid(-1, NULL, WNOHANG), -1, "and no guardian is left");
	g = guardian_new(&err);
	guardian_dismiss(g);
	is_int(waitpid(-1, NULL, 0) > 0, 1, "one that is dismissed ends by itself");
	guardian_free(g);
}

/* The only child there is. */
static pid_t only_child(void)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f != NULL) {
		if (fscanf(f, "%d", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	return pid;
}

/* A goodbye is no death, even if a task is still in the table. */
static void test_goodbye(void)
{
	struct err err;
	struct guardian *g = guardian_new(&err);
	pid_t guardian = only_child(), pid = hang();

	guardian_add_group(g, guardian_enter(g, 1), pid);
	guardian_dismiss(g);
	waitpid(guardian, NULL, 0);
	is_int(waitpid(pid, NULL, WNOHANG), 0, "after a goodbye nothing is killed");
	guardian_free(g);
	is_int(waitpid(pid, NULL, WNOHANG), 0, "nor when the pipe is closed");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_stopped(void)
{
	struct err err;
	struct guardian *g = guardian_new(&err);
	pid_t guardian = only_child();
	int status;

	kill(guardian, SIGSTOP);
	waitpid(guardian, &status, WUNTRACED);
	guardian_free(g);
	is_int(waitpid(-1, NULL, WNOHANG), -1, "a stopped guardian is ended nevertheless");
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
	struct guardian *g = guardian_new(&err);
	pid_t guardian = only_child();

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
	g = guardian_new(&err);
	guardian = only_child();
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
	signal(SIGPIPE, SIG_IGN);
	test_death();
	test_death_at_a_start();
	test_peace();
	test_goodbye();
	test_stopped();
	test_own_death();
	return done_testing();
}
