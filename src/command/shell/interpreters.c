/* SPDX-License-Identifier: ISC */

/* A table of the programs that run code or other commands, and one walk over the
 * words of a command: past the options and operands of what runs another command,
 * up to a shell or another interpreter.  A value in code for a shell is refused, or
 * must be a shell-quoted copy in the place of a plain word; one in code of another
 * language gives a warning. */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/shell/interpreters.h"
#include "command/shell/token.h"

enum { MANY = 99 };

/* What comes after the options and operands. */
enum then {
	THEN_COMMAND, /* another command */
	THEN_LINE,    /* words that a shell reads joined */
	THEN_WORDS,   /* words that are each code */
	THEN_CODE,    /* one word of code, unless an option gave it or its file */
	THEN_SHELL,   /* one word of code, when an option says so */
	THEN_REMOTE,  /* words that are joined for a shell elsewhere */
	THEN_FIND,    /* commands after -exec */
	THEN_GIT,
	THEN_NOTHING,
};

struct program {
	const char *names;
	enum then then;
	unsigned operands;  /* before what comes then */
	const char *valued; /* options that take an argument */
	const char *code;   /* options whose argument is code */
	const char *fix;    /* another language: what to write instead */
};

static const struct program programs[] = {
    {"sh bash dash ksh ksh93 mksh zsh ash yash rbash lksh posh oksh loksh rzsh rksh $SHELL",
     .then = THEN_SHELL},
    {"fish csh tcsh pwsh powershell elvish nu xonsh rc es", .then = THEN_SHELL,
     .code = "-Command -command --command -C --init-command"},
    {"eval trap alias emulate compgen complete bind history", .then = THEN_WORDS},
    {"ssh rsh", .then = THEN_REMOTE, .operands = 1,
     .valued = "-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w"},
    {"find", .then = THEN_FIND},
    {"git", .then = THEN_GIT},
    {"tar", .then = THEN_NOTHING, .operands = MANY,
     .code = "-I --to-command --info-script --new-volume-script --checkpoint-action "
	     "--use-compress-program --rsh-command"},

    {"env", .valued = "-u -C --unset --chdir", .code = "-S --split-string"},
    {"sudo", .valued = "-u -g -p -c -C -D -h -r -t -R -T -U --user --group --prompt "
		       "--close-from --chdir --host --role --type --chroot --other-user "
		       "--command-timeout"},
    {"doas", .valued = "-u -C"},
    {"su runuser", .operands = MANY,
     .valued = "-g -G -s -w --shell --group --supp-group", .code = "-c --command"},
    {"flock", .operands = 1, .valued = "-w -E --timeout --wait --conflict-exit-code",
     .code = "-c --command"},
    {"sg", .then = THEN_LINE, .operands = 1, .code = "-c"},
    {"script", .operands = MANY, .code = "-c --command",
     .valued = "-E -I -O -B -T -m -o --log-in --log-out --log-io --log-timing --echo"},
    {"watch", .then = THEN_LINE, .valued = "-n --interval"},
    {"timeout", .operands = 1, .valued = "-k -s --kill-after --signal"},
    {"nice", .valued = "-n --adjustment"},
    {"ionice", .valued = "-c -n -p -P -u --class --classdata"},
    {"nohup setsid catchsegv fakeroot eatmydata unbuffer dbus-run-session noglob nocorrect "
     "- exec command builtin busybox toybox ltrace torsocks proxychains chronic",
     .then = THEN_COMMAND},
    {"stdbuf", .valued = "-i -o -e --input --output --error"},
    {"time", .valued = "-f -o --format --output"},
    {"chrt taskset", .operands = 1, .valued = "-T -P -D"},
    {"chroot setuidgid gosu su-exec softlimit faketime repeat", .operands = 1,
     .valued = "--userspec --groups"},
    {"unshare nsenter", .valued = "-t -S -G -R -w --target --root --wd"},
    {"setpriv prlimit numactl systemd-run strace perf valgrind xvfb-run",
     .valued = "-e -o -p -u -s -E -S -G -P --reuid --regid --unit --property"},
    {"xargs", .valued = "-I -i -L -l -n -P -s -d -E -a --replace --max-args --max-procs "
			"--max-lines --max-chars --delimiter --arg-file"},
    {"tmux screen", .then = THEN_LINE,
     .valued = "-L -S -f -c -t -s -n -x -y -F -e -b -E -p -T"},
    {"parallel volley sem rush", .then = THEN_LINE,
     .valued = "-j -P -n -a -N -L -d -C -S -I -s --jobs --shell --input --delimiter --colsep "
	       "--timeout --retries --workdir --joblog --results --tagstring --halt --delay "
	       "--sshlogin"},

    {"python", .then = THEN_NOTHING, .code = "-c",
     .fix = "pass it as an argument: python3 -c '... sys.argv[1] ...' {}"},
    {"pypy", .then = THEN_NOTHING, .code = "-c",
     .fix = "pass it as an argument: pypy -c '... sys.argv[1] ...' {}"},
    {"perl", .then = THEN_NOTHING, .code = "-e -E",
     .fix = "pass it as an argument: perl -e '... $ARGV[0] ...' {}"},
    {"ruby", .then = THEN_NOTHING, .code = "-e",
     .fix = "pass it as an argument: ruby -e '... ARGV[0] ...' {}"},
    {"node nodejs", .then = THEN_NOTHING, .code = "-e -p",
     .fix = "pass it as an argument: node -e '... process.argv[1] ...' {}"},
    {"php", .then = THEN_NOTHING, .code = "-r",
     .fix = "pass it as an argument: php -r '... $argv[1] ...' {}"},
    {"lua", .then = THEN_NOTHING, .code = "-e",
     .fix = "pass it in the environment: V={} lua -e '... os.getenv(\"V\") ...'"},
    {"Rscript", .then = THEN_NOTHING, .code = "-e",
     .fix = "pass it as an argument: Rscript -e '... commandArgs(TRUE)[1] ...' {}"},
    {"awk gawk mawk nawk", .then = THEN_CODE, .valued = "-F -v",
     .fix = "pass it in the environment: V={} awk '... ENVIRON[\"V\"] ...'"},
    {"sed gsed", .then = THEN_CODE, .valued = "-l", .code = "-e --expression",
     .fix = "sed cannot take it otherwise: use awk, V={} awk '... ENVIRON[\"V\"] ...'"},
    {"jq", .then = THEN_CODE, .valued = "-L",
     .fix = "pass it as a variable: jq --arg v {} '... $v ...'"},
};

