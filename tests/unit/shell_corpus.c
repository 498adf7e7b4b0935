/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Lines as people write them take any value under sh. */

#include <stdio.h>
#include <stdlib.h>

#include "command/shell.h"
#include "command/shell_ask.h"
#include "shell_fixture.h"
#include "tap.h"

static struct err err;

static int match(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	int n = fixture_match(arg, s, len, m);

	if (n == 0 && len >= 3 && (memcmp(s, "{#}", 3) == 0 || memcmp(s, "{%}", 3) == 0)) {
		*m = (struct shell_marker){.id = ID_COUNT, .number = true};
		return 3;
	}
	return n;
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

int main(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	FILE *lines;
	long n;

	snprintf(path, sizeof path, "%s/tests/data/common-lines", top != NULL ? top : ".");
	lines = fopen(path, "r");
	if (!ok(lines != NULL, "the lines are there"))
		return done_testing();
	n = count_free("dash", lines, true);
	ok(n >= 300, "there are 300");
	printf("# of %ld, bash takes %ld with any value, zsh %ld\n", n,
	       count_free("bash", lines, false), count_free("zsh", lines, false));
	fclose(lines);
	return done_testing();
}
