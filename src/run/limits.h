/* SPDX-License-Identifier: ISC */
#ifndef RUN_LIMITS_H
#define RUN_LIMITS_H

/* --load and --memfree: start nothing while the machine is busy or short of
 * memory.  Looked at before each start, and once a second while held.  When it is
 * not for volley's own jobs that nothing starts, this is said once. */

#include <stdbool.h>
#include <stdint.h>

#include "run/gate.h"
#include "sys/loop.h"

struct limits {
	struct loop *loop;
	const char *root; /* is put before /proc: "" but in tests */
	unsigned load;	  /* most processes that want to run; 0: no limit */
	uint64_t memfree; /* bytes that must be available; 0: no limit */

	/* Its own. */
	struct loop_timer timer;
	unsigned refusals; /* in a row, while nothing of ours ran */
	bool told;
	void (*ready)(void *arg);
	void *ready_arg;
};

/* arg of the gate: the struct limits. */
extern const struct gate_ops limits_gate;

/* Call before the loop is freed. */
void limits_clear(struct limits *l);

#endif
