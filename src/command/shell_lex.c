/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell_internal.h"

/* --- words: what a finished one is */

static bool is_digits(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!is_digit(b.p[i]))
			return false;
	return b.len > 0;
}

/* Words behind which another command begins, and those that end a compound
 * command. */
static const char *const openers[] = {"if", "then", "elif", "else", "while",  "until",
				      "do", "!",    "{",    "time", "coproc", NULL};
static const char *const closers[] = {"fi", "done", "}", NULL};
static const char *const loops[] = {"for", "select", "foreach", NULL};

static void push_case(struct lexer *x)
{
	struct frame *f = x->frame;

	if (f->ncases == DEPTH_MAX)
		lex_fail(x, x->pos, "nested too deeply");
	else
		f->cases[f->ncases++] = CASE_SUBJECT;
	f->command_position = false;
}

static void compound_end(struct frame *f)
{
	f->closed = true;
	f->command_position = true;
	f->loop = LOOP_NONE;
	f->loop_name = NULL;
}

/* A word in command position that is a keyword; false when it is none. */
static bool take_keyword(struct lexer *x, struct bytes text)
{
	struct frame *f = x->frame;

	if (lex_listed(text, openers)) {
		f->after_time |= bytes_is(text, "time");
		f->after_coproc |= bytes_is(text, "coproc");
	} else if (f->after_time && (bytes_is(text, "-p") || bytes_is(text, "--"))) {
		;
	} else if (lex_listed(text, closers)) {
		compound_end(f);
	} else if (bytes_is(text, "esac") && f->ncases > 0) {
		f->ncases--;
		compound_end(f);
	} else if (bytes_is(text, "case")) {
		push_case(x);
	} else if (lex_listed(text, loops)) {
		f->loop = LOOP_NAME;
		f->command_position = false;
	} else if (bytes_is(text, "function")) {
		f->after_function = true;
		f->command_position = false;
	} else if (bytes_is(text, "[[")) {
		f->in_condition = true;
		f->command_position = false;
	} else {
		return false;
	}
	return true;
}

/* A word in "case WORD in PATTERN) ... esac"; false when it belongs to a
 * command in the body. */
static bool take_case_word(struct frame *f, const struct lex_word *w, struct bytes text)
{
	unsigned char *state = &f->cases[f->ncases - 1];

	switch (*state) {
	case CASE_SUBJECT:
		*state = CASE_IN;
		return true;
	case CASE_IN:
		*state = CASE_PATTERN;
		return true;
	case CASE_PATTERN:
		if (!w->quoted && bytes_is(text, "esac")) {
			f->ncases--;
			compound_end(f);
		}
		return true;
	}
	return false;
}

/* A word in "for NAME [in WORD...]"; false for the words of the list. */
static bool take_loop_word(struct lexer *x, const struct lex_word *w, struct bytes text)
{
	struct frame *f = x->frame;

	if (f->loop == LOOP_NAME) {
		if (w->refs > 0)
			lex_fail_column(
			    x, lint_first_ref(x, w)->column,
			    "a placeholder cannot name the variable of a loop");
		f->loop_name = arena_dup(x->scratch, text.p, text.len);
		f->loop = LOOP_IN;
		return true;
	}
	f->loop = LOOP_NONE;
	if (w->quoted)
		return false;
	if (bytes_is(text, "do") || bytes_is(text, "{")) {
		f->command_position = true;
		f->loop_name = NULL;
	}
	return bytes_is(text, "in") || f->command_position;
}

static void take_redirection(struct lexer *x, const struct lex_word *w)
{
	struct frame *f = x->frame;

	if (f->redirection == REDIR_DUP && w->refs > 0)
		lex_fail_column(
		    x, lint_first_ref(x, w)->column,
		    "a placeholder cannot follow >& or <&: bash would evaluate it; "
		    "for a file write > {} 2>&1");
	if (f->redirection == REDIR_STRING)
		f->here_string = *w;
	f->redirection = REDIR_NONE;
}

