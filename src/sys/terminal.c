/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

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
	struct writer writer;
	struct loop_call redraw;
	struct terminal_status status;
	bool hurry;
	int waited_ms; /* in a hurry, for messages to be taken */
};

enum { WAIT_STEP_MS = 50, PATIENCE_MS = 500 };

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

static void write_message(void *arg, struct bytes text)
{
	struct terminal *t = arg;

	if (text.len == 0)
		return;
	terminal_before_output(t);
	if (t->mid_line)
		write_all(t, bytes_str("\n"));
	write_all(t, text);
	terminal_after_output(t, text.p[text.len - 1]);
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
	msg_set_writer(NULL, NULL);
	loop_defer_cancel(t->loop, &t->redraw);
	writer_close(&t->writer);
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

	return t->tty && fstat(t->fd, &a) == 0 && fstat(fd, &b) == 0 &&
	       S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev;
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

void terminal_before_output(struct terminal *t)
{
	if (t->status.erase == NULL || t->hidden)
		return;
	t->status.erase(t->status.arg);
	t->hidden = true;
}

bool terminal_is_hidden(const struct terminal *t)
{
	return t->hidden;
}

void terminal_show_status(struct terminal *t)
{
	if (t->status.draw == NULL || !t->hidden)
		return;
	if (t->mid_line)
		terminal_write(t, bytes_str("\n"));
	t->mid_line = false;
	t->hidden = false;
	t->status.draw(t->status.arg);
}

static void redraw(void *arg)
{
	terminal_show_status(arg);
}

void terminal_after_output(struct terminal *t, char last)
{
	t->mid_line = last != '\n';
	if (t->status.draw != NULL)
		loop_defer(t->loop, &t->redraw, redraw, t);
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
	struct iovec iov = {(void *)text.p, text.len};

	(void)!writer_write(&t->writer, &iov, 1);
}
