/* SPDX-License-Identifier: ISC */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

/* The event loop: descriptors, timers, signals, child exits, deferred calls.
 *
 * Sole owner of epoll, of the signalfd and of the wait functions.  It knows nothing about
 * jobs.  Callbacks come only from loop_run, never from inside a call that the
 * receiver made.  Watches are embedded in their owners' structs; an owner
 * removes them before it frees itself, also from within callbacks. */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/list.h"

struct loop;

/* Call first in main: USR1 and USR2 wait until they are watched, instead of ending the
 * program while it still waits for something else.  Children get the mask as it was. */
void loop_hold_signals(void);

/* NULL with err filled.  From now on a write to a pipe without a reader fails with
 * EPIPE, one beyond a limit with EFBIG: SIGPIPE and SIGXFSZ are blocked.  All
 * signals that are later watched must not have handlers; they are blocked and read
 * from a signalfd. */
struct loop *loop_new(struct err *err);
void loop_free(struct loop *loop);

/* Run until loop_stop is called, or the loop has failed. */
void loop_run(struct loop *loop);

/* Why the loop has failed: the kernel refuses to report events, or the ends of children,
 * again and again.  Nothing more will be reported.  NULL: it has not. */
const struct err *loop_error(const struct loop *loop);

/* Tests: one turn, which takes what is ready and does not wait. */
void loop_turn(struct loop *loop);

void loop_stop(struct loop *loop);

/* --- descriptors */

struct loop_fd;
/* events: POLLIN/POLLOUT/POLLHUP/POLLERR as in poll(2). */
typedef void (*loop_fd_fn)(void *arg, short events);

struct loop_fd {
	int fd; /* -1: not watched */
	short events;
	loop_fd_fn fn;
	void *arg;
	struct link polled; /* in the list of those that epoll has refused */
};

#define LOOP_FD_INIT                                                                     \
	{                                                                                \
		.fd = -1                                                                 \
	}

/* Watch fd for events (POLLIN, POLLOUT, or 0 for POLLHUP only); one watch for
 * each descriptor.  When the system has no more watches, poll(2) takes their place.
 * Returns 0; or -1 with errno EPERM for what cannot be waited for because it is
 * always ready (a regular file, /dev/null), or EBADF.
 * Does not own the descriptor: remove the watch, then close. */
int loop_fd_add(struct loop *loop, struct loop_fd *w, int fd, short events, loop_fd_fn fn,
		void *arg) __attribute__((warn_unused_result));
void loop_fd_change(struct loop *loop, struct loop_fd *w, short events);
void loop_fd_remove(struct loop *loop, struct loop_fd *w); /* may be unwatched */

/* --- timers */

typedef void (*loop_call_fn)(void *arg);

struct loop_timer {
	int64_t at; /* clock_mono nanoseconds */
	loop_call_fn fn;
	void *arg;
	size_t pos; /* 1 + place in the heap; 0: not set */
};

/* Call fn(arg) once, at or soon after the time at; setting again moves it.  What
 * descriptors, signals and children had to report by then is reported first. */
void loop_timer_set(struct loop *loop, struct loop_timer *t, int64_t at, loop_call_fn fn,
		    void *arg);
void loop_timer_cancel(struct loop *loop, struct loop_timer *t); /* may be unset */

/* --- deferred calls */

struct loop_call {
	loop_call_fn fn;
	void *arg;
	struct link link;
	bool queued;
};

/* Call fn(arg) once in the next turn of the loop; a call already queued stays
 * queued once. */
void loop_defer(struct loop *loop, struct loop_call *c, loop_call_fn fn, void *arg);
void loop_defer_cancel(struct loop *loop, struct loop_call *c);

/* --- signals */

typedef void (*loop_signal_fn)(void *arg, int signo);

/* Watch a signal from now on.  A signal that was ignored when the program
 * started stays ignored and is not watched. */
void loop_signal(struct loop *loop, int signo, loop_signal_fn fn, void *arg);

/* Call the watch of a signal that was sent to others and concerns this process too;
 * nothing if it is not watched. */
void loop_signal_deliver(struct loop *loop, int signo);

/* Let the kernel do to this process what the signal does by default: stop it
 * (the call returns when it is continued) or end it. */
void loop_signal_default(int signo);

/* The signal mask that the program was started with: what children get. */
const sigset_t *loop_inherited_mask(const struct loop *loop);

/* --- children */

struct loop_child;
/* status as waitpid has it: an exit, a death by signal, or a stop. */
typedef void (*loop_child_fn)(void *arg, int status);

struct loop_child {
	pid_t pid;
	loop_child_fn fn;
	void *arg;
	bool ended; /* its end was reported; it is a zombie until it is reaped */
	struct loop_child *next; /* in the hash chain */
	struct link link;	 /* among those that have not ended */
};

/* Call right after the spawn, before the loop runs again.  fn may be called for
 * several stops and is called once for the end.  The child then remains a zombie,
 * so that no other process or group gets its number, until loop_child_reap. */
void loop_child_add(struct loop *loop, struct loop_child *c, pid_t pid, loop_child_fn fn,
		    void *arg);

/* Reap a child that has ended; the watch ends.  *usage: of this child and of those
 * that it has waited for.  A child that is held for long costs: while there is one,
 * each child is asked for separately. */
void loop_child_reap(struct loop *loop, struct loop_child *c, struct rusage *usage);

#endif