struct walker {
	const struct code_check *c;
	const struct code_word *w;
	size_t n;
	bool quiet; /* only to find the command */
	bool refused;
	bool handled; /* a shell or another interpreter was found in its place */

	/* The command that walk_to has found: */
	const struct program *p; /* or NULL: it is not in the table */
	struct bytes name;	 /* without folders, a language's without its version */
	size_t at, next;	 /* its word, and the one after its options and operands */
	bool code_given;	 /* by an option, or in a file */
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

static bool is_in(struct bytes b, const char *list)
{
	return list != NULL && is_listed(b, list);
}

static const struct program *find_name(struct bytes name)
{
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (is_listed(name, programs[i].names))
			return &programs[i];
	return NULL;
}

static const struct program *find_program(struct bytes word, struct bytes *name)
{
	const struct program *p = find_name(*name = base_name(word));
	struct bytes language = *name;

	if (p != NULL)
		return p;
	while (language.len > 0 && (is_digit(language.p[language.len - 1]) ||
				    language.p[language.len - 1] == '.'))
		language.len--;
	p = find_name(language);
	if (p == NULL || p->fix == NULL)
		return NULL;
	*name = language;
	return p;
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

/* Refuse the placeholder, or only warn. */
__attribute__((format(printf, 4, 5))) static void
report(struct walker *x, const struct code_ref *r, bool refuse, const char *fmt, ...)
{
	char text[1024];
	size_t n = 0;
	va_list ap;

	if (x->quiet)
		return;
	if (r->column > 0)
		n = (size_t)snprintf(text, 32, "column %zu: ", r->column);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof text - n, fmt, ap);
	va_end(ap);
	if (!refuse)
		strv_add(x->c->warnings, text);
	else if (!x->refused)
		err_usage(x->c->err, "%s", text);
	x->refused |= refuse;
}

/* For shells that are no Bourne shells, which quote otherwise: a copy is no better. */
static void refuse_foreign(struct walker *x, const struct code_ref *r, const char *command)
{
	size_t n = strlen(r->name);
	bool copy = n > 4 && strcmp(r->name + n - 4, ":sh}") == 0;

	report(x, r, true,
	       "%s is inside the code of '%s', which would parse its characters; pass it in a "
	       "variable that the code reads: env V=%.*s%s %s '...' (or use --allow-nested)",
	       r->name, command, (int)(copy ? n - 4 : n), r->name, copy ? "}" : "", command);
}

static void refuse(struct walker *x, const struct code_ref *r, const char *command)
{
	const char *copy = quoted_name(x, r->name);

	if (strstr(command, " -c") != NULL)
		report(x, r, true,
		       "%s is inside the code of '%s', which would parse its characters; pass "
		       "it as an argument: %s '... \"$1\" ...' sh %s (or write %s, a "
		       "shell-quoted copy, or use --allow-nested)",
		       r->name, command, command, r->name, copy);
	else
		report(x, r, true,
		       "%s is inside the code of '%s', which would parse its characters; write "
		       "%s, a shell-quoted copy (or use --allow-nested)",
		       r->name, command, copy);
}

/* In fix, {} is the placeholder. */
static void warn(struct walker *x, const struct code_ref *r, struct bytes command,
		 const char *fix)
{
	const char *hole = strstr(fix, "{}");
	int before = hole != NULL ? (int)(hole - fix) : (int)strlen(fix);

	if (!r->waived)
		report(x, r, false,
		       "%s is inside the code of '%.*s', which parses its characters; %.*s%s%s",
		       r->name, (int)command.len, command.p, before, fix, hole != NULL ? r->name : "",
		       hole != NULL ? hole + 2 : "");
}

/* --- a shell-quoted copy in its code */

static int match_ref(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	(void)arg;
	m->sh = true;
	return len > 0 && *s == WORD_REF;
}

/* What is around a token, if it is not just commands; NULL: a plain word. */
static const char *surroundings(enum nesting nesting, const char *around)
{
	static const char *const names[] = {
	    [NEST_SINGLE] = "quotes",
	    [NEST_DOUBLE] = "quotes",
	    [NEST_ANSI] = "quotes",
	    [NEST_HEREDOC] = "a here-document",
	    [NEST_BACKQUOTE] = "backquotes",
	    [NEST_BRACE] = "an expansion",
	    [NEST_SUBSCRIPT] = "an expansion",
	    [NEST_ARITHMETIC] = "arithmetic",
	    [NEST_ARITHMETIC_COMMAND] = "arithmetic",
	    [NEST_OLD_ARITHMETIC] = "arithmetic",
	    [NEST_PATTERN] = "a pattern",
	};

	return names[nesting] != NULL ? names[nesting] : around;
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
			k = find_places(t, i + 1, p->end, surroundings(p->nesting, around),
					where, k, n);
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
		if (where[i] == NULL || !w->refs[i].sh || w->refs[i].waived)
			continue;
		if (strcmp(where[i], "quotes") == 0)
			report(x, &w->refs[i], true,
			       "%s is inside quotes in the code of '%s', which end at its own "
			       "quotes; write it outside of them",
			       w->refs[i].name, command);
		else
			report(x, &w->refs[i], true,
			       "%s is inside %s in the code of '%s', where a shell-quoted copy "
			       "is not one word; put it where a plain word is allowed",
			       w->refs[i].name, where[i], command);
	}
	free(tokens.v);
}

