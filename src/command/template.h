/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_TEMPLATE_H
#define COMMAND_TEMPLATE_H

/* The user's command as a template, and the command that it is for one job.
 *
 * There are three kinds.  Words are executed directly; a shell line is bound
 * (shell.h); and without a command each event is itself a shell line.  A shell
 * line that needs no shell is executed directly as well.
 *
 * A template is opened with the words and prepared with the first event: only
 * then it is known which names are fields. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "command/event_options.h"
#include "command/placeholder.h"

struct template;

/* A variable for every job. */
struct template_variable {
	const char *name;  /* an identifier */
	const char *value; /* a template */
};

struct template_config {
	char *const *words; /* the command; must outlive the template */
	size_t nwords;	    /* 0: events are shell lines */
	const char *shell;  /* "PATH [FLAG]..."; NULL: /bin/sh */
	const char *replace; /* -I; NULL: {} */
	const char *workdir; /* a template too; NULL: volley's own */
	const char *input;   /* for stdin, a template too; NULL: nothing */
	const struct template_variable *env; /* must outlive the template */
	size_t nenv;
	bool event_options;  /* events carry options of their own */
	bool direct;	     /* words are words, also a single one */
	const char *tag;     /* and another; NULL: none */
	const char *worker;  /* events go to the command as lines, input says what line;
			      * how it has to reply, as --reply; NULL: jobs are run */
	bool append;	     /* put the event at the end when there is no placeholder */
	bool batched;	     /* a job may have several events */
	bool literal;	     /* words such as | and > are meant as they are (--) */
	bool allow_nested;
};

/* Never fails: everything is checked by template_prepare. */
struct template *template_open(const struct template_config *cfg);
void template_free(struct template *t); /* NULL is allowed */

/* Compile for events like this one (it must stay valid until the return), find
 * the program and have the shell check the line.  Prints advice.  -1 with err:
 * a usage error, or the program cannot be executed (status 126, 127). */
int template_prepare(struct template *t, const struct event *first, bool total_known,
		     struct err *err);

/* A job's command; everything in the job's arena. */
struct command {
	char **argv;	  /* ended by NULL */
	const char *path; /* the program's file */
	char **env;	  /* additions "NAME=value", ended by NULL */
	const char *dir;  /* NULL: volley's own */
	size_t nchosen;	  /* so many of env, the first, were asked for: they replace
			   * what volley's own environment has of that name */
	struct bytes input; /* for stdin; p == NULL: nothing */
	bool line;	    /* input is a line for a worker; its newline is not there */
	struct event_options options; /* the event's own */
	const char *tag;  /* what to mark its output with; NULL: nothing */
};

/* -1 with err when this event cannot be run: a field is missing, a value is too
 * long or no integer where one must be, a program cannot be found (its status
 * 126 or 127). */
int template_expand(const struct template *t, const struct bindings *b, unsigned try,
		    struct arena *a, struct command *out, struct err *err);

/* Does the command hold the number of its slot ({%})?  Only to be asked after
 * template_prepare. */
bool template_has_slot(const struct template *t);

/* Append the job as one self-contained POSIX shell line, without newline, for
 * people and logs; also of a job that template_expand refuses, as far as that
 * goes. */
void template_show(const struct template *t, const struct bindings *b, struct buf *out);

#endif
