/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/setup_output.h"

static bool is_text(const struct settings *s)
{
	return s->output == NULL || strcmp(s->output, "text") == 0;
}

static int unknown_format(const char *name, struct err *err)
{
	struct buf known = BUF_INIT;

	for (const struct sink_format *f = sink_formats; f->name != NULL; f++)
		buf_addf(&known, ", %s", f->name);
	err_usage(err, "-o %s: unknown output format (formats: text%s)", name,
		  buf_cstr(&known));
	buf_clear(&known);
	return -1;
}

int setup_output_check(const struct settings *s, struct err *err)
{
	const struct sink_format *format = is_text(s) ? NULL : sink_format(s->output);

	if (!is_text(s) && format == NULL)
		return unknown_format(s->output, err);
	if (format != NULL && format->make == sink_table_new && s->only_failed)
		return err_usage(err, "-o table holds only jobs that succeed, --only-failed "
				      "shows only jobs that fail; leave out one of the two");
	return 0;
}

const char *setup_tag(const struct settings *s)
{
	if (s->tagstring != NULL)
		return s->tagstring;
	return s->tag ? (s->replace != NULL ? s->replace : "{}") : NULL;
}

static bool has_color(const struct settings *s, int fd)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (s->color != COLOR_AUTO)
		return s->color == COLOR_ALWAYS;
	return isatty(fd) && (no == NULL || *no == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

void setup_output(const struct settings *s, struct output_config *cfg)
{
	cfg->fds[0] = STDOUT_FILENO;
	cfg->fds[1] = STDERR_FILENO;
	cfg->keep_order = s->keep_order;
	cfg->by_lines = s->line_buffer;
	cfg->color[0] = has_color(s, STDOUT_FILENO);
	cfg->color[1] = has_color(s, STDERR_FILENO);
}

/* --dry-run shows commands, which are no results. */
struct sink *setup_sink(const struct settings *s)
{
	return s->dry_run || is_text(s) ? NULL : sink_format(s->output)->make();
}

int setup_results(const struct settings *s, struct results **results, struct err *err)
{
	if (s->results == NULL || s->dry_run)
		return 0;
	/* When a part of a run is done again, what is missing is added. */
	*results = results_open(s->results,
				s->only != NULL || s->resume || s->resume_failed, err);
	return *results != NULL ? 0 : -1;
}

enum progress_kind setup_progress(const struct settings *s)
{
	if (s->debug || (s->ungroup && s->progress == PROGRESS_AUTO))
		return PROGRESS_NONE;
	return s->progress;
}
