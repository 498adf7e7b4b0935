/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "base/units.h"
#include "cli/gates.h"
#include "sys/capacity.h"

static void add(struct gates *g, const struct gate_ops *ops, void *arg)
{
	g->v[g->n++] = (struct gate){ops, arg};
}

/* "8", or "150%" of the CPUs: from 1 on. */
static int parse_load(const char *text, unsigned *load)
{
	size_t len = strlen(text);
	bool percent = len > 0 && text[len - 1] == '%';
	char digits[8];
	uint64_t n;

	if (len - percent >= sizeof digits)
		return -1;
	memcpy(digits, text, len - percent);
	digits[len - percent] = '\0';
	if (units_uint(digits, &n) < 0 || n == 0)
		return -1;
	if (percent)
		n = (n * capacity_cpus("") + 50) / 100;
	*load = n > 0 ? (unsigned)n : 1;
	return 0;
}

int gates_limits(const struct settings *s, struct limits *l, struct err *err)
{
	*l = (struct limits){.root = ""};
	if (s->load != NULL && parse_load(s->load, &l->load) < 0)
		return err_usage(err, "--load %s: write a number of processes (8), or a "
				      "percentage of the CPUs (100%%)",
				 s->load);
	if (s->memfree != NULL &&
	    (units_size(s->memfree, &l->memfree) < 0 || l->memfree == 0))
		return err_usage(err, "--memfree %s: not a size; write 500M, 2G", s->memfree);
	return 0;
}

int gates_open(struct gates *g, const struct settings *s, const struct jobserver_env *env,
	       struct loop *loop, struct err *err)
{
	*g = (struct gates){0};
	/* A dry run starts nothing that could be held back. */
	if (s->dry_run)
		return 0;
	g->backlog.loop = loop;
	add(g, &backlog_gate, &g->backlog);
	if (gates_limits(s, &g->limits, err) < 0)
		return -1;
	g->limits.loop = loop;
	if (s->load != NULL || s->memfree != NULL)
		add(g, &limits_gate, &g->limits);
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
	if (g->backlog.loop != NULL)
		backlog_clear(&g->backlog);
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
