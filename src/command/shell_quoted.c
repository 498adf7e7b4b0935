/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "command/shell_internal.h"

void lex_literal_dollar(struct lexer *x)
{
	struct shell_marker m;
	char c = lex_peek(x, 2);
	size_t n;

	if (is_alnum(c) || is_one_of(c, "_!#?@*$-"))
		return;
	n = lex_match(x, x->pos + 1, &m);
	if (n == 0)
		return;
	x->refused = true;
	lex_fail(x, x->pos,
		 "$%.*s looks like a parameter of the shell; for a dollar sign "
		 "before the value write '$'%.*s, for the text itself $\\%.*s",
		 (int)n, x->s + x->pos + 1, (int)n, x->s + x->pos + 1, (int)n,
		 x->s + x->pos + 1);
}

void lex_single(struct lexer *x)
{
	size_t at = x->pos;

	lex_word_quoted(x);
	lex_copy(x, 1);
	while (lex_more(x) && lex_peek(x, 0) != '\'') {
		if (lex_at(x, "${")) {
			lex_literal_dollar(x);
			lex_copy_word(x, 2);
		} else if (!lex_placeholder(x, QUOTING_SINGLE)) {
			lex_copy_word(x, 1);
		}
	}
	if (!lex_more(x))
		lex_fail(x, at, "missing closing '");
	lex_copy(x, 1);
}

/* One step inside double quotes or a here-document, which differ only in what
 * ends them. */
void lex_double_char(struct lexer *x, enum quoting q)
{
	if (lex_placeholder(x, q))
		return;
	switch (lex_peek(x, 0)) {
	case '\\':
		lex_copy(x, 1);
		if (lex_more(x))
			lex_copy_word(x, 1);
		break;
	case '$':
		lex_dollar(x, q);
		break;
	case '`':
		lex_backquote(x, q);
		break;
	default:
		lex_copy_word(x, 1);
	}
}

void lex_double(struct lexer *x)
{
	size_t at = x->pos;

	lex_word_quoted(x);
	lex_copy(x, 1);
	while (lex_more(x) && lex_peek(x, 0) != '"')
		lex_double_char(x, QUOTING_DOUBLE);
	if (!lex_more(x))
		lex_fail(x, at, "missing closing \"");
	lex_copy(x, 1);
}

/* --- $'...' */

/* dash does not know $'...': there the string ends at the first ', escaped or
 * not, and what follows may be outside of all quotes. */
static void check_ansi(struct lexer *x)
{
	size_t i = x->pos + 2;
	bool ambiguous = false, marker;

	while (i < x->end && x->s[i] != '\'') {
		if (x->s[i] == '\\' && i + 1 < x->end)
			ambiguous |= x->s[++i] == '\'' || x->s[i] == '\\';
		i++;
	}
	marker = lex_has_marker(x, x->pos + 2, i < x->end ? i : x->end);
	if (ambiguous)
		lex_fail(x, x->pos,
			 "the end of $'...' with \\' or \\\\ is not the same in "
			 "every sh; use --shell bash");
	else if (marker)
		lex_fail(x, x->pos,
			 "a placeholder inside $'...', which not every sh knows; "
			 "put it outside: $'...'{}$'...', or use --shell bash");
}

static void ansi_quotes(struct lexer *x)
{
	size_t at = x->pos;

	if (!x->cfg->ansi_quotes)
		check_ansi(x);
	lex_word_quoted(x);
	lex_copy(x, 2);
	while (lex_more(x) && lex_peek(x, 0) != '\'') {
		if (lex_at(x, "${")) {
			lex_literal_dollar(x);
			lex_copy_word(x, 2);
		} else if (!lex_placeholder(x, QUOTING_ANSI)) {
			lex_copy_word(x, lex_peek(x, 0) == '\\' ? 2 : 1);
		}
	}
	if (!lex_more(x))
		lex_fail(x, at, "missing closing '");
	lex_copy(x, 1);
}

/* --- arithmetic */

/* Where the lexer stood, to go back to when "((" turns out to be "( (". */
struct mark {
	size_t pos, parts, ids, text, words, warnings, assignments, integers, depth;
	bool fresh, in_word, arrays;
	struct lex_word word;
};

