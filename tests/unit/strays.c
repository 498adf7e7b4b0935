/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/strays.h"
#include "scratch.h"
#include "tap.h"

/* Processes are made by words, each a process that says its number in a pipe and then
 * waits to be killed: the leader of a group, and what it starts. */

static struct strays strays;
static int numbers[2];

static void say_number(void)
{
	pid_t self = getpid();

	if (write(numbers[1], &self, sizeof self) != sizeof self)
		_exit(1);
}

static pid_t hear_number(void)
{
	pid_t pid;

	if (read(numbers[0], &pid, sizeof pid) != sizeof pid)
		abort();
	return pid;
}

static _Noreturn void hang(void)
{
	for (;;)
		pause();
}

/* By exec, so that /proc shows the environment. */
static _Noreturn void hang_with(char *const *env)
{
	char *argv[] = {(char *)"hang", NULL, NULL};
	char number[16];

	snprintf(number, sizeof number, "%d", numbers[1]);
	argv[1] = number;
	execve("/proc/self/exe", argv, env);
	_exit(1);
}

/* The leader of a group; which starts a child in a session of its own. */
static pid_t family(char *const *env, pid_t *child)
{
	pid_t leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		if (fork() == 0) {
			setsid();
			hang_with(env);
		}
		hang();
	}
	*child = hear_number();
	return leader;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static struct stray_owner owner_of(pid_t leader, uint64_t seq, uint64_t try)
{
	return (struct stray_owner){.mark = {seq, try},
				    .leader = leader,
				    .until = UINT64_MAX,
				    .group_until = UINT64_MAX};
}

static size_t search(void)
{
	const char *why;

	is_int(strays_search(&strays, &why), PROCESSES_ALL, "all processes are seen");
	return strays.n;
}

static bool is_found(pid_t pid, const struct stray_owner *owner)
{
	for (size_t i = 0; i < strays.n; i++)
		if (strays.v[i].process->pid == pid)
			return strays.v[i].owner == owner;
	return false;
}

static char *no_env[] = {NULL};

static void test_remembered(void)
{
	struct stray_owner o;
	pid_t child, leader = family(no_env, &child);

	o = owner_of(leader, 1, 1);
	strays_add(&strays, &o);
	search();
	ok(is_found(child, &o) && o.found == 1, "a stray is found by its parent");
	ok(is_found(leader, &o), "and so is the leader, which does not count");
	end(leader);
	search();
	ok(is_found(child, &o), "it is remembered when the parent is gone");
	strays_signal(&strays, &strays.v[0], SIGTERM);
	while (kill(child, 0) == 0)
		waitpid(child, NULL, 0);
	search();
	is_int(o.found, 0, "until it is gone itself");
	strays_remove(&o);
}

static void test_adopted_unseen(void)
{
	struct stray_owner o;
	pid_t child, leader = family(no_env, &child);

	end(leader);
	o = owner_of(leader, 1, 1);
	strays_add(&strays, &o);
	search();
	ok(!is_found(child, &o), "one without mark and parent is left alone");
	strays.sole = true;
	search();
	strays.sole = false;
	ok(is_found(child, &o), "unless it can be no other's");
	strays_remove(&o);
	end(child);
}

static void test_marks(void)
{
	char run[sizeof strays.run + 16];
	char *env[] = {run, (char *)"VOLLEY_SEQ=7", (char *)"VOLLEY_TRY=2", NULL};
	struct stray_owner first, second, other;
	pid_t child, leader;

	snprintf(run, sizeof run, "VOLLEY_RUN=%s", strays.run);
	leader = family(env, &child);
	end(leader);
	first = owner_of(0, 7, 1);
	second = owner_of(0, 7, 2);
	other = owner_of(0, 8, 2);
	strays_add(&strays, &first);
	strays_add(&strays, &other);
	strays.sole = true;
	search();
	strays.sole = false;
	ok(!is_found(child, &first) && !is_found(child, &other),
	   "a process of another try or job is not found");
	strays_add(&strays, &second);
	search();
	ok(is_found(child, &second), "one with the mark is");
	strays_remove(&first);
	strays_remove(&second);
	strays_remove(&other);
	end(child);

	run[strlen(run) - 1] ^= 1;
	leader = family(env, &child);
	end(leader);
	second = owner_of(0, 7, 2);
	strays_add(&strays, &second);
	search();
	ok(!is_found(child, &second), "one of another run is not");
	strays_remove(&second);
	end(child);
}

/* As the guardian knows them: by the time of the start. */
static void test_ticks(void)
{
	uint64_t before = process_ticks(), after;
	pid_t child, leader = family(no_env, &child);
	struct stray_owner o = owner_of(leader, 1, 1);

	after = process_ticks();
	o.since = before;
	o.until = o.group_until = after;
	strays_add(&strays, &o);
	search();
	ok(is_found(leader, &o) && is_found(child, &o), "a leader is known by its start");
	strays_remove(&o);

	o = owner_of(leader, 1, 1);
	o.since = 0;
	o.until = o.group_until = before - 1;
	strays_add(&strays, &o);
	search();
	ok(!is_found(leader, &o) && !is_found(child, &o),
	   "a stranger that got the pid and the group is not taken for it");
	strays_remove(&o);
	end(leader);
	end(child);
}

static void test_run_names(void)
{
	char a[STRAYS_RUN_SIZE], b[STRAYS_RUN_SIZE];

	strays_name_run(a);
	strays_name_run(b);
	ok(strcmp(a, b) != 0, "no two runs have the same name");
	ok(strchr(a, '-') != NULL && atoi(a) == getpid(), "which begins with the pid");
}

int main(int argc, char **argv)
{
	char run[STRAYS_RUN_SIZE];

	if (argc > 1) {
		numbers[1] = atoi(argv[1]);
		say_number();
		hang();
	}
	if (pipe(numbers) < 0)
		abort();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	test_run_names();
	strays_name_run(run);
	strays_open(&strays, run, getpid());
	if (under_valgrind()) {
		ok(true, "strays # SKIP valgrind executes itself in place of the program");
	} else {
		test_remembered();
		test_adopted_unseen();
		test_marks();
		test_ticks();
	}
	strays_close(&strays);
	return done_testing();
}
