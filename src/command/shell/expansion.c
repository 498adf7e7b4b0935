/* SPDX-License-Identifier: ISC */

/* Words and their pieces.  The first half says what holds of a word whatever the values
 * in it are; the second walks over the pieces, and finds those that evaluate what they
 * expand. */

#include <config.h>

#include "command/shell/grammar.h"

/* --- what is known of a word whatever the values in it are */

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

/* The first placeholder from i on that is not in a list with words of its own. */
static size_t next_marker(const struct tokens *t, size_t i, size_t end)
{
	for (; i < end && t->v[i].kind != TOKEN_MARKER; i++)
		if (t->v[i].kind == TOKEN_OPEN &&
		    (t->v[i].nesting == NEST_SUBSTITUTION || t->v[i].nesting == NEST_BACKQUOTE ||
		     t->v[i].nesting == NEST_PROCESS || t->v[i].nesting == NEST_ARRAY ||
		     t->v[i].nesting == NEST_PATTERN))
			i = t->v[i].end;
	return i < end ? i : end;
}

size_t word_marker(const struct grammar *g, const struct cmd_word *w)
{
	size_t end = g->t->v[w->token].end, i = next_marker(g->t, w->token + 1, end);

	while (i < end && g->t->v[i].marker.raw)
		i = next_marker(g->t, i + 1, end);
	return i < end ? i : 0;
}

void word_check(struct grammar *g, const struct cmd_word *w, enum place_check check)
{
	size_t end = g->t->v[w->token].end, i = next_marker(g->t, w->token + 1, end);

	for (; i < end && !g->anchor; i = next_marker(g->t, i + 1, end))
		if (!g->t->v[i].marker.number)
			g->out->notes[i].checks |= check;
}

bool word_has_list(const struct grammar *g, size_t word)
{
	size_t end = g->t->v[word].end, i = next_marker(g->t, word + 1, end);

	while (i < end && !g->t->v[i].marker.list)
		i = next_marker(g->t, i + 1, end);
	return i < end;
}

bool is_quote(const struct token *p)
{
	return (p->kind == TOKEN_OPEN || p->kind == TOKEN_CLOSE) && p->nesting <= NEST_ANSI;
}

/* $x or ${x}, without an operator. */
static bool is_parameter(const struct token *p)
{
	return p->kind == TOKEN_PARAMETER ||
	       (p->kind == TOKEN_OPEN && p->nesting == NEST_BRACE && p->op.len == 0 &&
		!p->unknown);
}

bool is_number_token(const struct token *p)
{
	if (!is_parameter(p))
		return p->kind == TOKEN_OPEN && p->nesting == NEST_ARITHMETIC;
	return p->value.len == 1 ? is_one_of(*p->value.p, "#?$!")
				 : p->kind == TOKEN_OPEN && *p->value.p == '#';
}

/* $@, ${a[*]}, ${@:2}: any number of words even in quotes. */
static bool is_many(const struct token *p)
{
	const struct token *subscript = p + 1, *inner = p + 2;

	if (p->value.len > 0 && is_one_of(*p->value.p, "@*"))
		return true;
	return p->kind == TOKEN_OPEN && p->nesting == NEST_BRACE &&
	       subscript->kind == TOKEN_OPEN && subscript->nesting == NEST_SUBSCRIPT &&
	       inner->kind == TOKEN_TEXT && is_listed(inner->text, "@ *");
}

bool word_is_one(const struct grammar *g, const struct cmd_word *w)
{
	size_t quotes = 0;

	for (size_t i = w->token + 1; i < g->t->v[w->token].end; i++) {
		const struct token *p = &g->t->v[i];

		if (is_quote(p)) {
			quotes += p->kind == TOKEN_OPEN ? 1 : (size_t)-1;
		} else if (p->kind == TOKEN_MARKER) {
			if (p->marker.raw || (!g->anchor && g->out->notes[w->token].repeats))
				return false;
		} else if (p->kind != TOKEN_TEXT) {
			if (is_many(p) || (quotes == 0 && !is_number_token(p)))
				return false;
			if (p->kind == TOKEN_OPEN)
				i = p->end;
		}
	}
	return true;
}

bool is_number_text(struct bytes text)
{
	if (text.len > 0 && is_one_of(*text.p, "+-")) {
		text.p++;
		text.len--;
	}
	return text.len == 0 || is_digits(text);
}

