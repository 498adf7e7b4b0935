/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/mem.h"
#include "event/json_walk.h"

/* One step of a walk: yajl goes through the text of one list or mapping, and
 * stops behind the member that is asked for. */
struct step {
	yajl_handle yajl;
	struct bytes json;
	struct bytes key;
	size_t depth;	  /* of open lists and mappings; members stand at 1 */
	bool list;	  /* what is gone through */
	size_t index;	  /* list: of the next member */
	bool wanted;	  /* the next member is it */
	bool found;
	size_t start;	  /* where it begins, when it is wanted */
	struct field *out; /* value: in arena */
	struct arena *arena;
};

static bool is_index(struct bytes key, size_t index)
{
	size_t n = 0;

	if (key.len == 0 || key.len > 9 || (key.len > 1 && key.p[0] == '0'))
		return false;
	for (size_t i = 0; i < key.len; i++) {
		if (key.p[i] < '0' || key.p[i] > '9')
			return false;
		n = n * 10 + (size_t)(key.p[i] - '0');
	}
	return n == index;
}

/* A member of the list begins. */
static void next_member(struct step *s)
{
	if (s->depth == 1 && s->list)
		s->wanted = is_index(s->key, s->index++);
}

static int on_scalar(struct step *s, struct bytes text, enum value_kind kind)
{
	next_member(s);
	if (s->depth != 1 || !s->wanted)
		return 1;
	*s->out = (struct field){.value = arena_bytes(s->arena, text), .kind = kind};
	s->found = true;
	return 0;
}

static int on_null(void *arg)
{
	return on_scalar(arg, (struct bytes){"", 0}, VALUE_BARE);
}

static int on_boolean(void *arg, int value)
{
	return on_scalar(arg, bytes_str(value ? "true" : "false"), VALUE_BARE);
}

static int on_number(void *arg, const char *text, size_t len)
{
	return on_scalar(arg, (struct bytes){text, len}, VALUE_BARE);
}

static int on_string(void *arg, const unsigned char *text, size_t len)
{
	return on_scalar(arg, (struct bytes){(const char *)text, len}, VALUE_TEXT);
}

static int on_key(void *arg, const unsigned char *text, size_t len)
{
	struct step *s = arg;

	if (s->depth == 1)
		s->wanted = bytes_eq(s->key, (struct bytes){(const char *)text, len});
	return 1;
}

static int on_start(struct step *s, bool list)
{
	next_member(s);
	if (s->depth == 0)
		s->list = list;
	if (s->depth == 1 && s->wanted)
		s->start = yajl_get_bytes_consumed(s->yajl) - 1;
	s->depth++;
	return 1;
}

static int on_start_map(void *arg)
{
	return on_start(arg, false);
}

static int on_start_array(void *arg)
{
	return on_start(arg, true);
}

static int on_end(void *arg)
{
	struct step *s = arg;
	struct bytes text;

	if (--s->depth != 1 || !s->wanted)
		return 1;
	text.p = s->json.p + s->start;
	text.len = yajl_get_bytes_consumed(s->yajl) - s->start;
	*s->out = (struct field){.value = arena_bytes(s->arena, text), .kind = VALUE_JSON};
	s->found = true;
	return 0;
}

static bool find_member(struct bytes json, struct bytes key, struct arena *a,
			struct field *out)
{
	static const yajl_callbacks callbacks = {
	    .yajl_null = on_null,
	    .yajl_boolean = on_boolean,
	    .yajl_number = on_number,
	    .yajl_string = on_string,
	    .yajl_map_key = on_key,
	    .yajl_start_map = on_start_map,
	    .yajl_end_map = on_end,
	    .yajl_start_array = on_start_array,
	    .yajl_end_array = on_end,
	};
	struct step s = {.json = json, .key = key, .out = out, .arena = a};

	s.yajl = yajl_alloc(&callbacks, NULL, &s);
	if (s.yajl == NULL)
		mem_die(0);
	yajl_parse(s.yajl, (const unsigned char *)json.p, json.len);
	yajl_free(s.yajl);
	return s.found;
}

/* The part of path before its last dot that is before end; false: none. */
static bool shorten(struct bytes path, size_t *end)
{
	while (*end > 0)
		if (path.p[--*end] == '.')
			return *end > 0;
	return false;
}

static struct bytes behind(struct bytes path, size_t dot)
{
	return (struct bytes){path.p + dot + 1, path.len - dot - 1};
}

bool json_walk(struct bytes json, struct bytes path, struct arena *a, struct field *out)
{
	size_t dot = path.len;

	if (find_member(json, path, a, out))
		return true;
	while (shorten(path, &dot)) {
		struct field inner;

		if (find_member(json, (struct bytes){path.p, dot}, a, &inner) &&
		    inner.kind == VALUE_JSON &&
		    json_walk(inner.value, behind(path, dot), a, out))
			return true;
	}
	return false;
}

bool event_find(const struct event *e, struct bytes path, struct arena *a,
		struct field *out)
{
	const struct field *f = event_field(e, path);
	size_t dot = path.len;

	if (f != NULL) {
		*out = *f;
		return true;
	}
	while (shorten(path, &dot)) {
		f = event_field(e, (struct bytes){path.p, dot});
		if (f != NULL && f->kind == VALUE_JSON &&
		    json_walk(f->value, behind(path, dot), a, out))
			return true;
	}
	return false;
}
