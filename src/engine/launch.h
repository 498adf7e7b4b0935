/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_LAUNCH_H
#define ENGINE_LAUNCH_H

/* From a task to its process and pipes, and why there is no process. */

#include <stdbool.h>

#include "engine/children.h"
#include "engine/engine.h"
#include "engine/lease.h"
#include "sys/spawn.h"

/* What all launches of an engine have in common. */
struct launch_means {
	struct children *children; /* environment, limits, /dev/null */
	const sigset_t *mask;
	bool inherit;	 /* stdout and stderr are volley's own */
	bool foreground; /* and the terminal, and stdin if it is none */
	struct lease terminal;
};

/* Used for one task after the other.  What is on its way to its program reads
 * from here, so this stays until the process has been reaped. */
struct launch {
	pid_t pid;	  /* -1: there is no process */
	int read_ends[2]; /* of its stdout and stderr, the caller's now; or -1 */
	int error;	  /* why there is none; 0: there is one */
	enum spawn_stage stage;
	char **script; /* the argv of the shell that runs it; NULL: it runs itself */
	sigset_t mask; /* of signals, for its program */
	int death_signal; /* as spawn has it; set by the caller */
	struct spawn_seat *seat;
	struct child_env_room env;
	char why[CHILD_WHY];
};

void launch_init(struct launch *l);
void launch_clear(struct launch *l);

/* Start the task's process; sets pid, and read_ends unless the task inherits its
 * streams.  The process may still be on its way to its program. */
void launch_first(struct launch *l, struct launch_means *means,
		  const struct engine_task *task);

/* What to send it instead of signo: SIGKILL, if that would dump a core of the memory
 * that it still shares with volley.  Before Linux 5.16 this takes volley along. */
int launch_signal(const struct launch *l, int signo);

/* Has it come to its program, or ended?  Has it failed to? */
bool launch_has_left(const struct launch *l);
bool launch_has_failed(const struct launch *l);

/* After a launch that has failed, with its process reaped and its streams closed:
 * a script without #! is given to the shell, as every shell does with one.  False:
 * it is none. */
bool launch_again(struct launch *l, struct launch_means *means,
		  const struct engine_task *task);

/* The result of a launch that has failed; valid as long as the launch. */
void launch_explain(struct launch *l, const struct command *command,
		    struct engine_result *result);

#endif
