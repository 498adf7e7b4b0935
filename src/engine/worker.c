/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/msg.h"
#include "engine/worker_internal.h"
#include "sys/process.h"

/* The engine that gives tasks to processes it keeps: see volley-worker(7).
 *
 * Each slot has a worker: a process, started by the command of the first task that
 * comes to the slot, and again by that of a later one when it has ended.  A task's
 * input is a line for its worker.  Tasks stand in the worker's queue in the order
 * in which they were written; the one at the head is the one the next reply is
 * for.
 *
 * A worker that ends takes with it the tasks it was given, all lost, but for those
 * of which it has not read a byte.  If it ended because one of its tasks was
 * killed, the others have not done anything: they go to the next process. */

enum {
	MAX_DEATHS = 5, /* in a row, without a reply */
	MAX_REPLY = 256 * 1024 * 1024,
	HINT_SECONDS = 5,
};

static void bury(struct worker *w);

/* --- tasks */

struct sent *worker_first(struct worker *w)
{
	return LIST_ENTRY(w->tasks.next, struct sent, link);
}

static struct sent *take_sent(struct workers *e, struct engine_task *task)
{
	struct sent *s = e->free_list;

	if (s != NULL)
		e->free_list = s->next_free;
	else
		s = xmalloc(sizeof *s);
	*s = (struct sent){.task = task};
	task->engine_own = s;
	return s;
}

/* The one at the head is what the worker works at. */
bool worker_has_begun(struct worker *w)
{
	return w->ntasks > 0 && worker_first(w)->from < w->written;
}

void worker_tell_head(struct worker *w)
{
	struct sent *s = worker_first(w);

	if (s->told)
		return;
	s->told = true;
	w->head_since = w->now;
	w->engine->base.events->started(w->engine->base.arg, s->task, w->now);
}

static void enqueue(struct worker *w, struct sent *s)
{
	s->worker = w;
	s->from = w->queued;
	list_append(&w->tasks, &s->link);
	w->ntasks++;
	w->given++;
	w->nheld += s->held;
	buf_addb(&w->lines, s->task->command->input);
	buf_addc(&w->lines, '\n');
	w->queued += s->task->command->input.len + 1;
	if (w->engine->cfg.max > 0 && w->given >= w->engine->cfg.max)
		w->closing = true;
}

void worker_dequeue(struct sent *s)
{
	struct worker *w = s->worker;

	list_remove(&s->link);
	w->ntasks--;
	w->nheld -= s->held;
}

/* The last of it: s is gone. */
void worker_finish(struct workers *e, struct sent *s, const struct engine_result *result)
{
	struct engine_task *task = s->task;

	task->engine_own = NULL;
	s->next_free = e->free_list;
	e->free_list = s;
	e->base.events->vacated(e->base.arg, task);
	e->base.events->done(e->base.arg, task, result);
}

void workers_fail(struct workers *e, const struct err *err)
{
	if (e->failed)
		return;
	e->failed = true;
	e->base.events->failed(e->base.arg, err);
}

void worker_flush(void *arg)
{
	struct worker *w = arg;

	if (w->not_started) {
		bury(w);
		return;
	}
	if (!w->alive || w->gate >= 0)
		return;
	w->now = clock_mono();
	worker_write(w);
	if (worker_has_begun(w))
		worker_tell_head(w);
	worker_close_if_over(w);
}

static void want_flush(struct worker *w)
{
	loop_defer(w->engine->cfg.loop, &w->flush, worker_flush, w);
}

/* --- the end of a worker */

static void describe_end(const struct worker *w, char *text, size_t size)
{
	const char *name =
	    WIFSIGNALED(w->status) ? sigabbrev_np(WTERMSIG(w->status)) : NULL;

	if (w->wanted_terminal)
		snprintf(text, size, "wanted the terminal");
	else if (name != NULL)
		snprintf(text, size, "died of SIG%s", name);
	else if (WIFSIGNALED(w->status))
		snprintf(text, size, "died of signal %d", WTERMSIG(w->status));
	else
		snprintf(text, size, "ended with status %d", WEXITSTATUS(w->status));
}

/* A shell, or whatever else starts the worker proper, could not do so: that will
 * not be otherwise the next time. */
static bool could_not_start(const struct worker *w)
{
	return WIFEXITED(w->status) && (WEXITSTATUS(w->status) == STATUS_ERROR ||
					WEXITSTATUS(w->status) == STATUS_NOT_FOUND);
}

