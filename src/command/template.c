/* SPDX-License-Identifier: ISC */

/* Compiles the user's command.  One word with a blank or a shell metacharacter is a
 * shell line, and so is the argument of "sh -c" when it holds a placeholder; it is bound,
 * or split into words where no shell is needed.  Other words are compiled as they are.
 * What is the same for all jobs is checked here, before the first: the program, the
 * directory, the line's syntax. */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/msg.h"
#include "command/environment.h"
#include "command/template.h"
#include "sys/spawn.h"

/* What the questions of shell_compile are answered from. */
struct matcher {
	const struct template *t;
	const struct placeholder_scope *scope;
	const char *line;
	struct err *err;
};

static const char shell_names[][8] = {"sh", "bash", "dash", "ksh", "ksh93", "mksh",
				      "zsh", "ash", "yash", "posh"};

/* --- placeholders in a shell line */

static bool is_word_edge(char c)
{
	return c == '\0' || strchr(" \t\n;&|()<>", c) != NULL;
}

static int match_in_line(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	struct matcher *matcher = arg;
	struct placeholder p;
	int n = placeholder_match(matcher->scope, (struct bytes){s, len}, &p,
				  matcher->err);

	if (n <= 0)
		return n;
	p.split = p.what == PLACEHOLDER_EVENT &&
		  (s == matcher->line || is_word_edge(s[-1])) && is_word_edge(s[n]);
	m->raw = p.form == FORM_RAW;
	m->sh = p.form == FORM_SH;
	m->waived = template_waives(matcher->t, &p);
	m->number = p.what == PLACEHOLDER_SEQ || p.what == PLACEHOLDER_SLOT ||
		    p.what == PLACEHOLDER_TOTAL;
	m->list = p.what == PLACEHOLDER_EVENT || p.what == PLACEHOLDER_FIELD;
	m->id = placeholders_add(matcher->scope->placeholders, &p);
	return n;
}

/* --- preparing */

static bool has_meta(const char *word)
{
	return strpbrk(word, " \t\n|&;<>()$`\\\"'*?[]#~!") != NULL;
}

static void split_shell(struct strv *out, const char *text)
{
	while (*(text += strspn(text, " \t")) != '\0') {
		size_t len = strcspn(text, " \t");

		strv_take(out, xmemdup0(text, len));
		text += len;
	}
	if (out->n == 0)
		strv_add(out, "/bin/sh");
}

static bool is_shell(const char *path)
{
	for (size_t i = 0; i < sizeof shell_names / sizeof shell_names[0]; i++)
		if (strcmp(basename(path), shell_names[i]) == 0)
			return true;
	return false;
}

/* "-c", "-ec", "-lc", ...: the option whose argument is a line. */
static bool is_line_option(const char *word)
{
	return word[0] == '-' && word[1] != '-' && word[strlen(word) - 1] == 'c';
}

/* Is there a placeholder in the line, and more than one? */
static bool is_template(const struct placeholder_scope *scope, const char *line)
{
	struct placeholder p;
	struct err ignored;
	int n = placeholder_match(scope, bytes_str(line), &p, &ignored);

	if (n > 0 && line[n] == '\0')
		return false; /* the value is the line */
	for (; *line != '\0'; line++)
		if (placeholder_match(scope, bytes_str(line), &p, &ignored) != 0)
			return true;
	return false;
}

/* "SHELL [FLAG]... -c LINE [WORD]...": the index of LINE; 0 when the words are
 * anything else. */
static size_t find_shell_line(const struct template *t)
{
	char *const *w = t->cfg.words;
	size_t i = 1;

	if (t->cfg.nwords < 3 || !is_shell(w[0]))
		return 0;
	for (; i + 1 < t->cfg.nwords && !is_line_option(w[i]); i++)
		if (w[i][0] != '-' && strcmp(w[i - 1], "-o") != 0)
			return 0;
	return i + 1 < t->cfg.nwords ? i + 1 : 0;
}

