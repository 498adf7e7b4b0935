/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/utf8.h"
#include "output/text.h"

/* --- the check */

void text_check_add(struct text_check *c, struct bytes data)
{
	for (size_t i = 0; i < data.len && !c->bad; i++) {
		unsigned char byte = (unsigned char)data.p[i];

		if (c->last.need > 0 || byte >= 0x80)
			c->bad = !utf8_add(&c->last, byte);
		else
			c->bad = byte == 0;
	}
}

bool text_check_passes(const struct text_check *c)
{
	return !c->bad && c->last.need == 0;
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

char *text_clean(struct bytes text, struct arena *a)
{
	struct text_check c = {0};
	struct buf b = BUF_INIT;
	char *copy;

	text_check_add(&c, text);
	if (text_check_passes(&c))
		return arena_dup(a, text.p, text.len);
	while (text.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_first(text, &code);

		if (n > 0 && code != 0)
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
