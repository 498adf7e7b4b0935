/* SPDX-License-Identifier: ISC */
/* Job output, messages and the status line share one terminal here.  A message that
 * arrives while job output is incomplete waits until that is complete; the status line is
 * erased first and drawn again in the loop's next turn. */
#include <config.h>

#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "sys/outbox.h"
#include "sys/terminal.h"

struct terminal {
	struct loop *loop;
	int fd;
	bool tty;
	bool mid_line;	/* others' output left the cursor inside a line */
	bool hidden;	/* the status line has made way and waits to be drawn */
	enum terminal_rest rest;
	struct outbox *outbox;
	struct loop_call redraw;
	struct terminal_status status;
	struct buf messages; /* wait for the end of what others write */
};

enum { FULL = 64 * 1024 }; /* bytes of messages that wait for a reader */

/* --- the status line */

static void redraw(void *arg)
{
	terminal_show_status(arg);
}

/* Begin a line of our own, where others' output has left the cursor inside one; that
 * can only be seen where there is a screen. */
static void write_line(struct terminal *t, struct bytes text)
{
	struct buf line = BUF_INIT;

	if (t->mid_line && (t->tty || t->status.draw != NULL))
		buf_addc(&line, '\n');
	buf_addb(&line, text);
	outbox_add(t->outbox, buf_bytes(&line));
	buf_clear(&line);
	t->mid_line = false;
}

static void hide_status(struct terminal *t)
{
	if (t->status.erase == NULL || t->hidden)
		return;
	t->status.erase(t->status.arg);
	t->hidden = true;
}

static void want_redraw(void *arg)
{
	struct terminal *t = arg;

	if (t->status.draw != NULL)
		loop_defer(t->loop, &t->redraw, redraw, t);
}

/* --- messages */

static void write_messages(struct terminal *t, struct bytes text)
{
	hide_status(t);
	write_line(t, text);
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

static bool is_full(void *arg)
{
	struct terminal *t = arg;

	return t->messages.len + outbox_waiting(t->outbox) > FULL;
}

struct terminal *terminal_new(struct loop *loop, int fd)
{
	struct terminal *t = xcalloc(1, sizeof *t);

	t->loop = loop;
	t->fd = fd;
	t->tty = isatty(fd);
	t->outbox = outbox_new(loop, fd, want_redraw, t);
	msg_set_writer(write_message, t);
	msg_set_full(is_full, t);
	return t;
}

bool terminal_free(struct terminal *t)
{
	bool written;

	if (t == NULL)
		return true;
	terminal_end_output(t);
	msg_set_writer(NULL, NULL);
	msg_set_full(NULL, NULL);
	loop_defer_cancel(t->loop, &t->redraw);
	written = outbox_free(t->outbox);
	buf_clear(&t->messages);
	free(t);
	return written;
}

void terminal_hurry(struct terminal *t, int64_t at)
{
	outbox_hurry(t->outbox, at);
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
	return t->hidden || outbox_waiting(t->outbox) > 0;
}

void terminal_show_status(struct terminal *t)
{
	if (t->status.draw == NULL || !t->hidden || t->rest == TERMINAL_MORE ||
	    (t->rest == TERMINAL_OPEN && t->mid_line))
		return;
	if (outbox_waiting(t->outbox) > 0)
		return; /* it is drawn when all is written */
	write_line(t, (struct bytes){NULL, 0});
	t->hidden = false;
	t->status.draw(t->status.arg);
}

bool terminal_before_output(struct terminal *t)
{
	hide_status(t);
	return outbox_waiting(t->outbox) == 0;
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

void terminal_write(struct terminal *t, struct bytes text)
{
	outbox_add(t->outbox, text);
}
