/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_INTERNAL_H
#define COMMAND_SHELL_INTERNAL_H

/* What the files of the shell binder share; nobody else includes this.
 *
 * The lexer walks over the user's line by recursive descent (one function per
 * quoting state) and leaves a list of parts: text that goes into the script as
 * it is, and placeholders with the quoting at their place.  shell_walk turns
 * the parts into a script, or into a line to show.
 *
 * Should the lexer misjudge a place, a value may be split or a literal
 * ${_volley_1} printed; it is never executed, as no byte of a value is ever in
 * the script.  The exceptions are the builtins and contexts in which a shell
 * evaluates text that it has already expanded: those are what the lint finds. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "command/shell.h"

/* --- the compiled line */

/* The quoting at the place of a placeholder. */
enum quoting {
	QUOTING_NONE,
	QUOTING_DOUBLE,
	QUOTING_SINGLE,
	QUOTING_ANSI,          /* $'...' */
	QUOTING_BRACE,         /* ${x:-HERE}, ${x#HERE}: quotes work anew */
	QUOTING_BRACE_DOUBLE,  /* "${x:-HERE}" */
	QUOTING_BRACE_HEREDOC, /* the same in a here-document */
	QUOTING_HEREDOC,
	QUOTING_HEREDOC_LITERAL, /* delimiter was quoted: the body is rewritten */
	QUOTING_ARITHMETIC,
};

/* What must be true of a value at a place (bits). */
enum check {
	CHECK_INTEGER = 1,  /* the shell computes with it */
	CHECK_NUMBER = 2,   /* printf %d, %f: zsh computes with it */
	CHECK_NO_ARRAY = 4, /* declare x=HERE, where x may be an array */
};

enum part_kind {
	PART_TEXT,
	PART_REF,   /* a placeholder whose value is bound */
	PART_RAW,   /* one whose value is pasted */
	PART_BLANK, /* never stored: shell_walk's, between the turns of a word */
};

struct part {
	enum part_kind kind;
	size_t from, to;      /* text: where in shell_line.text */
	enum quoting quoting; /* the rest is for placeholders */
	size_t id;            /* index into shell_line.ids */
	unsigned checks;
	bool list;
	bool sh;        /* the value is a shell-quoted copy */
	bool repeats;   /* one of the values, by the turn of the repeated word */
	bool bare;      /* may be shown without quotes */
	unsigned frame; /* the command it stands in; 0: a here-document's body */
	size_t column;
	size_t repeat; /* nonzero: a word of so many parts, repeated, starts here */
};

/* A placeholder as the matcher knows it, however often it stands in the line. */
struct shell_id {
	int id;
	bool list, bound;
	char *name; /* as written, for messages */
};

struct shell_line {
	struct part *parts;
	size_t n, cap;
	struct buf text;
	struct shell_id *ids;
	size_t nids, ids_cap;
	char *script; /* the constant one; NULL when text is pasted per job */
	bool takes_argument;
	/* For showing the line: */
	bool unclear;	   /* could not be read, or uses $1, $0, $@, $$, $- */
	bool changes_shell; /* cd, exit, set...: would act on the shell pasted into */
	bool has_comment;
};

enum { SHELL_JOINED = -1 };

/* Calls fn for every part in order; a word that is repeated comes once per
 * value, and index is the turn: the value that a part with repeats stands for.
 * For every other list placeholder it means nothing.  v may be NULL: every
 * placeholder then has one value. */
typedef void (*part_fn)(void *arg, const struct part *p, size_t index);
void shell_walk(const struct shell_line *l, const struct shell_values *v, part_fn fn,
		void *arg);

/* The value of a placeholder: the index-th when the part repeats, else all
 * joined by a blank (in the arena). */
struct bytes shell_value(const struct shell_line *l, const struct shell_values *v,
			 const struct part *p, size_t index, struct arena *a);

