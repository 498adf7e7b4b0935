/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "command/shell/interpreters.h"
#include "command/shell/token.h"
#include "command/shell/wrapper.h"

static const char posix_shells[] = "sh bash dash ksh ksh93 mksh zsh ash yash rbash lksh posh "
				   "oksh loksh rzsh rksh $SHELL";
static const char other_shells[] = "fish csh tcsh pwsh powershell elvish nu xonsh rc es";

struct walker {
	const struct code_check *c;
	const struct code_word *w;
	size_t n;
	bool refused;
	bool handled; /* a shell or another interpreter was found in its place */
};

static struct bytes base_name(struct bytes b)
{
	if (b.len == 1 && *b.p == WORD_EXPANSION)
		return bytes_str("$SHELL"); /* an expansion as a command */
	for (size_t i = b.len; i > 0; i--)
		if (b.p[i - 1] == '/')
			return (struct bytes){b.p + i, b.len - i};
	return b;
}

bool code_is_shell(struct bytes word)
{
	return is_listed(base_name(word), posix_shells) ||
	       is_listed(base_name(word), other_shells);
}

static bool is_lone(struct bytes b)
{
	return b.len == 1 && *b.p == WORD_REF;
}

static bool is_option(struct bytes b)
{
	return b.len > 1 && (*b.p == '-' || *b.p == '+');
}

static bool is_long(struct bytes b)
{
	return b.len > 2 && b.p[0] == '-' && b.p[1] == '-';
}

static bool starts_with(struct bytes b, const char *start)
{
	return b.len >= strlen(start) && memcmp(b.p, start, strlen(start)) == 0;
}

static char *copy(const struct walker *x, struct bytes b)
{
	return arena_dup(x->c->arena, b.p, b.len);
}

/* --- messages */

/* {name} as {name:sh}. */
static const char *quoted_name(const struct walker *x, const char *name)
{
	size_t n = strlen(name);
	char *result = arena_alloc(x->c->arena, n + 5);

	if (n < 2 || name[0] != '{' || name[n - 1] != '}')
		return "{:sh}";
	snprintf(result, n + 5, "%.*s:sh}", (int)n - 1, name);
	return result;
}

static const char *place(const struct walker *x, const struct code_ref *r)
{
	char text[32] = "";

	if (r->column > 0)
		snprintf(text, sizeof text, "column %zu: ", r->column);
	return arena_str(x->c->arena, text);
}

static void refuse(struct walker *x, const struct code_ref *r, const char *command)
{
	if (x->refused)
		return;
	x->refused = true;
	if (strstr(command, " -c") != NULL)
		err_usage(x->c->err,
			  "%s%s is inside the code of '%s', which would parse its characters; "
			  "pass it as an argument: %s '... \"$1\" ...' sh %s (or write %s, a "
			  "shell-quoted copy, or use --allow-nested)",
			  place(x, r), r->name, command, command, r->name,
			  quoted_name(x, r->name));
	else
		err_usage(x->c->err,
			  "%s%s is inside the code of '%s', which would parse its characters; "
			  "write %s, a shell-quoted copy (or use --allow-nested)",
			  place(x, r), r->name, command, quoted_name(x, r->name));
}

static void refuse_copy(struct walker *x, const struct code_ref *r, const char *where,
			const char *command)
{
	if (x->refused)
		return;
	x->refused = true;
	if (strcmp(where, "quotes") == 0)
		err_usage(x->c->err,
			  "%s%s is inside quotes in the code of '%s', which end at its own "
			  "quotes; write it outside of them",
			  place(x, r), r->name, command);
	else
		err_usage(x->c->err,
			  "%s%s is inside %s in the code of '%s', where a shell-quoted copy "
			  "is not one word; put it where a plain word stands",
			  place(x, r), r->name, where, command);
}

static void warn(struct walker *x, const struct code_ref *r, const char *command,
		 const char *fix)
{
	char text[768], expanded[256];
	const char *hole = strstr(fix, "{}");

	if (r->waived)
		return;
	if (hole != NULL)
		snprintf(expanded, sizeof expanded, "%.*s%s%s", (int)(hole - fix), fix,
			 r->name, hole + 2);
	else
		snprintf(expanded, sizeof expanded, "%s", fix);
	snprintf(text, sizeof text,
		 "%s%s is inside the code of '%s', which parses its characters; %s",
		 place(x, r), r->name, command, expanded);
	strv_add(x->c->warnings, text);
}