/* --- code in a word */

static void check_code(struct walker *x, size_t i, const char *command)
{
	const struct code_word *w = &x->w[i];
	bool copies = false;

	if (x->c->allow_nested)
		return;
	for (size_t k = 0; k < w->n; k++) {
		copies |= w->refs[k].sh;
		if (!w->refs[k].sh && !w->refs[k].waived)
			refuse(x, &w->refs[k], command);
	}
	if (copies && !x->refused)
		check_copies(x, w, command);
}

/* For messages: "su -c". */
static const char *command_name(const struct walker *x, struct bytes name, const char *option)
{
	size_t size = name.len + strlen(option) + 1;
	char *text = arena_alloc(x->c->arena, size);

	snprintf(text, size, "%.*s%s", (int)name.len, name.p, option);
	return text;
}

/* The word at i is code for the command.  If it is nothing but the value, that is what
 * the user asked for, except in a language, which has other ways. */
static void check_word(struct walker *x, size_t i, const char *option)
{
	if (i >= x->n || x->w[i].n == 0)
		return;
	if (x->p->fix != NULL)
		warn(x, &x->w[i].refs[0], x->name, x->p->fix);
	else if (!is_lone(x->w[i].text))
		check_code(x, i, command_name(x, x->name, option));
}

/* --- options and operands */

