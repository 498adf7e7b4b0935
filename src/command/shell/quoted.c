/* SPDX-License-Identifier: ISC */

/* The lexer inside words: quotes, ${...}, arithmetic, backquotes.  Each is a function
 * that takes what is there, up to its end.  Arithmetic is tried first and taken back
 * when it turns out to be a command in parentheses. */

#include <config.h>

#include "base/buf.h"
#include "command/shell/lexer.h"

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
	x->out->refused = true;
	lex_fail(x, x->pos,
		 "$%.*s looks like a parameter of the shell; for a dollar sign "
		 "before the value write '$'%.*s, for the text itself $\\%.*s",
		 (int)n, x->s + x->pos + 1, (int)n, x->s + x->pos + 1, (int)n,
		 x->s + x->pos + 1);
}

/* The rest up to a single quote, which may be escaped in $'...'. */
static void until_single_quote(struct lexer *x, size_t open, enum quoting q)
{
	size_t at = x->pos - 1;

	while (lex_more(x) && lex_peek(x, 0) != '\'') {
		if (lex_at(x, "${")) {
			lex_literal_dollar(x);
			lex_text(x, 2, true);
		} else if (!lex_placeholder(x, q)) {
			lex_text(x, q == QUOTING_ANSI && lex_peek(x, 0) == '\\' ? 2 : 1,
				 true);
		}
	}
	if (!lex_more(x))
		lex_fail(x, at, "missing closing '");
	lex_close(x, open, 1);
}

void lex_single(struct lexer *x)
{
	lex_begin_word(x);
	until_single_quote(x, lex_open(x, NEST_SINGLE, QUOTING_NONE, 1), QUOTING_SINGLE);
}

/* One step inside double quotes or a here-document, which differ only in what
 * ends them. */
void lex_double_char(struct lexer *x, enum quoting q)
{
	char next = lex_peek(x, 1);

	if (lex_placeholder(x, q))
		return;
	switch (lex_peek(x, 0)) {
	case '\\':
		if (next == '\n')
			lex_escape(x, 2, 0);
		else if (is_one_of(next, q == QUOTING_DOUBLE ? "$`\"\\" : "$`\"\\}"))
			lex_escape(x, 1, 1);
		else
			lex_escape(x, 0, 2);
		break;
	case '$':
		lex_dollar(x, q);
		break;
	case '`':
		lex_backquote(x, q);
		break;
	default:
		lex_text(x, 1, true);
	}
}

void lex_double(struct lexer *x)
{
	size_t at = x->pos, open;

	lex_begin_word(x);
	open = lex_open(x, NEST_DOUBLE, QUOTING_NONE, 1);
	while (lex_more(x) && lex_peek(x, 0) != '"')
		lex_double_char(x, QUOTING_DOUBLE);
	if (!lex_more(x))
		lex_fail(x, at, "missing closing \"");
	lex_close(x, open, 1);
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
	if (!x->in->ansi_quotes)
		check_ansi(x);
	lex_begin_word(x);
	until_single_quote(x, lex_open(x, NEST_ANSI, QUOTING_NONE, 2), QUOTING_ANSI);
}

/* --- arithmetic */

/* The expression up to and with its closer ("))" or "]"); false when it ends
 * otherwise.  As a command it may hold quotes: a sh without (( )) takes it for
 * two nested subshells, in which they mean something. */
