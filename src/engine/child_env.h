/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_CHILD_ENV_H
#define ENGINE_CHILD_ENV_H

/* The environment of one child after the other: volley's own, and what each
 * command adds to it. */

#include <stdbool.h>

#include "base/strv.h"
#include "command/template.h"

struct child_env {
	struct strv base;
	bool has_events; /* base has variables of an event further out */
	char **all;	 /* the one built last */
	size_t cap;
};

/* Take volley's own environment as it is now. */
void child_env_init(struct child_env *e);
void child_env_clear(struct child_env *e);

/* The command's environment, ended by NULL; valid until the next call.  The
 * strings are the command's and base's. */
char **child_env_build(struct child_env *e, const struct command *command);

#endif
