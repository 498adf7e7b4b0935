/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/buf.h"
#include "command/shell/grammar.h"

/* Which builtins are inert, with which words.  Where a builtin takes options, a
 * word that a value can be is allowed only where no option may stand any more. */

static struct bytes command_name(const struct command_line *c)
{
	return c->v[c->k].text;
}

static void evaluates(struct grammar *g, const struct command_line *c,
		      enum line_class class)
{
	struct bytes name = command_name(c);

	judge_evaluates(g, class, c->v[c->k].token, "'%.*s'", (int)name.len, name.p);
}

static bool is_option(const struct cmd_word *w)
{
	return w->text.len > 1 && is_one_of(*w->text.p, "-+");
}

/* --- words of any kind, or numbers */

static void any(struct grammar *g, struct command_line *c)
{
	(void)g;
	(void)c;
}

static void as_expression(struct grammar *g, struct command_line *c)
{
	evaluates(g, c, LINE_EXPRESSION);
}

/* Operands that some shells compute with. */
static void numbers(struct grammar *g, struct command_line *c)
{
	for (size_t i = c->k + 1; i < c->n; i++) {
		const struct cmd_word *w = &c->v[i];
		bool alone = w->text.len == 1 && *w->text.p == WORD_REF;

		word_check(g, w, PLACE_INTEGER);
		if (!(g->traits & EVALUATES_NUMBERS) || alone ||
		    (word_is_literal(w) && (is_option(w) || word_is(w, "unlimited"))))
			continue;
		if (!word_is_number(g, w, "an operand"))
			as_expression(g, c);
	}
}

static void let(struct grammar *g, struct command_line *c)
{
	for (size_t i = c->k + 1; i < c->n; i++)
		word_check(g, &c->v[i], PLACE_INTEGER);
	as_expression(g, c);
}

static void literals(struct grammar *g, struct command_line *c)
{
	for (size_t i = c->k + 1; i < c->n; i++)
		if (!word_is_literal(&c->v[i]) && !word_is_number(g, &c->v[i], "an operand") &&
		    (g->traits & EVALUATES_TEST))
			evaluates(g, c, LINE_CODE);
}

/* wait PID...; bash's wait -p NAME evaluates the name. */
static void wait_for(struct grammar *g, struct command_line *c)
{
	for (size_t i = c->k + 1; i < c->n; i++) {
		if (i > c->k + 1 && word_is(&c->v[i - 1], "-p") &&
		    word_marker(g, &c->v[i]) > 0)
			judge_refuse_name(g, &c->v[i], "wait");
		if (!word_is_number(g, &c->v[i], "an operand") &&
		    (!word_is_literal(&c->v[i]) || is_option(&c->v[i])) &&
		    (g->traits & EVALUATES_NAMES))
			as_expression(g, c);
	}
}

/* --- names */

static void names(struct grammar *g, struct command_line *c)
{
	for (size_t i = c->k + 1; i < c->n; i++)
		if (word_marker(g, &c->v[i]) > 0)
			judge_refuse_name(g, &c->v[i], arena_dup(g->a, command_name(c).p,
							   command_name(c).len));
}

static void read_names(struct grammar *g, struct command_line *c)
{
	size_t i = c->k + 1;

	names(g, c);
	for (; i < c->n && is_option(&c->v[i]); i++) {
		bool bash = g->d->kind == SHELL_BASH;

		if (word_is(&c->v[i], "-r") || (bash && is_listed(c->v[i].text, "-s -rs -e")))
			continue;
		if (bash && i + 1 < c->n && is_listed(c->v[i].text, "-d -rd -n -N -t -u -p") &&
		    word_is_literal(&c->v[i + 1])) {
			i++;
			continue;
		}
		if (g->d->kind == SHELL_DASH && word_is(&c->v[i], "-p") && i + 1 < c->n) {
			i++;
			continue;
		}
		evaluates(g, c, LINE_EXPRESSION);
	}
	for (; i < c->n; i++)
		if (is_name(c->v[i].text))
			judge_assigned(g, c->v[i].token, c->v[i].text, false);
		else if (!g->failed)
			evaluates(g, c, LINE_EXPRESSION);
}

static void mapfile(struct grammar *g, struct command_line *c)
{
	names(g, c);
	for (size_t i = c->k + 1; i < c->n; i++)
		if (!word_is(&c->v[i], "-t") && !is_name(c->v[i].text))
			evaluates(g, c, LINE_CODE);
		else if (is_name(c->v[i].text))
			judge_assigned(g, c->v[i].token, c->v[i].text, false);
	if (g->d->kind != SHELL_BASH)
		evaluates(g, c, LINE_CODE);
}

static void unset(struct grammar *g, struct command_line *c)
{
	names(g, c);
	for (size_t i = c->k + 1; i < c->n; i++)
		if (!is_name(c->v[i].text) && !is_listed(c->v[i].text, "-v -f"))
			evaluates(g, c, LINE_EXPRESSION);
}

