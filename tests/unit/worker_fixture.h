/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_WORKER_FIXTURE_H
#define TESTS_UNIT_WORKER_FIXTURE_H

/* Workers for the tests of their engine. */

#include "base/clock.h"
#include "engine_check.h"
#include "engine_worker_subject.h"

#define HOUR (3600 * NSEC_PER_SEC)

static struct worker_config worker_config; /* of the engine opened last */

static inline struct engine *open_configured(struct loop *loop, int64_t drain_ns,
					     struct err *err)
{
	worker_config.loop = loop;
	worker_config.drain_ns = drain_ns;
	worker_config.reply = WORKER_REPLY_JSON;
	return engine_worker_open(&worker_config, err);
}

static inline void open_workers(unsigned slots, struct worker_config cfg, int64_t drain_ns)
{
	static struct engine_subject changed;

	worker_config = cfg;
	changed = engine_worker_subject;
	changed.slots = slots;
	changed.open = open_configured;
	engine_check_open(&changed, drain_ns);
}

/* One worker that may have three tasks at a time. */
static inline void open_worker(void)
{
	open_workers(1, (struct worker_config){.window = 3}, HOUR);
}

/* A task whose worker, if it has to be started, does this before it serves, and
 * that after it. */
static inline struct checked_task *run_in(const char *before, const char *after,
					   const char *script)
{
	struct checked_task *t = task_new(script);
	size_t n = 1;

	free(t->argv[1]);
	if (before != NULL)
		t->argv[n++] = xstrdup(before);
	t->argv[n++] = xstrdup("serve");
	if (after != NULL)
		t->argv[n++] = xstrdup(after);
	t->argv[n] = NULL;
	task_start(t);
	return t;
}

static inline bool has_room(void)
{
	return engine->ops->place(engine) != 0;
}

static inline void wait_room(void)
{
	while (!has_room())
		turns(1);
}

#endif