/* As shell_bind, but without checking the values. */
void shell_build(const struct shell_line *l, const struct shell_values *v,
		 struct arena *a, char ***argv, size_t *argc);

/* The script in which every list has one value. */
char *shell_constant_script(const struct shell_line *l);

/* --- the lexer */

enum { DEPTH_MAX = 200 };

/* In the text of a word: */
enum { WORD_REF = '\0', WORD_EXPANSION = '\1' };

struct lex_word {
	size_t text, len;       /* in lexer.words, quotes removed */
	size_t part, parts_end; /* its parts */
	size_t refs;            /* placeholders of its own: not those in its $( ) */
	bool quoted;            /* some of it was */
	bool lists;             /* some placeholders are lists */
	bool plain;             /* nothing but placeholders and harmless characters */
};

enum case_state { CASE_SUBJECT, CASE_IN, CASE_PATTERN, CASE_BODY };
enum loop_state { LOOP_NONE, LOOP_NAME, LOOP_IN };
enum redirection { REDIR_NONE, REDIR_FILE, REDIR_DUP, REDIR_STRING };

struct heredoc {
	struct heredoc *next;
	struct bytes delimiter;
	size_t part; /* the delimiter's, to be replaced when the body is rewritten */
	bool quoted, strip_tabs;
	bool owned;         /* the command it belongs to has been seen */
	const char *reader; /* the shell that takes the body as its script */
};

/* A list of commands: the line, the inside of ( ) or $( ), or only words as in
 * an array's ( ). */
struct frame {
	struct frame *outer;
	unsigned serial;
	bool words_only, is_array;
	bool in_condition; /* [[ */
	bool in_body;      /* reading a here-document: no words there */

	bool in_word;
	struct lex_word word;

	bool command_position; /* the next word may be a keyword or a command */
	bool closed;           /* fi, done, ): no argument may follow */
	bool after_function, after_time, after_coproc;
	struct lex_word *words;
	size_t nwords, words_cap, words_text;
	enum redirection redirection;
	struct lex_word here_string;
	enum loop_state loop;
	const char *loop_name;
	unsigned char cases[DEPTH_MAX]; /* enum case_state */
	size_t ncases;
	struct heredoc *pending, **pending_end;
};

/* NAME=VALUE with placeholders in it: judged when the whole line is known. */
struct assignment {
	const char *name;
	size_t part, parts_end;
	unsigned frame;
	bool declared; /* by declare, export, ... */
};

struct lexer {
	const struct shell_config *cfg;
	struct shell_line *line;
	struct err *err;
	struct strv warnings;
	struct arena *scratch;

	/* The input: the line, or the inside of backquotes with its own columns. */
	const char *s;
	size_t pos, end;
	const size_t *columns;
	char *not_arithmetic; /* by column: this (( was tried in vain */

	struct frame *frame;
	unsigned frames;
	size_t depth;
	size_t arithmetic;  /* inside so many $(( )) */
	const char *forbid; /* why no placeholder may stand here, or NULL */
	bool failed;
	bool refused; /* an error even if there is no placeholder in the line */
	bool fresh;   /* the next text starts a new part */
	bool in_comment;

	struct buf words;
	struct assignment *assignments;
	size_t nassignments, assignments_cap;
	struct strv integers; /* names declared as such */
	bool arrays;
};

/* shell_lex.c: commands and words.  closer is ')' or 0 for the input's end. */
void lex_command(struct lexer *x, char closer, bool words_only);
/* The same up to and with the closing parenthesis. */
void lex_nested(struct lexer *x, bool words_only);

/* shell_quoted.c: what has quotes or a dollar sign. */
void lex_single(struct lexer *x);
/* At "${" where it is only text: {name} behind the dollar sign is no placeholder
 * even so, and one that looks like it, ${}, is an error. */
