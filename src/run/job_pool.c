/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "run/job_pool.h"

enum { MAX_FREE = 1024 }; /* as many as fast workers have in flight */

static void destroy(struct job *job)
{
	arena_free(job->arena);
	free(job->events);
	free(job);
}

static struct job *first(struct job_pool *p)
{
	return LIST_ENTRY(p->free.next, struct job, link);
}

void job_pool_init(struct job_pool *p)
{
	list_init(&p->free);
	p->nfree = 0;
}

void job_pool_clear(struct job_pool *p)
{
	while (!list_empty(&p->free)) {
		struct job *job = first(p);

		list_remove(&job->link);
		destroy(job);
	}
}

struct job *job_pool_take(struct job_pool *p)
{
	struct job *job;

	if (list_empty(&p->free)) {
		job = xcalloc(1, sizeof *job);
		job->arena = arena_new();
	} else {
		struct job old;

		job = first(p);
		list_remove(&job->link);
		p->nfree--;
		old = *job;
		*job = (struct job){.arena = old.arena,
				    .events = old.events,
				    .events_cap = old.events_cap};
	}
	list_init(&job->link);
	return job;
}

void job_pool_put(struct job_pool *p, struct job *job)
{
	list_remove(&job->link);
	if (p->nfree >= MAX_FREE) {
		destroy(job);
		return;
	}
	arena_reset(job->arena);
	list_append(&p->free, &job->link);
	p->nfree++;
}
