/* SPDX-License-Identifier: ISC */
/* Writes text at once if the descriptor takes it, and the rest when the descriptor is
 * writable again.  A pipe gets at most PIPE_BUF bytes at a time, and where possible whole
 * lines, so that other writers do not cut a line in two. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "sys/outbox.h"
#include "sys/writer.h"

enum {
	WAIT_STEP_MS = 50,
	PATIENCE_MS = 500,   /* how long to wait for the reader, in a hurry */
	TRY_AGAIN_MS = 100, /* when the descriptor cannot be watched */
};

struct outbox {
	struct loop *loop;
	struct writer writer;
	struct buf text; /* not taken yet */
	struct loop_fd watch;
	struct loop_timer try_again;
	int watched; /* a duplicate: others may watch the writer's */
	loop_call_fn drained;
	void *arg;
	int64_t hurry; /* from then on */
};

/* --- writing */

/* How much to write at a time: a pipe takes up to PIPE_BUF bytes as a whole or not at
 * all, so if they are whole lines, what others write comes between lines. */
static size_t piece(const struct outbox *o)
{
	const char *end;

	if (!o->writer.waitable || o->text.len <= PIPE_BUF)
		return o->text.len;
	end = memrchr(o->text.data, '\n', PIPE_BUF);
	return end != NULL ? (size_t)(end + 1 - o->text.data) : PIPE_BUF;
}

/* False: it takes no more now. */
static bool flush(struct outbox *o)
{
	while (o->text.len > 0) {
		struct iovec iov = {o->text.data, piece(o)};
		ssize_t n = writer_write(&o->writer, &iov, 1);

		if (n < 0 && errno == EAGAIN)
			return false;
		/* What fails is lost: there is no other place to say so. */
		buf_consume(&o->text, n > 0 ? (size_t)n : o->text.len);
	}
	return true;
}

static void wait_no_more(struct outbox *o)
{
	loop_fd_remove(o->loop, &o->watch);
	loop_timer_cancel(o->loop, &o->try_again);
}

static void want_flush(struct outbox *o);

static void try_flush(void *arg)
{
	struct outbox *o = arg;

	if (!flush(o)) {
		want_flush(o);
		return;
	}
	wait_no_more(o);
	o->drained(o->arg);
}

static void on_writable(void *arg, short events)
{
	(void)events;
	try_flush(arg);
}

static void want_flush(struct outbox *o)
{
	if (o->watch.fd >= 0 || o->try_again.pos != 0)
		return;
	if (o->watched < 0)
		o->watched = fcntl(o->writer.fd, F_DUPFD_CLOEXEC, 3);
	if (loop_fd_add(o->loop, &o->watch, o->watched, POLLOUT, on_writable, o) < 0)
		loop_timer_set(o->loop, &o->try_again,
			       clock_in(TRY_AGAIN_MS * NSEC_PER_MSEC), try_flush, o);
}

void outbox_add(struct outbox *o, struct bytes text)
{
	buf_add(&o->text, text.p, text.len);
	if (o->text.len > text.len || !flush(o))
		want_flush(o);
}

size_t outbox_waiting(struct outbox *o)
{
	if (!flush(o))
		want_flush(o);
	return o->text.len;
}

/* --- the end */

/* The loop, which reads the signals, is blocked while we wait. */
static bool end_is_pending(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       sigismember(&pending, SIGHUP) || sigismember(&pending, SIGQUIT);
}

static bool is_in_hurry(const struct outbox *o)
{
	return clock_mono() >= o->hurry || end_is_pending();
}

static bool write_rest(struct outbox *o)
{
	struct pollfd p = {.fd = o->writer.fd, .events = POLLOUT};
	int waited = 0;

	while (!flush(o)) {
		if (poll(&p, 1, WAIT_STEP_MS) > 0)
			continue;
		if (is_in_hurry(o) && (waited += WAIT_STEP_MS) > PATIENCE_MS)
			return false;
	}
	return true;
}

struct outbox *outbox_new(struct loop *loop, int fd, loop_call_fn drained, void *arg)
{
	struct outbox *o = xcalloc(1, sizeof *o);

	o->loop = loop;
	writer_open(&o->writer, fd);
	o->watch = (struct loop_fd)LOOP_FD_INIT;
	o->watched = -1;
	o->drained = drained;
	o->arg = arg;
	o->hurry = INT64_MAX;
	return o;
}

bool outbox_free(struct outbox *o)
{
	bool written;

	if (o == NULL)
		return true;
	wait_no_more(o);
	written = write_rest(o);
	if (o->watched >= 0)
		close(o->watched);
	writer_close(&o->writer);
	buf_clear(&o->text);
	free(o);
	return written;
}

void outbox_hurry(struct outbox *o, int64_t at)
{
	if (at < o->hurry)
		o->hurry = at;
}
