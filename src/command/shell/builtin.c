/* SPDX-License-Identifier: ISC */

/* Which builtins are inert, with which words.  Where a builtin takes options, a word that
 * a value can be is allowed only where no option may stand any more.  Most of it is the
 * table at the end; test, printf, set and those that take code or assignments have
 * functions. */

#include <config.h>

#include <stdlib.h>

#include "base/buf.h"
#include "command/shell/grammar.h"

struct builtin {
	const char *names;
	void (*judge)(struct grammar *g, struct command_line *c);
	/* For operands(): */
	void (*operand)(struct grammar *g, struct command_line *c, size_t i);
	const char *options;	  /* words that mean no harm before the operands */
	const char *valued;	  /* and those that a literal word follows */
	enum shell_kind only;	  /* in that shell; 0: in all */
};

static void evaluates(struct grammar *g, const struct command_line *c,
		      enum line_class class)
{
	struct bytes name = c->v[c->k].text;

	judge_evaluates(g, class, c->v[c->k].token, "'%.*s'", (int)name.len, name.p);
}

static bool is_option(const struct cmd_word *w)
{
	return w->text.len > 1 && is_one_of(*w->text.p, "-+");
}

/* Nothing but a placeholder: what it is can be checked for each value. */
static bool is_alone(const struct cmd_word *w)
{
	return w->text.len == 1 && *w->text.p == WORD_REF;
}

static void refuse_name(struct grammar *g, const struct cmd_word *w, struct bytes command)
{
	if (word_marker(g, w) > 0)
		judge_refuse(g, word_marker(g, w),
			     "a placeholder cannot name a variable ('%.*s' would evaluate it)",
			     (int)command.len, command.p);
}

static void refuse_names(struct grammar *g, const struct command_line *c, size_t from)
{
	for (size_t i = from; i < c->n; i++)
		refuse_name(g, &c->v[i], c->v[c->k].text);
}

/* --- operands, all of one kind */

/* A number that some shells compute. */
static void number(struct grammar *g, struct command_line *c, size_t i)
{
	const struct cmd_word *w = &c->v[i];

	word_check(g, w, PLACE_INTEGER);
	if ((g->traits & EVALUATES_NUMBERS) && !is_alone(w) &&
	    !(word_is_literal(w) && (is_option(w) || word_is(w, "unlimited"))) &&
	    !word_is_number(g, w, "an operand"))
		evaluates(g, c, LINE_EXPRESSION);
}

static void expression(struct grammar *g, struct command_line *c, size_t i)
{
	word_check(g, &c->v[i], PLACE_INTEGER);
	evaluates(g, c, LINE_EXPRESSION);
}

static void literal(struct grammar *g, struct command_line *c, size_t i)
{
	if ((g->traits & EVALUATES_TEST) && !word_is_literal(&c->v[i]) &&
	    !word_is_number(g, &c->v[i], "an operand"))
		evaluates(g, c, LINE_CODE);
}

/* wait PID...; bash's wait -p NAME evaluates the name. */
static void process(struct grammar *g, struct command_line *c, size_t i)
{
	const struct cmd_word *w = &c->v[i];

	if (word_is(&c->v[i - 1], "-p"))
		refuse_name(g, w, c->v[c->k].text);
	if ((g->traits & EVALUATES_NAMES) && (!word_is_literal(w) || is_option(w)) &&
	    !word_is_number(g, w, "an operand"))
		evaluates(g, c, LINE_EXPRESSION);
}

static void unset_name(struct grammar *g, struct command_line *c, size_t i)
{
	refuse_names(g, c, i);
	if (!is_name(c->v[i].text))
		evaluates(g, c, LINE_EXPRESSION);
}

static void assigned_name(struct grammar *g, struct command_line *c, size_t i)
{
	unset_name(g, c, i);
	if (is_name(c->v[i].text))
		judge_assigned(g, c->v[i].token, c->v[i].text, false);
}

static void none(struct grammar *g, struct command_line *c, size_t i)
{
	(void)i;
	evaluates(g, c, LINE_CODE);
}

/* Of mapfile, of which bash alone is known.  An option can be code there. */
static void array_name(struct grammar *g, struct command_line *c, size_t i)
{
	refuse_names(g, c, i);
	if (g->d->kind == SHELL_BASH && is_name(c->v[i].text))
		assigned_name(g, c, i);
	else
		none(g, c, i);
}

