/* SPDX-License-Identifier: ISC */

/* The lexer's loop over commands.  It knows as much of the grammar as it takes to tell
 * keywords from words, and where words, patterns and parentheses end; whether the
 * line is good syntax is not its business. */

#include <config.h>

#include "command/shell/lexer.h"

/* --- words: what a finished one is */

static void compound_end(struct frame *f)
{
	f->closed = true;
	f->command = true;
	f->loop = LOOP_NONE;
}

static void push_case(struct lexer *x)
{
	struct frame *f = x->frame;

	if (f->ncases == DEPTH_MAX)
		lex_fail(x, x->pos, "nested too deeply");
	else
		f->cases[f->ncases++] = CASE_SUBJECT;
	f->command = false;
}

/* A word in command position that is a keyword; false when it is none. */
static bool take_keyword(struct lexer *x, struct bytes text)
{
	struct frame *f = x->frame;

	if (is_listed(text, "if then elif else while until do ! { time coproc")) {
		f->after_time |= bytes_is(text, "time");
		f->after_coproc |= bytes_is(text, "coproc");
	} else if (f->after_time && is_listed(text, "-p --")) {
		;
	} else if (is_listed(text, "fi done }")) {
		compound_end(f);
	} else if (bytes_is(text, "esac") && f->ncases > 0) {
		f->ncases--;
		compound_end(f);
	} else if (bytes_is(text, "case")) {
		push_case(x);
	} else if (is_listed(text, "for select foreach")) {
		f->loop = LOOP_NAME;
		f->command = false;
	} else if (bytes_is(text, "function")) {
		f->after_function = true;
		f->command = false;
	} else if (bytes_is(text, "[[")) {
		f->in_condition = true;
		f->command = false;
	} else {
		return false;
	}
	return true;
}

/* A word in "case WORD in PATTERN) ... esac"; false when it belongs to a
 * command in the body. */
static bool take_case_word(struct frame *f, struct token *w, struct bytes text)
{
	unsigned char *state = &f->cases[f->ncases - 1];

	switch (*state) {
	case CASE_SUBJECT:
		*state = CASE_IN;
		w->role = ROLE_SUBJECT;
		return true;
	case CASE_IN:
		*state = CASE_PATTERN;
		w->kind = TOKEN_KEYWORD;
		return true;
	case CASE_PATTERN:
		w->role = ROLE_PATTERN;
		if (!w->quoted && bytes_is(text, "esac")) {
			w->kind = TOKEN_KEYWORD;
			f->ncases--;
			compound_end(f);
		}
		return true;
	}
	return false;
}

/* A word in "for NAME [in WORD...]"; false for the words of the list. */
static bool take_loop_word(struct frame *f, struct token *w, struct bytes text)
{
	if (f->loop == LOOP_NAME) {
		w->role = ROLE_LOOP_NAME;
		f->loop = LOOP_IN;
		return true;
	}
	if (f->loop == LOOP_LIST || w->quoted)
		return false;
	f->loop = LOOP_LIST;
	if (bytes_is(text, "do") || bytes_is(text, "{")) {
		f->command = true;
		f->loop = LOOP_NONE;
	} else if (!bytes_is(text, "in")) {
		return false;
	}
	w->kind = TOKEN_KEYWORD;
	return true;
}

/* A word of a command, of a loop's list, of an array or of a condition. */
static void take_word(struct frame *f, struct token *w, struct bytes text)
{
	bool element = f->is_array && text.len > 0 && *text.p == '[';

	if (element || (f->command && !f->in_condition && is_assignment(text))) {
		w->role = ROLE_ASSIGNMENT;
		f->nwords++;
		return;
	}
	if (f->command && !f->words_only && !f->in_condition)
		w->role = ROLE_COMMAND;
	f->nwords++;
	f->command = false;
	if (f->after_coproc && f->nwords == 2 && !w->quoted && bytes_is(text, "{")) {
		w->kind = TOKEN_KEYWORD; /* coproc NAME { */
		f->nwords = 0;
		f->command = true;
	}
}

