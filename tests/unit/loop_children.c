/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop_notes.h"
#include "tap.h"

/* The loop's children: each end and stop is reported once, also while some that have
 * ended are not reaped. */

struct named_child {
	struct loop_child child;
	char *name;
};

static void note_child(void *arg, int status)
{
	if (WIFSTOPPED(status))
		buf_addf(&said, "%s:stopped ", (const char *)arg);
	else if (WIFSIGNALED(status))
		buf_addf(&said, "%s:signal%d ", (const char *)arg, WTERMSIG(status));
	else
		buf_addf(&said, "%s:exit%d ", (const char *)arg, WEXITSTATUS(status));
	loop_stop(loop);
}

/* The same, and reap it at once. */
static void note_and_reap(void *arg, int status)
{
	struct named_child *n = arg;
	struct rusage usage = {.ru_utime.tv_sec = -1};

	note_child(n->name, status);
	if (WIFSTOPPED(status))
		return;
	loop_child_reap(loop, &n->child, &usage);
	if (usage.ru_utime.tv_sec < 0)
		abort();
}

static void watch_child(struct named_child *n, char *name, pid_t pid)
{
	n->name = name;
	loop_child_add(loop, &n->child, pid, note_and_reap, n);
}

/* A child that ends, dies or stops as it is told, and does nothing else. */
static pid_t child(int exits, int signo)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (signo != 0)
			raise(signo);
		_exit(exits);
	}
	return pid;
}

static void wait_until_dead(pid_t pid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
}

static bool is_zombie(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
	       info.si_pid == pid;
}

static void test_children(void)
{
	struct named_child c = {0}, d = {0};
	pid_t pid;

	watch_child(&c, NAME("c"), child(3, 0));
	is(heard(), "", "a child's end is reported only from the loop");
	loop_run(loop);
	is(heard(), "c:exit3 ", "with its status");
	watch_child(&c, NAME("c"), child(0, SIGKILL));
	loop_run(loop);
	is(heard(), "c:signal9 ", "or the signal it died of");

	pid = child(0, SIGSTOP);
	watch_child(&c, NAME("c"), pid);
	loop_run(loop);
	is(heard(), "c:stopped ", "a stop is reported");
	kill(pid, SIGKILL);
	loop_run(loop);
	is(heard(), "c:signal9 ", "and the child stays watched");

	pid = child(1, 0);
	wait_until_dead(pid);
	watch_child(&c, NAME("c"), pid);
	pid = child(2, 0);
	wait_until_dead(pid);
	watch_child(&d, NAME("d"), pid);
	loop_run(loop);
	is(heard(), "c:exit1 d:exit2 ",
	   "the end of each of several children is reported");
	errno = 0;
	ok(waitpid(pid, NULL, WNOHANG) < 0 && errno == ECHILD, "and reaped by its owner");
}

static void test_held_children(void)
{
	struct loop_child held = {0};
	struct named_child c = {0}, d = {0};
	struct rusage usage;
	pid_t pid = child(4, 0), stopped;

	loop_child_add(loop, &held, pid, note_child, NAME("held"));
	loop_run(loop);
	is(heard(), "held:exit4 ",
	   "the end of a child that is not reaped is reported once");
	ok(is_zombie(pid), "and stays a zombie");

	stopped = child(0, SIGSTOP);
	watch_child(&c, NAME("c"), child(1, 0));
	watch_child(&d, NAME("d"), stopped);
	while (said.len < strlen("c:exit1 d:stopped "))
		loop_run(loop);
	ok(strstr(buf_cstr(&said), "c:exit1 ") != NULL &&
	       strstr(buf_cstr(&said), "d:stopped ") != NULL,
	   "meanwhile the ends and stops of others are reported");
	heard();
	kill(stopped, SIGKILL);
	loop_run(loop);
	is(heard(), "d:signal9 ", "each of them");
	ok(is_zombie(pid), "and it still is one");

	loop_child_reap(loop, &held, &usage);
	ok(!is_zombie(pid), "until it is reaped");
}

static void test_held_and_reaped_in_turn(void)
{
	struct loop_child held[2] = {{0}, {0}};
	struct named_child c = {0};
	struct rusage usage;

	for (int i = 0; i < 2; i++) {
		pid_t pid = child(i, 0);

		wait_until_dead(pid);
		loop_child_add(loop, &held[i], pid, note_child, NAME("h"));
	}
	while (said.len < strlen("h:exit0 h:exit1 "))
		loop_run(loop);
	heard();
	loop_child_reap(loop, &held[0], &usage);
	watch_child(&c, NAME("c"), child(7, 0));
	loop_run(loop);
	is(heard(), "c:exit7 ", "one of two that are held may be reaped first");
	loop_child_reap(loop, &held[1], &usage);
	watch_child(&c, NAME("c"), child(8, 0));
	loop_run(loop);
	is(heard(), "c:exit8 ", "without held children everything works as before");
}

static void test_unknown_children(void)
{
	struct named_child c = {0};
	pid_t unknown = child(0, 0);

	wait_until_dead(unknown);
	watch_child(&c, NAME("c"), child(5, 0));
	loop_run(loop);
	is(heard(), "c:exit5 ", "an unknown child has no effect on others");
	errno = 0;
	ok(waitpid(unknown, NULL, WNOHANG) < 0 && errno == ECHILD, "and is reaped");
}

/* Two at once: the signal names one of them only. */
static void test_orphans_while_held(void)
{
	struct loop_child held = {0};
	struct rusage usage;
	pid_t unknown[2];

	loop_child_add(loop, &held, child(0, 0), note_child, NAME("held"));
	loop_run(loop);
	heard();
	for (int i = 0; i < 2; i++) {
		unknown[i] = child(0, 0);
		wait_until_dead(unknown[i]);
	}
	while (is_zombie(unknown[0]) || is_zombie(unknown[1]))
		loop_turn(loop);
	ok(true, "orphans are reaped while a child is held");
	ok(is_zombie(held.pid), "and the child is not");

	unknown[0] = child(0, 0);
	wait_until_dead(unknown[0]);
	unknown[1] = child(0, 0);
	wait_until_dead(unknown[1]);
	loop_turn(loop);
	loop_child_reap(loop, &held, &usage);
	loop_turn(loop);
	loop_turn(loop);
	ok(!is_zombie(unknown[0]) && !is_zombie(unknown[1]),
	   "or at once when there is none any more");
}

static void test_many_children(void)
{
	static struct named_child children[300];
	size_t count = 0;

	for (size_t i = 0; i < 300; i++)
		watch_child(&children[i], NAME("x"), child(0, 0));
	while (count < 300 * strlen("x:exit0 ")) {
		loop_run(loop);
		count = said.len;
	}
	is_int(count, 300 * strlen("x:exit0 "),
	       "the ends of 300 children are reported one by one");
	heard();
}

int main(void)
{
	struct err err;

	signal(SIGCHLD, SIG_IGN); /* as some parents leave it */
	loop = loop_new(&err);
	if (!ok(loop != NULL, "there is a loop"))
		return done_testing();
	test_children();
	test_held_children();
	test_held_and_reaped_in_turn();
	test_unknown_children();
	test_orphans_while_held();
	test_many_children();
	loop_free(loop);
	buf_clear(&said);
	return done_testing();
}
