/* SPDX-License-Identifier: ISC */
#ifndef SYS_SPAWN_H
#define SYS_SPAWN_H

/* Starts a child process, finds a program in PATH, and asks a program a short question.
 * A child is the caller's to reap. */

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"

struct spawn_spec {
	const char *path;   /* the file to execute; PATH is not searched */
	char *const *argv;
	char *const *env;
	const char *dir;    /* working directory; NULL: volley's own */
	int fds[3];	    /* what becomes 0, 1, 2; -1: inherited */
	const sigset_t *mask;
	const struct rlimit *files; /* RLIMIT_NOFILE for the child; NULL: as here */
	int nice;	    /* added to the niceness */
	int death_signal;   /* from the kernel when the parent dies; 0: none */
	int terminal;	    /* make the child's group the foreground of this; or -1 */
};

struct spawn_seat;

enum spawn_stage { SPAWN_FORK, SPAWN_DIR, SPAWN_EXEC };

/* A place from which children are started one after the other, without waiting
 * for any of them.  NULL: never, it dies without memory. */
struct spawn_seat *spawn_seat_new(void);
void spawn_seat_free(struct spawn_seat *seat); /* its last child has left it; NULL */

/* Start the child in a process group of its own (its id is the child's).
 * Every descriptor but 0-2 is as close-on-exec says.
 *
 * Returns its pid; or -1 with errno and *stage telling what failed: no child is left
 * then.  The child may still be on its way to its program.  What spec points to must
 * stay until it has left; spec itself need not.  The seat is free for the next child
 * when this one has left. */
pid_t spawn_start(struct spawn_seat *seat, const struct spawn_spec *spec,
		  enum spawn_stage *stage);

/* Has the child left: does it run its program, or has it ended?  Once it has been
 * reaped, the answer is yes. */
bool spawn_has_left(const struct spawn_seat *seat);

/* Why it could not execute its program, with *stage; 0: it did, or was killed
 * before.  To be asked when it has left. */
int spawn_error(const struct spawn_seat *seat, enum spawn_stage *stage);

/* Find a program as the shell does: a name with a slash is taken as it is, any
 * other is searched in PATH.  Returns a malloc'ed path; or NULL with err, whose
 * status is STATUS_NOT_FOUND (also for a script whose interpreter does not exist) or,
 * when a file is there but may not be executed, STATUS_ERROR. */
char *spawn_find_program(const char *name, struct err *err);

/* Run argv to its end with stdin from /dev/null, and collect what it writes to
 * stdout and stderr (up to size - 1 bytes, ended by NUL).  Blocks: for short
 * questions to a shell before the first job; a signal that ends programs ends
 * this one meanwhile.  Returns the wait status or -1. */
int spawn_ask(char *const *argv, char *out, size_t size);

#endif