void lex_literal_dollar(struct lexer *x);
void lex_double(struct lexer *x);
void lex_double_char(struct lexer *x, enum quoting q);
void lex_backquote(struct lexer *x, enum quoting q); /* q: around it */
void lex_dollar(struct lexer *x, enum quoting q);
/* (( )) as a command: false, and nothing consumed, when it is ( ( ). */
bool lex_arithmetic_command(struct lexer *x);

/* shell_brace.c: ${...} */
void lex_brace(struct lexer *x, enum quoting q);

/* shell_heredoc.c */
void lex_heredoc_start(struct lexer *x);
void lex_heredoc_bodies(struct lexer *x);

/* shell_emit.c: input, output, words, errors. */
static inline bool lex_more(const struct lexer *x)
{
	return !x->failed && x->pos < x->end;
}

/* The byte n places ahead, NUL behind the end. */
static inline char lex_peek(const struct lexer *x, size_t n)
{
	return x->end - x->pos > n ? x->s[x->pos + n] : '\0';
}

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

/* NUL, which in a word stands for a placeholder, is never one of them. */
static inline bool is_one_of(char c, const char *characters)
{
	return c != '\0' && strchr(characters, c) != NULL;
}

bool lex_at(const struct lexer *x, const char *text);
size_t lex_column(const struct lexer *x, size_t pos);
/* Fail once: further calls are ignored, and every loop ends. */
void lex_fail(struct lexer *x, size_t pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void lex_fail_column(struct lexer *x, size_t column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool lex_enter(struct lexer *x); /* one level deeper; false and failed: too deep */

/* The length of the placeholder at pos, 0 for none. */
size_t lex_match(struct lexer *x, size_t pos, struct shell_marker *m);
bool lex_has_marker(struct lexer *x, size_t from, size_t to);
/* Consume a placeholder or an escaped one, if there is one here. */
bool lex_placeholder(struct lexer *x, enum quoting q);

void lex_emit(struct lexer *x, const char *p, size_t n);
void lex_emits(struct lexer *x, const char *text);
/* Copy n bytes of the input: to the script; to the current word as well. */
void lex_copy(struct lexer *x, size_t n);
void lex_copy_word(struct lexer *x, size_t n);

void lex_word_begin(struct lexer *x);
void lex_word_add(struct lexer *x, const char *p, size_t n);
void lex_word_quoted(struct lexer *x);
void lex_word_expansion(struct lexer *x);
struct bytes lex_word_text(const struct lexer *x, const struct lex_word *w);
bool lex_word_is(const struct lexer *x, const struct lex_word *w, const char *text);

/* Is the text one of the words in the list (ended by NULL)? */
bool lex_listed(struct bytes text, const char *const *list);
/* The length of the identifier at the start of the text. */
size_t lex_name_length(struct bytes text);
/* NAME=..., NAME+=..., NAME[...]=... */
bool lex_is_assignment(struct bytes text);

/* --- the lint: places where a shell parses text that it has expanded */

/* shell_quoted.c: "$(", "<(" or ">(" and the commands up to its parenthesis. */
void lex_substitution(struct lexer *x);

/* shell_lint.c: builtins that name variables or compute. */
void lint_command(struct lexer *x);
void lint_condition(struct lexer *x); /* [[ ]] */
void lint_assignment(struct lexer *x, const struct lex_word *w, bool declared);
void lint_loop(struct lexer *x); /* for NAME in WORDS */
void lint_finish(struct lexer *x);

/* shell_nested.c: the text of inner shells and other languages. */
void lint_nested(struct lexer *x);
void lint_heredoc(struct lexer *x, const struct heredoc *h, size_t first_part);

/* The first placeholder of the word itself; NULL when there is none. */
struct part *lint_first_ref(struct lexer *x, const struct lex_word *w);
/* The index of the command's own name behind assignments, sudo, env and the
 * like; nwords when there is none. */
size_t lint_command_index(const struct lexer *x);
/* The name without folders. */
struct bytes lint_basename(const struct lexer *x, const struct lex_word *w);

#endif
