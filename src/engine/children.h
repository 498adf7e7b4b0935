/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_CHILDREN_H
#define ENGINE_CHILDREN_H

/* Child processes as engines have them: each in a group of its own, guarded, and
 * killed with all processes that it has left.
 *
 * A child that has ended is held as a zombie until its owner has child_reap or
 * child_release reap it: until then its pid and the number of its group are not reused.
 * A child that is done is reaped at once; a child is held while its streams are open,
 * or while processes that were killed with it are left. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/list.h"
#include "command/template.h"
#include "engine/guardian.h"
#include "engine/strays.h"
#include "sys/loop.h"

/* What is common to all children of one engine. */
struct children {
	struct loop *loop;
	int nice;
	int null_fd;
	struct strv env;       /* that all have in common: volley's own and VOLLEY_RUN */
	bool has_events;       /* env has variables of an outer event */
	struct rlimit files; /* what children get back */
	struct guardian *guardian;
	struct strays strays; /* the owners are the children that were killed */
	struct loop_call sweep_now;
	struct loop_timer sweep_later;
	int64_t swept_at, sweep_took; /* the last sweep */
	bool told_unseen, told_refused;
	size_t nlive, nheld; /* children that are not released; of these, zombies */
	uint64_t nstarted;
	uint64_t most; /* live at a time, while some are held; 0: not known yet */
};

struct child {
	struct children *all;
	pid_t pid;     /* and its group; -1: not running */
	bool ended;    /* nothing of it runs; set by the owner if it was not started */
	bool killed;   /* was sent something that ends processes: strays count */
	bool was_held; /* counted in nheld */
	uint64_t alone; /* its number of those started, if no other was live then; or 0 */
	int64_t killed_hard; /* when it was sent SIGKILL; 0: not yet */
	unsigned pending;    /* signals for the next sweep, as bits */
	struct stray_owner strays; /* in the list of owners when killed */
	int ticket; /* the guardian's */
	struct rusage usage; /* when it is reaped */
	struct loop_child watch;
	loop_child_fn fn;
	void *arg;
	void (*swept)(struct child *c); /* child_leaves_strays may have changed */
};

/* files: how many descriptors the start of a child takes.  -1 with err, also when there
 * are fewer. */
int children_init(struct children *all, struct loop *loop, int nice, unsigned files,
		  struct err *err);
void children_clear(struct children *all); /* none may be left */

/* Room for the environment of one child, used again and again; all zero at first. */
struct child_env {
	char **v;
	size_t cap;
};

/* The environment of a child that runs the command, with the variable own unless it is
 * NULL; ended by NULL, in room, which the caller frees.  The strings are not copied. */
char **children_env(const struct children *all, const struct command *command, char *own,
		    struct child_env *room);

/* A child is about to be started, c is all zero but for swept; and it has been, c->pid
 * is set.  Release it if it was not started. */
void child_guard(struct children *all, struct child *c, const struct mark *mark);
void child_begin(struct child *c, loop_child_fn fn, void *arg);

/* What the kernel is to send it when volley dies; 0: the guardian kills it. */
int child_death_signal(const struct child *c);

/* Send its group the signal.  If that ends processes, it goes to what the child has
 * left too, and it is sent from the loop's next turn: what belongs to the child is
 * looked for first, while its parents live. */
void child_signal(struct child *c, int signo);

/* It was stopped by signo.  If this is because it asked its parent to trace it
 * (PTRACE_TRACEME), let it continue untraced; false: volley does not trace it. */
bool child_untrace(const struct child *c, int signo);

/* Is it one of the signals that are sent to end processes? */
bool child_is_fatal(int signo);

/* Are there processes of a killed child to wait for? */
bool child_leaves_strays(const struct child *c);

/* It has ended, and processes that it has left are not to be killed: reap it now.  May
 * be called again. */
void child_reap(struct child *c);

/* Nothing more will be asked about it; it has ended, or was not started. */
void child_release(struct child *c);

/* Held children count against the limits on processes: do they leave room for
 * another? */
bool children_have_room(struct children *all);

#endif
