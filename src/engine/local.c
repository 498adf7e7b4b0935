/* SPDX-License-Identifier: ISC */
#include <config.h>

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
#include "sys/loop.h"
#include "sys/memfile.h"
#include "sys/terminal.h"

/* The engine that runs each task as a child process of volley's.
 *
 * A task's life: start -> RUNNING -> its process is reaped and its streams reach
 * end of file, in either order -> done.  Three things can come between:
 *
 *   - somebody whom the job left in the background holds a stream open: after
 *     drain_ns of silence it is closed, and the result says "truncated";
 *   - the task was killed and left members of its process group behind: done
 *     waits for them, so that the kill reaches them too, and for nobody else:
 *     streams that are held outside the group are closed;
 *   - it was never started: done comes from the loop's next turn. */

enum {
	READ_SIZE = 64 * 1024,
	MAX_READS = 16,	      /* per stream and turn, so that no job keeps the loop */
};

struct stream {
	int fd; /* -1: at end of file */
	struct loop_fd watch;
	struct running *owner;
};

struct running {
	struct local *engine;
	struct engine_task *task;
	struct child child;
	bool held;
	struct stream streams[2];
	struct loop_timer drain;
	struct loop_call told_later; /* that it has started, or could not be */
	struct engine_result result;
	char why[CHILD_WHY];
	struct running *next_free;
};

struct local {
	struct engine base;
	struct engine_config cfg;
	struct children children;
	char *buffer;
	struct running *free_list;
};

static void finish_if_done(struct running *r);

/* --- streams */

static void close_stream(struct running *r, struct stream *s)
{
	if (s->fd < 0)
		return;
	loop_fd_remove(r->engine->cfg.loop, &s->watch);
	close(s->fd);
	s->fd = -1;
}

static void drain_expired(void *arg);

static void restart_drain(struct running *r)
{
	if (r->child.reaped)
		loop_timer_set(r->engine->cfg.loop, &r->drain,
			       clock_mono() + r->engine->cfg.drain_ns, drain_expired, r);
}

static bool is_open(const struct running *r)
{
	return r->streams[0].fd >= 0 || r->streams[1].fd >= 0;
}

static void cut_off(struct running *r)
{
	r->result.truncated = true;
	close_stream(r, &r->streams[0]);
	close_stream(r, &r->streams[1]);
}

/* A reader that is held back is not silent: it is us who do not listen. */
static void drain_expired(void *arg)
{
	struct running *r = arg;

	if (r->held) {
		restart_drain(r);
		return;
	}
	cut_off(r);
	finish_if_done(r);
}

/* Read what there is.  The task may be held while we do: then stop. */
static void read_stream(struct running *r, struct stream *s)
{
	struct local *e = r->engine;
	int index = (int)(s - r->streams);

	for (int i = 0; i < MAX_READS && s->fd >= 0 && !(index == 0 && r->held); i++) {
		ssize_t n = read(s->fd, e->buffer, READ_SIZE);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close_stream(r, s);
			return;
		}
		restart_drain(r);
		e->cfg.events->output(e->cfg.arg, r->task, index,
				      (struct bytes){e->buffer, (size_t)n});
	}
}

static void started(void *arg)
{
	struct running *r = arg;

	r->engine->cfg.events->started(r->engine->cfg.arg, r->task, r->child.pid);
}

/* A child may write and end in the very turn in which a callback has started it:
 * then this must not wait for the next. */
static void tell_started(struct running *r)
{
	if (!r->told_later.queued)
		return;
	loop_defer_cancel(r->engine->cfg.loop, &r->told_later);
	started(r);
}

static void stream_ready(void *arg, short events)
{
	struct stream *s = arg;
	struct running *r = s->owner;

	(void)events;
	tell_started(r);
	read_stream(r, s);
	if (s->fd < 0)
		finish_if_done(r);
}

