/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine_check.h"
#include "scratch.h"
#include "tap.h"

/* --- the rules */

static void skip(const char *what, const char *why)
{
	ok(true, "%s: %s # SKIP %s", subject->name, what, why);
}

/* The last two cannot start even where processes are kept: the one ahead of them
 * takes its process with it. */
static const struct {
	const char *script, *result, *said[2], *story;
	bool dies; /* its process ends without the task's end */
} endings[] = {
    {"exit=0", "exit 0", {"", ""}, "started vacated done ", false},
    {"exit=3", "exit 3", {"", ""}, "started vacated done ", false},
    {"line=a exit=255", "exit 255", {"a\n", ""}, "started out vacated done ", false},
    {"line=a eline=b line=c", "exit 0", {"a\nc\n", "b\n"}, "started out vacated done ",
     false},
    {"line=a kill=TERM", "signal 15", {"a\n", ""}, "started out vacated done ", true},
    {"kill=KILL", "signal 9", {"", ""}, "started vacated done ", true},
    {"missing", "not started 127", {"", ""}, "vacated done ", false},
    {"forbidden", "not started 126", {"", ""}, "vacated done ", false},
};

enum { ENDINGS = sizeof endings / sizeof endings[0] };

static void check_ending(size_t i, struct checked_task *t)
{
	bool lost = subject->keeps && endings[i].dies;

	is(task_result(t), lost ? "lost" : endings[i].result, "%s: '%s': the result",
	   subject->name, endings[i].script);
	is(task_story(t), lost ? "started vacated done " : endings[i].story,
	   "each event once, in its order");
	ok(!t->result.try_again && !t->result.truncated && !t->result.wanted_terminal,
	   "with nothing besides");
	is(task_said(t, 0), lost ? "" : endings[i].said[0], "stdout, whole");
	is(task_said(t, 1), lost ? "" : endings[i].said[1], "stderr, whole");
}

static void check_endings(void)
{
	struct checked_task *all[ENDINGS];

	for (size_t i = 0; i < ENDINGS; i++) {
		all[i] = task_run(endings[i].script);
		is(task_story(all[i]), "", "%s: start does not call back", subject->name);
		task_wait(all[i]);
		check_ending(i, all[i]);
	}
	for (size_t i = 0; i < ENDINGS; i++)
		all[i] = task_run(endings[i].script);
	for (size_t i = 0; i < ENDINGS; i++) {
		task_wait(all[i]);
		check_ending(i, all[i]); /* and all at the same time */
	}
}

/* What a task tells that hangs behind "line=", and its story when it is killed. */
static const char *sign_of_life(void)
{
	return subject->keeps ? "started" : "out";
}

static const char *story_of_killed(void)
{
	return subject->keeps ? "started vacated done " : "started out vacated done ";
}

static void check_signals(void)
{
	struct checked_task *a = task_run("line=a hang"), *b = task_run("line=b hang");

	task_wait_for(a, sign_of_life());
	task_wait_for(b, sign_of_life());
	task_signal(a, SIGTERM);
	task_wait(a);
	is(task_result(a), "signal 15", "%s: a signal reaches its task", subject->name);
	turns(3);
	ok(!b->ended, "and no other");
	task_signal(b, SIGSTOP);
	task_signal(b, SIGCONT);
	turns(3);
	ok(!b->ended, "one that is stopped and continued runs on");
	task_signal(b, SIGKILL);
	task_wait(b);
	is(task_result(b), "signal 9", "SIGKILL ends it, too");
	is(task_story(b), story_of_killed(), "the end is told as any other");
}

/* Returns when there is something to be read, which is known without reading. */
static struct checked_task *run_held(void)
{
	struct checked_task *t;

	if (subject->keeps) {
		t = task_runf("line=a eline=b reply post=%s", scratch_fifo("replied"));
		task_hold(t, true);
		task_wait_for(t, "started");
		scratch_meet("replied", O_RDONLY);
	} else {
		t = task_run("line=a eline=b");
		task_hold(t, true);
		task_wait_for(t, "vacated");
	}
	turns(3);
	return t;
}

static void check_hold(void)
{
	struct checked_task *t = run_held();

	is(task_said(t, 0), "", "%s: the stdout of a task that is held is not read",
	   subject->name);
	if (subject->keeps)
		skip("its stderr is", "both are in one reply");
	else
		is(task_said(t, 1), "b\n", "its stderr is");
	ok(!t->ended, "and it is not done before its output is");
	task_hold(t, false);
	task_wait(t);
	is(task_said(t, 0), "a\n", "let go, it has lost nothing");
	is(task_said(t, 1), "b\n", "nor of its stderr");
	is(task_result(t), "exit 0", "nor is it truncated");
}

