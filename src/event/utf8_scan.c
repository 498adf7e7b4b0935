/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/utf8.h"
#include "event/utf8_scan.h"

static enum utf8_fault judge(uint32_t c)
{
	if (c == 0x85 || c == 0x2028 || c == 0x2029)
		return UTF8_LINE_BREAK;
	if (c == 0xfeff)
		return UTF8_MARK;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
		return UTF8_CONTROL;
	return UTF8_FINE;
}

/* The length of the character at the start, 0 when it is incomplete or at fault. */
static size_t check(struct bytes text, enum utf8_fault *fault)
{
	struct utf8 c = {0};

	for (size_t n = 0; n < text.len;) {
		if (!utf8_add(&c, (unsigned char)text.p[n++])) {
			*fault = UTF8_INVALID;
			return 0;
		}
		if (c.need == 0) {
			*fault = judge(c.code);
			return *fault == UTF8_FINE ? n : 0;
		}
	}
	return 0;
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
			n = check((struct bytes){data.p + i, data.len - i}, fault);
		if (n == 0)
			break;
		s->column++;
		s->after_cr = false;
		i += n;
	}
	return i;
}