/* A list in this word makes it several words, one per value. */
static void repeat_word(struct lexer *x, const struct lex_word *w)
{
	struct part *parts = x->line->parts;

	parts[w->part].repeat = w->parts_end - w->part;
	for (size_t i = w->part; i < w->parts_end; i++)
		parts[i].repeats |= parts[i].list && parts[i].frame == x->frame->serial;
}

static void show_bare(struct lexer *x, const struct lex_word *w)
{
	char next = lex_peek(x, 0);

	if (!w->plain || next == '<' || next == '>') /* echo 2>file */
		return;
	for (size_t i = w->part; i < w->parts_end; i++)
		x->line->parts[i].bare = true;
}

static void keep_word(struct lexer *x, const struct lex_word *w)
{
	struct frame *f = x->frame;

	if (f->nwords == f->words_cap) {
		struct lex_word *old = f->words;

		f->words_cap = f->words_cap * 2 + 8;
		f->words = arena_alloc(x->scratch, f->words_cap * sizeof *f->words);
		if (f->nwords > 0)
			memcpy(f->words, old, f->nwords * sizeof *f->words);
	}
	f->words[f->nwords++] = *w;
}

static bool take_assignment(struct lexer *x, const struct lex_word *w, struct bytes text)
{
	struct frame *f = x->frame;
	bool element = f->is_array && text.len > 0 && *text.p == '[';

	if (!element &&
	    (!f->command_position || f->in_condition || !lex_is_assignment(text)))
		return false;
	lint_assignment(x, w, false);
	keep_word(x, w);
	return true;
}

/* A word of a command, of a loop's list, of an array or of a condition. */
static void take_word(struct lexer *x, const struct lex_word *w, struct bytes text)
{
	struct frame *f = x->frame;

	if (take_assignment(x, w, text))
		return;
	if (w->lists && !f->in_condition && (!f->words_only || f->is_array))
		repeat_word(x, w);
	if (!f->command_position && !f->words_only && !f->in_condition &&
	    f->loop_name == NULL)
		show_bare(x, w);
	keep_word(x, w);
	f->command_position = false;
	if (f->after_coproc && f->nwords == 2 && !w->quoted && bytes_is(text, "{")) {
		f->nwords = 0; /* coproc NAME { */
		f->command_position = true;
	}
}

static void end_condition(struct lexer *x)
{
	struct frame *f = x->frame;

	lint_condition(x);
	f->nwords = 0;
	f->in_condition = false;
	compound_end(f);
}

static void end_word(struct lexer *x)
{
	struct frame *f = x->frame;
	struct lex_word w = f->word;
	struct bytes text;

	if (!f->in_word)
		return;
	f->in_word = false;
	x->fresh = true;
	w.len = x->words.len - w.text;
	w.parts_end = x->line->n;
	text = lex_word_text(x, &w);
	if (f->redirection != REDIR_NONE) {
		take_redirection(x, &w);
	} else if (f->ncases > 0 && take_case_word(f, &w, text)) {
		;
	} else if (f->loop != LOOP_NONE && take_loop_word(x, &w, text)) {
		;
	} else if (f->after_function) {
		f->after_function = false;
		f->command_position = true;
	} else if (f->in_condition && !w.quoted && bytes_is(text, "]]")) {
		end_condition(x);
	} else if (f->words_only || f->in_condition || !f->command_position || w.quoted ||
		   !take_keyword(x, text)) {
		take_word(x, &w, text);
	}
}

/* Behind a separator.  In [[ ]] it is an operator of the condition's. */
static void end_command(struct lexer *x)
{
	struct frame *f = x->frame;

	end_word(x);
	if (f->in_condition) {
		keep_word(x, &(struct lex_word){.text = x->words.len});
		return;
	}
	if (f->loop_name != NULL)
		lint_loop(x);
	else if (!f->words_only)
		lint_command(x);
	f->nwords = 0;
	x->words.len = f->words_text;
	f->here_string = (struct lex_word){0};
	f->command_position = !f->words_only;
	f->redirection = REDIR_NONE;
	f->loop = LOOP_NONE;
	f->loop_name = NULL;
	f->closed = f->after_function = f->after_time = f->after_coproc = false;
}