static void getopts(struct grammar *g, struct command_line *c)
{
	size_t k = c->k;

	if (c->n < k + 3 || word_marker(g, &c->v[k + 1]) > 0 ||
	    word_marker(g, &c->v[k + 2]) > 0)
		names(g, c);
	if (c->n < k + 3 || !word_is_literal(&c->v[k + 1]) || !is_name(c->v[k + 2].text))
		evaluates(g, c, LINE_EXPRESSION);
	else
		judge_assigned(g, c->v[k + 2].token, c->v[k + 2].text, false);
}

/* export, readonly, local, and those that give types, which are not inert. */
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
	struct bytes name = {w->text.p, name_length(w->text)};

	if (!g->anchor)
		g->out->notes[w->token].repeats = false;
	if (word_marker(g, w) > 0 && !is_assignment(w->text)) {
		judge_refuse_name(g, w, arena_dup(g->a, command_name(c).p, command_name(c).len));
	} else if (is_name(w->text)) {
		return;
	} else if (!is_assignment(w->text)) {
		evaluates(g, c, LINE_EXPRESSION);
	} else {
		judge_assignment(g, w);
		if (!word_is_one(g, w) && (g->traits & SPLITS_DECLARATIONS))
			judge_evaluates(g, LINE_CODE, w->token,
					"an unquoted expansion after '%.*s'",
					(int)command_name(c).len, command_name(c).p);
		if (is_array(g, name))
			evaluates(g, c, LINE_EXPRESSION);
	}
}

static void declare(struct grammar *g, struct command_line *c)
{
	bool typed = !is_listed(command_name(c), "export readonly local");

	for (size_t i = c->k + 1; i < c->n && !g->failed; i++) {
		struct cmd_word *w = &c->v[i];

		if (is_option(w) && word_is_literal(w)) {
			typed |= has_type(w->text);
			if (memchr(w->text.p, 'n', w->text.len) != NULL &&
			    !word_is(&c->v[c->k], "export"))
				for (size_t k = i + 1; k < c->n; k++)
					if (word_marker(g, &c->v[k]) > 0)
						judge_refuse_name(g, &c->v[k],
							    arena_dup(g->a, command_name(c).p,
								      command_name(c).len));
			continue;
		}
		declared(g, c, w);
	}
	if (typed)
		evaluates(g, c, LINE_EXPRESSION);
}

/* --- set, shopt */

static bool is_harmless_flag(const struct cmd_word *w, const struct cmd_word *before)
{
	static const char options[] = "pipefail errexit nounset xtrace noglob noclobber "
				      "allexport verbose posix";

	if (word_is(before, "-o") || word_is(before, "+o") || word_is(before, "-eo") ||
	    word_is(before, "-euo"))
		return is_listed(w->text, options);
	for (size_t i = 1; i < w->text.len; i++)
		if (!is_one_of(w->text.p[i], "euxfCavo"))
			return false;
	return is_option(w);
}

static void set(struct grammar *g, struct command_line *c)
{
	size_t i = c->k + 1;

	for (; i < c->n && !word_is(&c->v[i], "--"); i++) {
		if (word_is(&c->v[i], "-A") && i + 1 < c->n &&
		    word_marker(g, &c->v[i + 1]) > 0)
			judge_refuse_name(g, &c->v[i + 1], "set");
		if (word_is_literal(&c->v[i]) && is_harmless_flag(&c->v[i], &c->v[i - 1]))
			continue;
		if (!word_is_literal(&c->v[i]) || c->v[i].text.len == 0 || is_option(&c->v[i]))
			evaluates(g, c, LINE_CODE);
		break; /* parameters follow */
	}
}

static void shopt(struct grammar *g, struct command_line *c)
{
	for (size_t i = c->k + 1; i < c->n; i++)
		if (!is_listed(c->v[i].text, "-s -u -q nullglob dotglob failglob globstar "
					     "nocaseglob nocasematch lastpipe inherit_errexit"))
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

static void printed_number(struct grammar *g, struct command_line *c, size_t i)
{
	const struct cmd_word *w = &c->v[i];
	bool alone = w->text.len == 1 && *w->text.p == WORD_REF;

	if (w->text.len > 0 && is_one_of(*w->text.p, "'\""))
		return; /* a character's code */
	word_check(g, w, PLACE_NUMBER);
	if (!alone && !word_is_number(g, w, "printf"))
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
			printed_number(g, c, i);
	}
	buf_clear(&kinds);
}