static void operands(struct grammar *g, struct command_line *c)
{
	const struct builtin *b = c->builtin;
	size_t i = c->k + 1;

	while (b->options != NULL && i < c->n)
		if (is_listed(c->v[i].text, b->options))
			i++;
		else if (i + 1 < c->n && is_listed(c->v[i].text, b->valued) &&
			 word_is_literal(&c->v[i + 1]))
			i += 2;
		else
			break;
	for (; b->operand != NULL && i < c->n; i++)
		b->operand(g, c, i);
}

static void getopts(struct grammar *g, struct command_line *c)
{
	size_t name = c->k + 2;

	if (name >= c->n || word_marker(g, &c->v[name - 1]) > 0 ||
	    word_marker(g, &c->v[name]) > 0)
		refuse_names(g, c, c->k + 1);
	if (name >= c->n || !word_is_literal(&c->v[name - 1]))
		evaluates(g, c, LINE_EXPRESSION);
	else
		assigned_name(g, &(struct command_line){.v = c->v, .n = name + 1, .k = c->k}, name);
}

/* print -r -- WORD...; with -f the words are numbers at times. */
static void print(struct grammar *g, struct command_line *c)
{
	size_t i = c->k + 1;

	while (i < c->n && is_listed(c->v[i].text, "-r -n -l -rn -rl -nr"))
		i++;
	if (i < c->n && is_listed(c->v[i].text, "-- -"))
		return;
	for (; i < c->n; i++) {
		if (word_is(&c->v[c->k + 1], "-f"))
			word_check(g, &c->v[i], PLACE_NUMBER);
		if (!word_is_literal(&c->v[i]))
			none(g, c, i);
	}
}

/* --- export, readonly, local, and those that give types, which are not inert */

static bool has_type(struct bytes option)
{
	for (size_t i = 1; i < option.len; i++)
		if (!is_one_of(option.p[i], "xrgp"))
			return true;
	return false;
}

static bool is_array(const struct grammar *g, struct bytes name)
{
	for (size_t i = 0; i < g->arrays.n; i++)
		if (bytes_is(name, g->arrays.v[i]))
			return true;
	return false;
}

static void declared(struct grammar *g, struct command_line *c, struct cmd_word *w)
{
	struct bytes name = {w->text.p, name_length(w->text)}, command = c->v[c->k].text;

	if (!g->anchor)
		g->out->notes[w->token].repeats = false;
	if (is_name(w->text))
		return;
	if (!is_assignment(w->text)) {
		refuse_name(g, w, command);
		evaluates(g, c, LINE_EXPRESSION);
		return;
	}
	judge_assignment(g, w);
	if ((g->traits & SPLITS_DECLARATIONS) && !word_is_one(g, w))
		judge_evaluates(g, LINE_CODE, w->token, "an unquoted expansion after '%.*s'",
				(int)command.len, command.p);
	if (is_array(g, name))
		evaluates(g, c, LINE_EXPRESSION);
}

static void declare(struct grammar *g, struct command_line *c)
{
	bool exports = word_is(&c->v[c->k], "export");
	bool typed = !is_listed(c->v[c->k].text, "export readonly local");

	for (size_t i = c->k + 1; i < c->n && !g->failed; i++) {
		struct cmd_word *w = &c->v[i];

		if (!is_option(w) || !word_is_literal(w)) {
			declared(g, c, w);
			continue;
		}
		typed |= has_type(w->text);
		if (!exports && memchr(w->text.p, 'n', w->text.len) != NULL)
			refuse_names(g, c, i + 1);
	}
	if (typed)
		evaluates(g, c, LINE_EXPRESSION);
}

/* --- set */

/* -o, -euo: the name of an option follows. */
static bool wants_name(const struct cmd_word *w)
{
	return is_option(w) && memchr(w->text.p, 'o', w->text.len) != NULL;
}

static bool is_harmless_flag(const struct cmd_word *w, const struct cmd_word *before)
{
	if (wants_name(before))
		return is_listed(w->text, "pipefail errexit nounset xtrace noglob noclobber "
					  "allexport verbose posix");
	for (size_t i = 1; i < w->text.len; i++)
		if (!is_one_of(w->text.p[i], "euxfCavo"))
			return false;
	return is_option(w);
}

