/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "watch/number.h"

enum { DIGITS_MAX = 17 }; /* so many tell any two doubles apart */

struct number number_mul(struct number a, struct number b)
{
	int64_t i;

	if (!a.is_float && !b.is_float && !__builtin_mul_overflow(a.i, b.i, &i))
		return number_int(i);
	return number_float(number_value(a) * number_value(b));
}

struct number number_sub(struct number a, struct number b)
{
	int64_t i;

	if (!a.is_float && !b.is_float && !__builtin_sub_overflow(a.i, b.i, &i))
		return number_int(i);
	return number_float(number_value(a) - number_value(b));
}

/* printf and strtod take the decimal point from the thread's locale, so
 * everything here runs between enter_c and leave_c. */
static locale_t enter_c(void)
{
	static locale_t c_locale;

	if (c_locale == (locale_t)0)
		c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	assert(c_locale != (locale_t)0);
	return uselocale(c_locale);
}

static void leave_c(locale_t before)
{
	uselocale(before);
}

/* The shortest scientific form that reads back as x; returns its number of
 * digits and leaves the text in out. */
static int shortest(struct buf *out, double x)
{
	for (int digits = 1;; digits++) {
		buf_reset(out);
		buf_addf(out, "%.*e", digits - 1, x);
		if (digits == DIGITS_MAX || strtod(buf_cstr(out), NULL) == x)
			return digits;
	}
}

static void add_float(struct buf *out, double x)
{
	struct buf sci = BUF_INIT;
	int digits = shortest(&sci, x);
	const char *e = strchr(buf_cstr(&sci), 'e');
	int exponent = e != NULL ? atoi(e + 1) : 0;
	int decimals = digits - 1 - exponent;

	if (exponent < -4 || exponent >= 16)
		buf_addb(out, buf_bytes(&sci));
	else
		buf_addf(out, "%.*f", decimals > 1 ? decimals : 1, x);
	buf_clear(&sci);
}

void number_add(struct buf *out, struct number x)
{
	locale_t before = enter_c();

	if (x.is_float)
		add_float(out, x.f);
	else
		buf_addf(out, "%" PRId64, x.i);
	leave_c(before);
}

void number_add_fixed(struct buf *out, double x, int width, int decimals)
{
	locale_t before = enter_c();

	buf_addf(out, "%*.*f", width, decimals, x);
	leave_c(before);
}

void number_add_rough(struct buf *out, double x)
{
	locale_t before = enter_c();

	buf_addf(out, "%.3g", x);
	leave_c(before);
}
