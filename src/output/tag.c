/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/buf.h"
#include "output/tag.h"

static void add_visible(struct buf *b, unsigned char c)
{
	if (c == '\n')
		buf_adds(b, "\\n");
	else if (c == '\r')
		buf_adds(b, "\\r");
	else if ((c < 0x20 && c != '\t') || c == 0x7f)
		buf_addf(b, "\\x%02x", c);
	else
		buf_addc(b, (char)c);
}

struct bytes tag_make(const char *text, uint64_t number, bool color, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct bytes tag;

	if (color) /* red, green, yellow, blue, magenta, cyan */
		buf_addf(&b, "\033[3%dm", (int)(number % 6) + 1);
	for (; *text != '\0'; text++)
		add_visible(&b, (unsigned char)*text);
	if (color)
		buf_adds(&b, "\033[m");
	buf_addc(&b, '\t');
	tag = arena_bytes(a, buf_bytes(&b));
	buf_clear(&b);
	return tag;
}