/* Take the shell and its flags out of the words: its line is bound like any other
 * when there is a placeholder in it.  Without one the words are run as they are,
 * as xargs does.  Returns the index of the line; 0: it stays a command of words. */
static size_t take_shell_line(struct template *t, const struct placeholder_scope *scope)
{
	char *const *w = t->cfg.words;
	size_t line = find_shell_line(t), option = line - 1;

	if (line == 0 || !is_template(scope, w[line]))
		return 0;
	for (size_t i = 0; i < option; i++)
		strv_add(&t->shell, w[i]);
	if (strlen(w[option]) > 2)
		strv_take(&t->shell, xmemdup0(w[option], strlen(w[option]) - 1));
	return line;
}

static int choose_shell(struct template *t, struct err *err)
{
	if (t->shell.n == 0)
		split_shell(&t->shell, t->cfg.shell != NULL ? t->cfg.shell : "/bin/sh");
	t->path = spawn_find_program(t->shell.v[0], err);
	if (t->path == NULL)
		return -1;
	if (!is_shell(t->shell.v[0]) && strcmp(basename(t->path), "busybox") != 0)
		return err_usage(err,
				 "'%s' is not a shell that volley can bind values for; use "
				 "one of the Bourne family (sh, bash, dash, ksh, zsh)",
				 t->shell.v[0]);
	return 0;
}

static int find_shell(struct template *t, struct err *err)
{
	bool asked = t->shell.n == 0 && t->cfg.shell != NULL;

	if (choose_shell(t, err) == 0)
		return 0;
	return asked ? err_at(err, t->cfg.shell_at) : -1;
}

/* The error is one of a word of the command. */
static int blame_word(const struct template *t, size_t word, struct err *err)
{
	return t->cfg.words_at != NULL ? err_at(err, t->cfg.words_at[word]) : -1;
}

static bool has_raw(const struct template *t)
{
	for (size_t i = 0; i < t->placeholders.n; i++)
		if (t->placeholders.v[i].form == FORM_RAW)
			return true;
	return false;
}

/* A script that is the same for all jobs is checked before the first, unless it is
 * certainly right. */
static int check_script(const struct template *t, struct err *err)
{
	const char *script = shell_script(t->line);

	if (script == NULL || shell_is_complete(t->line))
		return 0;
	return shell_check_syntax(&t->answers, script, err);
}

static void print_warnings(struct strv *warnings)
{
	for (size_t i = 0; i < warnings->n; i++)
		msg_print("%s", warnings->v[i]);
	strv_clear(warnings);
}

/* Compile the line; when it has no placeholder, again with one at its end. */
static int compile_line(struct template *t, struct shell_config *cfg, struct err *err)
{
	struct matcher *matcher = cfg->arg;
	struct strv warnings = STRV_INIT;
	struct buf longer = BUF_INIT;

	t->line = shell_compile(cfg, &warnings, err);
	if (t->line != NULL && !shell_has_markers(t->line) && t->cfg.append) {
		strv_clear(&warnings);
		if (!shell_takes_argument(t->line)) {
			if (check_script(t, err) < 0)
				return -1; /* says more: a quote is not closed, ... */
			return err_usage(err, "the command line has no placeholder and does "
					      "not end in a simple command; say where the "
					      "event goes with {}, or use -n0");
		}
		shell_free(t->line);
		buf_addf(&longer, "%s %s", cfg->line,
			 t->cfg.replace != NULL ? t->cfg.replace : "{}");
		matcher->line = cfg->line =
		    arena_dup(t->arena, longer.data, longer.len);
		buf_clear(&longer);
		t->line = shell_compile(cfg, &warnings, err);
	}
	print_warnings(&warnings);
	return t->line != NULL ? 0 : -1;
}

/* The text of a word without placeholders. */
static char *fixed_text(const struct template *t, const struct word *w)
{
	const struct expansion x = {.arena = t->arena};

	return word_expand(&x, w, 0);
}

static bool any_placeholder(const struct word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word_has_placeholder(&words[i]))
			return true;
	return false;
}