/* One that is used up, or not needed any more, may end as it likes. */
static void count_death(const struct worker *w)
{
	struct workers *e = w->engine;
	struct err err;

	if (w->not_started || w->put_down || w->answered > 0 ||
	    (w->closing && w->ntasks == 0))
		return;
	if (could_not_start(w)) {
		err_set(&err, "the worker %s, as what cannot be executed does", w->why);
		err.status = WEXITSTATUS(w->status);
		workers_fail(e, &err);
	} else if (++e->deaths >= MAX_DEATHS) {
		err_set(&err, "%u workers in a row have ended without one reply; the last "
			      "%s: does the command read events from its stdin and answer "
			      "each on stdout?",
			e->deaths, w->why);
		workers_fail(e, &err);
	}
}

static void end_result(struct worker *w, const struct sent *s, struct engine_result *r,
		       char *why)
{
	if (w->not_started) {
		*r = w->result;
		if (s->told) /* by the process before */
			r->kind = RESULT_LOST;
		return;
	}
	*r = (struct engine_result){.kind = RESULT_LOST,
				    .code = 126,
				    .wanted_terminal = w->wanted_terminal};
	if (s->killed && WIFSIGNALED(w->status)) {
		r->kind = RESULT_SIGNALED;
		r->code = WTERMSIG(w->status);
		return;
	}
	snprintf(why, LAUNCH_WHY, "its worker %.200s before it answered", w->why);
	r->why = why;
}

/* Are the worker's doings without effect on the task? */
static bool is_untouched(const struct worker *w, const struct sent *s)
{
	if (s->killed || w->engine->failed)
		return false;
	return w->put_down || (!w->not_started && s->from >= w->written);
}

static void forget_life(struct worker *w)
{
	struct loop *loop = w->engine->cfg.loop;

	loop_timer_cancel(loop, &w->grace);
	loop_timer_cancel(loop, &w->hint);
	loop_timer_cancel(loop, &w->err_later);
	loop_defer_cancel(loop, &w->flush);
	child_release(&w->child);
	worker_close_fd(w, &w->in_watch, &w->in);
	worker_close_fd(w, &w->out_watch, &w->out);
	worker_close_fd(w, &w->err_watch, &w->err);
	worker_close_fd(w, &w->gate_watch, &w->gate);
	launch_close_ends(&w->launch);
	buf_reset(&w->lines);
	w->lines_at = 0;
	w->written = w->queued = w->given = w->answered = 0;
	w->alive = w->closing = w->put_down = w->wanted_terminal = false;
	w->not_started = false;
	w->window = w->engine->cfg.window > 0 ? w->engine->cfg.window : 1;
	w->fast = 0;
	worker_decoder_reset(&w->decoder);
}

static void launch(struct worker *w, const struct command *command);

static void start_over(struct worker *w, struct link *untouched)
{
	while (!list_empty(untouched)) {
		struct sent *s = LIST_ENTRY(untouched->next, struct sent, link);

		list_remove(&s->link);
		enqueue(w, s);
		if (!w->alive && !w->not_started)
			launch(w, s->task->command);
	}
	worker_watch_stdout(w);
	if (w->alive && w->number > w->engine->slots)
		w->closing = true; /* for these only */
}

static bool any_alive(const struct workers *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->v[i]->alive)
			return true;
	return false;
}

/* A worker is gone: was it the last? */
static void finish_if_over(struct workers *e)
{
	if (e->finishing && !any_alive(e))
		engine_is_over(&e->base);
}

/* Its process is gone, and so is what that has left.  What becomes of the tasks
 * is settled before anybody is told, who may start more. */
static void bury(struct worker *w)
{
	struct workers *e = w->engine;
	struct link lost, untouched;
	struct engine_result result;
	struct worker last;
	char why[LAUNCH_WHY];

	child_reap(&w->child);
	last = *w;
	list_init(&lost);
	list_init(&untouched);
	if (w->not_started)
		launch_explain(&last.launch, &last.result);
	else
		describe_end(w, last.why, sizeof last.why);
	count_death(&last);
	while (w->ntasks > 0) {
		struct sent *s = worker_first(w);

		worker_dequeue(s);
		if (is_untouched(w, s)) {
			list_append(&untouched, &s->link);
		} else {
			list_append(&lost, &s->link);
			s->worker = NULL; /* has the others from here on */
		}
	}
	forget_life(w);
	start_over(w, &untouched);
	while (!list_empty(&lost)) {
		struct sent *s = LIST_ENTRY(lost.next, struct sent, link);

		list_remove(&s->link);
		end_result(&last, s, &result, why);
		worker_finish(e, s, &result);
	}
	finish_if_over(e);
	e->base.events->room(e->base.arg);
}

static void swept(struct child *c)
{
	struct worker *w = LIST_ENTRY(c, struct worker, child);

	if (c->ended && w->alive && !child_leaves_strays(c))
		bury(w);
}

