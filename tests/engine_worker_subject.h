/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_WORKER_SUBJECT_H
#define TESTS_ENGINE_WORKER_SUBJECT_H

/* The engine of persistent workers for engine_check.h: its workers are scripted
 * children that serve, and a task's script is the line they get. */

#include "base/bytes.h"
#include "base/mem.h"
#include "engine/worker.h"
#include "engine_check.h"
#include "scratch.h"

static inline void worker_command(struct command *c, const char *script)
{
	c->path = built_program("tests/helpers/child");
	if (strcmp(script, "missing") == 0)
		c->path = "/nonexistent";
	else if (strcmp(script, "forbidden") == 0)
		c->path = "/etc/passwd";
	c->argv[0] = xstrdup("child");
	c->argv[1] = xstrdup("serve");
	c->argv[2] = NULL;
	c->input = bytes_str(script);
	c->line = true;
}

static inline struct engine *worker_open(struct loop *loop, int64_t drain_ns,
					 struct err *err)
{
	struct worker_config cfg = {.loop = loop,
				    .drain_ns = drain_ns,
				    .reply = WORKER_REPLY_JSON,
				    .window = 3};

	return engine_worker_open(&cfg, err);
}

static const struct engine_subject engine_worker_subject = {
    .name = "worker",
    .open = worker_open,
    .command = worker_command,
    .slots = 8,
    .queues = true,
    .keeps = true,
};

#endif
