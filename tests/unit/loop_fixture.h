/* SPDX-License-Identifier: ISC */
#ifndef LOOP_FIXTURE_H
#define LOOP_FIXTURE_H

/* A loop whose callbacks note what they are told, and an epoll_ctl that fails when
 * it is to. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loop_notes.h"
#include "tap.h"

static void note(void *arg)
{
	buf_addf(&said, "%s ", (const char *)arg);
}

static void make_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
}

static void close_pipe(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static int refuse; /* what epoll_ctl fails with; 0: it works */

/* In the place of libc's. */
int epoll_ctl(int set, int op, int fd, struct epoll_event *ev)
{
	if (refuse != 0) {
		errno = refuse;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, set, op, fd, ev);
}

static void watch(struct loop_fd *w, int fd, short events, loop_fd_fn fn, void *arg)
{
	if (loop_fd_add(loop, w, fd, events, fn, arg) < 0)
		abort();
}

static void note_events(void *arg, short events)
{
	buf_addf(&said, "%s:%s%s%s%s ", (const char *)arg, events & POLLIN ? "in" : "",
		 events & POLLOUT ? "out" : "", events & POLLHUP ? "hup" : "",
		 events & POLLERR ? "err" : "");
}

#endif
