/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/loop.h"

enum { MAX_EVENTS = 64, CHILD_BUCKETS = 1024, MAX_SIGNALS = 65 };
enum { LONGEST_WAIT_MS = 3600 * 1000 };

#define NOT_FIRING INT64_MIN

struct signal_watch {
	loop_signal_fn fn;
	void *arg;
};

struct loop {
	int epoll_fd, signal_fd;
	bool stopped;
	struct loop_fd signal_watch;
	sigset_t watched, inherited;
	struct signal_watch signals[MAX_SIGNALS];
	struct loop_timer **timers; /* a binary heap, the earliest first */
	size_t ntimers, timers_cap;
	int64_t firing; /* timers up to this time are being called just now */
	struct link calls, calls_mark;
	struct loop_child *children[CHILD_BUCKETS];
	struct epoll_event batch[MAX_EVENTS]; /* what one turn has found ready */
	int nbatch;
};

/* --- descriptors */

static int control(struct loop *loop, int op, struct loop_fd *w, short events)
{
	struct epoll_event ev = {.events = (uint32_t)events, .data.ptr = w};

	return epoll_ctl(loop->epoll_fd, op, w->fd, &ev);
}

int loop_fd_add(struct loop *loop, struct loop_fd *w, int fd, short events, loop_fd_fn fn,
		void *arg)
{
	assert(w->fd < 0);
	*w = (struct loop_fd){fd, fn, arg};
	if (control(loop, EPOLL_CTL_ADD, w, events) == 0)
		return 0;
	w->fd = -1;
	return -1;
}

void loop_fd_change(struct loop *loop, struct loop_fd *w, short events)
{
	int failed = control(loop, EPOLL_CTL_MOD, w, events);

	assert(!failed);
	(void)failed;
}

/* A forked child may hold a copy of the descriptor until its exec, so closing
 * it would not take it out of the set: it must be removed by name.  What this
 * turn has already found ready is forgotten as well. */
void loop_fd_remove(struct loop *loop, struct loop_fd *w)
{
	if (w->fd < 0)
		return;
	control(loop, EPOLL_CTL_DEL, w, 0);
	w->fd = -1;
	for (int i = 0; i < loop->nbatch; i++)
		if (loop->batch[i].data.ptr == w)
			loop->batch[i].data.ptr = NULL;
}

/* --- timers */

static void heap_put(struct loop *loop, size_t pos, struct loop_timer *t)
{
	loop->timers[pos] = t;
	t->pos = pos + 1;
}

static void heap_up(struct loop *loop, size_t pos)
{
	struct loop_timer *t = loop->timers[pos];

	while (pos > 0 && loop->timers[(pos - 1) / 2]->at > t->at) {
		heap_put(loop, pos, loop->timers[(pos - 1) / 2]);
		pos = (pos - 1) / 2;
	}
	heap_put(loop, pos, t);
}

static void heap_down(struct loop *loop, size_t pos)
{
	struct loop_timer *t = loop->timers[pos];

	for (;;) {
		size_t child = 2 * pos + 1;

		if (child >= loop->ntimers)
			break;
		if (child + 1 < loop->ntimers &&
		    loop->timers[child + 1]->at < loop->timers[child]->at)
			child++;
		if (loop->timers[child]->at >= t->at)
			break;
		heap_put(loop, pos, loop->timers[child]);
		pos = child;
	}
	heap_put(loop, pos, t);
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *t)
{
	size_t pos = t->pos - 1;
	struct loop_timer *last;

	if (t->pos == 0)
		return;
	t->pos = 0;
	last = loop->timers[--loop->ntimers];
	if (last == t)
		return;
	heap_put(loop, pos, last);
	heap_up(loop, pos);
	heap_down(loop, last->pos - 1);
}

