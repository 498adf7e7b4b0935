/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "event/colsep.h"

struct colsep {
	bool plain;   /* a single byte */
	char byte;
	regex_t regex;
};

/* "\t" and "\n" are what POSIX leaves out and everybody writes.  Returns the
 * byte, 0 for an escape that regcomp knows, -1 for one that would silently mean
 * the letter itself. */
static int escape_value(char letter)
{
	if (letter == 't')
		return '\t';
	if (letter == 'n')
		return '\n';
	return isalpha((unsigned char)letter) && strchr("sSwWbB", letter) == NULL ? -1 : 0;
}

/* The pattern as regcomp takes it. */
static int translate(const char *pattern, struct buf *out, struct err *err)
{
	for (const char *p = pattern; *p != '\0'; p++) {
		int value;

		if (*p != '\\' || p[1] == '\0') {
			buf_addc(out, *p);
			continue;
		}
		value = escape_value(*++p);
		if (value < 0)
			return err_usage(err,
					 "-C '%s': '\\%c' has no meaning; for digits write "
					 "[0-9]",
					 pattern, *p);
		if (value == 0)
			buf_addc(out, '\\');
		buf_addc(out, value > 0 ? (char)value : *p);
	}
	return 0;
}

static int compile(struct colsep *c, const char *pattern, const char *posix,
		   struct err *err)
{
	int code = regcomp(&c->regex, posix, REG_EXTENDED);
	char why[256];

	if (code != 0) {
		regerror(code, &c->regex, why, sizeof why);
		return err_usage(err, "-C '%s' is not a regular expression: %s", pattern,
				 why);
	}
	if (regexec(&c->regex, "", 0, NULL, 0) != 0)
		return 0;
	regfree(&c->regex);
	return err_usage(err, "-C '%s' matches the empty text; use + instead of *", pattern);
}

static bool is_plain(const char *posix)
{
	return posix[0] != '\0' && posix[1] == '\0' && strchr(".[]*^$+?(){}|\\", *posix) == NULL;
}

struct colsep *colsep_new(const char *pattern, struct err *err)
{
	struct colsep *c = xcalloc(1, sizeof *c);
	struct buf posix = BUF_INIT;
	int result = translate(pattern, &posix, err);

	if (result == 0 && is_plain(buf_cstr(&posix))) {
		c->plain = true;
		c->byte = *posix.data;
	} else if (result == 0) {
		result = compile(c, pattern, buf_cstr(&posix), err);
	}
	buf_clear(&posix);
	if (result == 0)
		return c;
	free(c);
	return NULL;
}

void colsep_free(struct colsep *c)
{
	if (c == NULL)
		return;
	if (!c->plain)
		regfree(&c->regex);
	free(c);
}

/* Where the next separator stands in text; false: there is none. */
static bool find(struct colsep *c, const char *start, struct bytes text, size_t *at,
		 size_t *len)
{
	regmatch_t m = {0, (regoff_t)text.len};
	const char *p;

	if (c->plain) {
		p = text.len > 0 ? memchr(text.p, c->byte, text.len) : NULL;
		*at = p != NULL ? (size_t)(p - text.p) : 0;
		*len = 1;
		return p != NULL;
	}
	if (regexec(&c->regex, text.p, 1, &m,
		    REG_STARTEND | (text.p > start ? REG_NOTBOL : 0)) != 0 ||
	    m.rm_eo == m.rm_so)
		return false;
	*at = (size_t)m.rm_so;
	*len = (size_t)(m.rm_eo - m.rm_so);
	return true;
}

struct bytes colsep_next(struct colsep *c, const char *start, struct bytes *rest)
{
	struct bytes column = *rest;
	size_t at, len;

	if (!find(c, start, *rest, &at, &len)) {
		*rest = (struct bytes){NULL, 0};
		return column;
	}
	column.len = at;
	rest->p += at + len;
	rest->len -= at + len;
	return column;
}