static void set(struct grammar *g, struct command_line *c)
{
	size_t i = c->k + 1;

	while (i < c->n && is_harmless_flag(&c->v[i], &c->v[i - 1]))
		i++;
	if (i == c->n || word_is(&c->v[i], "--"))
		return;
	if (word_is(&c->v[i], "-A") && i + 1 < c->n)
		refuse_name(g, &c->v[i + 1], c->v[c->k].text);
	/* Else parameters follow. */
	if (!word_is_literal(&c->v[i]) || c->v[i].text.len == 0 || is_option(&c->v[i]) ||
	    wants_name(&c->v[i - 1]))
		evaluates(g, c, LINE_CODE);
}

/* --- printf */

/* Which of printf's arguments are numbers, by the conversions of its format:
 * one byte each, 'n' or 's'; 'x' is a conversion that is neither. */
static void read_format(struct bytes format, struct buf *kinds)
{
	for (size_t i = 0; i < format.len; i++) {
		if (format.p[i] != '%' || ++i == format.len || format.p[i] == '%')
			continue;
		if (format.p[i] == '(') /* bash: %(TIME)T */
			while (i + 1 < format.len && format.p[i] != ')')
				i++;
		for (; i < format.len && is_one_of(format.p[i], "#-+ 0123456789.*')hlLjzt");
		     i++)
			if (format.p[i] == '*')
				buf_addc(kinds, 'n');
		if (i < format.len)
			buf_addc(kinds, is_one_of(format.p[i], "sbqQTc")	? 's'
					: is_one_of(format.p[i], "diouxXeEfFgGaA") ? 'n'
										     : 'x');
	}
}

static void printed_number(struct grammar *g, const struct cmd_word *w)
{
	if (w->text.len > 0 && is_one_of(*w->text.p, "'\""))
		return; /* a character's code */
	word_check(g, w, PLACE_NUMBER);
	if (!is_alone(w) && !word_is_number(g, w, "printf"))
		judge_evaluates(g, LINE_EXPRESSION, w->token, "a number of printf");
}

static void formatted(struct grammar *g, struct command_line *c, size_t format)
{
	struct buf kinds = BUF_INIT;
	bool numbers, any_of_them = false;

	read_format(c->v[format].text, &kinds);
	if (kinds.len > 0 && memchr(kinds.data, 'x', kinds.len) != NULL)
		judge_evaluates(g, LINE_EXPRESSION, c->v[format].token, "a format of printf");
	numbers = (g->traits & EVALUATES_PRINTF) && kinds.len > 0 &&
		  memchr(kinds.data, 'n', kinds.len) != NULL;
	for (size_t i = format + 1; numbers && i < c->n; i++) {
		/* After one that is any number of words, all meet any conversion. */
		any_of_them |= !word_is_one(g, &c->v[i]);
		if (any_of_them || kinds.data[(i - format - 1) % kinds.len] == 'n')
			printed_number(g, &c->v[i]);
	}
	buf_clear(&kinds);
}

static void print_formatted(struct grammar *g, struct command_line *c)
{
	size_t format = c->k + 1;

	if (format + 1 < c->n && word_is(&c->v[format], "-v")) {
		refuse_name(g, &c->v[format + 1], bytes_str("printf -v"));
		if (g->d->kind == SHELL_BASH && is_name(c->v[format + 1].text))
			judge_assigned(g, c->v[format + 1].token, c->v[format + 1].text, false);
		else
			evaluates(g, c, LINE_EXPRESSION);
		format += 2;
	}
	format += format < c->n && word_is(&c->v[format], "--");
	if (format >= c->n)
		return;
	for (size_t i = format + 1; word_marker(g, &c->v[format]) > 0 && i < c->n; i++)
		if (word_marker(g, &c->v[i]) > 0)
			judge_refuse(g, word_marker(g, &c->v[format]),
				     "a placeholder in printf's format says how the others are "
				     "read; write printf '%%s' {}");
	if (word_is_literal(&c->v[format]) && !is_option(&c->v[format]))
		formatted(g, c, format);
	else if (c->n > format + 1 || !word_is_one(g, &c->v[format]))
		evaluates(g, c, LINE_EXPRESSION); /* a lone format has nothing to compute */
}

/* --- test, [ and [[ ]] */

static const char unary[] = "-n -z -f -d -e -r -w -x -s -h -L -p -S -b -c -g -k -u -O -G -N";
static const char binary[] = "= == != -nt -ot -ef < > -eq -ne -lt -le -gt -ge";

static void compared(struct grammar *g, const struct cmd_word *w, unsigned trait,
		     const char *what)
{
	word_check(g, w, PLACE_INTEGER);
	if ((g->traits & trait) && !is_alone(w) && !word_is_number(g, w, what))
		judge_evaluates(g, LINE_EXPRESSION, w->token, "an operand of %s", what);
}

