/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "engine_check.h"
#include "sys/loop.h"
#include "tap.h"
#include "engine/worker.h"
#include "worker_fixture.h"

/* What only an engine with persistent workers can do wrong: with their queues, in
 * kills and holds, when slots change, and at the end.  The rules that all engines
 * keep, and those of queues, are tested by engine.c. */

static void wait_gone(pid_t pid)
{
	while (!is_gone(pid))
		turns(1);
}

/* --- the queue of a worker */

static struct buf diary; /* of several tasks: +1 has started, -1 is done */

static void note(struct checked_task *t, const char *what)
{
	if (strcmp(what, "started") == 0 || strcmp(what, "done") == 0)
		buf_addf(&diary, "%c%u ", *what == 's' ? '+' : '-', (unsigned)t->task.seq);
}

static struct checked_task *run_noted(const char *script)
{
	struct checked_task *t = task_new(script);

	t->on = note;
	task_start(t);
	return t;
}

static void test_in_order(void)
{
	struct checked_task *a, *b, *c;
	char script[600];

	open_worker();
	ok(has_room(), "a worker has room for its window");
	snprintf(script, sizeof script, "wait=%s pid", scratch_fifo("go"));
	a = run_noted(script);
	b = run_noted("pid");
	c = run_noted("pid");
	ok(!has_room(), "and no more");
	task_wait_for(a, "started");
	turns(3);
	is(buf_cstr(&diary), "+1 ", "only the first of three tasks in it has started");
	scratch_meet("go", O_WRONLY);
	task_wait(c);
	is(buf_cstr(&diary), "+1 -1 +2 -2 +3 -3 ", "each starts when the one ahead is done");
	ok(b->pid == a->pid && c->pid == a->pid && atoi(task_said(c, 0)) == a->pid,
	   "all in one process, whose pid is reported");
	ok(has_room(), "then there is room again");
	buf_reset(&diary);
	engine_check_close();
}

static void test_surroundings(void)
{
	struct checked_task *a, *b;

	open_workers(2, (struct worker_config){.window = 1}, HOUR);
	a = task_run("hang");
	b = task_run("fds sigs");
	task_wait(b);
	is(task_said(b, 0), "0 1 2\nblocked:\nignored:\n",
	   "a worker has no descriptors but its three, and no signals blocked");
	task_signal(a, SIGKILL);
	task_wait(a);
	engine_check_close();
}

static size_t window(void)
{
	return engine_worker_window(engine, 1);
}

static void test_window_grows(void)
{
	static const size_t rooms[] = {1, 2, 2, 4};
	struct checked_task *t;
	int64_t now = clock_mono();
	size_t wrong = 0;

	clock_fake(&now);
	open_workers(1, (struct worker_config){.window = 0}, HOUR);
	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		wrong += window() != rooms[i];
		task_wait(task_run("exit=0"));
	}
	is_int(wrong, 0, "a window without a size grows while replies are fast");
	t = task_runf("wait=%s", scratch_fifo("go"));
	task_wait_for(t, "started");
	now += NSEC_PER_SEC;
	scratch_meet("go", O_WRONLY);
	task_wait(t);
	is_int(window(), 1, "and is one after a slow one");
	clock_fake(NULL);
	engine_check_close();
}

/* --- killing */

static void test_kill_head(void)
{
	struct checked_task *a, *b, *c;
	pid_t member;

	open_worker();
	a = task_runf("fork-hold=%s post=%s hang", scratch_path("member"),
		      scratch_fifo("ready"));
	b = task_run("pid");
	c = task_run("pid");
	task_wait_for(a, "started");
	scratch_meet("ready", O_RDONLY);
	member = scratch_pid("member");
	task_signal(a, SIGTERM);
	task_wait(a);
	is(task_result(a), "signal 15", "a signal to a task ends its worker");
	ok(is_gone(a->pid) && has_ended(member), "with all that it has started");
	task_wait(c);
	is(task_result(b), "exit 0", "the tasks after it go to the next process");
	is(task_story(b), "started out vacated done ",
	   "and are reported as started once");
	ok(b->pid != a->pid && c->pid == b->pid && atoi(task_said(b, 0)) == b->pid,
	   "and with its number");
	is(engine_failed, "", "what was killed has not failed");
	engine_check_close();
}

