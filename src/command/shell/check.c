/* SPDX-License-Identifier: ISC */

/* Is a value harmless where it is read again, and does it fit its place?  Nothing here
 * knows lines or tokens, but for the message that names where a line evaluates. */

#include <config.h>

#include <ctype.h>
#include <stdio.h>

#include "command/shell/check.h"

/* --- numbers */

static bool is_hex(struct bytes b)
{
	if (b.len < 3 || b.p[0] != '0' || (b.p[1] != 'x' && b.p[1] != 'X'))
		return false;
	for (size_t i = 2; i < b.len; i++)
		if (!isxdigit((unsigned char)b.p[i]))
			return false;
	return true;
}

static size_t skip_digits(struct bytes *b)
{
	size_t n = 0;

	while (n < b->len && is_digit(b->p[n]))
		n++;
	b->p += n;
	b->len -= n;
	return n;
}

static void skip_sign(struct bytes *b)
{
	if (b->len > 0 && (*b->p == '+' || *b->p == '-')) {
		b->p++;
		b->len--;
	}
}

bool value_is_integer(struct bytes b)
{
	skip_sign(&b);
	return is_hex(b) || (skip_digits(&b) > 0 && b.len == 0);
}

bool value_is_number(struct bytes b)
{
	size_t digits;

	if (value_is_integer(b))
		return true;
	skip_sign(&b);
	digits = skip_digits(&b);
	if (b.len > 0 && *b.p == '.') {
		b.p++;
		b.len--;
		digits += skip_digits(&b);
	}
	if (digits > 0 && b.len > 0 && (*b.p == 'e' || *b.p == 'E')) {
		b.p++;
		b.len--;
		skip_sign(&b);
		digits = skip_digits(&b);
	}
	return digits > 0 && b.len == 0;
}

/* --- values that are read again */

bool value_is_harmless(enum line_class class, struct bytes b, size_t *at)
{
	const char *signs = class == LINE_CODE ? "_./,:@%+-" : "_./,:@+-'\" \t";

	if (class == LINE_INERT)
		return true;
	for (*at = 0; *at < b.len; ++*at) {
		char c = b.p[*at];

		if (class == LINE_CODE && *at == 0 && (c == '-' || c == '+'))
			return false;
		if (!is_alnum(c) && !is_one_of(c, signs) &&
		    !(class == LINE_EXPRESSION && (unsigned char)c > 0x7f))
			return false;
		if (class == LINE_EXPRESSION && *at > 0 && (c == '+' || c == '-') &&
		    b.p[*at - 1] == c)
			return false;
	}
	return true;
}

static const char *describe(char c, char *text, size_t size)
{
	if (c == '\n')
		return "a newline";
	if (c == ' ' || c == '\t')
		return "a blank";
	if ((unsigned char)c < ' ' || (unsigned char)c > '~')
		snprintf(text, size, "the byte \\x%02x", (unsigned char)c);
	else
		snprintf(text, size, "'%c'", c);
	return text;
}

int value_refuse(const struct verdict *v, const struct shell_dialect *d, const char *what,
		 const char *waiver, struct bytes b, size_t at, struct err *err)
{
	bool sign = is_one_of(b.p[at], "+-"), free = d->kind == SHELL_DASH;
	char text[32], column[32] = "";

	if (v->column > 0)
		snprintf(column, sizeof column, "column %zu: ", v->column);
	return err_set(
	    err,
	    "%s has %s%s, and %s%s may be evaluated by %s as %s: there it can hold only %s; "
	    "use %sa script that takes it as \"$1\", a variable that the program reads, or %s",
	    what, describe(b.p[at], text, sizeof text),
	    !sign	  ? ""
	    : at == 0 ? " at its start"
			  : " twice",
	    column, v->construct, shell_kind_name(d),
	    v->class == LINE_CODE ? "code" : "an expression",
	    v->class == LINE_CODE ? "a word of letters, digits and _./,:@%+-"
				  : "letters, digits, blanks and _./,:@+-'\"",
	    free ? "" : "--shell sh, ", waiver);
}

/* --- places */

static int wrong_value(struct err *err, const char *name, const char *what,
		       struct bytes b)
{
	enum { SHOWN = 60 };
	size_t n = b.len;

	if (n > SHOWN) /* but not half a character */
		for (n = SHOWN; n > SHOWN - 4 && ((unsigned char)b.p[n] & 0xc0) == 0x80;)
			n--;
	return err_set(err, "value of %s %s: '%.*s%s'", name, what, (int)n,
		       n > 0 ? b.p : "", n < b.len ? "..." : "");
}

static bool is_command(const struct shell_dialect *d, struct bytes b)
{
	return b.len > 0 && (memchr(b.p, '/', b.len) != NULL ||
			     shell_look_up(d, b) == SHELL_WORD_PROGRAM);
}

int value_check_place(unsigned checks, const struct shell_dialect *d, const char *name,
		      struct bytes b, struct err *err)
{
	if ((checks & PLACE_INTEGER) && !value_is_integer(b))
		return wrong_value(err, name,
				   "is used in arithmetic and is not an integer", b);
	if ((checks & PLACE_NUMBER) && !value_is_number(b))
		return wrong_value(err, name, "is printed as a number and is not one", b);
	if ((checks & PLACE_NO_OPTION) && b.len > 0 && *b.p == '-')
		return wrong_value(err, name, "is a command and begins with '-'", b);
	if ((checks & PLACE_COMMAND) && !is_command(d, b))
		return wrong_value(err, name,
				   "is a command, but neither a path nor a program's name", b);
	return 0;
}
