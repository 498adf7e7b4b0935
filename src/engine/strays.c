/* SPDX-License-Identifier: ISC */
/* Reads all processes from /proc and assigns each to the task that it belongs to: first
 * by descent, then by group and session, then by the mark in its environment.  This is
 * repeated until a pass finds nothing new, because each process that is found may be the
 * parent of others. */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/strays.h"

const char strays_guardian_name[] = "volley-guard";

/* A process that belongs to an owner: its leader, or one that is remembered. */
struct kin {
	pid_t pid;
	uint64_t since, until; /* ticks: its start is between them */
	struct stray_owner *owner;
};

static struct stray_owner *owner_of(struct link *l)
{
	return LIST_ENTRY(l, struct stray_owner, link);
}

/* --- who is known */

static void add_kin(struct strays *s, struct stray_owner *o, pid_t pid, uint64_t since,
		    uint64_t until)
{
	s->kin = xgrow(s->kin, &s->kin_cap, s->nkin + 1, sizeof *s->kin);
	s->kin[s->nkin++] = (struct kin){pid, since, until, o};
}

static int compare_kin(const void *a, const void *b)
{
	const struct kin *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void collect_kin(struct strays *s)
{
	s->nkin = 0;
	s->since = UINT64_MAX;
	for (struct link *l = s->owners.next; l != &s->owners; l = l->next) {
		struct stray_owner *o = owner_of(l);

		if (o->since < s->since)
			s->since = o->since;
		if (o->leader > 0)
			add_kin(s, o, o->leader, o->since, o->until);
		for (size_t i = 0; i < o->nknown; i++)
			add_kin(s, o, o->known[i].pid, o->known[i].start,
				o->known[i].start);
	}
	if (s->nkin > 0)
		qsort(s->kin, s->nkin, sizeof *s->kin, compare_kin);
}

/* The first with that pid; NULL: none. */
static const struct kin *kin_of(const struct strays *s, pid_t pid)
{
	size_t low = 0, high = s->nkin;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->kin[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->nkin && s->kin[low].pid == pid ? &s->kin[low] : NULL;
}

/* Is it a known process, with the same start time? */
static struct stray_owner *owner_by_self(const struct strays *s, const struct process *p)
{
	const struct kin *k = kin_of(s, p->pid);

	for (; k != NULL && k < s->kin + s->nkin && k->pid == p->pid; k++)
		if (p->start >= k->since && p->start <= k->until)
			return k->owner;
	return NULL;
}

/* --- who is found */

/* It, or the nearest of its ancestors that is known; *has_adopter: is volley among
 * them? */
static struct stray_owner *owner_by_descent(const struct strays *s,
					    const struct process *p, bool *has_adopter)
{
	struct stray_owner *o;

	*has_adopter = s->adopter == 0;
	/* The table is not a snapshot and may contain a cycle, so the walk is bounded. */
	for (int depth = 0; p != NULL && p->start >= s->since && depth < 1000; depth++) {
		o = owner_by_self(s, p);
		if (o != NULL)
			return o;
		*has_adopter |= p->parent == s->adopter;
		p = processes_find(&s->processes, p->parent);
	}
	return NULL;
}

/* A leader's number remains its group's number after it has ended; the number of any
 * other process is its own only while it exists. */
static struct stray_owner *owner_by_group(const struct strays *s, const struct process *p,
					  pid_t group)
{
	const struct process *first = processes_find(&s->processes, group);
	const struct kin *k = kin_of(s, group);

	if (first != NULL)
		return owner_by_self(s, first);
	for (; k != NULL && k < s->kin + s->nkin && k->pid == group; k++)
		if (k->owner->leader == group && p->start >= k->since &&
		    p->start <= k->owner->group_until)
			return k->owner;
	return NULL;
}

static struct stray_owner *marked_owner(struct strays *s, const char *seq, const char *try)
{
	for (struct link *l = s->owners.next; l != &s->owners; l = l->next) {
		struct stray_owner *o = owner_of(l);

		if (o->mark.seq == strtoull(seq, NULL, 10) &&
		    o->mark.try == strtoull(try, NULL, 10))
			return o;
	}
	return NULL;
}

/* One whose parents are dead is found by the mark in its environment. */
static struct stray_owner *owner_by_mark(struct strays *s, const struct process *p)
{
	const char *run, *seq, *try;

	buf_reset(&s->environment);
	if (!processes_environment(&s->processes, p->pid, &s->environment))
		return NULL;
	run = process_variable(&s->environment, STRAYS_RUN);
	seq = process_variable(&s->environment, STRAYS_SEQ);
	try = process_variable(&s->environment, STRAYS_TRY);
	if (run == NULL || strcmp(run, s->run) != 0)
		return s->sole ? owner_of(s->owners.next) : NULL;
	return seq != NULL && try != NULL ? marked_owner(s, seq, try) : NULL;
}

static struct stray_owner *find_owner(struct strays *s, const struct process *p)
{
	bool has_adopter;
	struct stray_owner *o = owner_by_descent(s, p, &has_adopter);

	if (o == NULL)
		o = owner_by_group(s, p, p->group);
	if (o == NULL)
		o = owner_by_group(s, p, p->session);
	if (o == NULL && has_adopter)
		o = owner_by_mark(s, p);
	return o;
}

/* --- what is remembered */

void strays_remember(struct stray_owner *o, pid_t pid, uint64_t start)
{
	o->known = xgrow(o->known, &o->cap, o->nknown + 1, sizeof *o->known);
	o->known[o->nknown++] = (struct remembered){pid, start};
}

/* Zombies stay remembered: they may be parents. */
static void forget_gone(struct strays *s)
{
	for (struct link *l = s->owners.next; l != &s->owners; l = l->next) {
		struct stray_owner *o = owner_of(l);
		size_t n = 0;

		for (size_t i = 0; i < o->nknown; i++) {
			const struct process *p =
			    processes_find(&s->processes, o->known[i].pid);

			if (p != NULL && p->start == o->known[i].start)
				o->known[n++] = o->known[i];
		}
		o->nknown = n;
	}
}

/* Remember the processes that belong to those that are known, or have a mark.
 * False: there are no more. */
static bool remember_more(struct strays *s)
{
	bool more = false;

	collect_kin(s);
	for (size_t i = 0; i < s->processes.n; i++) {
		const struct process *p = &s->processes.v[i];
		struct stray_owner *o;

		if (p->zombie || p->start < s->since || p->pid == s->guardian ||
		    owner_by_self(s, p) != NULL)
			continue;
		o = find_owner(s, p);
		if (o == NULL)
			continue;
		strays_remember(o, p->pid, p->start);
		more = true;
	}
	return more;
}

static void list_found(struct strays *s)
{
	for (struct link *l = s->owners.next; l != &s->owners; l = l->next)
		owner_of(l)->found = 0;
	s->n = 0;
	for (size_t i = 0; i < s->processes.n; i++) {
		const struct process *p = &s->processes.v[i];
		struct stray_owner *o = p->zombie ? NULL : owner_by_self(s, p);

		if (o == NULL)
			continue;
		s->v = xgrow(s->v, &s->cap, s->n + 1, sizeof *s->v);
		s->v[s->n++] = (struct stray){p, o};
		o->found += p->pid != o->leader;
	}
}

enum processes_sight strays_search(struct strays *s, const char **why)
{
	enum processes_sight sight = processes_read(&s->processes, why);

	s->n = 0;
	if (sight == PROCESSES_NONE)
		return sight;
	forget_gone(s);
	while (remember_more(s))
		continue;
	list_found(s);
	if (s->processes.error == 0)
		return sight;
	*why = strerror(s->processes.error);
	return PROCESSES_NONE;
}

bool strays_signal(struct strays *s, const struct stray *stray, int signo)
{
	const struct process *p = stray->process;
	bool allowed;

	if (strcmp(p->name, strays_guardian_name) == 0 && p->session == p->pid &&
	    processes_is_deaf_copy(&s->processes, p->pid))
		return true;
	allowed = processes_signal(&s->processes, p, signo);
	if (signo != SIGKILL)
		processes_signal(&s->processes, p, SIGCONT); /* if it is stopped */
	return allowed;
}

/* --- life */

void strays_name_run(char run[STRAYS_RUN_SIZE])
{
	uint64_t bits;

	if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != sizeof bits)
		bits = (uint64_t)clock_mono() * UINT64_C(0x9e3779b97f4a7c15);
	snprintf(run, STRAYS_RUN_SIZE, "%d-%lld-%016llx", (int)getpid(),
		 (long long)(clock_wall() / NSEC_PER_SEC), (unsigned long long)bits);
}

void strays_open(struct strays *s, const char *run, pid_t adopter)
{
	*s = (struct strays){.adopter = adopter, .environment = BUF_INIT};
	snprintf(s->run, sizeof s->run, "%s", run);
	list_init(&s->owners);
	processes_open(&s->processes);
}

void strays_close(struct strays *s)
{
	processes_close(&s->processes);
	buf_clear(&s->environment);
	free(s->kin);
	free(s->v);
}

void strays_add(struct strays *s, struct stray_owner *o)
{
	list_append(&s->owners, &o->link);
}

void strays_remove(struct stray_owner *o)
{
	list_remove(&o->link);
	free(o->known);
	o->known = NULL;
	o->nknown = o->cap = o->found = 0;
}