/* Is b an option whose argument is code?  -c, --command, -lc; *attached is that its
 * argument is in the same word. */
static bool is_code_option(const struct program *p, struct bytes b, bool *attached)
{
	const char *equals = memchr(b.p, '=', b.len);

	if (is_long(b)) {
		*attached = equals != NULL;
		return is_in((struct bytes){b.p, *attached ? (size_t)(equals - b.p) : b.len},
			     p->code);
	}
	for (size_t k = 1; *b.p == '-' && k < b.len && is_alpha(b.p[k]); k++)
		if (is_in((struct bytes){(char[]){'-', b.p[k]}, 2}, p->code)) {
			*attached = k + 1 < b.len;
			return true;
		}
	return false;
}

static size_t skip_option(struct walker *x, size_t i)
{
	struct bytes b = x->w[i].text;
	bool attached;

	if (is_code_option(x->p, b, &attached)) {
		i += !attached;
		if (!starts_with(b, "--checkpoint-action=") ||
		    starts_with(b, "--checkpoint-action=exec="))
			check_word(x, i, starts_with(bytes_str(x->p->code), "-c") ? " -c" : "");
		x->handled = x->code_given = true;
	} else if (x->p->then == THEN_CODE && is_listed(b, "-f --from-file")) {
		i++;
		x->code_given = true;
	} else if (is_listed(b, "--arg --argjson --slurpfile --rawfile")) {
		i += 2;
	} else {
		i += is_in(b, x->p->valued);
	}
	return i + 1;
}

/* env BASH_ENV={} bash: the shell runs what the variable says. */
static void check_variable(struct walker *x, size_t i)
{
	struct bytes name = {x->w[i].text.p, name_length(x->w[i].text)};

	if (is_listed(name, "BASH_ENV ENV ZDOTDIR PS4 PROMPT_COMMAND SHELLOPTS") &&
	    x->w[i].n > 0 && !x->c->allow_nested && !x->w[i].refs[0].waived)
		refuse(x, &x->w[i].refs[0], command_name(x, name, ""));
}

