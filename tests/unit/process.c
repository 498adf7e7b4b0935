/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "scratch.h"
#include "sys/process.h"
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

static const char *variable(struct processes *all, pid_t pid, const char *name)
{
	static struct buf text;

	buf_reset(&text);
	if (!processes_environment(all, pid, &text))
		return NULL;
	return process_variable(&text, name);
}

static pid_t execute(char *program, char *const *env, const sigset_t *mask)
{
	pid_t child = fork();

	if (child == 0) {
		char *argv[] = {program, (char *)"hold", NULL};

		if (mask != NULL)
			sigprocmask(SIG_SETMASK, mask, NULL);
		execve("/proc/self/exe", argv, env);
		_exit(1);
	}
	waitpid(child, NULL, WUNTRACED); /* it stops when it is there */
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void test_environment(struct processes *all, char *program)
{
	char *env[] = {(char *)"XMARK=1", (char *)"MARK=4 2", (char *)"MARK2=7", NULL};
	pid_t child = execute(program, env, NULL);

	is(variable(all, child, "MARK"), "4 2", "finds a mark");
	ok(variable(all, child, "NONE") == NULL, "and only what is there");
	ok(variable(all, child, "MAR") == NULL, "by its whole name");
	end(child);
	ok(variable(all, child, "MARK") == NULL, "of the living");
	env[0] = NULL;
	child = execute(program, env, NULL);
	ok(variable(all, child, "MARK") == NULL, "an empty environment has none");
	end(child);
}

static void test_deaf_copy(struct processes *all, char *program)
{
	char *env[] = {NULL};
	pid_t child = execute(program, env, NULL), other;
	sigset_t mask;

	ok(!processes_is_deaf_copy(all, child), "the same program that hears signals is not deaf");
	end(child);
	sigfillset(&mask);
	child = execute(program, env, &mask);
	ok(processes_is_deaf_copy(all, child), "one that blocks all of them is");
	end(child);
	other = fork();
	if (other == 0) {
		sigprocmask(SIG_SETMASK, &mask, NULL);
		execlp("sh", "volley-guard", "-c", "kill -STOP $$; :", (char *)NULL);
		_exit(1);
	}
	waitpid(other, NULL, WUNTRACED);
	ok(!processes_is_deaf_copy(all, other),
	   "another program is not, even with the same name");
	end(other);
}

/* No descriptor is left: the spare one has to do. */
static void test_shortage(struct processes *all)
{
	struct rlimit old, none = {0, 0};
	rlim_t spare = (rlim_t)all->spare_fd;

	getrlimit(RLIMIT_NOFILE, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	is_int(processes_read(all, NULL), PROCESSES_NONE, "without descriptors nothing is seen");
	ok(all->error == EMFILE, "and this is known");
	none.rlim_cur = spare + 1;
	setrlimit(RLIMIT_NOFILE, &none);
	is_int(processes_read(all, NULL), PROCESSES_ALL, "one that was kept is enough");
	setrlimit(RLIMIT_NOFILE, &old);
}

/* What the child comes to do. */
static enum process_doing doing(pid_t child, int pipe_fd, enum process_doing wanted)
{
	enum process_doing is = process_looks_at(child, pipe_fd);

	for (int i = 0; i < 100000 && is != wanted; i++) {
		sched_yield();
		is = process_looks_at(child, pipe_fd);
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
	is_int(doing(child, ours[1], PROCESS_READS), PROCESS_READS, "one that waits for the pipe is seen");
	is_int(process_looks_at(child, other[1]), PROCESS_IS_BUSY, "it does not wait for another");
	if (write(ours[1], "x", 1) != 1)
		abort();
	is_int(doing(child, ours[1], PROCESS_IS_BUSY), PROCESS_IS_BUSY,
	       "and is busy once it has read");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_int(process_looks_at(child, ours[1]), PROCESS_WAITS,
	       "nothing is known about a process that no longer exists");
	for (int i = 0; i < 2; i++) {
		close(ours[i]);
		close(other[i]);
	}
}

/* In a pid namespace of its own, with the /proc of this one. */
static void test_foreign(void)
{
	struct processes all;
	const char *why = "";
	pid_t child;
	int status;

	child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWPID) < 0)
			_exit(2);
		child = fork();
		if (child == 0) {
			processes_open(&all);
			_exit(processes_read(&all, &why) != PROCESSES_NONE || all.n > 0 ||
			      strstr(why, "namespace") == NULL);
		}
		waitpid(child, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		ok(true, "a foreign /proc # SKIP there are no pid namespaces for this user");
	else
		is_int(status, 0, "nothing is seen in the /proc of another pid namespace");
}

static void test_table(struct processes *all)
{
	pid_t child, grandchild;
	const struct process *p;
	struct process old;
	uint64_t before = process_ticks();
	int status;

	child = family(&grandchild);
	is_int(processes_read(all, NULL), PROCESSES_ALL, "all processes are seen");
	p = processes_find(all, grandchild);
	ok(p != NULL && p->parent == child && p->group == grandchild &&
	       p->session == grandchild && !p->zombie,
	   "with parent, group and session, even if the name holds parentheses");
	is(p != NULL ? p->name : "", "odd) R 1 (name", "and the name");
	ok(p != NULL && p->start >= before && p->start <= process_ticks(),
	   "the start is in the clock's ticks");
	ok(processes_find(all, 0) == NULL, "there is no process 0");

	old = *processes_find(all, child);
	old.start--;
	processes_signal(all, &old, SIGKILL);
	is_int(waitpid(child, &status, WNOHANG), 0,
	       "another process of that number gets no signal");
	processes_signal(all, processes_find(all, child), SIGTERM);
	ok(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGTERM,
	   "this very one does");
}

int main(int argc, char **argv)
{
	struct processes all;

	if (argc > 1) {
		raise(SIGSTOP);
		return 0;
	}
	processes_open(&all);
	test_table(&all);
	test_doing();
	test_foreign();
	if (under_valgrind()) { /* which executes itself in place of the program */
		ok(true, "the environment of another # SKIP valgrind is in between");
	} else {
		test_environment(&all, argv[0]);
		test_deaf_copy(&all, argv[0]);
		test_shortage(&all);
	}
	processes_close(&all);
	return done_testing();
}
