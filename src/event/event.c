/* SPDX-License-Identifier: ISC */

/* What can be asked of an event: a field by its name, an item as one text, a value as
 * JSON, and a value inside a nested one, which yajl finds in its compact JSON.  Copies
 * are deep, since an event points into the arena it was read into. */

#include <config.h>

#include <yajl/yajl_parse.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/mem.h"
#include "event/event.h"

static struct bytes mapping_json(const struct item *item, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct bytes text;

	buf_addc(&b, '{');
	for (size_t i = 0; i < item->nfields; i++) {
		const struct field *f = &item->fields[i];

		if (i > 0)
			buf_addc(&b, ',');
		json_add_string(&b, f->name);
		buf_addc(&b, ':');
		json_add_value(&b, f->value, f->kind);
	}
	buf_addc(&b, '}');
	text = arena_bytes(a, buf_bytes(&b));
	buf_clear(&b);
	return text;
}

static struct bytes copy_bytes(struct bytes b, struct arena *a)
{
	return b.p != NULL ? arena_bytes(a, b) : b;
}

struct bytes item_text(const struct item *item, struct arena *a)
{
	return item->text.p == NULL ? mapping_json(item, a) : item->text;
}

const struct field *event_field(const struct event *e, struct bytes name)
{
	for (size_t i = 0; i < e->nitems; i++) {
		const struct item *item = &e->items[i];

		for (size_t k = 0; k < item->nfields; k++) {
			const struct field *f = &item->fields[k];

			if (f->name.p != NULL && bytes_eq(f->name, name))
				return f;
		}
	}
	return NULL;
}

const char *header_hint(struct bytes name)
{
	static const struct {
		char delimiter;
		const char *option;
	} table[] = {{'\t', "-f tsv"}, {';', "-C ';'"}, {'|', "-C '|'"}, {',', "-C ,"}};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (memchr(name.p, table[i].delimiter, name.len) != NULL)
			return table[i].option;
	return NULL;
}

const char *event_header_hint(const struct event *e)
{
	const struct item *first = &e->items[0];

	return first->mapping && first->nfields == 1 ? header_hint(first->fields[0].name) : NULL;
}

bool event_has_names(const struct event *e)
{
	for (size_t i = 0; i < e->nitems; i++)
		if (e->items[i].mapping)
			return true;
	return false;
}

void json_add_value(struct buf *b, struct bytes text, enum value_kind kind)
{
	if (kind == VALUE_TEXT)
		json_add_string(b, text);
	else if (kind == VALUE_BARE && text.len == 0)
		buf_adds(b, "null");
	else
		buf_addb(b, text);
}

void json_add_list(struct buf *b, const struct field *fields, size_t n)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		json_add_value(b, fields[i].value, fields[i].kind);
	}
	buf_addc(b, ']');
}

struct bytes json_bare_value(struct bytes text)
{
	return bytes_is(text, "null") ? (struct bytes){"", 0} : text;
}

void item_copy(struct item *to, const struct item *from, struct arena *a)
{
	*to = *from;
	to->text = copy_bytes(from->text, a);
	if (from->fields == NULL)
		return;
	to->fields = arena_alloc(a, from->nfields * sizeof *to->fields);
	for (size_t i = 0; i < from->nfields; i++) {
		const struct field *f = &from->fields[i];

		to->fields[i].name = copy_bytes(f->name, a);
		to->fields[i].value = copy_bytes(f->value, a);
		to->fields[i].kind = f->kind;
	}
}

void event_copy(struct event *to, const struct event *from, struct arena *a)
{
	*to = *from;
	if (from->file != NULL)
		to->file = arena_str(a, from->file);
	to->items = arena_alloc(a, from->nitems * sizeof *to->items);
	for (size_t i = 0; i < from->nitems; i++)
		item_copy(&to->items[i], &from->items[i], a);
}

/* --- nested values */

/* A walk through the members of one list or mapping. */
struct walk {
	yajl_handle yajl;
	struct bytes json;
	json_member_fn fn;
	void *arg;
	size_t depth; /* of open lists and mappings; members are at 1 */
	size_t start; /* of the nested member that is open */
	struct buf key;
	bool mapping;
};

