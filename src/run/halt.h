/* SPDX-License-Identifier: ISC */
#ifndef RUN_HALT_H
#define RUN_HALT_H

/* --halt: when results so far are a reason to stop.  Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum halt_when { HALT_NEVER, HALT_SOON, HALT_NOW };
enum halt_why { HALT_FAIL, HALT_SUCCESS, HALT_DONE };

struct halt {
	enum halt_when when;
	enum halt_why why;
	uint64_t count; /* how many results; or with percent: how many in 100 */
	bool percent;	/* of the jobs that have finished, from the third on */
};

/* GNU parallel's grammar: never; (now|soon),(fail|success|done)=(N|N%); and its
 * old forms 0 1 2 -1 -2 N%.  -1 with a usage error. */
int halt_parse(const char *text, struct halt *halt, struct err *err);

/* Do these results call for the halt? */
bool halt_reached(const struct halt *halt, uint64_t ok, uint64_t failed);

#endif
