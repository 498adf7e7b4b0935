/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

/* The engine of persistent workers: see volley-worker(7).  It owns the workers, their
 * queues and what they have sent.  A task ends with its worker's reply, not with a
 * process. */

#include "engine/engine.h"
#include "engine/worker_protocol.h"

struct worker_config {
	struct loop *loop;
	int nice;	  /* added to the workers' niceness */
	int64_t drain_ns; /* how long a worker may take to end after end of file */
	enum worker_reply_kind reply;
	size_t window; /* tasks in one worker; 0: grows by itself */
	uint64_t max;  /* tasks in a worker's life; 0: no limit */
};

/* NULL with err. */
struct engine *engine_worker_open(const struct worker_config *cfg, struct err *err);

/* Tests: how many tasks the worker in the slot may have at a time, as yet. */
size_t engine_worker_window(const struct engine *engine, unsigned slot);

#endif
