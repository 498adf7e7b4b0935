/* SPDX-License-Identifier: ISC */
/* One turn of the loop makes the deferred calls, waits for descriptors (epoll, and poll
 * for what epoll refuses), reports those that are ready, then fires the timers that are
 * due.  Signals and the ends of children arrive through a signalfd, which is one of the
 * descriptors. */
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
#include "sys/process.h"

enum {
	MAX_EVENTS = 64, /* that are taken at a time */
	MAX_POLLED = MAX_EVENTS / 2,
	MAX_SIGNALS = 65,
	LONGEST_WAIT_MS = 3600 * 1000,
	SHORT_WAIT_MS = 10,
	CALL_ROUNDS = 8,
	BUCKETS = 1024,	  /* of the hash table of children */
	ORPHANS_MS = 100, /* between two looks for orphans that have ended */
	AGAIN_MS = 100,	  /* after a wait call that failed */
};

#define NOT_FIRING INT64_MIN

/* Calls that have failed for this long are assumed to fail forever. */
#define GIVE_UP_NS NSEC_PER_SEC

static sigset_t held_from; /* the mask before loop_hold_signals */
static bool holding;

struct signal_watch {
	loop_signal_fn fn;
	void *arg;
};

struct loop {
	int epoll_fd, signal_fd;
	bool stopped;
	struct loop_fd **watches; /* by descriptor; NULL: none */
	size_t watches_cap, nwatches;
	struct link polled; /* watches that epoll has refused */
	struct pollfd *pollfds;
	size_t pollfds_cap;
	struct loop_fd signal_watch;
	sigset_t watched, inherited;
	struct signal_watch signals[MAX_SIGNALS];
	struct loop_timer **timers; /* a binary heap, the earliest first */
	size_t ntimers, timers_cap;
	int64_t firing; /* timers up to this time are being called now */
	struct link calls, calls_mark;
	struct loop_child *children[BUCKETS]; /* by pid */
	struct link running;   /* children that have not ended */
	size_t nended;	       /* those that have, and are not reaped */
	bool may_have_orphans; /* that ended unseen, while there was one of those */
	struct loop_call collect_again;
	struct loop_timer find_orphans, ask_again;
	struct epoll_event batch[MAX_EVENTS]; /* what one turn has found ready */
	int nbatch;
	int64_t epoll_failed, wait_failed; /* since when; 0: the last call succeeded */
	struct err err;
	bool failed;
};

/* With errno, after each call of a kind: 0 or more is a success. */
static void note_result(struct loop *loop, int64_t *failed, int result, const char *what)
{
	int64_t now;

	if (result >= 0) {
		*failed = 0;
		return;
	}
	now = clock_mono();
	if (*failed == 0)
		*failed = now;
	if (now - *failed < GIVE_UP_NS || loop->failed)
		return;
	err_sys(&loop->err, "cannot wait for %s", what);
	loop->failed = true;
	loop_stop(loop);
}

const struct err *loop_error(const struct loop *loop)
{
	return loop->failed ? &loop->err : NULL;
}

/* --- descriptors
 *
 * epoll knows descriptors, and a table leads from there to their watches, so that
 * even one that it could not be made to forget does no harm.  The watches that it
 * has no room for (fs.epoll.max_user_watches, or no memory) are polled, together
 * with the epoll set, which is ready when one of its descriptors is. */

static int control(struct loop *loop, int op, int fd, short events)
{
	struct epoll_event ev = {.events = (uint32_t)events, .data.fd = fd};

	return epoll_ctl(loop->epoll_fd, op, fd, &ev);
}

static struct loop_fd *watch_of(struct loop *loop, int fd)
{
	return fd >= 0 && (size_t)fd < loop->watches_cap ? loop->watches[fd] : NULL;
}

static void remember(struct loop *loop, struct loop_fd *w)
{
	size_t before = loop->watches_cap, fd = (size_t)w->fd;

	loop->watches =
	    xgrow(loop->watches, &loop->watches_cap, fd + 1, sizeof(struct loop_fd *));
	for (size_t i = before; i < loop->watches_cap; i++)
		loop->watches[i] = NULL;
	loop->watches[fd] = w;
	loop->nwatches++;
}

static bool is_polled(const struct loop_fd *w)
{
	return !list_empty(&w->polled);
}

int loop_fd_add(struct loop *loop, struct loop_fd *w, int fd, short events, loop_fd_fn fn,
		void *arg)
{
	int failed;

	assert(w->fd < 0 && watch_of(loop, fd) == NULL);
	failed = control(loop, EPOLL_CTL_ADD, fd, events);
	if (failed && errno == EEXIST)
		failed = control(loop, EPOLL_CTL_MOD, fd, events);
	if (failed && (errno == EPERM || errno == EBADF))
		return -1;
	*w = (struct loop_fd){.fd = fd, .events = events, .fn = fn, .arg = arg};
	list_init(&w->polled);
	if (failed)
		list_append(&loop->polled, &w->polled);
	remember(loop, w);
	return 0;
}