/* --- a shell-quoted copy in its code */

static int match_ref(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	(void)arg;
	m->sh = true;
	return len > 0 && *s == WORD_REF;
}

/* What is around the token, if it is not just commands; NULL: a plain word. */
static const char *surroundings(const struct tokens *t, size_t i, const char *around)
{
	switch (t->v[i].nesting) {
	case NEST_SINGLE:
	case NEST_DOUBLE:
	case NEST_ANSI:
		return "quotes";
	case NEST_HEREDOC:
		return "a here-document";
	case NEST_BACKQUOTE:
		return "backquotes";
	case NEST_BRACE:
	case NEST_SUBSCRIPT:
		return "an expansion";
	case NEST_ARITHMETIC:
	case NEST_ARITHMETIC_COMMAND:
	case NEST_OLD_ARITHMETIC:
		return "arithmetic";
	case NEST_PATTERN:
		return "a pattern";
	default:
		return around;
	}
}

/* Set where[k] for the k-th placeholder among the tokens. */
static size_t find_places(const struct tokens *t, size_t from, size_t to, const char *around,
			  const char **where, size_t k, size_t n)
{
	size_t word = 0;

	for (size_t i = from; i < to; i++) {
		const struct token *p = &t->v[i];

		if (p->kind == TOKEN_WORD)
			word = i;
		if (p->kind == TOKEN_MARKER && k < n) {
			struct bytes first = around == NULL ? t->v[word + 1].value : p->text;
			size_t name = name_length(first);

			where[k++] = name > 0 && name < first.len && first.p[name] == '['
					 ? "a subscript"
					 : around;
		}
		if (p->kind == TOKEN_OPEN) {
			k = find_places(t, i + 1, p->end, surroundings(t, i, around), where, k,
					n);
			i = p->end;
		}
	}
	return k;
}

static void check_copies(struct walker *x, const struct code_word *w, const char *command)
{
	const char **where = arena_calloc(x->c->arena, w->n + 1, sizeof *where);
	struct token_input in = {.line = w->text,
				 .match = match_ref,
				 .ansi_quotes = true,
				 .no_escapes = true,
				 .arena = x->c->arena};
	struct tokens tokens = {0};
	struct err err;
	size_t found;

	tokens_read(&tokens, &in, &err);
	found = tokens.failed ? 0 : find_places(&tokens, 0, tokens.n, NULL, where, 0, w->n);
	for (size_t i = 0; i < w->n; i++) {
		if (found < w->n)
			where[i] = tokens.failed ? "quotes" : "a comment or after a backslash";
		if (where[i] != NULL && w->refs[i].sh && !w->refs[i].waived)
			refuse_copy(x, &w->refs[i], where[i], command);
	}
	free(tokens.v);
}

/* --- code for a shell */

static void check_code(struct walker *x, size_t i, const char *command)
{
	const struct code_word *w = &x->w[i];
	bool copies = false;

	if (x->c->allow_nested || w->n == 0)
		return;
	for (size_t k = 0; k < w->n; k++) {
		copies |= w->refs[k].sh;
		if (!w->refs[k].sh && !w->refs[k].waived)
			refuse(x, &w->refs[k], command);
	}
	if (copies && is_listed(bytes_str(command), "'csh -c' 'fish -c'"))
		refuse(x, &w->refs[0], command);
	else if (copies && !x->refused)
		check_copies(x, w, command);
}

static void check_rest(struct walker *x, size_t i, const char *command)
{
	for (; i < x->n; i++)
		if (!is_lone(x->w[i].text))
			check_code(x, i, command);
}

/* "sh -c CODE" at i.  A code that is nothing but the value is what the user asked
 * for.  Returns false when it does not run a code. */
