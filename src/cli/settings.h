/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

/* What the user asked for, as data: filled by options.c from the command line,
 * read by setup.c, which fills each module's own config from it.  Texts point
 * into argv. */

#include <stdbool.h>
#include <stdint.h>

#include "watch/progress.h"

/* Where events come from, in the order of the command line. */
struct input {
	enum { INPUT_FILE, INPUT_WORDS } kind;
	const char *path; /* INPUT_FILE */
	char **words;	  /* INPUT_WORDS */
	size_t nwords;
	bool linked; /* to the one before: :::+ ::::+ */
};

struct settings {
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
	bool allow_nested;

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
	bool dry_run, verbose, debug;

	/* output */
	bool keep_order;
	bool only_failed;
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

	/* The command line again, for messages: up to the end of the options, and
	 * from there. */
	char *const *argv;
	int options_end, argc;
};

#endif
