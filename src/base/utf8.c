/* SPDX-License-Identifier: ISC */

/* One decoder serves both uses: a byte at a time for streams, and a character at a
 * time for text in memory.  The first byte says how many follow; where a longer form
 * than needed, a surrogate or a code above U+10FFFF could begin, it also narrows the
 * range of the second. */

#include <config.h>

#include "base/utf8.h"

static bool begin(struct utf8 *u, unsigned char byte)
{
	if (byte < 0x80) {
		u->code = byte;
		return true;
	}
	if (byte < 0xc2 || byte > 0xf4)
		return false;
	u->need = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
	u->code = byte & (0x3fu >> u->need);
	u->low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
	u->high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
	return true;
}

bool utf8_add(struct utf8 *u, unsigned char byte)
{
	if (u->need == 0)
		return begin(u, byte);
	if (byte < u->low || byte > u->high)
		return false;
	u->code = u->code << 6 | (byte & 0x3f);
	u->need--;
	u->low = 0x80;
	u->high = 0xbf;
	return true;
}

void utf8_check_add(struct utf8_check *c, struct bytes data)
{
	for (size_t i = 0; i < data.len && !c->bad; i++) {
		unsigned char byte = (unsigned char)data.p[i];

		if (c->last.need > 0 || byte >= 0x80)
			c->bad = !utf8_add(&c->last, byte);
		else
			c->bad = byte == 0;
	}
}

bool utf8_check_passes(const struct utf8_check *c)
{
	return !c->bad && c->last.need == 0;
}

size_t utf8_first(struct bytes text, uint32_t *code)
{
	struct utf8 u = {0};

	if (text.len > 0 && (unsigned char)text.p[0] < 0x80) { /* most often */
		*code = (unsigned char)text.p[0];
		return 1;
	}
	for (size_t i = 0; i < text.len && utf8_add(&u, (unsigned char)text.p[i]); i++) {
		if (u.need == 0) {
			*code = u.code;
			return i + 1;
		}
	}
	return 0;
}

size_t utf8_count(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}
