/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
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
	task_signal(b, SIGKILL);
	task_wait(b);
	is(task_result(b), "signal 9", "SIGKILL, too");
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
	check_end_while_held();
	check_queues();
	check_resize();
	check_shrink();
	is(engine_failed, "", "%s: it has not failed", s->name);
	scratch_remove();
	engine_check_close();
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no process is left");
}
