/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "engine/guardian.h"
#include "engine/strays.h"

/* A process whose parents are dead is found by the mark in its environment. */
static struct stray_owner *find_by_mark(struct link *owners, const struct proc *p)
{
	pid_t self = getpid();
	uint64_t seq;

	if (proc_environment_number(p->pid, "VOLLEY_PID") != (uint64_t)self)
		return NULL;
	seq = proc_environment_number(p->pid, "VOLLEY_SEQ");
	for (struct link *l = owners->next; l != owners; l = l->next) {
		struct stray_owner *o = LIST_ENTRY(l, struct stray_owner, link);

		if (o->seq == seq)
			return o;
	}
	return NULL;
}

static struct stray_owner *find_owner(struct link *owners, const struct proctable *t,
				      const struct proc *p)
{
	for (struct link *l = owners->next; l != owners; l = l->next) {
		struct stray_owner *o = LIST_ENTRY(l, struct stray_owner, link);

		if (p->pid == o->leader)
			return NULL;
		if (p->group == o->leader || proctable_descends(t, p, o->leader))
			return o;
	}
	/* Only what volley has adopted can be an orphan of its jobs, or below one. */
	return proctable_descends(t, p, getpid()) ? find_by_mark(owners, p) : NULL;
}

void strays_sweep(struct link *owners, struct proctable *scratch)
{
	proctable_read(scratch);
	for (struct link *l = owners->next; l != owners; l = l->next)
		LIST_ENTRY(l, struct stray_owner, link)->found = 0;
	for (size_t i = 0; i < scratch->n; i++) {
		const struct proc *p = &scratch->procs[i];
		struct stray_owner *o =
		    p->zombie ? NULL : find_owner(owners, scratch, p);

		if (o == NULL)
			continue;
		o->found++;
		if (o->signo != 0 && p->group != o->leader &&
		    strcmp(p->name, guardian_name) != 0) {
			proc_signal(p, o->signo);
			proc_signal(p, SIGCONT);
		}
	}
	for (struct link *l = owners->next; l != owners; l = l->next)
		LIST_ENTRY(l, struct stray_owner, link)->signo = 0;
}
