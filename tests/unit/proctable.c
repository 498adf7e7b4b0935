/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "sys/proctable.h"
#include "tap.h"

/* A child and its own child, who says its number; both wait to be killed. */
static pid_t family(pid_t *grandchild)
{
	int fds[2];
	pid_t child;

	if (pipe(fds) < 0)
		abort();
	child = fork();
	if (child == 0) {
		pid_t own = fork();

		if (own == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			prctl(PR_SET_NAME, "odd) R 1 (name");
			setsid();
			own = getpid();
			if (write(fds[1], &own, sizeof own) != sizeof own)
				_exit(1);
		}
		for (;;)
			pause();
	}
	if (read(fds[0], grandchild, sizeof *grandchild) != sizeof *grandchild)
		abort();
	close(fds[0]);
	close(fds[1]);
	return child;
}

static void test_environment(char *program)
{
	pid_t child = fork();

	if (child == 0) {
		char *argv[] = {program, (char *)"hold", NULL};
		char *env[] = {(char *)"XMARK=1", (char *)"MARK=42", (char *)"MARK2=7",
			       NULL};

		execve("/proc/self/exe", argv, env);
		_exit(1);
	}
	waitpid(child, NULL, WUNTRACED); /* it stops when it is there */
	is_int(proc_environment_number(child, "MARK"), 42, "finds a mark");
	is_int(proc_environment_number(child, "NONE"), 0, "and only what is there");
	is_int(proc_environment_number(child, "MAR"), 0, "by its whole name");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_int(proc_environment_number(child, "MARK"), 0, "of the living");
}

/* What the child comes to do. */
static enum proc_doing doing(pid_t child, int pipe_fd, enum proc_doing wanted)
{
	enum proc_doing is = proc_looks_at(child, pipe_fd);

	for (int i = 0; i < 100000 && is != wanted; i++) {
		sched_yield();
		is = proc_looks_at(child, pipe_fd);
	}
	return is;
}

static void test_doing(void)
{
	int ours[2], other[2];
	pid_t child;
	char byte;

	if (pipe(ours) < 0 || pipe(other) < 0)
		abort();
	child = fork();
	if (child == 0) {
		(void)!read(ours[0], &byte, 1);
		(void)!read(other[0], &byte, 1);
		for (;;)
			pause();
	}
	is_int(doing(child, ours[1], PROC_READS), PROC_READS, "one that waits for the pipe is seen");
	is_int(proc_looks_at(child, other[1]), PROC_IS_BUSY, "it does not wait for another");
	if (write(ours[1], "x", 1) != 1)
		abort();
	is_int(doing(child, ours[1], PROC_IS_BUSY), PROC_IS_BUSY, "nor for ever for this one");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_int(proc_looks_at(child, ours[1]), PROC_WAITS, "of one that is no more nothing is known");
	for (int i = 0; i < 2; i++) {
		close(ours[i]);
		close(other[i]);
	}
}

int main(int argc, char **argv)
{
	struct proctable t = {0};
	const struct proc *p;
	struct proc old;
	pid_t child, grandchild;
	int status;

	if (argc > 1) {
		raise(SIGSTOP);
		return 0;
	}
	child = family(&grandchild);
	proctable_read(&t);
	p = proctable_find(&t, grandchild);
	ok(p != NULL && p->parent == child && p->group == grandchild && !p->zombie,
	   "knows parent and group, whatever the name holds");
	is(p != NULL ? p->name : "", "odd) R 1 (name", "and the name");
	ok(p != NULL && proctable_descends(&t, p, getpid()), "a grandchild descends");
	ok(p != NULL && proctable_descends(&t, p, child), "from its parent too");
	ok(p != NULL && !proctable_descends(&t, p, grandchild), "not from itself");
	ok(!proctable_descends(&t, proctable_find(&t, getpid()), child),
	   "nor a parent from its child");
	ok(proctable_find(&t, 0) == NULL, "there is no process 0");

	old = *proctable_find(&t, child);
	old.start--;
	proc_signal(&old, SIGKILL);
	is_int(waitpid(child, &status, WNOHANG), 0,
	       "another process of that number gets no signal");
	proc_signal(proctable_find(&t, child), SIGTERM);
	ok(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGTERM,
	   "this very one does");
	proctable_clear(&t);
	test_doing();
	if (under_valgrind()) /* which executes itself in place of the program */
		ok(true, "the environment of another # SKIP valgrind is in between");
	else
		test_environment(argv[0]);
	return done_testing();
}