/* Put the event at the end of words without a placeholder. */
static void append_event(struct template *t, const struct placeholder_scope *scope)
{
	struct word *words = arena_alloc(t->arena, (t->nwords + 1) * sizeof *words);

	if (!t->cfg.append || any_placeholder(t->words, t->nwords))
		return;
	memcpy(words, t->words, t->nwords * sizeof *words);
	t->words = words;
	word_event(scope, &t->words[t->nwords++]);
}

/* Would the shell run something else than a program, as far as it could be asked? */
static bool is_own_word(const struct template *t, struct bytes name)
{
	enum shell_word word = shell_look_up(&t->answers.dialect, name);

	return t->answers.dialect.kind == SHELL_UNKNOWN || word == SHELL_WORD_OWN ||
	       word == SHELL_WORD_ALIAS;
}

/* Run the line's words directly when that is the same and cheaper. */
static bool needs_no_shell(struct template *t)
{
	const struct word *words;
	size_t n = shell_plain_words(t->line, &words);
	struct bytes name;

	if (n == 0 || t->cfg.nwords != 1 || t->cfg.shell != NULL || getenv("BASH_ENV") != NULL)
		return false;
	name = words[0].pieces[0].text;
	if (environment_has_function(name) ||
	    (memchr(name.p, '/', name.len) == NULL && is_own_word(t, name)))
		return false;
	t->words = arena_alloc(t->arena, n * sizeof *words);
	memcpy(t->words, words, n * sizeof *words);
	t->nwords = n;
	free(t->path);
	t->path = NULL;
	return true;
}

/* The line as a bound one, or as words; its warnings have been printed. */
static int compile_for_shell(struct template *t, struct shell_config *cfg, struct err *err)
{
	if (compile_line(t, cfg, err) < 0)
		return -1;
	t->kind = needs_no_shell(t) ? TEMPLATE_WORDS : TEMPLATE_LINE;
	return t->kind == TEMPLATE_WORDS ? 0 : check_script(t, err);
}

/* The words after the line of "sh -c LINE": $0 and the positional parameters. */
static int compile_parameters(struct template *t, const struct placeholder_scope *scope,
			      size_t from, struct err *err)
{
	t->words = arena_alloc(t->arena, (t->cfg.nwords + 1) * sizeof *t->words);
	t->nwords = 0;
	for (size_t i = from; i < t->cfg.nwords; i++)
		if (word_compile(scope, t->cfg.words[i], &t->words[t->nwords++], err) < 0)
			return blame_word(t, i, err);
	return 0;
}

/* May an event set variables of the job other than EVENT_...? */
static bool sets_variables(const struct template *t)
{
	return t->cfg.nenv > 0 || t->cfg.event_options;
}

/* The line is the command's word number at; words after it are parameters. */
static int prepare_line(struct template *t, const struct placeholder_scope *scope,
			size_t at, struct err *err)
{
	const char *line = t->cfg.words[at];
	struct matcher matcher = {t, scope, line, err};
	struct shell_config cfg = {.line = line,
				   .match = match_in_line,
				   .arg = &matcher,
				   .foreign_variables = sets_variables(t),
				   .allow_nested = t->cfg.allow_nested};

	if (t->cfg.shell == NULL && t->shell.n == 0 && shell_names_function(line))
		strv_add(&t->shell, "bash");
	if (find_shell(t, err) < 0)
		return -1;
	shell_identify(&t->answers, &t->shell, line);
	cfg.dialect = &t->answers.dialect;
	template_find_waived(t, scope, line);
	if (compile_parameters(t, scope, at + 1, err) < 0)
		return -1;
	cfg.name = basename(t->shell.v[0]);
	cfg.parameters = t->nwords > 0;
	return compile_for_shell(t, &cfg, err) < 0 ? blame_word(t, at, err) : 0;
}

/* A bash function runs under bash, which gets it from the environment. */
static size_t add_function_runner(struct template *t, struct word *words)
{
	static const char *const runner[] = {"bash", "-c", "\"$@\"", "bash"};

	if (!environment_has_function(bytes_str(t->cfg.words[0])))
		return 0;
	for (size_t i = 0; i < 4; i++) {
		words[i].pieces = arena_alloc(t->arena, sizeof *words[i].pieces);
		words[i].pieces[0] = (struct word_piece){bytes_str(runner[i]), -1};
		words[i].n = 1;
	}
	return 4;
}