bool word_is_number(struct grammar *g, const struct cmd_word *w, const char *what)
{
	size_t first = w->token + 1, end = g->t->v[w->token].end;

	for (size_t i = first; i < end; i++) {
		const struct token *p = &g->t->v[i];

		if (is_number_token(p)) {
			i = p->kind == TOKEN_OPEN ? p->end : i;
		} else if (is_parameter(p)) {
			if (!is_name(p->value) || (p->kind == TOKEN_OPEN && p->end != i + 1))
				return false;
			judge_use(g, p->value, i, what);
		} else if (p->kind == TOKEN_TEXT ? !is_number_text(p->value)
			   : p->kind == TOKEN_MARKER ? !p->marker.number
						     : p->kind != TOKEN_CLOSE &&
							   !(is_quote(p) &&
							     p->nesting <= NEST_DOUBLE)) {
			return false;
		}
	}
	return end > first;
}

/* --- pieces */

static void walk_forbidden(struct grammar *g, size_t from, size_t to, const char *why)
{
	const char *outer = g->forbid;

	g->forbid = why;
	judge_pieces(g, from, to);
	g->forbid = outer;
}

static void marker(struct grammar *g, size_t i)
{
	const struct token *p = &g->t->v[i];

	if (g->forbid != NULL && !g->anchor)
		judge_refuse(g, i, "%s", g->forbid);
	else if (p->marker.raw)
		judge_evaluates(g, LINE_CODE, i, "%.*s, which is pasted", (int)p->text.len,
				p->text.p);
	else if (g->in_arithmetic && !p->marker.number && !g->anchor)
		g->out->notes[i].checks |= PLACE_INTEGER;
}

static void parameter(struct grammar *g, size_t i, size_t end)
{
	const struct token *p = &g->t->v[i], *next = p + 1;

	if (p->value.len == 1 && (is_digit(*p->value.p) || is_one_of(*p->value.p, "@*#$-")))
		g->out->uses_parameters = true;
	if ((g->traits & SUBSCRIPTS_PARAMETERS) && i + 1 < end && next->kind == TOKEN_TEXT &&
	    next->text.len > 0 && next->text.p == p->text.p + p->text.len &&
	    (is_one_of(*next->text.p, "[:") ||
	     (is_one_of(*p->value.p, "#") && !is_one_of(*next->text.p, " \t\n"))))
		judge_evaluates(g, LINE_CODE, i, "$%.*s%c", (int)p->value.len, p->value.p,
				*next->text.p);
}

/* An expansion that POSIX does not have. */
static void text(struct grammar *g, size_t i, size_t end)
{
	const struct token *p = &g->t->v[i], *next = p + 1;
	bool dollar = p->text.len > 0 && p->text.p[p->text.len - 1] == '$' &&
		      p->value.len > 0 && p->value.p[p->value.len - 1] == '$';

	for (size_t k = 0; (g->traits & SUBSCRIPTS_PARAMETERS) && k + 1 < p->text.len; k++)
		if (p->text.p[k] == '$' && is_one_of(p->text.p[k + 1], "^=~+:["))
			judge_evaluates(g, LINE_CODE, i, "$%c", p->text.p[k + 1]);
	if (dollar && i + 1 < end && next->kind == TOKEN_OPEN && next->nesting == NEST_DOUBLE)
		judge_evaluates(g, LINE_CODE, i, "$\"...\"");
	else if (dollar && i + 1 < end && next->kind == TOKEN_TEXT && next->text.len > 0 &&
		 (g->traits & SUBSCRIPTS_PARAMETERS) && is_one_of(*next->text.p, "^=~+:["))
		judge_evaluates(g, LINE_CODE, i, "$%c", *next->text.p);
}

/* --- arithmetic */

static bool is_assignment_operator(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && is_one_of(p[i], " \t\n"))
		i++;
	if (i + 2 < len && (p[i] == '<' || p[i] == '>') && p[i + 1] == p[i])
		i += 2;
	else if (i < len && is_one_of(p[i], "+-*/%&|^"))
		i++;
	return i < len && p[i] == '=' && (i + 1 == len || p[i + 1] != '=');
}

