/* SPDX-License-Identifier: ISC */

/* What can be asked of an event: a field by its name, an item as one text, a value as
 * JSON.  Copies are deep, since an event points into the arena it was read into. */

#include <config.h>

#include "base/json.h"
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