static int prepare_words(struct template *t, const struct placeholder_scope *scope,
			 struct err *err)
{
	struct strv warnings = STRV_INIT;

	t->kind = TEMPLATE_WORDS;
	t->words = arena_alloc(t->arena, (t->cfg.nwords + 5) * sizeof *t->words);
	t->nwords = add_function_runner(t, t->words);
	for (size_t i = 0; i < t->cfg.nwords; i++) {
		if (word_compile(scope, t->cfg.words[i], &t->words[t->nwords++], err) < 0)
			return blame_word(t, i, err);
	}
	if (has_raw(t))
		return err_usage(err, "{...:raw} is for shell lines: %s has no shell to paste into",
				 t->cfg.nwords > 1 ? "a command given as several words"
						   : "a single word without blanks");
	append_event(t, scope);
	if (!t->cfg.literal)
		template_warn_of_operators(t);
	if (template_check_words(t, &warnings, err) < 0) {
		strv_clear(&warnings);
		return -1;
	}
	print_warnings(&warnings);
	return 0;
}

/* NAME=VALUE before a command is for a shell. */
static bool is_assignment(const char *word)
{
	const char *end = strchr(word, '=');

	return end != NULL &&
	       environment_is_name((struct bytes){word, (size_t)(end - word)});
}

static void hint_at_env(const struct template *t, struct err *err)
{
	size_t n = strlen(err->text);

	snprintf(err->text + n, sizeof err->text - n,
		 "; to set a variable for the command, write: env %s%s%s ...",
		 t->cfg.words[0], t->cfg.nwords > 1 ? " " : "",
		 t->cfg.nwords > 1 ? t->cfg.words[1] : "");
}

/* A program's name that is fixed is looked up now, so that a wrong one is reported
 * once instead of failing every event.  With a --workdir a relative path means
 * another file in each directory. */
static int find_program(struct template *t, struct err *err)
{
	char *name;

	if (t->kind != TEMPLATE_WORDS || word_has_placeholder(&t->words[0]))
		return 0;
	name = fixed_text(t, &t->words[0]);
	if (t->cfg.workdir != NULL && strchr(name, '/') != NULL && name[0] != '/') {
		t->path = xstrdup(name);
		return 0;
	}
	t->path = spawn_find_program(name, err);
	if (t->path == NULL && is_assignment(name))
		hint_at_env(t, err);
	return t->path != NULL ? 0 : -1;
}