static void print_formatted(struct grammar *g, struct command_line *c)
{
	size_t format = c->k + 1;

	if (format + 1 < c->n && word_is(&c->v[format], "-v")) {
		if (word_marker(g, &c->v[format + 1]) > 0)
			judge_refuse_name(g, &c->v[format + 1], "printf -v");
		else if (g->d->kind == SHELL_BASH && is_name(c->v[format + 1].text))
			judge_assigned(g, c->v[format + 1].token, c->v[format + 1].text,
				       false);
		else
			evaluates(g, c, LINE_EXPRESSION);
		format += 2;
	}
	if (format < c->n && word_is(&c->v[format], "--"))
		format++;
	if (format >= c->n)
		return;
	for (size_t i = format + 1; word_marker(g, &c->v[format]) > 0 && i < c->n; i++)
		if (word_marker(g, &c->v[i]) > 0)
			judge_refuse(g, word_marker(g, &c->v[format]),
				     "a placeholder in printf's format says how the others are "
				     "read; write printf '%%s' {}");
	if (!word_is_literal(&c->v[format]) || is_option(&c->v[format])) {
		/* A lone format has nothing to compute. */
		if (c->n > format + 1 || !word_is_one(g, &c->v[format]))
			evaluates(g, c, LINE_EXPRESSION);
		return;
	}
	formatted(g, c, format);
}

/* print -r -- WORD...; with -f the words are numbers at times. */
static void print(struct grammar *g, struct command_line *c)
{
	size_t i = c->k + 1;

	for (; i < c->n && is_listed(c->v[i].text, "-r -n -l -rn -rl -nr"); i++)
		;
	if (i < c->n && is_listed(c->v[i].text, "-- -"))
		return;
	for (size_t k = i; k < c->n; k++)
		if (word_is(&c->v[c->k + 1], "-f"))
			word_check(g, &c->v[k], PLACE_NUMBER);
	for (; i < c->n; i++)
		if (!word_is_literal(&c->v[i]))
			evaluates(g, c, LINE_CODE);
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

	if (i < c->n && word_is(&c->v[i], "--"))
		i++;
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
	struct bytes file = c->n > c->k + 1 ? c->v[c->k + 1].text : (struct bytes){"", 0};

	if (c->n <= c->k + 1)
		return;
	if (!word_is_literal(&c->v[c->k + 1]) || bytes_is(file, "-") ||
	    memmem(file.p, file.len, "/fd/", 4) != NULL ||
	    memmem(file.p, file.len, "/dev/", 5) != NULL)
		evaluates(g, c, LINE_CODE);
	g->source = c->v[c->k + 1].token;
	g->sources = true;
}

/* --- all of them */

static const struct builtin {
	const char *names;
	void (*judge)(struct grammar *g, struct command_line *c);
} builtins[] = {
    {"echo : true false pwd cd type cat basename dirname mkdir realpath rename mknod", any},
    {"printf", print_formatted},
    {"[ test", judge_test},
    {"read", read_names},
    {"export readonly local declare typeset integer float nameref", declare},
    {"set", set},
    {"shift exit return break continue ulimit logout bye sleep", numbers},
    {"let", let},
    {"kill umask hash times jobs", literals},
    {"wait", wait_for},
    {"unset", unset},
    {"getopts", getopts},
    {"mapfile readarray", mapfile},
    {"shopt", shopt},
    {"print", print},
    {"eval", eval},
    {"trap", trap},
    {". source", source},
};

/* Commands that would act on the terminal's shell when the line is pasted. */
static void note_effects(struct grammar *g, const struct command_line *c)
{
	static const char words[] = "exit return cd set shift exec trap umask ulimit break "
				    "logout continue export unset alias";

	g->out->changes_shell |=
	    is_listed(command_name(c), words) || word_is(&c->v[0], "exec");
}

/* A path whatever the values are: no expansion can split it before its slash. */
static bool is_path(const struct grammar *g, const struct cmd_word *w)
{
	size_t quotes = 0;

	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_TEXT && memchr(p->value.p, '/', p->value.len) != NULL)
			return true;
		if ((p->kind == TOKEN_OPEN || p->kind == TOKEN_CLOSE) &&
		    p->nesting <= NEST_ANSI)
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
	if (w->text.len == 1 && *w->text.p == WORD_REF)
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

static void fixed_command(struct grammar *g, struct command_line *c)
{
	struct bytes name = command_name(c);
	enum shell_word word;

	if (is_pattern(g, &c->v[c->k])) {
		judge_evaluates(g, LINE_CODE, c->v[c->k].token, "a pattern as a command");
		return;
	}
	if (is_path(g, &c->v[c->k]) || is_function(g, name))
		return;
	word = shell_look_up(g->d, name);
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (word != SHELL_WORD_PROGRAM && word != SHELL_WORD_ALIAS &&
		    is_listed(name, builtins[i].names)) {
			if (word == SHELL_WORD_NONE && is_listed(name, "source"))
				judge_refuse(g, c->v[c->k].token,
					     "%s has no 'source'; write . instead, or use "
					     "--shell bash",
					     shell_kind_name(g->d));
			builtins[i].judge(g, c);
			return;
		}
	if (word == SHELL_WORD_OWN || word == SHELL_WORD_ALIAS)
		judge_evaluates(g, LINE_CODE, c->v[c->k].token,
				word == SHELL_WORD_OWN ? "'%.*s'" : "the alias '%.*s'",
				(int)name.len, name.p);
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
