/* SPDX-License-Identifier: ISC */

/* A prepared template and one job's events become that job's command: its words or the
 * values of its shell line, then the directory, variables and standard input, where the
 * event's own options take precedence.  The second half shows the same job as a line
 * that a reader can paste into a shell. */

#include <config.h>

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "command/environment.h"
#include "command/quote.h"
#include "command/template.h"
#include "sys/spawn.h"

/* --- words */

static char **expand_words(const struct template *t, const struct expansion *x)
{
	size_t n = 0;
	char **argv;

	for (size_t i = 0; i < t->nwords; i++)
		n += word_count(x, &t->words[i]);
	argv = arena_alloc(x->arena, (n + 1) * sizeof *argv);
	n = 0;
	for (size_t i = 0; i < t->nwords; i++) {
		size_t count = word_count(x, &t->words[i]);

		for (size_t k = 0; k < count; k++)
			if ((argv[n++] = word_expand(x, &t->words[i], k)) == NULL)
				return NULL;
	}
	argv[n] = NULL;
	return argv;
}

/* --- shell lines */

/* Answers what shell_bind asks. */
struct getter {
	const struct expansion *x;
	bool failed;
};

static size_t count_values(void *arg, int id)
{
	const struct expansion *x = ((struct getter *)arg)->x;

	return placeholder_count(&x->placeholders[id], x->job);
}

static struct bytes get_value(void *arg, int id, size_t index)
{
	struct getter *g = arg;
	struct bytes value = {"", 0};

	if (!g->failed &&
	    placeholder_value(g->x, &g->x->placeholders[id], index, &value) < 0)
		g->failed = true;
	return value;
}

/* -1 with err: a word after the line cannot be expanded. */
static int line_values(const struct template *t, struct getter *getter,
		       struct shell_values *values)
{
	*values = (struct shell_values){count_values, get_value, getter, NULL};
	if (t->nwords == 0)
		return 0;
	values->parameters = expand_words(t, getter->x);
	return values->parameters != NULL ? 0 : -1;
}

static char **shell_argv(const struct template *t, size_t more, struct arena *a)
{
	char **argv = arena_alloc(a, (t->shell.n + more + 1) * sizeof *argv);

	memcpy(argv, t->shell.v, t->shell.n * sizeof *argv);
	argv[t->shell.n + more] = NULL;
	return argv;
}

static char **expand_line(const struct template *t, const struct expansion *x)
{
	struct getter getter = {x, false};
	struct shell_values values;
	struct err bind_err;
	char **bound, **argv;
	size_t n;

	if (line_values(t, &getter, &values) < 0)
		return NULL;
	if (shell_bind(t->line, &values, x->arena, &bound, &n, &bind_err) < 0) {
		if (!getter.failed)
			*x->err = bind_err;
		return NULL;
	}
	if (getter.failed || template_check_parameters(t, values.parameters, x->err) < 0)
		return NULL;
	argv = shell_argv(t, n, x->arena);
	memcpy(argv + t->shell.n, bound, n * sizeof *argv);
	return argv;
}

static int event_text(const struct expansion *x, struct bytes *text)
{
	const struct placeholder p = {.what = PLACEHOLDER_EVENT};

	return placeholder_value(x, &p, 0, text);
}

/* The event as a shell line; a blank keeps a leading - from being an option. */
static char **expand_event(const struct template *t, const struct expansion *x,
			   struct command *out)
{
	struct arena *a = x->arena;
	struct bytes line;
	char *script, **argv;

	if (event_text(x, &line) < 0)
		return NULL;
	if (event_has_names(x->job->events[0])) {
		err_set(x->err, "an event that is a mapping is not a command line");
		return NULL;
	}
	script = arena_alloc(a, line.len + 2);
	script[0] = ' ';
	memcpy(script + 1, line.p, line.len);
	script[line.len + 1] = '\0';
	argv = shell_argv(t, 3, a);
	if (t->bash != NULL && shell_names_function(script + 1)) {
		argv[0] = arena_str(a, "bash");
		out->path = t->bash;
	}
	argv[t->shell.n] = arena_str(a, "-c");
	argv[t->shell.n + 1] =
	    line.len > 0 && strchr("-+", line.p[0]) != NULL ? script : script + 1;
	argv[t->shell.n + 2] = arena_str(a, basename(argv[0])); /* $0 */
	return argv;
}

