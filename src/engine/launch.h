/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_LAUNCH_H
#define ENGINE_LAUNCH_H

/* From a command to its process and pipes, and why there is no process.  Jobs and
 * workers are started here and nowhere else.
 *
 * A launch does not wait: its process may still be on its way to its program, and may
 * fail to get there, when launch_child has returned.  That is known when launch_has_left
 * says so; the end of a process that has failed is reported as any other. */

#include <stdbool.h>

#include "engine/children.h"
#include "engine/engine.h"
#include "sys/spawn.h"

enum { LAUNCH_WHY = 256 };

/* The controlling terminal, lent to one task at a time (--debug). */

struct lease {
	int fd;	   /* the terminal; -1: none, or not needed yet */
	bool lent; /* a task's process group is its foreground */
};

#define LEASE_INIT {-1, false}

/* Is it ours to lend?  Not while volley runs in the background. */
bool lease_possible(struct lease *l);

/* Make the group the foreground, if that is possible. */
void lease_give(struct lease *l, pid_t group);

/* Make volley's own group the foreground again, if the terminal is lent. */
void lease_end(struct lease *l);

/* Close the terminal. */
void lease_clear(struct lease *l);

/* What all launches of an engine have in common. */
struct launch_means {
	struct children *children; /* environment, limits, /dev/null */
	const sigset_t *mask;
	bool feed;	 /* stdin is a pipe from the engine, not the command's input */
	bool inherit;	 /* stdout and stderr are volley's own */
	bool foreground;  /* and the terminal and stdin */
	bool stdin_taken; /* but not a stdin from which events come */
	struct lease terminal;
};

struct launch_order {
	struct child *child;	       /* all zero but for swept, and pid is -1 */
	const struct command *command; /* stays until the process has been reaped, */
	char *own; /* and so does this: a variable that the command has not; or NULL */
	struct mark mark; /* as its environment has it */
	loop_child_fn changed; /* as loop_child_add has it */
	void *arg;
};

/* The engine's ends of the pipes: of the process's three streams; and, if it is fed, of
 * one that is hung up when launch_has_left. */
enum { LAUNCH_GATE = 3, LAUNCH_ENDS };

/* Used for one process after the other.  What is on its way to its program reads
 * from here, so this stays until the process has been reaped. */
struct launch {
	struct launch_means *means;
	struct launch_order order;
	int ends[LAUNCH_ENDS]; /* that were not taken; or -1 */
	int error;	       /* why there is no process; 0: there is one */
	enum spawn_stage stage;
	char **script; /* the argv of the shell that runs it; NULL: it runs itself */
	sigset_t mask; /* of signals, for its program */
	struct spawn_seat *seat;
	struct child_env env;
	char why[LAUNCH_WHY];
};

void launch_init(struct launch *l, struct launch_means *means);
void launch_clear(struct launch *l);

/* Start a process as the order's child.  False: there is none, see launch_explain;
 * nothing is to be released then. */
bool launch_child(struct launch *l, const struct launch_order *order);

/* Nonblocking; the caller's from here on.  -1: the stream is inherited. */
int launch_take_end(struct launch *l, int which);

/* Close those that were not taken. */
void launch_close_ends(struct launch *l);

/* What to send it instead of signo: SIGKILL, if that would dump a core of the memory
 * that it still shares with volley.  Before Linux 5.16 this takes volley along. */
int launch_signal(const struct launch *l, int signo);

/* Has it come to its program, or ended?  Has it failed to? */
bool launch_has_left(const struct launch *l);
bool launch_has_failed(const struct launch *l);

/* The process has failed and ended, and the ends that were taken are closed.  A script
 * without #! is given to the shell, as every shell does with one, unless the process was
 * killed: then there is a new process, and the order's child is that.  False: there is
 * none, and the child is still to be released. */
bool launch_child_again(struct launch *l);

/* The result of a launch that has failed; valid as long as the launch. */
void launch_explain(struct launch *l, struct engine_result *result);

#endif
