/* SPDX-License-Identifier: ISC */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

/* One row of the table of options, for those who read the table: the command
 * line (options.c) and the run file (runfile_*.c). */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/settings.h"

enum stage { STAGE_EVENTS, STAGE_COMMAND, STAGE_RUNNING, STAGE_OUTPUT, STAGE_PROGRESS };

/* How an option's argument gets into the settings. */
enum kind {
	KIND_FLAG,     /* bool */
	KIND_TEXT,     /* const char *, taken as it is */
	KIND_DURATION, /* int64_t nanoseconds */
	KIND_COUNT,    /* uint64_t */
	KIND_CALL,     /* the option's own function */
};

/* How the option stands in a run file.  Every option stands there, under its
 * own name, if it does not say otherwise. */
enum yaml {
	YAML_DEFAULT, /* "yes" or "no" if it takes no argument, else a text; the last
		       * one counts */
	YAML_LIST,    /* a list of texts: may be given several times */
	YAML_MAP,     /* a mapping: may be given several times, as NAME=VALUE */
	YAML_SOURCE,  /* a text; printed as one of the sources of events */
	YAML_NOT,     /* not in a run file */
};

struct option {
	const char *name;    /* long, without the dashes */
	char letter;	     /* short; '\0': none */
	const char *aliases; /* more spellings, in blanks: "--bar -P" */
	const char *arg;     /* what the argument is called; NULL: takes none */
	bool arg_optional;   /* only as --name=ARG; in a run file: may be '' */
	enum stage stage;
	enum kind kind;
	size_t offset; /* in struct settings */
	bool positive; /* DURATION, COUNT: 0 is refused */
	int (*call)(struct settings *s, const char *arg, struct err *err);
	const char *swallow; /* a next word that says no more: "--header :" */
	const char *help; /* lines of at most 54 columns */
	enum yaml yaml;
	const char *instead_of; /* names, in blanks: said on the command line, it
				 * overrules these in the run file too */
};

/* Row number i; NULL behind the last. */
const struct option *option_at(size_t i);

/* Apply it.  spelling is for messages.  -1 with a usage error. */
int option_set(struct settings *s, const struct option *o, const char *spelling,
	       const char *arg, struct err *err);
void option_unset(struct settings *s, const struct option *o);

/* Is the spelling ("--wd", "-P") among the option's aliases? */
bool option_has_alias(const struct option *o, const char *spelling, size_t len);

#endif