static int check_lengths(char *const *argv, struct err *err)
{
	for (; *argv != NULL; argv++) {
		size_t len = strlen(*argv);

		if (len >= ENVIRONMENT_MAX_STRING)
			return err_set(err,
				       "an argument of %zu bytes is too long: the kernel "
				       "takes at most %d; pass it through a file or stdin",
				       len, ENVIRONMENT_MAX_STRING - 1);
	}
	return 0;
}

/* Is it text in the locale of the environment? */
static bool is_text(const char *s)
{
	locale_t own, old;
	mbstate_t state = {0};
	bool result;

	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	if (*s == '\0')
		return true;
	own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	if (own == (locale_t)0)
		return false;
	old = uselocale(own);
	result = mbsrtowcs(NULL, &s, 0, &state) != (size_t)-1;
	uselocale(old);
	freelocale(own);
	return result;
}

/* To yash an argument that is no text is an empty one. */
static int check_yash(const struct template *t, char *const *argv, struct err *err)
{
	if (t->answers.dialect.kind != SHELL_YASH &&
	    strcmp(basename(t->shell.v[0]), "yash") != 0)
		return 0;
	for (; *argv != NULL; argv++)
		if (!is_text(*argv))
			return err_set(err, "a value holds bytes that are not text in this "
					    "locale (LC_ALL, LC_CTYPE, LANG), and yash would "
					    "make it empty; use another shell, or a locale "
					    "that has them");
	return 0;
}

static int expand_argv(const struct template *t, const struct expansion *x,
		       struct command *out)
{
	out->path = t->path;
	switch (t->kind) {
	case TEMPLATE_WORDS:
		out->argv = expand_words(t, x);
		break;
	case TEMPLATE_LINE:
		out->argv = expand_line(t, x);
		break;
	case TEMPLATE_EVENTS:
		out->argv = expand_event(t, x, out);
		break;
	}
	if (out->argv == NULL || check_lengths(out->argv, x->err) < 0)
		return -1;
	return t->kind == TEMPLATE_WORDS ? 0 : check_yash(t, out->argv, x->err);
}

/* --- directory, standard input, variables */

static int expand_dir(const struct template *t, const struct expansion *x,
		      struct command *out)
{
	out->dir = out->options.workdir;
	if (t->cfg.workdir == NULL || out->dir != NULL)
		return 0;
	out->dir = word_expand(x, &t->dir, 0);
	return out->dir != NULL ? 0 : -1;
}

/* What cannot be passed to a worker for one event. */
static int check_line(const struct command *out, struct err *err)
{
	if (memchr(out->input.p, '\n', out->input.len) != NULL)
		return err_set(err, "the event has a newline in it, so it cannot be one line "
				    "for a worker; send it as JSON: --stdin '{:json}'");
	if (out->options.workdir != NULL || out->options.nenv > 0)
		return err_set(err, "an event's own workdir and env do not apply to "
				    "workers, which have already been started");
	return 0;
}

static int expand_input(const struct template *t, const struct expansion *x,
			struct command *out)
{
	struct buf text = BUF_INIT;
	int result = 0;

	out->input = out->options.input;
	out->line = t->cfg.worker != NULL;
	if (t->cfg.input != NULL && out->input.p == NULL) {
		result = word_add_all(x, &t->input, '\n', &text);
		out->input =
		    (struct bytes){arena_dup(x->arena, text.data, text.len), text.len};
		buf_clear(&text);
	}
	if (result == 0 && out->line)
		result = check_line(out, x->err);
	return result;
}

static int check_variable(const char *name, const struct buf *text, struct err *err)
{
	if (memchr(text->data, '\0', text->len) != NULL)
		return err_set(err, "the value for the variable %s holds a NUL byte", name);
	if (text->len >= ENVIRONMENT_MAX_STRING)
		return err_set(err,
			       "the value for the variable %s is too long: the kernel takes "
			       "at most %d bytes; pass it through a file or stdin",
			       name, ENVIRONMENT_MAX_STRING - 1);
	return 0;
}

static char *expand_variable(const struct template *t, const struct expansion *x, size_t i)
{
	const char *name = t->cfg.env[i].name;
	struct buf text = BUF_INIT;
	char *variable = NULL;

	buf_addf(&text, "%s=", name);
	if (word_add_all(x, &t->env[i], ' ', &text) == 0 &&
	    check_variable(name, &text, x->err) == 0)
		variable = arena_dup(x->arena, text.data, text.len);
	buf_clear(&text);
	return variable;
}

