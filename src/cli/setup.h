/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

/* From settings to the config of each module below: every default that depends on
 * something else, and the checks that need more than the options. */

#include "base/err.h"
#include "cli/given.h"
#include "cli/settings.h"
#include "command/template.h"
#include "engine/engine.h"
#include "event/source.h"
#include "output/output.h"
#include "run/jobserver.h"
#include "run/sched.h"
#include "watch/failed_to.h"
#include "watch/joblog.h"
#include "watch/summary.h"

/* --- events */

/* FOR_... of all inputs together: see option.h. */
unsigned setup_inputs(const struct settings *s);

/* What cannot be said by a column of the table.  -1 with a usage error. */
int setup_check(const struct settings *s, const struct given_list *given, struct err *err);

/* The source of all events, which owns what it is made from.  Prints a note when events
 * come from a terminal. */
struct source *setup_source(const struct settings *s, struct loop *loop);

/* --- command and engine */

/* Completes s->template, and returns it. */
const struct template_config *setup_template(struct settings *s);

/* What runs the jobs; the caller closes it.  NULL with err. */
struct engine *setup_engine(const struct settings *s, struct loop *loop, struct err *err);

/* How the command line can be run again for what fails or is not run; the texts are in
 * the line's arena.  line: the command line alone; all: with the run files under it. */
void setup_again(const struct given_list *line, const struct given_list *all,
		 const struct settings *s, struct again *again);

/* --- running */

/* Completes s->sched, but for loop, source, template, engine, terminal, sink, results,
 * gate and watchers, and returns it.  NULL with err. */
struct sched_config *setup_sched(struct settings *s, const struct jobserver *make,
				 struct err *err);

/* Make cfg ask make's jobserver before each start, or warn when it is out of reach.  Not
 * for a dry run. */
void setup_jobserver(const struct settings *s, struct jobserver *make, struct loop *loop,
		     struct sched_config *cfg);

/* The job log, when one is asked for (s->joblog), and what is to be skipped by
 * what it holds (left as it is: nothing).  NULL with err. */
struct joblog *setup_joblog(const struct settings *s, const struct template *template,
			    struct loop *loop, struct resume **resume, struct err *err);

/* What is to be skipped, without a run that would write the log (--dry-run).  -1
 * with err. */
int setup_resume(const struct settings *s, struct resume **resume, struct err *err);

/* --failed-to, for the format that the one input has.  NULL with err. */
struct failed_to *setup_failed_to(const struct settings *s, struct err *err);

/* --- output */

/* Sink and results, which the caller owns: each is NULL when there is none. */
struct sink *setup_sink(const struct settings *s);
int setup_results(const struct settings *s, struct results **results, struct err *err);

/* No bar where jobs would damage it by writing past us. */
enum progress_kind setup_progress(const struct settings *s);

#endif