/* What computes or takes a variable's name, wherever it is. */
static void test_operators(struct grammar *g, struct command_line *c, size_t from,
			   unsigned trait, const char *command)
{
	for (size_t i = from; i < c->n && !g->failed; i++) {
		struct bytes op = c->v[i].text;
		bool compares = is_listed(op, "-eq -ne -lt -le -gt -ge");

		if (compares && i > from)
			compared(g, &c->v[i - 1], trait, "a comparison");
		if (i + 1 == c->n)
			return;
		if (compares)
			compared(g, &c->v[i + 1], trait, "a comparison");
		else if (is_listed(op, "-v -R"))
			refuse_name(g, &c->v[i + 1], bytes_str(command));
		else if (bytes_is(op, "-t"))
			compared(g, &c->v[i + 1], EVALUATES_TEST, "-t");
	}
}

/* A, -f A, A = B, after one ! or, in [[ ]], several. */
static bool is_known_test(const struct grammar *g, const struct command_line *c, size_t from,
			  bool brackets)
{
	const struct cmd_word *w = c->v;

	while (from < c->n && word_is(&w[from], "!")) {
		from++;
		if (!brackets)
			break;
	}
	switch (c->n - from) {
	case 0:
		return brackets;
	case 1:
		return true;
	case 2:
		return is_listed(w[from].text, unary) ||
		       (word_is(&w[from], "-t") && is_digits(w[from + 1].text));
	case 3:
		return is_listed(w[from + 1].text, binary) ||
		       (brackets && (g->traits & HAS_REGEX) && word_is(&w[from + 1], "=~"));
	default:
		return false;
	}
}

static void test(struct grammar *g, struct command_line *c)
{
	const char *name = word_is(&c->v[c->k], "[") ? "[" : "test";
	/* [ x -eq 1 ] takes nothing but digits in bash. */
	unsigned trait = g->d->kind == SHELL_BASH ? 0 : EVALUATES_TEST;
	size_t from = c->k + 1;
	struct command_line inner = *c;
	bool known;

	for (size_t i = from; i < c->n; i++) {
		if (!g->anchor)
			g->out->notes[c->v[i].token].repeats = false;
		if (i > from && word_marker(g, &c->v[i]) > 0 && word_marker(g, &c->v[i - 1]) > 0)
			judge_refuse(g, word_marker(g, &c->v[i - 1]),
				     "a placeholder cannot be an operator of '%s'", name);
	}
	inner.n -= *name == '[' && c->n > from && word_is(&c->v[c->n - 1], "]");
	test_operators(g, &inner, from, trait, name);
	if (!(g->traits & EVALUATES_TEST))
		return;
	known = is_known_test(g, &inner, from, false);
	for (size_t i = from; known && i < inner.n; i++)
		known = word_is_one(g, &inner.v[i]) || word_is_number(g, &inner.v[i], "a test");
	if (!known)
		judge_evaluates(g, LINE_EXPRESSION, c->v[c->k].token, "'%s'", name);
}

/* [[ ]]: one clause between its && and ||, whose operators are fixed. */
void judge_condition(struct grammar *g, struct command_line *c)
{
	size_t from = 0;

	while (from < c->n && word_is(&c->v[from], "!"))
		from++;
	test_operators(g, c, from, EVALUATES_ARITHMETIC, "[[");
	if (!is_known_test(g, c, 0, true))
		judge_evaluates(g, LINE_EXPRESSION, c->v[0].token, "a condition in [[ ]]");
}

/* --- code */

static int match_ref(void *arg, const char *s, size_t len, struct shell_marker *m)
{
	(void)arg;
	m->sh = true;
	return len > 0 && *s == WORD_REF;
}

/* Judge a text that this shell runs later as part of the line. */
static void judge_text(struct grammar *g, size_t token, struct bytes text)
{
	struct token_input in = {.line = text,
				 .match = match_ref,
				 .ansi_quotes = g->traits & HAS_ANSI_QUOTES,
				 .arena = g->a};
	const struct tokens *outer = g->t;
	size_t anchor = g->anchor;
	struct tokens inner = {0};
	struct err err;

	tokens_read(&inner, &in, &err);
	if (inner.failed || anchor > 0) {
		judge_evaluates(g, LINE_CODE, token, "code");
	} else {
		g->anchor = g->t->v[token].column;
		g->t = &inner;
		judge_tokens(g);
		g->t = outer;
		g->anchor = anchor;
	}
	free(inner.v);
}

