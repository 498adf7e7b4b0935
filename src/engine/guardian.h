/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_GUARDIAN_H
#define ENGINE_GUARDIAN_H

/* A second process that kills the jobs when volley cannot: when volley itself
 * was killed by SIGKILL.
 *
 * The parent-death signal reaches a job's first process, but not what that has
 * forked, and set-uid programs clear it.  The guardian waits for end of file on
 * a pipe whose other end only volley holds, and shares with it a table of the
 * tasks that run; then it kills their groups and what carries their mark
 * (VOLLEY_PID and VOLLEY_SEQ) in its environment. */

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct guardian;

/* What the process is called.  Of a volley that runs as a job of this one it is
 * not to be killed with the rest: it ends by itself, when it has killed the jobs
 * of the inner one, whom nobody else may know. */
extern const char guardian_name[];

/* What it will need; there is no second process so far.  NULL with err. */
struct guardian *guardian_new(struct err *err);

/* Start the second process, unless it runs.  To be called right behind the start of
 * the first child: then the one is made while the other is on its way to its program,
 * and until that has forked anything itself, its parent-death signal guards it.  -1
 * with err. */
int guardian_start(struct guardian *g, struct err *err);

/* A process group runs, for the job number seq / has ended.  enter returns a
 * ticket for leave; it never fails: beyond the table's size (65536 at a time)
 * groups are not guarded. */
int guardian_enter(struct guardian *g, pid_t group, uint64_t seq);
void guardian_leave(struct guardian *g, int ticket);

/* Nothing runs any more: let the guardian end, which takes a moment that guardian_free
 * then need not wait for. */
void guardian_dismiss(struct guardian *g);

/* Ends the guardian; nothing may run any more. */
void guardian_free(struct guardian *g);

#endif
