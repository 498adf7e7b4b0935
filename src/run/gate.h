/* SPDX-License-Identifier: ISC */
#ifndef RUN_GATE_H
#define RUN_GATE_H

/* What else must agree before a job starts: tokens of make's jobserver, the
 * load of the machine.  The scheduler asks every gate before each start. */

#include <stdbool.h>

struct gate_ops {
	/* May one more job start?  running: how many run now.  True takes whatever
	 * the job needs; false: the ready function will be called when it is
	 * worth asking again. */
	bool (*enter)(void *arg, unsigned running);
	/* A job that was let in has ended, or was not started after all.  running:
	 * how many still run. */
	void (*leave)(void *arg, unsigned running);
	/* Call fn(fn_arg), from the loop, when enter may succeed again. */
	void (*on_ready)(void *arg, void (*fn)(void *fn_arg), void *fn_arg);
};

struct gate {
	const struct gate_ops *ops;
	void *arg;
};

#endif
