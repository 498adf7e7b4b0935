/* SPDX-License-Identifier: ISC */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

/* The table of options.  A row says all there is to know about an option: how it is
 * spelled, how its argument gets into the settings, what it excludes and needs, which
 * inputs it is for, what becomes of a file it names, its key in a run file and its
 * help.  The command line (argv.c), the run file (runfile.c), the checks (given.c)
 * and --help read it; a test compares the manual page with it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/settings.h"

enum stage { STAGE_EVENTS, STAGE_COMMAND, STAGE_RUNNING, STAGE_OUTPUT, STAGE_PROGRESS };

/* Which inputs an option about events is for. */
enum {
	FOR_LINES = 1,
	FOR_NEWLINES = 2, /* lines that end in a newline */
	FOR_TABLES = 4,	  /* csv, tsv */
	FOR_FIELDS = 8,	  /* json, yaml */
	FOR_ARGUMENTS = 16,
	FOR_ONE = 32, /* not for several together */
	FOR_SEVERAL = 64,
	FOR_NAMES = 128, /* whose events have named fields */
	FOR_ANY_FILE = FOR_LINES | FOR_TABLES | FOR_FIELDS,
};

/* What happens to a file that an option names.  Two uses of one file may exclude each
 * other: see given_check_files. */
enum use {
	USE_NONE,
	USE_READ,
	USE_INPUT, /* read to its end before --failed-to replaces it */
	USE_LOCK,  /* its contents do not matter */
	USE_WRITE,
	USE_REPLACE, /* --failed-to */
};

/* How the option is written in a run file, under its own name. */
enum yaml {
	YAML_DEFAULT, /* "yes" or "no" if it takes no argument, else a text; the last
		       * one counts */
	YAML_MAP,     /* a mapping: may be given several times, as NAME=VALUE */
	YAML_SOURCE,  /* a text; printed as one of the sources of events */
	YAML_NOT,     /* not in a run file */
};

/* Lists of names are separated by blanks; the names are those of the table.  "NAME=ARG"
 * in others: the option with that argument. */
struct exclusion {
	const char *others;
	const char *why;    /* NULL: it is plain */
	const char *when;   /* only if the option has this argument; NULL: always */
	const char *unless; /* not if one of these is given; NULL: always */
};

struct given;

/* Puts the argument, if any, into the settings.  -1 with a phrase that names neither the
 * option nor the argument: the caller knows how the user wrote them, and where. */
typedef int option_parse(struct settings *s, const struct given *g, struct err *err);

struct option {
	const char *name;    /* long, without the dashes */
	char letter;	     /* short; '\0': none */
	const char *aliases; /* more spellings: "--bar -P" */
	const char *arg;     /* what the argument is called; NULL: takes none */
	bool arg_optional;   /* only as --name=ARG; in a run file: may be '' */
	const char *swallow; /* a next word that adds nothing: "--header :" */
	enum stage stage;

	option_parse *parse; /* see below */
	size_t offset, size; /* of its member, for the parsers that several options use */
	size_t place;	     /* offset of the member for the place of a text; 0: none */
	uint64_t min, max;   /* of counts and durations */
	const char *choices; /* the words that it takes */

	const char *neutral; /* arguments with which it asks for nothing: "-n 1" */
	const char *needs;   /* one of these; "command": a command */
	const char *needs_why; /* NULL: it is plain */
	const struct exclusion *excludes; /* ended by one without others; NULL: nothing */
	bool habit; /* in a run file it may be without effect: people set it for all runs */
	unsigned inputs;		  /* FOR_...; 0: it is for all */
	const char *inputs_why;
	enum use use;

	enum yaml yaml;
	const char *instead_of; /* given in a list of higher precedence, it replaces
				 * these in those of lower precedence, too */
	const char *help;	/* lines of at most 54 columns */
};

/* --- the parsers: values.c */

/* Those that several options use, for the member at the option's offset. */
option_parse parse_flag, parse_constant, parse_text, parse_name, parse_count, parse_size, parse_duration,
    parse_choice;

option_parse parse_input, parse_format, parse_delimiter, parse_colsep, parse_only;
option_parse parse_env;
option_parse parse_jobs, parse_load, parse_timeout, parse_retries, parse_retry_delay,
    parse_retry_on, parse_halt, parse_termseq;
option_parse parse_output, parse_progress;

/* --- the table: options.c */

/* Row number i; NULL after the last. */
const struct option *option_at(size_t i);

/* By name; by the first len bytes of "--name", an alias included; by a letter; by
 * "--no-NAME" of a flag.  NULL: there is none. */
const struct option *option_named(struct bytes name);
const struct option *option_long(const char *word, size_t len);
const struct option *option_short(char letter);
const struct option *option_negated(const char *word, size_t len);

/* Is the spelling ("--wd", "-P") one of the option's aliases? */
bool option_has_alias(const struct option *o, const char *spelling, size_t len);

/* Is the name in the list of names? */
bool option_list_has(const char *list, const char *name);

/* Takes the next name off a list; length 0 at its end. */
struct bytes option_list_next(const char **list);

/* The usage, whose lines end in newlines, and the text of --help, which begins with it. */
extern const char option_usage[];
void option_help(struct buf *out);

#endif
