/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine_check.h"
#include "sys/loop.h"
#include "tap.h"

enum { MAX_TASKS = 2000 };

struct engine *engine;
struct loop *engine_loop;
char engine_failed[sizeof(((struct err *)0)->text)];

const struct engine_subject *subject;
static struct checked_task *tasks[MAX_TASKS];
static size_t ntasks;
static const char *waits_for; /* stop the loop when this comes; NULL: at an end */
static bool in_loop;
static unsigned finished; /* how often that was reported */
static struct checked_task *latest[MAX_TASKS]; /* to start in each slot */
bool engine_told_room;

/* --- the events, and the rules about their order */

static struct checked_task *checked(struct engine_task *task)
{
	return LIST_ENTRY(task, struct checked_task, task);
}

bool task_has(const struct checked_task *t, const char *what)
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

/* Returns the pid that the description names; 0: none. */
static pid_t describe(struct checked_task *t)
{
	struct buf text = BUF_INIT;
	pid_t pid;

	engine->ops->describe(engine, &t->task, &text);
	if (text.len == 0 || memchr(text.data, '\n', text.len) != NULL)
		buf_adds(&t->story, "!description ");
	if (sscanf(buf_cstr(&text), "pid %d", &pid) != 1)
		pid = 0;
	buf_clear(&text);
	return pid;
}

/* One of a slot runs at a time, and no sooner than the one before it. */
static void take_turn(struct checked_task *t)
{
	struct checked_task **ahead = &latest[t->task.slot];

	if (*ahead != NULL && !task_has(*ahead, "vacated"))
		buf_adds(&t->story, "!not-its-turn ");
	if (*ahead != NULL && t->began < (*ahead)->began)
		buf_adds(&t->story, "!wrong-time ");
	*ahead = t;
}

static void look_for_room(void)
{
	engine_told_room |= engine->ops->place(engine) != 0;
}

static void on_started(void *arg, struct engine_task *task, int64_t when)
{
	struct checked_task *t = checked(task);

	if (arg != &subject || t->story.len > 0)
		buf_adds(&t->story, "!not-first ");
	if (when < t->asked || when > clock_mono())
		buf_adds(&t->story, "!wrong-time ");
	t->began = when;
	take_turn(t);
	t->pid = describe(t);
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
	look_for_room();
	if (task_has(t, "vacated"))
		buf_adds(&t->story, "!twice ");
	tell(t, "vacated");
}

static void check_result(struct checked_task *t, const struct engine_result *r)
{
	bool failed = r->kind == RESULT_NOT_STARTED || r->kind == RESULT_LOST;

	if (failed != (r->why != NULL))
		buf_adds(&t->story, failed ? "!no-reason " : "!reason ");
	if (r->kind == RESULT_NOT_STARTED && (task_has(t, "started") || task_has(t, "out")))
		buf_adds(&t->story, "!started-after-all ");
	t->result = *r;
	snprintf(t->why, sizeof t->why, "%s", r->why != NULL ? r->why : "");
}

static void on_done(void *arg, struct engine_task *task, const struct engine_result *r)
{
	struct checked_task *t = checked(task);

	(void)arg;
	if (!task_has(t, "vacated"))
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
	look_for_room();
}

static void on_failed(void *arg, const struct err *err)
{
	(void)arg;
	snprintf(engine_failed, sizeof engine_failed, "%s", err->text);
	loop_stop(engine_loop);
}

static void on_finished(void *arg)
{
	(void)arg;
	finished++;
	loop_stop(engine_loop);
}

static const struct engine_events events = {on_started, on_output, on_move,
					    on_vacated, on_done,   on_room,
					    on_failed,	on_finished};

/* --- tasks */

void engine_check_open(const struct engine_subject *s, int64_t drain_ns)
{
	struct err err;

	subject = s;
	*engine_failed = '\0';
	finished = 0;
	memset(latest, 0, sizeof latest);
	engine_loop = loop_new(&err);
	engine = s->open(engine_loop, drain_ns, &err);
	if (engine == NULL) {
		printf("Bail out! cannot open the engine '%s': %s\n", s->name, err.text);
		exit(1);
	}
	engine_attach(engine, &events, &subject);
	engine->ops->resize(engine, s->slots);
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
	if (!engine_has_finished())
		engine_finish(false);
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
	t->task.slot = engine->ops->place(engine);
	if (t->task.slot == 0) {
		printf("Bail out! no place for '%s'\n", t->script);
		exit(1);
	}
	if (t->task.slot > subject->slots)
		buf_adds(&t->story, "!no-such-slot ");
}

void task_start(struct checked_task *t)
{
	bool before = in_loop;

	place(t);
	t->asked = clock_mono();
	in_loop = false; /* start must not call back, wherever it is called from */
	engine->ops->start(engine, &t->task);
	describe(t);
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

void engine_finish(bool now)
{
	bool before = engine_has_finished();

	engine->ops->finish(engine, now);
	is_int(finished, before, "%s: finished is not reported from within finish",
	       subject->name);
	while (!engine_has_finished())
		run_loop();
	engine->ops->finish(engine, now);
	turns(3);
	is_int(finished, 1, "but once, from the loop");
}

bool engine_has_finished(void)
{
	return finished > 0;
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
	while (!task_has(t, what) && !t->ended)
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