/* All of it is fixed but for shell-quoted copies. */
static bool is_fixed_code(const struct grammar *g, const struct cmd_word *w)
{
	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_MARKER ? !p->marker.sh || p->marker.raw
		    : p->kind != TOKEN_TEXT &&
			  !((p->kind == TOKEN_OPEN || p->kind == TOKEN_CLOSE) &&
			    p->nesting < NEST_ANSI))
			return false;
	}
	return true;
}

static void eval(struct grammar *g, struct command_line *c)
{
	struct buf code = BUF_INIT;

	for (size_t i = c->k + 1; i < c->n; i++) {
		if (!is_fixed_code(g, &c->v[i]))
			evaluates(g, c, LINE_CODE);
		buf_addb(&code, c->v[i].text);
		buf_addc(&code, ' ');
	}
	if (code.len > 0)
		judge_text(g, c->v[c->k].token, arena_bytes(g->a, buf_bytes(&code)));
	buf_clear(&code);
}

static void trap(struct grammar *g, struct command_line *c)
{
	size_t i = c->k + 1;

	i += i < c->n && word_is(&c->v[i], "--");
	if (i >= c->n || (i + 1 == c->n && word_is_literal(&c->v[i])) ||
	    is_listed(c->v[i].text, "- -p -l"))
		return;
	if (!is_fixed_code(g, &c->v[i]))
		evaluates(g, c, LINE_CODE);
	else
		judge_text(g, c->v[i].token, c->v[i].text);
}

/* A file of fixed name is someone's program, unless it is one that the line writes;
 * its parameters may be anything. */
static void source(struct grammar *g, struct command_line *c)
{
	const struct cmd_word *file = &c->v[c->k + 1];

	if (c->n <= c->k + 1)
		return;
	if (!word_is_literal(file) || word_is(file, "-") ||
	    memmem(file->text.p, file->text.len, "/fd/", 4) != NULL ||
	    memmem(file->text.p, file->text.len, "/dev/", 5) != NULL)
		evaluates(g, c, LINE_CODE);
	g->source = file->token;
	g->sources = true;
}

/* --- all of them */

static const struct builtin builtins[] = {
    {"echo : true false pwd cd type cat basename dirname mkdir realpath rename mknod",
     .judge = operands},
    {"printf", .judge = print_formatted},
    {"[ test", .judge = test},
    {"read", .judge = operands, .operand = assigned_name, .only = SHELL_BASH,
     .options = "-r -s -rs -e", .valued = "-d -rd -n -N -t -u -p"},
    {"read", .judge = operands, .operand = assigned_name, .only = SHELL_DASH,
     .options = "-r", .valued = "-p"},
    {"read", .judge = operands, .operand = assigned_name, .options = "-r", .valued = ""},
    {"export readonly local declare typeset integer float nameref", .judge = declare},
    {"set", .judge = set},
    {"shift exit return break continue ulimit logout bye sleep", .judge = operands,
     .operand = number},
    {"let", .judge = operands, .operand = expression},
    {"kill umask hash times jobs", .judge = operands, .operand = literal},
    {"wait", .judge = operands, .operand = process},
    {"unset", .judge = operands, .operand = unset_name, .options = "-v -f", .valued = ""},
    {"getopts", .judge = getopts},
    {"mapfile readarray", .judge = operands, .operand = array_name,
     .options = "-t", .valued = ""},
    {"shopt", .judge = operands, .operand = none, .valued = "",
     .options = "-s -u -q nullglob dotglob failglob globstar nocaseglob nocasematch "
		"lastpipe inherit_errexit"},
    {"print", .judge = print},
    {"eval", .judge = eval},
    {"trap", .judge = trap},
    {". source", .judge = source},
};

/* Commands that would act on the terminal's shell when the line is pasted. */
static void note_effects(struct grammar *g, const struct command_line *c)
{
	static const char words[] = "exit return cd set shift exec trap umask ulimit break "
				    "logout continue export unset alias";

	g->out->changes_shell |=
	    is_listed(c->v[c->k].text, words) || word_is(&c->v[0], "exec");
}

