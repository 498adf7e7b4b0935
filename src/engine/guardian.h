/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_GUARDIAN_H
#define ENGINE_GUARDIAN_H

/* A second process that kills the jobs when volley cannot: when volley itself
 * was killed by SIGKILL.
 *
 * The guardian shares with volley a table of the tasks that run, and reads from a pipe
 * whose other end only volley holds.  A byte there is a goodbye, after which the
 * guardian ends.  End of file without a goodbye means that volley is dead: then the
 * guardian kills all processes of the tasks (strays.h).  Until that is done it keeps
 * volley's lock (sys/lockfile.h).
 *
 * A job has no parent-death signal while the guardian is there: if the first process
 * died together with volley, nothing would show which job its children belong to. */

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "sys/loop.h"

struct guardian;
struct mark;

/* run: as strays_name_run has made it.  NULL with err.  Fork it before there are
 * threads, and before there is any task.
 * SIGPIPE must be blocked or ignored, as it is where there is a loop. */
struct guardian *guardian_new(const char *run, struct err *err);

/* Warn once if it dies before it is dismissed: then nothing is guarded any more. */
void guardian_watch(struct guardian *g, struct loop *loop);

pid_t guardian_pid(const struct guardian *g);

/* A process with this mark is about to be started, and guarded from here on.  now: as
 * process_ticks has it.  Returns a ticket; -1: it is not guarded, because the guardian
 * is dead or there are too many (65536 at a time). */
int guardian_enter(struct guardian *g, const struct mark *mark, uint64_t now);

/* It runs, and leads the group. */
void guardian_add_group(struct guardian *g, int ticket, pid_t group);

/* A process that belongs to a killed task, by its start in clock ticks. */
void guardian_add_stray(struct guardian *g, pid_t pid, uint64_t start);

/* It has ended, or was not started. */
void guardian_leave(struct guardian *g, int ticket);

/* Nothing runs any more: say goodbye.  The guardian takes a moment to end, which
 * guardian_free then need not wait for. */
void guardian_dismiss(struct guardian *g);

/* Ends the guardian, even a stopped one; nothing may run any more. */
void guardian_free(struct guardian *g);

#endif
