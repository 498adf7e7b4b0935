/* SPDX-License-Identifier: ISC */
#ifndef CLI_SETUP_ENGINE_H
#define CLI_SETUP_ENGINE_H

/* From settings to the engine that runs the jobs. */

#include "base/err.h"
#include "cli/settings.h"
#include "engine/engine.h"

/* Checks the options for workers.  -1 with a usage error. */
int setup_engine_check(const struct settings *s, struct err *err);

/* How workers have to reply, as --reply and VOLLEY_REPLY spell it. */
const char *setup_reply(const struct settings *s);

/* What runs the jobs; the caller closes it.  NULL with err. */
struct engine *setup_engine(const struct settings *s, struct loop *loop, struct err *err);

#endif
