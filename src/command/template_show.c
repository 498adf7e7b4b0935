/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "command/quote.h"
#include "command/template_internal.h"

/* A job as a line for people and logs. */

/* A builtin of the reader's shell may do something else than the program of the
 * same name that was run; then the program is shown by its path. */
static bool is_ambiguous(char *const *argv)
{
	static const char *const both[] = {"printf", "test", "[",    "kill",
					   "time",   "pwd",  "true", "false"};

	if (strcmp(argv[0], "echo") == 0) {
		for (char *const *word = argv + 1; *word != NULL; word++)
			if ((*word)[0] == '-' || strchr(*word, '\\') != NULL)
				return true;
		return false;
	}
	for (size_t i = 0; i < sizeof both / sizeof both[0]; i++)
		if (strcmp(argv[0], both[i]) == 0)
			return argv[1] != NULL;
	return false;
}

static void show_program(const struct template *t, char *const *argv, struct buf *out)
{
	bool same = !is_ambiguous(argv);

	quote_word(out, bytes_str(same || t->path == NULL ? argv[0] : t->path));
}

static void show_words(const struct template *t, const struct bindings *b,
		       struct arena *a, struct buf *out)
{
	struct command command;
	struct err err;

	if (template_expand_words(t, b, a, &command, &err) < 0) {
		buf_adds(out, "# cannot be expanded");
		return;
	}
	show_program(t, command.argv, out);
	for (char **word = command.argv + 1; *word != NULL; word++) {
		buf_addc(out, ' ');
		quote_word(out, bytes_str(*word));
	}
}

static char *shell_words(const struct template *t, struct arena *a)
{
	struct buf words = BUF_INIT;
	char *copy;

	for (size_t i = 0; i < t->shell.n; i++) {
		buf_adds(&words, i > 0 ? " " : "");
		quote_word(&words, bytes_str(t->shell.v[i]));
	}
	copy = arena_dup(a, words.data, words.len);
	buf_clear(&words);
	return copy;
}

static int match_nothing(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	(void)arg;
	(void)s;
	(void)len;
	(void)m;
	return 0;
}

/* As a line without placeholders, which may end the reader's shell, or hold a
 * here-document, or be broken, as any other line. */
static void show_event(const struct template *t, const struct bindings *b,
		       struct arena *a, struct buf *out)
{
	struct placeholder p = {.what = PLACEHOLDER_EVENT};
	struct shell_config cfg = {.match = match_nothing,
				   .name = basename(t->shell.v[0])};
	struct shell_values none = {0};
	struct strv warnings = STRV_INIT;
	struct shell_line *line;
	struct bytes text;
	struct err err;

	if (placeholder_value(&p, b, 0, a, &text, &err) < 0)
		return;
	cfg.line = arena_dup(a, text.p, text.len);
	line = shell_compile(&cfg, &warnings, &err);
	if (line != NULL)
		shell_show(line, &none, shell_words(t, a), out);
	shell_free(line);
	strv_clear(&warnings);
}

/* Does the user's command say the name, as $NAME or to a program? */
static bool mentions(const struct template *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->cfg.nwords; i++)
		for (const char *at = strstr(t->cfg.words[i], "EVENT_"); at != NULL;
		     at = strstr(at + 1, "EVENT_"))
			if (strncmp(at, name, len) == 0 &&
			    !isalnum((unsigned char)at[len]) && at[len] != '_')
				return true;
	return false;
}

/* Put the fields in the environment that the command speaks of among the
 * variables that are shown: those that were asked for. */
static void choose_fields(const struct template *t, struct command *command)
{
	for (char **env = command->env + command->nchosen; *env != NULL; env++) {
		char *field = *env;

		if (strncmp(field, "EVENT_", 6) != 0 ||
		    !mentions(t, field, strcspn(field, "=")))
			continue;
		*env = command->env[command->nchosen];
		command->env[command->nchosen++] = field;
	}
}

static void show_command(const struct template *t, const struct bindings *b,
			 struct arena *a, struct buf *out)
{
	struct err err;
	struct getter getter = {t, b, a, &err, false};
	struct shell_values values;

	if (t->kind == KIND_WORDS)
		show_words(t, b, a, out);
	else if (t->kind == KIND_EVENTS)
		show_event(t, b, a, out);
	else if (template_values(&getter, &values) == 0)
		shell_show(t->line, &values, shell_words(t, a), out);
}

void template_show(const struct template *t, const struct bindings *b, struct buf *out)
{
	struct arena *a = arena_new();
	struct command command = {0};
	bool simple = t->kind == KIND_WORDS;
	struct err err;
	size_t start;

	/* Of one that cannot be expanded, the command without anything besides. */
	if (context_expand(&t->context, &t->placeholders, b, 1, a, &command, &err) < 0)
		command = (struct command){0};
	else
		choose_fields(t, &command);
	context_show_before(&command, simple, out);
	start = out->len;
	show_command(t, b, a, out);
	context_show_after(&command, simple, start, out);
	arena_free(a);
}