/* Whoever held it may never let go: its reader is blocked, and the run ends. */
static void check_killed_while_held(void)
{
	struct checked_task *t = task_run("eline=b line=a hang");

	task_hold(t, true);
	task_wait_for(t, sign_of_life());
	task_signal(t, SIGKILL);
	task_wait(t);
	is(task_result(t), "signal 9", "%s: a task that is killed while it is held is done",
	   subject->name);
}

static struct checked_task *follower;
static const char *follower_starts_at;

static void start_another(struct checked_task *t, const char *what)
{
	(void)t;
	if (strcmp(what, follower_starts_at) == 0 && follower == NULL)
		follower = task_run("line=next exit=7");
}

static void check_start_from_callbacks(void)
{
	static const char *const places[] = {"started", "out", "vacated", "done"};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct checked_task *t = task_new("line=a");

		follower = NULL;
		follower_starts_at = places[i];
		t->on = start_another;
		task_start(t);
		task_wait(t);
		if (!ok(follower != NULL, "%s: %s is told", subject->name, places[i]))
			continue;
		task_wait(follower);
		is(task_story(follower), "started out vacated done ",
		   "a task can be started from there");
		is(task_result(follower), "exit 7", "and runs");
	}
}

static void kill_and_hold(struct checked_task *t, const char *what)
{
	if (strcmp(what, sign_of_life()) == 0) {
		task_hold(t, true);
		task_signal(t, SIGKILL);
		task_hold(t, false);
	}
	if (strcmp(what, "vacated") == 0)
		task_signal(t, SIGTERM); /* too late, and harmless */
}

static void check_signals_from_callbacks(void)
{
	struct checked_task *t = task_new("line=a hang");

	t->on = kill_and_hold;
	task_start(t);
	task_wait(t);
	is(task_result(t), "signal 9", "%s: a task can be killed from its own callback",
	   subject->name);
	is(task_story(t), story_of_killed(), "and is told of as ever");
}

static void hold_it(struct checked_task *t, const char *what)
{
	if (strcmp(what, "out") == 0)
		task_hold(t, true);
}

static struct checked_task *victim;

static void kill_victim(struct checked_task *t, const char *what)
{
	(void)t;
	if (strcmp(what, "started") == 0) {
		task_hold(victim, true);
		task_signal(victim, SIGKILL);
	}
}

static void check_signals_from_another(void)
{
	struct checked_task *t = task_new("line=a");

	victim = task_run("hang");
	task_wait_for(victim, "started");
	t->on = kill_victim;
	task_start(t);
	task_wait(t);
	task_wait(victim);
	is(task_result(victim), "signal 9", "%s: a task can be killed from another's callback",
	   subject->name);
	is(task_result(t), "exit 0", "which goes on");
}

/* What is started next in the only slot needs a process of its own. */
static void end_kept(void)
{
	struct checked_task *t;

	if (!subject->keeps)
		return;
	t = task_run("hang");
	task_signal(t, SIGKILL);
	task_wait(t);
}

/* Whether it was killed first or has failed first is open. */
static void check_killed_before_it_fails(void)
{
	struct checked_task *t;

	engine->ops->resize(engine, 1);
	end_kept();
	t = task_run("missing");
	task_signal(t, SIGKILL);
	task_hold(t, true);
	task_wait(t);
	ok(strcmp(task_result(t), "signal 9") == 0 ||
	       strcmp(task_result(t), "not started 127") == 0,
	   "%s: a task that cannot be started can be killed", subject->name);
	ok(strchr(task_story(t), '!') == NULL, "and is told of by the rules");
	engine->ops->resize(engine, subject->slots);
}

/* Where tasks share a process, those behind it must not be held for ever. */
static void check_end_while_held(void)
{
	struct checked_task *t, *next;

	if (!subject->keeps) {
		skip("a hold ends with its task", "each has a process of its own");
		return;
	}
	t = task_new("line=a");
	t->on = hold_it;
	task_start(t);
	task_wait(t);
	next = task_run("line=b");
	is_int(next->task.slot, t->task.slot, "%s: an idle process gets the next task",
	       subject->name);
	task_wait(next);
	is(task_said(next, 0), "b\n", "and is read though the one before it was held");
}

/* --- the rules of engines that queue */

static size_t count_started(struct checked_task **all, size_t n)
{
	size_t started = 0;

	for (size_t i = 0; i < n; i++)
		started += task_has(all[i], "started");
	return started;
}

/* Fills all slots; the room grows by what it was, if the window does. */
static size_t fill(struct checked_task **all, size_t max)
{
	size_t n = 0;

	while (n < max && engine->ops->place(engine) != 0)
		all[n++] = task_run("hang");
	return n;
}