/* --- commands: one function per kind of character */

static void comment(struct lexer *x)
{
	while (lex_more(x) && lex_peek(x, 0) != '\n')
		lex_copy(x, 1);
	x->line->has_comment = true;
	x->in_comment = true;
}

static void backslash(struct lexer *x)
{
	if (lex_peek(x, 1) == '\n') {
		lex_copy(x, 2);
		return;
	}
	lex_word_quoted(x);
	lex_copy(x, 1);
	if (lex_more(x))
		lex_copy_word(x, 1);
}

static void newline(struct lexer *x)
{
	end_command(x);
	for (struct frame *f = x->frame->outer; f != NULL; f = f->outer)
		if (f->pending != NULL)
			lex_fail(x, x->pos,
				 "a newline inside $( ) on a line that waits for its "
				 "here-document; split the line");
	lex_copy(x, 1);
	x->in_comment = false;
	if (x->frame->pending != NULL)
		lex_heredoc_bodies(x);
}

/* The first of the operators that the input starts with; they stand longest
 * first. */
static size_t operator_length(const struct lexer *x, const char *const *operators)
{
	while (*operators != NULL && !lex_at(x, *operators))
		operators++;
	return *operators != NULL ? strlen(*operators) : 1;
}

static bool is_process_substitution(const struct lexer *x)
{
	return lex_at(x, "<(") || lex_at(x, ">(");
}

/* "2" in "2>file" is no word of the command. */
static void end_redirected_word(struct lexer *x)
{
	struct frame *f = x->frame;
	struct lex_word *w = &f->word;

	if (!f->in_word)
		return;
	w->len = x->words.len - w->text;
	if (!w->quoted && is_digits(lex_word_text(x, w)))
		f->in_word = false;
	else
		end_word(x);
}

static void redirection(struct lexer *x)
{
	static const char *const operators[] = {"<<<", "&>>", "&>", ">>", ">|", ">&",
						"<&",  "<>",  "<",  ">",  NULL};
	struct frame *f = x->frame;

	if (is_process_substitution(x)) {
		lex_substitution(x);
		return;
	}
	if (f->in_condition) {
		end_word(x);
		lex_copy(x, 1);
		return;
	}
	end_redirected_word(x);
	x->fresh = true;
	if (lex_at(x, "<<") && !lex_at(x, "<<<")) {
		lex_heredoc_start(x);
		return;
	}
	f->redirection = lex_at(x, "<<<")                     ? REDIR_STRING
			 : lex_at(x, ">&") || lex_at(x, "<&") ? REDIR_DUP
							      : REDIR_FILE;
	lex_copy(x, operator_length(x, operators));
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
	if (!pattern || lex_peek(x, 0) != '|') {
		end_command(x);
		if (lex_peek(x, 0) == ';' && n > 1 && f->ncases > 0)
			f->cases[f->ncases - 1] = CASE_PATTERN;
	}
	lex_copy(x, n);
}

/* "f()", "function f()": the number of bytes of "( )", or 0. */
static size_t function_parens(const struct lexer *x)
{
	const struct frame *f = x->frame;
	size_t n = 1;

	if (f->in_condition || f->words_only || (!f->in_word && f->nwords > 1) ||
	    (f->in_word && x->words.len > f->word.text &&
	     x->words.data[x->words.len - 1] == '='))
		return 0;
	while (lex_peek(x, n) == ' ' || lex_peek(x, n) == '\t')
		n++;
	return lex_peek(x, n) == ')' ? n + 1 : 0;
}

/* May a parenthesis here belong to the word: an array, a pattern? */
static bool word_continues(const struct lexer *x)
{
	const struct frame *f = x->frame;

	if (f->in_condition || (f->words_only && !f->is_array))
		return true;
	return f->in_word && x->words.len > f->word.text &&
	       is_one_of(x->words.data[x->words.len - 1], "=?*+@!");
}

