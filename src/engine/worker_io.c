/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "engine/worker_internal.h"

/* A worker's three streams: events go in, replies and lines of stderr come out. */

enum {
	MAX_READS = 16,     /* per stream and turn */
	MAX_WINDOW = 256,   /* that it grows to by itself, */
	ALL_WINDOWS = 4096, /* all workers' together */
	FAST_NS = 2000000,  /* replies that come so fast make the window grow, */
	SLOW_NS = 50000000, /* and one that takes so long makes it 1 */
	HOLD_MS = 20,       /* until messages are asked again whether they are full */
	TERM_MS = 500,      /* between SIGTERM and SIGKILL at the end */
};

/* --- stdin */

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

void worker_close_fd(struct worker *w, struct loop_fd *watch, int *fd)
{
	if (*fd < 0)
		return;
	loop_fd_remove(w->engine->cfg.loop, watch);
	close(*fd);
	*fd = -1;
}

/* All is written that ever will be: end of file tells the worker to end. */
void worker_close_if_over(struct worker *w)
{
	if (!w->alive || !w->closing || w->gate >= 0 || (w->in >= 0 && w->lines_at < w->lines.len))
		return;
	if (w->out >= 0) /* else it is about to be known what it has not read */
		worker_close_fd(w, &w->in_watch, &w->in);
	if (!worker_has_begun(w))
		expect_end(w);
}

void worker_watch(struct worker *w, struct loop_fd *watch, int fd, short events,
		  loop_fd_fn fn)
{
	struct err err;

	if (watch->fd >= 0 ||
	    loop_fd_add(w->engine->cfg.loop, watch, fd, events, fn, w) == 0)
		return;
	err_sys(&err, "cannot wait for worker %u", w->number);
	workers_fail(w->engine, &err);
}

static void can_write(void *arg, short events)
{
	(void)events;
	worker_flush(arg);
}

/* What is in its stdin still, it has not seen. */
static void forget_unread(struct worker *w)
{
	int unread;

	if (w->in >= 0 && ioctl(w->in, FIONREAD, &unread) == 0)
		w->written -= (uint64_t)unread;
}