static struct mark mark_here(const struct lexer *x)
{
	return (struct mark){
	    .pos = x->pos,
	    .parts = x->line->n,
	    .ids = x->line->nids,
	    .text = x->line->text.len,
	    .words = x->words.len,
	    .warnings = x->warnings.n,
	    .assignments = x->nassignments,
	    .integers = x->integers.n,
	    .depth = x->depth,
	    .fresh = x->fresh,
	    .arrays = x->arrays,
	    .in_word = x->frame->in_word,
	    .word = x->frame->word,
	};
}

static void drop_strings(struct strv *v, size_t n)
{
	while (v->n > n)
		free(v->v[--v->n]);
	if (v->v != NULL)
		v->v[n] = NULL;
}

static void go_back(struct lexer *x, const struct mark *m)
{
	struct shell_line *l = x->line;

	x->pos = m->pos;
	l->n = m->parts;
	l->text.len = m->text;
	if (l->n > 0 && l->parts[l->n - 1].kind == PART_TEXT)
		l->parts[l->n - 1].to = l->text.len;
	while (l->nids > m->ids)
		free(l->ids[--l->nids].name);
	x->words.len = m->words;
	drop_strings(&x->warnings, m->warnings);
	x->nassignments = m->assignments;
	drop_strings(&x->integers, m->integers);
	x->depth = m->depth;
	x->fresh = m->fresh;
	x->arrays = m->arrays;
	x->frame->in_word = m->in_word;
	x->frame->word = m->word;
	x->failed = false;
}

/* The expression up to and with its "))"; false when it ends otherwise.  As a
 * command it may hold quotes: should this sh not have (( )), it is two nested
 * subshells, in which they mean something. */
static bool expression(struct lexer *x, bool quotes)
{
	size_t depth = 0;

	while (lex_more(x)) {
		if (lex_placeholder(x, QUOTING_ARITHMETIC))
			continue;
		switch (lex_peek(x, 0)) {
		case '(':
			depth++;
			break;
		case ')':
			if (depth == 0 && lex_peek(x, 1) != ')')
				return false;
			if (depth-- == 0) {
				lex_copy(x, 2);
				return true;
			}
			break;
		case '\\':
			lex_copy(x, 1);
			break;
		case '$':
			lex_dollar(x, QUOTING_DOUBLE);
			continue;
		case '`':
			lex_backquote(x, QUOTING_ARITHMETIC);
			continue;
		case '"':
			if (!quotes)
				break;
			lex_double(x);
			continue;
		case '\'':
			if (!quotes)
				break;
			lex_single(x);
			continue;
		}
		lex_copy(x, 1);
	}
	return false;
}

/* The shells decide as we do: arithmetic if the parentheses match, else a
 * subshell.  Every place is tried once, or nesting would cost 2^depth. */
static bool try_arithmetic(struct lexer *x, size_t opener, bool quotes)
{
	struct mark m = mark_here(x);
	char *tried = &x->not_arithmetic[lex_column(x, x->pos) - 1];
	bool done;

	if (*tried || !lex_enter(x))
		return false;
	x->arithmetic++;
	if (!quotes)
		lex_word_expansion(x);
	lex_copy(x, opener);
	done = expression(x, quotes) && !x->failed;
	x->arithmetic--;
	x->depth--;
	if (done)
		return true;
	go_back(x, &m);
	*tried = true;
	return false;
}

bool lex_arithmetic_command(struct lexer *x)
{
	struct frame *f = x->frame;
	bool in_body = f->in_body, done;

	f->in_body = true; /* its text is no word of a command */
	done = try_arithmetic(x, 2, true);
	f->in_body = in_body;
	return done;
}

/* --- $... */

void lex_substitution(struct lexer *x)
{
	size_t arithmetic = x->arithmetic;

	lex_word_expansion(x);
	lex_copy(x, 2);
	x->arithmetic = 0;
	lex_nested(x, false);
	x->arithmetic = arithmetic;
}

/* bash computes inside $[ ], dash does not know it. */
static void check_old_arithmetic(struct lexer *x)
{
	const char *close = memchr(x->s + x->pos, ']', x->end - x->pos);

	if (close != NULL && lex_has_marker(x, x->pos + 2, (size_t)(close - x->s)))
		lex_fail(x, x->pos, "a placeholder inside $[ ]; write $(( ))");
}

