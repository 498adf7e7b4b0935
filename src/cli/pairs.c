/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/option.h"
#include "cli/pairs.h"

/* Names are those of the table of options, several of them in blanks. */
static const struct exclusion {
	const char *option, *others;
	const char *why; /* NULL: that is plain */
} exclusions[] = {
    {"null", "delimiter", NULL},
    {"header", "no-header", NULL},
    {"crlf", "no-crlf", NULL},
    {"worker", "debug ungroup max-args", "a worker answers one event after the other"},
    {"max-args", "event-options", "a job of several events cannot have the options of each"},
    {"ungroup", "keep-order output results tagstring tag line-buffer only-failed "
     "print-stopped",
     "with -u jobs write to stdout themselves"},
    {"debug", "output results tagstring tag line-buffer only-failed "
     "print-stopped progress",
     "with --debug jobs write to the terminal themselves"},
    {"output", "tagstring tag", "each record names its event"},
    {"output", "line-buffer", "a record is written when its job has finished"},
    {"output", "print-stopped", "records have the output of stopped jobs anyway"},
    {"line-buffer", "only-failed",
     "lines are shown before it is known whether the job fails"},
    {"ungroup", "retries event-options",
     "output is shown before it is known whether the job will be tried again"},
    {"line-buffer", "retries event-options",
     "lines are shown before it is known whether the job will be tried again"},
};

/* One of the others is needed; the first is the usual one. */
static const struct need {
	const char *option, *others;
} needs[] = {
    {"resume", "joblog"},	 {"resume-failed", "joblog"},
    {"joblog-sync", "joblog"},	 {"lock-wait", "lock"},
    {"retry-delay", "retries event-options"},
    {"retry-on", "retries event-options"},
    {"reply", "worker"},	 {"window", "worker"},
    {"worker-max", "worker"},
};

static const struct option *find(struct bytes name)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (bytes_is(name, o->name))
			return o;
	return NULL;
}

/* Does the option ask for anything, with the value that it has? */
static bool is_asked(const struct settings *s, const struct option *o)
{
	const void *at = (const char *)s + o->offset;

	if (o->offset == offsetof(struct settings, max_args))
		return s->max_args > 1;
	if (o->offset == offsetof(struct settings, retries))
		return s->retries != 1;
	if (o->offset == offsetof(struct settings, output))
		return s->output != NULL && strcmp(s->output, "text") != 0;
	switch (o->kind) {
	case KIND_FLAG:
		return *(const bool *)at;
	case KIND_TEXT:
		return *(const char *const *)at != NULL;
	case KIND_DURATION:
		return *(const int64_t *)at > 0;
	case KIND_COUNT:
		return *(const uint64_t *)at > 0;
	case KIND_CALL: /* --progress */
		return s->progress == PROGRESS_BAR || s->progress == PROGRESS_PLAIN;
	}
	return false;
}

/* The next name of a list, which it is taken off; NULL at the end. */
static const struct option *next_option(const char **list)
{
	size_t len = strcspn(*list, " ");
	struct bytes name = {*list, len};

	if (len == 0)
		return NULL;
	*list += len + ((*list)[len] == ' ');
	return find(name);
}

/* The first of the list that is asked for; NULL: none. */
static const struct option *find_asked(const struct settings *s, const char *list)
{
	const struct option *o;

	while ((o = next_option(&list)) != NULL)
		if (is_asked(s, o))
			return o;
	return NULL;
}

/* "-k", "--only-failed". */
static const char *spelling(const struct option *o, char *text, size_t size)
{
	if (o->letter != '\0')
		snprintf(text, size, "-%c", o->letter);
	else
		snprintf(text, size, "--%s", o->name);
	return text;
}

static int exclude(const struct option *a, const struct option *b, const char *why,
		   struct err *err)
{
	char first[32], second[32];

	return err_usage(err, "%s and %s exclude each other%s%s",
			 spelling(a, first, sizeof first),
			 spelling(b, second, sizeof second), why != NULL ? ": " : "",
			 why != NULL ? why : "");
}

static int need(const struct option *o, const char *others, struct err *err)
{
	const struct option *other = next_option(&others);

	return err_usage(err, "--%s needs --%s%s%s", o->name, other->name,
			 other->arg != NULL ? " " : "",
			 other->arg != NULL ? other->arg : "");
}

int pairs_check(const struct settings *s, struct err *err)
{
	for (size_t i = 0; i < sizeof exclusions / sizeof exclusions[0]; i++) {
		const struct exclusion *e = &exclusions[i];
		const struct option *a = find_asked(s, e->option);
		const struct option *b = find_asked(s, e->others);

		if (a != NULL && b != NULL)
			return exclude(a, b, e->why, err);
	}
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
		const struct option *o = find_asked(s, needs[i].option);

		if (o != NULL && find_asked(s, needs[i].others) == NULL)
			return need(o, needs[i].others, err);
	}
	return 0;
}
