/* SPDX-License-Identifier: ISC */

/* Strings are copied in runs that need no escape.  What is not UTF-8 has no spelling
 * in JSON at all, so each such byte becomes U+FFFD. */

#include <config.h>

#include "base/json.h"
#include "base/utf8.h"

/* The length of the start of text that needs no escape. */
static size_t plain_run(struct bytes text)
{
	size_t i = 0;

	while (i < text.len) {
		unsigned char c = (unsigned char)text.p[i];
		size_t n = 1;
		uint32_t code;

		if (c < 0x20 || c == '"' || c == '\\')
			break;
		if (c >= 0x80)
			n = utf8_first((struct bytes){text.p + i, text.len - i}, &code);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static void add_escaped(struct buf *b, unsigned char c)
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
			add_escaped(b, (unsigned char)text.p[n++]);
		text.p += n;
		text.len -= n;
	}
	buf_addc(b, '"');
}

void json_add_piece(struct buf *b, struct bytes text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, text.p + start, i - start);
		add_escaped(b, c);
		start = i + 1;
	}
	buf_add(b, text.p + start, text.len - start);
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

bool json_is_bare(struct bytes text)
{
	return bytes_is(text, "true") || bytes_is(text, "false") ||
	       bytes_is(text, "null") || is_number(text);
}
