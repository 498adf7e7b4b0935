/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_STRAYS_H
#define ENGINE_STRAYS_H

/* Which processes belong to a task that is to be killed: those of its process
 * group, and the strays outside it, in a session or group of their own (setsid,
 * timeout(1), an interactive shell), perhaps with dead parents.  Both volley and
 * the guardian ask here.
 *
 * A process belongs to a task when it
 *   - is in the group of the task's first process, the leader;
 *   - descends from the leader, or from a process that belonged to the task before;
 *   - is in a group or session that such a process leads;
 *   - has no such parent left, and carries the task's mark in its environment: run,
 *     number and try;
 *   - was adopted by volley, carries no mark of this run, and there was no other task
 *     that it could belong to.
 * What was found once is remembered by pid and start time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/list.h"
#include "sys/process.h"

/* The variables that make the mark, and room for what identifies a run. */
#define STRAYS_RUN "VOLLEY_RUN"
#define STRAYS_SEQ "VOLLEY_SEQ"
#define STRAYS_TRY "VOLLEY_TRY"
enum { STRAYS_RUN_SIZE = 64 };

/* What the guardian's process is called (guardian.h).  The guardian of a volley that
 * runs as a job of this one is not killed with the job: it ends by itself, when it has
 * killed the jobs of the inner volley. */
extern const char strays_guardian_name[];

/* Which of the run's processes. */
struct mark {
	uint64_t seq, try;
};

struct remembered {
	pid_t pid;
	uint64_t start;
};

struct stray_owner {
	struct link link;
	struct mark mark;
	pid_t leader; /* and its group; 0: not known */
	/* The leader started between the first two of these ticks, both included; and
	 * the number was its group's until the last.  UINT64_MAX: the leader is not
	 * reaped, so that its number means nothing else. */
	uint64_t since, until, group_until;
	struct remembered *known;
	size_t nknown, cap;
	size_t found; /* by the last search: alive, not the leader itself */
};

struct stray {
	const struct process *process; /* valid until the next search */
	struct stray_owner *owner;
};

struct strays {
	char run[STRAYS_RUN_SIZE];
	pid_t adopter; /* marked processes descend from it; 0: from any process */
	pid_t guardian; /* never an owner's */
	bool sole; /* there is one owner, and no other task ran beside its own */
	struct link owners;
	struct processes processes;
	uint64_t since; /* no owner has a process that started earlier */
	struct kin *kin; /* processes that are known to be an owner's, by pid */
	size_t nkin, kin_cap;
	struct stray *v; /* what the last search has found */
	size_t n, cap;
	struct buf environment;
};

/* Write what identifies this run: no other, earlier or later, has the same. */
void strays_name_run(char run[STRAYS_RUN_SIZE]);

void strays_open(struct strays *s, const char *run, pid_t adopter);
void strays_close(struct strays *s);

/* owner: mark, leader and ticks are set.  Removing it forgets what was found. */
void strays_add(struct strays *s, struct stray_owner *owner);
void strays_remove(struct stray_owner *owner);

/* Remember a process as one of the owner's. */
void strays_remember(struct stray_owner *owner, pid_t pid, uint64_t start);

/* Look for the processes of all owners.  Unless all processes can be seen, *why is a
 * phrase that says why not; with PROCESSES_NONE there may be more than were found. */
enum processes_sight strays_search(struct strays *s, const char **why);

/* Send the signal to one that was found, unless it is the guardian of a volley that runs
 * inside a task.  False: it may not be signalled. */
bool strays_signal(struct strays *s, const struct stray *stray, int signo);

#endif