static void watch_stream(struct running *r, struct stream *s)
{
	if (s->fd >= 0 && loop_fd_add(r->engine->cfg.loop, &s->watch, s->fd, POLLIN,
				      stream_ready, s) < 0)
		close_stream(r, s); /* out of kernel memory: the job gets SIGPIPE */
}

/* What has been killed will never be let go when its reader is blocked for good,
 * and there is little left to read once its process is gone: do not wait. */
static bool may_be_held(const struct running *r)
{
	return !(r->child.killed && r->child.reaped);
}

static void let_go_killed(struct running *r)
{
	if (!r->held || may_be_held(r))
		return;
	r->held = false;
	watch_stream(r, &r->streams[0]);
}

/* --- the end */

static void release(struct running *r)
{
	struct local *e = r->engine;

	loop_timer_cancel(e->cfg.loop, &r->drain);
	loop_defer_cancel(e->cfg.loop, &r->told_later);
	child_release(&r->child);
	r->task->engine_own = NULL;
	r->next_free = e->free_list;
	e->free_list = r;
}

/* A killed task does not wait for the streams' end: what is in them is all that
 * its group has written.  Unless we are the ones who do not listen. */
static bool is_over(struct running *r)
{
	if (!r->child.reaped || (is_open(r) && (!r->child.killed || r->held)) ||
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
	result = r->result;
	release(r);
	e->cfg.events->done(e->cfg.arg, task, &result);
}

static void take_terminal_back(const struct running *r)
{
	if (r->task->foreground)
		terminal_give(STDIN_FILENO, getpgrp());
}

static void child_exited(struct running *r, int status)
{
	struct local *e = r->engine;

	r->child.reaped = true;
	take_terminal_back(r);
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
	if (is_open(r))
		restart_drain(r);
	e->cfg.events->vacated(e->cfg.arg, r->task);
	finish_if_done(r);
}

/* A job in the background of the terminal that reads from it, or sets its
 * modes, is stopped by the kernel and would hang for ever. */
static void child_stopped(struct running *r, int signo)
{
	struct local *e = r->engine;

	if (r->task->foreground) {
		e->cfg.events->suspended(e->cfg.arg, r->task);
	} else if (signo == SIGTTIN || signo == SIGTTOU) {
		r->result.wanted_terminal = true;
		e->base.ops->signal(&e->base, r->task, SIGKILL);
	}
}

static void child_changed(void *arg, int status, const struct rusage *usage)
{
	struct running *r = arg;

	tell_started(r);
	if (WIFSTOPPED(status)) {
		child_stopped(r, WSTOPSIG(status));
		return;
	}
	r->result.usage = *usage;
	child_exited(r, status);
}

static void never_started(void *arg)
{
	struct running *r = arg;
	struct local *e = r->engine;

	r->child.reaped = true;
	e->cfg.events->vacated(e->cfg.arg, r->task);
	finish_if_done(r);
}

/* --- the start */

static struct running *take_running(struct local *e, struct engine_task *task)
{
	struct running *r = e->free_list;

	if (r != NULL)
		e->free_list = r->next_free;
	else
		r = xmalloc(sizeof *r);
	memset(r, 0, sizeof *r);
	r->engine = e;
	r->task = task;
	r->child.pid = -1;
	r->child.ticket = -1;
	r->child.swept = swept;
	for (int i = 0; i < 2; i++) {
		r->streams[i].fd = -1;
		r->streams[i].watch.fd = -1;
		r->streams[i].owner = r;
	}
	task->engine_own = r;
	return r;
}

/* The end we read is a description of our own, so O_NONBLOCK hurts nobody. */
static int open_pipe(struct stream *s, int *write_end)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	s->fd = fds[0];
	*write_end = fds[1];
	return 0;
}

/* What the task is to be given: its input and the ends of its streams.  False
 * with errno. */