/* The index after the options and operands of the command. */
static size_t skip_words(struct walker *x)
{
	bool sets = is_listed(x->name, "env sudo doas");
	size_t operands = x->p->operands, i = x->at + 1;

	while (i < x->n) {
		struct bytes b = x->w[i].text;

		if (bytes_is(b, "--")) {
			i++;
			if (operands == 0)
				break;
		} else if (is_option(b)) {
			i = skip_option(x, i);
		} else if (sets && is_assignment(b)) {
			check_variable(x, i++);
		} else if (operands > 0) {
			i++;
			if (--operands == 0 && x->p->then == THEN_REMOTE)
				break;
		} else {
			break;
		}
	}
	return i;
}

/* Find the command at k, or the one that it runs; false: there is none. */
static bool walk_to(struct walker *x, size_t k)
{
	for (x->at = k; x->at < x->n; x->at = x->next) {
		x->p = find_program(x->w[x->at].text, &x->name);
		x->code_given = false;
		if (x->p == NULL || x->p->then == THEN_SHELL)
			return true;
		x->next = skip_words(x);
		if (x->p->then != THEN_COMMAND)
			return true;
	}
	return false;
}

/* --- programs of each kind */

/* "sh -c CODE": false when it is no shell, or runs no code. */
static bool check_shell(struct walker *x, size_t k)
{
	struct bytes name;
	const struct program *p = find_program(x->w[k].text, &name);
	const char *command = command_name(x, name, " -c");
	bool has_code = false;
	size_t i = k + 1;

	while (i < x->n && is_option(x->w[i].text)) {
		struct bytes b = x->w[i++].text;

		if (is_listed(b, "--rcfile --init-file --emulate"))
			i++;
		else if (is_in(b, p->code))
			has_code = true;
		else if (!is_long(b))
			for (size_t n = 1; n < b.len; n++) {
				has_code |= b.p[n] == 'c' && *b.p == '-';
				i += is_one_of(b.p[n], "oO") && b.len < 12;
			}
		if (bytes_is(b, "--"))
			break;
	}
	if (!has_code || i >= x->n)
		return false;
	if (is_lone(x->w[i].text))
		return true;
	for (size_t n = 0; p->code != NULL && !x->c->allow_nested && n < x->w[i].n; n++)
		if (!x->w[i].refs[n].waived)
			refuse_foreign(x, &x->w[i].refs[n], command);
	check_code(x, i, command);
	return true;
}

/* The words after the host are joined and parsed by the shell there. */
static void check_remote(struct walker *x)
{
	size_t i = x->at;

	for (; i < x->next && i < x->n; i++)
		if (starts_with(x->w[i].text, "ProxyCommand=") ||
		    starts_with(x->w[i].text, "LocalCommand="))
			check_code(x, i, "ssh -o");
	for (; i < x->n; i++)
		for (size_t n = 0; n < x->w[i].n; n++) {
			const struct code_ref *r = &x->w[i].refs[n];
			char fix[128];

			if (r->sh) {
				check_copies(x, &x->w[i], "ssh");
				continue;
			}
			snprintf(fix, sizeof fix, "write %s, a shell-quoted copy",
				 quoted_name(x, r->name));
			warn(x, r, bytes_str("ssh"), fix);
			return;
		}
}

static void check_git(struct walker *x)
{
	for (size_t i = x->at + 1; i < x->n; i++) {
		struct bytes b = x->w[i].text;

		if (memmem(b.p, b.len, "=!", 2) != NULL || starts_with(b, "!") ||
		    starts_with(b, "core.sshCommand=") || starts_with(b, "core.pager=") ||
		    starts_with(b, "core.editor=") || starts_with(b, "--exec=") ||
		    (i > x->at + 1 && !is_option(b) &&
		     is_listed(x->w[i - 1].text, "foreach --exec -x")))
			check_code(x, i, "git");
	}
}

