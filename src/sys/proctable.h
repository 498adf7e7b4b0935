/* SPDX-License-Identifier: ISC */
#ifndef SYS_PROCTABLE_H
#define SYS_PROCTABLE_H

/* A look at all processes, from /proc: who descends from whom, and who carries
 * a mark in its environment.  For the rare moments in which something has to be
 * killed together with all that it has started, wherever that has gone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	pid_t pid, parent, group;
	uint64_t start; /* clock ticks since boot: tells a reused pid */
	bool zombie;
	char name[16]; /* of its program, cut */
};

struct proctable {
	struct proc *procs; /* by pid, ascending */
	size_t n, cap;
};

/* Fill the table anew; what cannot be read is left out. */
void proctable_read(struct proctable *t);
void proctable_clear(struct proctable *t);

const struct proc *proctable_find(const struct proctable *t, pid_t pid);

/* Is the process below ancestor (at any depth)?  Not so ancestor itself. */
bool proctable_descends(const struct proctable *t, const struct proc *p, pid_t ancestor);

/* The value of NAME in the environment that the process was started with, as a
 * number; 0 when it is not there or may not be read. */
uint64_t proc_environment_number(pid_t pid, const char *name);

/* What does a process do that does not get on? */
enum proc_doing {
	PROC_READS,    /* waits for more from the pipe */
	PROC_WAITS,    /* waits for a child of its own; or nobody may know */
	PROC_IS_BUSY,  /* with anything else */
};

/* pipe_fd: either end of the pipe, in this process. */
enum proc_doing proc_looks_at(pid_t pid, int pipe_fd);

/* Send the signal to this very process: never to another with a reused pid. */
void proc_signal(const struct proc *p, int signo);

#endif
