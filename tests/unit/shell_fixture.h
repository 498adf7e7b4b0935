/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SHELL_FIXTURE_H
#define TESTS_UNIT_SHELL_FIXTURE_H

/* Placeholders for the tests of the shell binder: {}, {1}, {name}, {/} and
 * {name:raw}, {name:sh}; the lists {l} and {m}; {bad} is an error, everything
 * else in braces is text. */

#include <stdlib.h>

#include "command/shell.h"

enum {
	ID_EVENT,
	ID_NAME,
	ID_ONE,
	ID_BASE,
	ID_L,
	ID_M,
	ID_COUNT,
	ID_RAW = 100,
	ID_SH = 200
};

struct fixture {
	struct err *err;
	const char *marker; /* another spelling of {} */
	struct bytes values[ID_COUNT];
	const char *lists[2][4]; /* of {l} and {m} */
	size_t nlists;
	bool calls_bad; /* values that must not be asked for were */
};

static inline int fixture_match(void *arg, const char *s, size_t len,
				struct shell_marker *m)
{
	static const char *const names[] = {"", "name", "1", "/", "l", "m"};
	struct fixture *f = arg;

	if (f->marker != NULL) {
		size_t n = strlen(f->marker);

		m->id = ID_EVENT;
		return len >= n && memcmp(s, f->marker, n) == 0 ? (int)n : 0;
	}
	if (len >= 5 && memcmp(s, "{bad}", 5) == 0)
		return err_usage(f->err, "no field 'bad'");
	for (int i = 0; i < ID_COUNT; i++) {
		size_t n = strlen(names[i]) + 1;

		if (len <= n || *s != '{' || memcmp(s + 1, names[i], n - 1) != 0)
			continue;
		*m = (struct shell_marker){.id = i, .list = i == ID_L || i == ID_M};
		if (s[n] == '}')
			return (int)n + 1;
		if (len >= n + 4 && memcmp(s + n, ":sh}", 4) == 0) {
			m->id += ID_SH;
			m->sh = true;
			return (int)n + 4;
		}
		if (len >= n + 5 && memcmp(s + n, ":raw}", 5) == 0) {
			m->id += ID_RAW;
			m->raw = true;
			return (int)n + 5;
		}
	}
	*m = (struct shell_marker){0};
	return 0;
}

static inline size_t fixture_count(void *arg, int id)
{
	struct fixture *f = arg;

	f->calls_bad |= id % 100 != ID_L && id % 100 != ID_M;
	return f->nlists;
}

static inline struct bytes fixture_get(void *arg, int id, size_t index)
{
	struct fixture *f = arg;

	if (id % 100 == ID_L || id % 100 == ID_M)
		return bytes_str(f->lists[id % 100 - ID_L][index]);
	f->calls_bad |= index != 0;
	return f->values[id % 100];
}

#endif