static void walk_command(struct walker *x, size_t k)
{
	if (!walk_to(x, k) || x->p == NULL)
		return;
	switch (x->p->then) {
	case THEN_SHELL:
		check_shell(x, x->at);
		break;
	case THEN_LINE:
		for (size_t i = x->next; i < x->n; i++)
			check_word(x, i, "");
		break;
	case THEN_WORDS:
		for (size_t i = x->at + 1; i < x->n; i++)
			check_code(x, i, command_name(x, x->name, ""));
		break;
	case THEN_CODE:
		if (!x->code_given)
			check_word(x, x->next, "");
		break;
	case THEN_REMOTE:
		check_remote(x);
		break;
	case THEN_FIND:
		for (size_t i = x->at + 1; i + 1 < x->n; i++)
			if (is_listed(x->w[i].text, "-exec -execdir -ok -okdir"))
				walk_command(x, i + 1);
		break;
	case THEN_GIT:
		check_git(x);
		break;
	case THEN_COMMAND:
	case THEN_NOTHING:
		break;
	}
	x->handled = true;
}

/* --- all words of a command */

/* A shell among the words of a command that is not in the table. */
static void warn_of_shell(struct walker *x, size_t shell)
{
	static const char plain[] = "echo printf : test [ cat ls cp mv rm grep which type "
				    "command man ln install mkdir touch";

	if (is_listed(base_name(x->w[0].text), plain))
		return;
	for (size_t i = shell + 1; i < x->n; i++)
		if (x->w[i].n > 0 && !is_lone(x->w[i].text) && !x->w[i].refs[0].sh) {
			warn(x, &x->w[i].refs[0], base_name(x->w[shell].text),
			     "if it does, pass it as an argument of its own: {}");
			return;
		}
}

static size_t first_word(const struct walker *x)
{
	size_t k = 0;

	while (k < x->n && is_assignment(x->w[k].text))
		k++;
	return k;
}

int code_check_words(const struct code_check *c, const struct code_word *w, size_t n)
{
	struct walker x = {.c = c, .w = w, .n = n};
	size_t first = first_word(&x), refs = 0;
	const struct program *p;
	struct bytes name;

	for (size_t i = 0; i < n; i++)
		refs += w[i].n;
	if (refs == 0)
		return 0;
	walk_command(&x, first);
	/* "docker run IMAGE sh -c CODE" */
	for (size_t i = first + 1; i < n && !x.refused; i++) {
		p = find_program(w[i].text, &name);
		if (p != NULL && p->then == THEN_SHELL && *w[i].text.p != WORD_EXPANSION &&
		    !check_shell(&x, i) && !x.handled)
			warn_of_shell(&x, i);
	}
	return x.refused ? -1 : 0;
}

/* --- what a shell reads as its script */

/* Does the command that was found run what it reads? */
static bool reads_script(const struct walker *x)
{
	static const char stdins[] = "/dev/stdin /dev/fd/0 /proc/self/fd/0 -";
	size_t i = x->at + 1;

	if (is_listed(x->name, "at batch crontab"))
		return true;
	if (is_listed(x->name, ". source"))
		return i < x->n && is_listed(x->w[i].text, stdins);
	if (x->p == NULL || x->p->then != THEN_SHELL)
		return false;
	for (; i < x->n && is_option(x->w[i].text) && !bytes_is(x->w[i].text, "-s"); i++)
		if (!is_long(x->w[i].text) &&
		    memchr(x->w[i].text.p, 'c', x->w[i].text.len) != NULL)
			return false;
	return i == x->n || bytes_is(x->w[i].text, "-s") || is_listed(x->w[i].text, stdins);
}

int code_check_input(const struct code_check *c, const struct code_word *w, size_t n,
		     const struct code_word *input)
{
	struct walker x = {.c = c, .w = w, .n = n, .quiet = true};

	if (walk_to(&x, first_word(&x)) && reads_script(&x)) {
		x.w = input;
		x.n = 1;
		x.quiet = false;
		check_code(&x, 0, command_name(&x, x.name, ""));
	}
	return x.refused ? -1 : 0;
}