static bool check_shell(struct walker *x, size_t shell)
{
	struct bytes name = base_name(x->w[shell].text);
	bool other = is_listed(name, other_shells), has_code = false;
	char command[64];
	size_t i = shell + 1;

	while (i < x->n && is_option(x->w[i].text)) {
		struct bytes b = x->w[i++].text;

		if (is_listed(b, "--rcfile --init-file --emulate"))
			i++;
		else if (other && is_listed(b, "-Command -command --command -C --init-command"))
			has_code = true;
		else if (!is_long(b))
			for (size_t k = 1; k < b.len; k++) {
				has_code |= b.p[k] == 'c' && *b.p == '-';
				i += is_one_of(b.p[k], "oO") && b.len < 12;
			}
		if (bytes_is(b, "--"))
			break;
	}
	if (!has_code || i >= x->n)
		return false;
	snprintf(command, sizeof command, "%.*s -c", (int)name.len, name.p);
	if (!is_lone(x->w[i].text)) {
		check_code(x, i, command);
		for (size_t k = 0; other && k < x->w[i].n; k++)
			if (!x->c->allow_nested && !x->w[i].refs[k].waived)
				refuse(x, &x->w[i].refs[k], command);
	}
	return true;
}

/* --- programs that run a command given to them */

static const char *code_name(const struct walker *x, struct bytes name)
{
	char *text = arena_calloc(x->c->arena, name.len + 4, 1);

	snprintf(text, name.len + 4, "%.*s -c", (int)name.len, name.p);
	return text;
}

/* Is the option one whose argument is code?  -c, --command, -lc; *attached is its
 * argument when it stands in the same word. */
static bool is_code_option(const struct wrapper *w, struct bytes b, bool *attached)
{
	const char *equals = memchr(b.p, '=', b.len);
	struct bytes name = {b.p, equals != NULL ? (size_t)(equals - b.p) : b.len};

	*attached = false;
	if (*w->code == '\0' || *b.p != '-')
		return false;
	if (is_long(b)) {
		*attached = equals != NULL;
		return is_listed(name, w->code);
	}
	for (size_t k = 1; k < b.len && is_alpha(b.p[k]); k++)
		if (b.p[k] == w->code[1]) {
			*attached = k + 1 < b.len;
			return true;
		}
	return false;
}

/* Skip one option of the wrapper and its argument. */
static size_t skip_option(struct walker *x, const struct wrapper *w, size_t i,
			  struct bytes name)
{
	struct bytes b = x->w[i].text;
	bool attached;

	if (is_code_option(w, b, &attached)) {
		if (attached)
			check_code(x, i, code_name(x, name));
		else if (++i < x->n && !is_lone(x->w[i].text))
			check_code(x, i, code_name(x, name));
		x->handled = true;
		return i + 1;
	}
	if (is_long(b))
		return i + 1 + is_listed(b, w->long_valued);
	return i + 1 + (b.len == 2 && is_one_of(b.p[1], w->valued));
}

/* env BASH_ENV={} bash: the shell runs what the variable says. */
static void check_variable(struct walker *x, size_t i)
{
	struct bytes name = {x->w[i].text.p, name_length(x->w[i].text)};

	if (is_listed(name, "BASH_ENV ENV ZDOTDIR PS4 PROMPT_COMMAND SHELLOPTS") &&
	    x->w[i].n > 0 && !x->c->allow_nested && !x->w[i].refs[0].waived)
		refuse(x, &x->w[i].refs[0], copy(x, name));
}

/* The index of the command that the wrapper at k runs, or x->n. */
static size_t skip_wrapper(struct walker *x, const struct wrapper *w, size_t k)
{
	struct bytes name = base_name(x->w[k].text);
	size_t operands = w->operands, i = k + 1;
	bool prefix = bytes_is(name, "busybox") || bytes_is(name, "toybox");

	while (i < x->n && !prefix) {
		struct bytes b = x->w[i].text;

		if (bytes_is(b, "--")) {
			i++;
			if (operands == 0)
				break;
		} else if (is_option(b)) {
			i = skip_option(x, w, i, name);
		} else if (is_assignment(b) && is_listed(name, "env sudo doas")) {
			check_variable(x, i++);
		} else if (operands > 0) {
			operands--;
			i++;
		} else {
			break;
		}
	}
	if (i < x->n && w->then == THEN_CODE) {
		x->handled = true;
		check_rest(x, i, copy(x, name));
		return x->n;
	}
	return i < x->n && w->then == THEN_COMMAND ? i : x->n;
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

		if (!starts_with(name, languages[i].name))
			continue;
		while (n < name.len && (is_digit(name.p[n]) || name.p[n] == '.'))
			n++;
		if (n == name.len)
			return &languages[i];
	}
	return NULL;
}

static void warn_word(struct walker *x, size_t i, const struct language *lang)
{
	if (i < x->n && x->w[i].n > 0)
		warn(x, &x->w[i].refs[0], lang->name, lang->fix);
}