static bool expression(struct lexer *x, size_t open, bool quotes)
{
	bool bracket = x->out->v[open].nesting == NEST_OLD_ARITHMETIC;
	char opener = bracket ? '[' : '(', closer = bracket ? ']' : ')';
	size_t depth = 0;

	while (lex_more(x)) {
		char c = lex_peek(x, 0);

		if (lex_placeholder(x, QUOTING_ARITHMETIC))
			continue;
		if (c == closer && depth == 0) {
			if (!bracket && lex_peek(x, 1) != ')')
				return false;
			lex_close(x, open, bracket ? 1 : 2);
			return true;
		}
		depth += (c == opener) - (size_t)(c == closer);
		if (c == '$')
			lex_dollar(x, QUOTING_DOUBLE);
		else if (c == '`')
			lex_backquote(x, QUOTING_ARITHMETIC);
		else if (c == '"' && quotes)
			lex_double(x);
		else if (c == '\'' && quotes)
			lex_single(x);
		else
			lex_text(x, c == '\\' ? 2 : 1, false);
	}
	return false;
}

/* The shells decide as this does: arithmetic if the parentheses match, else a
 * subshell.  Every place is tried once, or nesting would cost 2^depth. */
static bool try_arithmetic(struct lexer *x, enum nesting nesting, size_t n)
{
	struct frame frame = *x->frame;
	size_t pos = x->pos, depth = x->depth, ntokens = x->out->n;
	struct token last = ntokens > 0 ? x->out->v[ntokens - 1] : (struct token){0};
	bool command = nesting == NEST_ARITHMETIC_COMMAND;
	char *tried = &x->not_arithmetic[lex_column(x, pos) - 1];

	if (*tried || !lex_enter(x))
		return false;
	if (!command)
		lex_begin_word(x);
	x->frame->in_body |= command; /* its text is no word of a command */
	if (expression(x, lex_open(x, nesting, QUOTING_NONE, n), command) &&
	    !x->out->failed) {
		x->frame->in_body = frame.in_body;
		x->depth = depth;
		return true;
	}
	*x->frame = frame;
	x->pos = pos;
	x->depth = depth;
	x->out->n = ntokens;
	if (ntokens > 0)
		x->out->v[ntokens - 1] = last;
	x->out->failed = x->out->refused = false;
	*tried = true;
	return false;
}

bool lex_arithmetic_command(struct lexer *x)
{
	return try_arithmetic(x, NEST_ARITHMETIC_COMMAND, 2);
}

/* --- ${...} */

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
	n = name_length(rest);
	if (n == 0)
		while (n < rest.len && is_digit(rest.p[n]))
			n++;
	if (n == 0 && is_one_of(lex_peek(x, i), "@*?$-"))
		n = 1;
	return n > 0 ? i + n : 0;
}

