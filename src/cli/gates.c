/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/msg.h"
#include "base/units.h"
#include "cli/gates.h"
#include "run/slots.h"
#include "sys/cpus.h"

static void add(struct gates *g, const struct gate_ops *ops, void *arg)
{
	g->v[g->n++] = (struct gate){ops, arg};
}

static int open_limits(struct gates *g, const struct settings *s, bool dry_run,
		       struct loop *loop, struct err *err)
{
	g->limits = (struct limits){.loop = loop};
	if (s->load != NULL && slots_parse(s->load, cpus_usable(""), slots_most(),
					   &g->limits.load, err) < 0)
		return err_usage(err, "--load %s: write a number of processes (8), or a "
				      "percentage of the CPUs (100%%)",
				 s->load);
	if (s->memfree != NULL && units_size(s->memfree, &g->limits.memfree) < 0)
		return err_usage(err, "--memfree %s: not a size; write 500M, 2G", s->memfree);
	if (!dry_run && (s->load != NULL || s->memfree != NULL))
		add(g, &limits_gate, &g->limits);
	return 0;
}

int gates_open(struct gates *g, const struct settings *s, const struct jobserver_env *env,
	       struct loop *loop, struct err *err)
{
	/* A dry run starts nothing that could be held back. */
	bool dry_run = s->dry_run || env->dry_run;

	g->n = 0;
	g->jobserver = NULL;
	if (open_limits(g, s, dry_run, loop, err) < 0)
		return -1;
	if (dry_run)
		return 0;
	if (env->kind == JOBSERVER_CLOSED)
		msg_print("make's jobserver is not available here: %s%s", env->why,
			  s->jobs == NULL ? "; running one job at a time" : "");
	if (env->kind != JOBSERVER_THERE)
		return 0;
	g->jobserver = jobserver_open(env, loop, err);
	if (g->jobserver == NULL)
		return -1;
	add(g, &jobserver_gate, g->jobserver);
	return 0;
}

void gates_close(struct gates *g)
{
	if (g->limits.loop != NULL)
		limits_clear(&g->limits);
	jobserver_close(g->jobserver);
}

const char *gates_default_jobs(const struct jobserver_env *env, char *text, size_t size)
{
	if (env->kind == JOBSERVER_CLOSED)
		return "1";
	if (env->kind != JOBSERVER_THERE || env->slots == 0)
		return NULL;
	snprintf(text, size, "%u", env->slots);
	return text;
}
