/* SPDX-License-Identifier: ISC */

/* Lines of which "sh -n" need not be asked: made of nothing but what every shell of
 * the family reads in the same way, closed and in order.  It is a pushdown automaton
 * over the tokens; whatever it does not know makes the line unsure, not wrong. */

#include <config.h>

#include "command/shell/grammar.h"

enum { DEEPEST = 16 };

/* What may come next in a list of commands. */
enum state {
	NEEDED, /* a command */
	PIPED,	/* a command, but no ! */
	LISTED, /* a command, or what ends the list */
	ASSIGNED, /* more assignments, or the command after them */
	SIMPLE, /* more words of a simple command */
	CLOSED, /* redirections of a compound command */
	LOOP_NAME,
	LOOP_IN,
	LOOP_WORDS,
	LOOP_DO,
	SUBJECT,
	SUBJECT_IN,
	FIRST_PATTERN,
	PATTERNS, /* or esac */
	PATTERN,
	PATTERN_END,
	FUNCTION_BODY,
};

struct list {
	const struct tokens *t;
	enum state state;
	struct bytes redirection; /* whose target comes next; or empty */
	char open[DEEPEST]; /* compound commands that are not closed */
	size_t n;
	size_t depth; /* of lists in lists */
};

#define S(state) (1u << (state))

enum {
	STARTS = S(NEEDED) | S(PIPED) | S(LISTED),
	ENDS = S(SIMPLE) | S(CLOSED),
};

/* What a symbol makes of a state: a keyword, an operator, or a kind of word. */
static const struct rule {
	const char *symbols;
	unsigned from;	    /* states */
	enum state to;
	char becomes;	    /* the compound command that it opens or goes on with */
	const char *inside; /* which it is in; it ends there if it becomes none */
} rules[] = {
    {"if", STARTS, NEEDED, 'i', NULL},
    {"then", S(LISTED), NEEDED, 't', "i"},
    {"elif", S(LISTED), NEEDED, 'i', "t"},
    {"else", S(LISTED), NEEDED, 'e', "t"},
    {"fi", S(LISTED), CLOSED, 0, "te"},
    {"while until", STARTS, NEEDED, 'w', NULL},
    {"do", S(LISTED), NEEDED, 'd', "w"},
    {"done", S(LISTED), CLOSED, 0, "d"},
    {"for", STARTS, LOOP_NAME, 'f', NULL},
    {"NAME", S(LOOP_NAME), LOOP_IN, 0, NULL},
    {"in", S(LOOP_IN), LOOP_WORDS, 0, NULL},
    {"WORD", S(LOOP_WORDS), LOOP_WORDS, 0, NULL},
    {"; \n", S(LOOP_WORDS), LOOP_DO, 0, NULL},
    {"\n", S(LOOP_DO), LOOP_DO, 0, NULL},
    {"do", S(LOOP_DO), NEEDED, 'd', "f"},
    {"case", STARTS, SUBJECT, 'c', NULL},
    {"WORD", S(SUBJECT), SUBJECT_IN, 0, NULL},
    {"in", S(SUBJECT_IN), FIRST_PATTERN, 0, NULL},
    {"\n", S(FIRST_PATTERN), FIRST_PATTERN, 0, NULL},
    {"\n", S(PATTERNS), PATTERNS, 0, NULL},
    {"(", S(FIRST_PATTERN) | S(PATTERNS), PATTERN, 0, NULL},
    {"WORD", S(FIRST_PATTERN) | S(PATTERNS) | S(PATTERN), PATTERN_END, 0, NULL},
    {"|", S(PATTERN_END), PATTERN, 0, NULL},
    {")", S(PATTERN_END), LISTED, 0, NULL},
    {";;", ENDS | S(LISTED), PATTERNS, 'c', "c"},
    {"esac", S(LISTED) | S(PATTERNS), CLOSED, 0, "c"},
    {"FUNCTION", STARTS, FUNCTION_BODY, 0, NULL},
    {"()", S(FUNCTION_BODY), FUNCTION_BODY, 0, NULL},
    {"{", STARTS | S(FUNCTION_BODY), NEEDED, '{', NULL},
    {"}", S(LISTED), CLOSED, 0, "{"},
    {"SUBSHELL", STARTS, CLOSED, 0, NULL},
    {"!", S(NEEDED) | S(LISTED), PIPED, 0, NULL},
    {"ASSIGNMENT", STARTS | S(ASSIGNED), ASSIGNED, 0, NULL},
    {"WORD NAME", STARTS | S(ASSIGNED) | S(SIMPLE), SIMPLE, 0, NULL},
    /* zsh does not take assignments alone before others. */
    {"\n ;", ENDS | S(ASSIGNED), LISTED, 0, NULL},
    {"&", ENDS, LISTED, 0, NULL},
    {"|", ENDS, PIPED, 0, NULL},
    {"&& ||", ENDS, NEEDED, 0, NULL},
    {"\n", S(NEEDED), NEEDED, 0, NULL},
    {"\n", S(LISTED), LISTED, 0, NULL},
};