static bool has_quotes(const struct lexer *x, size_t word)
{
	for (size_t i = word + 1; i < x->out->n; i++) {
		const struct token *p = &x->out->v[i];

		if ((p->kind == TOKEN_TEXT && p->quoted && p->value.len > 0) ||
		    p->kind == TOKEN_MARKER ||
		    (p->kind == TOKEN_OPEN && p->nesting <= NEST_ANSI))
			return true;
	}
	return false;
}

static void end_word(struct lexer *x)
{
	struct frame *f = x->frame;
	struct token *w;
	struct bytes text;

	if (!f->in_word)
		return;
	f->in_word = false;
	w = &x->out->v[f->word];
	w->end = x->out->n;
	w->quoted = has_quotes(x, f->word);
	text = tokens_text(x->out, f->word + 1, x->out->n, x->in->arena);
	if (f->redirects) {
		f->redirects = false;
		w->role = ROLE_TARGET;
	} else if (f->ncases > 0 && take_case_word(f, w, text)) {
		;
	} else if (f->loop != LOOP_NONE && take_loop_word(f, w, text)) {
		;
	} else if (f->after_function) {
		w->role = ROLE_FUNCTION;
		f->after_function = false;
		f->command = true;
	} else if (f->in_condition && !w->quoted && bytes_is(text, "]]")) {
		w->kind = TOKEN_KEYWORD;
		f->in_condition = false;
		compound_end(f);
	} else if (!f->words_only && !f->in_condition && f->command && !w->quoted &&
		   take_keyword(x, text)) {
		x->out->v[f->word].kind = TOKEN_KEYWORD;
	} else {
		take_word(f, w, text);
	}
}

/* After a separator. */
static void end_command(struct lexer *x)
{
	struct frame *f = x->frame;

	end_word(x);
	if (f->in_condition)
		return;
	f->nwords = 0;
	f->command = !f->words_only;
	f->redirects = false;
	f->loop = LOOP_NONE;
	f->closed = f->after_function = f->after_time = f->after_coproc = false;
}

/* --- one function per kind of character */

static void comment(struct lexer *x)
{
	size_t n = 0;

	while (x->pos + n < x->end && x->s[x->pos + n] != '\n')
		n++;
	lex_add(x, TOKEN_COMMENT, (struct bytes){x->s + x->pos, n});
	x->pos += n;
	x->out->has_comment = true;
	x->in_comment = true;
}

static void backslash(struct lexer *x)
{
	if (lex_peek(x, 1) == '\n' && !x->frame->in_word) {
		lex_add(x, TOKEN_BLANK, (struct bytes){x->s + x->pos, 2});
		x->pos += 2;
	} else if (lex_peek(x, 1) == '\n') {
		lex_escape(x, 2, 0);
	} else {
		lex_escape(x, 1, 1);
	}
}

static void operator_token(struct lexer *x, enum token_kind kind, size_t n)
{
	struct token *t = lex_add(x, kind, (struct bytes){x->s + x->pos, n});

	t->value = t->text;
	x->pos += n;
}

static void newline(struct lexer *x)
{
	end_command(x);
	for (struct frame *f = x->frame->outer; f != NULL; f = f->outer)
		if (f->pending != NULL)
			lex_fail(x, x->pos,
				 "a newline inside $( ) on a line that waits for its "
				 "here-document; split the line");
	operator_token(x, TOKEN_OPERATOR, 1);
	x->in_comment = false;
	if (x->frame->pending != NULL)
		lex_heredoc_bodies(x);
}

/* The first of the operators that the input starts with; longest first. */
static size_t operator_length(const struct lexer *x, const char *const *operators)
{
	while (*operators != NULL && !lex_at(x, *operators))
		operators++;
	return *operators != NULL ? strlen(*operators) : 1;
}

/* "2" in "2>file" is no word of the command. */
static void end_redirected_word(struct lexer *x)
{
	struct frame *f = x->frame;

	if (f->in_word && x->out->n == f->word + 2 &&
	    x->out->v[f->word + 1].kind == TOKEN_TEXT && !x->out->v[f->word + 1].quoted &&
	    is_digits(x->out->v[f->word + 1].value)) {
		x->out->v[f->word].kind = TOKEN_NUMBER;
		x->out->v[f->word].end = x->out->n;
		f->in_word = false;
	} else {
		end_word(x);
	}
}

