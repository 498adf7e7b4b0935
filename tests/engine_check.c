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
#include "sys/loop.h"
#include "tap.h"

enum { MAX_TASKS = 2000 };

struct engine *engine;
struct loop *engine_loop;
char engine_failed[sizeof(((struct err *)0)->text)];

static const struct engine_subject *subject;
static struct checked_task *tasks[MAX_TASKS];
static size_t ntasks;
static const char *waits_for; /* stop the loop when this comes; NULL: at an end */
static bool in_loop;
static bool settling;

/* --- the events, and the rules about their order */

static struct checked_task *checked(struct engine_task *task)
{
	return LIST_ENTRY(task, struct checked_task, task);
}

static bool has(const struct checked_task *t, const char *what)
{
	return t->story.len > 0 &&
	       memmem(t->story.data, t->story.len, what, strlen(what)) != NULL;
}

static void tell(struct checked_task *t, const char *what)
{
	if (!in_loop)
		buf_adds(&t->story, "!outside-the-loop ");
	if (t->ended)
		buf_adds(&t->story, "!after-done ");
	buf_addf(&t->story, "%s ", what);
	if (t->on != NULL)
		t->on(t, what);
	if (waits_for == NULL ? t->ended : strcmp(waits_for, what) == 0)
		loop_stop(engine_loop);
}

static void on_started(void *arg, struct engine_task *task, pid_t pid)
{
	struct checked_task *t = checked(task);

	if (arg != &subject || t->story.len > 0)
		buf_adds(&t->story, "!not-first ");
	t->pid = pid;
	tell(t, "started");
}

static void note_output(struct checked_task *t, int stream, struct bytes data)
{
	if (data.len == 0)
		buf_adds(&t->story, "!empty ");
	buf_addb(&t->said[stream], data);
	if (t->story.len >= 4 && memcmp(buf_cstr(&t->story) + t->story.len - 4, "out ", 4) == 0)
		t->story.len -= 4; /* how it is cut does not matter */
	tell(t, "out");
}

static void on_output(void *arg, struct engine_task *task, int stream, struct bytes data)
{
	(void)arg;
	note_output(checked(task), stream, data);
}

static ssize_t on_move(void *arg, struct engine_task *task, int stream, int pipe_fd)
{
	static char data[100000];
	ssize_t n = read(pipe_fd, data, sizeof data);
	int error = errno;

	(void)arg;
	if (n > 0)
		note_output(checked(task), stream, (struct bytes){data, (size_t)n});
	errno = error;
	return n;
}

static void on_vacated(void *arg, struct engine_task *task)
{
	struct checked_task *t = checked(task);

	(void)arg;
	if (has(t, "vacated"))
		buf_adds(&t->story, "!twice ");
	tell(t, "vacated");
}

static void check_result(struct checked_task *t, const struct engine_result *r)
{
	bool failed = r->kind == RESULT_NOT_STARTED || r->kind == RESULT_LOST;

	if (failed != (r->why != NULL))
		buf_adds(&t->story, failed ? "!no-reason " : "!reason ");
	if (r->kind == RESULT_NOT_STARTED && (has(t, "started") || has(t, "out")))
		buf_adds(&t->story, "!started-after-all ");
	t->result = *r;
	snprintf(t->why, sizeof t->why, "%s", r->why != NULL ? r->why : "");
}

static void on_done(void *arg, struct engine_task *task, const struct engine_result *r)
{
	struct checked_task *t = checked(task);

	(void)arg;
	if (!has(t, "vacated"))
		buf_adds(&t->story, "!not-vacated ");
	check_result(t, r);
	if (t->ended)
		buf_adds(&t->story, "!twice ");
	t->ended = true;
	buf_adds(&t->story, "done ");
	if (!in_loop)
		buf_adds(&t->story, "!outside-the-loop ");
	if (t->on != NULL)
		t->on(t, "done");
	loop_stop(engine_loop);
}

static void on_room(void *arg)
{
	(void)arg;
	if (settling)
		loop_stop(engine_loop);
}

static void on_suspended(void *arg, struct engine_task *task)
{
	(void)arg;
	tell(checked(task), "suspended");
}

static void on_failed(void *arg, const struct err *err)
{
	(void)arg;
	snprintf(engine_failed, sizeof engine_failed, "%s", err->text);
	loop_stop(engine_loop);
}

static const struct engine_events events = {on_started, on_output, on_move,
					    on_vacated, on_done,   on_room,
					    on_suspended, on_failed};

/* --- tasks */

void engine_check_open(const struct engine_subject *s, int64_t drain_ns)
{
	struct engine_config cfg = {.events = &events,
				    .arg = &subject,
				    .drain_ns = drain_ns,
				    .slots = s->slots,
				    .workers = s->workers};
	struct err err;

	subject = s;
	*engine_failed = '\0';
	engine_loop = loop_new(&err);
	cfg.loop = engine_loop;
	engine = s->ops->open(&cfg, &err);
	if (engine == NULL) {
		printf("Bail out! cannot open the engine '%s': %s\n", s->name, err.text);
		exit(1);
	}
}

void engine_check_close(void)
{
	size_t left = 0;

	for (size_t i = 0; i < ntasks; i++) {
		left += !tasks[i]->ended;
		buf_clear(&tasks[i]->said[0]);
		buf_clear(&tasks[i]->said[1]);
		buf_clear(&tasks[i]->story);
		for (size_t a = 0; tasks[i]->argv[a] != NULL; a++)
			free(tasks[i]->argv[a]);
		free(tasks[i]->script);
		free(tasks[i]);
	}
	ntasks = 0;
	is_int(left, 0, "%s: no task is left", subject->name);
	engine->ops->drain(engine);
	engine_settle(false);
	engine->ops->close(engine);
	signal(SIGPIPE, SIG_IGN); /* forgets one that the loop has kept waiting */
	sigprocmask(SIG_SETMASK, loop_inherited_mask(engine_loop), NULL);
	signal(SIGPIPE, SIG_DFL);
	loop_free(engine_loop);
}

