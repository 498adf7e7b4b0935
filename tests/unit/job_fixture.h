/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_JOB_FIXTURE_H
#define TESTS_UNIT_JOB_FIXTURE_H

/* Jobs as the scheduler would have made them, for what reads their outcome. */

#include <stdlib.h>

#include "base/mem.h"
#include "run/job.h"

/* A template for single values: WORD... */
static inline struct template *job_template(char **words, size_t n)
{
	struct template_config cfg = {.words = words, .nwords = n};
	struct item item = {.text = bytes_str("x")};
	struct event event = {.seq = 1, .items = &item, .nitems = 1};
	struct template *t = template_open(&cfg);
	struct err err;

	if (template_prepare(t, &event, false, &err) < 0)
		abort();
	return t;
}

/* A finished job for one value; freed by job_drop. */
static inline struct job *job_make(uint64_t seq, const char *value)
{
	struct job *job = xcalloc(1, sizeof *job);
	struct arena *a = arena_new();
	struct item *item = arena_alloc(a, sizeof *item);
	struct event *event = arena_alloc(a, sizeof *event);

	*item = (struct item){.text = bytes_str(value)};
	*event = (struct event){.seq = seq, .items = item, .nitems = 1};
	job->arena = a;
	job->events = xgrow(NULL, &job->events_cap, 1, sizeof(struct event *));
	job->events[0] = event;
	job->nevents = 1;
	job->bindings = (struct bindings){
	    .events = (const struct event *const *)job->events, .nevents = 1, .seq = seq};
	job->outcome.bindings = &job->bindings;
	return job;
}

static inline void job_drop(struct job *job)
{
	free(job->events);
	arena_free(job->arena);
	free(job);
}

#endif