static void redirection(struct lexer *x)
{
	static const char *const operators[] = {"<<<", "&>>", "&>", ">>", ">|", ">&",
						"<&",  "<>",  "<",  ">",  NULL};
	struct frame *f = x->frame;

	if (lex_at(x, "<(") || lex_at(x, ">(")) {
		lex_begin_word(x);
		lex_parenthesis(x, NEST_PROCESS, QUOTING_NONE, 2);
		return;
	}
	if (f->in_condition) {
		end_word(x);
		operator_token(x, TOKEN_OPERATOR, 1);
		return;
	}
	end_redirected_word(x);
	if (lex_at(x, "<<") && !lex_at(x, "<<<")) {
		lex_heredoc_start(x);
		return;
	}
	operator_token(x, TOKEN_REDIRECTION, operator_length(x, operators));
	f->redirects = true;
}

static void separator(struct lexer *x)
{
	static const char *const operators[] = {"&&", "||", "|&", "&", "|", ";;&",
						";;", ";&", ";|", ";", NULL};
	struct frame *f = x->frame;
	size_t n = operator_length(x, operators);
	bool pattern;

	end_word(x);
	pattern = f->ncases > 0 && f->cases[f->ncases - 1] == CASE_PATTERN;
	if (pattern && lex_peek(x, 0) == '|') {
		operator_token(x, TOKEN_PATTERN, 1);
		return;
	}
	end_command(x);
	if (lex_peek(x, 0) == ';' && n > 1 && f->ncases > 0)
		f->cases[f->ncases - 1] = CASE_PATTERN;
	operator_token(x, TOKEN_OPERATOR, n);
}

/* --- parentheses */

static char last_of_word(const struct lexer *x)
{
	const struct token *last;

	if (!x->frame->in_word)
		return '\0';
	last = &x->out->v[x->out->n - 1];
	if (last->kind != TOKEN_TEXT || last->value.len == 0)
		return '\0';
	return last->value.p[last->value.len - 1];
}

/* "f()", "function f()": the number of bytes of "( )", or 0. */
static size_t function_parens(const struct lexer *x)
{
	const struct frame *f = x->frame;
	size_t n = 1;

	if (f->in_condition || f->words_only || (!f->in_word && f->nwords > 1) ||
	    last_of_word(x) == '=')
		return 0;
	while (lex_peek(x, n) == ' ' || lex_peek(x, n) == '\t')
		n++;
	return lex_peek(x, n) == ')' ? n + 1 : 0;
}

/* May a parenthesis here belong to the word: an array, a pattern? */
static bool word_continues(const struct lexer *x)
{
	const struct frame *f = x->frame;

	return f->in_condition || (f->words_only && !f->is_array) ||
	       is_one_of(last_of_word(x), "=?*+@!");
}

static bool is_array(const struct lexer *x)
{
	const struct frame *f = x->frame;

	return f->in_word && last_of_word(x) == '=' &&
	       x->out->v[f->word + 1].kind == TOKEN_TEXT &&
	       is_assignment(x->out->v[f->word + 1].value);
}

static void open_paren(struct lexer *x)
{
	struct frame *f = x->frame;
	size_t n;

	if (!f->in_word && f->ncases > 0 && f->cases[f->ncases - 1] == CASE_PATTERN) {
		operator_token(x, TOKEN_PATTERN, 1);
	} else if ((n = function_parens(x)) > 0) {
		end_word(x);
		operator_token(x, TOKEN_OPERATOR, n);
		f->nwords = 0;
		f->command = true;
	} else if (f->in_condition && !f->in_word) {
		lex_parenthesis(x, NEST_SUBSHELL, QUOTING_NONE, 1);
	} else if (word_continues(x)) {
		enum nesting nesting = is_array(x) ? NEST_ARRAY : NEST_PATTERN;

		lex_begin_word(x);
		lex_parenthesis(x, nesting, QUOTING_NONE, 1);
	} else if (lex_at(x, "((") && (f->command || f->loop == LOOP_NAME) &&
		   !f->in_word && lex_arithmetic_command(x)) {
		compound_end(f);
	} else {
		end_word(x);
		lex_parenthesis(x, NEST_SUBSHELL, QUOTING_NONE, 1);
		compound_end(f);
	}
}

