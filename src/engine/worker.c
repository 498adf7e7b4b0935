/* SPDX-License-Identifier: ISC */
/* The engine that gives tasks to processes it keeps: see volley-worker(7).
 *
 * Each slot has a worker: a process, started by the command of the first task that
 * comes to the slot, and again by that of a later one when it has ended.  A task's
 * input is a line for its worker.  Tasks are in the worker's queue in the order in
 * which they were written; the next reply is for the first of them.
 *
 * When a worker ends, the tasks that it was given are lost, except those of which
 * it has not read a byte.  If it ended because one of its tasks was killed, the
 * others have not done anything: they go to the next process. */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/msg.h"
#include "engine/children.h"
#include "engine/launch.h"
#include "engine/relay.h"
#include "engine/worker.h"
#include "sys/process.h"

enum {
	READ_SIZE = 64 * 1024,
	FILES_PER_START = 10, /* four pipes, and two for output */
	MAX_READS = 16,	    /* per turn */
	MAX_REPLY = 256 * 1024 * 1024,
	MAX_WINDOW = 256,   /* that it grows to by itself, */
	ALL_WINDOWS = 4096, /* all workers' together */
	FAST_NS = 2000000,  /* replies that come so fast make the window grow, */
	SLOW_NS = 50000000, /* and one that takes so long makes it 1 */
	MAX_DEATHS = 5,	    /* in a row, without a reply */
	TERM_MS = 500,	    /* between SIGTERM and SIGKILL at the end */
	HINT_SECONDS = 5,
};

/* A task in a worker's queue. */
struct sent {
	struct engine_task *task;
	struct worker *worker; /* NULL: it is lost, which is about to be reported */
	struct link link;
	uint64_t from; /* where its line begins in all that the worker is written */
	bool reported; /* as started */
	bool killed;
	bool held;
	struct sent *next_free;
};

struct worker {
	struct workers *engine;
	unsigned number;
	bool alive;   /* has a process, or one whose end is not dealt with */
	bool closing; /* gets no more tasks: its stdin is closed, or about to be */
	bool put_down; /* ends because a task was killed */
	bool wanted_terminal;
	bool not_started; /* its launch has failed */
	struct child child;
	struct launch launch;
	uint64_t lives; /* processes so far: the try of its mark, */
	char life[32];	/* and the variable that says so */
	int in, out;
	int gate; /* open until its process has come to its program */
	struct loop_fd in_watch, out_watch, gate_watch;

	struct link tasks; /* sent; the head's reply is the next */
	size_t ntasks, nheld;
	struct buf lines; /* to be written */
	size_t lines_at;  /* how much of that is written */
	uint64_t written; /* in this life, and perhaps seen by the process */
	uint64_t queued;  /* the same, and what is to be */
	uint64_t given, answered; /* tasks, in this life */
	size_t window, fast;
	int64_t head_since;
	int64_t now; /* when what is being dealt with came */

	struct worker_decoder decoder;
	struct relay stderr_relay;
	int status;	 /* as waitpid gives it */
	struct engine_result result;
	char why[LAUNCH_WHY]; /* it ended */
	struct loop_call flush;
	struct loop_timer grace, hint;
};

struct workers {
	struct engine base;
	struct worker_config cfg;
	struct children children;
	struct launch_means means;
	struct worker **v;
	size_t n, cap; /* slots that were ever there */
	unsigned slots; /* in use now */
	char *buffer; /* READ_SIZE */
	struct sent *free_list;
	unsigned deaths; /* in a row */
	bool failed, hinted;
	bool finishing; /* no task will come any more */
};

static void bury(struct worker *w);

/* --- tasks */

static struct sent *first_task(struct worker *w)
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

/* The worker works on the first task of its queue. */
static bool has_begun(struct worker *w)
{
	return w->ntasks > 0 && first_task(w)->from < w->written;
}

