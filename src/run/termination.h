/* SPDX-License-Identifier: ISC */
#ifndef RUN_TERMINATION_H
#define RUN_TERMINATION_H

/* --termseq: by which signals a job is ended, and how long each has to work. */

#include "base/err.h"

enum { TERMINATION_MAX_STEPS = 16 };

struct termination {
	struct termination_step {
		int signo, wait_ms;
	} steps[TERMINATION_MAX_STEPS];
	unsigned n; /* at least 1 */
};

/* TERM,200,TERM,100,TERM,50,KILL,25: as GNU parallel. */
extern const struct termination termination_default;

/* "SIGNAL,MS,SIGNAL,MS,..."; names with or without SIG, or numbers; the last MS
 * may be left out. -1 with a usage error. */
int termination_parse(const char *text, struct termination *t, struct err *err);

#endif
