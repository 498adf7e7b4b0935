/* SPDX-License-Identifier: ISC */
#ifndef CLI_GATES_H
#define CLI_GATES_H

/* What holds starts back apart from -j: the settings, make, a slow reader of messages. */

#include "cli/settings.h"
#include "run/gates.h"
#include "run/jobserver.h"

struct gates {
	struct gate v[3];
	size_t n;
	struct jobserver *jobserver;
	struct limits limits;
	struct backlog backlog;
};

/* The values of --load and --memfree, checked.  -1 with a usage error. */
int gates_limits(const struct settings *s, struct limits *l, struct err *err);

/* Fills g, which must stay where it is: with nothing for a dry run.  Warns when
 * make's jobserver is out of reach.  -1 with err. */
int gates_open(struct gates *g, const struct settings *s, const struct jobserver_env *env,
	       struct loop *loop, struct err *err);

/* Gives make's tokens back. */
void gates_close(struct gates *g);

/* What -j means when it is not given, inside make. NULL: the usual default. */
const char *gates_default_jobs(const struct jobserver_env *env, char *text, size_t size);

#endif