void loop_timer_set(struct loop *loop, struct loop_timer *t, int64_t at, loop_call_fn fn,
		    void *arg)
{
	loop_timer_cancel(loop, t);
	t->at = at > loop->firing ? at : loop->firing + 1;
	t->fn = fn;
	t->arg = arg;
	loop->timers = xgrow(loop->timers, &loop->timers_cap, loop->ntimers + 1,
			     sizeof(struct loop_timer *));
	loop->timers[loop->ntimers++] = t;
	heap_up(loop, loop->ntimers - 1);
}

/* Timers that fire now may set themselves again, for any time: those wait for
 * the next turn, so that they cannot keep the loop from its descriptors. */
static void run_timers(struct loop *loop)
{
	if (loop->ntimers == 0)
		return;
	loop->firing = clock_mono();
	while (loop->ntimers > 0 && loop->timers[0]->at <= loop->firing &&
	       !loop->stopped) {
		struct loop_timer *t = loop->timers[0];

		loop_timer_cancel(loop, t);
		t->fn(t->arg);
	}
	loop->firing = NOT_FIRING;
}

/* --- deferred calls */

void loop_defer(struct loop *loop, struct loop_call *c, loop_call_fn fn, void *arg)
{
	if (c->queued)
		return;
	c->fn = fn;
	c->arg = arg;
	c->queued = true;
	list_append(&loop->calls, &c->link);
}

void loop_defer_cancel(struct loop *loop, struct loop_call *c)
{
	(void)loop;
	if (!c->queued)
		return;
	list_remove(&c->link);
	c->queued = false;
}

/* Only the calls that are queued now: one that defers itself again must not
 * keep the loop from its descriptors. */
static void run_calls(struct loop *loop)
{
	struct link *mark = &loop->calls_mark;

	if (list_empty(&loop->calls))
		return;
	list_append(&loop->calls, mark);
	while (loop->calls.next != mark) {
		struct loop_call *c =
		    LIST_ENTRY(loop->calls.next, struct loop_call, link);

		loop_defer_cancel(loop, c);
		c->fn(c->arg);
	}
	list_remove(mark);
}

/* --- children */

static struct loop_child **bucket(struct loop *loop, pid_t pid)
{
	return &loop->children[(unsigned)pid % CHILD_BUCKETS];
}

void loop_child_add(struct loop *loop, struct loop_child *c, pid_t pid, loop_child_fn fn,
		    void *arg)
{
	struct loop_child **b = bucket(loop, pid);

	*c = (struct loop_child){pid, fn, arg, *b};
	*b = c;
}

/* An unknown pid is a process that a job left behind and that volley, the
 * subreaper, has inherited: reaping it is all there is to do. */
static void child_changed(struct loop *loop, pid_t pid, int status,
			  const struct rusage *usage)
{
	struct loop_child **p = bucket(loop, pid);
	struct loop_child *c;

	while (*p != NULL && (*p)->pid != pid)
		p = &(*p)->next;
	c = *p;
	if (c == NULL)
		return;
	if (!WIFSTOPPED(status))
		*p = c->next;
	c->fn(c->arg, status, usage);
}

static void reap(struct loop *loop)
{
	struct rusage usage;
	int status;
	pid_t pid;

	do {
		pid = wait4(-1, &status, WNOHANG | WUNTRACED, &usage);
		if (pid > 0)
			child_changed(loop, pid, status, &usage);
	} while (pid > 0 || (pid < 0 && errno == EINTR));
}

/* --- signals */

static void signals_ready(void *arg, short events)
{
	struct signalfd_siginfo info[8];
	struct loop *loop = arg;
	bool children = false;
	ssize_t n;

	(void)events;
	n = read(loop->signal_fd, info, sizeof info);
	for (ssize_t i = 0; i < n / (ssize_t)sizeof info[0]; i++) {
		const struct signal_watch *w = &loop->signals[info[i].ssi_signo];

		if (info[i].ssi_signo == SIGCHLD)
			children = true;
		else if (w->fn != NULL)
			w->fn(w->arg, (int)info[i].ssi_signo);
	}
	if (children)
		reap(loop);
}

