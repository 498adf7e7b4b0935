/* SPDX-License-Identifier: ISC */
#include <config.h>

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
	if (under_valgrind()) /* which executes itself in place of the program */
		ok(true, "the environment of another # SKIP valgrind is in between");
	else
		test_environment(argv[0]);
	return done_testing();
}