/* Options whose argument is code: -e CODE, -ne CODE, -e'CODE'. */
static void check_code_options(struct walker *x, size_t k, const struct language *lang)
{
	for (size_t i = k + 1; i < x->n && is_option(x->w[i].text); i++) {
		struct bytes b = x->w[i].text;

		if (is_one_of(b.p[b.len - 1], lang->options) && b.p[1] != '-')
			warn_word(x, ++i, lang);
		else if (is_one_of(b.p[1], lang->options))
			warn_word(x, i, lang);
	}
}

static size_t option_arguments(struct bytes b, const struct language *lang)
{
	if (is_listed(b, "--arg --argjson --slurpfile --rawfile"))
		return 2;
	return b.len == 2 && is_one_of(b.p[1], lang->valued);
}

static bool gives_script(struct bytes b)
{
	for (size_t i = 1; i < b.len; i++)
		if (!is_alpha(b.p[i]))
			return false;
	return b.len > 1 && memchr(b.p, 'e', b.len) != NULL;
}

/* The program is the first operand, unless -f names a file or -e gives it. */
static void check_program(struct walker *x, size_t k, const struct language *lang)
{
	bool given = false;
	size_t i = k + 1;

	for (; i < x->n && is_option(x->w[i].text); i++) {
		struct bytes b = x->w[i].text;

		if (bytes_is(b, "--")) {
			i++;
			break;
		}
		if (is_listed(b, "-f --from-file")) {
			given = true;
			i++;
		} else if (b.p[1] != '-' && gives_script(b) && lang->fix == sed_fix) {
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

/* The words after the host are joined and parsed by the shell there. */
static void check_ssh(struct walker *x, size_t k)
{
	size_t i = k + 1;

	for (; i < x->n && is_option(x->w[i].text); i++) {
		struct bytes b = x->w[i].text;

		i += b.len == 2 && is_one_of(b.p[1], "BbcDEeFIiJLlmOoPpQRSWw");
		if (i < x->n && (starts_with(x->w[i].text, "ProxyCommand=") ||
				 starts_with(x->w[i].text, "LocalCommand=")))
			check_code(x, i, "ssh -o");
	}
	for (i++; i < x->n; i++)
		for (size_t j = 0; j < x->w[i].n; j++) {
			const struct code_ref *r = &x->w[i].refs[j];
			char fix[128];

			if (r->sh) {
				check_copies(x, &x->w[i], "ssh");
				continue;
			}
			snprintf(fix, sizeof fix, "write %s, a shell-quoted copy",
				 quoted_name(x, r->name));
			warn(x, r, "ssh", fix);
			return;
		}
}

/* --- programs with an option or a word that is code */

static void check_tar(struct walker *x, size_t k)
{
	for (size_t i = k + 1; i < x->n; i++) {
		struct bytes b = x->w[i].text;

		if (starts_with(b, "--to-command=") || starts_with(b, "--info-script=") ||
		    starts_with(b, "--new-volume-script=") ||
		    starts_with(b, "--checkpoint-action=exec=") ||
		    starts_with(b, "--use-compress-program=") || starts_with(b, "--rsh-command="))
			check_code(x, i, "tar");
		else if (is_listed(b, "--to-command --use-compress-program -I --info-script") &&
			 i + 1 < x->n)
			check_code(x, i + 1, "tar");
	}
}

static void check_git(struct walker *x, size_t k)
{
	for (size_t i = k + 1; i < x->n; i++) {
		struct bytes b = x->w[i].text;
		bool alias = memmem(b.p, b.len, "=!", 2) != NULL || starts_with(b, "!") ||
			     starts_with(b, "core.sshCommand=") ||
			     starts_with(b, "core.pager=") || starts_with(b, "core.editor=") ||
			     starts_with(b, "--exec=");

		if (alias || (i > k + 1 && is_listed(x->w[i - 1].text, "foreach --exec -x") &&
			      !is_option(b)))
			check_code(x, i, "git");
	}
}

static void walk_command(struct walker *x, size_t k);

static void check_find(struct walker *x, size_t k)
{
	for (size_t i = k + 1; i + 1 < x->n; i++)
		if (is_listed(x->w[i].text, "-exec -execdir -ok -okdir"))
			walk_command(x, i + 1);
}

/* --- all of them */

static void walk_command(struct walker *x, size_t k)
{
	const struct wrapper *wrapper;
	const struct language *lang;
	struct bytes name;

	while (k < x->n && (wrapper = wrapper_find(base_name(x->w[k].text))) != NULL)
		k = skip_wrapper(x, wrapper, k);
	if (k >= x->n)
		return;
	name = base_name(x->w[k].text);
	lang = find_language(name);
	if (code_is_shell(name))
		x->handled |= check_shell(x, k);
	else if (is_listed(name, "eval trap alias emulate compgen complete bind history"))
		for (size_t i = k + 1; i < x->n; i++)
			check_code(x, i, copy(x, name));
	else if (is_listed(name, "ssh rsh"))
		check_ssh(x, k);
	else if (bytes_is(name, "find"))
		check_find(x, k);
	else if (bytes_is(name, "tar"))
		check_tar(x, k);
	else if (bytes_is(name, "git"))
		check_git(x, k);
	else if (lang != NULL && lang->options != NULL)
		check_code_options(x, k, lang);
	else if (lang != NULL)
		check_program(x, k, lang);
	else
		return;
	x->handled = true;
}

/* A shell among the words of a command that is not in the tables. */
static void warn_of_shell(struct walker *x, size_t shell)
{
	static const char plain[] = "echo printf : test [ cat ls cp mv rm grep which type "
				    "command man ln install mkdir touch";

	if (is_listed(base_name(x->w[0].text), plain))
		return;
	for (size_t i = shell + 1; i < x->n; i++)
		if (x->w[i].n > 0 && !is_lone(x->w[i].text) && !x->w[i].refs[0].sh) {
			warn(x, &x->w[i].refs[0], copy(x, base_name(x->w[shell].text)),
			     "if it does, pass it as an argument of its own: {}");
			return;
		}
}

static bool has_refs(const struct code_word *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (w[i].n > 0)
			return true;
	return false;
}

int code_check_words(const struct code_check *c, const struct code_word *w, size_t n)
{
	struct walker x = {.c = c, .w = w, .n = n};
	size_t k = 0;

	if (!has_refs(w, n))
		return 0;
	while (k < n && is_assignment(w[k].text))
		k++;
	walk_command(&x, k);
	/* "docker run IMAGE sh -c CODE" */
	for (size_t i = k + 1; i < n && !x.refused; i++)
		if (code_is_shell(w[i].text) && *w[i].text.p != WORD_EXPANSION &&
		    !check_shell(&x, i) && !x.handled)
			warn_of_shell(&x, i);
	return x.refused ? -1 : 0;
}

/* --- what a shell reads as its script */

/* The name of the shell that runs what the command reads, or NULL. */
static const char *script_reader(struct walker *x)
{
	static const char stdins[] = "/dev/stdin /dev/fd/0 /proc/self/fd/0 -";
	const struct wrapper *wrapper;
	size_t k = 0, i;
	struct bytes name;
	bool reads = true;

	while (k < x->n && is_assignment(x->w[k].text))
		k++;
	while (k < x->n && (wrapper = wrapper_find(base_name(x->w[k].text))) != NULL)
		k = skip_wrapper(x, wrapper, k);
	if (k >= x->n)
		return NULL;
	name = base_name(x->w[k].text);
	i = k + 1;
	if (is_listed(name, ". source")) {
		reads = i < x->n && is_listed(x->w[i].text, stdins);
	} else if (is_listed(name, "at batch crontab")) {
		reads = true;
	} else if (code_is_shell(name)) {
		for (; i < x->n && is_option(x->w[i].text) && !bytes_is(x->w[i].text, "-s"); i++)
			reads &= is_long(x->w[i].text) ||
				 memchr(x->w[i].text.p, 'c', x->w[i].text.len) == NULL;
		reads &= i == x->n || bytes_is(x->w[i].text, "-s") ||
			 is_listed(x->w[i].text, stdins);
	} else {
		return NULL;
	}
	return reads ? copy(x, name) : NULL;
}

int code_check_input(const struct code_check *c, const struct code_word *w, size_t n,
		     const struct code_word *input)
{
	struct walker x = {.c = c, .w = w, .n = n};
	const char *reader = script_reader(&x);

	if (x.refused || reader == NULL)
		return x.refused ? -1 : 0;
	x.w = input;
	x.n = 1;
	check_code(&x, 0, reader);
	return x.refused ? -1 : 0;
}
