/* SPDX-License-Identifier: ISC */
#ifndef RUN_GATES_H
#define RUN_GATES_H

/* What else must agree before a job starts: the reader of volley's messages, the load
 * and the memory of the machine, make's jobserver (jobserver.h).  The scheduler asks
 * every gate before each start. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/loop.h"

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

/* May one more job start, by all gates? */
bool gates_enter(const struct gate *gates, size_t n, unsigned running);
void gates_leave(const struct gate *gates, size_t n, unsigned running);

/* A gate that asks again after a while; the first member of such a gate's struct. */
struct gate_timer {
	struct loop_timer timer;
	void (*ready)(void *arg);
	void *ready_arg;
};

/* Start nothing while too many messages wait for the reader of stderr: each job may
 * add some, and they are kept in memory. */
struct backlog {
	struct gate_timer again;
	struct loop *loop;
};

extern const struct gate_ops backlog_gate; /* arg: the struct backlog */
void backlog_clear(struct backlog *b);	   /* before the loop is freed */

/* --load and --memfree: start nothing while the machine is busy or short of memory.
 * They are checked before each start, and once a second while jobs are held back.  Warn
 * once if the load or the shortage is not caused by volley's own jobs. */
struct limits {
	struct gate_timer again;
	struct loop *loop;
	const char *root; /* put before /proc: "" except in tests */
	unsigned load;	  /* most processes that want to run; 0: no limit */
	uint64_t memfree; /* bytes that must be available; 0: no limit */

	/* Its own. */
	unsigned refusals; /* in a row, while no job ran */
	bool warned;
};

extern const struct gate_ops limits_gate; /* arg: the struct limits */
void limits_clear(struct limits *l);	  /* before the loop is freed */

#endif
