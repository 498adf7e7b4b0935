/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/writer.h"

void writer_open(struct writer *w, int fd)
{
	char path[32];
	struct stat st;
	int again;

	*w = (struct writer){.fd = fd};
	if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return;
	w->waitable = true;
	w->socket = S_ISSOCK(st.st_mode);
	w->tty = isatty(fd);
	/* One that is not open for writing must fail, not be opened so. */
	if (w->socket || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	w->own = again >= 0;
	w->small = again < 0;
	if (again >= 0)
		w->fd = again;
}

void writer_close(struct writer *w)
{
	if (w->own)
		close(w->fd);
	w->fd = -1;
}

static ssize_t send_now(int fd, const struct iovec *iov, int n)
{
	struct msghdr msg = {.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n};

	return sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A pipe that polls writable takes PIPE_BUF bytes without blocking. */
static ssize_t write_small(int fd, const struct iovec *iov)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	if (poll(&p, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, iov->iov_base, iov->iov_len < PIPE_BUF ? iov->iov_len : PIPE_BUF);
}

ssize_t writer_write(struct writer *w, const struct iovec *iov, int n)
{
	ssize_t done;

	do {
		if (w->socket)
			done = send_now(w->fd, iov, n);
		else if (w->small)
			done = write_small(w->fd, iov);
		else
			done = writev(w->fd, iov, n);
	} while (done < 0 && errno == EINTR);
	return done;
}
