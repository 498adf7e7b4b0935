/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "event/event.h"
#include "output/text.h"

/* --- the check */

/* The first byte of a character says how many follow, and for some which the
 * second may be: no longer form than needed, no surrogates, nothing above
 * U+10FFFF. */
static void begin_character(struct text_check *c, unsigned char byte)
{
	c->low = 0x80;
	c->high = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		c->need = 1;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		c->need = 2;
		if (byte == 0xe0)
			c->low = 0xa0;
		if (byte == 0xed)
			c->high = 0x9f;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		c->need = 3;
		if (byte == 0xf0)
			c->low = 0x90;
		if (byte == 0xf4)
			c->high = 0x8f;
	} else {
		c->bad = true;
	}
}

void text_check_add(struct text_check *c, struct bytes data)
{
	for (size_t i = 0; i < data.len && !c->bad; i++) {
		unsigned char byte = (unsigned char)data.p[i];

		if (c->need > 0) {
			c->bad = byte < c->low || byte > c->high;
			c->need--;
			c->low = 0x80;
			c->high = 0xbf;
		} else if (byte >= 0x80) {
			begin_character(c, byte);
		} else {
			c->bad = byte == 0;
		}
	}
}

bool text_check_passes(const struct text_check *c)
{
	return !c->bad && c->need == 0;
}

/* --- base64 */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			     "0123456789+/";

static void encode(const unsigned char *p, char *to)
{
	to[0] = digits[p[0] >> 2];
	to[1] = digits[(p[0] & 3) << 4 | p[1] >> 4];
	to[2] = digits[(p[1] & 15) << 2 | p[2] >> 6];
	to[3] = digits[p[2] & 63];
}

void base64_add(struct base64 *b, struct bytes data, struct buf *out)
{
	char *to = buf_room(out, (data.len + 2) / 3 * 4 + 4), *start = to;

	for (size_t i = 0; i < data.len; i++) {
		b->rest[b->nrest++] = (unsigned char)data.p[i];
		if (b->nrest < 3)
			continue;
		encode(b->rest, to);
		to += 4;
		b->nrest = 0;
	}
	out->len += (size_t)(to - start);
}

void base64_end(struct base64 *b, struct buf *out)
{
	char last[4];

	if (b->nrest == 0)
		return;
	for (unsigned i = b->nrest; i < 3; i++)
		b->rest[i] = 0;
	encode(b->rest, last);
	if (b->nrest == 1)
		last[2] = '=';
	last[3] = '=';
	buf_add(out, last, 4);
	b->nrest = 0;
}

/* --- making text of anything */

/* The length of the character at the start, 0 when there is none. */
static size_t character(struct bytes text)
{
	struct text_check c = {0};
	size_t n = 0;

	do
		text_check_add(&c, (struct bytes){text.p + n++, 1});
	while (n < text.len && !c.bad && c.need > 0);
	return text_check_passes(&c) ? n : 0;
}

char *text_clean(struct bytes text, struct arena *a)
{
	struct text_check c = {0};
	struct buf b = BUF_INIT;
	char *copy;

	text_check_add(&c, text);
	if (text_check_passes(&c))
		return arena_dup(a, text.p, text.len);
	while (text.len > 0) {
		size_t n = character(text);

		if (n > 0)
			buf_add(&b, text.p, n);
		else
			buf_adds(&b, "\xef\xbf\xbd");
		n += n == 0;
		text.p += n;
		text.len -= n;
	}
	copy = arena_dup(a, b.data, b.len);
	buf_clear(&b);
	return copy;
}

void text_add_json(struct buf *out, struct bytes data)
{
	size_t start = 0;

	for (size_t i = 0; i < data.len; i++) {
		unsigned char c = (unsigned char)data.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, data.p + start, i - start);
		json_add_escaped(out, c);
		start = i + 1;
	}
	buf_add(out, data.p + start, data.len - start);
}
