/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <yajl/yajl_parse.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/bytes.h"
#include "base/units.h"
#include "command/environment.h"
#include "command/event_options.h"

/* What is being read: the values of one event, each under its path, such as
 * "timeout" or "env.LANG". */
struct parse {
	struct arena *arena;
	struct event_options *out;
	struct err *err;
	bool failed;

	/* inside a mapping */
	int depth;
	struct bytes key;
};

enum { ROOT_DEPTH = 1, ENV_DEPTH = 2 };

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

static int take_value(struct parse *p, struct bytes value)
{
	int result = -1;

	if (p->depth == ROOT_DEPTH)
		result = set_option(p, p->key, value);
	else if (p->depth == ENV_DEPTH)
		result = set_variable(p, p->key, value);
	else
		err_set(p->err, "volley must be a mapping of options");
	p->failed = result < 0;
	return !p->failed;
}

static int on_text(void *arg, const unsigned char *text, size_t len)
{
	return take_value(arg, (struct bytes){(const char *)text, len});
}

static int on_number(void *arg, const char *text, size_t len)
{
	return take_value(arg, (struct bytes){text, len});
}

static int on_bool(void *arg, int value)
{
	return take_value(arg, bytes_str(value ? "true" : "false"));
}

static int on_null(void *arg)
{
	return take_value(arg, (struct bytes){"", 0});
}

static int on_key(void *arg, const unsigned char *text, size_t len)
{
	struct parse *p = arg;

	p->key = arena_bytes(p->arena, (struct bytes){(const char *)text, len});
	return 1;
}

/* A list or a mapping where an option's value belongs.  A wrong name is the
 * better thing to tell. */
static int too_deep(struct parse *p)
{
	if (p->depth == ROOT_DEPTH && !take_value(p, (struct bytes){"", 0}))
		return 0;
	err_set(p->err, "volley.%.*s takes one value, not a list or a mapping",
		(int)(p->key.len < 60 ? p->key.len : 60), p->key.p);
	p->failed = true;
	return 0;
}

static int on_mapping(void *arg)
{
	struct parse *p = arg;

	if (p->depth == 0 || (p->depth == ROOT_DEPTH && bytes_is(p->key, "env"))) {
		p->depth++;
		return 1;
	}
	return too_deep(p);
}

static int on_mapping_end(void *arg)
{
	((struct parse *)arg)->depth--;
	return 1;
}

static int on_list(void *arg)
{
	struct parse *p = arg;

	if (p->depth > 0)
		return too_deep(p);
	return take_value(p, (struct bytes){"", 0});
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_text,
    .yajl_start_map = on_mapping,
    .yajl_map_key = on_key,
    .yajl_end_map = on_mapping_end,
    .yajl_start_array = on_list,
};

static int parse_mapping(struct parse *p, const struct field *f)
{
	yajl_handle handle;
	yajl_status status;

	if (f->value.len == 0)
		return 0;
	if (f->kind != VALUE_JSON)
		return err_set(p->err, "volley must be a mapping of options");
	handle = yajl_alloc(&callbacks, NULL, p);
	if (handle == NULL)
		mem_die(0);
	status = yajl_parse(handle, (const unsigned char *)f->value.p, f->value.len);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(handle);
	yajl_free(handle);
	if (status == yajl_status_error && !p->failed)
		return err_set(p->err, "volley must be a mapping of options");
	return p->failed ? -1 : 0;
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
