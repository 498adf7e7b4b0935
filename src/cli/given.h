/* SPDX-License-Identifier: ISC */
#ifndef CLI_GIVEN_H
#define CLI_GIVEN_H

/* Options as they were given.  Each source of options - the command line, a run file -
 * becomes a list; lists are merged by precedence, applied to the settings once, and
 * checked once.  An error names the place and the spelling that the user chose. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/option.h"
#include "cli/settings.h"

struct given {
	const struct option *option;
	const char *spelling; /* "--jobs", "-P"; in a run file "jobs" */
	const char *arg;      /* NULL: none */
	bool off;	      /* --no-NAME */
	bool implied;	      /* by the events beside it, with which it goes */
	struct place at; /* of the argument, if there is one; no file: command line */
	int word, nwords;     /* command line: its words in argv; 0: part of a word */
};

struct given_list {
	struct arena *arena; /* of its texts; the caller's */
	struct given *v;
	size_t n, cap;

	/* The command. */
	char **words; /* NULL-terminated */
	size_t nwords;
	bool literal, direct;	/* see struct settings */
	const struct place *words_at; /* of each word in a run file; NULL: none */

	/* Sources of events that are no options, after those that are. */
	struct inputs inputs;
	const char *inputs_file; /* the run file that they come from; NULL: none */

	/* The command line, up to the end of its options, and all of it. */
	char *const *argv;
	int options_end, argc;
};

void given_init(struct given_list *l, struct arena *arena);
void given_clear(struct given_list *l);

/* One more; g->arg and g->spelling must live as long as the list. */
void given_add(struct given_list *l, const struct given *g);

/* Does the list have sources of events, options such as -a included? */
bool given_has_inputs(const struct given_list *l);

/* The option as it counts: the last time it was given, unless it was taken back.
 * NULL: it was not given. */
const struct given *given_find(const struct given_list *l, const char *name);

/* Put the list of higher precedence over the other: what it says replaces what is
 * there of the same options and of those that they stand instead of; a command, or any
 * source of events, replaces all there are.  Of an option that the list has several
 * times only the last is taken (of a mapping: the last of each name). */
void given_merge(struct given_list *to, const struct given_list *over);

/* Parse each option that counts into the settings, which point into the list from then
 * on.  -1 with a usage error. */
int given_apply(const struct given_list *l, struct settings *s, struct err *err);

/* Check by the columns of the table what no argument shows by itself: options that
 * exclude each other, that need another or a command, that are for other inputs.
 * inputs: FOR_... of all inputs.  -1 with a usage error. */
int given_check(const struct given_list *l, unsigned inputs, struct err *err);

/* Could the flag with that name, which is not in the list, be added without an error? */
bool given_may_add(const struct given_list *l, const char *name);

/* No file for two purposes: what would be overwritten or mixed.  -1 with a usage error
 * that names both. */
int given_check_files(const struct given_list *l, const struct settings *s,
		      struct err *err);

/* One file, by whatever path, also one that does not exist yet?  Devices and pipes may
 * serve several purposes, and are never the same. */
bool given_same_file(const char *a, const char *b);

/* The error is that of the option: see err_at.  -1. */
int given_blame(const struct given_list *l, const char *name, struct err *err);

/* These fill err and return -1: with "PLACE: SPELLING ARGUMENT: phrase"; with "PLACE: "
 * and a phrase. */
int given_error(const struct given *g, const char *phrase, struct err *err);
int place_error(struct place at, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* --- the command line: argv.c */

/* Fills the list, which is empty and points into argv from then on.  -1 with a usage
 * error. */
int argv_parse(struct given_list *l, int argc, char *const *argv, struct err *err);

/* The same command line again, in two parts between which more options may go, each word
 * quoted for a shell: for messages that say how to rerun something.  without: the name
 * of an option that is left out. */
void argv_again(const struct given_list *l, const char *without, struct buf *before,
		struct buf *after);

#endif