static bool is_among(const char *variable, char *const *v, size_t n)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(variable, v[i], name) == 0)
			return true;
	return false;
}

/* The event's own variables, then those for every job.  Of each name only the first is
 * kept. */
static int expand_chosen(const struct template *t, const struct expansion *x,
			 struct command *out)
{
	out->nchosen = 0;
	for (size_t i = out->options.nenv; i-- > 0;) {
		char *variable = (char *)out->options.env[i];

		if (!is_among(variable, out->env, out->nchosen))
			out->env[out->nchosen++] = variable;
	}
	for (size_t i = 0; i < t->cfg.nenv; i++) {
		char *variable = expand_variable(t, x, i);

		if (variable == NULL)
			return -1;
		if (!is_among(variable, out->env, out->nchosen))
			out->env[out->nchosen++] = variable;
	}
	return 0;
}

/* The chosen variables, then volley's own. */
static int expand_env(const struct template *t, const struct expansion *x,
		      struct command *out)
{
	char **own = t->cfg.worker != NULL
			 ? environment_of_worker(x->job, t->volley, t->cfg.worker, x->arena)
			 : environment_of_job(x->job, t->volley, t->cfg.event_options, x->arena);
	size_t most = out->options.nenv + t->cfg.nenv, nown = 0, n;

	out->env = own;
	out->nchosen = 0;
	if (most == 0)
		return 0;
	while (own[nown] != NULL)
		nown++;
	out->env = arena_alloc(x->arena, (most + nown + 1) * sizeof *out->env);
	if (expand_chosen(t, x, out) < 0)
		return -1;
	n = out->nchosen;
	for (size_t i = 0; i < nown; i++)
		if (!is_among(own[i], out->env, out->nchosen))
			out->env[n++] = own[i];
	out->env[n] = NULL;
	return 0;
}

/* All that a job gets besides its command. */
static int expand_context(const struct template *t, const struct expansion *x,
			  struct command *out)
{
	out->options = (struct event_options){0};
	if (t->cfg.event_options && event_options_parse(x->job->events[0], x->arena,
							&out->options, x->err) < 0)
		return -1;
	if (expand_dir(t, x, out) < 0 || expand_input(t, x, out) < 0)
		return -1;
	return expand_env(t, x, out);
}

/* --- the whole command */

/* volley {}: with that, each event may have been meant to be a line. */
static int hint_at_lines(const struct template *t, struct err *err)
{
	size_t n = strlen(err->text);

	if (t->cfg.nwords == 1 && t->words[0].n == 1)
		snprintf(err->text + n, sizeof err->text - n,
			 " (without a command, volley runs each event as a shell line)");
	return -1;
}

static int find_path(const struct template *t, const struct expansion *x,
		     struct command *out)
{
	char *path;

	if (out->path != NULL)
		return 0;
	path = spawn_find_program(out->argv[0], x->err);
	if (path == NULL)
		return hint_at_lines(t, x->err);
	out->path = arena_str(x->arena, path);
	free(path);
	return 0;
}

static int expand_tag(const struct template *t, const struct expansion *x,
		      struct command *out)
{
	struct buf text = BUF_INIT;
	int result;

	out->tag = NULL;
	if (t->cfg.tag == NULL)
		return 0;
	result = word_add_all(x, &t->tag, ' ', &text);
	out->tag = arena_dup(x->arena, text.data, text.len);
	buf_clear(&text);
	return result;
}

int template_expand(const struct template *t, const struct bindings *job, struct arena *a,
		    struct command *out, struct err *err)
{
	const struct expansion x = {t->placeholders.v, job, a, err};

	if (expand_argv(t, &x, out) < 0 || expand_context(t, &x, out) < 0 ||
	    template_check_context(t, job, out, err) < 0 || expand_tag(t, &x, out) < 0)
		return -1;
	return find_path(t, &x, out);
}

/* --- showing the command */

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