static bool list_is_sure(const struct tokens *t, size_t from, size_t to, size_t depth);

/* --- pieces of words */

static bool is_printable(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.p[i] < ' ' && !is_one_of(text.p[i], "\t\n")) || text.p[i] > '~')
			return false;
	return true;
}

static bool text_is_sure(const struct token *p)
{
	if (!is_printable(p->text) || bytes_is(p->text, "\\") || bytes_is(p->text, "\\\n"))
		return false;
	if (p->quoted || bytes_is(p->text, "[") || bytes_is(p->text, "]"))
		return true;
	/* zsh looks for the program of =x even with -n. */
	return has_only(p->text, "_./,:@%+-=^~*?!#") && (p->text.len == 1 || *p->text.p != '=');
}

static bool pieces_are_sure(const struct tokens *t, size_t from, size_t to, size_t depth);

/* Text of these signs alone, placeholders and parameters. */
static bool inside_is_plain(const struct tokens *t, size_t open, const char *signs)
{
	for (size_t i = open + 1; i < t->v[open].end; i++)
		if (t->v[i].kind == TOKEN_TEXT ? !has_only(t->v[i].text, signs)
					       : t->v[i].kind != TOKEN_MARKER &&
						     t->v[i].kind != TOKEN_PARAMETER)
			return false;
	return true;
}

/* ${x}, ${x:-word}, ${x%pattern}: the word has no quotes of its own. */
static bool brace_is_sure(const struct tokens *t, size_t open)
{
	const struct token *p = &t->v[open];

	return !p->unsure && !p->unknown && has_only(p->value, "_#@*?$!-") &&
	       (p->op.len == 0 || is_listed(p->op, "- = + ? :- := :+ :? # ## % %%")) &&
	       inside_is_plain(t, open, "_./,:@%+-*?=#");
}

static bool nested_is_sure(const struct tokens *t, size_t open, size_t depth)
{
	const struct token *p = &t->v[open], *next = p + 1;

	switch (p->nesting) {
	case NEST_SINGLE:
	case NEST_DOUBLE:
	case NEST_ANSI:
	case NEST_HEREDOC:
		return pieces_are_sure(t, open + 1, p->end, depth);
	case NEST_BRACE:
		return brace_is_sure(t, open);
	case NEST_ARITHMETIC:
		return inside_is_plain(t, open, "_ +-*/%<>=");
	case NEST_SUBSTITUTION:
	case NEST_SUBSHELL: /* not $(( or (( */
		return next->kind != TOKEN_OPEN &&
		       list_is_sure(t, open + 1, p->end, depth + 1);
	default:
		return false;
	}
}

static bool pieces_are_sure(const struct tokens *t, size_t from, size_t to, size_t depth)
{
	for (size_t i = from; i < to; i++)
		switch (t->v[i].kind) {
		case TOKEN_TEXT:
			if (!text_is_sure(&t->v[i]))
				return false;
			break;
		case TOKEN_MARKER:
		case TOKEN_PARAMETER:
			break;
		case TOKEN_OPEN:
			if (!nested_is_sure(t, i, depth))
				return false;
			i = t->v[i].end;
			break;
		default:
			return false;
		}
	return true;
}

/* --- tokens of a list */

static bool take_symbol(struct list *l, struct bytes symbol)
{
	char top = l->n > 0 ? l->open[l->n - 1] : '\0';

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		const struct rule *r = &rules[i];

		if (!(r->from & S(l->state)) || !is_listed(symbol, r->symbols) ||
		    (r->inside != NULL && !is_one_of(top, r->inside)))
			continue;
		l->n -= r->inside != NULL;
		if (r->becomes != 0 && l->n == DEEPEST)
			return false;
		if (r->becomes != 0)
			l->open[l->n++] = r->becomes;
		l->state = r->to;
		return true;
	}
	return false;
}

