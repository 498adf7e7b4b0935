/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/mem.h"
#include "command/shell_internal.h"

/* A placeholder in the text of another interpreter is pasted into that text, as
 * far as the interpreter can tell: binding does not help there. */

static const char *const shells[] = {"sh",   "bash", "dash", "ksh",  "ksh93",
				     "mksh", "zsh",  "ash",  "yash", "rbash",
				     "lksh", "posh", "fish", NULL};

static struct bytes word_text(const struct lexer *x, size_t i)
{
	return lex_word_text(x, &x->frame->words[i]);
}

static bool is_option(struct bytes b)
{
	return b.len > 1 && (*b.p == '-' || *b.p == '+');
}

/* -c, -lc, -ec: letters only, one of them wanted. */
static bool has_letter(struct bytes b, const char *letters)
{
	bool found = false;

	if (b.len < 2 || *b.p != '-')
		return false;
	for (size_t i = 1; i < b.len; i++) {
		if (!is_alpha(b.p[i]))
			return false;
		found |= is_one_of(b.p[i], letters);
	}
	return found;
}

static bool is_shell(const struct lexer *x, size_t i)
{
	struct bytes b = word_text(x, i);

	if (i == 0 && b.len == 1 && *b.p == WORD_EXPANSION) /* $SHELL */
		return true;
	return lex_listed(lint_basename(x, &x->frame->words[i]), shells);
}

/* --- messages */

static const char *marker_name(const struct lexer *x, const struct part *p)
{
	return x->line->ids[p->id].name;
}

/* {name} as {name:sh}. */
static const char *quoted_name(const struct lexer *x, const struct part *p)
{
	const char *name = marker_name(x, p);
	size_t n = strlen(name);
	char *result = arena_alloc(x->scratch, n + 5);

	if (n < 2 || name[0] != '{' || name[n - 1] != '}')
		return "{:sh}";
	snprintf(result, n + 5, "%.*s:sh}", (int)n - 1, name);
	return result;
}

static void refuse_code(struct lexer *x, const struct part *p, const char *command)
{
	const char *name = marker_name(x, p);

	if (strstr(command, " -c") != NULL)
		lex_fail_column(
		    x, p->column,
		    "%s is inside the code of '%s', which would parse its characters; "
		    "pass it as an argument: %s '... \"$1\" ...' sh %s (or write %s, a "
		    "shell-quoted copy, or use --allow-nested)",
		    name, command, command, name, quoted_name(x, p));
	else
		lex_fail_column(
		    x, p->column,
		    "%s is inside the code of '%s', which would parse its characters; "
		    "write %s, a shell-quoted copy (or use --allow-nested)",
		    name, command, quoted_name(x, p));
}

static void warn_code(struct lexer *x, const struct part *p, const char *command,
		      const char *fix)
{
	char place[32] = "", text[512], expanded[256];
	const char *name = marker_name(x, p), *hole = strstr(fix, "{}");

	if (hole != NULL)
		snprintf(expanded, sizeof expanded, "%.*s%s%s", (int)(hole - fix), fix,
			 name, hole + 2);
	else
		snprintf(expanded, sizeof expanded, "%s", fix);
	if (!x->cfg->program)
		snprintf(place, sizeof place, "column %zu: ", p->column);
	snprintf(text, sizeof text,
		 "%s%s is inside the code of '%s', which parses its characters; %s", place,
		 name, command, expanded);
	strv_add(&x->warnings, text);
}

/* --- code for a shell */

/* Is the n-th placeholder of the text inside quotes of the code itself? */
static bool in_inner_quotes(struct bytes text, size_t n)
{
	char quote = '\0';

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == WORD_REF && n-- == 0)
			break;
		if (c == '\\' && quote != '\'')
			i++;
		else if (quote == '\0' && (c == '\'' || c == '"'))
			quote = c;
		else if (c == quote)
			quote = '\0';
	}
	return quote != '\0';
}

/* The placeholders of a word that is code.  A shell-quoted copy may stand in
 * it, but not inside quotes. */
