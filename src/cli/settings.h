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
#include "event/source.h"
#include "output/sink.h"
#include "run/sched.h"
#include "watch/progress.h"

struct colsep;

/* Where events come from, in the order in which they were given. */
struct input {
	enum { INPUT_FILE, INPUT_WORDS, INPUT_TEXT } kind;
	const char *path;  /* INPUT_FILE; INPUT_TEXT: the run file's */
	struct bytes text; /* INPUT_TEXT: YAML, blank up to its place in the run file */
	char **words;	   /* INPUT_WORDS */
	size_t nwords;
	bool linked; /* to the one before: :::+ ::::+ */
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
	bool crlf, no_crlf;
	bool skip_blank;
	bool shuffle;
	struct seq_range *only; /* NULL: all */
	size_t nonly;
	uint64_t max_event;
	uint64_t max_depth;    /* 0: the usual */
	struct colsep *colsep; /* NULL: not given */
	bool header, no_header;
	int quote; /* enum quoting */
	const char *path; /* NULL: not given */
	bool link;
	uint64_t max_args; /* 0: as -n0 */

	/* command */
	struct template_config template; /* as far as options say; see setup_template */
	struct template_variable *env;
	size_t nenv, env_cap;
	bool worker;
	int reply; /* enum worker_reply_kind; -1: by the command */
	uint64_t worker_window, worker_max; /* 0: grows by itself; no limit */

	/* running */
	unsigned jobs;	       /* 0: not given, or jobs_file */
	const char *jobs_file; /* NULL: none */
	unsigned load;	       /* 0: no limit */
	uint64_t memfree;      /* 0: no limit */
	uint64_t nice;
	const char *lock;
	int64_t lock_wait_ns;
	int64_t drain_ns;
	struct sched_config sched; /* as far as options say; see setup_sched */
	bool halt_given;
	const char *joblog;
	int joblog_sync; /* enum joblog_sync */
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
