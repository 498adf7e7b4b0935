/* SPDX-License-Identifier: ISC */
/* Writes a text of any size as a YAML scalar.  A first pass over the text decides
 * between a literal block and double quotes; the second pass writes it. */

#include <config.h>

#include "base/yaml_text.h"

/* --- looking */

/* Another byte of text that is UTF-8.  True: the character is complete. */
static bool add_byte(struct yaml_character *c, unsigned char byte)
{
	if (c->utf8.need == 0)
		c->len = 0;
	utf8_add(&c->utf8, byte);
	c->bytes[c->len++] = (char)byte;
	return c->utf8.need == 0;
}

/* In version 1.1 U+0085, U+2028 and U+2029 end lines, and CR does in all versions. */
bool yaml_text_is_plain(uint32_t c)
{
	if (c < 0x7f)
		return c >= 0x20 || c == '\t' || c == '\n';
	if (c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff)
		return false;
	return c != 0xfffe && c != 0xffff;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

void yaml_text_look(struct yaml_text *t, struct bytes data)
{
	utf8_check_add(&t->check, data);
	if (t->check.bad || data.len == 0)
		return;
	if (!t->any)
		t->first = data.p[0];
	t->any = true;
	for (size_t i = 0; i < data.len; i++) {
		char c = data.p[i];

		if (c == '\n')
			t->newlines += t->newlines < 2;
		else
			t->newlines = 0;
		t->visible |= !is_space(c);
		if (add_byte(&t->character, (unsigned char)c) &&
		    !yaml_text_is_plain(t->character.utf8.code))
			t->no_block = true;
	}
}

bool yaml_text_passes(const struct yaml_text *t)
{
	return utf8_check_passes(&t->check);
}

/* --- writing */

static const char indent[] = "    ";

/* Readers differ in what they make of a block of white space alone. */
static bool is_block(const struct yaml_text *t)
{
	return t->visible && !t->no_block;
}

void yaml_text_begin(struct yaml_text *t, struct buf *out)
{
	t->character = (struct yaml_character){0};
	if (!is_block(t)) {
		buf_addc(out, '"');
		return;
	}
	buf_addc(out, '|');
	if (is_space(t->first)) /* which would be taken for indentation */
		buf_addc(out, '2');
	if (t->newlines != 1)
		buf_addc(out, t->newlines == 0 ? '-' : '+');
	buf_addc(out, '\n');
}

static void add_lines(struct yaml_text *t, struct bytes data, struct buf *out)
{
	while (data.len > 0) {
		const char *newline = memchr(data.p, '\n', data.len);
		size_t n = newline != NULL ? (size_t)(newline + 1 - data.p) : data.len;

		if (!t->inside && data.p[0] != '\n')
			buf_adds(out, indent);
		buf_add(out, data.p, n);
		t->inside = newline == NULL;
		data.p += n;
		data.len -= n;
	}
}

static void add_escaped(const struct yaml_character *c, struct buf *out)
{
	uint32_t code = c->utf8.code;

	if (code == '"' || code == '\\')
		buf_addf(out, "\\%c", (char)code);
	else if (code == '\n')
		buf_adds(out, "\\n");
	else if (code == '\r')
		buf_adds(out, "\\r");
	else if (code == '\t')
		buf_adds(out, "\\t");
	else if (yaml_text_is_plain(code))
		buf_add(out, c->bytes, c->len);
	else
		buf_addf(out, code < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)code);
}

void yaml_text_add(struct yaml_text *t, struct bytes data, struct buf *out)
{
	if (is_block(t)) {
		add_lines(t, data, out);
		return;
	}
	for (size_t i = 0; i < data.len; i++)
		if (add_byte(&t->character, (unsigned char)data.p[i]))
			add_escaped(&t->character, out);
}

void yaml_text_end(struct yaml_text *t, struct buf *out)
{
	if (!is_block(t))
		buf_adds(out, "\"\n");
	else if (t->inside)
		buf_addc(out, '\n');
}
