/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "engine_check.h"
#include "sys/loop.h"
#include "tap.h"
#include "worker_fixture.h"

/* What workers may do wrong, and what becomes of their tasks then. */

/* A line so long that nothing of the next one can be written before its worker
 * has read some of this. */
static struct checked_task *run_large(void)
{
	struct checked_task *t;
	int fds[2], size;
	char *text;

	if (pipe2(fds, O_CLOEXEC) < 0 || (size = fcntl(fds[0], F_GETPIPE_SZ)) < 0)
		abort();
	close(fds[0]);
	close(fds[1]);
	text = xmalloc((size_t)size + 1);
	memset(text, 'x', (size_t)size);
	text[size] = '\0';
	t = task_runf("pad=%s", text);
	free(text);
	return t;
}

/* --- workers that end */

static void test_dead_worker(void)
{
	struct checked_task *a, *b, *c;

	open_worker();
	a = task_runf("wait=%s taste kill=KILL", scratch_fifo("go"));
	b = run_large();
	c = task_run("pid");
	task_wait_for(a, "started");
	turns(2);
	scratch_meet("go", O_WRONLY);
	task_wait(c);
	is(task_result(a), "lost", "a worker that dies has lost the task it worked at");
	is(a->why, "its worker died of SIGKILL before it answered", "and why");
	is(task_result(b), "lost", "and one of which it was given only the start");
	is(task_story(b), "vacated done ", "(which had not started)");
	is(task_result(c), "exit 0", "but not one of which it got nothing");
	ok(atoi(task_said(c, 0)) == c->pid && c->pid != a->pid, "that is the next process's");
	engine_check_close();
}

static void test_unread(void)
{
	struct checked_task *a, *b;
	char script[1200];
	int len;

	open_worker();
	len = snprintf(script, sizeof script, "post=%s", scratch_fifo("read"));
	snprintf(script + len, sizeof script - (size_t)len, " wait=%s kill=KILL",
		 scratch_fifo("go"));
	a = task_run(script);
	task_wait_for(a, "started");
	scratch_meet("read", O_RDONLY);
	b = task_run("pid");
	turns(2);
	scratch_meet("go", O_WRONLY);
	task_wait(b);
	is(task_result(a), "lost", "a worker that dies loses the tasks that it has read");
	ok(atoi(task_said(b, 0)) == b->pid && b->pid != a->pid,
	   "tasks still in its stdin go to the next process");
	engine_check_close();
}

static struct checked_task *other;

static void kill_and_hold_other(struct checked_task *t, const char *what)
{
	(void)t;
	if (strcmp(what, "done") == 0) {
		task_signal(other, SIGKILL);
		task_hold(other, true);
	}
}

static void test_lost_together(void)
{
	struct checked_task *a, *b, *c;
	char script[600];

	open_worker();
	snprintf(script, sizeof script, "wait=%s taste quit=1", scratch_fifo("go"));
	a = task_new(script);
	a->on = kill_and_hold_other;
	task_start(a);
	other = b = run_large();
	c = task_run("pid");
	task_wait_for(a, "started");
	turns(2);
	scratch_meet("go", O_WRONLY);
	task_wait(c);
	is(task_result(b), "lost", "signals to a lost task have no effect");
	is(task_result(c), "exit 0", "and do not delay the next process");
	ok(atoi(task_said(c, 0)) == c->pid, "or kill it");
	engine_check_close();
}

static void test_last_line(void)
{
	struct checked_task *t;

	open_worker();
	t = task_run("raw={\"status\":4} quit=0");
	task_wait(t);
	is(task_result(t), "exit 4", "the last reply of a worker needs no newline");
	wait_room();
	t = task_run("quit=3");
	task_wait(t);
	is(t->why, "its worker ended with status 3 before it answered",
	   "without a reply its status is reported");
	engine_check_close();
}

static void die(size_t times)
{
	while (times-- > 0)
		task_wait(task_run("quit=7"));
}

static void test_deaths(void)
{
	struct checked_task *a, *c;

	open_worker();
	die(4);
	task_wait(task_run("exit=0"));
	die(1 + 4); /* the first of them has answered */
	is(engine_failed, "", "workers that die are not an error while some reply");
	a = task_runf("wait=%s quit=7", scratch_fifo("go"));
	(void)run_large();
	c = task_run("exit=0");
	task_wait_for(a, "started");
	turns(2);
	scratch_meet("go", O_WRONLY);
	task_wait(c);
	ok(strncmp(engine_failed,
		   "5 workers in a row have ended without one reply; the last ended with "
		   "status 7",
		   75) == 0,
	   "but when five in a row have not");
	is(task_result(c), "lost",
	   "then no other process is started, even for waiting tasks");
	ok(!has_room(), "and there is no room");
	engine_check_close();
}

static void test_closes_stdout(void)
{
	struct checked_task *t;
	int64_t now = clock_mono();

	clock_fake(&now);
	open_workers(1, (struct worker_config){.window = 3}, 1000);
	t = task_runf("close=1 post=%s hang", scratch_fifo("closed"));
	task_wait_for(t, "started");
	scratch_meet("closed", O_RDONLY);
	while (has_room())
		turns(1);
	ok(!t->ended, "a worker that closes its stdout gets no more tasks");
	now += 1000;
	task_wait(t);
	is(t->why, "its worker died of SIGTERM before it answered", "and is ended in time");
	clock_fake(NULL);
	engine_check_close();
}

