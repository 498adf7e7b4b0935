/* SPDX-License-Identifier: ISC */

/* Options are found in the fields of an event: columns whose names begin with "volley.",
 * or the members of a mapping under "volley".  Each is checked as it is read, since the
 * job has not been started yet. */

#include <config.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/units.h"
#include "command/environment.h"
#include "command/event_options.h"

struct parse {
	struct arena *arena;
	struct event_options *out;
	struct err *err;
};

static int refuse(const char *name, struct bytes value, const char *what, struct err *err)
{
	return err_set(err, "volley.%s: '%.*s' is not %s", name,
		       (int)(value.len < 60 ? value.len : 60), value.p, what);
}

/* --- the options */

static int set_timeout(struct parse *p, struct bytes value)
{
	const char *text = arena_dup(p->arena, value.p, value.len);
	int64_t ns;

	if (value.len == 0)
		return 0;
	if (units_duration(text, &ns) < 0 || ns == 0)
		return refuse("timeout", value, "a duration; write 0.5, 30s, 1m30s, 2h",
			      p->err);
	p->out->has_timeout = true;
	p->out->timeout_ns = ns;
	return 0;
}

static int set_retries(struct parse *p, struct bytes value)
{
	const char *text = arena_dup(p->arena, value.p, value.len);
	uint64_t n;

	if (value.len == 0)
		return 0;
	if (units_uint(text, &n) < 0)
		return refuse("retries", value, "a number of tries", p->err);
	p->out->has_retries = true;
	p->out->retries = n;
	return 0;
}

static int set_workdir(struct parse *p, struct bytes value)
{
	if (value.len == 0)
		return 0;
	if (memchr(value.p, '\0', value.len) != NULL)
		return err_set(p->err, "volley.workdir holds a NUL byte");
	p->out->workdir = arena_dup(p->arena, value.p, value.len);
	return 0;
}

static int set_stdin(struct parse *p, struct bytes value)
{
	if (value.len == 0)
		return 0;
	p->out->input = arena_bytes(p->arena, value);
	return 0;
}

static const struct event_option {
	const char *name;
	int (*set)(struct parse *p, struct bytes value);
} table[] = {
    {"timeout", set_timeout},
    {"retries", set_retries},
    {"workdir", set_workdir},
    {"stdin", set_stdin},
};

enum { NTABLE = sizeof table / sizeof *table };

static int unknown(struct parse *p, struct bytes name)
{
	struct suggestion near;

	suggest_begin(&near, name);
	for (size_t i = 0; i < NTABLE; i++)
		suggest_try(&near, table[i].name);
	suggest_try(&near, "env");
	if (near.best != NULL)
		return err_set(p->err, "unknown option 'volley.%.*s' (did you mean '%s'?)",
			       (int)name.len, name.p, near.best);
	return err_set(p->err,
		       "unknown option 'volley.%.*s' (there are: timeout, retries, "
		       "workdir, stdin, env)",
		       (int)(name.len < 60 ? name.len : 60), name.p);
}

static int set_option(struct parse *p, struct bytes name, struct bytes value)
{
	for (size_t i = 0; i < NTABLE; i++)
		if (bytes_is(name, table[i].name))
			return table[i].set(p, value);
	if (bytes_is(name, "env"))
		return err_set(p->err, "volley.env is a mapping of names to values");
	return unknown(p, name);
}

static int set_variable(struct parse *p, struct bytes name, struct bytes value)
{
	struct event_options *o = p->out;
	const char **more;
	char *text;

	if (!environment_is_name(name))
		return err_set(p->err, "volley.env: '%.*s' cannot be a variable's name",
			       (int)(name.len < 60 ? name.len : 60), name.p);
	if (value.len > 0 && memchr(value.p, '\0', value.len) != NULL)
		return err_set(p->err, "volley.env.%.*s holds a NUL byte", (int)name.len,
			       name.p);
	text = arena_alloc(p->arena, name.len + value.len + 2);
	memcpy(text, name.p, name.len);
	text[name.len] = '=';
	if (value.len > 0)
		memcpy(text + name.len + 1, value.p, value.len);
	text[name.len + 1 + value.len] = '\0';
	more = arena_alloc(p->arena, (o->nenv + 1) * sizeof *more);
	if (o->nenv > 0)
		memcpy(more, o->env, o->nenv * sizeof *more);
	more[o->nenv++] = text;
	o->env = more;
	return 0;
}

/* --- the mapping under "volley", which events keep as compact JSON */

/* Calls set for each member of a mapping. */
struct members {
	struct parse *parse;
	int (*set)(struct parse *p, const struct field *f);
	int result;
};

static bool on_member(void *arg, const struct field *f)
{
	struct members *m = arg;

	m->result = m->set(m->parse, f);
	return m->result == 0;
}

static int parse_members(struct parse *p, struct bytes json,
			 int (*set)(struct parse *p, const struct field *f))
{
	struct members m = {p, set, 0};

	json_members(json, on_member, &m);
	return m.result;
}

static bool is_mapping(const struct field *f)
{
	return f->kind == VALUE_JSON && *f->value.p == '{';
}

static int one_value(struct parse *p, const char *where, struct bytes name)
{
	return err_set(p->err, "volley.%s%.*s takes one value, not a list or a mapping",
		       where, (int)(name.len < 60 ? name.len : 60), name.p);
}

static int set_env_member(struct parse *p, const struct field *f)
{
	if (f->kind == VALUE_JSON)
		return one_value(p, "env.", f->name);
	return set_variable(p, f->name, f->value);
}

/* Where a list or a mapping is the value, a wrong name is still the error to report. */
static int set_member(struct parse *p, const struct field *f)
{
	bool nested = f->kind == VALUE_JSON;

	if (bytes_is(f->name, "env") && is_mapping(f))
		return parse_members(p, f->value, set_env_member);
	if (set_option(p, f->name, nested ? (struct bytes){"", 0} : f->value) < 0)
		return -1;
	return nested ? one_value(p, "", f->name) : 0;
}

static int parse_mapping(struct parse *p, const struct field *f)
{
	if (f->value.len == 0)
		return 0;
	if (!is_mapping(f))
		return err_set(p->err, "volley must be a mapping of options");
	return parse_members(p, f->value, set_member);
}

/* --- fields */

static bool cut_prefix(struct bytes *s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (s->len < len || memcmp(s->p, prefix, len) != 0)
		return false;
	s->p += len;
	s->len -= len;
	return true;
}

static int parse_field(struct parse *p, const struct field *f)
{
	struct bytes name = f->name;

	if (name.p == NULL)
		return 0;
	if (bytes_is(name, "volley"))
		return parse_mapping(p, f);
	if (!cut_prefix(&name, "volley."))
		return 0;
	if (cut_prefix(&name, "env."))
		return set_variable(p, name, f->value);
	return set_option(p, name, f->value);
}

int event_options_parse(const struct event *e, struct arena *a,
			struct event_options *out, struct err *err)
{
	struct parse p = {.arena = a, .out = out, .err = err};

	*out = (struct event_options){0};
	for (size_t i = 0; i < e->nitems; i++)
		for (size_t f = 0; f < e->items[i].nfields; f++)
			if (parse_field(&p, &e->items[i].fields[f]) < 0)
				return -1;
	return 0;
}