static void watch_signal(struct loop *loop, int signo)
{
	sigaddset(&loop->watched, signo);
	sigprocmask(SIG_BLOCK, &loop->watched, NULL);
	signalfd(loop->signal_fd, &loop->watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

void loop_signal(struct loop *loop, int signo, loop_signal_fn fn, void *arg)
{
	struct sigaction old;

	assert(signo > 0 && signo < MAX_SIGNALS);
	sigaction(signo, NULL, &old);
	if (old.sa_handler == SIG_IGN)
		return;
	loop->signals[signo] = (struct signal_watch){fn, arg};
	watch_signal(loop, signo);
}

void loop_signal_default(int signo)
{
	sigset_t one, old;

	sigemptyset(&one);
	sigaddset(&one, signo);
	signal(signo, SIG_DFL);
	raise(signo);
	sigprocmask(SIG_UNBLOCK, &one, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* A write to where nobody reads, or beyond a limit (ulimit -f), shall fail, not end
 * the program there and then, with children left running.  Blocked, not ignored:
 * children get the old mask, and their signals are as they were. */
static void block_write_signals(void)
{
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGPIPE);
	sigaddset(&both, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &both, NULL);
}

const sigset_t *loop_inherited_mask(const struct loop *loop)
{
	return &loop->inherited;
}

/* --- the loop */

static int wait_ms(const struct loop *loop)
{
	int64_t left;

	if (!list_empty(&loop->calls))
		return 0;
	if (loop->ntimers == 0)
		return -1;
	left = loop->timers[0]->at - clock_mono();
	if (left <= 0)
		return 0;
	if (left > LONGEST_WAIT_MS * NSEC_PER_MSEC)
		return LONGEST_WAIT_MS;
	return (int)((left + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC);
}

static void run_descriptors(struct loop *loop, int timeout_ms)
{
	loop->nbatch = epoll_wait(loop->epoll_fd, loop->batch, MAX_EVENTS, timeout_ms);
	for (int i = 0; i < loop->nbatch && !loop->stopped; i++) {
		struct loop_fd *w = loop->batch[i].data.ptr;

		if (w != NULL)
			w->fn(w->arg, (short)loop->batch[i].events);
	}
	loop->nbatch = 0;
}

void loop_turn(struct loop *loop)
{
	loop->stopped = false;
	run_calls(loop);
	run_timers(loop);
	run_descriptors(loop, 0);
}

void loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped) {
		run_calls(loop);
		run_timers(loop);
		if (!loop->stopped)
			run_descriptors(loop, wait_ms(loop));
	}
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

struct loop *loop_new(struct err *err)
{
	struct loop *loop = xcalloc(1, sizeof *loop);

	list_init(&loop->calls);
	loop->firing = NOT_FIRING;
	loop->signal_watch = (struct loop_fd)LOOP_FD_INIT;
	sigprocmask(SIG_SETMASK, NULL, &loop->inherited);
	sigemptyset(&loop->watched);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		err_sys(err, "cannot create an epoll set");
		goto free_loop;
	}
	loop->signal_fd = signalfd(-1, &loop->watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signal_fd < 0) {
		err_sys(err, "cannot create a signal descriptor");
		goto close_epoll;
	}
	if (loop_fd_add(loop, &loop->signal_watch, loop->signal_fd, POLLIN, signals_ready,
			loop) < 0) {
		err_sys(err, "cannot watch for signals");
		goto close_signal;
	}
	signal(SIGCHLD, SIG_DFL); /* inherited as ignored, it would hide all exits */
	watch_signal(loop, SIGCHLD);
	block_write_signals();
	return loop;

close_signal:
	close(loop->signal_fd);
close_epoll:
	close(loop->epoll_fd);
free_loop:
	free(loop);
	return NULL;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	close(loop->signal_fd);
	close(loop->epoll_fd);
	free(loop->timers);
	free(loop);
}
