/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

/* What the user asked for, as typed data: filled by given_apply, each option through
 * its own parser (values.c), completed by setup.c where a default depends
 * on something else.  Texts point to the list of given options, which must outlive this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "command/template.h"
#include "engine/worker.h"
#include "event/source.h"
#include "output/sink.h"
#include "run/sched.h"
#include "watch/joblog.h"
#include "watch/progress.h"

struct colsep;

/* Where events come from, in the order in which they were given. */
struct input {
	enum { INPUT_FILE, INPUT_WORDS, INPUT_TEXT } kind;
	const char *path;  /* INPUT_FILE; INPUT_TEXT: the run file's */
	struct bytes text; /* INPUT_TEXT: YAML, blank up to its place in the run file */
	char **words;	   /* INPUT_WORDS */
	size_t nwords;
	bool linked;	 /* to the one before: :::+ ::::+ */
	struct place at; /* in a run file */
};

struct inputs {
	struct input *v;
	size_t n, cap;
};

/* One more. */
void inputs_add(struct inputs *l, struct input in);

/* Choices: numbers of the words in the option's list. */
enum color_when { COLOR_ALWAYS, COLOR_NEVER, COLOR_AUTO };

struct settings {
	/* events */
	struct inputs inputs;
	const struct reader_ops *format; /* NULL: by the name of each file */
	int delimiter; /* a byte; -1: not given */
	bool null;
	struct reader_config reader; /* as far as options say; see reader_settings */
	bool shuffle;
	struct seq_range *only; /* NULL: all */
	size_t nonly;
	struct colsep *colsep; /* NULL: not given */
	bool header;
	bool link;
	uint64_t max_args; /* 0: as -n0 */

	/* command */
	struct template_config template; /* as far as options say; see setup_template */
	struct template_variable *env;
	size_t nenv, env_cap;
	bool worker;
	int reply; /* enum worker_reply_kind; -1: by the command */
	struct worker_config workers; /* as far as options say; see setup_engine */

	/* running */
	unsigned jobs;	       /* 0: not given, or jobs_file */
	const char *jobs_file; /* NULL: none */
	int nice;
	const char *lock;
	int64_t lock_wait_ns;
	int64_t drain_ns;
	struct sched_config sched; /* as far as options say; see setup_sched */
	bool halt_given;
	struct joblog_config joblog; /* path NULL: none; see setup_joblog */
	bool resume, resume_failed;
	const char *failed_to;
	bool verbose, debug;

	/* output */
	const struct sink_format *output; /* NULL: text */
	const char *results; /* NULL: none */
	bool tag;
	const char *tagstring; /* NULL: none */
	int color;	       /* enum color_when */
	bool ungroup;

	/* progress */
	enum progress_kind progress;
	int64_t progress_ns; /* PROGRESS_PLAIN: between lines */
	const char *unit;

	/* volley itself */
	bool help, version, print_run_file;
	const char *run_file; /* the last */
};

/* The defaults.  Clear the settings also when filling them fails. */
void settings_init(struct settings *s);
void settings_clear(struct settings *s);

#endif