/* 0 stops yajl. */
static int give(struct walk *w, struct bytes value, enum value_kind kind)
{
	struct field f = {.value = value, .kind = kind};

	if (w->depth != 1)
		return 1;
	if (w->mapping)
		f.name = (struct bytes){w->key.data, w->key.len};
	return w->fn(w->arg, &f);
}

static int on_null(void *arg)
{
	return give(arg, (struct bytes){"", 0}, VALUE_BARE);
}

static int on_boolean(void *arg, int value)
{
	return give(arg, bytes_str(value ? "true" : "false"), VALUE_BARE);
}

static int on_number(void *arg, const char *text, size_t len)
{
	return give(arg, (struct bytes){text, len}, VALUE_BARE);
}

static int on_string(void *arg, const unsigned char *text, size_t len)
{
	return give(arg, (struct bytes){(const char *)text, len}, VALUE_TEXT);
}

static int on_key(void *arg, const unsigned char *text, size_t len)
{
	struct walk *w = arg;

	if (w->depth == 1) {
		buf_reset(&w->key);
		buf_add(&w->key, text, len);
		buf_cstr(&w->key); /* never NULL, as a name is not */
	}
	return 1;
}

static int on_start(struct walk *w, bool mapping)
{
	if (w->depth == 0)
		w->mapping = mapping;
	if (w->depth++ == 1)
		w->start = yajl_get_bytes_consumed(w->yajl) - 1;
	return 1;
}

static int on_start_map(void *arg)
{
	return on_start(arg, true);
}

static int on_start_array(void *arg)
{
	return on_start(arg, false);
}

static int on_end(void *arg)
{
	struct walk *w = arg;

	if (--w->depth != 1)
		return 1;
	return give(w,
		    (struct bytes){w->json.p + w->start,
				   yajl_get_bytes_consumed(w->yajl) - w->start},
		    VALUE_JSON);
}

void json_members(struct bytes json, json_member_fn fn, void *arg)
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
	struct walk w = {.json = json, .fn = fn, .arg = arg};

	w.yajl = yajl_alloc(&callbacks, NULL, &w);
	if (w.yajl == NULL)
		mem_die(0);
	yajl_parse(w.yajl, (const unsigned char *)json.p, json.len);
	yajl_free(w.yajl);
	buf_clear(&w.key);
}

/* One step of a path. */
struct step {
	struct bytes key;
	size_t index; /* list: of the next member */
	bool found;
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

static bool match_member(void *arg, const struct field *member)
{
	struct step *s = arg;

	s->found = member->name.p != NULL ? bytes_eq(member->name, s->key)
					  : is_index(s->key, s->index++);
	if (s->found)
		*s->out = (struct field){.value = arena_bytes(s->arena, member->value),
					 .kind = member->kind};
	return !s->found;
}

static bool find_member(struct bytes json, struct bytes key, struct arena *a,
			struct field *out)
{
	struct step s = {.key = key, .out = out, .arena = a};

	json_members(json, match_member, &s);
	return s.found;
}

/* Move *end back to the last dot before it; false: no dot. */
static bool shorten(struct bytes path, size_t *end)
{
	while (*end > 0)
		if (path.p[--*end] == '.')
			return *end > 0;
	return false;
}

static struct bytes after(struct bytes path, size_t dot)
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
		    json_walk(inner.value, after(path, dot), a, out))
			return true;
	}
	return false;
}

/* What is not UTF-8 is written as base64, under another name. */
static bool find_base64(const struct event *e, struct bytes name, struct arena *a,
			struct field *out)
{
	struct buf b = BUF_INIT;
	const struct field *f;
	bool found;

	buf_addb(&b, name);
	buf_adds(&b, "_base64");
	f = event_field(e, buf_bytes(&b));
	buf_reset(&b);
	found = f != NULL && base64_decode(f->value, &b);
	if (found)
		*out = (struct field){.name = name,
				      .value = arena_bytes(a, buf_bytes(&b)),
				      .kind = VALUE_TEXT};
	buf_clear(&b);
	return found;
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
	if (find_base64(e, path, a, out))
		return true;
	while (shorten(path, &dot)) {
		f = event_field(e, (struct bytes){path.p, dot});
		if (f != NULL && f->kind == VALUE_JSON &&
		    json_walk(f->value, after(path, dot), a, out))
			return true;
	}
	return false;
}
