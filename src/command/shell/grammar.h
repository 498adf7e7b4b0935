/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_GRAMMAR_H
#define COMMAND_SHELL_GRAMMAR_H

/* The grammar: is a line inert, or does it evaluate text that it has expanded?
 *
 * A shell evaluates expanded text in many places (arithmetic, subscripts, names,
 * formats, eval, ...), and values reach them through variables, parameters, pipes
 * and files.  So the grammar lists what is inert, per shell; a line made of that
 * alone takes any value.  Everything else, known or not, makes the whole line
 * evaluating: then every value must be harmless (check.h).
 *
 * grammar.c walks the commands, expansion.c their words and pieces; builtin.c knows the
 * builtins, syntax.c what is certainly good syntax. */

#include "base/buf.h"
#include "command/shell/dialect.h"
#include "command/shell/token.h"

enum line_class {
	LINE_INERT,
	LINE_EXPRESSION, /* text is evaluated as an expression */
	LINE_CODE,	 /* text is evaluated as code, or volley cannot tell */
};

/* What must be true of a value in its place (bits). */
enum place_check {
	PLACE_INTEGER = 1, /* the shell computes with it */
	PLACE_NUMBER = 2,  /* printf %d, %f compute with it */
	PLACE_COMMAND = 4, /* it is the command: a path or a program's name */
	PLACE_NO_OPTION = 8, /* and may not begin with - */
};

/* What the grammar says of a token. */
struct note {
	unsigned checks;	/* MARKER: enum place_check */
	bool repeats;		/* WORD: its list is several words */
	bool bare;		/* WORD: a value in it may be shown without quotes */
};

struct verdict {
	enum line_class class;
	const char *construct; /* the first of that class, in the arena */
	size_t column;
	struct note *notes; /* one per token, in the arena */
	bool changes_shell; /* cd, exit, set...: would act on a shell it is pasted into */
	bool uses_parameters; /* $1, $@, $0, $$ */
	/* Inert, and certainly good syntax for this shell: "sh -n" would accept it. */
	bool complete;
};

struct grammar_input {
	const struct tokens *tokens;
	const struct shell_dialect *dialect;
	bool allow_nested;
	bool foreign_variables; /* as in shell_config */
	struct arena *arena;
	struct strv *warnings;
};

/* -1 with err, a usage error: the line must not run. */
int grammar_judge(const struct grammar_input *in, struct verdict *out, struct err *err);

/* "()" after the name of a function. */
bool is_function_sign(const struct token *t);

/* syntax.c: are the tokens certainly good syntax, in every shell that is known? */
bool syntax_is_sure(const struct tokens *t);

/* --- between the files that judge: grammar.c, expansion.c, builtin.c, nested.c */

struct cmd_word {
	size_t token;
	struct bytes text; /* as tokens_text gives it */
};

struct command_line {
	struct cmd_word *v;
	size_t n, cap;
	size_t k; /* the command's own name, after assignments, "command", ... */
	const struct builtin *builtin; /* that it is; builtin.c */
	struct bytes redirection; /* the last one */
	size_t heredoc;		  /* the first << in it, or 0 */
	size_t here_string;	  /* the word after <<<, or 0 */
	bool in_loop;		  /* for NAME in ... */
	struct bytes loop_name;
};

/* NAME=VALUE by whatever means, judged when the whole line is known. */
struct assigned {
	struct bytes name;
	bool number;
};

struct name_use {
	struct bytes name;
	size_t token;
	const char *what;
	size_t anchor;
};

struct grammar {
	const struct grammar_input *in;
	const struct tokens *t;
	const struct shell_dialect *d;
	unsigned traits;
	struct arena *a;
	struct verdict *out;
	struct err *err;
	bool failed;
	const char *forbid; /* why no placeholder is allowed here, or NULL */
	bool in_arithmetic;
	bool in_condition;
	size_t in_pattern, in_array; /* depth of nesting */
	/* When the tokens are those of a text inside the line, such as an action of
	 * trap: its column, which is used for all of theirs.  0: the line itself. */
	size_t anchor;
	struct assigned *assigned;
	size_t nassigned, assigned_cap;
	struct name_use *uses;
	size_t nuses, uses_cap;
	struct bytes *functions;
	size_t nfunctions, functions_cap;
	struct strv arrays; /* names assigned an array */
	bool writes, sources; /* a file; the latter by the command at source */
	size_t source;
};

/* The line evaluates text at that token. */
void judge_evaluates(struct grammar *g, enum line_class class, size_t token,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The shell must have that trait.  What bash reads and this sh reads as something else
 * is refused, as it would do something else; what only another shell might read makes
 * the line evaluate. */
void judge_needs(struct grammar *g, unsigned trait, size_t token, const char *what,
		 const char *instead);
/* What computes with the variable, which must then be a number in all of the line. */
void judge_use(struct grammar *g, struct bytes name, size_t token, const char *what);
/* Refuse the line. */
void judge_refuse(struct grammar *g, size_t token, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A name is assigned; number: a number whatever the values are. */
void judge_assigned(struct grammar *g, size_t token, struct bytes name, bool number);
/* Judge commands; the pieces of a word; the list that is opened there. */
void judge_list(struct grammar *g, size_t from, size_t to);
void judge_pieces(struct grammar *g, size_t from, size_t to);
void judge_nested(struct grammar *g, size_t open);
extern const char judge_in_subscript[]; /* why no placeholder is allowed in one */
/* Judge all tokens of g->t, as part of the line. */
void judge_tokens(struct grammar *g);
/* NAME=..., the value being the pieces of the word after the "=". */
void judge_assignment(struct grammar *g, const struct cmd_word *w);

/* The first placeholder that belongs to the word itself, not to a command in it;
 * 0 when there is none. */
size_t word_marker(const struct grammar *g, const struct cmd_word *w);
void word_check(struct grammar *g, const struct cmd_word *w, enum place_check check);
bool word_has_list(const struct grammar *g, size_t word);
/* $#, $?, $((...)), ${#x}: always a number. */
bool is_number_token(const struct token *p);
bool is_quote(const struct token *p);
/* Digits, after a sign or not, or nothing: a number, or it cannot be read as one. */
bool is_number_text(struct bytes text);
bool word_is_literal(const struct cmd_word *w);
bool word_is(const struct cmd_word *w, const char *text);
/* Exactly one word, whatever the values are. */
bool word_is_one(const struct grammar *g, const struct cmd_word *w);
/* A number, whatever the values are; the variables in it are noted as numbers that
 * what computes with. */
bool word_is_number(struct grammar *g, const struct cmd_word *w, const char *what);

/* builtin.c: a builtin or a program; the words of [[ ]]. */
void judge_builtin(struct grammar *g, struct command_line *c);
void judge_condition(struct grammar *g, struct command_line *c);

/* nested.c: values in the code of other programs. */
void judge_interpreters(struct grammar *g, struct command_line *c);

#endif