static bool is_first(struct checked_task **all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (all[k]->task.slot == all[i]->task.slot)
			return false;
	return true;
}

/* Kills them in the order in which they were started, so that each of them has
 * its turn. */
static void check_turns(struct checked_task **all, size_t n)
{
	size_t early = 0, wrong = 0;

	for (size_t i = 0; i < n; i++)
		early += !is_first(all, i) && task_has(all[i], "started");
	is_int(early, 0, "those behind them wait for their turn");
	for (size_t i = 0; i < n; i++) {
		task_wait_for(all[i], "started");
		task_signal(all[i], SIGKILL);
		task_wait(all[i]);
		wrong += strcmp(task_story(all[i]), "started vacated done ") != 0 ||
			 strcmp(task_result(all[i]), "signal 9") != 0;
	}
	is_int(wrong, 0, "each has it when those ahead are done");
}

static void check_queues(void)
{
	enum { MAX = 256 };
	struct checked_task *all[MAX];
	bool used[MAX] = {false};
	size_t n, nused = 0;

	n = fill(all, MAX);
	ok(subject->queues ? n > subject->slots && n < MAX : n == subject->slots,
	   "%s: every slot has room for %s", subject->name,
	   subject->queues ? "several tasks" : "one task");
	for (size_t i = 0; i < n; i++) {
		nused += !used[all[i]->task.slot];
		used[all[i]->task.slot] = true;
	}
	is_int(nused, subject->slots, "every slot gets some");
	for (size_t i = 0; i < n; i++)
		if (is_first(all, i))
			task_wait_for(all[i], "started");
	turns(3);
	is_int(count_started(all, n), subject->slots, "one of each slot runs");
	check_turns(all, n);
}

/* Of the only slot. */
static void take_pair(struct checked_task *pair[2], const char *script)
{
	pair[0] = task_run(script);
	pair[1] = task_run(script);
}

/* What is done to a task that has not had its turn yet. */
static void check_behind(void)
{
	struct checked_task *pair[2];

	if (!subject->queues)
		return;
	engine->ops->resize(engine, 1);
	take_pair(pair, "hang");
	task_wait_for(pair[0], "started");
	task_signal(pair[1], SIGKILL);
	task_wait(pair[1]);
	is(task_result(pair[1]), "signal 9", "%s: of two tasks in a slot, the second can be killed",
	   subject->name);
	is(task_story(pair[1]), "vacated done ", "and has not started then");
	turns(3);
	is(task_story(pair[0]), "started ", "the one ahead goes on, which is not told");
	task_signal(pair[0], SIGKILL);
	task_wait(pair[0]);
	is(task_story(pair[0]), "started vacated done ", "to its own end");

	take_pair(pair, "hang");
	task_hold(pair[1], true);
	task_wait_for(pair[0], "started");
	task_signal(pair[1], SIGKILL);
	task_wait(pair[1]);
	is(task_result(pair[1]), "signal 9", "the one behind can be killed while it is held");
	task_signal(pair[0], SIGKILL);
	task_wait(pair[0]);
	is(task_result(pair[0]), "signal 9", "which does not hold the one ahead");

	take_pair(pair, "line=a");
	task_hold(pair[1], true);
	turns(3);
	is(task_said(pair[1], 0), "", "the one behind can be held");
	task_hold(pair[1], false);
	task_wait(pair[1]);
	task_wait(pair[0]);
	is(task_said(pair[0], 0), "a\n", "and let go: the one ahead is answered");
	is(task_said(pair[1], 0), "a\n", "and it is, too");
	engine->ops->resize(engine, subject->slots);
}

/* Where a start waits for the exec there is no room behind one that has failed. */
static void check_behind_what_fails(void)
{
	struct checked_task *ahead, *behind;

	if (!subject->queues)
		return;
	engine->ops->resize(engine, 1);
	end_kept();
	ahead = task_run("missing");
	if (engine->ops->place(engine) != 0) {
		behind = task_run("missing");
		task_signal(behind, SIGKILL);
		task_wait(behind);
		ok(strchr(task_story(behind), '!') == NULL,
		   "%s: a task can be killed behind one that cannot be started",
		   subject->name);
	}
	task_wait(ahead);
	is(task_result(ahead), "not started 127", "%s: which fails as ever", subject->name);
	engine->ops->resize(engine, subject->slots);
}

/* After place was 0, it is told when it is not. */
static void check_room(void)
{
	enum { MAX = 256 };
	struct checked_task *all[MAX];
	size_t n = fill(all, MAX);

	is_int(engine->ops->place(engine), 0, "%s: there is no room", subject->name);
	engine_told_room = false;
	task_wait_for(all[0], "started");
	task_signal(all[0], SIGKILL);
	task_wait(all[0]);
	while (engine->ops->place(engine) == 0)
		turns(1);
	ok(engine_told_room, "when there is again, it has been reported");
	for (size_t i = 1; i < n; i++) {
		task_signal(all[i], SIGKILL);
		task_wait(all[i]);
	}
}