static void open_paren(struct lexer *x)
{
	struct frame *f = x->frame;
	size_t n;

	if (!f->in_word && f->ncases > 0 && f->cases[f->ncases - 1] == CASE_PATTERN) {
		lex_copy(x, 1);
	} else if ((n = function_parens(x)) > 0) {
		end_word(x);
		lex_copy(x, n);
		f->nwords = 0;
		f->command_position = true;
	} else if (word_continues(x)) {
		lex_word_expansion(x);
		lex_copy(x, 1);
		lex_nested(x, true);
	} else if (lex_at(x, "((") && (f->command_position || f->loop == LOOP_NAME) &&
		   !f->in_word && lex_arithmetic_command(x)) {
		compound_end(f);
	} else {
		end_word(x);
		lex_copy(x, 1);
		lex_nested(x, false);
		compound_end(f);
	}
}

/* False when it ends this list of commands. */
static bool close_paren(struct lexer *x, char closer)
{
	struct frame *f = x->frame;
	size_t ncases = f->ncases;

	end_word(x);
	/* "esac)" ends both the case and what it stands in. */
	if (ncases > 0 && f->ncases == ncases && f->cases[ncases - 1] == CASE_PATTERN) {
		f->cases[ncases - 1] = CASE_BODY;
		f->command_position = true;
		lex_copy(x, 1);
		return true;
	}
	if (closer == ')')
		return false;
	lex_fail(x, x->pos, "unbalanced )");
	return true;
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
			lex_copy_word(x, 1);
		else
			comment(x);
		break;
	case ' ':
	case '\t':
		end_word(x);
		lex_copy(x, 1);
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
		lex_copy_word(x, 1);
	}
	return true;
}

/* Whether one more word at the end of the line would be an argument. */
static bool takes_argument(struct lexer *x)
{
	const struct frame *f = x->frame;
	bool escaped = x->end > 0 && x->s[x->end - 1] == '\\';

	end_word(x);
	return !x->in_comment && !escaped && f->nwords > 0 && !f->command_position &&
	       !f->closed && !f->in_condition && f->loop_name == NULL &&
	       f->loop == LOOP_NONE && f->redirection == REDIR_NONE && f->pending == NULL;
}

static void push_frame(struct lexer *x, struct frame *f, bool words_only)
{
	struct bytes before = {x->words.data, x->words.len};

	*f = (struct frame){
	    .outer = x->frame,
	    .serial = ++x->frames,
	    .words_only = words_only,
	    .command_position = !words_only,
	    .words_text = before.len,
	};
	f->pending_end = &f->pending;
	if (words_only && x->frame != NULL) {
		f->in_condition = x->frame->in_condition;
		/* The word so far, and a mark for the parenthesis. */
		f->is_array = before.len > x->frame->word.text + 1 &&
			      before.p[before.len - 2] == '=';
		x->arrays |= f->is_array;
	}
	x->frame = f;
}

/* A subshell's here-document may have its body behind the parenthesis. */
static void pop_frame(struct lexer *x, bool subshell)
{
	struct frame *f = x->frame;

	x->words.len = f->words_text;
	x->frame = f->outer;
	x->fresh = true;
	if (f->pending == NULL || x->failed)
		return;
	if (!subshell) {
		lex_fail(x, x->pos, "a here-document without its body");
		return;
	}
	*f->outer->pending_end = f->pending;
	f->outer->pending_end = f->pending_end;
}

void lex_command(struct lexer *x, char closer, bool words_only)
{
	struct frame f;
	bool subshell = closer != 0 && !x->frame->in_word && !x->frame->in_body;
	size_t at = x->pos;

	push_frame(x, &f, words_only);
	if (lex_enter(x))
		while (lex_more(x) && step(x, closer))
			;
	if (f.outer == NULL)
		x->line->takes_argument = takes_argument(x);
	if (words_only && f.in_condition) {
		end_word(x);
		lint_condition(x);
	} else {
		end_command(x);
	}
	if (closer != 0 && !lex_more(x))
		lex_fail(x, at > 0 ? at - 1 : 0, "missing closing )");
	x->depth--;
	pop_frame(x, subshell);
}

void lex_nested(struct lexer *x, bool words_only)
{
	lex_command(x, ')', words_only);
	lex_copy(x, 1);
}