static void check_code(struct lexer *x, const struct lex_word *w, const char *command)
{
	struct bytes text = lex_word_text(x, w);
	size_t n = 0;

	if (x->cfg->allow_nested || w->refs == 0)
		return;
	for (size_t i = w->part; i < w->parts_end && !x->failed; i++) {
		const struct part *p = &x->line->parts[i];

		if (p->kind != PART_REF || p->frame != x->frame->serial)
			continue;
		if (!p->sh)
			refuse_code(x, p, command);
		else if (in_inner_quotes(text, n))
			lex_fail_column(
			    x, p->column,
			    "%s is inside quotes in the code of '%s', which end at its "
			    "own quotes; write it outside of them",
			    marker_name(x, p), command);
		n++;
	}
}

static bool is_lone_marker(struct bytes b)
{
	return b.len == 1 && *b.p == WORD_REF;
}

/* "sh -c CODE" anywhere in a command: find -exec, xargs, sudo, docker run.  A
 * code that is nothing but the value is what the user asked for. */
static void check_shell(struct lexer *x, size_t i)
{
	struct frame *f = x->frame;
	struct bytes name = lint_basename(x, &f->words[i]);
	const char *command;

	for (i++; i < f->nwords && is_option(word_text(x, i)); i++) {
		struct bytes option = word_text(x, i);

		if (has_letter(option, "c"))
			break;
		i += option.len == 2 && (option.p[1] == 'o' || option.p[1] == 'O');
	}
	if (i >= f->nwords || !has_letter(word_text(x, i), "c"))
		return;
	while (i < f->nwords && is_option(word_text(x, i)))
		i++;
	if (i == f->nwords || is_lone_marker(word_text(x, i)))
		return;
	if (*name.p == WORD_EXPANSION)
		name = bytes_str("$SHELL");
	command = arena_calloc(x->scratch, name.len + 4, 1);
	snprintf((char *)command, name.len + 4, "%.*s -c", (int)name.len, name.p);
	check_code(x, &f->words[i], command);
}

/* su -c CODE, flock FILE -c CODE: behind a second operand stands a command of
 * its own, with options of its own. */
static void check_option(struct lexer *x, size_t k, const char *command)
{
	struct frame *f = x->frame;
	size_t operands = 0;

	for (size_t i = k + 1; i + 1 < f->nwords && operands < 2; i++) {
		struct bytes b = word_text(x, i);

		operands += !is_option(b);
		if ((has_letter(b, "c") || bytes_is(b, "--command")) &&
		    !is_lone_marker(word_text(x, i + 1)))
			check_code(x, &f->words[i + 1], command);
	}
}

static void check_all(struct lexer *x, size_t k, const char *command)
{
	for (size_t i = k + 1; i < x->frame->nwords; i++)
		check_code(x, &x->frame->words[i], command);
}

/* --- code in other languages */

struct language {
	const char *name;    /* a digit or dot may follow: python3.11 */
	const char *options; /* letters whose argument is code; NULL: the first operand */
	const char *valued;  /* letters of other options with an argument */
	const char *fix;
};

static const char awk_fix[] =
    "pass it in the environment: V={} awk '... ENVIRON[\"V\"] ...'";
static const char sed_fix[] = "sed cannot take it otherwise: use awk, V={} awk '... "
			      "ENVIRON[\"V\"] ...'";

