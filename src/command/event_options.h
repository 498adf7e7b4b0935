/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_EVENT_OPTIONS_H
#define COMMAND_EVENT_OPTIONS_H

/* Options that an event carries for its own job (--event-options): a mapping
 * under the key "volley", or columns "volley.timeout", "volley.env.NAME".
 *
 * Their values are data: no placeholder is read in them. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "event/event.h"

struct event_options {
	bool has_timeout, has_retries;
	int64_t timeout_ns;   /* more than 0 */
	uint64_t retries;     /* tries in all; 0: without end */
	const char *workdir;  /* NULL: none */
	struct bytes input;   /* for stdin; p == NULL: none */
	const char **env;     /* "NAME=value" */
	size_t nenv;
};

/* All that the event says, in the arena; all zero when it says nothing.  An empty
 * value (a CSV column that this row does not use) says nothing either, except
 * in env.  -1 with err: an unknown option, or a value that does not fit it. */
int event_options_parse(const struct event *e, struct arena *a,
			struct event_options *out, struct err *err);

#endif