void loop_fd_change(struct loop *loop, struct loop_fd *w, short events)
{
	assert(w->fd >= 0);
	w->events = events;
	if (is_polled(w) || control(loop, EPOLL_CTL_MOD, w->fd, events) == 0)
		return;
	control(loop, EPOLL_CTL_DEL, w->fd, 0);
	list_append(&loop->polled, &w->polled);
}

/* A forked child may hold a copy of the descriptor until its exec, so closing
 * it would not take it out of the set: it must be removed by name.  What this
 * turn has already found ready is forgotten as well. */
void loop_fd_remove(struct loop *loop, struct loop_fd *w)
{
	if (w->fd < 0)
		return;
	if (!is_polled(w))
		control(loop, EPOLL_CTL_DEL, w->fd, 0);
	list_remove(&w->polled);
	loop->watches[w->fd] = NULL;
	loop->nwatches--;
	for (int i = 0; i < loop->nbatch; i++)
		if (loop->batch[i].data.fd == w->fd)
			loop->batch[i].data.fd = -1;
	w->fd = -1;
}

/* Wait for what is polled or in the epoll set.  Of the former, those that are ready
 * are put into the batch, and move to the end of the list: others come first next
 * time.  -1: it cannot be waited for. */
static int poll_refused(struct loop *loop, int timeout_ms)
{
	size_t n = 1;
	int found = 0;

	loop->pollfds = xgrow(loop->pollfds, &loop->pollfds_cap, loop->nwatches + 1,
			      sizeof *loop->pollfds);
	loop->pollfds[0] = (struct pollfd){.fd = loop->epoll_fd, .events = POLLIN};
	for (struct link *l = loop->polled.next; l != &loop->polled; l = l->next) {
		const struct loop_fd *w = LIST_ENTRY(l, struct loop_fd, polled);

		loop->pollfds[n++] = (struct pollfd){.fd = w->fd, .events = w->events};
	}
	if (poll(loop->pollfds, n, timeout_ms) < 0)
		return -1;
	for (size_t i = 1; i < n && found < MAX_POLLED; i++) {
		const struct pollfd *p = &loop->pollfds[i];
		struct loop_fd *w = watch_of(loop, p->fd);

		if (p->revents == 0)
			continue;
		loop->batch[found++] = (struct epoll_event){
		    .events = (uint32_t)p->revents, .data.fd = p->fd};
		list_remove(&w->polled);
		list_append(&loop->polled, &w->polled);
	}
	return found;
}

/* The set may still hold a descriptor that could not be removed. */
static void drop_stale(struct loop *loop, int from)
{
	for (int i = from; i < loop->nbatch; i++) {
		int fd = loop->batch[i].data.fd;
		const struct loop_fd *w = watch_of(loop, fd);

		if (w != NULL && !is_polled(w))
			continue;
		control(loop, EPOLL_CTL_DEL, fd, 0);
		loop->batch[i].data.fd = -1;
	}
}

/* Fill the batch with what is ready. */
static void find_ready(struct loop *loop, int timeout_ms)
{
	int polled = 0, n;

	if (!list_empty(&loop->polled)) {
		polled = poll_refused(loop, timeout_ms);
		timeout_ms = polled < 0 ? SHORT_WAIT_MS : 0;
		polled = polled < 0 ? 0 : polled;
	}
	n = epoll_wait(loop->epoll_fd, loop->batch + polled, MAX_EVENTS - polled,
		       timeout_ms);
	if (n >= 0 || errno != EINTR)
		note_result(loop, &loop->epoll_failed, n, "events");
	if (n < 0 && errno != EINTR)
		poll(NULL, 0, SHORT_WAIT_MS); /* or it would be tried without a pause */
	loop->nbatch = polled + (n > 0 ? n : 0);
	drop_stale(loop, polled);
}

static void tell_ready(struct loop *loop)
{
	for (int i = 0; i < loop->nbatch && !loop->stopped; i++) {
		struct loop_fd *w = watch_of(loop, loop->batch[i].data.fd);

		if (w != NULL)
			w->fn(w->arg, (short)loop->batch[i].events);
	}
}

/* Wait for descriptors, and report those that are ready: with all, every descriptor
 * that was ready at the start, otherwise one batch.  epoll_wait takes them in turn. */
