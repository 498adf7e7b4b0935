/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "engine_check.h"
#include "engine_local_subject.h"
#include "engine_worker_subject.h"
#include "scratch.h"
#include "sys/loop.h"
#include "sys/rawcall.h"
#include "tap.h"

/* How jobs and workers come to their programs, or fail to: the same for both. */

#define HOUR (3600 * NSEC_PER_SEC)

#if defined(RAWCALL_CLONE) && !defined(__SANITIZE_ADDRESS__)
enum { CHILDREN_RUN_ASIDE = 1 };
#else
enum { CHILDREN_RUN_ASIDE = 0 };
#endif

/* One that runs a program of the test's choice. */
static struct checked_task *new_task(const char *path, const char *script)
{
	struct checked_task *t = task_new(script);

	t->command.path = path;
	return t;
}

static struct checked_task *run(const char *path, const char *script)
{
	struct checked_task *t = new_task(path, script);

	task_start(t);
	return t;
}

/* --- scripts without #! */

/* Becomes the tests' child. */
static char *plain_script(void)
{
	char text[600];

	snprintf(text, sizeof text, "exec '%s' \"$@\"\n", built_program("tests/helpers/child"));
	return xstrdup(scratch_file("plain", text, 0755));
}

static void test_scripts(void)
{
	char *path = plain_script();
	struct checked_task *t;

	engine_check_open(subject, HOUR);
	t = run(path, "line=a exit=5");
	task_wait(t);
	is(task_result(t), "exit 5", "%s: a script without #! is run by /bin/sh",
	   subject->name);
	is(task_story(t), "started out vacated done ", "and is reported as one start");
	is(task_said(t, 0), "a\n", "with its arguments");
	ok(t->pid > 0, "and a process");
	engine_check_close();
	free(path);
}

static void test_name_of_script(void)
{
	const char *path = scratch_file("name", "echo \"$0 $1 $2\"\n", 0755);
	struct checked_task *t;

	engine_check_open(subject, HOUR);
	t = run(path, "a b");
	task_wait(t);
	ok(strncmp(task_said(t, 0), path, strlen(path)) == 0 &&
	       strcmp(task_said(t, 0) + strlen(path), " a b\n") == 0,
	   "a script without #! knows its name");
	engine_check_close();
}

/* --- failures */

static void test_reasons(void)
{
	static char big[256 * 1024];
	const struct {
		const char *path, *dir;
		bool big;
		const char *result, *why;
	} cases[] = {
	    {"/nonexistent/x", NULL, false, "not started 127",
	     "cannot execute '/nonexistent/x': there is no such file, or the interpreter "
	     "named in its first line does not exist"},
	    {"/etc/passwd", NULL, false, "not started 126",
	     "cannot execute '/etc/passwd': Permission denied"},
	    {NULL, "/nonexistent", false, "not started 126",
	     "cannot change to directory '/nonexistent': No such file or directory"},
	    {NULL, NULL, true, "not started 126",
	     "its arguments and environment together are too long for the kernel"},
	};

	memset(big, 'x', sizeof big - 1);
	engine_check_open(subject, HOUR);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct checked_task *t;

		if (cases[i].big && under_valgrind()) {
			ok(true, "too long a command # SKIP valgrind finds it too late");
			continue;
		}
		t = task_new("exit=0");
		if (cases[i].path != NULL)
			t->command.path = cases[i].path;
		t->command.dir = cases[i].dir;
		if (cases[i].big) {
			free(t->argv[1]);
			t->argv[1] = xstrdup(big);
		}
		task_start(t);
		task_wait(t);
		is(task_result(t), cases[i].result, "%s: it does not start:", subject->name);
		is(task_story(t), "vacated done ", "(and is not reported as started)");
		is(t->why, cases[i].why, "and the reason is reported");
		ok(!t->result.try_again, "trying again would not help");
	}
	is(engine_failed, "", "the engine continues");
	engine_check_close();
}

/* --- programs that take long to be executed */

