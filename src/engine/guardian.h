/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_GUARDIAN_H
#define ENGINE_GUARDIAN_H

/* A second process that kills the jobs when volley cannot: when volley itself
 * was killed by SIGKILL.
 *
 * The parent-death signal reaches a job's first process, but not what that has
 * forked, and set-uid programs clear it.  The guardian shares with volley a table
 * of the tasks that run, and reads from a pipe whose other end only volley holds.
 * A byte there is the goodbye: it ends.  End of file without one means that volley
 * is dead: then it kills the tasks' groups, what carries their mark (VOLLEY_PID and
 * VOLLEY_SEQ) in its environment, and what descends from these.  Until that is done
 * it keeps volley's lock (sys/lockfile.h). */

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "sys/loop.h"

struct guardian;

/* What the process is called.  Of a volley that runs as a job of this one it is
 * not to be killed with the rest: it ends by itself, when it has killed the jobs
 * of the inner one, whom nobody else may know. */
extern const char guardian_name[];

/* NULL with err.  Fork it before there are threads, and before there is any task.
 * SIGPIPE must be blocked or ignored, as it is where there is a loop. */
struct guardian *guardian_new(struct err *err);

/* Warn once if it dies before it is dismissed: then nothing is guarded any more. */
void guardian_watch(struct guardian *g, struct loop *loop);

/* A process for the job number seq is about to be started: from here on what carries
 * its mark is guarded.  Returns a ticket; it never fails: beyond the table's size
 * (65536 at a time) nothing is guarded. */
int guardian_enter(struct guardian *g, uint64_t seq);

/* It leads the group. */
void guardian_add_group(struct guardian *g, int ticket, pid_t group);

/* It has ended, or was not started. */
void guardian_leave(struct guardian *g, int ticket);

/* Nothing runs any more: say goodbye.  The guardian takes a moment to end, which
 * guardian_free then need not wait for. */
void guardian_dismiss(struct guardian *g);

/* Ends the guardian, even a stopped one; nothing may run any more. */
void guardian_free(struct guardian *g);

#endif
