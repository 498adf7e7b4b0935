/* SPDX-License-Identifier: ISC */

/* Regular files and memory are read directly and have a size.  Anything else is read
 * when poll says that a read will not block, and otherwise waits in the loop; so the
 * flags of standard input stay as they are. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/input.h"
#include "sys/loop.h"

enum { PIECE = 16 * 1024 };

struct input {
	struct loop *loop;
	char *path;
	input_ready_fn ready;
	void *arg;
	int fd; /* -1: not opened yet */
	bool is_stdin, regular;
	int64_t start; /* regular: the offset of the first byte */
	struct loop_fd watch;
	struct bytes memory; /* p != NULL: the input, instead of a file */
	size_t memory_at;
	char data[PIECE];
};

static int fail(const struct input *in, const char *what, struct err *err)
{
	if (in->is_stdin)
		return err_sys(err, "cannot read standard input");
	return err_sys(err, "cannot %s '%s'", what, in->path);
}

/* O_NONBLOCK, so that a FIFO does not block here until it has a writer; the
 * open file is our own, so no other process sees the flag. */
static int open_path(const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* 0, or -1 with errno. */
static int look_at(struct input *in)
{
	struct stat st;

	if (fstat(in->fd, &st) < 0)
		return -1;
	in->regular = S_ISREG(st.st_mode);
	if (in->regular)
		in->start = lseek(in->fd, 0, SEEK_CUR);
	return 0;
}

static void close_file(struct input *in)
{
	if (in->fd >= 0 && !in->is_stdin)
		close(in->fd);
	in->fd = -1;
}

static int open_input(struct input *in, struct err *err)
{
	if (in->fd >= 0 || in->memory.p != NULL)
		return 0;
	in->fd = in->is_stdin ? STDIN_FILENO : open_path(in->path);
	if (in->fd < 0)
		return fail(in, "open", err);
	if (look_at(in) < 0) {
		fail(in, "read", err);
		close_file(in);
		return -1;
	}
	return 0;
}

/* What poll cannot wait for, it reports as ready; so are end and error. */
static bool is_ready(const struct input *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};
	int n = 1;

	if (!in->regular && in->memory.p == NULL)
		do
			n = poll(&p, 1, 0);
		while (n < 0 && errno == EINTR);
	return n != 0;
}

static void on_readable(void *arg, short events)
{
	struct input *in = arg;

	(void)events;
	loop_fd_remove(in->loop, &in->watch);
	in->ready(in->arg); /* may free in */
}

static enum input_result wait_readable(struct input *in, struct err *err)
{
	if (in->watch.fd >= 0)
		return INPUT_AGAIN;
	if (loop_fd_add(in->loop, &in->watch, in->fd, POLLIN, on_readable, in) == 0)
		return INPUT_AGAIN;
	fail(in, "wait for", err);
	return INPUT_ERROR;
}

static enum input_result read_memory(struct input *in, struct bytes *data)
{
	size_t left = in->memory.len - in->memory_at;

	if (left == 0)
		return INPUT_END;
	*data = (struct bytes){in->memory.p + in->memory_at, left < PIECE ? left : PIECE};
	in->memory_at += data->len;
	return INPUT_DATA;
}

static enum input_result read_piece(struct input *in, struct bytes *data, struct err *err)
{
	ssize_t n;

	do
		n = read(in->fd, in->data, sizeof in->data);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return wait_readable(in, err);
	if (n < 0) {
		fail(in, "read", err);
		return INPUT_ERROR;
	}
	if (n == 0)
		return INPUT_END;
	*data = (struct bytes){in->data, (size_t)n};
	return INPUT_DATA;
}

struct input *input_new(struct loop *loop, const char *path, input_ready_fn ready,
			void *arg)
{
	struct input *in = xcalloc(1, sizeof *in);

	in->loop = loop;
	in->path = xstrdup(path);
	in->is_stdin = strcmp(path, "-") == 0;
	in->ready = ready;
	in->arg = arg;
	in->fd = -1;
	in->watch = (struct loop_fd)LOOP_FD_INIT;
	return in;
}

struct input *input_memory(struct bytes text)
{
	struct input *in = xcalloc(1, sizeof *in);

	in->fd = -1;
	in->watch = (struct loop_fd)LOOP_FD_INIT;
	in->memory = text;
	return in;
}

void input_free(struct input *in)
{
	if (in == NULL)
		return;
	if (in->watch.fd >= 0)
		loop_fd_remove(in->loop, &in->watch);
	close_file(in);
	free(in->path);
	free(in);
}

enum input_result input_read(struct input *in, struct bytes *data, struct err *err)
{
	if (in->memory.p != NULL)
		return read_memory(in, data);
	if (open_input(in, err) < 0)
		return INPUT_ERROR;
	if (!is_ready(in))
		return wait_readable(in, err);
	return read_piece(in, data, err);
}

bool input_readable(struct input *in)
{
	struct err ignored; /* input_read will find it again */

	return open_input(in, &ignored) < 0 || is_ready(in);
}

int64_t input_size(struct input *in)
{
	struct err ignored;
	struct stat st;

	if (in->memory.p != NULL)
		return (int64_t)in->memory.len;
	if (open_input(in, &ignored) < 0 || !in->regular || fstat(in->fd, &st) < 0)
		return -1;
	return st.st_size > in->start ? st.st_size - in->start : 0;
}

ssize_t input_peek(struct input *in, void *to, size_t n, int64_t offset)
{
	ssize_t got;

	if (in->memory.p != NULL) {
		size_t left = in->memory.len - (size_t)offset;

		if (n > left)
			n = left;
		memcpy(to, in->memory.p + offset, n);
		return (ssize_t)n;
	}
	do
		got = pread(in->fd, to, n, in->start + offset);
	while (got < 0 && errno == EINTR);
	return got;
}
