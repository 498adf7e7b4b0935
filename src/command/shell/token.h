/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_TOKEN_H
#define COMMAND_SHELL_TOKEN_H

/* The lexer: a shell line as a flat list of tokens, and nothing else.
 *
 * The list holds the whole line: the texts of all tokens, in order, are the
 * script (with something else in the place of the placeholders).  What a token
 * means for values, this module does not know.
 *
 * A word is a TOKEN_WORD or TOKEN_KEYWORD and its pieces: text, placeholders,
 * parameters and nested lists.  A nested list (quotes, $( ), ${ }, ( ), ...)
 * starts with TOKEN_OPEN and ends with TOKEN_CLOSE. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "command/shell.h"

enum token_kind {
	TOKEN_WORD,
	TOKEN_KEYWORD,	   /* a word that is reserved in its place */
	TOKEN_NUMBER,	   /* of a descriptor, before a redirection */
	TOKEN_TEXT,	   /* piece of a word */
	TOKEN_MARKER,	   /* piece: a placeholder */
	TOKEN_PARAMETER,   /* piece: $x; value is "x" */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_BLANK,	   /* between words */
	TOKEN_COMMENT,
	TOKEN_OPERATOR,	   /* ; & && || | newline, "()" of a function, ... */
	TOKEN_PATTERN,	   /* ( | ) around the patterns of case */
	TOKEN_REDIRECTION, /* < > >> ... */
	TOKEN_DELIMITER,   /* of a here-document; value is without its quotes */
};

enum nesting {
	NEST_SINGLE,
	NEST_DOUBLE,
	NEST_ANSI,   /* $'...' */
	NEST_BRACE,  /* ${...}: value is the parameter, op the operator after it */
	NEST_SUBSCRIPT,
	NEST_SUBSTITUTION, /* $( ) */
	NEST_BACKQUOTE,
	NEST_PROCESS,	   /* <( ) >( ) */
	NEST_SUBSHELL,
	NEST_ARITHMETIC,	 /* $(( )) */
	NEST_ARITHMETIC_COMMAND, /* (( )) */
	NEST_OLD_ARITHMETIC,	 /* $[ ] */
	NEST_ARRAY,		 /* x=( ) */
	NEST_PATTERN,		 /* other parentheses inside a word */
	NEST_HEREDOC,		 /* the body */
};

/* The quoting at the place of a placeholder. */
enum quoting {
	QUOTING_NONE,
	QUOTING_DOUBLE,
	QUOTING_SINGLE,
	QUOTING_ANSI,
	QUOTING_BRACE,		 /* ${x:-HERE}, ${x#HERE}: quotes start again */
	QUOTING_BRACE_DOUBLE,	 /* "${x:-HERE}" */
	QUOTING_BRACE_HEREDOC,	 /* the same in a here-document */
	QUOTING_HEREDOC,
	QUOTING_HEREDOC_LITERAL, /* its delimiter was quoted: the body is rewritten */
	QUOTING_ARITHMETIC,
};

/* What a word is in its command. */
enum role {
	ROLE_ARGUMENT, /* also of a loop's list, an array, a condition */
	ROLE_COMMAND,
	ROLE_ASSIGNMENT,
	ROLE_TARGET, /* of a redirection */
	ROLE_LOOP_NAME,
	ROLE_SUBJECT, /* of case */
	ROLE_PATTERN,
	ROLE_FUNCTION,
};

struct token {
	enum token_kind kind;
	enum nesting nesting; /* OPEN, CLOSE */
	enum quoting quoting; /* MARKER, and OPEN: around it */
	enum role role;	      /* WORD */
	bool quoted;	      /* TEXT; WORD: some of it is, so it is no keyword */
	bool unsure;	      /* OPEN: shells differ in how they read it */
	bool unknown;	      /* OPEN of ${: no expansion of POSIX's, ksh's or bash's */
	bool silent;	      /* its text is part of another token's */
	size_t end;	      /* WORD, KEYWORD: after its last piece; OPEN: its CLOSE */
	size_t column;
	struct bytes text;  /* in the script; a marker's is its spelling */
	struct bytes value; /* TEXT: without quotes; PARAMETER, OPEN of ${: the name */
	struct bytes op;    /* OPEN of ${ */
	size_t delimiter;   /* OPEN of a here-document: its TOKEN_DELIMITER */
	struct shell_marker marker;
};

struct tokens {
	struct token *v; /* free() it */
	size_t n, cap;
	bool failed;  /* could not be read to its end: err says why */
	bool refused; /* and is an error even without a placeholder */
	bool takes_argument; /* one more word at the end is one more argument */
	bool has_comment;
};

struct token_input {
	struct bytes line;
	shell_match_fn match;
	void *arg;
	bool ansi_quotes; /* $'...' is known to be special */
	bool no_escapes;  /* \{X} is a backslash and a placeholder */
	bool no_columns;  /* errors do not name theirs */
	struct arena *arena; /* for texts that are not in the line */
};

/* Read the whole line.  The texts point into it or into the arena. */
void tokens_read(struct tokens *out, const struct token_input *in, struct err *err);

/* Is there a placeholder in the line, except after a dollar sign? */
bool tokens_find_marker(const struct token_input *in);

/* In the text of a word: */
enum { WORD_REF = '\0', WORD_EXPANSION = '\1' };

/* The text of the pieces from, ..., to - 1 without quotes, with a WORD_REF for
 * each bound placeholder and a WORD_EXPANSION for each other expansion; in the
 * arena, or in the line. */
struct bytes tokens_text(const struct tokens *t, size_t from, size_t to, struct arena *a);

/* By ASCII, whatever the locale. */
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* Never true of NUL, which represents a placeholder in a word. */
static inline bool is_one_of(char c, const char *characters)
{
	return c != '\0' && strchr(characters, c) != NULL;
}

/* The length of the identifier at the start of the text. */
size_t name_length(struct bytes text);
/* The whole text is one. */
bool is_name(struct bytes text);
/* Digits, at least one. */
bool is_digits(struct bytes text);
/* Nothing but letters, digits and these. */
bool has_only(struct bytes text, const char *signs);
/* NAME=..., NAME+=..., NAME[...]=... */
bool is_assignment(struct bytes text);
/* Is the text one of the words in the list, which are separated by blanks? */
bool is_listed(struct bytes text, const char *list);

#endif