static void check_resize(void)
{
	struct checked_task *all[4];
	size_t wrong = 0;

	engine->ops->resize(engine, 1);
	for (size_t i = 0; i < 4; i++) {
		all[i] = task_run("line=a");
		task_wait(all[i]);
		wrong += all[i]->task.slot != 1 ||
			 strcmp(task_story(all[i]), "started out vacated done ") != 0;
	}
	is_int(wrong, 0, "%s: of one slot the others get no tasks", subject->name);
	engine->ops->resize(engine, 2);
	all[0] = task_run("hang");
	all[1] = task_run("hang");
	ok(all[0]->task.slot != all[1]->task.slot, "of two slots both do");
	if (!subject->queues)
		is_int(engine->ops->place(engine), 0, "and a third has no place");
	for (size_t i = 0; i < 2; i++) {
		task_signal(all[i], SIGKILL);
		task_wait(all[i]);
	}
}

/* Slots that are too many run on, and then get no more. */
static void check_shrink(void)
{
	struct checked_task *a, *b, *c;

	engine->ops->resize(engine, 2);
	a = task_run("hang");
	b = task_run("hang");
	task_wait_for(a, "started");
	task_wait_for(b, "started");
	engine->ops->resize(engine, 1);
	turns(3);
	ok(!a->ended && !b->ended, "%s: tasks in slots that are too many run on",
	   subject->name);
	if (!subject->queues)
		is_int(engine->ops->place(engine), 0, "and no other has a place meanwhile");
	task_signal(a, SIGKILL);
	task_wait(a);
	if (!subject->queues)
		is_int(engine->ops->place(engine), 0, "nor while one is too many");
	task_signal(b, SIGKILL);
	task_wait(b);
	c = task_run("line=a");
	task_wait(c);
	is(task_said(c, 0), "a\n", "then it has");
	engine->ops->resize(engine, subject->slots);
}

/* Nothing is kept in slots that are too many. */
static void check_shrink_of_kept(void)
{
	struct checked_task *a, *b;

	if (!subject->keeps)
		return;
	engine->ops->resize(engine, 2);
	a = task_run("hang");
	b = task_run("exit=0");
	task_wait(b);
	ok(!is_gone(b->pid), "%s: an idle process is kept", subject->name);
	engine->ops->resize(engine, 1);
	while (!is_gone(b->pid))
		turns(1);
	task_signal(a, SIGKILL);
	task_wait(a);
	ok(true, "but not in a slot that is too many");
	engine->ops->resize(engine, subject->slots);
}

/* --- the end */

static _Noreturn void start_too_late(struct checked_task *t)
{
	int null = open("/dev/null", O_WRONLY);

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	dup2(null, STDERR_FILENO);
	engine->ops->start(engine, &t->task);
	_exit(0);
}

static void check_start_after_finish(void)
{
	struct checked_task *t = task_new("exit=0");
	int status;
	pid_t pid;

	t->task.slot = 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		start_too_late(t);
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "%s: there is no start after finish", subject->name);
	t->ended = true;
}

static void check_finish(bool now)
{
	struct checked_task *t[2];

	engine_check_open(subject, INT64_C(3600000000000));
	t[0] = task_run("line=a");
	t[1] = task_run("line=b");
	task_wait(t[0]);
	task_wait(t[1]);
	engine_finish(now);
	for (size_t i = 0; i < 2; i++)
		ok(t[i]->pid == 0 || is_gone(t[i]->pid), "nothing is kept after finish%s",
		   now ? ", at once" : "");
	check_start_after_finish();
	engine_check_close();
}

void engine_check(const struct engine_subject *s)
{
	engine_check_open(s, INT64_C(3600000000000));
	scratch_make();
	is_int(engine->ops->place(engine), engine->ops->place(engine),
	       "%s: to ask for a place takes none", s->name);
	is(engine->ops->name, s->name, "it knows what it is");
	check_endings();
	check_signals();
	check_hold();
	check_killed_while_held();
	check_start_from_callbacks();
	check_signals_from_callbacks();
	check_signals_from_another();
	check_killed_before_it_fails();
	check_end_while_held();
	check_queues();
	check_behind();
	check_behind_what_fails();
	check_room();
	check_resize();
	check_shrink();
	check_shrink_of_kept();
	is(engine_failed, "", "%s: it has not failed", s->name);
	scratch_remove();
	engine_check_close();
	check_finish(false);
	check_finish(true);
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no process is left");
}
