/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell_internal.h"

/* The length of "${name", "${#name", "${1", "${@" at pos; 0 when it is not a
 * parameter expansion. */
static size_t parameter_length(const struct lexer *x)
{
	size_t i = 2, n;
	char c = lex_peek(x, i);
	struct bytes rest;

	if (c == '#' || c == '!') {
		/* "${#-word}" and "${!}" are about the parameters # and !. */
		char next = lex_peek(x, 3);

		if (is_alnum(next) || is_one_of(next, "_@*"))
			i++;
		else
			return 3;
	}
	rest = (struct bytes){x->s + x->pos + i, x->end - x->pos - i};
	n = lex_name_length(rest);
	if (n == 0)
		while (n < rest.len && is_digit(rest.p[n]))
			n++;
	c = lex_peek(x, i);
	if (n == 0 && is_one_of(c, "@*?$-"))
		n = 1;
	return n > 0 ? i + n : 0;
}

/* Placeholders that would be, or name, the parameter. */
static void check_name(struct lexer *x, size_t length)
{
	struct shell_marker m;
	size_t i = x->pos + 2, n = length == 0 ? lex_match(x, x->pos + 1, &m) : 0;

	if (n > 0) {
		x->refused = true;
		lex_fail(x, x->pos,
			 "%.*s is not a parameter of the shell; for a dollar sign "
			 "before the value write \\%.*s",
			 (int)n + 1, x->s + x->pos, (int)n + 1, x->s + x->pos);
	}
	if (i < x->end && (x->s[i] == '#' || x->s[i] == '!') && length <= 3)
		i++;
	if (length <= 3 && lex_match(x, i, &m) > 0)
		lex_fail(x, i, "a placeholder cannot name a variable");
}

/* [...] behind the name. */
static void subscript(struct lexer *x)
{
	const char *outer = x->forbid;
	size_t depth = 0;

	x->forbid =
	    "a placeholder inside an array's subscript, which the shell evaluates";
	do {
		char c = lex_peek(x, 0);

		if (lex_placeholder(x, QUOTING_BRACE))
			continue;
		if (c == '\'') {
			lex_single(x);
		} else if (c == '"') {
			lex_double(x);
		} else if (c == '$') {
			lex_dollar(x, QUOTING_BRACE);
		} else if (c == '`') {
			lex_backquote(x, QUOTING_BRACE);
		} else {
			depth += (c == '[') - (size_t)(c == ']');
			lex_copy(x, c == '\\' ? 2 : 1);
		}
	} while (lex_more(x) && depth > 0);
	x->forbid = outer;
}

/* The operator behind the name decides how the rest is quoted. */
static enum quoting take_operator(struct lexer *x, enum quoting q)
{
	static const char *const defaults[] = {":-", ":=", ":+", ":?",
					       "-",  "=",  "+",  "?"};
	static const char *const patterns[] = {":#", "##", "#", "%%", "%", "//",
					       "/",  "^^", "^", ",,", ","};

	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		if (lex_at(x, defaults[i])) {
			/* The result is what the variable has become, unquoted. */
			if (q == QUOTING_BRACE && strchr(defaults[i], '=') != NULL)
				x->forbid =
				    "a placeholder in an unquoted ${x:=...}, where it "
				    "would be split; write \"${x:=...}\"";
			lex_copy(x, strlen(defaults[i]));
			return q;
		}
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		if (lex_at(x, patterns[i])) {
			lex_copy(x, strlen(patterns[i]));
			return QUOTING_BRACE;
		}
	if (lex_peek(x, 0) == ':') {
		lex_copy(x, 1);
		return QUOTING_ARITHMETIC;
	}
	if (lex_peek(x, 0) != '}')
		x->forbid = "a placeholder in a ${...} of unknown meaning";
	return q;
}

/* "${x:-"HERE"}": still double-quoted. */
static void inner_double(struct lexer *x)
{
	size_t at = x->pos;

	lex_copy(x, 1);
	while (lex_more(x) && lex_peek(x, 0) != '"')
		lex_double_char(x, QUOTING_BRACE_DOUBLE);
	if (!lex_more(x))
		lex_fail(x, at, "missing closing \"");
	lex_copy(x, 1);
}

static void body_char(struct lexer *x, enum quoting q)
{
	char c = lex_peek(x, 0);

	if (lex_placeholder(x, q))
		return;
	if (c == '\'' && q == QUOTING_BRACE)
		lex_single(x);
	else if (c == '"' && q == QUOTING_BRACE)
		lex_double(x);
	else if (c == '"' && q == QUOTING_BRACE_DOUBLE)
		inner_double(x);
	else if (c == '$')
		lex_dollar(x, q == QUOTING_ARITHMETIC ? QUOTING_DOUBLE : q);
	else if (c == '`')
		lex_backquote(x, q);
	else
		lex_copy(x, c == '\\' ? 2 : 1);
}

static void body(struct lexer *x, enum quoting q, bool splits, size_t at)
{
	if (!lex_enter(x))
		return;
	x->arithmetic += q == QUOTING_ARITHMETIC;
	while (lex_more(x) && lex_peek(x, 0) != '}') {
		if (splits && lex_peek(x, 0) == '/')
			x->forbid =
			    "a placeholder in an unquoted ${x/a/...}, where it would be "
			    "split; write \"${x/a/...}\"";
		body_char(x, q);
	}
	x->arithmetic -= q == QUOTING_ARITHMETIC;
	x->depth--;
	if (!lex_more(x))
		lex_fail(x, at, "missing closing } of ${");
	lex_copy(x, 1);
}

/* The quoting inside ${x:-...} by the quoting around it. */
static enum quoting inner_quoting(enum quoting q)
{
	switch (q) {
	case QUOTING_NONE:
	case QUOTING_BRACE:
		return QUOTING_BRACE;
	case QUOTING_HEREDOC:
	case QUOTING_BRACE_HEREDOC:
		return QUOTING_BRACE_HEREDOC;
	default:
		return QUOTING_BRACE_DOUBLE;
	}
}

void lex_brace(struct lexer *x, enum quoting q)
{
	const char *outer = x->forbid;
	size_t at = x->pos, length = parameter_length(x);
	bool replaces = false;
	char c = lex_peek(x, 2);

	check_name(x, length);
	if (length == 3)
		x->line->unclear |= is_digit(c) ||
				    is_one_of(c, "@*#$-");
	lex_word_expansion(x);
	q = inner_quoting(q);
	if (length == 0) {
		x->forbid = "a placeholder in a ${...} of unknown meaning";
		lex_copy(x, 2);
	} else {
		lex_copy(x, length);
		if (lex_peek(x, 0) == '[')
			subscript(x);
		replaces = q == QUOTING_BRACE && lex_peek(x, 0) == '/';
		q = take_operator(x, q);
	}
	body(x, q, replaces, at);
	x->forbid = outer;
}
