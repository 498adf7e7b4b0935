/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Lines as people write them, and those that the README and the manual show, take any
 * value under sh. */

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "command/shell.h"
#include "command/shell_ask.h"
#include "shell_fixture.h"
#include "tap.h"

static struct err err;

static size_t suffix_length(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && memcmp(s + len - n, suffix, n) == 0 ? n : 0;
}

/* {}, {#}, {2/.}, {name}, {name:sh}: more than fixture_match knows. */
static int match(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	size_t n = 1;

	(void)arg;
	while (n < len && s[n] != '\0' &&
	       (s[n] == '_' || strchr("./#%:+-", s[n]) != NULL ||
		(s[n] >= '0' && s[n] <= '9') || (s[n] >= 'a' && s[n] <= 'z')))
		n++;
	if (*s != '{' || n == len || s[n] != '}')
		return 0;
	m->number = n == 2 && strchr("#%", s[1]) != NULL;
	m->id = m->number ? ID_COUNT : ID_EVENT;
	m->sh = suffix_length(s, n, ":sh") > 0;
	return (int)n + 1;
}

static struct bytes get(void *arg, int id, size_t index)
{
	(void)arg;
	(void)index;
	return bytes_str(id == ID_COUNT ? "1" : "a[$(:>M)]\n';:>M;'");
}

/* Whether the line takes hostile values in the shell; *evaluates: at least some. */
static bool is_free(const struct shell_dialect *dialect, const char *line)
{
	struct fixture f = {.err = &err};
	struct shell_config cfg = {
	    .line = line, .match = match, .arg = &f, .dialect = dialect};
	struct shell_values values = {fixture_count, get, &f, NULL};
	struct strv warnings = STRV_INIT;
	struct shell_line *l = shell_compile(&cfg, &warnings, &err);
	struct arena *a = arena_new();
	char **argv;
	size_t argc;
	bool result = l != NULL && shell_bind(l, &values, a, &argv, &argc, &err) == 0;

	strv_clear(&warnings);
	shell_free(l);
	arena_free(a);
	return result;
}

static long count_free(const char *name, FILE *lines, bool all)
{
	struct shell_answers answers;
	struct strv shell = STRV_INIT;
	char line[1024];
	long n = 0;

	strv_add(&shell, name);
	shell_identify(&answers, &shell, "");
	rewind(lines);
	while (fgets(line, sizeof line, lines) != NULL) {
		bool is;

		line[strcspn(line, "\n")] = '\0';
		is = is_free(&answers.dialect, line);
		n += is;
		if (all)
			ok(is, "takes any value: %s%s%s", line, is ? "" : ": ", is ? "" : err.text);
	}
	shell_answers_clear(&answers);
	strv_clear(&shell);
	return n;
}

/* --- examples */

/* They compute with the value, or use it as a number: only that is refused. */
static const char *const computing[] = {
    "test {} -lt 3",
    "echo {}; exit {}",
};

static bool computes(const char *line)
{
	for (size_t i = 0; i < sizeof computing / sizeof computing[0]; i++)
		if (strcmp(line, computing[i]) == 0)
			return true;
	return false;
}

/* A line of the manual's source as it is printed. */
static void print_roff(char *s)
{
	static const char *const escapes[][2] = {
	    {"\\(aq", "'"}, {"\\(dq", "\""}, {"\\-", "-"}, {"\\e", "\\"}, {"\\&", ""}};
	char *out = s;

	while (*s != '\0') {
		size_t i = 0, n = sizeof escapes / sizeof escapes[0];

		while (i < n && strncmp(s, escapes[i][0], strlen(escapes[i][0])) != 0)
			i++;
		if (i == n) {
			*out++ = *s++;
			continue;
		}
		s += strlen(escapes[i][0]);
		for (const char *c = escapes[i][1]; *c != '\0';)
			*out++ = *c++;
	}
	*out = '\0';
}

/* The first quoted word after "volley" with a placeholder and more, ended by NUL;
 * NULL: there is none. */
static char *find_example(char *line)
{
	char *at = strstr(line, "volley "), *end;
	struct shell_marker m;

	while (at != NULL && (at = strchr(at, '\'')) != NULL) {
		end = strchr(++at, '\'');
		if (end == NULL)
			return NULL;
		for (char *c = at; c < end && memchr(at, ' ', (size_t)(end - at)) != NULL; c++) {
			m = (struct shell_marker){0};
			if (match(NULL, c, (size_t)(end - c), &m) == 0)
				continue;
			*end = '\0';
			return at;
		}
		at = end + 1;
	}
	return NULL;
}

static void add_examples(const char *top, const char *file, FILE *out)
{
	char path[4096], line[4096], *example;
	FILE *in;
	long n = 0;

	snprintf(path, sizeof path, "%s/%s", top, file);
	in = fopen(path, "r");
	while (in != NULL && fgets(line, sizeof line, in) != NULL) {
		if (strchr(file, '.') != NULL)
			print_roff(line);
		example = find_example(line);
		if (example == NULL || strstr(example, ":raw}") != NULL)
			continue;
		n++;
		if (!computes(example))
			fprintf(out, "%s\n", example);
	}
	if (ok(in != NULL, "%s is there", file))
		fclose(in);
	printf("# %s shows %ld lines\n", file, n);
}

static void test_lines(const char *what, FILE *lines, long least)
{
	long n = count_free("dash", lines, true);

	ok(n >= least, "%s: at least %ld", what, least);
	printf("# of %ld %s, bash takes %ld with any value, zsh %ld\n", n, what,
	       count_free("bash", lines, false), count_free("zsh", lines, false));
	fclose(lines);
}

int main(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	FILE *lines, *examples = tmpfile();

	top = top != NULL ? top : ".";
	snprintf(path, sizeof path, "%s/tests/data/common-lines", top);
	lines = fopen(path, "r");
	if (!ok(lines != NULL && examples != NULL, "the lines are there"))
		return done_testing();
	test_lines("common lines", lines, 300);
	add_examples(top, "README", examples);
	add_examples(top, "man/volley.1", examples);
	add_examples(top, "man/volley-run.5", examples);
	add_examples(top, "man/volley-worker.7", examples);
	test_lines("examples", examples, 20);
	return done_testing();
}
