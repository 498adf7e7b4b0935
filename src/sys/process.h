/* SPDX-License-Identifier: ISC */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

/* The processes of the system, from /proc: parents, groups, environments; and the
 * identity of a process, which is its pid together with its start time.  For the rare
 * moments in which a job has to be killed together with all processes that it has
 * started.
 *
 * The numbers in /proc mean something only if it shows volley's own pid namespace, so
 * the /proc of another namespace is not used. */

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct process {
	pid_t pid, parent, group, session;
	uint64_t start; /* clock ticks since boot, see process_ticks */
	bool zombie;
	char name[16]; /* of its program, cut */
};

/* How much of the system /proc shows. */
enum processes_sight {
	PROCESSES_ALL,
	PROCESSES_OWN,	/* those of other users are hidden (hidepid) */
	PROCESSES_NONE, /* missing, unreadable, or of another pid namespace */
};

struct processes {
	DIR *dir;     /* /proc; NULL: not usable */
	int spare_fd; /* closed to make room when no other descriptor is left */
	int error;    /* errno of the last file that could not be read though it is there; 0 */
	struct process *v; /* by pid, ascending */
	size_t n, cap;
};

/* Opens /proc, so that a later shortage of descriptors does not matter.  Never
 * fails: if there is no usable /proc, processes_read finds nothing. */
void processes_open(struct processes *all);
void processes_close(struct processes *all);

/* Fill the table again.  Unless all can be seen, *why (if not NULL) is a phrase that
 * says why not. */
enum processes_sight processes_read(struct processes *all, const char **why);

const struct process *processes_find(const struct processes *all, pid_t pid);

/* Append the environment that the process was started with, each variable ended by
 * NUL.  False: it may not be read. */
bool processes_environment(struct processes *all, pid_t pid, struct buf *out);

/* The value of a variable in such a text; NULL: not set. */
const char *process_variable(const struct buf *environment, const char *name);

/* The present time as start has it. */
uint64_t process_ticks(void);

/* Is it the same executable as this one, and does it block all signals?  Both can
 * be seen from outside; neither can be reached by a name. */
bool processes_is_deaf_copy(struct processes *all, pid_t pid);

/* Send the signal to this very process, never to another with a reused pid.  False: it
 * may not be signalled. */
bool processes_signal(struct processes *all, const struct process *p, int signo);

/* What a process is doing that makes no progress. */
enum process_doing {
	PROCESS_READS,	 /* waits for more from the pipe */
	PROCESS_WAITS,	 /* waits for a child of its own; or it cannot be known */
	PROCESS_IS_BUSY, /* anything else */
};

/* pipe_fd: either end of the pipe, in this process. */
enum process_doing process_looks_at(pid_t pid, int pipe_fd);

#endif
