/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <utf8proc.h>

#include "event/utf8_scan.h"

static size_t wanted_length(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 1; /* ASCII, or no first byte at all */
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static enum utf8_fault judge(utf8proc_int32_t c)
{
	if (c == 0x85 || c == 0x2028 || c == 0x2029)
		return UTF8_LINE_BREAK;
	if (c == 0xfeff)
		return UTF8_MARK;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
		return UTF8_CONTROL;
	return UTF8_FINE;
}

/* The length of the character at p, 0 when it is incomplete or at fault. */
static size_t check(const char *p, size_t n, enum utf8_fault *fault)
{
	size_t want = wanted_length((unsigned char)*p);
	utf8proc_int32_t c;

	if (n < want)
		return 0;
	if (utf8proc_iterate((const utf8proc_uint8_t *)p, (utf8proc_ssize_t)want, &c) < 0)
		*fault = UTF8_INVALID;
	else
		*fault = judge(c);
	return *fault == UTF8_FINE ? want : 0;
}

/* LF, CR and CR LF each end a line, as libyaml counts them. */
static void step_break(struct utf8_scan *s, unsigned char c)
{
	if (c == '\r' || !s->after_cr)
		s->line++;
	s->column = 1;
	s->after_cr = c == '\r';
}

size_t utf8_scan(struct utf8_scan *s, struct bytes data, enum utf8_fault *fault)
{
	size_t i = 0;

	*fault = UTF8_FINE;
	while (i < data.len) {
		unsigned char c = (unsigned char)data.p[i];
		size_t n = 1;

		if (c == '\n' || c == '\r') {
			step_break(s, c);
			i++;
			continue;
		}
		if ((c < 0x20 && c != '\t') || c >= 0x7f)
			n = check(data.p + i, data.len - i, fault);
		if (n == 0)
			break;
		s->column++;
		s->after_cr = false;
		i += n;
	}
	return i;
}
