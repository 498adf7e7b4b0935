/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>

#include "cli/setup_engine.h"
#include "engine/local.h"
#include "engine/worker.h"
#include "run/control.h"

/* Is it volley's own worker, perhaps behind its interpreter?  It learns from
 * VOLLEY_REPLY how to reply, and by JSON it can say that an event has failed. */
static bool has_own_worker(char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(words[i], '/');

		if (strcmp(slash != NULL ? slash + 1 : words[i], "volley-worker.py") == 0)
			return true;
	}
	return false;
}

const char *setup_reply(const struct settings *s)
{
	if (s->reply != NULL)
		return s->reply;
	return has_own_worker(s->words, s->nwords) ? "json" : "line";
}

static bool find_reply(const char *name, enum worker_reply_kind *kind)
{
	static const char *const names[] = {"line", "null", "json"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		*kind = (enum worker_reply_kind)i;
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

int setup_engine_check(const struct settings *s, struct err *err)
{
	enum worker_reply_kind kind;

	if (!find_reply(setup_reply(s), &kind))
		return err_usage(err, "--reply %s: use line, null or json", s->reply);
	if (s->worker && s->nwords == 0)
		return err_usage(err, "--worker needs a command, which reads the events");
	return 0;
}

static struct engine *open_workers(const struct settings *s, struct loop *loop,
				   struct err *err)
{
	struct worker_config cfg = {
	    .loop = loop,
	    .nice = (int)s->nice,
	    .drain_ns = s->drain_ns,
	    .window = (size_t)s->worker_window,
	    .max = s->worker_max,
	};

	find_reply(setup_reply(s), &cfg.reply);
	return engine_worker_open(&cfg, err);
}

struct engine *setup_engine(const struct settings *s, struct loop *loop, struct err *err)
{
	struct local_config cfg = {
	    .loop = loop,
	    .nice = (int)s->nice,
	    .drain_ns = s->drain_ns,
	    .inherit = s->ungroup || s->debug,
	    .foreground = s->debug,
	    .suspend = control_suspend,
	};

	return s->worker ? open_workers(s, loop, err) : engine_local_open(&cfg, err);
}
