/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

/* What the user asked for, as typed data: filled by given_apply, each option through
 * its own parser (values.h), and read by setup.c, which fills each module's config
 * from it.  Texts point to the list of given options, which must outlive this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "command/template.h"
#include "event/source.h"
#include "output/sink.h"
#include "run/policy.h"
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

/* Choices: 0 is what counts when none was made, then the words of the option's list. */
enum input_format {
	FORMAT_BY_NAME,
	FORMAT_LINES,
	FORMAT_NULL,
	FORMAT_CSV,
	FORMAT_TSV,
	FORMAT_JSON,
	FORMAT_JSONL,
	FORMAT_YAML,
};
enum reply_kind { REPLY_BY_COMMAND, REPLY_LINE, REPLY_NULL, REPLY_JSON };
enum log_sync { SYNC_DEFAULT, SYNC_SECOND, SYNC_JOB };
enum color_when { COLOR_DEFAULT, COLOR_ALWAYS, COLOR_NEVER, COLOR_AUTO };

struct settings {
	/* events */
	struct input *inputs;
	size_t ninputs, inputs_cap;
	int format;    /* enum input_format */
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
	bool link;
	uint64_t max_args; /* 0: as -n0 */

	/* command */
	char **words; /* NULL-terminated */
	size_t nwords;
	bool literal; /* after -- */
	bool direct;  /* words are words, also a single one: argv of a run file */
	const char *replace;
	const char *shell;
	const char *workdir;
	const char *input; /* for stdin; a template */
	struct template_variable *env;
	size_t nenv, env_cap;
	bool event_options;
	bool allow_nested;
	bool worker;
	int reply;			    /* enum reply_kind */
	uint64_t worker_window, worker_max; /* 0: grows by itself; no limit */

	/* running */
	unsigned jobs;	       /* 0: not given, or jobs_file */
	const char *jobs_file; /* NULL: none */
	unsigned load;	       /* 0: no limit */
	uint64_t memfree;      /* 0: no limit */
	uint64_t nice;
	const char *lock;
	int64_t lock_wait_ns;
	int64_t delay_ns;
	int64_t drain_ns;
	int64_t deadline_ns; /* 0: none */
	int64_t timeout_ns;  /* 0: none */
	unsigned timeout_percent;
	struct retry_rules retry;
	struct halt halt;
	bool halt_given;
	struct termination termination;
	const char *joblog;
	int joblog_sync; /* enum log_sync */
	bool resume, resume_failed;
	const char *failed_to;
	bool dry_run, verbose, debug;

	/* output */
	bool keep_order;
	bool only_failed;
	bool print_stopped;
	const struct sink_format *output; /* NULL: text */
	const char *results; /* NULL: none */
	bool tag;
	const char *tagstring; /* NULL: none */
	int color;	       /* enum color_when */
	bool line_buffer, ungroup;
	const char *tmpdir;

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
