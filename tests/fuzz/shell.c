/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell.h"
#include "fuzz.h"

/* The input is a shell line.  In it {} is an ordinary value, {l} a list, {s} a
 * quoted copy and {r} is raw. */

const char fuzz_name[] = "shell";

static int match(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	static const char *const markers[] = {"{}", "{l}", "{s}", "{r}"};

	for (int i = 0; i < 4; i++) {
		size_t n = strlen(markers[i]);

		if (len < n || memcmp(s, markers[i], n) != 0)
			continue;
		*m = (struct shell_marker){
		    .id = i, .raw = i == 3, .list = i == 1, .sh = i == 2};
		*(bool *)arg |= i == 3;
		return (int)n;
	}
	return 0;
}

static size_t count_values(void *arg, int id)
{
	(void)arg;
	return id == 1 ? 3 : 1;
}

static struct bytes get_value(void *arg, int id, size_t index)
{
	static const char *const values[2][3] = {{"1", "2", "3"},
						 {"44", "5", "66"}};

	(void)id;
	return bytes_str(values[*(int *)arg][index]);
}

static const char *script_for(const struct shell_line *l, int set, struct arena *a)
{
	struct shell_values values = {count_values, get_value, &set, NULL};
	struct buf shown = BUF_INIT;
	struct err err;
	char **argv;
	size_t argc;

	shell_show(l, &values, "sh", &shown);
	buf_clear(&shown);
	if (shell_bind(l, &values, a, &argv, &argc, &err) < 0)
		return NULL;
	FUZZ_MUST(argc >= 2 && argv[argc] == NULL);
	return argv[1];
}

static void use_line(const struct shell_line *l, bool raw)
{
	struct arena *a = arena_new();
	const char *one = script_for(l, 0, a), *other = script_for(l, 1, a);

	/* no value is part of the script */
	FUZZ_MUST((one == NULL) == (other == NULL));
	if (one != NULL && !raw)
		FUZZ_MUST(strcmp(one, other) == 0);
	(void)shell_takes_argument(l);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	bool raw = false;
	struct shell_config cfg = {.line = line, .match = match, .arg = &raw};
	struct strv warnings = STRV_INIT;
	struct shell_line *l;
	struct err err;

	if (size > 0)
		memcpy(line, data, size);
	line[size] = '\0';
	cfg.ansi_quotes = size & 1;
	cfg.allow_nested = size & 2;
	l = shell_compile(&cfg, &warnings, &err);
	if (l != NULL)
		use_line(l, raw);
	shell_free(l);
	strv_clear(&warnings);
	free(line);
	return 0;
}
