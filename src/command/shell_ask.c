/* SPDX-License-Identifier: ISC */

/* Finds out what a shell is, which words it knows, and whether it accepts a script.
 * The system's own dash and bash are known by their files; any other shell is asked in
 * one process. */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "command/environment.h"
#include "command/shell/token.h"
#include "command/shell_ask.h"
#include "sys/spawn.h"

/* --- what is known without asking */

/* The system's own dash and bash, when nothing can have changed their builtins. */
static const struct known_shell {
	const char *files;
	enum shell_kind kind;
	const char *own; /* builtins and keywords */
} known_shells[] = {
    {"/bin/dash /usr/bin/dash", SHELL_DASH,
     ". : [ alias bg break cd chdir command continue echo eval exec exit export false fc fg "
     "getopts hash history jobs kill local printf pwd read readonly return set shift test "
     "times trap true type ulimit umask unalias unset wait "
     "! { } case do done elif else esac fi for if in then until while"},
    {"/bin/bash /usr/bin/bash", SHELL_BASH,
     ". : [ alias bg bind break builtin caller cd command compgen complete compopt continue "
     "declare dirs disown echo enable eval exec exit export false fc fg getopts hash help "
     "history jobs kill let local logout mapfile popd printf pushd pwd read readarray "
     "readonly return set shift shopt source suspend test times trap true type typeset "
     "ulimit umask unalias unset wait "
     "! { } [[ ]] case coproc do done elif else esac fi for function if in select then time "
     "until while"},
};

/* Startup files, options, and a PATH in which dash looks for functions. */
static bool environment_is_usual(void)
{
	static const char *const names[] = {"ENV",	"BASH_ENV",	  "SHELLOPTS",
					    "BASHOPTS", "POSIXLY_CORRECT"};
	const char *path = getenv("PATH");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (getenv(names[i]) != NULL)
			return false;
	return path != NULL && strchr(path, '%') == NULL;
}

