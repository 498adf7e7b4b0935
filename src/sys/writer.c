/* SPDX-License-Identifier: ISC */
/* Opens a descriptor's file again for a non-blocking description of its own, and writes
 * or splices to it.  Where that is not possible, a pipe is polled before each write and
 * given at most PIPE_BUF bytes, which a writable pipe takes without blocking. */
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

enum { PIPE_SIZE = 1024 * 1024 }; /* what the kernel allows any user by default */

void writer_open(struct writer *w, int fd)
{
	char path[32];
	struct stat st;
	int again;

	*w = (struct writer){.fd = fd, .grown = true};
	if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode))
		return;
	if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
		w->direct = true;
		return;
	}
	w->waitable = true;
	w->socket = S_ISSOCK(st.st_mode);
	w->tty = isatty(fd);
	/* A descriptor that is not open for writing must fail, not be reopened for
	 * writing. */
	if (w->socket || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	w->own = again >= 0;
	w->small = again < 0;
	if (again < 0)
		return;
	w->fd = again;
	w->direct = !w->tty;
	w->grown = !S_ISFIFO(st.st_mode);
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

ssize_t writer_splice(struct writer *w, int pipe_fd, size_t n)
{
	ssize_t done;

	do
		done = splice(pipe_fd, NULL, w->fd, NULL, n,
			      SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (done < 0 && errno == EINTR);
	if (done < 0 && errno == EINVAL)
		w->direct = false;
	return done;
}

bool writer_grow(struct writer *w)
{
	if (w->grown)
		return false;
	w->grown = true;
	return fcntl(w->fd, F_GETPIPE_SZ) < PIPE_SIZE &&
	       fcntl(w->fd, F_SETPIPE_SZ, PIPE_SIZE) >= 0;
}
