/* SPDX-License-Identifier: ISC */
/* Pulls one event after the other into the job that comes next, until that has as many
 * as a job takes or the input ends.  The first event prepares the template. */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "run/intake.h"

enum { MAX_FREE = 1024 }; /* as many as fast workers have in flight */

/* --- memory */

static void destroy(struct job *job)
{
	arena_free(job->arena);
	free(job->events);
	free(job);
}

static struct job *first_free(struct intake *in)
{
	struct job *job = LIST_ENTRY(in->free.next, struct job, link);

	list_remove(&job->link);
	in->nfree--;
	return job;
}

static struct job *new_job(struct intake *in)
{
	struct job *job;

	if (list_empty(&in->free)) {
		job = xcalloc(1, sizeof *job);
		job->arena = arena_new();
	} else {
		struct job old;

		job = first_free(in);
		old = *job;
		*job = (struct job){.arena = old.arena,
				    .events = old.events,
				    .events_cap = old.events_cap};
	}
	job->rules = in->rules;
	list_init(&job->link);
	return job;
}

void intake_put(struct intake *in, struct job *job)
{
	list_remove(&job->link);
	if (in->nfree >= MAX_FREE) {
		destroy(job);
		return;
	}
	arena_reset(job->arena);
	list_append(&in->free, &job->link);
	in->nfree++;
}

void intake_init(struct intake *in)
{
	list_init(&in->free);
}

void intake_clear(struct intake *in)
{
	if (in->next != NULL)
		intake_put(in, in->next);
	while (!list_empty(&in->free))
		destroy(first_free(in));
}

/* --- events */

bool intake_ask_total(struct intake *in)
{
	uint64_t events;

	if (!in->total_known && source_total(in->source, &events)) {
		in->total_known = true;
		in->total = (events + in->batch - 1) / in->batch;
	}
	return in->total_known;
}

static void end_input(struct intake *in)
{
	in->ended = true;
	in->total_known = true;
	in->total = in->numbered + (in->next->nevents > 0);
}

/* Once the first event has arrived, a short input may be known to its end. */
static int prepare(struct intake *in, const struct event *first, struct err *err)
{
	if (in->prepared)
		return 0;
	in->prepared = true;
	intake_ask_total(in);
	return template_prepare(in->template, first, in->total_known, err);
}

/* 1: the next job has one event more; 0: none is there now; -1 with err. */
static int pull_event(struct intake *in, struct err *err)
{
	struct job *job = in->next != NULL ? in->next : new_job(in);
	struct event *e = arena_alloc(job->arena, sizeof *e);

	in->next = job;
	switch (source_next(in->source, job->arena, e, err)) {
	case SOURCE_EVENT:
		job->events = xgrow(job->events, &job->events_cap, job->nevents + 1,
				    sizeof(struct event *));
		job->events[job->nevents++] = e;
		return prepare(in, e, err) < 0 ? -1 : 1;
	case SOURCE_AGAIN:
		return 0;
	case SOURCE_END:
		end_input(in);
		return 0;
	case SOURCE_ERROR:
		end_input(in);
		return -1;
	}
	return 0;
}

int intake_collect(struct intake *in, struct err *err)
{
	int result = 1;

	while (result > 0 && !in->ended &&
	       (in->next == NULL || in->next->nevents < in->batch))
		result = pull_event(in, err);
	return result < 0 ? -1 : 0;
}

struct job *intake_peek(const struct intake *in)
{
	struct job *job = in->next;

	if (job == NULL || job->nevents == 0 || (job->nevents < in->batch && !in->ended))
		return NULL;
	return job;
}

bool intake_has_more(const struct intake *in)
{
	return !in->ended || (in->next != NULL && in->next->nevents > 0);
}

void intake_take(struct intake *in, unsigned slots)
{
	struct job *job = in->next;
	bool batched = in->batch > 1;

	in->next = NULL;
	in->numbered++;
	job->bindings = (struct bindings){
	    .events = (const struct event *const *)job->events,
	    .nevents = job->nevents,
	    .seq = batched ? in->numbered : job->events[0]->seq,
	    .total = in->total,
	    .slots = slots,
	};
	job->outcome.bindings = &job->bindings;
	job->outcome.batched = batched;
}
