/* SPDX-License-Identifier: ISC */

/* Parses durations, sizes and plain integers from text.  The digits are scanned here
 * and not by strtod, which depends on the locale and loses nanoseconds. */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"

/* Digits with an optional fraction, as a count of unit (an exact integer; INT64_MAX
 * when it does not fit); independent of the locale, unlike strtod.  NULL when there
 * is no digit. */
static const char *scan_number(const char *p, int64_t unit, int64_t *out)
{
	int64_t value = 0, fraction = 0, scale = 1;
	bool any = false, too_large = false;

	for (; isdigit((unsigned char)*p); p++, any = true)
		too_large |= __builtin_mul_overflow(value, 10, &value) ||
			     __builtin_add_overflow(value, *p - '0', &value);
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++, any = true) {
			if (scale >= NSEC_PER_SEC)
				continue; /* finer than a nanosecond */
			fraction = fraction * 10 + (*p - '0');
			scale *= 10;
		}
	}
	fraction = (int64_t)((__int128)fraction * unit / scale);
	if (too_large || __builtin_mul_overflow(value, unit, &value) ||
	    __builtin_add_overflow(value, fraction, out))
		*out = INT64_MAX;
	return any ? p : NULL;
}

/* The number's text ends where its unit begins; find that unit's length in ns. */
static int64_t duration_unit(const char *p, size_t *len)
{
	while (isdigit((unsigned char)*p) || *p == '.')
		p++;
	*len = 1;
	if (p[0] == 'm' && p[1] == 's') {
		*len = 2;
		return NSEC_PER_MSEC;
	}
	switch (*p) {
	case '\0':
		*len = 0;
		return NSEC_PER_SEC;
	case 's':
		return NSEC_PER_SEC;
	case 'm':
		return 60 * NSEC_PER_SEC;
	case 'h':
		return 3600 * NSEC_PER_SEC;
	case 'd':
		return 24 * 3600 * NSEC_PER_SEC;
	default:
		return 0;
	}
}

int units_duration(const char *text, int64_t *ns)
{
	int64_t total = 0, part;
	const char *p = text;

	if (*p == '\0')
		return -1;
	while (*p != '\0') {
		size_t len;
		int64_t unit = duration_unit(p, &len);

		if (unit == 0 || (len == 0 && p != text))
			return -1;
		p = scan_number(p, unit, &part);
		if (p == NULL)
			return -1;
		total = clock_after(total, part);
		p += len;
	}
	*ns = total;
	return 0;
}

int units_size(const char *text, uint64_t *bytes)
{
	static const char binary[] = "KMGT", decimal[] = "kmgt";
	int64_t unit = 1, value;
	size_t len = strlen(text);
	const char *at, *end;

	if (len == 0)
		return -1;
	if ((at = strchr(binary, text[len - 1])) != NULL) {
		unit = INT64_C(1) << (10 * (at - binary + 1));
	} else if ((at = strchr(decimal, text[len - 1])) != NULL) {
		for (const char *p = decimal; p <= at; p++)
			unit *= 1000;
	}
	end = scan_number(text, unit, &value);
	if (end == NULL || strlen(end) != (unit == 1 ? 0 : 1) || value == INT64_MAX)
		return -1;
	*bytes = (uint64_t)value;
	return 0;
}

/* The digits at p end where end says. */
static int scan_uint(const char *p, const char *end, uint64_t *n)
{
	uint64_t value = 0;

	if (p == end)
		return -1;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p) ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -1;
	}
	*n = value;
	return 0;
}

int units_uint(const char *text, uint64_t *n)
{
	return scan_uint(text, text + strlen(text), n);
}

int units_percent(const char *text, uint64_t *n, bool *percent)
{
	size_t len = strlen(text);

	*percent = len > 0 && text[len - 1] == '%';
	return scan_uint(text, text + len - *percent, n);
}
