/* SPDX-License-Identifier: ISC */

/* Two kinds of values are built: a field of the item, and text inside b->json for what is
 * nested deeper.  Which of them is at hand, and whether a comma precedes it, follows from
 * the stack of open lists and mappings, each of which knows its keys so far. */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "event/builder.h"

enum { KEEP_ROOM = 256 * 1024 }; /* memory kept for the next item */

/* --- keys */

static uint64_t hash(struct bytes key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.p[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

/* The key's place in the table, or the empty place where it belongs. */
static struct bytes *place(struct keyset *s, struct bytes key)
{
	size_t at = (size_t)hash(key) & (s->size - 1);

	while (s->table[at].p != NULL && !bytes_eq(s->table[at], key))
		at = (at + 1) & (s->size - 1);
	return &s->table[at];
}

static void resize(struct keyset *s, size_t size)
{
	struct bytes *old = s->table != NULL ? s->table : s->few;
	size_t old_size = s->table != NULL ? s->size : s->n;

	s->table = xcalloc(size, sizeof *s->table);
	s->size = size;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].p != NULL)
			*place(s, old[i]) = old[i];
	if (old != s->few)
		free(old);
}

static bool add_few(struct keyset *s, struct bytes key)
{
	for (size_t i = 0; i < s->n; i++)
		if (bytes_eq(s->few[i], key))
			return false;
	s->few[s->n++] = key;
	return true;
}

void keyset_init(struct keyset *s)
{
	s->n = s->size = 0;
	s->table = NULL;
}

void keyset_clear(struct keyset *s)
{
	free(s->table);
	keyset_init(s);
}

bool keyset_add(struct keyset *s, struct bytes key)
{
	struct bytes *at;

	if (s->n < KEYSET_FEW)
		return add_few(s, key);
	if (s->n * 2 >= s->size)
		resize(s, s->n * 4);
	at = place(s, key);
	if (at->p != NULL)
		return false;
	*at = key;
	s->n++;
	return true;
}

bool header_take(struct header *h, const struct field *fields, size_t n, struct arena *a,
		 size_t *bad)
{
	struct keyset seen;
	bool good = true;

	h->names = arena_alloc(a, n * sizeof *h->names);
	h->n = n;
	keyset_init(&seen);
	for (size_t i = 0; i < n && good; i++) {
		h->names[i] = arena_bytes(a, fields[i].value);
		*bad = i;
		good = h->names[i].len > 0 && keyset_add(&seen, h->names[i]);
	}
	keyset_clear(&seen);
	return good;
}

/* --- items */

struct builder_level {
	bool mapping;
	bool has_key; /* the last key has no value yet */
	size_t n;     /* members so far */
	struct keyset keys;
};

static struct builder_level *top(const struct builder *b)
{
	return &b->levels[b->depth - 1];
}

static void add_field(struct builder *b, struct bytes name, struct bytes value,
		      enum value_kind kind)
{
	struct field f = {name, arena_bytes(b->arena, value), kind};

	b->fields = xgrow(b->fields, &b->cap, b->nfields + 1, sizeof f);
	b->fields[b->nfields++] = f;
}

static struct bytes field_name(const struct builder *b)
{
	return b->levels[0].mapping ? b->key : (struct bytes){NULL, 0};
}

static void item_complete(struct builder *b, struct item item)
{
	b->item = item;
	b->complete = true;
}

static void list_or_mapping_complete(struct builder *b, bool mapping)
{
	struct item item = {.mapping = mapping, .fields = b->fields, .nfields = b->nfields};

	if (!mapping) {
		buf_reset(&b->json);
		json_add_list(&b->json, b->fields, b->nfields);
		item.text = arena_bytes(b->arena, buf_bytes(&b->json));
		item.kind = VALUE_JSON;
	}
	item_complete(b, item);
}

/* A value or key begins inside b->json. */
static void separate(struct builder *b)
{
	if (top(b)->n++ > 0)
		buf_addc(&b->json, ',');
}

