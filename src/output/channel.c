/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <poll.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "output/channel.h"

static void wait_no_more(struct channel *c)
{
	c->blocked = 0;
	if (c->must_be_read)
		loop_fd_change(c->loop, &c->watch, 0);
	else
		loop_fd_remove(c->loop, &c->watch);
}

static void channel_changed(void *arg, short events)
{
	struct channel *c = arg;

	if (events & POLLOUT) {
		wait_no_more(c);
		c->ready(c->arg);
	} else if (events & (POLLERR | POLLHUP)) {
		loop_fd_remove(c->loop, &c->watch);
		if (!c->writer.tty) /* of a terminal's end SIGHUP tells */
			c->gone(c->arg);
	}
}

void channel_open(struct channel *c, struct loop *loop, struct terminal *terminal, int fd,
		  bool must_be_read)
{
	c->loop = loop;
	c->watch = (struct loop_fd)LOOP_FD_INIT;
	c->blocked = 0;
	c->shares_terminal = terminal_shares(terminal, fd);
	writer_open(&c->writer, fd);
	c->must_be_read =
	    must_be_read && c->writer.waitable &&
	    loop_fd_add(loop, &c->watch, c->writer.fd, 0, channel_changed, c) == 0;
}

void channel_close(struct channel *c)
{
	loop_fd_remove(c->loop, &c->watch);
	writer_close(&c->writer);
}

bool channel_is_direct(const struct channel *c)
{
	return c->writer.direct && !c->shares_terminal;
}

bool channel_is_same(const struct channel *a, const struct channel *b)
{
	struct stat x, y;

	return fstat(a->writer.fd, &x) == 0 && fstat(b->writer.fd, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool channel_wait(struct channel *c)
{
	c->blocked = clock_mono();
	if (c->watch.fd >= 0) {
		loop_fd_change(c->loop, &c->watch, POLLOUT);
	} else if (loop_fd_add(c->loop, &c->watch, c->writer.fd, POLLOUT, channel_changed,
			       c) < 0) {
		c->blocked = 0;
		return false;
	}
	return true;
}