static void child_ended(struct worker *w)
{
	worker_read_rest(w);
	swept(&w->child);
}

/* --- the start of a worker */

static void give_hint(void *arg);

static void look_later(struct worker *w)
{
	loop_timer_set(w->engine->cfg.loop, &w->hint,
		       clock_in(HINT_SECONDS * NSEC_PER_SEC), give_hint, w);
}

/* One that waits for more events has dealt with those that it has. */
static void give_hint(void *arg)
{
	struct worker *w = arg;

	if (w->answered > 0)
		return;
	if (w->child.ended || w->ntasks == 0 || w->in < 0 || w->lines_at < w->lines.len ||
	    process_looks_at(w->child.pid, w->in) == PROCESS_IS_BUSY)
		look_later(w);
	else
		msg_once(&w->engine->hinted,
			 "the worker has answered nothing for %d seconds and waits for more "
			 "events, so it keeps its replies in a buffer: let it flush its "
			 "stdout after each (python3 -u, stdbuf -oL, fflush)",
			 HINT_SECONDS);
}

/* It runs its program: now it can be written to. */
static void begin_life(struct worker *w)
{
	worker_close_fd(w, &w->gate_watch, &w->gate);
	w->in = launch_take_end(&w->launch, STDIN_FILENO);
	w->out = launch_take_end(&w->launch, STDOUT_FILENO);
	w->err = launch_take_end(&w->launch, STDERR_FILENO);
	worker_watch_stdout(w);
	worker_watch(w, &w->err_watch, w->err, POLLIN, worker_stderr_ready);
	look_later(w);
}

static void gate_open(void *arg, short events)
{
	struct worker *w = arg;

	(void)events;
	loop_fd_remove(w->engine->cfg.loop, &w->gate_watch);
	if (launch_has_failed(&w->launch))
		return; /* child_changed comes next */
	begin_life(w);
	worker_flush(w);
}

/* The launch has got a process, or none. */
static void go_on(struct worker *w, bool launched)
{
	w->alive = launched;
	w->not_started = !launched;
	w->gate = launch_take_end(&w->launch, LAUNCH_GATE);
	if (launched)
		worker_watch(w, &w->gate_watch, w->gate, 0, gate_open);
	else
		want_flush(w);
}

/* The process has ended without having executed its program. */
static void child_failed(struct worker *w)
{
	worker_close_fd(w, &w->gate_watch, &w->gate);
	go_on(w, launch_child_again(&w->launch));
}

static void child_stopped(struct worker *w, int signo)
{
	if (child_untrace(&w->child, signo) || (signo != SIGTTIN && signo != SIGTTOU))
		return;
	w->wanted_terminal = true;
	child_signal(&w->child, SIGKILL);
}

static void child_changed(void *arg, int status)
{
	struct worker *w = arg;

	if (WIFSTOPPED(status)) {
		child_stopped(w, WSTOPSIG(status));
	} else if (launch_has_failed(&w->launch)) {
		child_failed(w);
	} else {
		if (w->gate >= 0)
			begin_life(w);
		w->status = status;
		child_ended(w);
	}
}

static void launch(struct worker *w, const struct command *command)
{
	struct launch_order order = {.child = &w->child,
				     .command = command,
				     .own = w->life,
				     .mark = {w->number, ++w->lives},
				     .changed = child_changed,
				     .arg = w};

	snprintf(w->life, sizeof w->life, STRAYS_TRY "=%" PRIu64, w->lives);
	w->child = (struct child){.pid = -1, .swept = swept};
	w->result = (struct engine_result){0};
	go_on(w, launch_child(&w->launch, &order));
}

/* --- the contract */

static size_t worker_room(const struct worker *w)
{
	uint64_t max = w->engine->cfg.max;
	size_t room = w->ntasks < w->window ? w->window - w->ntasks : 0;

	if (w->closing || w->not_started)
		return 0;
	if (max > 0 && max - w->given < room)
		room = (size_t)(max - w->given);
	return room;
}

/* An idle one, else one that is to be started, else the one with least to do. */
static unsigned workers_place(struct engine *engine)
{
	struct workers *e = (struct workers *)engine;
	const struct worker *best = NULL;

	for (unsigned i = 0; i < e->slots && !e->failed; i++) {
		const struct worker *w = e->v[i];

		if (worker_room(w) == 0)
			continue;
		if (w->alive && w->ntasks == 0)
			return w->number;
		if (best == NULL || (best->alive && !w->alive) ||
		    (best->alive == w->alive && w->ntasks < best->ntasks))
			best = w;
	}
	return best != NULL ? best->number : 0;
}

