/* SPDX-License-Identifier: ISC */
/* Follows each child process from its start until it is reaped, and signals it.  A fatal
 * signal goes to the process group and to all strays, which are searched for in /proc
 * again and again until none is left.  At the end are the environment and the descriptor
 * limit that the children of an engine share. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "command/environment.h"
#include "engine/children.h"
#include "sys/capacity.h"

enum {
	SWEEP_MS = 20, /* how often to look for what a killed child has left */
	GIVE_UP_MS = 2000, /* after SIGKILL: it hangs in the kernel */
	PROCESSES_PER_CHILD = 4, /* itself, what it starts, what earlier ones have left */
};

static struct child *owner(struct link *l)
{
	return LIST_ENTRY(LIST_ENTRY(l, struct stray_owner, link), struct child, strays);
}

/* --- signals */

/* In the order in which they are sent; SIGKILL is the last. */
static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGKILL};

enum { N_FATAL = sizeof fatal / sizeof fatal[0], KILL_PENDING = 1 << (N_FATAL - 1) };

bool child_is_fatal(int signo)
{
	for (size_t i = 0; i < N_FATAL; i++)
		if (fatal[i] == signo)
			return true;
	return false;
}

static void tell_refused(struct children *all, pid_t pid)
{
	msg_once(&all->told_refused,
		 "process %d of a job runs as another user and cannot be killed", (int)pid);
}

static void signal_group(const struct child *c, int signo)
{
	if (kill(-c->pid, signo) < 0 && errno == EPERM && !c->ended)
		tell_refused(c->all, c->pid);
	if (child_is_fatal(signo) && signo != SIGKILL)
		kill(-c->pid, SIGCONT); /* a stopped process would not hear it */
}

static void sweep(void *arg);

static void signal_all(struct child *c, int signo)
{
	struct children *all = c->all;

	if (!c->killed) {
		c->killed = true;
		c->strays.leader = c->pid;
		c->strays.until = c->strays.group_until = UINT64_MAX;
		c->strays.found = 1; /* until a sweep finds nothing */
		strays_add(&all->strays, &c->strays);
	}
	if (signo == SIGKILL && c->killed_hard == 0)
		c->killed_hard = clock_mono();
	for (size_t i = 0; i < N_FATAL; i++)
		if (fatal[i] == signo)
			c->pending |= 1u << i;
	loop_defer(all->loop, &all->sweep_now, sweep, all);
}

bool child_untrace(const struct child *c, int signo)
{
	long forward = signo == SIGTRAP ? 0 : signo; /* SIGTRAP is the stop at its exec */

	return ptrace(PTRACE_DETACH, c->pid, NULL, forward) == 0;
}

void child_signal(struct child *c, int signo)
{
	if (c->pid <= 0)
		return;
	if (child_is_fatal(signo))
		signal_all(c, signo);
	else
		signal_group(c, signo);
}

/* --- what killed children have left */

/* Does it need a signal of its own, besides the one to its group?  A signal to a group
 * succeeds even if some members may not be signalled. */
static bool needs_own_signal(const struct child *c, const struct process *p, int signo)
{
	return p->group != c->pid || (c->ended && signo == SIGKILL);
}

static void signal_found(struct children *all, const struct child *c, int signo)
{
	for (size_t i = 0; i < all->strays.n; i++) {
		const struct stray *s = &all->strays.v[i];

		if (s->owner == &c->strays && needs_own_signal(c, s->process, signo) &&
		    !strays_signal(&all->strays, s, signo))
			tell_refused(all, s->process->pid);
	}
	if (c->pid > 0)
		signal_group(c, signo);
}

/* The strays first: the group's death takes away the parents that they are known
 * by. */
static void send_pending(struct children *all)
{
	for (struct link *l = all->strays.owners.next; l != &all->strays.owners;
	     l = l->next) {
		struct child *c = owner(l);

		for (size_t i = 0; i < N_FATAL; i++)
			if ((c->pending >> i & 1) != 0)
				signal_found(all, c, fatal[i]);
		c->pending = c->killed_hard != 0 ? KILL_PENDING : 0; /* what it forks */
	}
}