static void test_closes_stdin(void)
{
	struct checked_task *a, *b;
	int64_t now = clock_mono();

	clock_fake(&now);
	open_workers(1, (struct worker_config){.window = 3}, 1000);
	a = run_in(NULL, "hang", "close=0 line=a");
	task_wait(a);
	is(task_said(a, 0), "a\n", "a worker that closes its stdin may still answer");
	b = task_run("pid");
	turns(3);
	is(task_story(b), "", "a task that cannot be written to it does not start");
	ok(!has_room(), "and there is no room for more");
	now += 1000;
	task_wait(b);
	is(task_result(b), "exit 0", "it is ended in time, and the next process gets that");
	ok(b->pid != a->pid && atoi(task_said(b, 0)) == b->pid,
	   "and the pid of the new process is reported");
	clock_fake(NULL);
	engine_check_close();
}

/* --- replies that are none */

static void test_too_many_replies(void)
{
	struct checked_task *t;

	open_worker();
	t = task_run("line=a reply line=b reply");
	task_wait(t);
	is(task_said(t, 0), "a\n", "a second reply is not the task's");
	while (*engine_failed == '\0')
		turns(1);
	is(engine_failed,
	   "worker 1: it has sent more replies than it was given events; each event must "
	   "be answered once, see volley-worker(7)",
	   "it ends the run");
	ok(!has_room(), "so nothing can be started");
	engine_check_close();
}

static struct checked_task *next;

static void start_next(struct checked_task *t, const char *what)
{
	(void)t;
	if (strcmp(what, "done") == 0)
		next = task_run("line=c");
}

/* Both are read at once, and a task is there when the second is looked at. */
static void test_reply_before_event(void)
{
	struct checked_task *t;
	char script[600];

	open_worker();
	snprintf(script, sizeof script, "line=a reply line=b reply post=%s",
		 scratch_fifo("replied"));
	t = task_new(script);
	t->on = start_next;
	task_start(t);
	task_hold(t, true);
	task_wait_for(t, "started");
	scratch_meet("replied", O_RDONLY);
	task_hold(t, false);
	task_wait(t);
	turns(3);
	is(task_said(next, 0), "", "a reply is not of a task that the worker has not got");
	ok(strstr(engine_failed, "more replies than it was given events") != NULL,
	   "it is one too many");
	if (!next->ended)
		task_signal(next, SIGKILL);
	task_wait(next);
	engine_check_close();
}

static void test_nonsense(void)
{
	struct checked_task *t;

	open_worker();
	t = task_run("raw=nonsense");
	while (*engine_failed == '\0')
		turns(1);
	ok(strstr(engine_failed, "worker 1: its reply cannot be read: ") == engine_failed,
	   "a reply that cannot be read ends the run");
	ok(!t->ended, "its task is left to who ends it");
	task_signal(t, SIGKILL);
	task_wait(t);
	engine_check_close();
}

/* --- workers that cannot be started */

/* Its program goes away while it has two tasks, the second of which is killed. */
static void test_cannot_start_again(void)
{
	const char *path = scratch_path("program");
	struct checked_task *t[3];

	if (symlink(built_program("tests/helpers/child"), path) < 0)
		abort();
	open_worker();
	for (size_t i = 0; i < 3; i++) {
		t[i] = task_new("hang");
		t[i]->command.path = path;
		task_start(t[i]);
	}
	task_wait_for(t[0], "started");
	unlink(path);
	task_signal(t[1], SIGKILL);
	task_wait(t[2]);
	is(task_result(t[1]), "signal 9", "when the next process cannot be started");
	is(task_result(t[2]), "not started 127",
	   "the tasks that wait for it do not start");
	is(task_result(t[0]), "lost", "and one that had started is lost");
	is(t[0]->why, t[2]->why, "for the same reason");
	engine_check_close();
}

static void test_out_of_descriptors(void)
{
	struct rlimit old, low;
	struct checked_task *t;

	open_worker();
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = (rlim_t)lowest_free_descriptor() + 5; /* two pipes and a half, at most */
	setrlimit(RLIMIT_NOFILE, &low);
	t = task_run("line=a");
	setrlimit(RLIMIT_NOFILE, &old);
	ok(!has_room(), "a worker that cannot be started gets no more tasks");
	task_wait(t);
	is(task_result(t), "not started 126", "without descriptors a task does not start");
	is(t->why, "cannot start a process: Too many open files",
	   "the reason is reported");
	ok(t->result.try_again, "and that it may be tried again");
	t = task_run("line=a");
	task_wait(t);
	is(task_result(t), "exit 0", "which is true");
	is(engine_failed, "", "it does not count as a death of a worker");
	engine_check_close();
}

int main(void)
{
	int before;

	keep_descriptors_to_ourselves();
	scratch_make();
	before = count_descriptors();
	test_dead_worker();
	test_unread();
	test_lost_together();
	test_last_line();
	test_deaths();
	test_closes_stdout();
	test_closes_stdin();
	test_too_many_replies();
	test_reply_before_event();
	test_nonsense();
	test_cannot_start_again();
	test_out_of_descriptors();
	is_int(count_descriptors(), before, "no descriptor is left open");
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "and no process");
	scratch_remove();
	return done_testing();
}
