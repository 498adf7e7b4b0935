/* SPDX-License-Identifier: ISC */

/* A word is cut into runs of printable characters, which are written between single
 * quotes, and runs of other bytes, which are written as a call of printf with octal
 * escapes.  Nothing that could change a terminal is printed as it is. */

#include <config.h>

#include "base/utf8.h"
#include "command/quote.h"

static bool is_bare(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr("_/.,:@%+-=", c) != NULL);
}

/* The length of the character at p, or 0 when it must not reach a terminal:
 * a control character, a C1 control or a byte that is not UTF-8. */
static size_t printable(const char *p, size_t len)
{
	uint32_t code;
	size_t n;

	if (*p >= 0x20 && *p < 0x7f) /* most often */
		return 1;
	n = utf8_first((struct bytes){p, len}, &code);
	if (n == 0 || (code < 0x20 && code != '\n' && code != '\t') ||
	    (code >= 0x7f && code < 0xa0))
		return 0;
	return n;
}

/* One run of printable characters in single quotes; returns its length. */
static size_t quote_printable(struct buf *out, const char *p, size_t len)
{
	size_t i = 0, n;

	buf_addc(out, '\'');
	while (i < len && (n = printable(p + i, len - i)) > 0) {
		if (p[i] == '\'')
			buf_adds(out, "'\\''");
		else
			buf_add(out, p + i, n);
		i += n;
	}
	buf_addc(out, '\'');
	return i;
}

/* One run of the others.  It cannot end in a newline, so $( ) loses nothing. */
static size_t quote_control(struct buf *out, const char *p, size_t len)
{
	size_t i = 0;

	buf_adds(out, "\"$(printf '");
	while (i < len && printable(p + i, len - i) == 0)
		buf_addf(out, "\\%03o", (unsigned char)p[i++]);
	buf_adds(out, "')\"");
	return i;
}

void quote_always(struct buf *out, struct bytes text)
{
	size_t i = 0;

	if (text.len == 0)
		buf_adds(out, "''");
	while (i < text.len)
		if (printable(text.p + i, text.len - i) > 0)
			i += quote_printable(out, text.p + i, text.len - i);
		else
			i += quote_control(out, text.p + i, text.len - i);
}

/* zsh takes "=ls" for the path of ls. */
void quote_word(struct buf *out, struct bytes text)
{
	size_t i = 0;

	while (i < text.len && is_bare((unsigned char)text.p[i]))
		i++;
	if (i == text.len && i > 0 && text.p[0] != '=')
		buf_addb(out, text);
	else
		quote_always(out, text);
}
