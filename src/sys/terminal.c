/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "sys/terminal.h"
#include "sys/writer.h"

struct terminal {
	struct loop *loop;
	int fd;
	bool tty;
	bool mid_line;	/* others' output left the cursor inside a line */
	bool hidden;	/* the status line has made way and waits to be drawn */
	enum terminal_rest rest;
	struct writer writer;
	struct loop_call redraw;
	struct loop_timer try_again;
	struct terminal_status status;
	struct buf pending;  /* of the status line, not taken yet */
	struct buf messages; /* wait for the end of what others write */
	bool hurry;
	int waited_ms; /* in a hurry, for messages to be taken */
};

enum { WAIT_STEP_MS = 50, PATIENCE_MS = 500, TRY_AGAIN_MS = 100 };

/* Has somebody asked for the end?  The loop, which reads the signals, stands
 * still while we wait. */
static bool end_is_pending(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       sigismember(&pending, SIGHUP) || sigismember(&pending, SIGQUIT);
}

/* Wait until a message can be written, for as long as it takes; but once the end
 * has been asked for, no longer than PATIENCE_MS for all messages together. */
static bool wait_writable(struct terminal *t)
{
	struct pollfd p = {.fd = t->writer.fd, .events = POLLOUT};

	for (;;) {
		if (poll(&p, 1, WAIT_STEP_MS) != 0)
			return true;
		if (!t->hurry && !end_is_pending())
			continue;
		t->waited_ms += WAIT_STEP_MS;
		if (t->waited_ms > PATIENCE_MS)
			return false;
	}
}

static void write_all(struct terminal *t, struct bytes text)
{
	while (text.len > 0) {
		struct iovec iov = {(void *)text.p, text.len};
		ssize_t n = writer_write(&t->writer, &iov, 1);

		if (n < 0 && (errno != EAGAIN || !wait_writable(t)))
			return;
		if (n > 0) {
			text.p += n;
			text.len -= (size_t)n;
		}
	}
}

/* Write what waits; false: some of it still does. */
static bool flush(struct terminal *t)
{
	while (t->pending.len > 0) {
		struct iovec iov = {t->pending.data, t->pending.len};
		ssize_t n = writer_write(&t->writer, &iov, 1);

		if (n < 0 && errno == EAGAIN)
			return false;
		buf_consume(&t->pending, n > 0 ? (size_t)n : t->pending.len);
	}
	return true;
}

static void flush_all(struct terminal *t)
{
	write_all(t, buf_bytes(&t->pending));
	buf_reset(&t->pending);
}

/* --- the status line */

static void redraw(void *arg)
{
	terminal_show_status(arg);
}

/* Others' output can only be seen to end its line where there is a screen. */
static void end_line(struct terminal *t)
{
	if (t->mid_line && (t->tty || t->status.draw != NULL))
		buf_addc(&t->pending, '\n');
	t->mid_line = false;
}

static void hide_status(struct terminal *t)
{
	if (t->status.erase == NULL || t->hidden)
		return;
	t->status.erase(t->status.arg);
	t->hidden = true;
}

static void want_redraw(struct terminal *t)
{
	if (t->status.draw != NULL)
		loop_defer(t->loop, &t->redraw, redraw, t);
}

/* --- messages */

static void write_messages(struct terminal *t, struct bytes text)
{
	hide_status(t);
	end_line(t);
	flush_all(t);
	write_all(t, text);
	t->mid_line = text.p[text.len - 1] != '\n';
	want_redraw(t);
}

static void write_message(void *arg, struct bytes text)
{
	struct terminal *t = arg;

	if (t->rest == TERMINAL_MORE)
		buf_add(&t->messages, text.p, text.len);
	else if (text.len > 0)
		write_messages(t, text);
}

static void write_held_messages(struct terminal *t)
{
	if (t->messages.len == 0)
		return;
	write_messages(t, buf_bytes(&t->messages));
	buf_reset(&t->messages);
}

struct terminal *terminal_new(struct loop *loop, int fd)
{
	struct terminal *t = xcalloc(1, sizeof *t);

	t->loop = loop;
	t->fd = fd;
	t->tty = isatty(fd);
	writer_open(&t->writer, fd);
	msg_set_writer(write_message, t);
	return t;
}

void terminal_free(struct terminal *t)
{
	if (t == NULL)
		return;
	terminal_end_output(t);
	flush_all(t);
	msg_set_writer(NULL, NULL);
	loop_defer_cancel(t->loop, &t->redraw);
	loop_timer_cancel(t->loop, &t->try_again);
	writer_close(&t->writer);
	buf_clear(&t->pending);
	buf_clear(&t->messages);
	free(t);
}

void terminal_hurry(struct terminal *t)
{
	t->hurry = true;
}

bool terminal_is_tty(const struct terminal *t)
{
	return t->tty;
}

bool terminal_shares(const struct terminal *t, int fd)
{
	struct stat a, b;

	if (fstat(t->fd, &a) < 0 || fstat(fd, &b) < 0 || S_ISREG(b.st_mode))
		return false;
	if (S_ISCHR(a.st_mode))
		return t->tty && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

unsigned terminal_columns(const struct terminal *t)
{
	struct winsize size;

	if (!t->tty || ioctl(t->fd, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

void terminal_set_status(struct terminal *t, const struct terminal_status *status)
{
	t->status = status != NULL ? *status : (struct terminal_status){NULL, NULL, NULL};
	t->hidden = false;
}

bool terminal_is_busy(struct terminal *t)
{
	return t->hidden || !flush(t);
}

void terminal_show_status(struct terminal *t)
{
	if (t->status.draw == NULL || !t->hidden || t->rest == TERMINAL_MORE ||
	    (t->rest == TERMINAL_OPEN && t->mid_line))
		return;
	if (!flush(t)) {
		loop_timer_set(t->loop, &t->try_again,
			       clock_in(TRY_AGAIN_MS * NSEC_PER_MSEC), redraw, t);
		return;
	}
	end_line(t);
	t->hidden = false;
	t->status.draw(t->status.arg);
}

bool terminal_before_output(struct terminal *t)
{
	hide_status(t);
	return flush(t);
}

void terminal_after_output(struct terminal *t, int last, enum terminal_rest rest)
{
	if (last >= 0)
		t->mid_line = last != '\n';
	t->rest = rest;
	if (rest != TERMINAL_MORE)
		write_held_messages(t);
	want_redraw(t);
}

void terminal_close_line(struct terminal *t)
{
	if (t->rest == TERMINAL_OPEN)
		terminal_after_output(t, -1, TERMINAL_END);
}

void terminal_leave(struct terminal *t)
{
	hide_status(t);
	flush(t);
}

void terminal_return(struct terminal *t)
{
	want_redraw(t);
}

void terminal_end_output(struct terminal *t)
{
	t->rest = TERMINAL_END;
	write_held_messages(t);
}

/* The kernel would stop a background process that does this, were SIGTTOU not
 * blocked. */
void terminal_give(int fd, pid_t group)
{
	sigset_t block, old;

	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &old);
	tcsetpgrp(fd, group);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void terminal_write(struct terminal *t, struct bytes text)
{
	buf_add(&t->pending, text.p, text.len);
	flush(t);
}
