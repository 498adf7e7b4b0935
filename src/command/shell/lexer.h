/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_LEXER_H
#define COMMAND_SHELL_LEXER_H

/* What the lexer's files share: a recursive descent with one function per kind of quoting
 * (quoted.c), and one loop for commands (commands.c), which knows just enough of
 * the grammar to tell where words, patterns and parentheses end. */

#include "command/shell/token.h"

enum { DEPTH_MAX = 200 };

enum case_state { CASE_SUBJECT, CASE_IN, CASE_PATTERN, CASE_BODY };
enum loop_state { LOOP_NONE, LOOP_NAME, LOOP_IN, LOOP_LIST };

struct heredoc {
	struct heredoc *next;
	struct bytes delimiter;
	size_t token; /* of the delimiter, replaced when the body is rewritten */
	bool quoted, strip_tabs;
};

/* A list of commands, or just of words as in an array's ( ). */
struct frame {
	struct frame *outer;
	bool words_only, is_array;
	bool in_condition; /* [[ */
	bool in_body;	   /* of a here-document or (( )): no words */
	bool in_word;
	size_t word;	/* its token */
	size_t nwords;	/* of the command so far */
	bool command;	/* the next word may be a keyword or a command */
	bool redirects; /* the next word is a redirection's target */
	bool closed;	/* fi, done, ): no argument may follow */
	bool after_function, after_time, after_coproc;
	enum loop_state loop;
	unsigned char cases[DEPTH_MAX]; /* enum case_state */
	size_t ncases;
	struct heredoc *pending, **pending_end;
};

struct lexer {
	const struct token_input *in;
	struct tokens *out;
	struct err *err;
	/* The line, or the inside of backquotes with columns of its own. */
	const char *s;
	size_t pos, end;
	const size_t *columns;
	char *not_arithmetic; /* by column: this (( was tried in vain */
	struct frame *frame;
	size_t depth;
	bool in_comment;
};

static inline bool lex_more(const struct lexer *x)
{
	return !x->out->failed && x->pos < x->end;
}

/* The byte n places ahead, NUL after the end. */
static inline char lex_peek(const struct lexer *x, size_t n)
{
	return x->end - x->pos > n ? x->s[x->pos + n] : '\0';
}

/* lexer.c */
bool lex_at(const struct lexer *x, const char *text);
size_t lex_column(const struct lexer *x, size_t pos);
/* Fail once: every loop ends then. */
void lex_fail(struct lexer *x, size_t pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool lex_enter(struct lexer *x); /* one level deeper; false and failed: too deep */
size_t lex_match(struct lexer *x, size_t pos, struct shell_marker *m);
bool lex_has_marker(const struct lexer *x, size_t from, size_t to);
/* Take a placeholder or an escaped one, if there is one here. */
bool lex_placeholder(struct lexer *x, enum quoting q);
struct token *lex_add(struct lexer *x, enum token_kind kind, struct bytes text);
struct bytes lex_take(struct lexer *x, size_t n);
void lex_begin_word(struct lexer *x);
void lex_text(struct lexer *x, size_t n, bool quoted);
void lex_escape(struct lexer *x, size_t from, size_t len);
size_t lex_open(struct lexer *x, enum nesting nesting, enum quoting around, size_t n);
void lex_close(struct lexer *x, size_t open, size_t n);

/* commands.c; closer is ')' or 0 for the end of the input. */
void lex_commands(struct lexer *x, char closer, bool words_only);

/* quoted.c */
void lex_single(struct lexer *x);
void lex_double(struct lexer *x);
void lex_double_char(struct lexer *x, enum quoting q);
void lex_backquote(struct lexer *x, enum quoting q);
void lex_dollar(struct lexer *x, enum quoting q);
/* A parenthesis of n bytes with commands (or only words) and its end. */
void lex_parenthesis(struct lexer *x, enum nesting nesting, enum quoting q, size_t n);
/* (( )) as a command: false, and nothing taken, when it is ( ( ). */
bool lex_arithmetic_command(struct lexer *x);
/* At "${" where it is only text: one that looks like a placeholder is an error. */
void lex_literal_dollar(struct lexer *x);

/* heredoc.c */
void lex_heredoc_start(struct lexer *x);
void lex_heredoc_bodies(struct lexer *x);

#endif