void builder_init(struct builder *b)
{
	*b = (struct builder){.arena = arena_new()};
	b->fields = xgrow(NULL, &b->cap, 1, sizeof *b->fields);
}

void builder_clear(struct builder *b)
{
	while (b->depth > 0)
		keyset_clear(&b->levels[--b->depth].keys);
	free(b->levels);
	free(b->fields);
	arena_free(b->arena);
	buf_clear(&b->json);
}

void builder_reset(struct builder *b)
{
	b->complete = false;
	b->nfields = 0;
	if (b->json.cap > KEEP_ROOM)
		buf_clear(&b->json);
	arena_reset(b->arena);
}

bool builder_expects_key(const struct builder *b)
{
	return b->depth > 0 && top(b)->mapping && !top(b)->has_key;
}

void builder_scalar(struct builder *b, struct bytes text, enum value_kind kind)
{
	if (b->depth == 0) {
		item_complete(b, (struct item){.text = arena_bytes(b->arena, text),
					       .kind = kind});
		return;
	}
	if (kind == VALUE_BARE)
		text = json_bare_value(text);
	if (b->depth == 1) {
		add_field(b, field_name(b), text, kind);
	} else {
		if (!top(b)->mapping)
			separate(b);
		json_add_value(&b->json, text, kind);
	}
	top(b)->has_key = false;
}

bool builder_key(struct builder *b, struct bytes key)
{
	key = arena_bytes(b->arena, key);
	if (!keyset_add(&top(b)->keys, key))
		return false;
	top(b)->has_key = true;
	if (b->depth == 1) {
		b->key = key;
		return true;
	}
	separate(b);
	json_add_string(&b->json, key);
	buf_addc(&b->json, ':');
	return true;
}

void builder_open(struct builder *b, bool mapping)
{
	struct builder_level *l;

	if (b->depth == 1)
		buf_reset(&b->json);
	else if (b->depth > 1 && !top(b)->mapping)
		separate(b);
	if (b->depth > 0) {
		buf_addc(&b->json, mapping ? '{' : '[');
		top(b)->has_key = false;
	}
	b->levels = xgrow(b->levels, &b->levels_cap, b->depth + 1, sizeof *b->levels);
	l = &b->levels[b->depth++];
	l->mapping = mapping;
	l->has_key = false;
	l->n = 0;
	keyset_init(&l->keys);
}

void builder_close(struct builder *b)
{
	bool mapping = top(b)->mapping;

	keyset_clear(&b->levels[--b->depth].keys);
	if (b->depth == 0) {
		list_or_mapping_complete(b, mapping);
		return;
	}
	buf_addc(&b->json, mapping ? '}' : ']');
	if (b->depth == 1)
		add_field(b, field_name(b), buf_bytes(&b->json), VALUE_JSON);
}

size_t builder_place(const struct builder *b)
{
	return b->depth == 1 ? b->nfields : b->json.len;
}

/* Exchange the first n bytes of a text with the others. */
static void rotate(char *text, size_t n, size_t len)
{
	char *first = xmemdup0(text, n);

	memmove(text, text + n, len - n);
	memcpy(text + len - n, first, n);
	free(first);
}

void builder_move_last(struct builder *b, size_t to, size_t from)
{
	size_t n = builder_place(b), each = b->depth == 1 ? sizeof *b->fields : 1;
	char *text = b->depth == 1 ? (char *)(b->fields + to) : b->json.data + to;

	if (to == from || from == n)
		return;
	/* At the start of a mapping the comma is after the members. */
	if (b->depth > 1 && *text != ',')
		rotate(b->json.data + from, 1, n - from);
	rotate(text, (from - to) * each, (n - to) * each);
}

void builder_column(struct builder *b, struct bytes text)
{
	add_field(b, (struct bytes){NULL, 0}, text, VALUE_TEXT);
}