static bool open_child_ends(struct running *r, int *input, int write_ends[2])
{
	const struct engine_task *task = r->task;

	if (task->command->input.p != NULL &&
	    (*input = memfile_new(task->command->input)) < 0)
		return false;
	for (int i = 0; i < 2 && !task->inherit; i++)
		if (open_pipe(&r->streams[i], &write_ends[i]) < 0)
			return false;
	return true;
}

static void close_ends(const int *ends, int n)
{
	for (int i = 0; i < n; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

static void start_failed(struct running *r)
{
	take_terminal_back(r); /* a child that fails to execute has it by then */
	close_stream(r, &r->streams[0]);
	close_stream(r, &r->streams[1]);
	loop_defer(r->engine->cfg.loop, &r->told_later, never_started, r);
}

static int start_child(struct running *r, int input, const int write_ends[2])
{
	struct local *e = r->engine;
	const struct engine_task *task = r->task;
	struct child_spec spec = {.command = task->command,
				  .seq = task->seq,
				  .fds = {input, -1, -1},
				  .foreground = task->foreground,
				  .fn = child_changed,
				  .arg = r};

	if (input < 0 && !task->foreground)
		spec.fds[0] = e->children.null_fd;
	if (!task->inherit) {
		spec.fds[1] = write_ends[0];
		spec.fds[2] = write_ends[1];
	}
	return child_start(&e->children, &r->child, &spec, &r->result, r->why);
}

static void local_start(struct engine *engine, struct engine_task *task)
{
	struct local *e = (struct local *)engine;
	struct running *r = take_running(e, task);
	int write_ends[2] = {-1, -1}, input = -1, result = -1;

	if (open_child_ends(r, &input, write_ends))
		result = start_child(r, input, write_ends);
	else
		child_not_started(task->command, errno, &r->result, r->why);
	close_ends(write_ends, 2);
	close_ends(&input, 1);
	if (result < 0) {
		start_failed(r);
		return;
	}
	watch_stream(r, &r->streams[0]);
	watch_stream(r, &r->streams[1]);
	loop_defer(e->cfg.loop, &r->told_later, started, r);
}

/* --- the rest of the contract */

static void local_signal(struct engine *engine, struct engine_task *task, int signo)
{
	struct running *r = task->engine_own;

	(void)engine;
	if (r == NULL)
		return;
	child_signal(&r->child, signo);
	let_go_killed(r);
}

static void local_hold(struct engine *engine, struct engine_task *task, bool hold)
{
	struct running *r = task->engine_own;
	struct stream *s;

	(void)engine;
	if (r == NULL || r->held == hold || (hold && !may_be_held(r)))
		return;
	r->held = hold;
	s = &r->streams[0];
	if (hold) /* not by asking for no events: a hang-up is always told */
		loop_fd_remove(r->engine->cfg.loop, &s->watch);
	else
		watch_stream(r, s);
}

static size_t local_room(struct engine *engine)
{
	(void)engine;
	return SIZE_MAX;
}

static void local_drain(struct engine *engine)
{
	(void)engine;
}

static void local_close(struct engine *engine)
{
	struct local *e = (struct local *)engine;

	while (e->free_list != NULL) {
		struct running *next = e->free_list->next_free;

		free(e->free_list);
		e->free_list = next;
	}
	children_clear(&e->children);
	free(e->buffer);
	free(e);
}

static struct engine *local_open(const struct engine_config *cfg, struct err *err)
{
	struct local *e = xcalloc(1, sizeof *e);

	if (children_init(&e->children, cfg, err) < 0) {
		free(e);
		return NULL;
	}
	e->base.ops = &engine_local_ops;
	e->cfg = *cfg;
	e->buffer = xmalloc(READ_SIZE);
	return &e->base;
}

const struct engine_ops engine_local_ops = {
    .name = "local",
    .open = local_open,
    .room = local_room,
    .start = local_start,
    .signal = local_signal,
    .hold = local_hold,
    .drain = local_drain,
    .close = local_close,
};
