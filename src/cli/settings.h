/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

/* What the user asked for, as data: filled by options.c from the command line,
 * read by setup.c, which fills each module's own config from it.  Texts point
 * into argv. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "command/template.h"
#include "watch/progress.h"

struct option;

/* Where events come from, in the order of the command line. */
struct input {
	enum { INPUT_FILE, INPUT_WORDS, INPUT_TEXT } kind;
	const char *path;  /* INPUT_FILE; INPUT_TEXT: the run file's */
	struct bytes text; /* INPUT_TEXT: YAML, blank up to where it stands there */
	char **words;	  /* INPUT_WORDS */
	size_t nwords;
	bool linked; /* to the one before: :::+ ::::+ */
};

/* An option as it was said, for whoever asks for just that. */
struct given {
	const struct option *option;
	const char *arg; /* NULL: none */
	bool off;	 /* --no-NAME */
};

struct settings {
	struct arena *arena; /* for texts that are not in argv */

	/* events */
	struct input *inputs;
	size_t ninputs, inputs_cap;
	const char *format;
	const char *delimiter; /* NULL: newline */
	bool null;
	bool crlf, no_crlf;
	bool skip_blank;
	bool shuffle;
	const char *only;
	const char *max_event;
	uint64_t max_depth;
	const char *colsep;
	bool header, no_header;
	bool link;
	uint64_t max_args; /* 0: as -n0 */

	/* command */
	char **words; /* the command; NULL-terminated */
	size_t nwords;
	bool literal; /* after -- */
	const char *replace;
	const char *shell;
	const char *workdir;
	const char *input; /* for stdin; a template */
	struct template_variable *env;
	size_t nenv, env_cap;
	bool event_options;
	bool allow_nested;
	bool direct; /* words are words, also a single one: argv of a run file */

	bool worker;
	const char *reply; /* NULL: line */
	uint64_t worker_window, worker_max; /* 0: grows by itself; no limit */

	/* running */
	const char *jobs; /* NULL: not given */
	const char *load, *memfree;
	uint64_t nice;
	const char *lock;
	int64_t lock_wait_ns;
	int64_t delay_ns;
	int64_t drain_ns;
	int64_t deadline_ns;
	const char *timeout;
	uint64_t retries; /* 0: without end */
	const char *retry_delay, *retry_on;
	const char *halt;
	const char *termseq;
	const char *joblog, *joblog_sync;
	bool resume, resume_failed;
	const char *failed_to;
	bool dry_run, verbose, debug;

	/* output */
	bool keep_order;
	bool only_failed;
	bool print_stopped;
	const char *output;  /* NULL: text */
	const char *results; /* NULL: none */
	bool tag;
	const char *tagstring; /* NULL: none */
	enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
	bool line_buffer, ungroup;
	const char *tmpdir;

	/* progress */
	enum progress_kind progress;
	int64_t progress_ns; /* PROGRESS_PLAIN: between lines */
	const char *unit;

	bool help, version;

	const char *run_file;
	bool print_run_file;
	struct given *given; /* in order, each time */
	size_t ngiven, given_cap;

	/* The command line again, for messages: up to the end of the options, and
	 * from there. */
	char *const *argv;
	int options_end, argc;
};

#endif