static void workers_start(struct engine *engine, struct engine_task *task)
{
	struct workers *e = (struct workers *)engine;
	struct worker *w = e->v[task->slot - 1];

	assert(!e->finishing);
	enqueue(w, take_sent(e, task));
	if (!w->alive && !w->not_started)
		launch(w, task->command);
	want_flush(w);
}

/* Whatever ends a task ends its worker. */
static void workers_signal(struct engine *engine, struct engine_task *task, int signo)
{
	struct sent *s = task->engine_own;

	(void)engine;
	if (s == NULL || s->worker == NULL)
		return;
	if (child_is_fatal(signo)) {
		s->killed = true;
		s->worker->put_down = s->worker->closing = true;
	}
	child_signal(&s->worker->child, launch_signal(&s->worker->launch, signo));
}

static void workers_hold(struct engine *engine, struct engine_task *task, bool hold)
{
	struct sent *s = task->engine_own;
	struct worker *w;

	(void)engine;
	if (s == NULL || s->worker == NULL || s->held == hold)
		return;
	w = s->worker;
	s->held = hold;
	w->nheld = hold ? w->nheld + 1 : w->nheld - 1;
	worker_watch_stdout(w);
}

static void add_worker(struct workers *e)
{
	struct worker *w = xcalloc(1, sizeof *w);

	w->engine = e;
	w->in = w->out = w->err = w->gate = -1;
	w->in_watch.fd = w->out_watch.fd = w->err_watch.fd = w->gate_watch.fd = -1;
	launch_init(&w->launch, &e->means);
	list_init(&w->tasks);
	worker_decoder_init(&w->decoder, e->cfg.reply);
	w->decoder.max = MAX_REPLY;
	e->v = xgrow(e->v, &e->cap, e->n + 1, sizeof(struct worker *));
	e->v[e->n++] = w;
	w->number = (unsigned)e->n;
	forget_life(w);
}

/* What is too many gets no more tasks. */
static void workers_resize(struct engine *engine, unsigned slots)
{
	struct workers *e = (struct workers *)engine;

	while (e->n < slots)
		add_worker(e);
	e->slots = slots;
	for (size_t i = slots; i < e->n; i++) {
		if (!e->v[i]->alive)
			continue;
		e->v[i]->closing = true;
		want_flush(e->v[i]);
	}
}

static void workers_describe(struct engine *engine, const struct engine_task *task,
			     struct buf *out)
{
	const struct sent *s = task->engine_own;

	(void)engine;
	if (s != NULL && s->worker != NULL && s->worker->alive)
		buf_addf(out, "pid %d", (int)s->worker->child.pid);
	else
		buf_addf(out, "worker %u", task->slot);
}

static void workers_finish(struct engine *engine, bool now)
{
	struct workers *e = (struct workers *)engine;

	e->finishing = true;
	for (size_t i = 0; i < e->n; i++) {
		struct worker *w = e->v[i];

		if (!w->alive)
			continue;
		w->closing = true;
		worker_close_if_over(w);
		if (now)
			child_signal(&w->child, SIGKILL);
	}
	finish_if_over(e);
}

static void workers_close(struct engine *engine)
{
	struct workers *e = (struct workers *)engine;

	for (size_t i = 0; i < e->n; i++) {
		forget_life(e->v[i]);
		launch_clear(&e->v[i]->launch);
		worker_decoder_clear(&e->v[i]->decoder);
		buf_clear(&e->v[i]->lines);
		buf_clear(&e->v[i]->said);
		free(e->v[i]);
	}
	while (e->free_list != NULL) {
		struct sent *next = e->free_list->next_free;

		free(e->free_list);
		e->free_list = next;
	}
	children_clear(&e->children);
	engine_clear(&e->base);
	free(e->v);
	free(e->buffer);
	free(e);
}

static const struct engine_ops worker_ops = {
    .name = "worker",
    .resize = workers_resize,
    .place = workers_place,
    .start = workers_start,
    .signal = workers_signal,
    .hold = workers_hold,
    .describe = workers_describe,
    .finish = workers_finish,
    .close = workers_close,
};

struct engine *engine_worker_open(const struct worker_config *cfg, struct err *err)
{
	struct workers *e = xcalloc(1, sizeof *e);

	if (children_init(&e->children, cfg->loop, cfg->nice, err) < 0) {
		free(e);
		return NULL;
	}
	e->base.ops = &worker_ops;
	e->base.loop = cfg->loop;
	e->cfg = *cfg;
	e->means = (struct launch_means){
	    .children = &e->children,
	    .mask = loop_inherited_mask(cfg->loop),
	    .feed = true,
	    .terminal = LEASE_INIT,
	};
	e->buffer = xmalloc(WORKER_READ_SIZE);
	return &e->base;
}
