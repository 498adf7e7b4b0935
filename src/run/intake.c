/* SPDX-License-Identifier: ISC */
/* Pulls one event after the other into the job that comes next, until that has as many
 * as a job takes or the input ends.  The first event prepares the template. */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "run/intake.h"

/* --- memory */

static struct job *new_job(struct intake *in)
{
	struct job *job;

	if (list_empty(&in->free)) {
		job = xcalloc(1, sizeof *job);
		job->arena = arena_new();
	} else {
		struct job old;

		job = LIST_ENTRY(in->free.next, struct job, link);
		list_remove(&job->link);
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
	arena_reset(job->arena);
	list_append(&in->free, &job->link);
}

void intake_init(struct intake *in, struct job_rules *rules, struct run_state *run)
{
	*in = (struct intake){.rules = rules, .run = run};
	list_init(&in->free);
}

void intake_clear(struct intake *in)
{
	if (in->next != NULL)
		intake_put(in, in->next);
	while (!list_empty(&in->free)) {
		struct job *job = LIST_ENTRY(in->free.next, struct job, link);

		list_remove(&job->link);
		arena_free(job->arena);
		free(job->events);
		free(job);
	}
}

/* --- events */

void intake_ask_total(struct intake *in)
{
	const struct sched_config *cfg = in->rules->cfg;
	uint64_t events;

	if (!in->run->total_known && source_total(cfg->source, &events)) {
		in->run->total_known = true;
		in->run->total = (events + cfg->batch - 1) / cfg->batch;
	}
}

static void end_input(struct intake *in)
{
	in->ended = true;
	in->run->total_known = true;
	in->run->total = in->numbered + (in->next->nevents > 0);
}

/* Once the first event has arrived, a short input may be known to its end. */
static int prepare(struct intake *in, const struct event *first, struct err *err)
{
	if (in->prepared)
		return 0;
	in->prepared = true;
	intake_ask_total(in);
	return template_prepare(in->rules->cfg->template, first, in->run->total_known, err);
}

/* 1: the next job has one event more; 0: none is there now; -1 with err. */
static int pull_event(struct intake *in, struct err *err)
{
	struct job *job = in->next != NULL ? in->next : new_job(in);
	struct event *e = arena_alloc(job->arena, sizeof *e);

	in->next = job;
	switch (source_next(in->rules->cfg->source, job->arena, e, err)) {
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
	size_t batch = in->rules->cfg->batch;
	int result = 1;

	while (result > 0 && !in->ended &&
	       (in->next == NULL || in->next->nevents < batch))
		result = pull_event(in, err);
	return result < 0 ? -1 : 0;
}

struct job *intake_peek(const struct intake *in)
{
	size_t batch = in->rules->cfg->batch;
	struct job *job = in->next;

	if (job == NULL || job->nevents == 0 || (job->nevents < batch && !in->ended))
		return NULL;
	return job;
}

bool intake_has_more(const struct intake *in)
{
	return !in->ended || (in->next != NULL && in->next->nevents > 0);
}

void intake_take(struct intake *in)
{
	struct job *job = in->next;
	bool batched = in->rules->cfg->batch > 1;

	in->next = NULL;
	in->numbered++;
	job->bindings = (struct bindings){
	    .events = (const struct event *const *)job->events,
	    .nevents = job->nevents,
	    .seq = batched ? in->numbered : job->events[0]->seq,
	    .total = in->run->total,
	    .slots = in->rules->cfg->slots,
	};
	job->outcome.bindings = &job->bindings;
	job->outcome.batched = batched;
}
