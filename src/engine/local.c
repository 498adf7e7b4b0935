/* SPDX-License-Identifier: ISC */
/* The engine that runs each task as a child process of volley: it starts the process,
 * passes on what comes from its pipes, and reports its end.
 *
 * A task's life: start -> RUNNING -> its process ends and its streams reach end of
 * file, in either order -> its process is reaped, done.  Three things can change that:
 *
 *   - a process that the job left in the background holds a stream open: after
 *     drain_ns of silence the stream is closed, and the result says "truncated";
 *   - the task was killed and left processes: done waits until the kill has reached
 *     them too, and for nothing else; streams that are still open then are closed;
 *   - it could not be started: done comes from the loop's next turn. */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "engine/children.h"
#include "engine/launch.h"
#include "engine/local.h"
#include "sys/loop.h"

enum {
	SETTLE_MS = 2, /* after this a task's streams are watched */
	READ_SIZE = 256 * 1024,
	FILES_PER_START = 8, /* two pipes, standard input, and two for output */
	MAX_READS = 8, /* per stream and turn, so that no job keeps the loop */
	FULL_PIPE = 64 * 1024,	    /* a task that has written this much is in a hurry */
	MAX_PIPE = 1024 * 1024,	    /* and gets a pipe of this size, */
	ALL_PIPES = 16 * 1024 * 1024, /* if there is enough for all slots: the kernel
				       * allows each user 64 MiB */
};

struct stream {
	int fd; /* -1: at end of file */
	bool hurried; /* what it brings is better moved than copied */
	struct loop_fd watch;
	struct running *owner;
};

struct running {
	struct local *engine;
	struct engine_task *task;
	struct child child;
	pid_t pid; /* also of one that was reaped; 0: there was none */
	bool held;
	struct stream streams[2];
	struct loop_timer drain;
	struct loop_call told_later; /* reports that it could not be started */
	struct loop_timer settling; /* set until it was reported as started */
	int64_t launched; /* clock_mono, ns */
	struct engine_result result;
	struct launch launch;
	struct running *next_free;
};

struct local {
	struct engine base;
	struct local_config cfg;
	struct children children;
	struct launch_means means;
	struct slots slots;
	char *buffer;
	int pipe_size; /* of tasks in a hurry */
	bool refused; /* place returned 0 */
	struct running *free_list;
};

static void finish_if_done(struct running *r);

/* --- the terminal */

/* A task in the background of the terminal that reads from it, or sets its modes, is
 * stopped by the kernel and would hang forever. */
static void refuse_terminal(struct running *r)
{
	struct local *e = r->engine;

	r->result.wanted_terminal = true;
	e->base.ops->signal(&e->base, r->task, SIGKILL);
}

/* A task that has the terminal was stopped.  Stop volley too, and continue both when
 * the user does.  In the background the task cannot have the terminal. */
static void suspend(struct running *r, int signo)
{
	struct local *e = r->engine;

	lease_end(&e->means.terminal);
	if (!r->child.killed)
		e->cfg.suspend(e->cfg.suspend_arg);
	e->base.ops->signal(&e->base, r->task, SIGCONT);
	if ((signo == SIGTTIN || signo == SIGTTOU) && !e->means.terminal.lent)
		refuse_terminal(r);
}

/* --- streams */

static void close_stream(struct running *r, struct stream *s)
{
	if (s->fd < 0)
		return;
	loop_fd_remove(r->engine->cfg.loop, &s->watch);
	close(s->fd);
	s->fd = -1;
}

/* With errno: its output would be lost, so the run has to end. */
static void fail_stream(struct running *r, struct stream *s, const char *what)
{
	struct local *e = r->engine;
	struct err err;

	err_sys(&err, "cannot %s the output of job %llu", what,
		(unsigned long long)r->task->seq);
	close_stream(r, s);
	e->base.events->failed(e->base.arg, &err);
}

static void drain_expired(void *arg);

static bool is_open(const struct running *r)
{
	return r->streams[0].fd >= 0 || r->streams[1].fd >= 0;
}

/* A task that is held is not silent: we are not reading. */
static void restart_drain(struct running *r)
{
	if (r->child.ended && is_open(r) && !r->held)
		loop_timer_set(r->engine->cfg.loop, &r->drain,
			       clock_in(r->engine->cfg.drain_ns), drain_expired, r);
}

static void cut_off(struct running *r)
{
	r->result.truncated = true;
	close_stream(r, &r->streams[0]);
	close_stream(r, &r->streams[1]);
}

static void drain_expired(void *arg)
{
	struct running *r = arg;

	cut_off(r);
	finish_if_done(r);
}

