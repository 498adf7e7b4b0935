/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell/grammar.h"

/* test, [ and [[ ]]. */

void judge_refuse_name(struct grammar *g, const struct cmd_word *w, const char *command)
{
	judge_refuse(g, word_marker(g, w),
		     "a placeholder cannot name a variable ('%s' would evaluate it)", command);
}

static const char unary[] = "-n -z -f -d -e -r -w -x -s -h -L -p -S -b -c -g -k -u -O -G -N";
static const char binary[] = "= == != -nt -ot -ef < >";
static const char comparisons[] = "-eq -ne -lt -le -gt -ge";

static void compared(struct grammar *g, const struct cmd_word *w, unsigned trait,
		     const char *what)
{
	bool alone = w->text.len == 1 && *w->text.p == WORD_REF;

	word_check(g, w, PLACE_INTEGER);
	if ((g->traits & trait) && !alone && !word_is_number(g, w, what))
		judge_evaluates(g, LINE_EXPRESSION, w->token, "an operand of %s", what);
}

/* What computes or takes a variable's name, wherever it stands. */
static void test_operators(struct grammar *g, struct command_line *c, size_t from,
			   const char *command)
{
	for (size_t i = from; i < c->n && !g->failed; i++) {
		if (is_listed(c->v[i].text, comparisons)) {
			unsigned trait = *command == '[' && command[1] == '['
					     ? EVALUATES_ARITHMETIC
					     : EVALUATES_TEST;

			if (g->d->kind == SHELL_BASH && trait == EVALUATES_TEST)
				trait = 0; /* [ x -eq 1 ] takes nothing but digits there */
			if (i > from)
				compared(g, &c->v[i - 1], trait, "a comparison");
			if (i + 1 < c->n)
				compared(g, &c->v[i + 1], trait, "a comparison");
		}
		if (i + 1 < c->n && is_listed(c->v[i].text, "-v -R") &&
		    word_marker(g, &c->v[i + 1]) > 0)
			judge_refuse_name(g, &c->v[i + 1], command);
		if (i + 1 < c->n && word_is(&c->v[i], "-t"))
			compared(g, &c->v[i + 1], EVALUATES_TEST, "-t");
	}
}

/* [ A ], [ -f A ], [ A = B ], each with a ! before it. */
static bool is_fixed_test(struct grammar *g, const struct command_line *c, size_t from)
{
	size_t n;

	for (size_t i = from; i < c->n; i++)
		if (!word_is_one(g, &c->v[i]) && !word_is_number(g, &c->v[i], "a test"))
			return false;
	if (from < c->n && word_is(&c->v[from], "!"))
		from++;
	n = c->n - from;
	return n == 1 || (n == 2 && (is_listed(c->v[from].text, unary) ||
				     (word_is(&c->v[from], "-t") &&
				      is_digits(c->v[from + 1].text)))) ||
	       (n == 3 && (is_listed(c->v[from + 1].text, binary) ||
			   is_listed(c->v[from + 1].text, comparisons)));
}

void judge_test(struct grammar *g, struct command_line *c)
{
	const char *name = word_is(&c->v[c->k], "[") ? "[" : "test";
	struct command_line inner = *c;

	for (size_t i = c->k + 1; i < c->n; i++) {
		if (!g->anchor)
			g->out->notes[c->v[i].token].repeats = false;
		if (word_marker(g, &c->v[i]) > 0 && word_marker(g, &c->v[i - 1]) > 0 &&
		    i - 1 > c->k)
			judge_refuse(g, word_marker(g, &c->v[i - 1]),
				     "a placeholder cannot be an operator of '%s'", name);
	}
	inner.n -= *name == '[' && c->n > c->k + 1 && word_is(&c->v[c->n - 1], "]");
	test_operators(g, &inner, c->k + 1, name);
	if ((g->traits & EVALUATES_TEST) && !is_fixed_test(g, &inner, c->k + 1))
		judge_evaluates(g, LINE_EXPRESSION, c->v[c->k].token, "'%s'", name);
}

/* [[ ]]: one clause between its && and ||, whose operators are fixed. */
void judge_condition(struct grammar *g, struct command_line *c)
{
	size_t from = 0, n;
	bool known;

	while (from < c->n && word_is(&c->v[from], "!"))
		from++;
	n = c->n - from;
	test_operators(g, c, from, "[[");
	if (n == 0)
		return;
	known = n == 1 || (n == 2 && is_listed(c->v[from].text, unary)) ||
		(n == 3 && (is_listed(c->v[from + 1].text, binary) ||
			    is_listed(c->v[from + 1].text, comparisons) ||
			    ((g->traits & HAS_REGEX) && word_is(&c->v[from + 1], "=~"))));
	if (!known)
		judge_evaluates(g, LINE_EXPRESSION, c->v[0].token, "a condition in [[ ]]");
}

