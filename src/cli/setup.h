/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

/* From settings to the configs of the modules below: every default, and every
 * check of one option against another. */

#include "cli/settings.h"
#include "command/template.h"
#include "run/jobserver.h"
#include "run/job_limit.h"
#include "event/source.h"
#include "run/sched.h"
#include "watch/failed_to.h"
#include "watch/joblog.h"

/* Checks every value by itself.  -1 with a usage error. */
int setup_values(const struct settings *s, struct err *err);

/* Checks that concern several options.  -1 with a usage error. */
int setup_check(const struct settings *s, struct err *err);

/* The source of all events, which owns whatever it is made from.  NULL with
 * err.  Prints a note when events come from a terminal. */
struct source *setup_source(const struct settings *s, struct loop *loop,
			    struct err *err);

void setup_template(const struct settings *s, struct template_config *cfg);

/* The job log, when one is asked for (s->joblog), and what is to be skipped by
 * what it holds (NULL: nothing).  NULL with err. */
struct joblog *setup_joblog(const struct settings *s, const struct template *template,
			    struct loop *loop, struct resume **resume, struct err *err);

/* What is to be skipped, without a run that would write the log (--dry-run).  -1
 * with err. */
int setup_resume(const struct settings *s, struct resume **resume, struct err *err);

/* --failed-to, for the format that the one input has.  NULL with err. */
struct failed_to *setup_failed_to(const struct settings *s, struct err *err);

/* Fills all but loop, source, template, engine, terminal and watchers. */
int setup_sched(const struct settings *s, const struct jobserver_env *make,
		struct sched_config *cfg, struct err *err);

/* -j FILE: true when jobs names a file, and what to watch it with. */
bool setup_jobs_file(const struct settings *s, struct job_limit_file *f);

/* The command line again, in two halves between which more options may go, each
 * quoted for a shell: for messages that say how to run something again. */
void setup_again(const struct settings *s, struct buf *before, struct buf *after);

/* And the option that goes there to run what has failed: see summary.h. */
const char *setup_again_option(const struct settings *s);

#endif