static void report_started(struct running *r)
{
	r->engine->base.events->started(r->engine->base.arg, r->task, r->launched);
}

/* This comes before every other event of a task. */
static void tell_started(struct running *r)
{
	if (r->settling.pos == 0)
		return;
	loop_timer_cancel(r->engine->cfg.loop, &r->settling);
	report_started(r);
}

/* Do not hold a killed task: if the reader is blocked forever it would never be
 * released, and little is left to read once its process is gone. */
static bool may_be_held(const struct running *r)
{
	return !(r->child.killed && r->child.ended);
}

/* A large pipe lets it and us run for longer at a stretch. */
static void hurry(struct running *r, struct stream *s)
{
	s->hurried = true;
	if (r->engine->pipe_size > FULL_PIPE)
		fcntl(s->fd, F_SETPIPE_SZ, r->engine->pipe_size);
}

static ssize_t copy_stream(struct running *r, struct stream *s, int index)
{
	struct local *e = r->engine;
	ssize_t n = read(s->fd, e->buffer, READ_SIZE);

	if (n <= 0)
		return n;
	tell_started(r);
	if (n >= FULL_PIPE && !s->hurried)
		hurry(r, s);
	e->base.events->output(e->base.arg, r->task, index, (struct bytes){e->buffer, (size_t)n});
	return n;
}

static ssize_t pass_stream(struct running *r, struct stream *s, int index)
{
	struct local *e = r->engine;
	ssize_t n = -1;

	errno = EOPNOTSUPP;
	if (s->hurried && may_be_held(r))
		n = e->base.events->move(e->base.arg, r->task, index, s->fd);
	if (n < 0 && errno == EOPNOTSUPP)
		n = copy_stream(r, s, index);
	return n;
}

/* Take what there is.  The task may be held while we do: then stop. */
static void read_stream(struct running *r, struct stream *s)
{
	int index = (int)(s - r->streams);

	for (int i = 0; i < MAX_READS && s->fd >= 0 && !(index == 0 && r->held); i++) {
		ssize_t n = pass_stream(r, s, index);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			fail_stream(r, s, "read");
		else if (n == 0)
			close_stream(r, s);
		if (n <= 0)
			return;
		restart_drain(r);
	}
}

static void stream_ready(void *arg, short events)
{
	struct stream *s = arg;
	struct running *r = s->owner;

	(void)events;
	read_stream(r, s);
	if (s->fd < 0)
		finish_if_done(r);
}

static void watch_stream(struct running *r, struct stream *s)
{
	if (s->fd >= 0 && s->watch.fd < 0 &&
	    loop_fd_add(r->engine->cfg.loop, &s->watch, s->fd, POLLIN, stream_ready, s) < 0)
		fail_stream(r, s, "wait for");
}

static void watch_streams(struct running *r)
{
	if (!r->held)
		watch_stream(r, &r->streams[0]);
	watch_stream(r, &r->streams[1]);
}

/* A task that lives for less than SETTLE_MS is dealt with when it is reaped: its
 * streams need not be watched, and there is no need to check whether it has started its
 * program.  Until then its pipes hold what it writes. */
static void settle_soon(struct running *r);

static void settle(void *arg)
{
	struct running *r = arg;

	watch_streams(r);
	if (!launch_has_left(&r->launch))
		settle_soon(r);
	else if (!launch_has_failed(&r->launch))
		report_started(r);
}

static void settle_soon(struct running *r)
{
	loop_timer_set(r->engine->cfg.loop, &r->settling,
		       clock_in(SETTLE_MS * NSEC_PER_MSEC), settle, r);
}

static void hold(struct running *r)
{
	r->held = true;
	/* Not by asking for no events: a hang-up is always reported. */
	loop_fd_remove(r->engine->cfg.loop, &r->streams[0].watch);
	loop_timer_cancel(r->engine->cfg.loop, &r->drain);
}

static void let_go(struct running *r)
{
	r->held = false;
	watch_stream(r, &r->streams[0]);
	restart_drain(r);
}

static void let_go_killed(struct running *r)
{
	if (r->held && !may_be_held(r))
		let_go(r);
}

/* --- the end */

static void release(struct running *r)
{
	struct local *e = r->engine;

	loop_timer_cancel(e->cfg.loop, &r->drain);
	loop_timer_cancel(e->cfg.loop, &r->settling);
	loop_defer_cancel(e->cfg.loop, &r->told_later);
	child_release(&r->child);
	r->task->engine_own = NULL;
	r->next_free = e->free_list;
	e->free_list = r;
}

