/* SPDX-License-Identifier: ISC */

/* The variables that volley sets: numbers that say which job this is, and the fields of
 * its event.  They replace those of an outer volley, which environment_base leaves
 * out. */

#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/environment.h"

static const char *const own_names[] = {"VOLLEY_SEQ", "VOLLEY_SLOT", "VOLLEY_TRY",
					"VOLLEY_RUN", "VOLLEY_PID", "VOLLEY_REPLY", "PARALLEL_SEQ",
					"PARALLEL_JOBSLOT"};

static bool starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

static bool is_own(const char *variable)
{
	if (starts_with(variable, "_volley_"))
		return true;
	for (size_t i = 0; i < sizeof own_names / sizeof own_names[0]; i++)
		if (starts_with(variable, own_names[i]) &&
		    variable[strlen(own_names[i])] == '=')
			return true;
	return false;
}

void environment_base(struct strv *out)
{
	for (char **e = environ; *e != NULL; e++)
		if (!is_own(*e))
			strv_add(out, *e);
	if (out->n == 0) {
		strv_add(out, "");
		free(out->v[0]);
		out->v[0] = NULL;
		out->n = 0;
	}
}

bool environment_is_name(struct bytes s)
{
	if (s.len == 0 || isdigit((unsigned char)s.p[0]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

static char *variable(const char *name, struct bytes value, struct arena *a)
{
	size_t len = strlen(name);
	char *text = arena_alloc(a, len + 1 + value.len + 1);

	memcpy(text, name, len);
	text[len] = '=';
	memcpy(text + len + 1, value.p, value.len);
	text[len + 1 + value.len] = '\0';
	return text;
}

/* Made for each job: snprintf would cost as much as all else here. */
static char *numbered(const char *name, uint64_t n, struct arena *a)
{
	char digits[20];
	size_t first = sizeof digits;

	do {
		digits[--first] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return variable(name, (struct bytes){digits + first, sizeof digits - first}, a);
}

/* NULL: the field cannot be a variable. */
static char *field_variable(const struct field *f, struct arena *a)
{
	static const char prefix[] = "EVENT_";
	size_t start = sizeof prefix - 1, len = start + f->name.len + 1 + f->value.len;
	char *text;

	if (f->name.p == NULL || !environment_is_name(f->name) ||
	    len >= ENVIRONMENT_MAX_STRING || memchr(f->value.p, '\0', f->value.len) != NULL)
		return NULL;
	text = arena_alloc(a, len + 1);
	memcpy(text, prefix, start);
	memcpy(text + start, f->name.p, f->name.len);
	text[start + f->name.len] = '=';
	memcpy(text + start + f->name.len + 1, f->value.p, f->value.len);
	text[len] = '\0';
	return text;
}

/* Of two sources with the same name the first has it, as in {name}. */
static bool is_hidden(const struct event *e, const struct field *f)
{
	return e->nitems > 1 && f->name.p != NULL && event_field(e, f->name) != f;
}

static size_t count_fields(const struct event *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->nitems; i++)
		n += e->items[i].nfields;
	return n;
}

char **environment_of_worker(const struct bindings *job, pid_t volley, const char *reply,
			     struct arena *a)
{
	char **env = arena_alloc(a, 6 * sizeof *env);

	/* The number marks its processes, as that of a job does: see strays.h. */
	env[0] = numbered("VOLLEY_SEQ", job->slot, a);
	env[1] = numbered("VOLLEY_SLOT", job->slot, a);
	env[2] = numbered("VOLLEY_PID", (uint64_t)volley, a);
	env[3] = numbered("PARALLEL_JOBSLOT", job->slot, a);
	env[4] = variable("VOLLEY_REPLY", bytes_str(reply), a);
	env[5] = NULL;
	return env;
}

char **environment_of_job(const struct bindings *job, pid_t volley, bool event_options,
			  struct arena *a)
{
	/* A batch has no fields of its own: which event's would they be? */
	const struct event *e = job->nevents == 1 ? job->events[0] : NULL;
	char **env = arena_alloc(a, (7 + (e != NULL ? count_fields(e) : 0)) *
					sizeof *env);
	size_t n = 0;

	env[n++] = numbered("VOLLEY_SEQ", job->seq, a);
	env[n++] = numbered("VOLLEY_SLOT", job->slot, a);
	env[n++] = numbered("VOLLEY_TRY", job->try, a);
	env[n++] = numbered("VOLLEY_PID", (uint64_t)volley, a);
	env[n++] = numbered("PARALLEL_SEQ", job->seq, a);
	env[n++] = numbered("PARALLEL_JOBSLOT", job->slot, a);
	for (size_t i = 0; e != NULL && i < e->nitems; i++) {
		for (size_t f = 0; f < e->items[i].nfields; f++) {
			const struct field *field = &e->items[i].fields[f];

			if (is_hidden(e, field) ||
			    (event_options && bytes_is(field->name, "volley")))
				continue;
			env[n] = field_variable(field, a);
			n += env[n] != NULL;
		}
	}
	env[n] = NULL;
	return env;
}

bool environment_has_functions(void)
{
	for (char **e = environ; *e != NULL; e++)
		if (starts_with(*e, "BASH_FUNC_"))
			return true;
	return false;
}

bool environment_has_function(struct bytes name)
{
	static const char start[] = "BASH_FUNC_";
	size_t skip = sizeof start - 1;

	for (char **e = environ; *e != NULL; e++)
		if (starts_with(*e, start) && strncmp(*e + skip, name.p, name.len) == 0 &&
		    starts_with(*e + skip + name.len, "%%="))
			return true;
	return false;
}
