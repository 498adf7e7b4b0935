/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/process.h"
#include "sys/reaper.h"

enum {
	ORPHANS_MS = 100, /* between two looks for orphans that have ended */
	AGAIN_MS = 100,	  /* after a call that failed */
};

static struct loop_child **find_child(struct reaper *r, pid_t pid)
{
	struct loop_child **p = &r->children[(unsigned)pid % REAPER_BUCKETS];

	while (*p != NULL && (*p)->pid != pid)
		p = &(*p)->next;
	return p;
}

void reaper_add(struct reaper *r, struct loop_child *c, pid_t pid, loop_child_fn fn,
		    void *arg)
{
	struct loop_child **bucket = &r->children[(unsigned)pid % REAPER_BUCKETS];

	*c = (struct loop_child){.pid = pid, .fn = fn, .arg = arg, .next = *bucket};
	*bucket = c;
	list_append(&r->running, &c->link);
}

static void ask_again(void *arg)
{
	reaper_collect(arg);
}

/* There are children, and yet the call has failed: their signal does not come twice. */
static void failed_to_ask(struct reaper *r)
{
	if (!list_empty(&r->running))
		loop_timer_set(r->loop, &r->ask_again, clock_in(AGAIN_MS * NSEC_PER_MSEC),
			       ask_again, r);
}

/* False: none is in that state, or there is no such child. */
static bool ask(struct reaper *r, idtype_t type, pid_t pid, int options, siginfo_t *info)
{
	int result;

	info->si_pid = 0;
	do
		result = waitid(type, (id_t)pid, info, options | WNOHANG);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		failed_to_ask(r);
	return result == 0 && info->si_pid != 0;
}

/* False for a stop of a traced child, which waitid reports although only ends are
 * asked for; the next SIGCHLD makes collect_stops take it. */
static bool peek(struct reaper *r, idtype_t type, pid_t pid, siginfo_t *info)
{
	return ask(r, type, pid, WEXITED | WNOWAIT, info) &&
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

static void reap_orphan(struct reaper *r, pid_t pid)
{
	siginfo_t info;

	if (*find_child(r, pid) == NULL)
		ask(r, P_PID, pid, WEXITED, &info);
}

static void child_ended(struct reaper *r, struct loop_child *c, const siginfo_t *info)
{
	c->ended = true;
	r->nended++;
	list_remove(&c->link);
	c->fn(c->arg, wait_status(info));
}

static void collect_stops(struct reaper *r)
{
	siginfo_t info;

	while (ask(r, P_ALL, 0, WSTOPPED, &info)) {
		struct loop_child *c = *find_child(r, info.si_pid);

		if (c != NULL && !c->ended)
			c->fn(c->arg, wait_status(&info));
	}
}

static void collect_any(struct reaper *r)
{
	siginfo_t info;

	while (r->nended == 0 && peek(r, P_ALL, 0, &info)) {
		struct loop_child *c = *find_child(r, info.si_pid);

		if (c != NULL)
			child_ended(r, c, &info);
		else
			reap_orphan(r, info.si_pid);
	}
}

/* Each once: those that start meanwhile are added behind the mark. */
static void collect_each(struct reaper *r)
{
	struct link mark;

	list_append(&r->running, &mark);
	while (r->running.next != &mark) {
		struct link *l = r->running.next;
		struct loop_child *c = LIST_ENTRY(l, struct loop_child, link);
		siginfo_t info;

		list_remove(l);
		list_append(&r->running, l);
		if (peek(r, P_PID, c->pid, &info))
			child_ended(r, c, &info);
	}
	list_remove(&mark);
}

static void reap_orphans(void *arg)
{
	struct reaper *r = arg;
	struct processes all;

	r->may_have_orphans = false;
	processes_open(&all);
	processes_read(&all, NULL);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].parent == getpid() && all.v[i].zombie)
			reap_orphan(r, all.v[i].pid);
	processes_close(&all);
}

static void collect_children(void *arg)
{
	struct reaper *r = arg;

	collect_any(r);
	if (r->nended == 0)
		return;
	collect_each(r);
	r->may_have_orphans = true;
	if (r->find_orphans.pos == 0)
		loop_timer_set(r->loop, &r->find_orphans,
			       clock_in(ORPHANS_MS * NSEC_PER_MSEC), reap_orphans, r);
}

void reaper_reap(struct reaper *r, struct loop_child *c, struct rusage *usage)
{
	assert(c->ended);
	while (wait4(c->pid, NULL, 0, usage) < 0 && errno == EINTR)
		continue;
	*find_child(r, c->pid) = c->next;
	if (--r->nended == 0 && r->may_have_orphans)
		loop_defer(r->loop, &r->collect_again, collect_children, r);
}

void reaper_collect(struct reaper *r)
{
	collect_stops(r);
	collect_children(r);
}

void reaper_hint(struct reaper *r, pid_t pid)
{
	if (r->nended > 0)
		reap_orphan(r, pid);
}

void reaper_init(struct reaper *r, struct loop *loop)
{
	*r = (struct reaper){.loop = loop};
	list_init(&r->running);
}