/* The text of an expression between its expansions. */
static void expression_text(struct grammar *g, size_t i, bool after, bool before)
{
	struct bytes t = g->t->v[i].text;
	size_t k = 0, n;

	while (k < t.len) {
		struct bytes name = {t.p + k, t.len - k};

		n = name.len = name_length(name);
		if (n > 0 && ((k == 0 && after) || (k + n == t.len && before))) {
			judge_evaluates(g, LINE_EXPRESSION, i, "a name in arithmetic");
			return;
		}
		if (n > 0) {
			if (is_assignment_operator(t.p + k + n, t.len - k - n))
				judge_assigned(g, i, name, true);
			judge_use(g, name, i, "arithmetic");
			k += n;
		} else if (is_digit(t.p[k])) {
			while (k < t.len && (is_alnum(t.p[k]) || t.p[k] == '_'))
				k++;
		} else if (is_one_of(t.p[k], " \t\n+-*/%()<>=!&|^~?:,;")) {
			k++;
		} else {
			judge_evaluates(g, LINE_EXPRESSION, i, "%c in arithmetic", t.p[k]);
			return;
		}
	}
}

/* An expansion in an expression gives a number only if ... */
static void expression_piece(struct grammar *g, size_t i)
{
	const struct token *p = &g->t->v[i];

	if (p->kind == TOKEN_MARKER || is_number_token(p))
		return;
	if ((p->kind == TOKEN_PARAMETER || (p->kind == TOKEN_OPEN && p->op.len == 0 &&
					    p->nesting == NEST_BRACE && p->end == i + 1)) &&
	    is_name(p->value))
		judge_use(g, p->value, i, "arithmetic");
	else
		judge_evaluates(g, LINE_EXPRESSION, i, "an expansion in arithmetic");
}

static void arithmetic(struct grammar *g, size_t from, size_t to)
{
	bool outer = g->in_arithmetic, evaluates = g->traits & EVALUATES_ARITHMETIC;

	g->in_arithmetic = true;
	for (size_t i = from; i < to && evaluates; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_TEXT)
			expression_text(g, i, i > from, i + 1 < to);
		else
			expression_piece(g, i);
		if (p->kind == TOKEN_OPEN)
			i = p->end;
	}
	judge_pieces(g, from, to);
	g->in_arithmetic = outer;
}

/* --- ${...} */

const char judge_in_subscript[] =
    "a placeholder inside an array's subscript, which the shell evaluates";

static void subscript(struct grammar *g, size_t open)
{
	const struct token *p = &g->t->v[open], *inner = p + 1;
	bool literal = p->end == open + 2 && inner->kind == TOKEN_TEXT &&
		       (is_digits(inner->value) || is_listed(inner->value, "@ *"));

	if (!(g->traits & HAS_ARRAYS))
		judge_evaluates(g, LINE_CODE, open, "a subscript");
	else if (!literal && p->end == open + 2 && inner->kind == TOKEN_TEXT &&
		 is_name(inner->value) && !inner->quoted)
		judge_use(g, inner->value, open, "a subscript");
	else if (!literal)
		judge_evaluates(g, LINE_EXPRESSION, open, "a subscript");
	walk_forbidden(g, open + 1, p->end, judge_in_subscript);
}

static void transformation(struct grammar *g, size_t open, size_t from, size_t to)
{
	const struct token *p = &g->t->v[from];
	bool one = to == from + 1 && p->kind == TOKEN_TEXT;
	/* "@Q" is one text, or the letter is a text of its own. */
	struct bytes letter = one ? (struct bytes){p->value.p + p->value.len - 1, 1}
				  : (struct bytes){"", 0};

	if (!one || p->value.len > 2 || !(g->traits & HAS_CASE) ||
	    !is_listed(letter, "Q U u L E K k P A a"))
		judge_evaluates(g, LINE_CODE, open, "${...@}");
	else if (is_listed(letter, "P A a"))
		judge_evaluates(g, LINE_EXPRESSION, open, "${...@%c}", *letter.p);
}

static void replacement(struct grammar *g, size_t from, size_t to, bool unquoted)
{
	const char *outer = g->forbid;
	bool first = true;

	for (size_t i = from; i < to; i++) {
		const struct token *p = &g->t->v[i];
		const char *slash = p->kind == TOKEN_TEXT && !p->quoted && p->value.len > 0
					? memchr(p->value.p + first, '/', p->value.len - first)
					: NULL;

		/* the operator itself is at the start of the first text */
		if (first && slash == p->value.p + 1)
			slash = memchr(p->value.p + 2, '/', p->value.len - 2);
		first = false;
		if (slash != NULL && unquoted)
			g->forbid = "a placeholder in an unquoted ${x/a/...}, where it would be "
				    "split; write \"${x/a/...}\"";
		judge_pieces(g, i, (p->kind == TOKEN_OPEN ? p->end : i) + 1);
		if (p->kind == TOKEN_OPEN)
			i = p->end;
	}
	g->forbid = outer;
}

