/* SPDX-License-Identifier: ISC */
#ifndef RUN_RESUME_H
#define RUN_RESUME_H

/* --resume: which jobs have been run already, by an earlier run's job log.
 *
 * Jobs are matched by their command as text, as a multiset: a command that is
 * there twice was run twice.  So events that were added, removed or moved do no
 * harm.  A command that holds the number of its job is another one under another
 * number; in which slot a job ran does not matter.
 *
 * A failed job that was run again has a second line, marked by JOBLOG_AGAIN, and
 * is still one job: what became of it is what the last line says. */

#include <stdbool.h>

#include "base/err.h"
#include "command/template.h"

struct resume;

/* Append the command of a job as the log has it, without line breaks. */
void resume_command(const struct template *t, const struct bindings *job, struct buf *out);

/* What the column Send, which is else 0, holds in the line of a job that had
 * failed in the same log. */
enum { JOBLOG_AGAIN = 1 };

/* Read a job log from its start; fd's position is not changed.  failed: jobs
 * that failed there are to run again (--resume-failed).  NULL with err, which
 * names the file by path and the bad line. */
struct resume *resume_read(int fd, const char *path, bool failed, struct err *err);
void resume_free(struct resume *r); /* NULL is allowed */

/* Was this job run?  Each answer "yes" uses up one line of the log.  The job has
 * its events and number, but needs no slot.  again: is it run again because it had
 * failed? */
bool resume_skips(struct resume *r, const struct template *t,
		  const struct bindings *job, bool *again);

/* Different commands in the log that no job has had so far: when the input has
 * ended, the log did not fit it.  0 when commands hold their slot, as one job may
 * have been in several. */
uint64_t resume_left(const struct resume *r);

#endif
