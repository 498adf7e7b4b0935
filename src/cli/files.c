/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/files.h"
#include "cli/setup.h"

enum use {
	USE_READ,
	USE_INPUT, /* read to its end before --failed-to replaces it */
	USE_LOCK,  /* its contents do not matter */
	USE_WRITE,
	USE_REPLACE, /* --failed-to */
};

struct named {
	const char *option, *path;
	enum use use;
};

struct list {
	struct named *v;
	size_t n, cap;
};

static void add(struct list *l, const char *option, const char *path, enum use use)
{
	if (path == NULL)
		return;
	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct named){option, path, use};
}

static void add_inputs(struct list *l, const struct settings *s)
{
	for (size_t i = 0; i < s->ninputs; i++)
		if (s->inputs[i].kind == INPUT_FILE && strcmp(s->inputs[i].path, "-") != 0)
			add(l, "-a", s->inputs[i].path, USE_INPUT);
}

/* May both be one file? */
static bool go_together(enum use a, enum use b)
{
	if (a > b)
		return go_together(b, a);
	return b == USE_READ || b == USE_INPUT || (a == USE_INPUT && b == USE_REPLACE) ||
	       (a != USE_LOCK && b == USE_LOCK);
}

/* The directory that a file is or will be in. */
static int stat_directory(const char *path, const char *name, struct stat *st)
{
	char *dir = name == path ? xstrdup(".") : xmemdup0(path, (size_t)(name - path));
	int result = stat(dir, st);

	free(dir);
	return result;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool files_same(const char *a, const char *b)
{
	const char *name_a = last_component(a), *name_b = last_component(b);
	struct stat sa, sb;
	bool there_a = stat(a, &sa) == 0, there_b = stat(b, &sb) == 0;

	if (there_a != there_b)
		return false;
	if (there_a && !S_ISREG(sa.st_mode) && !S_ISDIR(sa.st_mode))
		return false;
	if (!there_a && (strcmp(name_a, name_b) != 0 || stat_directory(a, name_a, &sa) < 0 ||
			 stat_directory(b, name_b, &sb) < 0))
		return false;
	return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int compare_all(const struct list *l, struct err *err)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = i + 1; k < l->n; k++)
			if (!go_together(l->v[i].use, l->v[k].use) &&
			    files_same(l->v[i].path, l->v[k].path))
				return err_usage(err, "%s %s and %s %s are the same file",
						 l->v[i].option, l->v[i].path,
						 l->v[k].option, l->v[k].path);
	return 0;
}

int files_check(const struct settings *s, struct err *err)
{
	struct list l = {0};
	struct job_limit_file jobs = {0};
	struct buf part = BUF_INIT;
	int result;

	add_inputs(&l, s);
	add(&l, "--run", s->run_file, USE_READ);
	if (setup_jobs_file(s, &jobs))
		add(&l, "-j", jobs.path, USE_READ);
	add(&l, "--lock", s->lock, USE_LOCK);
	add(&l, "--joblog", s->joblog, USE_WRITE);
	add(&l, "--results", s->results, USE_WRITE);
	add(&l, "--failed-to", s->failed_to, USE_REPLACE);
	if (s->failed_to != NULL) {
		buf_addf(&part, "%s.part", s->failed_to);
		add(&l, "the temporary file of --failed-to", buf_cstr(&part), USE_WRITE);
	}
	result = compare_all(&l, err);
	buf_clear(&part);
	free(l.v);
	return result;
}