void worker_write(struct worker *w)
{
	while (w->in >= 0 && w->lines_at < w->lines.len) {
		ssize_t n = write(w->in, w->lines.data + w->lines_at,
				  w->lines.len - w->lines_at);

		if (n < 0 && errno == EAGAIN) {
			worker_watch(w, &w->in_watch, w->in, POLLOUT, can_write);
			break;
		}
		if (n < 0) { /* nobody reads it any more: the next one gets the rest */
			w->closing = true;
			forget_unread(w);
			worker_close_fd(w, &w->in_watch, &w->in);
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

/* --- replies */

/* Fast workers are to be never idle, slow ones not to hoard. */
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
	struct sent *s = worker_first(w);

	worker_tell_head(w);
	adapt_window(w);
	w->answered++;
	e->deaths = 0;
	for (int i = 0; i < 2; i++)
		if (reply->streams[i].len > 0)
			e->base.events->output(e->base.arg, s->task, i, reply->streams[i]);
	worker_dequeue(s);
	worker_watch_stdout(w); /* whoever held the task will not let go of it */
	worker_finish(e, s, &result);
}

static void nonsense(struct worker *w, const char *what, const char *advice)
{
	struct err err;

	err_set(&err, "worker %u: %s; %s", w->number, what, advice);
	workers_fail(w->engine, &err);
}

/* It is for one of the first so many tasks.  The rest is as worker_decode says. */
static bool accept_reply(struct worker *w, uint64_t given, int result,
			 const struct worker_reply *reply, const struct err *err)
{
	char what[sizeof err->text + 64];

	if (result > 0 && w->answered < given) {
		take_reply(w, reply);
		return true;
	}
	if (result > 0)
		nonsense(w, "it has given more replies than it has got events",
			 "each event has to be answered once, see volley-worker(7)");
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
	if (worker_has_begun(w))
		worker_tell_head(w);
}

/* The last reply of one that has ended well may lack its newline; what one that
 * has crashed has said is not to be taken for all that it had to say. */
static void decode_rest(struct worker *w)
{
	struct worker_reply reply;
	struct err err;

	w->now = clock_mono();
	if (!w->engine->failed)
		accept_reply(w, w->given, worker_decode_end(&w->decoder, &reply, &err),
			     &reply, &err);
}

/* --- stderr: passed on by whole lines */

static void pass_on(struct worker *w, struct bytes data)
{
	const char *end = memrchr(data.p, '\n', data.len);
	size_t whole = end != NULL ? (size_t)(end + 1 - data.p) : 0;

	buf_add(&w->said, data.p, whole);
	if (whole > 0 || w->said.len + data.len > WORKER_READ_SIZE) {
		msg_raw(buf_bytes(&w->said));
		buf_reset(&w->said);
	}
	buf_add(&w->said, data.p + whole, data.len - whole);
}

static void pass_on_rest(struct worker *w)
{
	if (w->said.len == 0)
		return;
	buf_addc(&w->said, '\n');
	msg_raw(buf_bytes(&w->said));
	buf_reset(&w->said);
}

/* --- reading */

/* False at end of file.  What a process has left is read though tasks are held:
 * its replies are few, and nobody waits for more. */
static bool read_all(struct worker *w, int fd, void (*use)(struct worker *, struct bytes),
		     int max)
{
	while (max-- > 0 && !(fd == w->out && w->nheld > 0 && !w->child.ended)) {
		ssize_t n = read(fd, w->engine->buffer, WORKER_READ_SIZE);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		use(w, (struct bytes){w->engine->buffer, (size_t)n});
		if (n < WORKER_READ_SIZE)
			return true;
	}
	return true;
}

/* Who answers no more is of no use. */
static void stop_using(struct worker *w)
{
	w->closing = true;
	expect_end(w);
}

static void watch_stderr_again(void *arg)
{
	struct worker *w = arg;

	if (w->err >= 0)
		worker_watch(w, &w->err_watch, w->err, POLLIN, worker_stderr_ready);
}

/* What it says has to wait for the reader of our own stderr. */
static void hold_stderr(struct worker *w)
{
	loop_fd_remove(w->engine->cfg.loop, &w->err_watch);
	loop_timer_set(w->engine->cfg.loop, &w->err_later,
		       clock_in(HOLD_MS * NSEC_PER_MSEC), watch_stderr_again, w);
}

void worker_stderr_ready(void *arg, short events)
{
	struct worker *w = arg;

	(void)events;
	if (msg_is_full()) {
		hold_stderr(w);
		return;
	}
	if (!read_all(w, w->err, pass_on, MAX_READS)) {
		worker_close_fd(w, &w->err_watch, &w->err);
		pass_on_rest(w);
	}
}

static void stdout_ready(void *arg, short events)
{
	struct worker *w = arg;

	(void)events;
	if (!read_all(w, w->out, decode, MAX_READS)) {
		worker_close_fd(w, &w->out_watch, &w->out);
		stop_using(w);
	}
	worker_close_if_over(w);
}

void worker_watch_stdout(struct worker *w)
{
	if (w->nheld > 0)
		loop_fd_remove(w->engine->cfg.loop, &w->out_watch);
	else if (w->out >= 0)
		worker_watch(w, &w->out_watch, w->out, POLLIN, stdout_ready);
}

void worker_read_rest(struct worker *w)
{
	forget_unread(w);
	if (w->out >= 0)
		read_all(w, w->out, decode, INT32_MAX);
	if (WIFEXITED(w->status) && WEXITSTATUS(w->status) == 0)
		decode_rest(w);
	if (w->err >= 0)
		read_all(w, w->err, pass_on, MAX_READS);
	pass_on_rest(w);
	worker_close_fd(w, &w->in_watch, &w->in);
	worker_close_fd(w, &w->out_watch, &w->out);
	worker_close_fd(w, &w->err_watch, &w->err);
}
