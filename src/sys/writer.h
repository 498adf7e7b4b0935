/* SPDX-License-Identifier: ISC */
#ifndef SYS_WRITER_H
#define SYS_WRITER_H

/* Writing to an inherited descriptor without ever blocking the loop.
 *
 * O_NONBLOCK belongs to the open file description, which volley shares with its parent
 * and siblings, so it is never set there.  A pipe or a terminal is opened again through
 * /proc for a description of our own; a socket is asked with each call.  Regular files
 * and block devices do not block, and have a position, which a new description would
 * not share. */

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

struct writer {
	int fd;	       /* to write to and to watch for POLLOUT */
	bool own;      /* fd was opened here */
	bool socket;
	bool small;    /* could not be reopened: writes that fit a free page only */
	bool waitable; /* can be watched by the loop */
	bool tty;
	bool direct;   /* accepts data without copying: splice and sendfile work */
	bool grown;    /* a pipe that is as large as it can be made */
};

/* fd stays the caller's.  Never fails: what cannot be reopened is written to
 * in small pieces when it is ready. */
void writer_open(struct writer *w, int fd);
void writer_close(struct writer *w);

/* As writev, but returns -1 with errno EAGAIN instead of blocking. */
ssize_t writer_write(struct writer *w, const struct iovec *iov, int n);

/* Write what there is in a pipe, without a copy.  As splice(2), with errno EAGAIN
 * when either has nothing for the other; EINVAL: it is not direct, after all. */
ssize_t writer_splice(struct writer *w, int pipe_fd, size_t n);

/* Call when a write returned EAGAIN.  True: it is a pipe, and was made larger (only
 * once), so that its reader and volley wait for each other less often: try again. */
bool writer_grow(struct writer *w);

#endif
