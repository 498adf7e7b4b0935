/* SPDX-License-Identifier: ISC */
#ifndef SYS_REAPER_H
#define SYS_REAPER_H

/* The children of the loop: the part of loop.c that calls the wait functions.  No other
 * file includes this.
 *
 * The end of a child is peeked at (WNOWAIT) and reported; its owner decides when it is
 * reaped.  While none is left unreaped, the kernel can be asked for any child that has
 * ended.  While one is, it would name that one each time, so each child is asked for
 * by its pid.  An unknown child is an orphan of a job that volley, the subreaper, has
 * adopted: it is reaped at once. */

#include "sys/loop.h"

enum { REAPER_BUCKETS = 1024 };

struct reaper {
	struct loop *loop;
	struct loop_child *children[REAPER_BUCKETS];
	struct link running; /* children that have not ended */
	size_t nended;	     /* those that have, and are not reaped */
	bool may_have_orphans; /* that ended unseen, while there was one of those */
	struct loop_call collect_again;
	struct loop_timer find_orphans, ask_again;
};

void reaper_init(struct reaper *r, struct loop *loop);

/* As loop_child_add and loop_child_reap. */
void reaper_add(struct reaper *r, struct loop_child *c, pid_t pid, loop_child_fn fn,
		void *arg);
void reaper_reap(struct reaper *r, struct loop_child *c, struct rusage *usage);

/* A SIGCHLD names this child, one of those that have ended or stopped. */
void reaper_hint(struct reaper *r, pid_t pid);

/* Report the children that have ended or stopped, after a SIGCHLD. */
void reaper_collect(struct reaper *r);

#endif
