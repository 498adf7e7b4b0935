/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Lines of which "sh -n" need not be asked: made of nothing but what every shell of
 * the family reads in the same way, closed and in order.  It is a pushdown automaton
 * over the tokens; whatever it does not know makes the line unsure, not wrong. */

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

static const struct syntax_keyword {
	const char *words;
	const char *inside; /* what it continues; NULL: it opens one */
	char becomes;	    /* 0: it closes it */
	enum state next;
} keywords[] = {
    {"if", NULL, 'i', NEEDED},	       {"then", "i", 't', NEEDED},
    {"elif", "t", 'i', NEEDED},	       {"else", "t", 'e', NEEDED},
    {"fi", "te", 0, CLOSED},	       {"while until", NULL, 'w', NEEDED},
    {"for", NULL, 'f', LOOP_NAME},     {"do", "wf", 'd', NEEDED},
    {"done", "d", 0, CLOSED},	       {"{", NULL, '{', NEEDED},
    {"}", "{", 0, CLOSED},	       {"case", NULL, 'c', SUBJECT},
    {"esac", "c", 0, CLOSED},
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

static bool starts_command(const struct list *l)
{
	return l->state <= LISTED;
}

static bool is_plain_name(const struct list *l, size_t word)
{
	return l->t->v[word].end == word + 2 && !l->t->v[word].quoted &&
	       is_name(l->t->v[word + 1].text);
}

static bool take_keyword(struct list *l, size_t word)
{
	struct bytes text = l->t->v[word + 1].text;
	char top = l->n > 0 ? l->open[l->n - 1] : '\0';

	if (l->t->v[word].end != word + 2 || l->t->v[word + 1].kind != TOKEN_TEXT)
		return false;
	if (bytes_is(text, "in")) {
		if (l->state != LOOP_IN && l->state != SUBJECT_IN)
			return false;
		l->state = l->state == LOOP_IN ? LOOP_WORDS : FIRST_PATTERN;
		return true;
	}
	if (bytes_is(text, "!")) {
		if (!starts_command(l) || l->state == PIPED)
			return false;
		l->state = PIPED;
		return true;
	}
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
		const struct syntax_keyword *k = &keywords[i];

		if (!is_listed(text, k->words))
			continue;
		if (k->inside == NULL
			? l->n == DEEPEST || (!starts_command(l) && l->state != FUNCTION_BODY)
			: !is_one_of(top, k->inside) ||
			      (l->state != LISTED && (l->state != LOOP_DO || top != 'f') &&
			       (l->state != PATTERNS || top != 'c')))
			return false;
		if (l->state == FUNCTION_BODY && *k->words != '{')
			return false;
		l->n -= k->inside != NULL;
		if (k->becomes != 0)
			l->open[l->n++] = k->becomes;
		l->state = k->next;
		return true;
	}
	return false;
}

static bool take_target(struct list *l, size_t word)
{
	struct bytes text = l->t->v[word + 1].value;
	bool copies = is_listed(l->redirection, ">& <&");

	l->redirection.len = 0;
	return l->t->v[word].role == ROLE_TARGET &&
	       (!copies || (l->t->v[word].end == word + 2 &&
			    (is_digits(text) || bytes_is(text, "-"))));
}

/* The state after a word; false when none may stand here. */
static bool take_word(struct list *l, size_t word)
{
	if (l->redirection.len > 0)
		return take_target(l, word);
	switch (l->state) {
	case NEEDED:
	case PIPED:
	case LISTED:
	case ASSIGNED:
		l->state = l->t->v[word].role == ROLE_ASSIGNMENT ? ASSIGNED : SIMPLE;
		return !is_listed(l->t->v[word + 1].value, "command exec builtin");
	case SIMPLE:
		return true;
	case LOOP_NAME:
		l->state = LOOP_IN;
		return is_plain_name(l, word);
	case LOOP_WORDS:
		return true;
	case SUBJECT:
		l->state = SUBJECT_IN;
		return true;
	case FIRST_PATTERN:
	case PATTERNS:
	case PATTERN:
		l->state = PATTERN_END;
		return true;
	default:
		return false;
	}
}

