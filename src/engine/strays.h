/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_STRAYS_H
#define ENGINE_STRAYS_H

/* Processes of a killed task that are out of reach of its group's signals: in a
 * session or group of their own (setsid, timeout(1), an interactive shell), and
 * perhaps adopted by volley, the subreaper, because their parent is dead. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/list.h"
#include "sys/proctable.h"

struct stray_owner {
	struct link link;
	pid_t leader;  /* the task's first process, and its group */
	uint64_t seq;  /* the job's number, which marks its processes */
	int signo;     /* to be sent by the next sweep; 0: only count */
	size_t found;  /* by the last sweep: alive, not the leader itself */
};

/* Look for the processes of all owners in the list at once, and send each its
 * owner's signo (once: signo is 0 afterwards). */
void strays_sweep(struct link *owners, struct proctable *scratch);

#endif
