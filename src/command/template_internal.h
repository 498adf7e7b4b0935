/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_TEMPLATE_INTERNAL_H
#define COMMAND_TEMPLATE_INTERNAL_H

/* What the files of the template share: template.c prepares and expands,
 * template_show.c shows. */

#include "base/strv.h"
#include "command/context.h"
#include "command/shell.h"
#include "command/template.h"
#include "command/words.h"

enum kind { KIND_WORDS, KIND_SHELL_LINE, KIND_EVENTS };

struct template {
	struct template_config cfg;
	enum kind kind;
	struct arena *arena; /* lives as long as the template */
	struct placeholders placeholders;
	struct word *words; /* KIND_WORDS */
	size_t nwords;
	struct context context;
	struct word tag;
	char *path; /* the program's or the shell's file; NULL: depends on the event */
	struct strv shell; /* the shell and its flags */
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

struct shell_values template_values(struct getter *getter);

/* Fill out->argv from KIND_WORDS.  -1 with err. */
int template_expand_words(const struct template *t, const struct bindings *b,
			  struct arena *a, struct command *out, struct err *err);

#endif
