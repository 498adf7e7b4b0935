/* SPDX-License-Identifier: ISC */

/* Three bytes are four digits of six bits each; "=" stands for digits that the last bytes
 * do not need. */

#include <config.h>

#include <string.h>

#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			     "0123456789+/";

/* The four digits of the bytes at hand, with "=" for those that are missing. */
static void add_digits(struct base64 *b, struct buf *out)
{
	char *to = buf_room(out, 4);
	uint32_t bits = b->bits << 8 * (3 - b->n);

	for (unsigned i = 0; i < 4; i++)
		to[i] = i <= b->n ? digits[bits >> (18 - 6 * i) & 63] : '=';
	out->len += 4;
	*b = (struct base64){0};
}

void base64_add(struct base64 *b, struct bytes data, struct buf *out)
{
	for (size_t i = 0; i < data.len; i++) {
		b->bits = b->bits << 8 | (unsigned char)data.p[i];
		if (++b->n == 3)
			add_digits(b, out);
	}
}

void base64_end(struct base64 *b, struct buf *out)
{
	if (b->n > 0)
		add_digits(b, out);
}

/* Four digits; the last of a text may end in one or two "=". */
static bool decode_four(const char *p, bool last, struct buf *out)
{
	uint32_t bits = 0;
	unsigned n = p[3] != '=' || !last ? 4 : p[2] != '=' ? 3 : 2;

	for (unsigned i = 0; i < n; i++) {
		const char *at = memchr(digits, p[i], 64);

		if (at == NULL)
			return false;
		bits |= (uint32_t)(at - digits) << (18 - 6 * i);
	}
	for (unsigned i = 0; i + 1 < n; i++)
		buf_addc(out, (char)(bits >> (16 - 8 * i)));
	return true;
}

bool base64_decode(struct bytes text, struct buf *out)
{
	if (text.len % 4 != 0)
		return false;
	for (size_t i = 0; i < text.len; i += 4)
		if (!decode_four(text.p + i, i + 4 == text.len, out))
			return false;
	return true;
}
