/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_CONTEXT_H
#define COMMAND_CONTEXT_H

/* What a job gets besides its command: a directory, variables and standard
 * input, each from a template or from the event's own options, which win. */

#include <sys/types.h>

#include "command/shell/dialect.h"
#include "command/template.h"
#include "command/words.h"

struct context {
	const struct template_config *cfg;
	struct word dir, input;
	struct word *env; /* cfg->nenv */
	pid_t volley;	  /* that jobs are told of */
};

/* Compile the templates of cfg, which must outlive the context; their pieces go to
 * the arena.  -1 with err. */
int context_compile(struct context *c, const struct template_config *cfg,
		    const struct placeholder_scope *scope, struct placeholders *all,
		    struct arena *a, struct err *err);

/* Refuse a variable that the shell itself uses and whose text is not fixed.  -1 with
 * err. */
int context_check_names(const struct context *c, const struct shell_dialect *dialect,
			struct err *err);

/* Does the value of a variable among out->env depend on the event?  name: how long
 * its name is. */
bool context_variable_varies(const struct context *c, const struct command *out,
			     const char *variable, size_t name);

/* Fill all of *out but argv and path.  -1 with err. */
int context_expand(const struct context *c, const struct placeholders *all,
		   const struct bindings *b, unsigned try, struct arena *a,
		   struct command *out, struct err *err);

/* Append what stands before and after the command's own text, so that all is
 * one shell line; simple: that text is a simple command.  from is where in out
 * the text begins. */
void context_show_before(const struct command *command, bool simple, struct buf *out);
void context_show_after(const struct command *command, bool simple, size_t from,
			struct buf *out);

#endif