/* A path whatever the values are: no expansion can split it before its slash. */
static bool is_path(const struct grammar *g, const struct cmd_word *w)
{
	size_t quotes = 0;

	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_TEXT && memchr(p->value.p, '/', p->value.len) != NULL)
			return true;
		if (is_quote(p))
			quotes += p->kind == TOKEN_OPEN ? 1 : (size_t)-1;
		else if (p->kind == TOKEN_MARKER ? p->marker.raw
			 : p->kind != TOKEN_TEXT && quotes == 0)
			return false;
		else if (p->kind == TOKEN_OPEN)
			i = p->end;
	}
	return false;
}

static bool is_function(const struct grammar *g, struct bytes name)
{
	for (size_t i = 0; i < g->nfunctions; i++)
		if (bytes_eq(g->functions[i], name))
			return !shell_is_builtin_somewhere(name);
	return false;
}

/* The name of the command comes from a value. */
static void expanded_command(struct grammar *g, struct command_line *c, bool prefixed)
{
	struct cmd_word *w = &c->v[c->k];

	if (prefixed)
		word_check(g, w, PLACE_NO_OPTION);
	if (is_path(g, w))
		return;
	if (is_alone(w))
		word_check(g, w, PLACE_COMMAND);
	else
		judge_evaluates(g, LINE_CODE, w->token, "an expansion as a command");
}

/* ev?l, {eval,x}: files or other words may take its place, or nothing. */
static bool is_pattern(const struct grammar *g, const struct cmd_word *w)
{
	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		for (size_t k = 0; p->kind == TOKEN_TEXT && !p->quoted && k < p->value.len; k++)
			if (is_one_of(p->value.p[k], "*?[{~=^#") && !word_is(w, "["))
				return true;
	}
	return false;
}

static const struct builtin *find_builtin(const struct grammar *g, struct bytes name)
{
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (is_listed(name, builtins[i].names) &&
		    (builtins[i].only == 0 || builtins[i].only == g->d->kind))
			return &builtins[i];
	return NULL;
}

static void fixed_command(struct grammar *g, struct command_line *c)
{
	size_t token = c->v[c->k].token;
	struct bytes name = c->v[c->k].text;
	enum shell_word word;

	if (is_pattern(g, &c->v[c->k])) {
		judge_evaluates(g, LINE_CODE, token, "a pattern as a command");
		return;
	}
	if (is_path(g, &c->v[c->k]) || is_function(g, name))
		return;
	word = shell_look_up(g->d, name);
	c->builtin = find_builtin(g, name);
	if (word == SHELL_WORD_NONE && bytes_is(name, "source"))
		judge_refuse(g, token, "%s has no 'source'; write . instead, or use --shell bash",
			     shell_kind_name(g->d));
	if (c->builtin != NULL && (word == SHELL_WORD_OWN || word == SHELL_WORD_NONE))
		c->builtin->judge(g, c);
	else if (word == SHELL_WORD_OWN)
		evaluates(g, c, LINE_CODE);
	else if (word == SHELL_WORD_ALIAS)
		judge_evaluates(g, LINE_CODE, token, "the alias '%.*s'", (int)name.len, name.p);
}

/* "command", "exec" and "builtin" before the command's own name; false when they
 * are all there is. */
static bool skip_prefixes(struct grammar *g, struct command_line *c)
{
	while (c->k < c->n && is_listed(c->v[c->k].text, "command exec builtin")) {
		bool exec = word_is(&c->v[c->k], "exec");

		if (++c->k < c->n && !exec && is_listed(c->v[c->k].text, "-v -V"))
			return false;
		if (c->k < c->n && word_is(&c->v[c->k], "--"))
			c->k++;
		if (c->k < c->n && is_option(&c->v[c->k]) && word_is_literal(&c->v[c->k])) {
			judge_evaluates(g, LINE_CODE, c->v[c->k].token, "an option of '%s'",
					exec ? "exec" : "command");
			c->k++;
		}
	}
	return c->k < c->n;
}

void judge_builtin(struct grammar *g, struct command_line *c)
{
	size_t first;

	while (c->k < c->n && g->t->v[c->v[c->k].token].role == ROLE_ASSIGNMENT)
		c->k++;
	first = c->k;
	if (!skip_prefixes(g, c)) {
		if (c->n > first)
			note_effects(g, &(struct command_line){.v = c->v, .n = c->n, .k = first});
		return;
	}
	note_effects(g, c);
	if (word_is_literal(&c->v[c->k]))
		fixed_command(g, c);
	else
		expanded_command(g, c, c->k > first);
	if (!g->failed)
		judge_interpreters(g, c);
}