static const struct language languages[] = {
    {"python", "c", "", "pass it as an argument: python3 -c '... sys.argv[1] ...' {}"},
    {"pypy", "c", "", "pass it as an argument: pypy -c '... sys.argv[1] ...' {}"},
    {"perl", "eE", "", "pass it as an argument: perl -e '... $ARGV[0] ...' {}"},
    {"ruby", "e", "", "pass it as an argument: ruby -e '... ARGV[0] ...' {}"},
    {"node", "ep", "", "pass it as an argument: node -e '... process.argv[1] ...' {}"},
    {"nodejs", "ep", "",
     "pass it as an argument: nodejs -e '... process.argv[1] ...' {}"},
    {"php", "r", "", "pass it as an argument: php -r '... $argv[1] ...' {}"},
    {"lua", "e", "",
     "pass it in the environment: V={} lua -e '... os.getenv(\"V\") ...'"},
    {"Rscript", "e", "",
     "pass it as an argument: Rscript -e '... commandArgs(TRUE)[1] ...' {}"},
    {"awk", NULL, "Fv", awk_fix},
    {"gawk", NULL, "Fv", awk_fix},
    {"mawk", NULL, "Fv", awk_fix},
    {"nawk", NULL, "Fv", awk_fix},
    {"sed", NULL, "l", sed_fix},
    {"gsed", NULL, "l", sed_fix},
    {"jq", NULL, "L", "pass it as a variable: jq --arg v {} '... $v ...'"},
};

static const struct language *find_language(struct bytes name)
{
	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
		size_t n = strlen(languages[i].name);

		if (name.len < n || memcmp(name.p, languages[i].name, n) != 0)
			continue;
		while (n < name.len && (is_digit(name.p[n]) || name.p[n] == '.'))
			n++;
		if (n == name.len)
			return &languages[i];
	}
	return NULL;
}

static void warn_word(struct lexer *x, size_t i, const struct language *lang)
{
	const struct lex_word *w = &x->frame->words[i];

	if (i < x->frame->nwords && w->refs > 0)
		warn_code(x, lint_first_ref(x, w), lang->name, lang->fix);
}

/* Options whose argument is code: -e CODE, -ne CODE, -e'CODE'. */
static void check_code_options(struct lexer *x, size_t k, const struct language *lang)
{
	for (size_t i = k + 1; i < x->frame->nwords; i++) {
		struct bytes b = word_text(x, i);

		if (!is_option(b))
			return;
		if (is_one_of(b.p[b.len - 1], lang->options) && b.p[1] != '-')
			warn_word(x, ++i, lang);
		else if (is_one_of(b.p[1], lang->options))
			warn_word(x, i, lang);
	}
}

static bool starts_with(struct bytes b, const char *prefix)
{
	return b.len >= strlen(prefix) && memcmp(b.p, prefix, strlen(prefix)) == 0;
}

static size_t option_arguments(struct bytes b, const struct language *lang)
{
	static const char *const pairs[] = {"--arg", "--argjson", "--slurpfile",
					    "--rawfile", NULL};

	if (lex_listed(b, pairs))
		return 2;
	return b.len == 2 && is_one_of(b.p[1], lang->valued);
}

/* The program is the first operand, unless -f names a file or -e gives it. */
static void check_program(struct lexer *x, size_t k, const struct language *lang)
{
	bool given = false;
	size_t i = k + 1;

	for (; i < x->frame->nwords && is_option(word_text(x, i)); i++) {
		struct bytes b = word_text(x, i);

		if (bytes_is(b, "--")) {
			i++;
			break;
		}
		if (bytes_is(b, "-f") || bytes_is(b, "--from-file")) {
			given = true;
			i++;
		} else if (b.p[1] != '-' && has_letter(b, "e") && lang->fix == sed_fix) {
			given = true;
			warn_word(x, ++i, lang);
		} else if (starts_with(b, "--expression=")) {
			given = true;
			warn_word(x, i, lang);
		} else {
			i += option_arguments(b, lang);
		}
	}
	if (!given)
		warn_word(x, i, lang);
}

/* The words behind the host are joined and parsed by the shell there. */
static void check_ssh(struct lexer *x, size_t k)
{
	struct frame *f = x->frame;
	struct bytes b;
	size_t i = k + 1;

	for (; i < f->nwords && is_option(b = word_text(x, i)); i++)
		i += b.len == 2 && is_one_of(b.p[1], "BbcDEeFIiJLlmOoPpQRSWw");
	for (i++; i < f->nwords; i++)
		for (size_t j = f->words[i].part; j < f->words[i].parts_end; j++) {
			const struct part *p = &x->line->parts[j];
			char fix[128];

			if (p->kind != PART_REF || p->sh || p->frame != f->serial)
				continue;
			snprintf(fix, sizeof fix, "write %s, a shell-quoted copy",
				 quoted_name(x, p));
			warn_code(x, p, "ssh", fix);
			return;
		}
}