/* A killed task does not wait for the streams' end: they already hold all that its
 * group has written.  The exception is a task that is held, whose output we have not
 * read. */
static bool is_over(struct running *r)
{
	if (!r->child.ended || (is_open(r) && (!r->child.killed || r->held)) ||
	    child_leaves_strays(&r->child))
		return false;
	for (int i = 0; i < 2 && is_open(r); i++)
		read_stream(r, &r->streams[i]);
	if (!is_open(r))
		return true;
	if (!r->held)
		cut_off(r);
	return !r->held;
}

/* Held processes took the room: there may be some again. */
static void tell_room(struct local *e)
{
	if (!e->refused || !children_have_room(&e->children))
		return;
	e->refused = false;
	e->base.events->room(e->base.arg);
}

static void swept(struct child *c)
{
	finish_if_done(LIST_ENTRY(c, struct running, child));
}

static void finish_if_done(struct running *r)
{
	struct local *e = r->engine;
	struct engine_task *task = r->task;
	struct engine_result result;

	if (!is_over(r))
		return;
	child_reap(&r->child);
	r->result.usage = r->child.usage;
	r->result.has_usage = true;
	result = r->result;
	release(r);
	e->base.events->done(e->base.arg, task, &result);
	tell_room(e);
}

static void vacate(struct running *r)
{
	struct local *e = r->engine;

	slots_give(&e->slots, r->task->slot);
	e->base.events->vacated(e->base.arg, r->task);
}

/* Ctrl-C and Ctrl-\ reach only the job that has the terminal, but are meant for the
 * run. */
static bool is_interrupt(const struct running *r, int status)
{
	return r->engine->cfg.foreground && r->engine->means.terminal.lent &&
	       WIFSIGNALED(status) &&
	       (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGQUIT);
}

static void child_exited(struct running *r, int status)
{
	struct local *e = r->engine;
	bool interrupt = is_interrupt(r, status);

	if (e->cfg.foreground)
		lease_end(&e->means.terminal);
	if (WIFSIGNALED(status)) {
		r->result.kind = RESULT_SIGNALED;
		r->result.code = WTERMSIG(status);
	} else {
		r->result.kind = RESULT_EXITED;
		r->result.code = WEXITSTATUS(status);
	}
	let_go_killed(r);
	for (int i = 0; i < 2; i++)
		read_stream(r, &r->streams[i]);
	if (is_open(r)) {
		watch_streams(r);
		restart_drain(r);
	} else if (!r->child.killed) {
		child_reap(&r->child);
	}
	vacate(r);
	finish_if_done(r);
	if (interrupt)
		loop_signal_deliver(e->cfg.loop, WTERMSIG(status));
}

static void child_stopped(struct running *r, int signo)
{
	if (r->engine->cfg.foreground)
		suspend(r, signo);
	else if (signo == SIGTTIN || signo == SIGTTOU)
		refuse_terminal(r);
}

/* --- the start */

static struct running *new_running(struct local *e)
{
	struct running *r = xcalloc(1, sizeof *r);

	launch_init(&r->launch, &e->means);
	return r;
}

static struct running *take_running(struct local *e, struct engine_task *task)
{
	struct running *r = e->free_list != NULL ? e->free_list : new_running(e);

	if (e->free_list != NULL)
		e->free_list = r->next_free;
	*r = (struct running){
	    .engine = e,
	    .task = task,
	    .child = {.pid = -1, .swept = swept},
	    .launch = r->launch,
	};
	for (int i = 0; i < 2; i++)
		r->streams[i] =
		    (struct stream){.fd = -1, .watch = LOOP_FD_INIT, .owner = r};
	task->engine_own = r;
	return r;
}

static void not_started(void *arg)
{
	struct running *r = arg;
	struct local *e = r->engine;

	r->child.ended = true;
	launch_explain(&r->launch, &r->result);
	lease_end(&e->means.terminal); /* a child that fails to execute has it by then */
	vacate(r);
	finish_if_done(r);
}

static void begin_life(struct running *r)
{
	r->pid = r->child.pid;
	for (int i = 0; i < 2; i++)
		r->streams[i].fd = launch_take_end(&r->launch, STDOUT_FILENO + i);
	settle_soon(r);
}

/* The process has ended without having executed its program. */
static void child_failed(struct running *r)
{
	loop_timer_cancel(r->engine->cfg.loop, &r->settling);
	close_stream(r, &r->streams[0]);
	close_stream(r, &r->streams[1]);
	if (launch_child_again(&r->launch))
		begin_life(r);
	else
		not_started(r);
}

