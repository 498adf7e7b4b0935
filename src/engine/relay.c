/* SPDX-License-Identifier: ISC */
/* Reads from the process's pipe as the loop reports it, and prints up to the last
 * newline.  While the messages are full, the pipe is left alone for a while. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "engine/relay.h"

enum {
	READ_SIZE = 16 * 1024,
	MAX_READS = 64, /* per turn */
	MAX_LINE = 64 * 1024, /* what is longer is printed in pieces */
	HOLD_MS = 20, /* until messages are asked again whether they are full */
};

void relay_init(struct relay *r)
{
	r->fd = -1;
	r->watch = (struct loop_fd)LOOP_FD_INIT;
}

void relay_close(struct relay *r)
{
	loop_timer_cancel(r->loop, &r->later);
	if (r->fd < 0)
		return;
	loop_fd_remove(r->loop, &r->watch);
	close(r->fd);
	r->fd = -1;
}

void relay_clear(struct relay *r)
{
	relay_close(r);
	buf_clear(&r->line);
}

static void print(struct relay *r, struct bytes data)
{
	const char *end = memrchr(data.p, '\n', data.len);
	size_t whole = end != NULL ? (size_t)(end + 1 - data.p) : 0;

	buf_add(&r->line, data.p, whole);
	if (whole > 0 || r->line.len + data.len > MAX_LINE) {
		msg_raw(buf_bytes(&r->line));
		buf_reset(&r->line);
	}
	buf_add(&r->line, data.p + whole, data.len - whole);
}

static void print_rest(struct relay *r)
{
	if (r->line.len == 0)
		return;
	buf_addc(&r->line, '\n');
	msg_raw(buf_bytes(&r->line));
	buf_reset(&r->line);
}

/* False at end of file. */
static bool read_some(struct relay *r)
{
	char data[READ_SIZE];

	for (int i = 0; i < MAX_READS; i++) {
		ssize_t n = read(r->fd, data, sizeof data);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		print(r, (struct bytes){data, (size_t)n});
		if ((size_t)n < sizeof data)
			return true;
	}
	return true;
}

static void watch(void *relay);

static void on_readable(void *arg, short events)
{
	struct relay *r = arg;

	(void)events;
	if (msg_is_full()) {
		loop_fd_remove(r->loop, &r->watch);
		loop_timer_set(r->loop, &r->later, clock_in(HOLD_MS * NSEC_PER_MSEC),
			       watch, r);
	} else if (!read_some(r)) {
		relay_close(r);
		print_rest(r);
	}
}

static void watch(void *arg)
{
	struct relay *r = arg;

	if (loop_fd_add(r->loop, &r->watch, r->fd, POLLIN, on_readable, r) < 0)
		r->failed(r->arg);
}

void relay_open(struct relay *r, int fd)
{
	r->fd = fd;
	watch(r);
}

void relay_finish(struct relay *r)
{
	if (r->fd >= 0)
		read_some(r);
	print_rest(r);
	relay_close(r);
}