struct checked_task *task_new(const char *script)
{
	static char *none[] = {NULL};
	struct checked_task *t = xcalloc(1, sizeof *t);

	if (ntasks == MAX_TASKS)
		abort();
	tasks[ntasks++] = t;
	t->command.argv = t->argv;
	t->command.env = none;
	t->script = xstrdup(script);
	subject->command(&t->command, t->script);
	t->task.command = &t->command;
	t->task.seq = ntasks;
	return t;
}

static void place(struct checked_task *t)
{
	if (engine->ops->place == NULL)
		return;
	if (engine->ops->room(engine) == 0) {
		printf("Bail out! no room for '%s'\n", t->script);
		exit(1);
	}
	t->task.slot = engine->ops->place(engine);
	if (t->task.slot < 1 || t->task.slot > subject->slots)
		buf_adds(&t->story, "!no-such-slot ");
}

void task_start(struct checked_task *t)
{
	bool before = in_loop;

	place(t);
	in_loop = false; /* start must not call back, wherever it is called from */
	engine->ops->start(engine, &t->task);
	in_loop = before;
}

struct checked_task *task_run(const char *script)
{
	struct checked_task *t = task_new(script);

	task_start(t);
	return t;
}

struct checked_task *task_runf(const char *fmt, ...)
{
	struct checked_task *t;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	t = task_run(text);
	free(text);
	return t;
}

void task_signal(struct checked_task *t, int signo)
{
	engine->ops->signal(engine, &t->task, signo);
}

void task_hold(struct checked_task *t, bool hold)
{
	engine->ops->hold(engine, &t->task, hold);
}

void turns(int n)
{
	in_loop = true;
	while (n-- > 0) {
		if (subject->play != NULL)
			subject->play();
		loop_turn(engine_loop);
	}
	in_loop = false;
}

static void run_loop(void)
{
	in_loop = true;
	if (subject->play != NULL)
		turns(1);
	else
		loop_run(engine_loop);
	in_loop = false;
}

void engine_settle(bool now)
{
	settling = true;
	while (engine->ops->settle != NULL && !engine->ops->settle(engine, now))
		run_loop();
	settling = false;
}

void task_wait(struct checked_task *t)
{
	waits_for = NULL;
	while (!t->ended)
		run_loop();
}

void task_wait_for(struct checked_task *t, const char *what)
{
	waits_for = what;
	while (!has(t, what) && !t->ended)
		run_loop();
	waits_for = NULL;
}

const char *task_story(struct checked_task *t)
{
	return buf_cstr(&t->story);
}

const char *task_said(struct checked_task *t, int stream)
{
	return buf_cstr(&t->said[stream]);
}

const char *task_result(struct checked_task *t)
{
	static const char *const kinds[] = {"exit", "signal", "not started"};
	static char text[128];

	if (t->result.kind == RESULT_LOST)
		return "lost";
	snprintf(text, sizeof text, "%s %d%s%s", kinds[t->result.kind], t->result.code,
		 t->result.truncated ? " truncated" : "",
		 t->result.wanted_terminal ? " wanted the terminal" : "");
	return text;
}

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
		started += has(all[i], "started");
	return started;
}

/* Fills all slots; the room grows by what it was, if the window does. */
static size_t fill(struct checked_task **all, size_t max)
{
	size_t n = 0;

	while (n < max && engine->ops->room(engine) > 0)
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
		early += !is_first(all, i) && has(all[i], "started");
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

	if (subject->slots == 0) {
		skip("tasks wait for their turn", "it has no place, and queues nothing");
		return;
	}
	n = fill(all, MAX);
	ok(n > subject->slots && n < MAX, "%s: there is room for more tasks than slots",
	   subject->name);
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

	if (subject->slots == 0) {
		skip("resize", "it has no place");
		return;
	}
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
	for (size_t i = 0; i < 2; i++) {
		task_signal(all[i], SIGKILL);
		task_wait(all[i]);
	}
}

static void check_settle(void)
{
	if (subject->ops->settle == NULL) {
		skip("settle", "it has nothing to end");
		return;
	}
	task_wait(task_run("exit=0"));
	ok(engine->ops->settle(engine, false) != subject->keeps,
	   "%s: a process is kept until settle, if any is", subject->name);
	engine_settle(false);
	ok(engine->ops->settle(engine, true), "which ends it, and tells when");
}

void engine_check(const struct engine_subject *s)
{
	engine_check_open(s, INT64_C(3600000000000));
	scratch_make();
	ok(engine->ops->room(engine) > 0, "%s: there is room at first", s->name);
	ok(engine->ops == s->ops && *s->ops->name != '\0', "it knows what it is");
	ok((s->ops->place != NULL) == (s->slots > 0) &&
	       (s->ops->resize != NULL) == (s->slots > 0) &&
	       (s->ops->settle != NULL || !s->keeps),
	   "and which rules it has to keep");
	check_endings();
	check_signals();
	check_hold();
	check_killed_while_held();
	check_start_from_callbacks();
	check_signals_from_callbacks();
	check_end_while_held();
	check_queues();
	check_resize();
	check_settle();
	is(engine_failed, "", "%s: it has not failed", s->name);
	scratch_remove();
	engine_check_close();
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no process is left");
}
