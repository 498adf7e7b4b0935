/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/setup_output.h"

static struct sink *json_new(void)
{
	return sink_json_new(true);
}

static const struct {
	const char *name;
	struct sink *(*make)(void);
} formats[] = {{"json", json_new},
	       {"yaml", sink_yaml_new},
	       {"csv", sink_csv_new},
	       {"table", sink_table_new}};

/* False: there is no such format.  *make is NULL for text. */
static bool find_format(const char *name, struct sink *(**make)(void))
{
	*make = NULL;
	if (name == NULL || strcmp(name, "text") == 0)
		return true;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(name, formats[i].name) == 0)
			*make = formats[i].make;
	return *make != NULL;
}

static bool has_tag(const struct settings *s)
{
	return s->tag || s->tagstring != NULL;
}

static int check_ungroup(const struct settings *s, bool records, struct err *err)
{
	const char *other = s->keep_order    ? "-k"
			    : records	     ? "-o"
			    : s->results     ? "--results"
			    : s->tagstring   ? "--tagstring"
			    : s->tag	     ? "--tag"
			    : s->line_buffer ? "--line-buffer"
					     : NULL;

	if (!s->ungroup || other == NULL)
		return 0;
	return err_usage(err, "-u lets jobs write to stdout themselves, so %s has nothing "
			      "to work on; leave out one of the two",
			 other);
}

int setup_output_check(const struct settings *s, struct err *err)
{
	struct sink *(*make)(void);

	if (!find_format(s->output, &make))
		return err_usage(err,
				 "-o %s: unknown output format (formats: text, json, yaml, "
				 "csv, table)",
				 s->output);
	if (make != NULL && has_tag(s))
		return err_usage(err, "-o %s and %s exclude each other: each record names "
				      "its event",
				 s->output, s->tagstring ? "--tagstring" : "--tag");
	if (make != NULL && s->line_buffer)
		return err_usage(err, "-o %s and --line-buffer exclude each other: a "
				      "record is written when its job has finished",
				 s->output);
	if (make == sink_table_new && s->only_failed)
		return err_usage(err, "-o table holds only jobs that succeed, --only-failed "
				      "shows only jobs that fail; leave out one of the two");
	if (s->debug && (make != NULL || s->results != NULL))
		return err_usage(err, "--debug gives the terminal to the job, so that "
				      "there is no output for %s; leave out one of the two",
				 make != NULL ? "-o" : "--results");
	if ((s->ungroup || s->line_buffer) && (s->retries != 1 || s->event_options))
		return err_usage(err, "%s shows output before it is known whether the job "
				      "will be tried again; leave it out, or %s",
				 s->ungroup ? "-u" : "--line-buffer",
				 s->retries != 1 ? "--retries" : "--event-options");
	if (s->line_buffer && s->only_failed)
		return err_usage(err, "--line-buffer shows output before it is known whether "
				      "the job fails; leave out one of it and --only-failed");
	return check_ungroup(s, make != NULL, err);
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
	struct sink *(*make)(void);

	if (s->dry_run || !find_format(s->output, &make) || make == NULL)
		return NULL;
	return make();
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