/* One text alone. */
static bool is_plain(const struct list *l, size_t word)
{
	return l->t->v[word].end == word + 2 && l->t->v[word + 1].kind == TOKEN_TEXT &&
	       !l->t->v[word].quoted;
}

static bool take_target(struct list *l, size_t word)
{
	struct bytes text = l->t->v[word + 1].value;
	bool copies = is_listed(l->redirection, ">& <&");

	l->redirection.len = 0;
	return l->t->v[word].role == ROLE_TARGET &&
	       (!copies ||
		(is_plain(l, word) && (is_digits(text) || bytes_is(text, "-"))));
}

static const char *word_symbol(const struct list *l, size_t word)
{
	const struct token *w = &l->t->v[word];
	struct bytes text = l->t->v[word + 1].value;

	if (w->end < l->t->n && is_function_sign(&l->t->v[w->end]))
		return is_plain(l, word) && is_name(text) && !shell_is_builtin_somewhere(text)
			   ? "FUNCTION"
			   : "";
	if (w->role == ROLE_ASSIGNMENT)
		return "ASSIGNMENT";
	if (w->role == ROLE_LOOP_NAME)
		return is_plain(l, word) && is_name(text) ? "NAME" : "";
	return is_listed(text, "command exec builtin") ? "" : "WORD";
}

static bool take_redirection(struct list *l, struct bytes text)
{
	/* zsh wants a command before it at times. */
	if ((l->state != SIMPLE && l->state != CLOSED) ||
	    !is_listed(text, "< > >> >& <& << <<- >| <>"))
		return false;
	if (!is_listed(text, "<< <<-"))
		l->redirection = text;
	return true;
}

/* A backslash and a newline join the text on both sides, unless one is a blank. */
static bool blank_is_sure(const struct list *l, size_t i)
{
	const struct token *t = l->t->v;

	return t[i].text.len == 0 || *t[i].text.p != '\\' ||
	       (i > 0 && t[i - 1].kind == TOKEN_BLANK && *t[i - 1].text.p != '\\');
}

static bool take_token(struct list *l, size_t i)
{
	const struct token *t = &l->t->v[i];

	if (t->kind == TOKEN_BLANK)
		return blank_is_sure(l, i);
	if (t->kind == TOKEN_WORD)
		return (l->redirection.len > 0 ? take_target(l, i)
					       : take_symbol(l, bytes_str(word_symbol(l, i)))) &&
		       pieces_are_sure(l->t, i + 1, t->end, l->depth);
	if (l->redirection.len > 0)
		return false;
	switch (t->kind) {
	case TOKEN_KEYWORD:
		return is_plain(l, i) && take_symbol(l, l->t->v[i + 1].text);
	case TOKEN_NUMBER:
		return t->end == i + 2;
	case TOKEN_COMMENT:
		return is_printable(t->text);
	case TOKEN_OPERATOR:
	case TOKEN_PATTERN:
		return take_symbol(l, t->value);
	case TOKEN_REDIRECTION:
		return take_redirection(l, t->value);
	case TOKEN_DELIMITER:
		return is_name(t->value);
	case TOKEN_OPEN:
		return (t->nesting == NEST_HEREDOC ||
			(t->nesting == NEST_SUBSHELL &&
			 take_symbol(l, bytes_str("SUBSHELL")))) &&
		       nested_is_sure(l->t, i, l->depth);
	default:
		return false;
	}
}

static bool list_is_sure(const struct tokens *t, size_t from, size_t to, size_t depth)
{
	struct list l = {.t = t, .state = NEEDED, .depth = depth};

	for (size_t i = from; i < to; i++) {
		const struct token *p = &t->v[i];

		if (depth == DEEPEST || !take_token(&l, i))
			return false;
		if (p->kind == TOKEN_WORD || p->kind == TOKEN_KEYWORD ||
		    p->kind == TOKEN_NUMBER)
			i = p->end - 1;
		else if (p->kind == TOKEN_OPEN)
			i = p->end;
	}
	return l.n == 0 && l.redirection.len == 0 && l.state >= LISTED && l.state <= CLOSED;
}

bool syntax_is_sure(const struct tokens *t)
{
	return list_is_sure(t, 0, t->n, 0);
}
