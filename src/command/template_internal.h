/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_TEMPLATE_INTERNAL_H
#define COMMAND_TEMPLATE_INTERNAL_H

/* What the files of the template share: template.c prepares and expands,
 * template_show.c shows. */

#include "base/strv.h"
#include "command/context.h"
#include "command/shell.h"
#include "command/shell_ask.h"
#include "command/template.h"
#include "command/words.h"

enum kind { KIND_WORDS, KIND_SHELL_LINE, KIND_EVENTS };

struct template {
	struct template_config cfg;
	enum kind kind;
	struct arena *arena; /* lives as long as the template */
	struct placeholders placeholders;
	struct word *words; /* KIND_WORDS; KIND_SHELL_LINE: $0, $1, ..., or none */
	size_t nwords;
	size_t line_at; /* "sh -c LINE": where in cfg.words the line is */
	struct placeholder *waived; /* the {X:eval} of the line */
	size_t nwaived;
	struct context context;
	struct word tag;
	char *path; /* the program's or the shell's file; NULL: depends on the event */
	char *bash; /* KIND_EVENTS: for events that use an exported function, or NULL */
	struct strv shell; /* the shell and its flags */
	struct shell_answers answers; /* what it said, once it was asked */
	struct shell_line *line; /* KIND_SHELL_LINE */
};

/* What the values of a shell line are got from for one job. */
struct getter {
	const struct template *t;
	const struct bindings *b;
	struct arena *a;
	struct err *err;
	bool failed;
};

/* -1 with err: a word after the line cannot be expanded. */
int template_values(struct getter *getter, struct shell_values *values);

/* template_check.c: which placeholders of the line are {X:eval}, and whether one of
 * them is about the same value as p. */
void template_find_waived(struct template *t, const struct placeholder_scope *scope,
			  const char *line);
bool template_waives(const struct template *t, const struct placeholder *p);

/* Check the words after a line, and what else the event brings to a job that may
 * evaluate it: fields, variables, directory, standard input.  -1 with err. */
int template_check_parameters(const struct template *t, char *const *parameters,
			      struct err *err);
int template_check_context(const struct template *t, const struct bindings *b,
			   const struct command *out, struct err *err);

/* Fill out->argv from KIND_WORDS.  -1 with err. */
int template_expand_words(const struct template *t, const struct bindings *b,
			  struct arena *a, struct command *out, struct err *err);

#endif