/* False when it ends this list of commands. */
static bool close_paren(struct lexer *x, char closer)
{
	struct frame *f = x->frame;
	size_t ncases = f->ncases;

	end_word(x);
	/* "esac)" ends both the case and the construct around it. */
	if (ncases > 0 && f->ncases == ncases && f->cases[ncases - 1] == CASE_PATTERN) {
		f->cases[ncases - 1] = CASE_BODY;
		f->command = true;
		operator_token(x, TOKEN_PATTERN, 1);
		return true;
	}
	if (closer == ')')
		return false;
	lex_fail(x, x->pos, "unbalanced )");
	return true;
}

static void blanks(struct lexer *x)
{
	size_t n = 0;

	end_word(x);
	while (lex_peek(x, n) == ' ' || lex_peek(x, n) == '\t')
		n++;
	lex_add(x, TOKEN_BLANK, (struct bytes){x->s + x->pos, n});
	x->pos += n;
}

static bool step(struct lexer *x, char closer)
{
	if (lex_placeholder(x, QUOTING_NONE))
		return true;
	switch (lex_peek(x, 0)) {
	case '\\':
		backslash(x);
		break;
	case '\'':
		lex_single(x);
		break;
	case '"':
		lex_double(x);
		break;
	case '`':
		lex_backquote(x, QUOTING_NONE);
		break;
	case '$':
		lex_dollar(x, QUOTING_NONE);
		break;
	case '#':
		if (x->frame->in_word)
			lex_text(x, 1, false);
		else
			comment(x);
		break;
	case ' ':
	case '\t':
		blanks(x);
		break;
	case '\n':
		newline(x);
		break;
	case '<':
	case '>':
		redirection(x);
		break;
	case '&':
		if (lex_at(x, "&>") && !x->frame->in_condition)
			redirection(x);
		else
			separator(x);
		break;
	case '|':
	case ';':
		separator(x);
		break;
	case '(':
		open_paren(x);
		break;
	case ')':
		return close_paren(x, closer);
	default:
		lex_text(x, 1, false);
	}
	return true;
}

/* --- lists */

/* Whether one more word at the end of the line would be an argument. */
static bool takes_argument(struct lexer *x)
{
	const struct frame *f = x->frame;
	bool escaped = x->end > 0 && x->s[x->end - 1] == '\\';

	return !x->in_comment && !escaped && f->nwords > 0 && !f->command && !f->closed &&
	       !f->in_condition && f->loop == LOOP_NONE && !f->redirects &&
	       f->pending == NULL;
}

/* A subshell's here-document may have its body after the parenthesis. */
static void hand_on_heredocs(struct lexer *x, struct frame *f, bool subshell)
{
	if (f->pending == NULL || x->out->failed)
		return;
	if (!subshell) {
		lex_fail(x, x->pos, "a here-document without its body");
		return;
	}
	*f->outer->pending_end = f->pending;
	f->outer->pending_end = f->pending_end;
}

void lex_commands(struct lexer *x, char closer, bool words_only)
{
	struct frame f = {.outer = x->frame,
			  .words_only = words_only,
			  .command = !words_only};
	bool subshell = closer != 0 && !x->frame->in_word && !x->frame->in_body;
	size_t at = x->pos;

	f.pending_end = &f.pending;
	if (words_only && x->frame != NULL) {
		f.in_condition = x->frame->in_condition;
		f.is_array = x->out->v[x->out->n - 1].nesting == NEST_ARRAY;
	}
	x->frame = &f;
	if (lex_enter(x))
		while (lex_more(x) && step(x, closer))
			;
	end_word(x);
	if (f.outer == NULL)
		x->out->takes_argument = takes_argument(x);
	if (closer != 0 && !lex_more(x))
		lex_fail(x, at > 0 ? at - 1 : 0, "missing closing )");
	x->depth--;
	x->frame = f.outer;
	hand_on_heredocs(x, &f, subshell);
}

void lex_parenthesis(struct lexer *x, enum nesting nesting, enum quoting q, size_t n)
{
	bool words_only = nesting == NEST_ARRAY || nesting == NEST_PATTERN ||
			  (nesting == NEST_SUBSHELL && x->frame->in_condition);
	size_t open = lex_open(x, nesting, q, n);

	lex_commands(x, ')', words_only);
	lex_close(x, open, 1);
}