static void tell_unseen(struct children *all, enum processes_sight sight, const char *why)
{
	if (sight == PROCESSES_OWN)
		msg_once(&all->told_unseen,
			 "%s: processes that a killed job started as another user, "
			 "outside its process group, are not found",
			 why);
	else if (sight == PROCESSES_NONE)
		msg_once(&all->told_unseen,
			 "cannot see the processes that killed jobs started outside their "
			 "process groups (%s): they are not killed",
			 why);
}

/* Kill members of the group that /proc does not show.  The zombie itself would count as
 * a member, so it is reaped first; any process that is left keeps the group number in
 * use. */
static void end_unseen(struct child *c)
{
	pid_t group = c->pid;

	if (group <= 0)
		return;
	child_reap(c);
	kill(-group, SIGKILL);
}

static void settle_unseen(struct children *all, enum processes_sight sight)
{
	for (struct link *l = all->strays.owners.next; l != &all->strays.owners;
	     l = l->next) {
		struct child *c = owner(l);

		if (sight == PROCESSES_NONE)
			c->strays.found = 0;
		if (c->ended && c->strays.found == 0)
			end_unseen(c);
	}
}

static void tell_guardian(struct children *all)
{
	for (size_t i = 0; i < all->strays.n; i++) {
		const struct process *p = all->strays.v[i].process;

		if (p->pid != all->strays.v[i].owner->leader)
			guardian_add_stray(all->guardian, p->pid, p->start);
	}
}

/* Wait at least as long as the last sweep took: there may be very many processes. */
static void sweep_after(struct children *all, int64_t ms)
{
	int64_t wait = ms * NSEC_PER_MSEC, when;

	when = clock_after(all->swept_at, wait > all->sweep_took ? wait : all->sweep_took);
	if (all->sweep_later.pos == 0 || when < all->sweep_later.at)
		loop_timer_set(all->loop, &all->sweep_later, when, sweep, all);
}

/* Has no other child run since the only killed one was started?  If one has, a process
 * without a mark may be its daemon, even after it has ended. */
static bool runs_alone(const struct children *all)
{
	return all->nlive == 1 && owner(all->strays.owners.next)->alone == all->nstarted;
}

/* Find and signal what killed children have left, and notify the owners, some of which
 * may now be done.  Processes are polled for: the kernel reports only children. */
static void sweep(void *arg)
{
	struct children *all = arg;
	struct link *l, *next;
	const char *why;
	int64_t began = clock_mono();
	enum processes_sight sight;

	if (list_empty(&all->strays.owners))
		return;
	all->strays.sole = runs_alone(all);
	sight = strays_search(&all->strays, &why);

	tell_unseen(all, sight, why);
	tell_guardian(all);
	send_pending(all);
	if (sight != PROCESSES_ALL)
		settle_unseen(all, sight);
	all->swept_at = clock_mono();
	all->sweep_took = all->swept_at - began;
	loop_timer_cancel(all->loop, &all->sweep_later);
	for (l = all->strays.owners.next; l != &all->strays.owners; l = next) {
		next = l->next;
		owner(l)->swept(owner(l));
	}
	if (!list_empty(&all->strays.owners))
		sweep_after(all, SWEEP_MS);
}

bool child_leaves_strays(const struct child *c)
{
	if (!c->killed || c->strays.found == 0)
		return false;
	return c->killed_hard == 0 ||
	       clock_mono() - c->killed_hard < GIVE_UP_MS * NSEC_PER_MSEC;
}

/* --- the end */

static void changed(void *arg, int status)
{
	struct child *c = arg;

	if (!WIFSTOPPED(status)) {
		c->ended = c->was_held = true;
		c->all->nheld++;
		c->strays.found = 1; /* it may have forked since the last sweep */
		if (c->killed)
			sweep_after(c->all, 0);
	}
	c->fn(c->arg, status);
}

void child_reap(struct child *c)
{
	if (!c->was_held)
		return;
	c->was_held = false;
	c->all->nheld--;
	c->pid = -1;
	guardian_leave(c->all->guardian, c->ticket);
	c->ticket = -1;
	loop_child_reap(c->all->loop, &c->watch, &c->usage);
}

