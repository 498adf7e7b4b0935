/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell/grammar.h"

/* What is known of a word whatever the values in it are. */

bool word_is(const struct cmd_word *w, const char *text)
{
	return bytes_is(w->text, text);
}

bool word_is_literal(const struct cmd_word *w)
{
	for (size_t i = 0; i < w->text.len; i++)
		if (w->text.p[i] == WORD_REF || w->text.p[i] == WORD_EXPANSION)
			return false;
	return true;
}

/* Lists with commands or words of their own. */
static bool is_nested_list(const struct token *t)
{
	return t->kind == TOKEN_OPEN &&
	       (t->nesting == NEST_SUBSTITUTION || t->nesting == NEST_BACKQUOTE ||
		t->nesting == NEST_PROCESS || t->nesting == NEST_ARRAY ||
		t->nesting == NEST_PATTERN);
}

size_t word_marker(const struct grammar *g, const struct cmd_word *w)
{
	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_MARKER && !p->marker.raw)
			return i;
		if (is_nested_list(p))
			i = p->end;
	}
	return 0;
}

void word_check(struct grammar *g, const struct cmd_word *w, enum place_check check)
{
	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_MARKER && !p->marker.number && !g->anchor)
			g->out->notes[i].checks |= check;
		if (is_nested_list(p))
			i = p->end;
	}
}

bool word_has_list(const struct grammar *g, size_t word)
{
	for (size_t i = word + 1; i < g->t->v[word].end; i++) {
		if (g->t->v[i].kind == TOKEN_MARKER && g->t->v[i].marker.list)
			return true;
		if (is_nested_list(&g->t->v[i]))
			i = g->t->v[i].end;
	}
	return false;
}

/* $@, ${a[*]}, ${@:2}: any number of words even in quotes. */
static bool is_many(const struct grammar *g, size_t i)
{
	const struct token *p = &g->t->v[i];
	size_t next = i + 1;

	if (p->value.len > 0 && is_one_of(p->value.p[0], "@*"))
		return true;
	return p->kind == TOKEN_OPEN && p->nesting == NEST_BRACE && next < p->end &&
	       g->t->v[next].kind == TOKEN_OPEN && g->t->v[next].nesting == NEST_SUBSCRIPT &&
	       g->t->v[next].end == next + 2 && g->t->v[next + 1].kind == TOKEN_TEXT &&
	       is_one_of(g->t->v[next + 1].value.p[0], "@*");
}

bool is_number_token(const struct token *p)
{
	return (p->kind == TOKEN_PARAMETER && p->value.len == 1 &&
		is_one_of(p->value.p[0], "#?$!")) ||
	       (p->kind == TOKEN_OPEN &&
		(p->nesting == NEST_ARITHMETIC ||
		 (p->nesting == NEST_BRACE && p->op.len == 0 && p->value.len > 0 &&
		  (*p->value.p == '#' ||
		   (p->value.len == 1 && is_one_of(*p->value.p, "?$!"))) &&
		  !p->unknown)));
}

bool word_is_one(const struct grammar *g, const struct cmd_word *w)
{
	size_t end = g->t->v[w->token].end, quotes = 0;

	for (size_t i = w->token + 1; i < end; i++) {
		const struct token *p = &g->t->v[i];

		if ((p->kind == TOKEN_OPEN || p->kind == TOKEN_CLOSE) &&
		    p->nesting <= NEST_ANSI) {
			quotes += p->kind == TOKEN_OPEN ? 1 : (size_t)-1;
			continue;
		}
		if (p->kind == TOKEN_MARKER) {
			if (p->marker.raw || (!g->anchor && g->out->notes[w->token].repeats))
				return false;
		} else if (p->kind != TOKEN_TEXT) {
			if (is_many(g, i) || (quotes == 0 && !is_number_token(p)))
				return false;
			if (p->kind == TOKEN_OPEN)
				i = p->end;
		}
	}
	return true;
}

/* A name, or a parameter that is always a number. */
static bool number_piece(const struct grammar *g, size_t i)
{
	const struct token *p = &g->t->v[i];

	switch (p->kind) {
	case TOKEN_TEXT:
		return is_digits(p->value) ||
		       (p->value.len > 0 && is_one_of(p->value.p[0], "+-") &&
			(p->value.len == 1 || is_digits((struct bytes){p->value.p + 1,
									p->value.len - 1})));
	case TOKEN_MARKER:
		return p->marker.number;
	case TOKEN_PARAMETER:
		return is_number_token(p) || is_name(p->value);
	case TOKEN_OPEN:
		return p->nesting <= NEST_DOUBLE || is_number_token(p) ||
		       (p->nesting == NEST_BRACE && p->op.len == 0 && p->end == i + 1 &&
			is_name(p->value));
	default:
		return p->kind == TOKEN_CLOSE;
	}
}

bool word_is_number(struct grammar *g, const struct cmd_word *w, const char *what)
{
	size_t end = g->t->v[w->token].end;

	if (end == w->token + 1)
		return false;
	for (size_t i = w->token + 1; i < end; i++) {
		if (!number_piece(g, i))
			return false;
		if (is_number_token(&g->t->v[i]) && g->t->v[i].kind == TOKEN_OPEN)
			i = g->t->v[i].end;
	}
	for (size_t i = w->token + 1; what != NULL && i < end; i++) {
		const struct token *p = &g->t->v[i];

		if ((p->kind == TOKEN_PARAMETER || p->kind == TOKEN_OPEN) &&
		    is_name(p->value))
			judge_use(g, p->value, i, what);
		if (is_number_token(p) && p->kind == TOKEN_OPEN)
			i = p->end;
	}
	return true;
}