static void child_changed(void *arg, int status)
{
	struct running *r = arg;
	bool failed = launch_has_failed(&r->launch);

	if (launch_has_left(&r->launch) && !failed)
		tell_started(r);
	if (WIFSTOPPED(status)) {
		if (!failed && !child_untrace(&r->child, WSTOPSIG(status)))
			child_stopped(r, WSTOPSIG(status));
	} else if (failed) {
		child_failed(r);
	} else {
		child_exited(r, status);
	}
}

static void local_start(struct engine *engine, struct engine_task *task)
{
	struct local *e = (struct local *)engine;
	struct running *r = take_running(e, task);
	struct launch_order order = {.child = &r->child,
				     .command = task->command,
				     .mark = {task->seq, task->try},
				     .changed = child_changed,
				     .arg = r};

	assert(!e->base.over);
	slots_take(&e->slots, task->slot);
	r->launched = clock_mono();
	if (launch_child(&r->launch, &order))
		begin_life(r);
	else
		loop_defer(e->cfg.loop, &r->told_later, not_started, r);
}

/* --- the rest of the contract */

static void local_signal(struct engine *engine, struct engine_task *task, int signo)
{
	struct local *e = (struct local *)engine;
	struct running *r = task->engine_own;

	if (r == NULL || r->child.pid <= 0)
		return;
	if (signo == SIGCONT && e->cfg.foreground && !r->child.ended)
		lease_give(&e->means.terminal, r->child.pid);
	child_signal(&r->child, launch_signal(&r->launch, signo));
	let_go_killed(r);
}

static void local_hold(struct engine *engine, struct engine_task *task, bool held)
{
	struct running *r = task->engine_own;

	(void)engine;
	if (r == NULL || r->held == held)
		return;
	if (!held)
		let_go(r);
	else if (may_be_held(r))
		hold(r);
}

static int pipe_size(unsigned slots)
{
	int size = MAX_PIPE;

	while (size > FULL_PIPE && (unsigned)(ALL_PIPES / size) < slots)
		size /= 2;
	return size;
}

static void local_resize(struct engine *engine, unsigned slots)
{
	struct local *e = (struct local *)engine;

	slots_resize(&e->slots, slots);
	e->pipe_size = pipe_size(slots);
}

/* The lowest free slot, so that few tasks use few slots. */
static unsigned local_place(struct engine *engine)
{
	struct local *e = (struct local *)engine;

	e->refused = !children_have_room(&e->children);
	return e->refused ? 0 : slots_lowest(&e->slots);
}

static void local_describe(struct engine *engine, const struct engine_task *task,
			   struct buf *out)
{
	const struct running *r = task->engine_own;

	(void)engine;
	if (r->pid > 0)
		buf_addf(out, "pid %d", (int)r->pid);
	else
		buf_addf(out, "slot %u", task->slot);
}

static void local_finish(struct engine *engine, bool now)
{
	struct local *e = (struct local *)engine;

	(void)now;
	if (!e->base.over)
		guardian_dismiss(e->children.guardian);
	engine_is_over(&e->base);
}

static void local_close(struct engine *engine)
{
	struct local *e = (struct local *)engine;

	while (e->free_list != NULL) {
		struct running *next = e->free_list->next_free;

		launch_clear(&e->free_list->launch);
		free(e->free_list);
		e->free_list = next;
	}
	children_clear(&e->children);
	free(e->buffer);
	lease_clear(&e->means.terminal);
	slots_clear(&e->slots);
	engine_clear(&e->base);
	free(e);
}

static const struct engine_ops local_ops = {
    .name = "local",
    .resize = local_resize,
    .place = local_place,
    .start = local_start,
    .signal = local_signal,
    .hold = local_hold,
    .describe = local_describe,
    .finish = local_finish,
    .close = local_close,
};

struct engine *engine_local_open(const struct local_config *cfg, struct err *err)
{
	struct local *e = xcalloc(1, sizeof *e);

	if (children_init(&e->children, cfg->loop, cfg->nice, FILES_PER_START, err) < 0) {
		free(e);
		return NULL;
	}
	e->base.ops = &local_ops;
	e->base.loop = cfg->loop;
	e->cfg = *cfg;
	e->means = (struct launch_means){
	    .children = &e->children,
	    .mask = loop_inherited_mask(cfg->loop),
	    .inherit = cfg->inherit,
	    .foreground = cfg->foreground,
	    .stdin_taken = cfg->stdin_taken,
	    .terminal = LEASE_INIT,
	};
	e->buffer = xmalloc(READ_SIZE);
	return &e->base;
}