/* Likewise a directory that is the same for all. */
static int check_directory(struct template *t, struct err *err)
{
	const char *dir;
	struct stat st;

	if (t->cfg.workdir == NULL || word_has_placeholder(&t->dir))
		return 0;
	dir = fixed_text(t, &t->dir);
	if (stat(dir, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
	}
	err_sys(err, "cannot change to directory '%s'", dir);
	return err_at(err, t->cfg.workdir_at);
}

static int prepare_command(struct template *t, const struct placeholder_scope *scope,
			   struct err *err)
{
	struct err ignored;
	size_t line;

	if (t->cfg.nwords == 0) {
		t->kind = TEMPLATE_EVENTS;
		if (event_has_names(scope->first))
			return err_usage(err, "an event that is a mapping is not a command "
					      "line; give a command that uses its fields");
		if (t->cfg.shell == NULL && environment_has_functions())
			t->bash = spawn_find_program("bash", &ignored);
		return find_shell(t, err);
	}
	if (t->cfg.nwords == 1 && !t->cfg.direct && has_meta(t->cfg.words[0]))
		return prepare_line(t, scope, 0, err);
	line = take_shell_line(t, scope);
	if (line > 0)
		return prepare_line(t, scope, line, err);
	return prepare_words(t, scope, err);
}

/* Does volley itself start a shell, rather than a program that happens to be one? */
static bool starts_shell(const struct template *t)
{
	return t->kind != TEMPLATE_WORDS || environment_has_function(bytes_str(t->cfg.words[0]));
}

/* A variable that the shell itself uses takes fixed text only. */
static int check_names(const struct template *t, struct err *err)
{
	for (size_t i = 0; i < t->cfg.nenv; i++)
		if (word_has_placeholder(&t->env[i]) &&
		    shell_name_kind(&t->answers.dialect, bytes_str(t->cfg.env[i].name)) !=
			NAME_ORDINARY) {
			err_usage(err,
				  "the shell itself uses the variable %s, so it takes fixed "
				  "text only; choose another name",
				  t->cfg.env[i].name);
			return err_at(err, t->cfg.env[i].at);
		}
	return 0;
}

/* --- what a job gets besides its command */

/* A text that is never split into words, and that no shell pastes. */
static int compile_text(const struct placeholder_scope *scope, const char *text,
			struct place at, struct word *out, struct err *err)
{
	if (word_compile_text(scope, text, out, err) < 0)
		return err_at(err, at);
	for (size_t i = 0; i < out->n; i++) {
		const struct placeholder *p;

		if (out->pieces[i].text.p != NULL)
			continue;
		p = &scope->placeholders->v[out->pieces[i].id];
		if (p->form == FORM_RAW) {
			err_usage(err, "%.*s: {...:raw} is for shell lines",
				  (int)p->spelling.len, p->spelling.p);
			return err_at(err, at);
		}
	}
	return 0;
}

static int compile_texts(struct template *t, const struct placeholder_scope *scope,
			 const struct placeholder_scope *of_job, struct err *err)
{
	const struct template_config *cfg = &t->cfg;

	if (cfg->workdir != NULL &&
	    compile_text(scope, cfg->workdir, cfg->workdir_at, &t->dir, err) < 0)
		return -1;
	if (cfg->input != NULL &&
	    compile_text(of_job, cfg->input, cfg->input_at, &t->input, err) < 0)
		return -1;
	t->env = arena_alloc(t->arena, (cfg->nenv + 1) * sizeof *t->env);
	for (size_t i = 0; i < cfg->nenv; i++)
		if (compile_text(scope, cfg->env[i].value, cfg->env[i].at, &t->env[i], err) < 0)
			return -1;
	if (starts_shell(t) && check_names(t, err) < 0)
		return -1;
	if (cfg->tag != NULL && word_compile_text(of_job, cfg->tag, &t->tag, err) < 0)
		return err_at(err, cfg->tag_at);
	return 0;
}

int template_prepare(struct template *t, const struct event *first, bool total_known,
		     struct err *err)
{
	struct placeholder_scope scope = {.first = first,
					  .replace = t->cfg.replace,
					  .batched = t->cfg.batched,
					  .total_known = total_known,
					  .no_event = t->cfg.worker != NULL,
					  .placeholders = &t->placeholders,
					  .arena = t->arena};
	struct placeholder_scope of_job = scope;

	of_job.no_event = false;
	if (prepare_command(t, &scope, err) < 0)
		return blame_word(t, 0, err);
	if (compile_texts(t, &scope, &of_job, err) < 0)
		return -1;
	return find_program(t, err) < 0 ? blame_word(t, 0, err) : check_directory(t, err);
}

bool template_has_slot(const struct template *t)
{
	for (size_t i = 0; i < t->placeholders.n; i++)
		if (t->placeholders.v[i].what == PLACEHOLDER_SLOT)
			return true;
	return false;
}

/* --- life */

struct template *template_open(const struct template_config *cfg)
{
	struct template *t = xcalloc(1, sizeof *t);

	t->cfg = *cfg;
	t->arena = arena_new();
	t->volley = getpid();
	return t;
}

void template_free(struct template *t)
{
	if (t == NULL)
		return;
	shell_free(t->line);
	shell_answers_clear(&t->answers);
	strv_clear(&t->shell);
	free(t->bash);
	free(t->placeholders.v);
	free(t->path);
	arena_free(t->arena);
	free(t);
}