static void check_operator(struct grammar *g, size_t open, size_t from, size_t to)
{
	const struct token *p = &g->t->v[open];
	struct bytes op = p->op;
	char first = op.len > 0 ? *op.p : '\0';

	if (is_listed(op, ":#"))
		judge_evaluates(g, LINE_CODE, open, "${...:#}");
	else if (first == '/' && !(g->traits & HAS_REPLACEMENT))
		judge_evaluates(g, LINE_CODE, open, "${.../}");
	else if ((first == '^' || first == ',') && !(g->traits & HAS_CASE))
		judge_evaluates(g, LINE_CODE, open, "${...%c}", first);
	else if (first == '@')
		transformation(g, open, from, to);
	else if (is_listed(op, ":") && !(g->traits & HAS_SUBSTRING))
		judge_evaluates(g, LINE_CODE, open, "${...:}");
	else if (is_listed(op, ":= ="))
		judge_assigned(g, open, p->value,
			       to == from + 1 && is_digits((struct bytes){
						     g->t->v[from].value.p + op.len,
						     g->t->v[from].value.len - op.len}));
}

static void substring(struct grammar *g, size_t open, size_t from, size_t to)
{
	const struct token *p = &g->t->v[from];
	char after = from < to && p->kind == TOKEN_TEXT && p->value.len > 1 ? p->value.p[1]
									    : '0';

	if ((g->traits & SUBSCRIPTS_PARAMETERS) && is_alpha(after))
		judge_evaluates(g, LINE_CODE, open, "${...:%c}", after); /* zsh: ${x:h} */
	arithmetic(g, from, to);
}

static void brace(struct grammar *g, size_t open)
{
	const struct token *p = &g->t->v[open];
	bool unquoted = p->quoting == QUOTING_NONE || p->quoting == QUOTING_BRACE;
	bool outer = g->in_arithmetic;
	size_t from = open + 1, to = p->end;

	if (p->value.len == 1 && (is_digit(*p->value.p) || is_one_of(*p->value.p, "@*#$-")))
		g->out->uses_parameters = true;
	if (p->value.len > 1 && *p->value.p == '!')
		judge_evaluates(g, LINE_EXPRESSION, open, "${!...}");
	if (from < to && g->t->v[from].kind == TOKEN_OPEN &&
	    g->t->v[from].nesting == NEST_SUBSCRIPT) {
		g->in_arithmetic = false;
		subscript(g, from);
		g->in_arithmetic = outer;
		from = g->t->v[from].end + 1;
	}
	check_operator(g, open, from, to);
	if (p->unknown || (p->op.len > 0 && p->value.len > 1 && *p->value.p == '#')) {
		judge_evaluates(g, LINE_CODE, open, "a ${...} of unknown meaning");
		walk_forbidden(g, from, to, "a placeholder in a ${...} of unknown meaning");
	} else if (is_listed(p->op, ":")) {
		substring(g, open, from, to);
	} else if (is_listed(p->op, ":= =") && unquoted) {
		walk_forbidden(g, from, to,
			       "a placeholder in an unquoted ${x:=...}, where it would be "
			       "split; write \"${x:=...}\"");
	} else if (is_listed(p->op, "/ //")) {
		replacement(g, from, to, unquoted);
	} else if (is_listed(p->op, "@")) {
		walk_forbidden(g, from, to, "a placeholder in a ${...} of unknown meaning");
	} else {
		judge_pieces(g, from, to);
	}
}

/* --- nested lists */

/* zsh runs the value in *(e:HERE:) and *(+HERE) as code. */
static void glob_qualifier(struct grammar *g, size_t open)
{
	for (size_t i = open + 1; i < g->t->v[open].end; i++) {
		const struct token *w = &g->t->v[i];
		size_t k = 0, m = i + 1;
		struct bytes before;

		if (w->kind != TOKEN_WORD)
			continue;
		while (m < w->end && g->t->v[m].kind != TOKEN_MARKER)
			m++;
		before = m > i + 1 ? tokens_text(g->t, i + 1, m, g->a) : (struct bytes){"", 0};
		while (k < before.len &&
		       (!is_alpha(before.p[k]) || is_one_of(before.p[k], "NDFM")))
			k++;
		if (m < w->end &&
		    ((before.len > 0 && before.p[before.len - 1] == '+') ||
		     (k + 1 < before.len && before.p[k] == 'e' && !is_alnum(before.p[k + 1]))))
			judge_refuse(g, m,
				     "zsh would run a value in *(e:...:) or *(+...)");
		i = w->end - 1;
	}
}

