/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_CHILDREN_H
#define ENGINE_CHILDREN_H

/* Child processes as engines have them: each in a group of its own, guarded, and
 * killed with all that it has left behind. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/list.h"
#include "engine/child_env.h"
#include "engine/engine.h"
#include "engine/guardian.h"
#include "engine/strays.h"
#include "sys/loop.h"
#include "sys/spawn.h"

/* What is common to all children of one engine. */
struct children {
	struct loop *loop;
	int nice;
	int null_fd;
	struct child_env env;
	struct rlimit files; /* what children get back */
	struct guardian *guardian;
	struct link killed; /* stray_owners of those that were killed */
	struct proctable processes;
	struct loop_call sweep_now;
	struct loop_timer sweep_later;
};

struct child {
	struct children *all;
	pid_t pid; /* and its group; -1: was never started */
	bool reaped; /* set by the owner */
	bool killed; /* was sent something that ends processes: strays count */
	int64_t killed_hard; /* when it was sent SIGKILL; 0: not yet */
	struct stray_owner strays; /* in the list of the killed when killed */
	int ticket; /* the guardian's */
	struct loop_child watch;
	void (*swept)(struct child *c); /* child_leaves_strays may have changed */
};

struct child_spec {
	const struct command *command;
	uint64_t seq; /* what VOLLEY_SEQ in the environment marks it with */
	int fds[3];   /* what becomes 0, 1, 2, and is closed here; -1: inherited */
	loop_child_fn fn; /* as loop_child_add has it */
	void *arg;
};

enum { CHILD_WHY = 256 };

/* -1 with err. */
int children_init(struct children *all, struct loop *loop, int nice, struct err *err);
void children_clear(struct children *all); /* none may be left */

/* Start c, which is all zero but for swept.  -1: *r says why, in why (of CHILD_WHY
 * bytes); then c need not be released. */
int child_start(struct children *all, struct child *c, const struct child_spec *spec,
		struct engine_result *r, char *why);

/* The two halves of that, for those who start it themselves: it is about to be
 * started; and it runs, c->pid is set.  Release it if it was not started. */
void child_guard(struct children *all, struct child *c, uint64_t seq);
void child_begin(struct child *c, loop_child_fn fn, void *arg);

/* Fill *r and why for one that was not started. */
void child_explain(const struct command *command, enum spawn_stage stage, int error,
		   struct engine_result *r, char *why);

/* The arguments of the shell that runs a script without #!; the caller frees. */
char **child_script_argv(const struct command *command);

/* Send its group the signal, and if that ends processes, what it has left too. */
void child_signal(struct child *c, int signo);

/* It was stopped by signo.  If that is because it has asked its parent to trace it
 * (PTRACE_TRACEME), let it run on untraced; false: it is not traced by us. */
bool child_untrace(const struct child *c, int signo);

/* Is it one of the signals that are sent to end processes? */
bool child_is_fatal(int signo);

/* Is there something left of one that was killed, to wait for? */
bool child_leaves_strays(const struct child *c);

/* Nothing more will be asked about it. */
void child_release(struct child *c);

#endif