static void run_descriptors(struct loop *loop, int timeout_ms, bool all)
{
	size_t rounds = all ? 1 + loop->nwatches / (MAX_EVENTS / 2) : 1;
	bool more = true;

	while (rounds-- > 0 && more && !loop->stopped) {
		find_ready(loop, timeout_ms);
		more = loop->nbatch >= MAX_EVENTS / 2;
		tell_ready(loop);
		timeout_ms = 0;
	}
	loop->nbatch = 0;
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

static bool is_due(const struct loop *loop, int64_t now)
{
	return loop->ntimers > 0 && loop->timers[0]->at <= now;
}

/* Timers that fire now may set themselves again, for any time: those wait for
 * the next turn, so that they cannot keep the loop from its descriptors. */
static void run_timers(struct loop *loop, int64_t now)
{
	loop->firing = now;
	while (is_due(loop, now) && !loop->stopped) {
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

/* Only the calls that are queued now: a call that defers itself again must not keep the
 * loop from its descriptors. */
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

/* --- children
 *
 * The end of a child is peeked at (WNOWAIT) and reported; its owner decides when it is
 * reaped.  While none is left unreaped, the kernel can be asked for any child that has
 * ended.  While there is one, the kernel would name that one each time, so each child
 * is asked for by its pid.  An unknown child is an orphan of a job that volley, the
 * subreaper, has adopted: it is reaped at once. */

static struct loop_child **find_child(struct loop *loop, pid_t pid)
{
	struct loop_child **p = &loop->children[(unsigned)pid % BUCKETS];

	while (*p != NULL && (*p)->pid != pid)
		p = &(*p)->next;
	return p;
}

void loop_child_add(struct loop *loop, struct loop_child *c, pid_t pid, loop_child_fn fn,
		    void *arg)
{
	struct loop_child **bucket = &loop->children[(unsigned)pid % BUCKETS];

	*c = (struct loop_child){.pid = pid, .fn = fn, .arg = arg, .next = *bucket};
	*bucket = c;
	list_append(&loop->running, &c->link);
}

static void collect(void *loop);

/* There are children, but the call has failed.  Their signal will not come again, so
 * ask again later. */
static void failed_to_ask(struct loop *loop)
{
	if (!list_empty(&loop->running))
		loop_timer_set(loop, &loop->ask_again, clock_in(AGAIN_MS * NSEC_PER_MSEC),
			       collect, loop);
}

/* False: none is in that state, or there is no such child. */
static bool ask(struct loop *loop, idtype_t type, pid_t pid, int options, siginfo_t *info)
{
	int result;

	info->si_pid = 0;
	do
		result = waitid(type, (id_t)pid, info, options | WNOHANG);
	while (result < 0 && errno == EINTR);
	if (result >= 0 || !list_empty(&loop->running))
		note_result(loop, &loop->wait_failed, result, "the ends of jobs");
	if (result < 0)
		failed_to_ask(loop);
	return result == 0 && info->si_pid != 0;
}

/* False for a stop of a traced child, which waitid reports although only ends are
 * asked for; the next SIGCHLD makes collect_stops take it. */
static bool peek(struct loop *loop, idtype_t type, pid_t pid, siginfo_t *info)
{
	return ask(loop, type, pid, WEXITED | WNOWAIT, info) &&
	       (info->si_code == CLD_EXITED || info->si_code == CLD_KILLED ||
		info->si_code == CLD_DUMPED);
}

static int wait_status(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_EXITED:
		return info->si_status << 8;
	case CLD_KILLED:
		return info->si_status;
	case CLD_DUMPED:
		return info->si_status | WCOREFLAG;
	default:
		return info->si_status << 8 | 0x7f;
	}
}

static void reap_orphan(struct loop *loop, pid_t pid)
{
	siginfo_t info;

	if (*find_child(loop, pid) == NULL)
		ask(loop, P_PID, pid, WEXITED, &info);
}

static void child_ended(struct loop *loop, struct loop_child *c, const siginfo_t *info)
{
	c->ended = true;
	loop->nended++;
	list_remove(&c->link);
	c->fn(c->arg, wait_status(info));
}

static void collect_stops(struct loop *loop)
{
	siginfo_t info;

	while (ask(loop, P_ALL, 0, WSTOPPED, &info)) {
		struct loop_child *c = *find_child(loop, info.si_pid);

		if (c != NULL && !c->ended)
			c->fn(c->arg, wait_status(&info));
	}
}

static void collect_any(struct loop *loop)
{
	siginfo_t info;

	while (loop->nended == 0 && peek(loop, P_ALL, 0, &info)) {
		struct loop_child *c = *find_child(loop, info.si_pid);

		if (c != NULL)
			child_ended(loop, c, &info);
		else
			reap_orphan(loop, info.si_pid);
	}
}

/* Each child once: children that start meanwhile are added after the mark. */
static void collect_each(struct loop *loop)
{
	struct link mark;

	list_append(&loop->running, &mark);
	while (loop->running.next != &mark) {
		struct link *l = loop->running.next;
		struct loop_child *c = LIST_ENTRY(l, struct loop_child, link);
		siginfo_t info;

		list_remove(l);
		list_append(&loop->running, l);
		if (peek(loop, P_PID, c->pid, &info))
			child_ended(loop, c, &info);
	}
	list_remove(&mark);
}

static void reap_orphans(void *arg)
{
	struct loop *loop = arg;
	struct processes all;

	loop->may_have_orphans = false;
	processes_open(&all);
	processes_read(&all, NULL);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].parent == getpid() && all.v[i].zombie)
			reap_orphan(loop, all.v[i].pid);
	processes_close(&all);
}

