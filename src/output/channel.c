/* SPDX-License-Identifier: ISC */
/* Writes batches of spooled bytes to a descriptor without blocking: by writev, or from
 * a temporary file by sendfile.  On EAGAIN the loop watches the descriptor.  On the
 * terminal, the progress bar gives way before each write. */

#include <config.h>

#include <errno.h>
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
		if (!c->writer.tty) /* the end of a terminal comes as SIGHUP */
			c->gone(c->arg);
	}
}

void channel_open(struct channel *c, struct loop *loop, struct terminal *terminal, int fd,
		  bool must_be_read)
{
	c->loop = loop;
	c->terminal = terminal;
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

void channel_wait(struct channel *c)
{
	c->blocked = clock_mono();
	if (c->watch.fd >= 0) {
		loop_fd_change(c->loop, &c->watch, POLLOUT);
	} else if (loop_fd_add(c->loop, &c->watch, c->writer.fd, POLLOUT, channel_changed,
			       c) < 0) {
		c->blocked = 0;
		c->ready(c->arg); /* it cannot be watched: try again soon */
	}
}

/* --- writing */

int channel_gather(const struct channel *c, struct channel_batch *b, struct spool *s,
		   struct err *err)
{
	struct bytes data;

	if (spool_is_in_file(s) && channel_is_direct(c)) {
		b->from_file = true;
		b->spools[b->n++] = s;
		return 0;
	}
	if (spool_peek(s, &data, err) < 0)
		return -1;
	if (data.len > 0) {
		b->iov[b->n] = (struct iovec){(void *)data.p, data.len};
		b->spools[b->n++] = s;
	}
	return 0;
}

/* Drop from the spools what was written. */
static void take_written(struct channel *c, const struct channel_batch *b,
			 struct spill *spill, size_t n)
{
	for (int i = 0; i < b->n && n > 0; i++) {
		size_t take = n < b->iov[i].iov_len ? n : b->iov[i].iov_len;

		c->last_byte = ((const unsigned char *)b->iov[i].iov_base)[take - 1];
		spool_take(b->spools[i], spill, take);
		n -= take;
	}
	c->inside_line = c->last_byte != '\n';
}

static int write_memory(struct channel *c, const struct channel_batch *b,
			struct spill *spill)
{
	ssize_t n = writer_write(&c->writer, b->iov, b->n);

	if (n > 0)
		take_written(c, b, spill, (size_t)n);
	return n < 0 ? -1 : 0;
}

static int send_file(struct channel *c, struct spool *s, struct spill *spill)
{
	ssize_t n = spool_send(s, spill, c->writer.fd);

	if (n > 0) {
		c->inside_line = !spool_is_empty(s);
		return 0;
	}
	if (n < 0 && errno == EAGAIN)
		return -1;
	c->writer.direct = false; /* copying works, or reports what is wrong */
	return 0;
}

int channel_write(struct channel *c, const struct channel_batch *b, struct spill *spill)
{
	int result;

	c->last_byte = -1;
	if (c->shares_terminal && !terminal_before_output(c->terminal)) {
		errno = EAGAIN;
		result = -1;
	} else {
		result = b->from_file ? send_file(c, b->spools[0], spill)
				      : write_memory(c, b, spill);
	}
	if (result < 0 && errno == EAGAIN) {
		if (writer_grow(&c->writer))
			return 0;
		channel_wait(c);
		errno = EAGAIN;
	}
	return result;
}

size_t channel_write_after(struct channel *c, struct spool *before, struct spill *spill,
			   struct bytes data)
{
	struct bytes first;
	struct err ignored; /* spool_peek fails only for a file */
	ssize_t n;

	if (spool_peek(before, &first, &ignored) < 0)
		return 0;
	n = writer_write(&c->writer,
			 (struct iovec[]){{(void *)first.p, first.len},
					  {(void *)data.p, data.len}},
			 2);
	if (n <= 0)
		return 0;
	c->inside_line = (size_t)n > first.len
			     ? data.p[(size_t)n - first.len - 1] != '\n'
			     : first.p[n - 1] != '\n';
	if ((size_t)n < first.len)
		first.len = (size_t)n;
	spool_take(before, spill, first.len);
	return (size_t)n - first.len;
}
