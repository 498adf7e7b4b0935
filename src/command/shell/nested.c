/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell/grammar.h"
#include "command/shell/interpreters.h"

/* The words of a command in a line, for those who know other interpreters. */

static void add_ref(struct grammar *g, struct code_word *w, size_t i)
{
	const struct token *t = &g->t->v[i];

	w->refs[w->n++] = (struct code_ref){
	    .name = arena_dup(g->a, t->text.p, t->text.len),
	    .sh = t->marker.sh,
	    .waived = t->marker.waived,
	    .column = t->column,
	};
}

static bool has_own_frame(const struct token *t)
{
	return t->kind == TOKEN_OPEN &&
	       (t->nesting == NEST_SUBSTITUTION || t->nesting == NEST_BACKQUOTE ||
		t->nesting == NEST_PROCESS || t->nesting == NEST_ARRAY ||
		t->nesting == NEST_PATTERN);
}

/* The placeholders among the pieces, but not those of commands in them. */
static void find_refs(struct grammar *g, struct code_word *w, size_t from, size_t to)
{
	w->refs = arena_alloc(g->a, (to - from + 1) * sizeof *w->refs);
	for (size_t i = from; i < to; i++) {
		const struct token *t = &g->t->v[i];

		if (t->kind == TOKEN_MARKER && !t->marker.raw)
			add_ref(g, w, i);
		if (has_own_frame(t))
			i = t->end;
	}
}

static struct code_word *code_words(struct grammar *g, const struct command_line *c)
{
	struct code_word *words = arena_calloc(g->a, c->n + 1, sizeof *words);

	for (size_t i = 0; i < c->n; i++) {
		words[i].text = c->v[i].text;
		find_refs(g, &words[i], c->v[i].token + 1, g->t->v[c->v[i].token].end);
	}
	return words;
}

/* The body of the next here-document whose delimiter is between the tokens. */
static size_t find_body(const struct grammar *g, size_t from, size_t to, size_t *body)
{
	for (; *body < g->t->n; ++*body) {
		const struct token *t = &g->t->v[*body];

		if (t->kind == TOKEN_OPEN && t->nesting == NEST_HEREDOC &&
		    t->delimiter >= from && t->delimiter < to)
			return *body;
	}
	return 0;
}

/* Where the command with the token ends: its operator, or the end of the list. */
static size_t command_end(const struct grammar *g, size_t i)
{
	for (; i < g->t->n; i++) {
		const struct token *t = &g->t->v[i];

		if (t->kind == TOKEN_OPERATOR || t->kind == TOKEN_CLOSE)
			break;
		if (t->kind == TOKEN_OPEN)
			i = t->end;
	}
	return i;
}

static void check_input(struct grammar *g, const struct code_check *check,
			const struct command_line *c, const struct code_word *words,
			size_t from, size_t to)
{
	struct code_word input = {.text = tokens_text(g->t, from, to, g->a)};

	find_refs(g, &input, from, to);
	if (!g->failed && input.n > 0 && code_check_input(check, words, c->n, &input) < 0)
		g->failed = true;
}

void judge_interpreters(struct grammar *g, struct command_line *c)
{
	struct code_check check = {.arena = g->a,
				   .warnings = g->in->warnings,
				   .err = g->err,
				   .allow_nested = g->in->allow_nested};
	struct code_word *words;
	size_t end, body;

	if (g->anchor > 0 || g->failed)
		return;
	words = code_words(g, c);
	if (code_check_words(&check, words, c->n) < 0)
		g->failed = true;
	if (c->here_string > 0)
		check_input(g, &check, c, words, c->here_string + 1,
			    g->t->v[c->here_string].end);
	end = c->heredoc > 0 ? command_end(g, c->heredoc) : 0;
	for (body = end; end > 0 && find_body(g, c->heredoc, end, &body) > 0; body++)
		check_input(g, &check, c, words, body + 1, g->t->v[body].end);
}
