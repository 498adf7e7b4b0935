/* SPDX-License-Identifier: ISC */
#ifndef RUN_INTAKE_H
#define RUN_INTAKE_H

/* From events to jobs: pulls events from the source, collects those of one job,
 * numbers the jobs, and keeps count of how many there are.
 *
 * It also owns the jobs' memory: a job that is given back is used again, with the
 * first chunk of its arena. */

#include "event/source.h"
#include "run/job.h"

struct intake {
	struct job_rules *rules; /* of all jobs */
	struct run_state *run;	 /* its total is kept here */
	bool ended;		 /* there are no more events */

	/* Its own. */
	struct job *next; /* collects its events */
	uint64_t numbered;
	bool prepared;
	struct link free;
};

void intake_init(struct intake *in, struct job_rules *rules, struct run_state *run);
void intake_clear(struct intake *in);

/* Ask the source for the total, if it is not known yet. */
void intake_ask_total(struct intake *in);

/* Collect events for the next job, as far as they have arrived.  -1 with err: when ended
 * is set, the input cannot be read further, but there may be a job of what was read
 * before; otherwise there is no command for these events, and the run has to end. */
int intake_collect(struct intake *in, struct err *err);

/* The next job, with all its events; NULL: it is not complete yet, or there is none. */
struct job *intake_peek(const struct intake *in);

/* Are there, or may there be, events that no job has taken? */
bool intake_has_more(const struct intake *in);

/* Take the job that intake_peek has shown: number it. */
void intake_take(struct intake *in);

/* Takes the job back, off the list that it is on. */
void intake_put(struct intake *in, struct job *job);

#endif