static const struct known_shell *find_known(const struct strv *shell)
{
	struct err ignored;
	char *path = spawn_find_program(shell->v[0], &ignored);
	char *file = path != NULL ? realpath(path, NULL) : NULL;
	const struct known_shell *found = NULL;
	struct stat st;

	if (shell->n == 1 && file != NULL && environment_is_usual() && stat(file, &st) == 0 &&
	    st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		for (size_t i = 0; i < sizeof known_shells / sizeof *known_shells; i++)
			if (is_listed(bytes_str(file), known_shells[i].files))
				found = &known_shells[i];
	free(path);
	free(file);
	return found;
}

/* --- asking */

/* Shells with $((_a[0])) evaluate a text in it; those that do not know it are dash and
 * its kin, or busybox, which has [[.  The variables alone prove nothing: they may be
 * the environment's.  No line starts a process, not even a subshell. */
static const char questions[] =
    "_a=0 _v=${BASH_VERSION+b}${ZSH_VERSION+z}${YASH_VERSION+y}${KSH_VERSION-}\n"
    "case $_v in\n"
    "y) ;;\n"
    "z) eval '[[ -o globsubst ]]' 2>/dev/null && _v=z0 || _v=z$?;;\n"
    "*) command eval ': $((_a[0]))' 2>/dev/null && _v=s$_v;;\n"
    "esac\n"
    "case $_v in\n"
    "sb) echo bash;;\n"
    "z0) echo zsh globs;;\n"
    "z1) echo zsh;;\n"
    "y) echo yash;;\n"
    "s*AJM*) echo ksh;;\n"
    "s*MIRBSD*|s*LEGACY*) echo mksh;;\n"
    "'') echo plain;;\n"
    "*) echo unknown;;\n"
    "esac\n"
    "for _a do echo \"=$_a\"; command -v \"$_a\" || :; done 2>/dev/null";

/* Run the shell with more words; its wait status, or -1. */
static int run(const struct strv *shell, const char *const *more, size_t n, char *answer,
	       size_t size)
{
	char **argv = xcalloc(shell->n + n + 1, sizeof *argv);
	int status;

	memcpy(argv, shell->v, shell->n * sizeof *argv);
	memcpy(argv + shell->n, more, n * sizeof *argv);
	status = spawn_ask(argv, answer, size);
	free(argv);
	return status;
}

static void set_kind(struct shell_dialect *d, struct bytes answer)
{
	static const struct {
		const char *answer;
		enum shell_kind kind;
	} kinds[] = {{"plain", SHELL_DASH}, {"bash", SHELL_BASH}, {"zsh", SHELL_ZSH},
		     {"zsh globs", SHELL_ZSH}, {"ksh", SHELL_KSH}, {"mksh", SHELL_MKSH},
		     {"yash", SHELL_YASH}};

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

/* Ask the shell about words; what it says is added to what it has said. */
static void ask(struct shell_answers *a, const char *const *words, size_t n)
{
	enum { SIZE = 65536 };
	const char **more = xcalloc(n + 3, sizeof *more);
	char *answer = xmalloc(SIZE);

	more[0] = "-c";
	more[1] = questions;
	more[2] = "sh";
	memcpy(more + 3, words, n * sizeof *more);
	if (run(a->shell, more, n + 3, answer, SIZE) != -1)
		buf_addf(&a->said, "%s=\n", answer);
	free(answer);
	free(more);
}

static struct bytes line_at(const char *s)
{
	return (struct bytes){s, strcspn(s, "\n")};
}

/* The shell has said "=WORD", and on the next line what it is, if it knows it. */
static bool find_answer(struct shell_answers *a, struct bytes word, enum shell_word *is)
{
	const char *said = a->said.len > 0 ? buf_cstr(&a->said) : "";

	while (*(said += strcspn(said, "\n")) != '\0') {
		struct bytes line = line_at(++said), answer = {"", 0};

		if (line.len != word.len + 1 || *line.p != '=' ||
		    memcmp(line.p + 1, word.p, word.len) != 0)
			continue;
		said += line.len;
		if (*said != '\0' && said[1] != '=')
			answer = line_at(said + 1);
		*is = meaning(word, answer);
		return true;
	}
	return false;
}

/* What a shell would answer whose builtins are known. */
static enum shell_word look_for(const char *own, struct bytes word)
{
	char *name = xmemdup0(word.p, word.len), *path = NULL;
	enum shell_word is = SHELL_WORD_OWN;
	struct err ignored;

	if (!is_listed(word, own)) {
		path = spawn_find_program(name, &ignored);
		is = meaning(word, path != NULL ? bytes_str(path) : (struct bytes){"", 0});
	}
	free(path);
	free(name);
	return is;
}

static enum shell_word look_up(void *arg, struct bytes word)
{
	struct shell_answers *a = arg;
	enum shell_word is = SHELL_WORD_NONE;
	char *name;

	/* An exported function is someone's program, as a script would be. */
	if (a->dialect.kind == SHELL_BASH && environment_has_function(word))
		return SHELL_WORD_PROGRAM;
	if (bytes_is(word, "-"))
		return SHELL_WORD_OWN; /* zsh: the next word is the command */
	if (word.len == 0 || memchr(word.p, '\n', word.len) != NULL ||
	    memchr(word.p, '\0', word.len) != NULL || *word.p == '-')
		return SHELL_WORD_NONE;
	if (a->own != NULL)
		return look_for(a->own, word);
	if (!find_answer(a, word, &is)) {
		name = xmemdup0(word.p, word.len);
		ask(a, (const char *const *)&name, 1);
		find_answer(a, word, &is);
		free(name);
	}
	return is;
}

static size_t line_word(const char *s)
{
	return strcspn(s, " \t\n;|&()<>\"'`$={}*?#~!\\/");
}

/* Ask about all names in the line at once: a process is expensive. */
static void ask_all(struct shell_answers *a, const char *line)
{
	struct strv words = STRV_INIT;
	enum { MOST = 64 };
	enum shell_word is;

	strv_add(&words, "[[");
	while (*line != '\0' && words.n < MOST) {
		size_t n = line_word(line);

		if (n > 0 && !is_digit(*line) && *line != '-')
			strv_take(&words, xmemdup0(line, n));
		line += n > 0 ? n : 1;
	}
	ask(a, (const char *const *)words.v, words.n);
	strv_clear(&words);
	if (a->said.len > 0)
		set_kind(&a->dialect, line_at(buf_cstr(&a->said)));
	if (a->dialect.kind == SHELL_DASH && find_answer(a, bytes_str("[["), &is) &&
	    is == SHELL_WORD_OWN)
		a->dialect.kind = SHELL_BUSYBOX;
}

void shell_identify(struct shell_answers *a, const struct strv *shell, const char *line)
{
	const struct known_shell *known = find_known(shell);

	*a = (struct shell_answers){.shell = shell};
	if (known != NULL) {
		a->own = known->own;
		a->dialect.kind = known->kind;
	} else {
		ask_all(a, line);
	}
	a->dialect.look_up = look_up;
	a->dialect.arg = a;
}

void shell_answers_clear(struct shell_answers *a)
{
	buf_clear(&a->said);
	*a = (struct shell_answers){0};
}

/* --- what it says of the syntax */

/* What people write who expect bash. */
static bool looks_like_bash(const char *script)
{
	static const char *const signs[] = {"[[", "<(", ">(", "<<<", "=(", "function ",
					    "&>", "|&", "$'", "{1..", "((", "${!", "//"};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (strstr(script, signs[i]) != NULL)
			return true;
	return false;
}

int shell_check_syntax(const struct shell_answers *a, const char *script, struct err *err)
{
	const char *more[] = {"-n", "-c", script, basename(a->shell->v[0])};
	char answer[1024];
	int status = run(a->shell, more, 4, answer, sizeof answer);

	if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0; /* a shell that cannot be asked says so when it runs */
	answer[strcspn(answer, "\n")] = '\0';
	if (answer[0] == '\0')
		return 0; /* a status without a message: zsh -n -c '! x' */
	return err_usage(err, "the shell refuses the command line: %s%s", answer,
			 a->dialect.kind == SHELL_DASH && looks_like_bash(script)
			     ? "; if the line is meant for bash, use --shell bash"
			     : "");
}

bool shell_names_function(const char *line)
{
	while (*line != '\0') {
		size_t len = line_word(line);

		if (len == 0)
			len = 1;
		else if (environment_has_function((struct bytes){line, len}))
			return true;
		line += len;
	}
	return false;
}
