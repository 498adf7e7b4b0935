/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SHELL_BOUND_H
#define TESTS_UNIT_SHELL_BOUND_H

/* A line compiled with the placeholders of the fixture, for the table tests;
 * the options are globals, for brevity. */

#include "command/shell/dialect.h"
#include "shell_fixture.h"

static struct err err;
static struct strv warnings;
static bool ansi, allow_nested;
static const char *marker;
static struct shell_dialect dialect; /* not known */

/* A line as the name of a test. */
static inline const char *named(const char *line)
{
	static char name[256];
	size_t i = 0;

	for (; line[i] != '\0' && i + 1 < sizeof name; i++)
		name[i] = line[i];
	name[i] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		if ((unsigned char)name[i] < ' ')
			name[i] = '~';
	return name;
}

static inline struct fixture fixture_new(void)
{
	struct fixture f = {.err = &err, .marker = marker};

	for (int i = 0; i < ID_COUNT; i++)
		f.values[i] = bytes_str("v");
	f.values[ID_NAME] = bytes_str("it's");
	f.lists[0][0] = "l1";
	f.lists[0][1] = "l2";
	f.lists[0][2] = "l3";
	f.lists[1][0] = "m1";
	f.lists[1][1] = "m2";
	f.lists[1][2] = "m3";
	f.nlists = 1;
	return f;
}

static inline struct shell_values values_of(struct fixture *f)
{
	return (struct shell_values){fixture_count, fixture_get, f, NULL};
}

static inline struct shell_line *compile(const char *line, struct fixture *f)
{
	struct shell_config cfg = {.line = line,
				   .match = fixture_match,
				   .arg = f,
				   .dialect = &dialect,
				   .ansi_quotes = ansi,
				   .allow_nested = allow_nested};

	strv_clear(&warnings);
	err = (struct err){0};
	return shell_compile(&cfg, &warnings, &err);
}

/* The script and the values of a job: "SCRIPT | V1 | V2", or the error. */
static inline const char *bound(const char *line, struct fixture *f)
{
	static struct buf out;
	struct shell_line *l = compile(line, f);
	struct shell_values v = values_of(f);
	struct arena *a = arena_new();
	char **argv;
	size_t argc;

	buf_reset(&out);
	if (l == NULL) {
		buf_adds(&out, err.text);
	} else if (shell_bind(l, &v, a, &argv, &argc, &err) < 0) {
		buf_addf(&out, "failed: %s", err.text);
	} else {
		buf_adds(&out, argv[1]);
		for (size_t i = 3; i < argc; i++)
			buf_addf(&out, " | %s", argv[i]);
	}
	shell_free(l);
	arena_free(a);
	return buf_cstr(&out);
}

#endif
