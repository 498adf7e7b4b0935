/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_LOCAL_SUBJECT_H
#define TESTS_ENGINE_LOCAL_SUBJECT_H

/* The local engine for engine_check.h: its tasks are the scripted child. */

#include "base/mem.h"
#include "engine/local.h"
#include "engine_check.h"
#include "scratch.h"

static inline void local_command(struct command *c, const char *script)
{
	size_t n = 0;

	c->path = built_program("tests/helpers/child");
	if (strcmp(script, "missing") == 0)
		c->path = "/nonexistent";
	else if (strcmp(script, "forbidden") == 0)
		c->path = "/etc/passwd";
	c->argv[n++] = xstrdup("child");
	while (*script != '\0') {
		size_t len = strcspn(script, " ");

		c->argv[n++] = xmemdup0(script, len);
		script += len + (script[len] == ' ');
	}
	c->argv[n] = NULL;
}

static inline struct engine *local_open(struct loop *loop, int64_t drain_ns,
					struct err *err)
{
	struct local_config cfg = {.loop = loop, .drain_ns = drain_ns};

	return engine_local_open(&cfg, err);
}

static const struct engine_subject engine_local_subject = {
    .name = "local", .open = local_open, .command = local_command, .slots = 10};

#endif
