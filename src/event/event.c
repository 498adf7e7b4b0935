/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdint.h>
#include <utf8proc.h>

#include "event/event.h"

/* How many bytes at p make one character; 0: they are not UTF-8. */
static size_t utf8_len(const char *p, size_t n)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t got =
	    utf8proc_iterate((const utf8proc_uint8_t *)p, (utf8proc_ssize_t)n, &c);

	return got > 0 ? (size_t)got : 0;
}

/* The length of the start of text that needs no escape. */
static size_t plain_run(struct bytes text)
{
	size_t i = 0;

	while (i < text.len) {
		unsigned char c = (unsigned char)text.p[i];
		size_t n = 1;

		if (c < 0x20 || c == '"' || c == '\\')
			break;
		if (c >= 0x80)
			n = utf8_len(text.p + i, text.len - i);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static bool is_number(struct bytes text)
{
	const char *p = text.p, *end = p + text.len, *digits;

	if (p < end && *p == '-')
		p++;
	digits = p;
	p = skip_digits(p, end);
	if (p == digits || (*digits == '0' && p > digits + 1))
		return false;
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			return false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			return false;
	}
	return p == end;
}

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

void json_add_escaped(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	if (at != NULL)
		buf_add(b, (char[]){'\\', to[at - from]}, 2);
	else if (c < 0x20)
		buf_addf(b, "\\u%04x", c);
	else
		buf_adds(b, "\xef\xbf\xbd"); /* U+FFFD for a byte that is not UTF-8 */
}

void json_add_string(struct buf *b, struct bytes text)
{
	buf_addc(b, '"');
	while (text.len > 0) {
		size_t n = plain_run(text);

		buf_add(b, text.p, n);
		if (n < text.len)
			json_add_escaped(b, (unsigned char)text.p[n++]);
		text.p += n;
		text.len -= n;
	}
	buf_addc(b, '"');
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

bool json_is_bare(struct bytes text)
{
	return bytes_is(text, "true") || bytes_is(text, "false") ||
	       bytes_is(text, "null") || is_number(text);
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
