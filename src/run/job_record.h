/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOB_RECORD_H
#define RUN_JOB_RECORD_H

/* A job that has its result, as the output stage is told of it. */

#include "output/output.h"
#include "output/record.h"
#include "run/job.h"
#include "run/sched.h"

/* Fill the record; it points into the job and its arena. */
void job_record(struct job *job, const struct sched_config *cfg, struct record *record);

/* A job whose stdout does not fit what is made of it (-o table) has failed,
 * though it ended well: it becomes JOB_REFUSED.  Either way why says so. */
void job_check_output(struct job *job, struct output *output);

/* The job adds no more: its record and its streams are the output's.  -1 with err:
 * its results could not be written. */
int job_hand_over(struct job *job, struct output *output, const struct sched_config *cfg,
		  struct err *err);

#endif
