/* SPDX-License-Identifier: ISC */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

/* Test Anything Protocol, just enough of it.  A unit test calls ok, is, is_int
 * and ends with "return done_testing();". */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Weak, so that the files of one test count together. */
int __attribute__((weak)) tap_count, __attribute__((weak)) tap_failed;

static inline bool __attribute__((format(printf, 2, 3)))
ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	tap_count++;
	if (!pass)
		tap_failed++;
	printf("%sok %d - ", pass ? "" : "not ", tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return pass;
}

static inline void tap_show(const char *label, const char *text)
{
	printf("#   %s: ", label);
	for (; text != NULL && *text != '\0'; text++) {
		putchar(*text);
		if (*text == '\n')
			printf("#     ");
	}
	printf(text == NULL ? "(null)\n" : "\n");
}

#define is(got, want, ...)                                                               \
	do {                                                                             \
		const char *tap_got = (got), *tap_want = (want);                         \
		if (!ok(tap_got != NULL && tap_want != NULL &&                           \
			    strcmp(tap_got, tap_want) == 0,                              \
			__VA_ARGS__)) {                                                  \
			tap_show("     got", tap_got);                                   \
			tap_show("expected", tap_want);                                  \
		}                                                                        \
	} while (0)

#define is_int(got, want, ...)                                                           \
	do {                                                                             \
		long long tap_got = (long long)(got), tap_want = (long long)(want);      \
		if (!ok(tap_got == tap_want, __VA_ARGS__))                               \
			printf("#        got: %lld\n#   expected: %lld\n", tap_got,      \
			       tap_want);                                                \
	} while (0)

static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout); /* a leak found at exit would end it without */
	return tap_failed > 0;
}

#endif
