/* SPDX-License-Identifier: ISC */
#ifndef RUN_BACKLOG_H
#define RUN_BACKLOG_H

/* Start nothing while too many messages wait for the reader of stderr: each job may
 * add some, and they are kept in memory. */

#include "run/gate.h"
#include "sys/loop.h"

struct backlog {
	struct loop *loop;

	/* Its own. */
	struct loop_timer timer;
	void (*ready)(void *arg);
	void *ready_arg;
};

/* arg of the gate: the struct backlog. */
extern const struct gate_ops backlog_gate;

/* Call before the loop is freed. */
void backlog_clear(struct backlog *b);

#endif
