/* SPDX-License-Identifier: ISC */
#ifndef RUN_RESUME_H
#define RUN_RESUME_H

/* --resume: which jobs have been run already, by an earlier run's job log.
 *
 * Jobs are matched by their command as text, as a multiset: a command that is
 * there twice was run twice.  So events that were added, removed or moved do no
 * harm.  Commands that hold the number of their job or slot differ from run to
 * run: these are matched by the job's number, and that is said. */

#include <stdbool.h>

#include "base/err.h"
#include "command/template.h"
#include "run/job.h"

struct resume;

/* Read a job log from its start; fd's position is not changed.  failed: jobs
 * that failed there are to run again (--resume-failed).  NULL with err, which
 * names the file by path and the bad line. */
struct resume *resume_read(int fd, const char *path, bool failed, struct err *err);
void resume_free(struct resume *r); /* NULL is allowed */

/* Was this job run?  Each answer "yes" uses up one line of the log.  The job has
 * its events and number, but needs no slot. */
bool resume_skips(struct resume *r, const struct template *t, const struct job *job);

/* Different commands in the log that no job has had so far: when the input has
 * ended, the log did not fit it. */
uint64_t resume_left(const struct resume *r);

#endif
