/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "command/environment.h"
#include "command/shell_ask.h"
#include "sys/spawn.h"

/* The shell and its flags, then more words; the strings stay their owners'. */
static char **arguments(const struct strv *shell, const char *const *more, size_t n)
{
	char **argv = calloc(shell->n + n + 1, sizeof *argv);

	if (argv == NULL)
		return NULL;
	memcpy(argv, shell->v, shell->n * sizeof *argv);
	for (size_t i = 0; i < n; i++)
		argv[shell->n + i] = (char *)more[i];
	return argv;
}

static int ask(const struct strv *shell, const char *const *more, size_t n, char *answer,
	       size_t size)
{
	char **argv = arguments(shell, more, n);
	int status;

	if (argv == NULL)
		return -1;
	status = spawn_ask(argv, answer, size);
	free(argv);
	return status;
}

bool shell_knows_word(const struct strv *shell, const char *word)
{
	const char *more[] = {"-c", "command -v \"$1\"", "sh", word};
	char answer[8];
	int status = ask(shell, more, 4, answer, sizeof answer);

	if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return answer[0] != '\0'; /* nothing found, unless it complained */
	return status != 0 || answer[0] != '/';
}

/* --- what the shell is */

struct shell_answer {
	char *word;
	enum shell_word is;
};

/* Shells with $((a[0])) evaluate a text in it; those that do not know it are dash and
 * its kin, or busybox, which has [[ ]]. */
static const char questions[] =
    "_s=; (eval ': $((a[0]))') >/dev/null 2>&1 && _s=s\n"
    "case $_s${BASH_VERSION+b}${ZSH_VERSION+z}${YASH_VERSION+y}${KSH_VERSION-} in\n"
    "sb*) echo bash;;\n"
    "sz*) eval '[[ -o globsubst ]]' && echo zsh globs || echo zsh;;\n"
    "*AJM*) echo ksh;;\n"
    "s*MIRBSD*|s*LEGACY*) echo mksh;;\n"
    "sy|y) echo yash;;\n"
    "'') (eval '[[ a = a ]]') >/dev/null 2>&1 && echo busybox || echo dash;;\n"
    "*) echo unknown;;\n"
    "esac\n"
    "for _s do echo \"=$_s\"; command -v \"$_s\"; done 2>/dev/null; :";

static void set_kind(struct shell_dialect *d, struct bytes answer)
{
	static const struct {
		const char *answer;
		enum shell_kind kind;
	} kinds[] = {{"dash", SHELL_DASH}, {"busybox", SHELL_BUSYBOX}, {"bash", SHELL_BASH},
		     {"zsh", SHELL_ZSH},   {"zsh globs", SHELL_ZSH},   {"ksh", SHELL_KSH},
		     {"mksh", SHELL_MKSH}, {"yash", SHELL_YASH}};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (bytes_is(answer, kinds[i].answer))
			d->kind = kinds[i].kind;
	d->glob_subst = bytes_is(answer, "zsh globs");
}

static enum shell_word meaning(struct bytes word, struct bytes answer)
{
	return answer.len == 0		 ? SHELL_WORD_NONE
	       : *answer.p == '/'	 ? SHELL_WORD_PROGRAM
	       : bytes_eq(word, answer) ? SHELL_WORD_OWN
					 : SHELL_WORD_ALIAS;
}

static struct shell_answer *find_answer(const struct shell_answers *a, struct bytes word)
{
	for (size_t i = 0; i < a->n; i++)
		if (bytes_is(word, a->words[i].word))
			return &a->words[i];
	return NULL;
}

static struct shell_answer *add_answer(struct shell_answers *a, struct bytes word)
{
	a->words = xgrow(a->words, &a->cap, a->n + 1, sizeof *a->words);
	a->words[a->n] = (struct shell_answer){xmemdup0(word.p, word.len), SHELL_WORD_NONE};
	return &a->words[a->n++];
}

static struct bytes next_line(char **at)
{
	char *start = *at;
	size_t n = strcspn(start, "\n");

	*at = start + n + (start[n] == '\n');
	return (struct bytes){start, n};
}