/* --- here-documents and here-strings that a shell reads as its script */

/* The name of the shell that runs what the command reads, or NULL. */
static const char *script_reader(struct lexer *x, size_t k)
{
	static const char *const stdins[] = {"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0",
					     "-", NULL};
	struct frame *f = x->frame;
	struct bytes name;
	bool reads = true;
	size_t i = k + 1;

	if (k >= f->nwords)
		return NULL;
	name = lint_basename(x, &f->words[k]);
	if (bytes_is(name, ".") || bytes_is(name, "source")) {
		reads = i < f->nwords && lex_listed(word_text(x, i), stdins);
	} else if (lex_listed(name, shells)) {
		for (; i < f->nwords && is_option(word_text(x, i)); i++) {
			if (has_letter(word_text(x, i), "s"))
				break;
			reads &= !has_letter(word_text(x, i), "c");
		}
		reads &= i == f->nwords || has_letter(word_text(x, i), "s") ||
			 lex_listed(word_text(x, i), stdins);
	} else {
		return NULL;
	}
	return reads ? arena_dup(x->scratch, name.p, name.len) : NULL;
}

void lint_heredoc(struct lexer *x, const struct heredoc *h, size_t first_part)
{
	if (h->reader == NULL || x->cfg->allow_nested)
		return;
	for (size_t i = first_part; i < x->line->n; i++) {
		const struct part *p = &x->line->parts[i];

		if (p->kind == PART_REF && p->frame == 0 && !p->sh)
			refuse_code(x, p, h->reader);
	}
}

static void check_input(struct lexer *x, size_t k)
{
	struct frame *f = x->frame;
	const char *reader = script_reader(x, k);

	for (struct heredoc *h = f->pending; h != NULL; h = h->next) {
		if (!h->owned)
			h->reader = reader;
		h->owned = true;
	}
	if (reader != NULL)
		check_code(x, &f->here_string, reader);
}

/* --- all of them */

static void check_named(struct lexer *x, size_t k)
{
	static const char *const evaluators[] = {"eval",    "trap",    "alias",
						 "emulate", "compgen", "complete",
						 "bind",    "history", NULL};
	static const char *const with_option[] = {"su",    "runuser", "script",
						  "flock", "sg",      NULL};
	struct bytes name = lint_basename(x, &x->frame->words[k]);
	const struct language *lang = find_language(name);
	char *text = arena_calloc(x->scratch, name.len + 4, 1);

	memcpy(text, name.p, name.len);
	if (lex_listed(name, evaluators))
		check_all(x, k, text);
	else if (lex_listed(name, with_option))
		check_option(x, k, strcat(text, " -c"));
	else if (bytes_is(name, "ssh") || bytes_is(name, "rsh"))
		check_ssh(x, k);
	else if (lang != NULL && lang->options != NULL)
		check_code_options(x, k, lang);
	else if (lang != NULL)
		check_program(x, k, lang);
}

void lint_nested(struct lexer *x)
{
	struct frame *f = x->frame;
	size_t k = lint_command_index(x);

	for (size_t i = 0; i < f->nwords; i++)
		if (is_shell(x, i))
			check_shell(x, i);
	/* "sudo -u NAME awk ...": NAME is no command. */
	if (k > 0 && k + 1 < f->nwords && is_option(word_text(x, k - 1)) &&
	    find_language(lint_basename(x, &f->words[k])) == NULL &&
	    (find_language(lint_basename(x, &f->words[k + 1])) != NULL ||
	     lex_word_is(x, &f->words[k + 1], "ssh")))
		k++;
	if (k < f->nwords)
		check_named(x, k);
	check_input(x, k);
}