static void nested_commands(struct grammar *g, size_t open)
{
	bool arithmetic = g->in_arithmetic, condition = g->in_condition;
	size_t in_array = g->in_array, in_pattern = g->in_pattern;

	g->in_arithmetic = g->in_condition = false;
	g->in_array = g->in_pattern = 0;
	judge_list(g, open + 1, g->t->v[open].end);
	g->in_array = in_array;
	g->in_pattern = in_pattern;
	g->in_arithmetic = arithmetic;
	g->in_condition = condition;
}

static void pattern(struct grammar *g, size_t open)
{
	if (!g->in_condition) {
		glob_qualifier(g, open);
		judge_evaluates(g, LINE_CODE, open, "( inside a word");
	} else if (!(g->traits & HAS_CONDITION) || (g->traits & SUBSCRIPTS_PARAMETERS)) {
		judge_evaluates(g, LINE_CODE, open, "( inside a pattern");
	}
	g->in_pattern++;
	judge_list(g, open + 1, g->t->v[open].end);
	g->in_pattern--;
}

static void array(struct grammar *g, size_t open)
{
	bool condition = g->in_condition;

	judge_needs(g, HAS_ARRAYS, open, "an array", "use set -- and \"$@\"");
	g->in_condition = false;
	g->in_array++;
	judge_list(g, open + 1, g->t->v[open].end);
	g->in_array--;
	g->in_condition = condition;
}

void judge_nested(struct grammar *g, size_t open)
{
	const struct token *p = &g->t->v[open];

	if (p->unsure)
		judge_evaluates(g, LINE_CODE, open, "text that shells read differently");
	switch (p->nesting) {
	case NEST_ANSI:
		judge_needs(g, HAS_ANSI_QUOTES, open, "$'...'", "write \"$(printf '...')\"");
		/* fall through */
	case NEST_SINGLE:
	case NEST_DOUBLE:
		judge_pieces(g, open + 1, p->end);
		break;
	case NEST_BRACE:
		brace(g, open);
		break;
	case NEST_SUBSCRIPT:
		subscript(g, open);
		break;
	case NEST_PROCESS:
		if (!(g->traits & HAS_PROCESS))
			judge_evaluates(g, LINE_CODE, open, "<( )");
		/* fall through */
	case NEST_SUBSTITUTION:
	case NEST_BACKQUOTE:
	case NEST_SUBSHELL:
		nested_commands(g, open);
		break;
	case NEST_ARITHMETIC:
		arithmetic(g, open + 1, p->end);
		break;
	case NEST_ARITHMETIC_COMMAND:
		judge_needs(g, HAS_ARITHMETIC_COMMAND, open, "((",
		      "write $(( )) with [ ] or :, or put a blank between the parentheses");
		arithmetic(g, open + 1, p->end);
		break;
	case NEST_OLD_ARITHMETIC:
		judge_evaluates(g, LINE_CODE, open, "$[ ]");
		for (size_t i = open + 1; i < p->end; i++)
			if (g->t->v[i].kind == TOKEN_MARKER)
				judge_refuse(g, open, "a placeholder inside $[ ]; write $(( ))");
		judge_pieces(g, open + 1, p->end);
		break;
	case NEST_ARRAY:
		array(g, open);
		break;
	case NEST_PATTERN:
		pattern(g, open);
		break;
	case NEST_HEREDOC:
		judge_pieces(g, open + 1, p->end);
		break;
	}
}

void judge_pieces(struct grammar *g, size_t from, size_t to)
{
	for (size_t i = from; i < to && !g->failed; i++) {
		switch (g->t->v[i].kind) {
		case TOKEN_TEXT:
			text(g, i, to);
			break;
		case TOKEN_MARKER:
			marker(g, i);
			break;
		case TOKEN_PARAMETER:
			parameter(g, i, to);
			break;
		case TOKEN_OPEN:
			judge_nested(g, i);
			i = g->t->v[i].end;
			break;
		default:
			break;
		}
	}
}

