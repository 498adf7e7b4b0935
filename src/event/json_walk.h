/* SPDX-License-Identifier: ISC */
#ifndef EVENT_JSON_WALK_H
#define EVENT_JSON_WALK_H

/* Values inside the nested values of an event. */

#include <stdbool.h>

#include "base/arena.h"
#include "event/event.h"

/* The value at a path in compact JSON (as readers make it): keys and, for lists,
 * numbers from 0, with dots between them.  A key that has dots itself is found
 * too, before shorter ones.  False: there is none.  The result is in the arena. */
bool json_walk(struct bytes json, struct bytes path, struct arena *a,
	       struct field *out);

/* The field of that very name, else what a walk from a field that is nested
 * finds. */
bool event_find(const struct event *e, struct bytes path, struct arena *a,
		struct field *out);

#endif
