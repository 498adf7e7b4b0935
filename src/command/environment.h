/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_ENVIRONMENT_H
#define COMMAND_ENVIRONMENT_H

/* The environment of a job: what volley passes on, and the variables that it adds.  The
 * strings belong to the caller's arena or list. */

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "command/placeholder.h"

/* The environment common to all jobs: volley's own without what volley sets
 * for each job and without the private variables of bound shell lines. */
void environment_base(struct strv *out);

/* What is added for one job of the volley with that pid, ended by NULL, in the
 * arena: VOLLEY_SEQ, _SLOT, _TRY, _PID, PARALLEL_SEQ, PARALLEL_JOBSLOT, and
 * EVENT_<key> for the fields of a mapping whose names are identifiers.  A field
 * that is longer than the kernel takes for one string, or holds a NUL, is left out, and
 * so with event_options is the field "volley". */
char **environment_of_job(const struct bindings *job, pid_t volley, bool event_options,
			  struct arena *a);

/* The same for a worker, which has no event of its own, and VOLLEY_REPLY: how it has
 * to reply. */
char **environment_of_worker(const struct bindings *job, pid_t volley, const char *reply,
			     struct arena *a);

/* Bytes that the kernel takes for one argument or variable, its NUL included
 * (MAX_ARG_STRLEN of execve(2)). */
enum { ENVIRONMENT_MAX_STRING = 128 * 1024 };

/* Can s be the name of a variable in a shell? */
bool environment_is_name(struct bytes s);

/* Are there any bash functions in volley's environment? */
bool environment_has_functions(void);

/* Is name a bash function in volley's environment (export -f)? */
bool environment_has_function(struct bytes name);

#endif
