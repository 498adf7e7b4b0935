/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_CHILD_ENV_H
#define ENGINE_CHILD_ENV_H

/* The environment of each child: volley's own, and what each
 * command adds to it. */

#include <stdbool.h>

#include "base/strv.h"
#include "command/template.h"

struct child_env {
	struct strv base;
	bool has_events; /* base has variables of an event further out */
};

/* Room for one child's, used again and again.  Begins as all zero. */
struct child_env_room {
	char **v;
	size_t cap;
};

/* Take volley's own environment as it is now, and add VOLLEY_RUN. */
void child_env_init(struct child_env *e, const char *run);
void child_env_clear(struct child_env *e);

/* The command's environment, and the variable own unless it is NULL; ended by NULL, in
 * room, which the caller frees.  The strings are the command's and base's. */
char **child_env_build(const struct child_env *e, const struct command *command,
		       char *own, struct child_env_room *room);
void child_env_room_clear(struct child_env_room *room);

#endif