/* Placeholders that would be, or name, the parameter. */
static void check_parameter(struct lexer *x, size_t length)
{
	struct shell_marker m;
	size_t i = x->pos + 2, n = length == 0 ? lex_match(x, x->pos + 1, &m) : 0;

	if (n > 0) {
		x->out->refused = true;
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

/* One character of a word in braces. */
static void brace_char(struct lexer *x, enum quoting q)
{
	char c = lex_peek(x, 0);

	if (lex_placeholder(x, q))
		return;
	if (c == '\'' && q == QUOTING_BRACE)
		lex_single(x);
	else if (c == '"' && q == QUOTING_BRACE)
		lex_double(x);
	else if (c == '"' && q == QUOTING_BRACE_DOUBLE) {
		size_t at = x->pos, open = lex_open(x, NEST_DOUBLE, q, 1);

		while (lex_more(x) && lex_peek(x, 0) != '"')
			lex_double_char(x, QUOTING_BRACE_DOUBLE);
		if (!lex_more(x))
			lex_fail(x, at, "missing closing \"");
		lex_close(x, open, 1);
	} else if (c == '$')
		lex_dollar(x, q == QUOTING_ARITHMETIC ? QUOTING_DOUBLE : q);
	else if (c == '`')
		lex_backquote(x, q);
	else if (c == '\\')
		lex_escape(x, 1, 1);
	else
		lex_text(x, 1, false);
}

/* [...] after the name. */
static void subscript(struct lexer *x)
{
	size_t depth = 0, open = lex_open(x, NEST_SUBSCRIPT, QUOTING_BRACE, 1);

	while (lex_more(x) && (depth > 0 || lex_peek(x, 0) != ']')) {
		depth += (lex_peek(x, 0) == '[') - (size_t)(lex_peek(x, 0) == ']');
		brace_char(x, QUOTING_BRACE);
	}
	lex_close(x, open, 1);
}

/* The operator after the name decides how the rest is quoted. */
static enum quoting take_operator(struct lexer *x, size_t open, enum quoting q)
{
	static const char *const operators[] = {
	    ":-", ":=", ":+", ":?", ":#", "-",	"=", "+",  "?", "##", "#",
	    "%%", "%",	"//", "/",  "^^", "^", ",,", ",", ":", "@"};
	enum { DEFAULTS = 9, PATTERNS = 19 };

	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		if (!lex_at(x, operators[i]))
			continue;
		x->out->v[open].op = (struct bytes){x->s + x->pos, strlen(operators[i])};
		lex_text(x, strlen(operators[i]), false);
		if (i == 4 || (i >= DEFAULTS && i < PATTERNS))
			return QUOTING_BRACE;
		return *operators[i] == ':' && operators[i][1] == '\0' ? QUOTING_ARITHMETIC
								       : q;
	}
	if (lex_peek(x, 0) != '}')
		x->out->v[open].unknown = true;
	return q;
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

/* Do single quotes hide anything in "${x#'}'}"?  The shells differ. */
static bool hides_sign(const struct tokens *t, size_t open)
{
	bool quoted = false;

	for (size_t i = open + 1; i < t->v[open].end; i++) {
		const struct token *p = &t->v[i];

		if (p->nesting == NEST_SINGLE &&
		    (p->kind == TOKEN_OPEN || p->kind == TOKEN_CLOSE))
			quoted = p->kind == TOKEN_OPEN;
		else if (p->kind == TOKEN_OPEN && p->nesting > NEST_ANSI)
			i = p->end; /* it has quotes of its own */
		else if (quoted && p->kind == TOKEN_TEXT)
			for (size_t k = 0; k < p->text.len; k++)
				if (is_one_of(p->text.p[k], "}\"$`\\"))
					return true;
	}
	return false;
}

static void brace(struct lexer *x, enum quoting around)
{
	enum quoting q = inner_quoting(around);
	size_t at = x->pos, length = parameter_length(x), open;

	check_parameter(x, length);
	lex_begin_word(x);
	open = lex_open(x, NEST_BRACE, around, length > 0 ? length : 2);
	x->out->v[open].value = (struct bytes){x->s + at + 2, x->pos - at - 2};
	x->out->v[open].op = (struct bytes){"", 0};
	x->out->v[open].unknown = length == 0;
	if (length > 0) {
		if (lex_peek(x, 0) == '[')
			subscript(x);
		q = take_operator(x, open, q);
	}
	if (!lex_enter(x))
		return;
	while (lex_more(x) && lex_peek(x, 0) != '}')
		brace_char(x, q);
	x->depth--;
	if (!lex_more(x))
		lex_fail(x, at, "missing closing } of ${");
	lex_close(x, open, 1);
	if (around != QUOTING_NONE && around != QUOTING_BRACE)
		x->out->v[open].unsure = hides_sign(x->out, open);
}

/* --- $... */

static void parameter(struct lexer *x)
{
	struct bytes rest = {x->s + x->pos + 1, x->end - x->pos - 1};
	size_t n = name_length(rest);
	struct token *t;

	if (n == 0 && is_one_of(lex_peek(x, 1), "0123456789@*#?$!-"))
		n = 1;
	if (n == 0) {
		lex_text(x, 1, true);
		return;
	}
	lex_begin_word(x);
	t = lex_add(x, TOKEN_PARAMETER, (struct bytes){x->s + x->pos, n + 1});
	t->value = (struct bytes){x->s + x->pos + 1, n};
	x->pos += n + 1;
}

static void old_arithmetic(struct lexer *x)
{
	if (!try_arithmetic(x, NEST_OLD_ARITHMETIC, 2))
		parameter(x);
}

void lex_dollar(struct lexer *x, enum quoting q)
{
	bool quotes = q == QUOTING_NONE || q == QUOTING_BRACE;
	char c = lex_peek(x, 1);

	if (lex_at(x, "$((") && try_arithmetic(x, NEST_ARITHMETIC, 3))
		return;
	if (c == '(') {
		lex_begin_word(x);
		lex_parenthesis(x, NEST_SUBSTITUTION, q, 2);
	} else if (c == '{') {
		brace(x, q);
	} else if (c == '\'' && quotes) {
		ansi_quotes(x);
	} else if (c == '[') {
		old_arithmetic(x);
	} else {
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
	char *text = arena_alloc(x->in->arena, room);

	*columns = arena_alloc(x->in->arena, room * sizeof **columns);
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
static void rewrite_backquotes(struct lexer *x, size_t open, struct bytes inner)
{
	struct token *t = &x->out->v[open];

	t->text = bytes_str(inner.len > 0 && inner.p[0] == '(' ? "$( " : "$(");
	/* A comment or a here-document must not swallow the parenthesis. */
	t = &x->out->v[x->out->n - 1];
	t->text = bytes_str(memchr(inner.p, '#', inner.len) != NULL ||
					    strstr(inner.p, "<<") != NULL
				    ? "\n)"
				    : ")");
}

/* Without placeholders the text stays as it is, and the tokens only tell what
 * it holds; if it cannot be read, that is the shell's business. */
static void keep_backquotes(struct lexer *x, size_t open, struct bytes text)
{
	if (x->out->failed) {
		x->out->failed = false;
		x->out->n = open + 1;
		x->out->v[open].unsure = true;
		lex_add(x, TOKEN_CLOSE, (struct bytes){"", 0})->nesting = NEST_BACKQUOTE;
	}
	for (size_t i = open + 1; i < x->out->n; i++)
		x->out->v[i].silent = true;
	x->out->v[open].text = text;
}

void lex_backquote(struct lexer *x, enum quoting q)
{
	bool in_word = q == QUOTING_NONE || q == QUOTING_BRACE, odd, marker;
	const char *special = q == QUOTING_DOUBLE ? "$`\\\"" : "$`\\";
	struct lexer outer = *x;
	struct frame frame = *x->frame;
	size_t at = x->pos, after, *columns, open;
	struct bytes inner = unescape(x, special, &columns, &odd);

	if (!lex_more(x)) {
		lex_fail(x, at, "missing closing `");
		return;
	}
	after = x->pos + 1;
	x->pos = at;
	lex_begin_word(x);
	frame.in_word = x->frame->in_word;
	frame.word = x->frame->word;
	open = lex_open(x, NEST_BACKQUOTE, q, 0);
	x->s = inner.p;
	x->pos = 0;
	x->end = inner.len;
	x->columns = columns;
	marker = lex_has_marker(x, 0, inner.len);
	if (marker && odd && !in_word && q != QUOTING_DOUBLE)
		lex_fail(x, 0,
			 "\\\" in backquotes in ${...} or a here-document is not the same "
			 "in every shell; write $( )");
	lex_commands(x, 0, false);
	lex_add(x, TOKEN_CLOSE, (struct bytes){"", 0})->nesting = NEST_BACKQUOTE;
	if (!marker)
		keep_backquotes(x, open, (struct bytes){outer.s + at, after - at});
	else
		rewrite_backquotes(x, open, inner);
	x->out->v[open].end = x->out->n - 1;
	x->out->v[open].unsure |= odd;
	x->s = outer.s;
	x->end = outer.end;
	x->columns = outer.columns;
	x->in_comment = outer.in_comment;
	*x->frame = frame;
	x->depth = outer.depth;
	x->pos = after;
}