void child_release(struct child *c)
{
	if (c->all == NULL)
		return;
	c->all->nlive -= c->fn != NULL;
	guardian_leave(c->all->guardian, c->ticket);
	c->ticket = -1;
	child_reap(c);
	if (c->killed)
		strays_remove(&c->strays);
	c->all = NULL;
	c->fn = NULL;
}

bool children_have_room(struct children *all)
{
	uint64_t most;

	if (all->nheld == 0)
		return true;
	if (all->most == 0) {
		most = capacity_processes("") / PROCESSES_PER_CHILD;
		all->most = most > 0 ? most : 1;
	}
	return all->nlive < all->most;
}

/* --- the start */

int child_death_signal(const struct child *c)
{
	return c->ticket >= 0 ? 0 : SIGKILL;
}

void child_guard(struct children *all, struct child *c, const struct mark *mark)
{
	c->all = all;
	c->ended = false;
	c->strays.mark = *mark;
	c->strays.since = process_ticks();
	c->ticket = guardian_enter(all->guardian, mark, c->strays.since);
}

void child_begin(struct child *c, loop_child_fn fn, void *arg)
{
	c->fn = fn;
	c->arg = arg;
	c->all->nstarted++;
	c->alone = ++c->all->nlive == 1 ? c->all->nstarted : 0;
	guardian_add_group(c->all->guardian, c->ticket, c->pid);
	loop_child_add(c->all->loop, &c->watch, c->pid, changed, c);
}

/* --- the environment */

static bool is_replaced(const char *variable, char *const *additions, size_t n)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(variable, additions[i], name) == 0)
			return true;
	return false;
}

static bool is_event_variable(const char *variable)
{
	return strncmp(variable, "EVENT_", 6) == 0;
}

static void init_env(struct children *all, const char *run)
{
	struct buf mark = BUF_INIT;

	environment_base(&all->env);
	buf_addf(&mark, "VOLLEY_RUN=%s", run);
	strv_add(&all->env, buf_cstr(&mark));
	buf_clear(&mark);
	for (size_t i = 0; i < all->env.n; i++)
		all->has_events |= is_event_variable(all->env.v[i]);
}

char **children_env(const struct children *all, const struct command *command, char *own,
		    struct child_env *room)
{
	char *const *additions = command->env;
	size_t n = 0, more = 0;

	while (additions[more] != NULL)
		more++;
	room->v = xgrow(room->v, &room->cap, more + all->env.n + 2, sizeof *room->v);
	memcpy(room->v, additions, more * sizeof *room->v);
	n = more;
	if (own != NULL)
		room->v[n++] = own;
	for (size_t i = 0; i < all->env.n; i++) {
		char *variable = all->env.v[i];

		if (is_replaced(variable, additions, command->nchosen))
			continue;
		/* Of an outer event, when volley runs under volley. */
		if (all->has_events && is_event_variable(variable) &&
		    is_replaced(variable, additions, more))
			continue;
		room->v[n++] = variable;
	}
	room->v[n] = NULL;
	return room->v;
}

/* --- life */

int children_init(struct children *all, struct loop *loop, int nice, unsigned files,
		  struct err *err)
{
	char run[STRAYS_RUN_SIZE];

	*all = (struct children){.loop = loop, .nice = nice};
	all->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (all->null_fd < 0)
		return err_sys(err, "cannot open /dev/null");
	strays_name_run(run);
	all->guardian = guardian_new(run, err);
	if (all->guardian == NULL) {
		close(all->null_fd);
		return -1;
	}
	guardian_watch(all->guardian, all->loop);
	strays_open(&all->strays, run, getpid());
	all->strays.guardian = guardian_pid(all->guardian);
	init_env(all, run);
	capacity_raise_files(&all->files);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (capacity_check_files(files, all->null_fd, err) == 0)
		return 0;
	children_clear(all);
	return -1;
}

void children_clear(struct children *all)
{
	guardian_free(all->guardian);
	loop_timer_cancel(all->loop, &all->sweep_later);
	loop_defer_cancel(all->loop, &all->sweep_now);
	strays_close(&all->strays);
	setrlimit(RLIMIT_NOFILE, &all->files);
	strv_clear(&all->env);
	close(all->null_fd);
}