static void show_words(const struct template *t, const struct expansion *x, struct buf *out)
{
	char **argv = expand_words(t, x);

	if (argv == NULL) {
		buf_adds(out, "# cannot be expanded");
		return;
	}
	quote_word(out, bytes_str(t->path != NULL && is_ambiguous(argv) ? t->path : argv[0]));
	while (*++argv != NULL) {
		buf_addc(out, ' ');
		quote_word(out, bytes_str(*argv));
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

static void show_line(const struct template *t, const struct expansion *x, struct buf *out)
{
	struct getter getter = {x, false};
	struct shell_values values;

	if (line_values(t, &getter, &values) == 0)
		shell_show(t->line, &values, shell_words(t, x->arena), out);
}

static int match_nothing(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	(void)arg;
	(void)s;
	(void)len;
	(void)m;
	return 0;
}

/* As a line without placeholders: like any other it may end the reader's shell, hold a
 * here-document, or be broken. */
static void show_event(const struct template *t, const struct expansion *x, struct buf *out)
{
	struct shell_config cfg = {.match = match_nothing,
				   .name = basename(t->shell.v[0])};
	struct shell_values none = {0};
	struct strv warnings = STRV_INIT;
	struct shell_line *line;
	struct bytes text;

	if (event_text(x, &text) < 0)
		return;
	cfg.line = arena_dup(x->arena, text.p, text.len);
	line = shell_compile(&cfg, &warnings, x->err);
	if (line != NULL)
		shell_show(line, &none, shell_words(t, x->arena), out);
	shell_free(line);
	strv_clear(&warnings);
}

static void show_command(const struct template *t, const struct expansion *x,
			 struct buf *out)
{
	switch (t->kind) {
	case TEMPLATE_WORDS:
		show_words(t, x, out);
		break;
	case TEMPLATE_LINE:
		show_line(t, x, out);
		break;
	case TEMPLATE_EVENTS:
		show_event(t, x, out);
		break;
	}
}

/* --- showing what comes with it */

/* Does the user's command name the variable, as $NAME or to a program? */
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

/* Fields in the environment are shown, like chosen variables, when the command names
 * them. */
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

/* A pipe binds closer than && and ;, and so does what is set up for the command:
 * only a simple command needs no parentheses. */
static bool needs_parentheses(const struct command *command, bool simple)
{
	return command->dir != NULL || command->nchosen > 0 ||
	       (command->input.p != NULL && !simple);
}

/* A relative path must not be an option or looked for in $CDPATH. */
static void show_directory(const char *dir, struct buf *out)
{
	size_t dots = strspn(dir, ".");
	struct buf path = BUF_INIT;

	if (*dir != '/' && (dots == 0 || dots > 2 || (dir[dots] != '\0' && dir[dots] != '/')))
		buf_adds(&path, "./");
	buf_adds(&path, dir);
	buf_adds(out, "cd ");
	quote_word(out, buf_bytes(&path));
	buf_adds(out, " || exit; ");
	buf_clear(&path);
}

static void show_variables(const struct command *command, struct buf *out)
{
	buf_adds(out, "export");
	for (size_t i = 0; i < command->nchosen; i++) {
		size_t name = strcspn(command->env[i], "=") + 1;

		buf_addc(out, ' ');
		buf_add(out, command->env[i], name);
		quote_word(out, bytes_str(command->env[i] + name));
	}
	buf_adds(out, "; ");
}

/* What precedes the command's own text. */
static void show_context(const struct command *command, bool parentheses, struct buf *out)
{
	if (command->input.p != NULL) {
		buf_adds(out, command->line ? "printf '%s\\n' " : "printf %s ");
		quote_word(out, command->input);
		buf_adds(out, " | ");
	}
	if (parentheses)
		buf_addc(out, '(');
	if (command->dir != NULL)
		show_directory(command->dir, out);
	if (command->nchosen > 0)
		show_variables(command, out);
}

/* Close the parenthesis after text that begins at from: on a line of its own when a
 * comment or a here-document would swallow it. */
static void close_parenthesis(struct buf *out, size_t from)
{
	if (memchr(out->data + from, '#', out->len - from) != NULL ||
	    memchr(out->data + from, '\n', out->len - from) != NULL)
		buf_addc(out, '\n');
	buf_addc(out, ')');
}

void template_show(const struct template *t, const struct bindings *job, struct buf *out)
{
	struct err ignored;
	const struct expansion x = {t->placeholders.v, job, arena_new(), &ignored};
	struct command command = {0};
	bool parentheses;
	size_t from;

	if (expand_context(t, &x, &command) == 0)
		choose_fields(t, &command);
	else
		command = (struct command){0}; /* show at least the command itself */
	parentheses = needs_parentheses(&command, t->kind == TEMPLATE_WORDS);
	show_context(&command, parentheses, out);
	from = out->len;
	show_command(t, &x, out);
	if (parentheses)
		close_parenthesis(out, from);
	arena_free(x.arena);
}