static void report_head(struct worker *w)
{
	struct sent *s = first_task(w);

	if (s->reported)
		return;
	s->reported = true;
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

static void dequeue(struct sent *s)
{
	struct worker *w = s->worker;

	list_remove(&s->link);
	w->ntasks--;
	w->nheld -= s->held;
}

/* The last of it: s is gone. */
static void finish_task(struct workers *e, struct sent *s, const struct engine_result *result)
{
	struct engine_task *task = s->task;

	task->engine_own = NULL;
	s->next_free = e->free_list;
	e->free_list = s;
	e->base.events->vacated(e->base.arg, task);
	e->base.events->done(e->base.arg, task, result);
}

static void fail(struct workers *e, const struct err *err)
{
	if (e->failed)
		return;
	e->failed = true;
	e->base.events->failed(e->base.arg, err);
}

/* --- stdin */

static void close_fd(struct worker *w, struct loop_fd *watched, int *fd)
{
	if (*fd < 0)
		return;
	loop_fd_remove(w->engine->cfg.loop, watched);
	close(*fd);
	*fd = -1;
}

/* With errno.  The run ends. */
static void cannot_watch(void *arg)
{
	struct worker *w = arg;
	struct err err;

	err_sys(&err, "cannot wait for worker %u", w->number);
	fail(w->engine, &err);
}

/* Watch one of its descriptors, if it is not yet watched; fn gets w. */
static void watch(struct worker *w, struct loop_fd *watched, int fd, short events,
		  loop_fd_fn fn)
{
	if (watched->fd < 0 &&
	    loop_fd_add(w->engine->cfg.loop, watched, fd, events, fn, w) < 0)
		cannot_watch(w);
}

static void end_by_force(void *arg)
{
	struct worker *w = arg;
	bool again = w->child.killed;

	child_signal(&w->child, again ? SIGKILL : SIGTERM);
	loop_timer_set(w->engine->cfg.loop, &w->grace, clock_in(TERM_MS * NSEC_PER_MSEC),
		       end_by_force, w);
}

/* It should end by itself now, and has some time for that. */
static void expect_end(struct worker *w)
{
	if (w->grace.pos == 0)
		loop_timer_set(w->engine->cfg.loop, &w->grace,
			       clock_in(w->engine->cfg.drain_ns), end_by_force, w);
}

/* Everything has been written: end of file makes the worker end. */
static void close_if_over(struct worker *w)
{
	if (!w->alive || !w->closing || w->gate >= 0 || (w->in >= 0 && w->lines_at < w->lines.len))
		return;
	if (w->out >= 0) /* else it is about to be known what it has not read */
		close_fd(w, &w->in_watch, &w->in);
	if (!has_begun(w))
		expect_end(w);
}

static void can_write(void *worker, short events);

/* It has not seen what is still in its stdin. */
static void forget_unread(struct worker *w)
{
	int unread;

	if (w->in >= 0 && ioctl(w->in, FIONREAD, &unread) == 0)
		w->written -= (uint64_t)unread;
}

static void write_lines(struct worker *w)
{
	while (w->in >= 0 && w->lines_at < w->lines.len) {
		ssize_t n = write(w->in, w->lines.data + w->lines_at,
				  w->lines.len - w->lines_at);

		if (n < 0 && errno == EAGAIN) {
			watch(w, &w->in_watch, w->in, POLLOUT, can_write);
			break;
		}
		if (n < 0) { /* it has no reader: the next one gets the rest */
			w->closing = true;
			forget_unread(w);
			close_fd(w, &w->in_watch, &w->in);
			return;
		}
		w->lines_at += (size_t)n;
		w->written += (uint64_t)n;
	}
	buf_consume(&w->lines, w->lines_at);
	w->lines_at = 0;
	if (w->lines.len == 0)
		loop_fd_remove(w->engine->cfg.loop, &w->in_watch);
}

/* Write to its stdin, watch it or close it. */
static void flush(void *arg)
{
	struct worker *w = arg;

	if (w->not_started) {
		bury(w);
		return;
	}
	if (!w->alive || w->gate >= 0)
		return;
	w->now = clock_mono();
	write_lines(w);
	if (has_begun(w))
		report_head(w);
	close_if_over(w);
}

static void can_write(void *arg, short events)
{
	(void)events;
	flush(arg);
}

static void want_flush(struct worker *w)
{
	loop_defer(w->engine->cfg.loop, &w->flush, flush, w);
}

/* --- replies */

static void watch_stdout(struct worker *w);

/* Fast workers should never be idle, slow ones not queue tasks that others could do. */
static void adapt_window(struct worker *w)
{
	int64_t took = w->now - w->head_since;
	size_t most = w->window * 2;

	if (w->engine->cfg.window > 0)
		return;
	if (took > SLOW_NS) {
		w->window = 1;
		w->fast = 0;
	} else if (took <= FAST_NS && ++w->fast >= w->window) {
		if (most <= MAX_WINDOW && most * w->engine->slots <= ALL_WINDOWS)
			w->window = most;
		w->fast = 0;
	}
}

static void take_reply(struct worker *w, const struct worker_reply *reply)
{
	struct workers *e = w->engine;
	struct engine_result result = {.kind = RESULT_EXITED, .code = reply->status};
	struct sent *s = first_task(w);

	report_head(w);
	adapt_window(w);
	w->answered++;
	e->deaths = 0;
	for (int i = 0; i < 2; i++)
		if (reply->streams[i].len > 0)
			e->base.events->output(e->base.arg, s->task, i, reply->streams[i]);
	dequeue(s);
	watch_stdout(w); /* the holder of the task will not release it */
	finish_task(e, s, &result);
}

static void nonsense(struct worker *w, const char *what, const char *advice)
{
	struct err err;

	err_set(&err, "worker %u: %s; %s", w->number, what, advice);
	fail(w->engine, &err);
}

/* It is for one of the first n tasks.  The rest is as for worker_decode. */
static bool accept_reply(struct worker *w, uint64_t given, int result,
			 const struct worker_reply *reply, const struct err *err)
{
	char what[sizeof err->text + 64];

	if (result > 0 && w->answered < given) {
		take_reply(w, reply);
		return true;
	}
	if (result > 0)
		nonsense(w, "it has sent more replies than it was given events",
			 "each event must be answered once, see volley-worker(7)");
	if (result < 0) {
		snprintf(what, sizeof what, "its reply cannot be read: %s", err->text);
		nonsense(w, what, "see --reply in volley-worker(7)");
	}
	return false;
}

static void decode(struct worker *w, struct bytes data)
{
	uint64_t given = w->given; /* no reply here is for what is started meanwhile */
	struct worker_reply reply;
	struct err err;

	w->now = clock_mono();
	while (!w->engine->failed &&
	       accept_reply(w, given, worker_decode(&w->decoder, &data, &reply, &err),
			    &reply, &err))
		;
	if (has_begun(w))
		report_head(w);
}

/* The last reply of a worker that has exited with 0 may lack its newline; that of one
 * that has crashed may not be complete. */
static void decode_rest(struct worker *w)
{
	struct worker_reply reply;
	struct err err;

	w->now = clock_mono();
	if (!w->engine->failed)
		accept_reply(w, w->given, worker_decode_end(&w->decoder, &reply, &err),
			     &reply, &err);
}

/* False at end of file.  What a process has left is read even if tasks are held: its
 * replies are few, and no more will come. */
static bool read_replies(struct worker *w, int max)
{
	while (max-- > 0 && (w->nheld == 0 || w->child.ended)) {
		ssize_t n = read(w->out, w->engine->buffer, READ_SIZE);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		decode(w, (struct bytes){w->engine->buffer, (size_t)n});
		if (n < READ_SIZE)
			return true;
	}
	return true;
}

/* A worker that no longer answers is of no use. */
static void stop_using(struct worker *w)
{
	w->closing = true;
	expect_end(w);
}

static void stdout_ready(void *arg, short events)
{
	struct worker *w = arg;

	(void)events;
	if (!read_replies(w, MAX_READS)) {
		close_fd(w, &w->out_watch, &w->out);
		stop_using(w);
	}
	close_if_over(w);
}

static void watch_stdout(struct worker *w)
{
	if (w->nheld > 0)
		loop_fd_remove(w->engine->cfg.loop, &w->out_watch);
	else if (w->out >= 0)
		watch(w, &w->out_watch, w->out, POLLIN, stdout_ready);
}

static void read_rest(struct worker *w)
{
	forget_unread(w);
	if (w->out >= 0)
		read_replies(w, INT32_MAX);
	if (WIFEXITED(w->status) && WEXITSTATUS(w->status) == 0)
		decode_rest(w);
	relay_finish(&w->stderr_relay);
	close_fd(w, &w->in_watch, &w->in);
	close_fd(w, &w->out_watch, &w->out);
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

/* A shell or wrapper could not start the worker itself: trying again would not help. */
static bool could_not_start(const struct worker *w)
{
	return WIFEXITED(w->status) && (WEXITSTATUS(w->status) == STATUS_ERROR ||
					WEXITSTATUS(w->status) == STATUS_NOT_FOUND);
}

/* A worker that has had all its tasks, or is no longer needed, may end with any
 * status. */
static void count_death(const struct worker *w)
{
	struct workers *e = w->engine;
	struct err err;

	if (w->not_started || w->put_down || w->answered > 0 ||
	    (w->closing && w->ntasks == 0))
		return;
	if (could_not_start(w)) {
		err_set(&err, "the worker %s: its command could not be executed", w->why);
		err.status = WEXITSTATUS(w->status);
		fail(e, &err);
	} else if (++e->deaths >= MAX_DEATHS) {
		err_set(&err, "%u workers in a row have ended without one reply; the last "
			      "%s: does the command read events from its stdin and answer "
			      "each on stdout?",
			e->deaths, w->why);
		fail(e, &err);
	}
}

static void end_result(struct worker *w, const struct sent *s, struct engine_result *r,
		       char *why)
{
	if (w->not_started) {
		*r = w->result;
		if (s->reported) /* by the process before */
			r->kind = RESULT_LOST;
		return;
	}
	*r = (struct engine_result){.kind = RESULT_LOST,
				    .code = 126,
				    .wanted_terminal = w->wanted_terminal};
	if (s->killed) { /* however its worker took that */
		r->kind = RESULT_SIGNALED;
		r->code = WIFSIGNALED(w->status) ? WTERMSIG(w->status) : SIGTERM;
		return;
	}
	snprintf(why, LAUNCH_WHY, "its worker %.200s before it answered", w->why);
	r->why = why;
}

/* Is the task unaffected by what the worker did? */
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
	loop_defer_cancel(loop, &w->flush);
	child_release(&w->child);
	relay_close(&w->stderr_relay);
	close_fd(w, &w->in_watch, &w->in);
	close_fd(w, &w->out_watch, &w->out);
	close_fd(w, &w->gate_watch, &w->gate);
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
	watch_stdout(w);
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

/* Its process is gone, and so are the processes that it left.  Each task is dealt with
 * before callbacks run, since they may start more. */
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
	while (w->ntasks > 0) {
		struct sent *s = first_task(w);

		dequeue(s);
		if (is_untouched(w, s)) {
			list_append(&untouched, &s->link);
		} else {
			list_append(&lost, &s->link);
			s->worker = NULL; /* has the others from here on */
		}
	}
	count_death(&last); /* which may end the run: what is lost is lost before */
	while (e->failed && !list_empty(&untouched)) {
		struct link *l = untouched.next;

		list_remove(l);
		list_append(&lost, l);
	}
	forget_life(w);
	start_over(w, &untouched);
	while (!list_empty(&lost)) {
		struct sent *s = LIST_ENTRY(lost.next, struct sent, link);

		list_remove(&s->link);
		end_result(&last, s, &result, why);
		finish_task(e, s, &result);
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
	read_rest(w);
	swept(&w->child);
}

/* --- the start of a worker */

static void give_hint(void *arg);

static void look_later(struct worker *w)
{
	loop_timer_set(w->engine->cfg.loop, &w->hint,
		       clock_in(HINT_SECONDS * NSEC_PER_SEC), give_hint, w);
}

/* A worker that waits for more events has processed those that it has. */
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
	close_fd(w, &w->gate_watch, &w->gate);
	w->in = launch_take_end(&w->launch, STDIN_FILENO);
	w->out = launch_take_end(&w->launch, STDOUT_FILENO);
	watch_stdout(w);
	relay_open(&w->stderr_relay, launch_take_end(&w->launch, STDERR_FILENO));
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
	flush(w);
}

/* The launch has got a process, or none. */
static void go_on(struct worker *w, bool launched)
{
	w->alive = launched;
	w->not_started = !launched;
	w->gate = launch_take_end(&w->launch, LAUNCH_GATE);
	if (launched)
		watch(w, &w->gate_watch, w->gate, 0, gate_open);
	else
		want_flush(w);
}

/* The process has ended without having executed its program. */
static void child_failed(struct worker *w)
{
	close_fd(w, &w->gate_watch, &w->gate);
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

/* An idle worker, else one that can be started, else the one with the fewest tasks. */
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

/* A signal that ends a task ends its worker. */
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
	watch_stdout(w);
}

static void add_worker(struct workers *e)
{
	struct worker *w = xcalloc(1, sizeof *w);

	w->engine = e;
	w->in = w->out = w->gate = -1;
	w->in_watch.fd = w->out_watch.fd = w->gate_watch.fd = -1;
	w->stderr_relay = (struct relay){
	    .loop = e->cfg.loop, .failed = cannot_watch, .arg = w};
	relay_init(&w->stderr_relay);
	launch_init(&w->launch, &e->means);
	list_init(&w->tasks);
	worker_decoder_init(&w->decoder, e->cfg.reply);
	w->decoder.max = MAX_REPLY;
	e->v = xgrow(e->v, &e->cap, e->n + 1, sizeof(struct worker *));
	e->v[e->n++] = w;
	w->number = (unsigned)e->n;
	forget_life(w);
}

/* Workers in excess slots get no more tasks. */
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
		close_if_over(w);
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
		relay_clear(&e->v[i]->stderr_relay);
		worker_decoder_clear(&e->v[i]->decoder);
		buf_clear(&e->v[i]->lines);
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

	if (children_init(&e->children, cfg->loop, cfg->nice, FILES_PER_START, err) < 0) {
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
	e->buffer = xmalloc(READ_SIZE);
	return &e->base;
}

size_t engine_worker_window(const struct engine *engine, unsigned slot)
{
	return ((const struct workers *)engine)->v[slot - 1]->window;
}
