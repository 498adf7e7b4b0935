/* SPDX-License-Identifier: ISC */

/* The words of a command in a line, and what it reads, as interpreters.h sees them:
 * the placeholders in each, but not those of commands inside it. */

#include <config.h>

#include "command/shell/grammar.h"
#include "command/shell/interpreters.h"

static bool has_commands(const struct token *t)
{
	return t->kind == TOKEN_OPEN &&
	       (t->nesting == NEST_SUBSTITUTION || t->nesting == NEST_BACKQUOTE ||
		t->nesting == NEST_PROCESS || t->nesting == NEST_ARRAY ||
		t->nesting == NEST_PATTERN);
}

/* The pieces from, ..., to - 1 as one word. */
static struct code_word code_word(const struct grammar *g, size_t from, size_t to)
{
	struct code_word w = {tokens_text(g->t, from, to, g->a),
			      arena_alloc(g->a, (to - from + 1) * sizeof *w.refs), 0};

	for (size_t i = from; i < to; i++) {
		const struct token *t = &g->t->v[i];

		if (t->kind == TOKEN_MARKER && !t->marker.raw)
			w.refs[w.n++] = (struct code_ref){
			    arena_dup(g->a, t->text.p, t->text.len), t->marker.sh,
			    t->marker.waived, t->column};
		if (has_commands(t))
			i = t->end;
	}
	return w;
}

static void check_input(struct grammar *g, const struct code_check *check,
			const struct code_word *words, size_t n, size_t open)
{
	struct code_word input = code_word(g, open + 1, g->t->v[open].end);

	if (!g->failed && input.n > 0 && code_check_input(check, words, n, &input) < 0)
		g->failed = true;
}

/* Where the command with the token ends: its operator, or the end of the list. */
static size_t command_end(const struct grammar *g, size_t i)
{
	while (i < g->t->n && g->t->v[i].kind != TOKEN_OPERATOR &&
	       g->t->v[i].kind != TOKEN_CLOSE)
		i = g->t->v[i].kind == TOKEN_OPEN ? g->t->v[i].end + 1 : i + 1;
	return i;
}

void judge_interpreters(struct grammar *g, struct command_line *c)
{
	const struct code_check check = {g->a, g->in->warnings, g->err, g->in->allow_nested};
	struct code_word *words;
	size_t end;

	if (g->anchor > 0 || g->failed)
		return;
	words = arena_alloc(g->a, (c->n + 1) * sizeof *words);
	for (size_t i = 0; i < c->n; i++)
		words[i] = code_word(g, c->v[i].token + 1, g->t->v[c->v[i].token].end);
	if (code_check_words(&check, words, c->n) < 0)
		g->failed = true;
	if (c->here_string > 0)
		check_input(g, &check, words, c->n, c->here_string);
	end = c->heredoc > 0 ? command_end(g, c->heredoc) : 0;
	for (size_t i = end; end > 0 && i < g->t->n; i++)
		if (g->t->v[i].kind == TOKEN_OPEN && g->t->v[i].nesting == NEST_HEREDOC &&
		    g->t->v[i].delimiter >= c->heredoc && g->t->v[i].delimiter < end)
			check_input(g, &check, words, c->n, i);
}