/* "=WORD", and on the next line what the shell says of it, if it knows it. */
static void read_answers(struct shell_answers *a, char *text)
{
	while (*text != '\0') {
		struct bytes line = next_line(&text), said = {"", 0};
		struct shell_answer *answer;

		if (line.len < 2 || *line.p != '=')
			continue;
		line = (struct bytes){line.p + 1, line.len - 1};
		answer = find_answer(a, line);
		if (*text != '=')
			said = next_line(&text);
		if (answer != NULL)
			answer->is = meaning(line, said);
	}
}

/* Ask about the words from a->words[from] on. */
static void ask_words(struct shell_answers *a, size_t from)
{
	const char **more = xcalloc(a->n - from + 3, sizeof *more);
	enum { SIZE = 65536 };
	char *answer = xmalloc(SIZE), *text = answer;

	more[0] = "-c";
	more[1] = questions;
	more[2] = "sh";
	for (size_t i = from; i < a->n; i++)
		more[3 + i - from] = a->words[i].word;
	if (ask(a->shell, more, a->n - from + 3, answer, SIZE) != -1) {
		if (a->dialect.kind == SHELL_UNKNOWN)
			set_kind(&a->dialect, next_line(&text));
		read_answers(a, text);
	}
	free(answer);
	free(more);
}

static enum shell_word look_up(void *arg, struct bytes word)
{
	struct shell_answers *a = arg;
	struct shell_answer *answer = find_answer(a, word);
	size_t n = a->n;

	/* An exported function is someone's program, as a script would be. */
	if (a->dialect.kind == SHELL_BASH && environment_has_function(word))
		return SHELL_WORD_PROGRAM;
	if (bytes_is(word, "-"))
		return SHELL_WORD_OWN; /* zsh: the next word is the command */
	if (answer == NULL && (word.len == 0 || memchr(word.p, '\n', word.len) != NULL ||
			       memchr(word.p, '\0', word.len) != NULL || *word.p == '-'))
		return SHELL_WORD_NONE;
	if (answer == NULL) {
		add_answer(a, word);
		ask_words(a, n);
		answer = &a->words[n];
	}
	return answer->is;
}

static size_t name_length(const char *s)
{
	return strcspn(s, " \t\n;|&()<>\"'`$={}*?#~!\\/");
}

void shell_identify(struct shell_answers *a, const struct strv *shell, const char *line)
{
	enum { MOST = 64 };

	*a = (struct shell_answers){.shell = shell};
	while (*line != '\0' && a->n < MOST) {
		struct bytes word = {line, name_length(line)};

		line += word.len > 0 ? word.len : 1;
		if (word.len > 0 && !(*word.p >= '0' && *word.p <= '9') && *word.p != '-' &&
		    find_answer(a, word) == NULL)
			add_answer(a, word);
	}
	ask_words(a, 0);
	a->dialect.look_up = look_up;
	a->dialect.arg = a;
}

void shell_answers_clear(struct shell_answers *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->words[i].word);
	free(a->words);
	*a = (struct shell_answers){0};
}

/* --- what it says of the syntax */

static bool is_dash(const struct strv *shell)
{
	char *real = realpath(shell->v[0], NULL);
	bool dash = real != NULL && strcmp(basename(real), "dash") == 0;

	free(real);
	return dash;
}

/* What people write who think of bash. */
static bool looks_like_bash(const char *script)
{
	static const char *const signs[] = {"[[", "<(", ">(", "<<<", "=(", "function ",
					    "&>", "|&", "$'", "{1..", "((", "${!", "//"};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (strstr(script, signs[i]) != NULL)
			return true;
	return false;
}

int shell_check_syntax(const struct strv *shell, const char *script, struct err *err)
{
	const char *more[] = {"-n", "-c", script, basename(shell->v[0])};
	char answer[1024];
	int status = ask(shell, more, 4, answer, sizeof answer);

	if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0; /* a shell that cannot be asked says so when it runs */
	answer[strcspn(answer, "\n")] = '\0';
	return err_usage(err, "the shell refuses the command line: %s%s",
			 answer[0] != '\0' ? answer : shell->v[0],
			 is_dash(shell) && looks_like_bash(script)
			     ? "; if the line is meant for bash, use --shell bash"
			     : "");
}

bool shell_names_function(const char *line)
{
	while (*line != '\0') {
		size_t len = name_length(line);

		if (len == 0)
			len = 1;
		else if (environment_has_function((struct bytes){line, len}))
			return true;
		line += len;
	}
	return false;
}