static void test_kill_behind(void)
{
	struct checked_task *a, *b, *c;
	int go;

	open_worker();
	a = task_runf("wait=%s pid", scratch_fifo("go"));
	b = task_run("line=b");
	c = task_run("line=c");
	task_wait_for(a, "started");
	task_signal(b, SIGKILL);
	task_wait(b);
	is(task_result(b), "signal 9", "a task that has not had its turn can be killed");
	is(task_story(b), "vacated done ", "it has not started then");
	while ((go = open(scratch_path("go"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
		turns(1); /* until the next process waits */
	close(go);
	task_wait(a);
	is(task_story(a), "started out vacated done ",
	   "the task before it is reported once");
	ok(atoi(task_said(a, 0)) != a->pid, "though another process answers it");
	task_wait(c);
	is(task_said(c, 0), "c\n", "and so does the task after it");
	engine_check_close();
}

static void test_kill_within_a_reply(void)
{
	struct checked_task *a, *b;

	open_worker();
	a = task_runf("raw={ post=%s hang", scratch_fifo("half"));
	task_wait_for(a, "started");
	scratch_meet("half", O_RDONLY);
	turns(2);
	task_signal(a, SIGKILL);
	task_wait(a);
	b = task_run("line=b");
	task_wait(b);
	is(task_said(b, 0), "b\n", "half a reply of a killed process is not the next one's");
	is(engine_failed, "", "and no failure");
	engine_check_close();
}

static void test_place_with_the_living(void)
{
	struct checked_task *a, *b;

	open_workers(2, (struct worker_config){.window = 1}, HOUR);
	a = task_run("hang");
	b = task_run("line=b");
	task_wait(b);
	task_signal(a, SIGKILL);
	task_wait(a);
	is_int(engine->ops->place(engine), b->task.slot,
	       "an idle process comes before one that would have to be started");
	engine_check_close();
}

static void test_ignores_signal(void)
{
	struct checked_task *a, *b;
	char script[1200];

	open_worker();
	snprintf(script, sizeof script, "post=%s wait=%s line=a", scratch_fifo("ready"),
		 scratch_fifo("go"));
	a = run_in("ignore=TERM", NULL, script);
	b = task_run("line=b");
	task_wait_for(a, "started");
	scratch_meet("ready", O_RDONLY); /* it ignores it by now */
	task_signal(a, SIGTERM);
	scratch_meet("go", O_WRONLY);
	task_wait(b);
	is(task_result(a), "exit 0", "a worker that does not mind the signal may answer");
	is(task_said(b, 0), "b\n", "and the other tasks that it was given, too");
	ok(!has_room(), "it gets no more");
	wait_gone(a->pid);
	ok(has_room(), "until it has ended, as it does then");
	engine_check_close();
}

static void kill_when_answered(struct checked_task *t, const char *what)
{
	if (strcmp(what, "out") == 0)
		task_signal(t, SIGKILL);
}

static void test_kill_too_late(void)
{
	struct checked_task *a, *b;

	open_worker();
	a = task_new("line=a");
	a->on = kill_when_answered;
	task_start(a);
	b = task_run("line=b");
	task_wait(b);
	is(task_result(a), "exit 0", "a task that is killed when it is answered has succeeded");
	is(task_said(b, 0), "b\n", "and no other task is lost");
	engine_check_close();
}

/* --- holding */

static void test_hold(void)
{
	struct checked_task *a, *b;

	open_worker();
	a = task_runf("line=a reply post=%s", scratch_fifo("replied"));
	b = task_run("line=b");
	task_hold(b, true);
	task_wait_for(a, "started");
	scratch_meet("replied", O_RDONLY);
	turns(3);
	ok(!a->ended, "to hold a task holds those ahead in its worker");
	task_hold(a, true);
	task_hold(b, false);
	turns(3);
	ok(!a->ended, "until no task is held");
	task_hold(a, false);
	task_wait(b);
	is(task_said(a, 0), "a\n", "let go, they are answered");
	engine_check_close();
}

/* Where the task is, is the engine's business. */
static void test_hold_moves_along(void)
{
	struct checked_task *a, *b;

	open_worker();
	a = task_run("hang");
	b = task_runf("line=b reply post=%s", scratch_fifo("replied"));
	task_hold(b, true);
	task_wait_for(a, "started");
	task_signal(a, SIGKILL);
	task_wait_for(b, "started");
	scratch_meet("replied", O_RDONLY);
	turns(3);
	is(task_said(b, 0), "", "a task that is held is held in the next process, too");
	task_hold(b, false);
	task_wait(b);
	is(task_said(b, 0), "b\n", "until it is let go");
	engine_check_close();
}

/* --- slots */

static void test_resize(void)
{
	struct checked_task *a, *b, *c;

	open_workers(2, (struct worker_config){.window = 2}, HOUR);
	a = task_runf("wait=%s", scratch_fifo("go1"));
	b = task_runf("wait=%s", scratch_fifo("go2"));
	is_int(b->task.slot, 2, "a task goes to a worker that is to be started");
	task_wait_for(b, "started");
	engine->ops->resize(engine, 1);
	ok(has_room(), "the other slot has room");
	c = task_run("pid");
	is_int(c->task.slot, 1, "no task goes to a slot in excess");
	turns(2);
	scratch_meet("go2", O_WRONLY);
	task_wait(b);
	is(task_result(b), "exit 0", "a task that runs there continues");
	wait_gone(b->pid);
	ok(!is_gone(a->pid), "then its worker ends, and no other");
	engine->ops->resize(engine, 2);
	b = task_run("pid");
	is_int(b->task.slot, 2, "with two slots again it gets tasks");
	task_wait(b);
	scratch_meet("go1", O_WRONLY);
	task_wait(c);
	ok(c->pid == a->pid, "the other has gone on all the time");
	engine_check_close();
}

static void test_resize_and_kill(void)
{
	struct checked_task *a, *b, *c, *d;

	open_workers(2, (struct worker_config){.window = 2}, HOUR);
	a = task_run("hang");
	b = task_run("hang");
	c = task_run("hang");
	d = task_run("pid");
	is_int(d->task.slot, 2, "a task goes to a worker with little to do");
	task_wait_for(b, "started");
	engine->ops->resize(engine, 1);
	task_signal(b, SIGKILL);
	task_wait(d);
	is(task_result(d), "exit 0", "in a slot that is too many tasks go to the next process");
	turns(3);
	ok(!has_room() && !is_gone(a->pid), "(others are not disturbed)");
	wait_gone(d->pid);
	ok(true, "and that ends, too, when they are done");
	task_signal(a, SIGKILL);
	task_wait_for(c, "started");
	task_signal(c, SIGKILL);
	task_wait(c);
	engine_check_close();
}

static void test_max(void)
{
	struct checked_task *t[3];

	open_workers(1, (struct worker_config){.window = 3, .max = 2}, HOUR);
	ok(has_room(), "there is room for as many tasks as a worker may have in its life");
	t[0] = task_run("exit=0");
	t[1] = task_run("exit=0");
	ok(!has_room(), "and no more");
	task_wait(t[1]);
	wait_room();
	ok(is_gone(t[0]->pid), "until it has ended");
	t[2] = task_run("exit=0");
	task_wait(t[2]);
	ok(t[0]->pid == t[1]->pid && t[1]->pid != t[2]->pid, "the next are another's");
	engine_check_close();
}

/* --- the end */

static void open_impatient(int64_t *now)
{
	*now = clock_mono();
	clock_fake(now);
	open_workers(1, (struct worker_config){.window = 3}, 1000);
}

static void close_impatient(void)
{
	clock_fake(NULL);
	engine_check_close();
}

static void test_finish(void)
{
	struct checked_task *t;
	char step[600];
	int64_t now;

	open_impatient(&now);
	snprintf(step, sizeof step, "touch=%s", scratch_path("over"));
	task_wait(run_in(NULL, step, "exit=0"));
	engine_finish(false);
	ok(access(scratch_path("over"), F_OK) == 0,
	   "finish gives workers time to end by themselves");
	close_impatient();

	open_impatient(&now);
	t = run_in(NULL, "hang", "exit=0");
	task_wait(t);
	engine->ops->finish(engine, false);
	turns(3);
	ok(!engine_has_finished() && !is_gone(t->pid), "one that does not is left for a while");
	now += 1000;
	engine_finish(false);
	ok(is_gone(t->pid), "then it is sent SIGTERM");
	close_impatient();

	open_impatient(&now);
	t = run_in("ignore=TERM", "hang", "exit=0");
	task_wait(t);
	engine->ops->finish(engine, false);
	turns(1);
	now += 1000;
	turns(2);
	now += 500 * NSEC_PER_MSEC - 1;
	turns(2);
	ok(!is_gone(t->pid), "one that ignores that is left for half a second more");
	now += 1;
	engine_finish(false);
	ok(is_gone(t->pid), "then it is killed");
	close_impatient();

	open_impatient(&now);
	t = run_in("ignore=TERM", "hang", "exit=0");
	task_wait(t);
	engine_finish(true);
	ok(is_gone(t->pid), "and at once if asked for now");
	close_impatient();
}

int main(void)
{
	int before;

	keep_descriptors_to_ourselves();
	scratch_make();
	before = count_descriptors();
	test_in_order();
	test_surroundings();
	test_window_grows();
	test_kill_head();
	test_kill_behind();
	test_kill_within_a_reply();
	test_place_with_the_living();
	test_ignores_signal();
	test_kill_too_late();
	test_hold();
	test_hold_moves_along();
	test_resize();
	test_resize_and_kill();
	test_max();
	test_finish();
	buf_clear(&diary);
	is_int(count_descriptors(), before, "no descriptor is left open");
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "and no process");
	scratch_remove();
	return done_testing();
}