static void parameter(struct lexer *x)
{
	struct bytes rest = {x->s + x->pos + 1, x->end - x->pos - 1};
	size_t n = lex_name_length(rest);
	char c = lex_peek(x, 1);

	if (n == 0 && is_one_of(c, "0123456789@*#?$!-")) {
		n = 1;
		x->line->unclear |= is_digit(c) || is_one_of(c, "@*#$-");
	}
	lex_word_expansion(x);
	lex_copy(x, 1 + n);
}

void lex_dollar(struct lexer *x, enum quoting q)
{
	bool quotes = q == QUOTING_NONE || q == QUOTING_BRACE;
	char c = lex_peek(x, 1);

	if (lex_at(x, "$((") && try_arithmetic(x, 3, false))
		return;
	if (c == '(') {
		lex_substitution(x);
	} else if (c == '{') {
		lex_brace(x, q);
	} else if (c == '\'' && quotes) {
		ansi_quotes(x);
	} else {
		if (c == '[')
			check_old_arithmetic(x);
		parameter(x);
	}
}

/* --- backquotes */

/* The inside with one level of backslashes removed, and the place each of its
 * bytes came from; what ends it stays at x->pos.  odd: there is a \" that is not
 * special here, but in some shells is. */
static struct bytes unescape(struct lexer *x, const char *special, size_t **columns,
			     bool *odd)
{
	size_t n = 0, room = x->end - x->pos + 1;
	char *text = arena_alloc(x->scratch, room);

	*columns = arena_alloc(x->scratch, room * sizeof **columns);
	*odd = false;
	x->pos++;
	while (lex_more(x) && lex_peek(x, 0) != '`') {
		if (lex_peek(x, 0) == '\\' && is_one_of(lex_peek(x, 1), special))
			x->pos++;
		else
			*odd |= lex_at(x, "\\\"");
		(*columns)[n] = lex_column(x, x->pos) - 1;
		text[n++] = x->s[x->pos++];
	}
	(*columns)[n] = lex_column(x, x->pos) - 1;
	text[n] = '\0';
	return (struct bytes){text, n};
}

/* Placeholders inside need quotes of their own, so `...` becomes $(...). */
static void substitute(struct lexer *x, struct bytes inner, bool marker)
{
	size_t arithmetic = x->arithmetic;

	if (!marker)
		return;
	lex_word_expansion(x);
	lex_emits(x, inner.len > 0 && inner.p[0] == '(' ? "$( " : "$(");
	x->arithmetic = 0;
	lex_command(x, 0, false);
	x->arithmetic = arithmetic;
	/* A comment or a here-document must not swallow the parenthesis. */
	if (memchr(inner.p, '#', inner.len) != NULL || strstr(inner.p, "<<") != NULL)
		lex_emits(x, "\n");
	lex_emits(x, ")");
}

void lex_backquote(struct lexer *x, enum quoting q)
{
	bool in_word = q == QUOTING_NONE || q == QUOTING_BRACE, odd;
	const char *special = q == QUOTING_DOUBLE ? "$`\\\"" : "$`\\";
	const size_t *outer_columns = x->columns;
	const char *outer = x->s;
	size_t at = x->pos, end = x->end, after, *columns;
	struct bytes inner = unescape(x, special, &columns, &odd);
	bool marker;

	if (!lex_more(x)) {
		lex_fail(x, at, "missing closing `");
		return;
	}
	after = x->pos + 1;
	x->s = inner.p;
	x->pos = 0;
	x->end = inner.len;
	x->columns = columns;
	marker = lex_has_marker(x, 0, inner.len);
	if (marker && odd && !in_word && q != QUOTING_DOUBLE)
		lex_fail(
		    x, 0,
		    "\\\" in backquotes in ${...} or a here-document is not the same "
		    "in every shell; write $( )");
	substitute(x, inner, marker);
	x->s = outer;
	x->end = end;
	x->columns = outer_columns;
	x->pos = at;
	if (!marker) {
		lex_word_expansion(x);
		lex_copy(x, after - at);
	}
	x->pos = after;
}