static bool take_newline(struct list *l)
{
	switch (l->state) {
	case ASSIGNED:
	case SIMPLE:
	case CLOSED:
		l->state = LISTED;
		return true;
	case LOOP_WORDS:
		l->state = LOOP_DO;
		return true;
	case NEEDED:
	case LISTED:
	case LOOP_DO:
	case FIRST_PATTERN:
	case PATTERNS:
		return true;
	default:
		return false;
	}
}

static bool take_operator(struct list *l, size_t i)
{
	struct bytes text = l->t->v[i].value;
	bool ends = l->state >= ASSIGNED && l->state <= CLOSED;

	if (l->redirection.len > 0)
		return false;
	if (bytes_is(text, "\n"))
		return take_newline(l);
	if (bytes_is(text, ";") && l->state == LOOP_WORDS) {
		l->state = LOOP_DO;
		return true;
	}
	if (bytes_is(text, ";;")) {
		if (!(ends || l->state == LISTED) || l->n == 0 || l->open[l->n - 1] != 'c')
			return false;
		l->state = PATTERNS;
		return true;
	}
	/* zsh does not take assignments alone everywhere. */
	if (l->state == ASSIGNED && !bytes_is(text, ";"))
		return false;
	l->state = is_listed(text, "; &") ? LISTED
		   : bytes_is(text, "|")  ? PIPED
					  : NEEDED;
	return ends && is_listed(text, "; & && || |");
}

static bool take_pattern_sign(struct list *l, char sign)
{
	bool good = sign == '(' ? l->state == PATTERNS || l->state == FIRST_PATTERN
				: l->state == PATTERN_END;

	l->state = sign == ')' ? LISTED : PATTERN;
	return good;
}

/* "f()", of a name that is no builtin's. */
static bool take_function(struct list *l, size_t word, size_t sign)
{
	struct bytes name = l->t->v[word + 1].text;

	if (!starts_command(l) || !is_plain_name(l, word) || l->t->v[sign].value.len != 2 ||
	    shell_is_builtin_somewhere(name))
		return false;
	l->state = FUNCTION_BODY;
	return true;
}

static bool take_redirection(struct list *l, size_t i)
{
	struct bytes text = l->t->v[i].value;

	/* zsh wants a command before it at times. */
	if (l->redirection.len > 0 || (l->state != SIMPLE && l->state != CLOSED) ||
	    !is_listed(text, "< > >> >& <& << <<- >| <>"))
		return false;
	if (!is_listed(text, "<< <<-"))
		l->redirection = text;
	return true;
}

/* A backslash and a newline join what stands on both sides, unless one is a blank. */
static bool blank_is_sure(const struct list *l, size_t i)
{
	const struct token *t = l->t->v;

	return t[i].text.len == 0 || *t[i].text.p != '\\' ||
	       (i > 0 && t[i - 1].kind == TOKEN_BLANK && *t[i - 1].text.p != '\\');
}

static bool take_token(struct list *l, size_t i)
{
	const struct token *t = &l->t->v[i];

	switch (t->kind) {
	case TOKEN_WORD:
		if (t->end < l->t->n && is_function_sign(&l->t->v[t->end]))
			return take_function(l, i, t->end);
		return take_word(l, i) && pieces_are_sure(l->t, i + 1, t->end, l->depth);
	case TOKEN_KEYWORD:
		return l->redirection.len == 0 && take_keyword(l, i);
	case TOKEN_NUMBER:
		return t->end == i + 2;
	case TOKEN_BLANK:
		return blank_is_sure(l, i);
	case TOKEN_COMMENT:
		return is_printable(t->text);
	case TOKEN_OPERATOR:
		return is_function_sign(t) ? l->state == FUNCTION_BODY : take_operator(l, i);
	case TOKEN_PATTERN:
		return take_pattern_sign(l, *t->value.p);
	case TOKEN_REDIRECTION:
		return take_redirection(l, i);
	case TOKEN_DELIMITER:
		return is_name(t->value);
	case TOKEN_OPEN:
		if (t->nesting == NEST_SUBSHELL) {
			if (!starts_command(l) || l->redirection.len > 0)
				return false;
			l->state = CLOSED;
		} else if (t->nesting != NEST_HEREDOC) {
			return false;
		}
		return nested_is_sure(l->t, i, l->depth);
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
