/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_TEMPLATE_H
#define COMMAND_TEMPLATE_H

/* The user's command as a template, and the command that it becomes for one job.
 *
 * There are three kinds.  Words are executed directly; a shell line is bound
 * (shell.h); and without a command each event is itself a shell line.  A shell
 * line that needs no shell is executed directly as well.
 *
 * A template is opened with the words and prepared with the first event, since only
 * then it is known which names are fields (template.c).  From then on it is plain data
 * that is only read, to expand it for a job or to show the job (expand.c). */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "command/event_options.h"
#include "command/placeholder.h"
#include "command/shell.h"
#include "command/shell_ask.h"

/* A variable for every job. */
struct template_variable {
	const char *name;  /* an identifier */
	const char *value; /* a template */
	struct place at;   /* in a run file */
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
	bool direct;	     /* words are words, even a single one */
	const char *tag;     /* a template too; NULL: none */
	const char *worker;  /* events go to the command as lines, which input makes; how
			      * it has to reply, as --reply; NULL: jobs are run */
	bool append;	     /* put the event at the end when there is no placeholder */
	bool batched;	     /* a job may have several events */
	/* Where these are in a run file, for errors. */
	const struct place *words_at; /* of each word; NULL: not in a file */
	struct place shell_at, workdir_at, input_at, tag_at;
	bool literal;	     /* words such as | and > are meant literally (--) */
	bool allow_nested;
};

enum template_kind { TEMPLATE_WORDS, TEMPLATE_LINE, TEMPLATE_EVENTS };

struct template {
	struct template_config cfg;
	enum template_kind kind;
	struct arena *arena; /* of everything compiled */
	struct placeholders placeholders;
	struct word *words; /* TEMPLATE_WORDS; TEMPLATE_LINE: $0, $1, ..., or none */
	size_t nwords;
	struct word dir, input, tag; /* as far as cfg has them */
	struct word *env;	     /* cfg.nenv */
	pid_t volley;		     /* VOLLEY_PID of the jobs */
	char *path; /* the program's or the shell's file; NULL: depends on the event */

	/* TEMPLATE_LINE and TEMPLATE_EVENTS */
	struct strv shell;	 /* the shell and its flags */
	struct shell_answers answers; /* what it said when it was asked */
	struct shell_line *line; /* TEMPLATE_LINE */
	struct placeholder *waived; /* those whose values may be code */
	size_t nwaived;
	char *bash; /* TEMPLATE_EVENTS: for events that use an exported function, or NULL */
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
	size_t nchosen;	  /* how many of env, from the start, the user asked for: they
			   * replace what volley's own environment has of that name */
	const char *dir;  /* NULL: volley's own */
	struct bytes input; /* for stdin; p == NULL: nothing */
	bool line;	    /* input is a line for a worker, without its newline */
	struct event_options options; /* the event's own */
	const char *tag;  /* what to mark its output with; NULL: nothing */
};

/* -1 with err when this event cannot be run: a field is missing, a value is too
 * long or not an integer where it must be, a program cannot be found (its status
 * 126 or 127). */
int template_expand(const struct template *t, const struct bindings *job, struct arena *a,
		    struct command *out, struct err *err);

/* Does the command hold the number of its slot ({%})?  Only after template_prepare. */
bool template_has_slot(const struct template *t);

/* Append the job as one self-contained POSIX shell line, without newline, for
 * people and logs; a job that template_expand refuses is shown as far as possible. */
void template_show(const struct template *t, const struct bindings *job, struct buf *out);

/* --- template_check.c: what is checked of a command as a whole */

/* Refuse a value in the code of an inner shell (sudo sh -c 'rm {}'), and append a
 * warning of one in the code of ssh, awk, ...  -1 with err. */
int template_check_words(const struct template *t, struct strv *warnings, struct err *err);
/* Warn when a word is an operator of the shell's: no shell will see it. */
void template_warn_of_operators(const struct template *t);

/* Find the placeholders of the line whose values may be code ({X:eval}, {X:raw}). */
void template_find_waived(struct template *t, const struct placeholder_scope *scope,
			  const char *line);
bool template_waives(const struct template *t, const struct placeholder *p);

/* Check the words after a line, and what else an event brings to a job whose line
 * evaluates it: fields, variables, directory, standard input.  -1 with err. */
int template_check_parameters(const struct template *t, char *const *parameters,
			      struct err *err);
int template_check_context(const struct template *t, const struct bindings *job,
			   const struct command *out, struct err *err);

#endif