static void collect_children(void *arg)
{
	struct loop *loop = arg;

	collect_any(loop);
	if (loop->nended == 0)
		return;
	collect_each(loop);
	loop->may_have_orphans = true;
	if (loop->find_orphans.pos == 0)
		loop_timer_set(loop, &loop->find_orphans,
			       clock_in(ORPHANS_MS * NSEC_PER_MSEC), reap_orphans, loop);
}

void loop_child_reap(struct loop *loop, struct loop_child *c, struct rusage *usage)
{
	assert(c->ended);
	while (wait4(c->pid, NULL, 0, usage) < 0 && errno == EINTR)
		continue;
	*find_child(loop, c->pid) = c->next;
	if (--loop->nended == 0 && loop->may_have_orphans)
		loop_defer(loop, &loop->collect_again, collect_children, loop);
}

/* Report the children that have ended or stopped, after a SIGCHLD. */
static void collect(void *arg)
{
	struct loop *loop = arg;

	collect_stops(loop);
	collect_children(loop);
}

/* A SIGCHLD names this child, one of those that have ended or stopped. */
static void take_hint(struct loop *loop, pid_t pid)
{
	if (loop->nended > 0)
		reap_orphan(loop, pid);
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

		children |= info[i].ssi_signo == SIGCHLD;
		if (info[i].ssi_signo == SIGCHLD)
			take_hint(loop, (pid_t)info[i].ssi_pid);
		else if (w->fn != NULL)
			w->fn(w->arg, (int)info[i].ssi_signo);
	}
	if (children)
		collect(loop);
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

void loop_signal_deliver(struct loop *loop, int signo)
{
	const struct signal_watch *w = &loop->signals[signo];

	if (w->fn != NULL)
		w->fn(w->arg, signo);
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

/* A write to a pipe without a reader, or beyond a limit (ulimit -f), should fail, not
 * end the program at once, with children left running.  Blocked, not ignored:
 * children get the old mask, and their signals are as they were. */
static void block_write_signals(void)
{
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGPIPE);
	sigaddset(&both, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &both, NULL);
}

void loop_hold_signals(void)
{
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGUSR1);
	sigaddset(&both, SIGUSR2);
	sigprocmask(SIG_BLOCK, &both, &held_from);
	holding = true;
}

const sigset_t *loop_inherited_mask(const struct loop *loop)
{
	return &loop->inherited;
}

/* --- the loop */

static int wait_ms(const struct loop *loop, int64_t now)
{
	int64_t left;

	if (!list_empty(&loop->calls))
		return 0;
	if (loop->ntimers == 0)
		return -1;
	left = loop->timers[0]->at - now;
	if (left <= 0)
		return 0;
	if (left > LONGEST_WAIT_MS * NSEC_PER_MSEC)
		return LONGEST_WAIT_MS;
	return (int)((left + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC);
}

/* What is waiting to be reported comes before a timer: volley may have been stopped, or
 * busy, for longer than the timer's time, and a job that ended within it has not
 * timed out.  So a timer fires when it was due before the descriptors were looked
 * at, and after the calls that have followed from those. */
static void turn(struct loop *loop, bool wait)
{
	int64_t now;
	bool due;

	run_calls(loop);
	if (loop->stopped)
		return;
	now = loop->ntimers > 0 ? clock_mono() : 0;
	due = is_due(loop, now);
	run_descriptors(loop, wait ? wait_ms(loop, now) : 0, due);
	if (!due)
		return;
	for (int i = 0; i < CALL_ROUNDS && !list_empty(&loop->calls) && !loop->stopped;
	     i++)
		run_calls(loop);
	run_timers(loop, now);
}

void loop_turn(struct loop *loop)
{
	loop->stopped = false;
	turn(loop, false);
}

void loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped)
		turn(loop, true);
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

struct loop *loop_new(struct err *err)
{
	struct loop *loop = xcalloc(1, sizeof *loop);

	list_init(&loop->calls);
	list_init(&loop->polled);
	list_init(&loop->running);
	loop->firing = NOT_FIRING;
	loop->signal_watch = (struct loop_fd)LOOP_FD_INIT;
	sigprocmask(SIG_SETMASK, NULL, &loop->inherited);
	if (holding)
		loop->inherited = held_from;
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
	free(loop->watches);
	free(loop->pollfds);
	free(loop);
}
