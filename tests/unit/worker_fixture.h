/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_WORKER_FIXTURE_H
#define TESTS_UNIT_WORKER_FIXTURE_H

/* Workers for the tests of their engine. */

#include "base/clock.h"
#include "engine_check.h"
#include "engine_worker_subject.h"

#define HOUR (3600 * NSEC_PER_SEC)

static inline void open_workers(unsigned slots, struct worker_rules rules, int64_t drain_ns)
{
	static struct engine_subject subject;

	subject = engine_worker_subject;
	subject.slots = slots;
	subject.workers = rules;
	subject.workers.reply = WORKER_REPLY_JSON;
	engine_check_open(&subject, drain_ns);
}

/* One worker that may have three tasks at a time. */
static inline void open_worker(void)
{
	open_workers(1, (struct worker_rules){.window = 3}, HOUR);
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

static inline void wait_room(void)
{
	while (engine->ops->room(engine) == 0)
		turns(1);
}

static inline size_t room(void)
{
	return engine->ops->room(engine);
}

#endif
