/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>

#include "command/quote.h"
#include "command/template_internal.h"

/* Jobs as text for people: one self-contained shell line each. */

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

static void show_event(const struct template *t, const struct bindings *b,
		       struct arena *a, struct buf *out)
{
	struct bytes line = item_text(&b->events[0]->items[0], a);

	if (t->cfg.shell == NULL) {
		buf_addb(out, line);
		return;
	}
	buf_addf(out, "%s -c ", shell_words(t, a));
	quote_always(out, line);
}

void template_show(const struct template *t, const struct bindings *b, struct buf *out)
{
	struct arena *a = arena_new();
	struct err err;
	struct getter getter = {t, b, a, &err, false};
	struct shell_values values = template_values(&getter);
	struct command command = {0};
	bool simple = t->kind == KIND_WORDS;
	size_t start;

	/* Of one that cannot be expanded, the command without anything besides. */
	if (context_expand(&t->context, &t->placeholders, b, 1, a, &command, &err) < 0)
		command = (struct command){0};
	context_show_before(&command, simple, out);
	start = out->len;
	if (t->kind == KIND_WORDS)
		show_words(t, b, a, out);
	else if (t->kind == KIND_EVENTS)
		show_event(t, b, a, out);
	else
		shell_show(t->line, &values, shell_words(t, a), out);
	context_show_after(&command, simple, start, out);
	arena_free(a);
}
