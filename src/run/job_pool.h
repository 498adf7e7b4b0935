/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOB_POOL_H
#define RUN_JOB_POOL_H

/* Jobs are used again, with their arena's first chunk. */

#include <stddef.h>

#include "run/job.h"

struct job_pool {
	struct link free;
	size_t nfree;
};

void job_pool_init(struct job_pool *p);
void job_pool_clear(struct job_pool *p);

/* A job in state READY with nothing in it, on no list. */
struct job *job_pool_take(struct job_pool *p);

/* Takes the job, off whatever list it is on. */
void job_pool_put(struct job_pool *p, struct job *job);

#endif