/* A copy of the program, whose lease holds back all who execute it.  -1: there are no
 * leases here. */
static int lease_program(const char *program, char **path)
{
	char command[1200];
	int fd;

	*path = xstrdup(scratch_path("leased"));
	snprintf(command, sizeof command, "cp -f '%s' '%s'", program, *path);
	if (system(command) != 0)
		abort();
	signal(SIGIO, SIG_IGN); /* sent when somebody waits */
	fd = open(*path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Those on their way have the descriptor, too: to close it is not enough. */
static void let_go(int lease)
{
	fcntl(lease, F_SETLEASE, F_UNLCK);
	close(lease);
}

/* Long enough for all that an engine does from time to time. */
static void let_time_pass(int64_t *now)
{
	for (int i = 0; i < 20; i++) {
		*now += NSEC_PER_MSEC;
		turns(2);
	}
}

/* On its way to the leased program. */
static struct checked_task *start_slow(const char *path, const char *script, int64_t *now)
{
	struct checked_task *t;

	*now = clock_mono();
	clock_fake(now);
	engine_check_open(subject, HOUR);
	t = run(path, script);
	let_time_pass(now);
	return t;
}

static void close_slow(void)
{
	clock_fake(NULL);
	engine_check_close();
}

static void check_slow(const char *path, int lease)
{
	struct checked_task *t;
	int64_t now;

	t = start_slow(path, "line=a", &now);
	is(task_story(t), "", "%s: a task has not started before its program is executed",
	   subject->name);
	let_go(lease);
	task_wait(t);
	is(task_story(t), "started out vacated done ", "but then");
	is(task_said(t, 0), "a\n", "and gets all");
	close_slow();
}

static void check_slow_and_late(const char *path, int lease)
{
	struct checked_task *t;
	int64_t now;

	t = start_slow(path, "hang", &now);
	let_go(lease);
	while (!task_has(t, "started")) {
		now += NSEC_PER_MSEC;
		turns(1);
	}
	is(task_story(t), "started ", "%s: its start is reported while it runs",
	   subject->name);
	task_signal(t, SIGTERM);
	task_wait(t);
	is(task_result(t), "signal 15", "and it can be killed");
	close_slow();
}

static void check_slow_and_killed(const char *path, int lease)
{
	struct checked_task *t;
	int64_t now;

	t = start_slow(path, "hang", &now);
	task_signal(t, SIGTERM);
	task_wait(t);
	is(task_result(t), "signal 15", "%s: what is on its way can be killed", subject->name);
	is(engine_failed, "", "which is not an engine failure");
	let_go(lease);
	close_slow();
}

/* Before Linux 5.16 a core would have taken our memory with it. */
static void check_slow_and_quit(const char *path, int lease)
{
	struct checked_task *t;
	int64_t now;

	t = start_slow(path, "hang", &now);
	task_signal(t, SIGQUIT);
	task_wait(t);
	is_int(t->result.code, SIGKILL, "%s: by SIGKILL if the signal would dump core",
	       subject->name);
	let_go(lease);
	close_slow();
}

/* Stopped on its way, and continued. */
static struct checked_task *run_stopped(const char *path, int lease)
{
	struct checked_task *t;
	int64_t now;

	t = start_slow(path, "line=a", &now);
	task_signal(t, SIGSTOP);
	if (waitid(P_ALL, 0, &(siginfo_t){0}, WSTOPPED | WNOWAIT) < 0)
		abort();
	let_time_pass(&now);
	let_go(lease);
	let_time_pass(&now);
	task_signal(t, SIGCONT);
	task_wait(t);
	return t;
}

static void check_slow_and_stopped(const char *path, int lease)
{
	struct checked_task *t = run_stopped(path, lease);

	is(task_result(t), "exit 0", "%s: what is on its way can be stopped and continued",
	   subject->name);
	close_slow();
}

/* Of two in a slot; those in it have a process each, in turn. */
static void check_slow_queue(const char *path, int lease)
{
	struct checked_task *t[3];
	int64_t now;

	if (!subject->queues) {
		let_go(lease);
		return;
	}
	t[0] = start_slow(path, "line=a", &now);
	engine->ops->resize(engine, 1);
	t[1] = run(path, "hang");
	t[2] = run(path, "line=c");
	task_signal(t[1], SIGKILL);
	task_wait(t[1]);
	is(task_story(t[1]), "vacated done ", "%s: a task behind one on its way can be killed",
	   subject->name);
	let_time_pass(&now);
	is(task_story(t[0]), "", "the next process is on its way then");
	let_go(lease);
	task_wait(t[2]);
	is(task_story(t[0]), "started out vacated done ", "and runs the others");
	is(task_said(t[2], 0), "c\n", "all of them");
	engine_finish(true);
	ok(is_gone(t[2]->pid), "it is ended as any other");
	close_slow();
}

static void check_slow_in_a_slot_too_many(const char *path, int lease)
{
	struct checked_task *t[2];
	int64_t now;

	t[0] = start_slow(path, "line=a", &now);
	t[1] = run(path, "line=b");
	is_int(t[1]->task.slot, 2, "%s: two tasks are on their way", subject->name);
	engine->ops->resize(engine, 1);
	let_time_pass(&now);
	let_go(lease);
	task_wait(t[0]);
	task_wait(t[1]);
	is(task_result(t[1]), "exit 0", "one whose slot is taken away meanwhile runs");
	while (!is_gone(t[1]->pid))
		turns(1);
	ok(true, "and its process ends");
	close_slow();
}

static void check_slow_failure(const char *path, int lease)
{
	struct checked_task *t;
	int64_t now;

	t = start_slow(path, "line=a", &now);
	let_go(lease);
	task_wait(t);
	is(task_result(t), "not started 127", "%s: what fails late has not started",
	   subject->name);
	is(task_story(t), "vacated done ", "and is not reported as started");
	close_slow();
}

static void check_slow_failure_stopped(const char *path, int lease)
{
	struct checked_task *t = run_stopped(path, lease);

	is(task_story(t), "vacated done ", "%s: though it was stopped on its way",
	   subject->name);
	close_slow();
}

static void test_slow(const char *program, void (*check)(const char *path, int lease))
{
	char *path = NULL;
	int lease = -1;

	if (CHILDREN_RUN_ASIDE && !under_valgrind())
		lease = lease_program(program, &path);
	if (lease >= 0)
		check(path, lease);
	else
		ok(true, "a program that takes long # SKIP the start waits for it here, or "
			 "there are no leases");
	free(path);
}

static void test_all_slow(void)
{
	const char *child = built_program("tests/helpers/child");
	char *lost = xstrdup(scratch_file("lost", "#!/nonexistent/sh\n", 0755));
	char *plain = plain_script();

	test_slow(child, check_slow);
	test_slow(child, check_slow_and_late);
	test_slow(child, check_slow_and_killed);
	test_slow(child, check_slow_and_quit);
	test_slow(child, check_slow_and_stopped);
	test_slow(child, check_slow_queue);
	test_slow(child, check_slow_in_a_slot_too_many);
	test_slow(plain, check_slow);
	test_slow(plain, check_slow_and_late);
	test_slow(plain, check_slow_and_killed);
	test_slow(plain, check_slow_queue);
	test_slow(lost, check_slow_failure);
	test_slow(lost, check_slow_failure_stopped);
	free(lost);
	free(plain);
}

static void test_launches_of(const struct engine_subject *s)
{
	subject = s;
	test_scripts();
	test_reasons();
	test_all_slow();
}

int main(void)
{
	int before;

	keep_descriptors_to_ourselves();
	scratch_make();
	before = count_descriptors();
	test_launches_of(&engine_local_subject);
	test_name_of_script();
	test_launches_of(&engine_worker_subject);
	is_int(count_descriptors(), before, "no descriptor is left open");
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "and no process");
	scratch_remove();
	return done_testing();
}
