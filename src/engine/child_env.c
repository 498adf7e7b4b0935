/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/environment.h"
#include "engine/child_env.h"

static bool is_replaced(const char *variable, char *const *additions, size_t n)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(variable, additions[i], name) == 0)
			return true;
	return false;
}

static bool is_event_variable(const char *variable)
{
	return strncmp(variable, "EVENT_", 6) == 0;
}

void child_env_init(struct child_env *e, const char *run)
{
	struct buf mark = BUF_INIT;

	*e = (struct child_env){.base = STRV_INIT};
	environment_base(&e->base);
	buf_addf(&mark, "VOLLEY_RUN=%s", run);
	strv_add(&e->base, buf_cstr(&mark));
	buf_clear(&mark);
	for (size_t i = 0; i < e->base.n; i++)
		e->has_events |= is_event_variable(e->base.v[i]);
}

void child_env_clear(struct child_env *e)
{
	strv_clear(&e->base);
}

void child_env_room_clear(struct child_env_room *room)
{
	free(room->v);
}

char **child_env_build(const struct child_env *e, const struct command *command,
		       char *own, struct child_env_room *room)
{
	char *const *additions = command->env;
	size_t n = 0, more = 0;

	while (additions[more] != NULL)
		more++;
	room->v = xgrow(room->v, &room->cap, more + e->base.n + 2, sizeof *room->v);
	memcpy(room->v, additions, more * sizeof *room->v);
	n = more;
	if (own != NULL)
		room->v[n++] = own;
	for (size_t i = 0; i < e->base.n; i++) {
		char *variable = e->base.v[i];

		if (is_replaced(variable, additions, command->nchosen))
			continue;
		/* Of an event further out, when volley runs under volley. */
		if (e->has_events && is_event_variable(variable) &&
		    is_replaced(variable, additions, more))
			continue;
		room->v[n++] = variable;
	}
	room->v[n] = NULL;
	return room->v;
}
