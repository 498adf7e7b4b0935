/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_H
#define COMMAND_SHELL_H

/* A shell command line with placeholders, as a prepared statement.
 *
 * The line is compiled once into a script in which every placeholder is a
 * reference to a private variable, written as the quoting context at its place
 * needs it; every job runs that script with its own values as arguments:
 *
 *   sh -c '_volley_1=${1}; set --; echo "${_volley_1}"' sh VALUE
 *
 * No byte of a value is ever part of the script.  What a shell might evaluate after
 * it was expanded is the grammar's business (shell/grammar.h): a line is inert, and
 * takes any value, or it takes only values that mean nothing when read again.  What
 * a placeholder looks like and what its values are is up to the caller's functions.
 *
 * The steps, each in shell/: token (the lexer), grammar (what the line is), check
 * (of values), bind and show. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* What the matcher says about a placeholder. */
struct shell_marker {
	int id;	   /* chosen by the caller */
	bool raw;  /* its text is to be pasted unprotected */
	bool list; /* one value per event of a batch: see below */
	bool sh;   /* its value is a shell-quoted copy, {X:sh}: fit for code */
	bool number; /* its value is a number whatever the event holds */
	bool waived; /* {X:eval}: its value is not checked */
};

/* Is there a placeholder at the start of s (its first byte; len bytes up to the
 * end of the line)?  Returns its length, 0 for none, or -1 when there is one
 * that is an error (the matcher has filled the err it shares with the caller
 * of shell_compile).  *m is all zero before.  Is called several times for some
 * places, also for places where the line then has no placeholder; never where "${"
 * starts. */
typedef int (*shell_match_fn)(void *arg, const char *s, size_t len,
			      struct shell_marker *m);

struct shell_dialect;

struct shell_config {
	const char *line;
	shell_match_fn match;
	void *arg;
	const struct shell_dialect *dialect; /* copied; NULL: not known */
	bool ansi_quotes;  /* the shell is known to have $'...' (bash, zsh, ksh) */
	bool foreign_variables; /* jobs have variables that are not the user's own */
	bool allow_nested; /* accept placeholders inside the text of an inner shell */
	const char *name;  /* $0; NULL: "sh" */
	bool parameters;   /* shell_values has some */
};

struct shell_line;

/* NULL with err (a usage error: "column N: what; what to do").  Advice that is
 * no error (a value inside the code of awk, python, ssh, ...) is appended to
 * warnings, one phrase each. */
struct shell_line *shell_compile(const struct shell_config *cfg, struct strv *warnings,
				 struct err *err);
void shell_free(struct shell_line *l);

/* The script of every job with one value per placeholder; NULL when text is pasted
 * into it.  Belongs to l. */
const char *shell_script(const struct shell_line *l);

/* True if the line contains a placeholder. */
bool shell_has_markers(const struct shell_line *l);

/* True when the line ends inside a simple command, so that one more word after it is
 * one more argument. */
bool shell_takes_argument(const struct shell_line *l);

/* True when the line is inert and certainly good syntax for the shell of the dialect,
 * so that it need not be asked (sh -n). */
bool shell_is_complete(const struct shell_line *l);

/* The values of one job, by the matcher's ids.  A list marker has count(id)
 * values, at least one; any other exactly one.
 *
 * A word of a command that holds list markers is repeated, once per value, with
 * its surroundings; everywhere else (assignments, redirections,
 * here-documents, ...) the values of a list marker are joined by a blank. */
struct shell_values {
	size_t (*count)(void *arg, int id);
	struct bytes (*get)(void *arg, int id, size_t index);
	void *arg;
	char *const *parameters; /* $0, $1, ..., ended by NULL, or NULL: none */
};

/* Build the arguments for one job, without the shell itself and its flags:
 * "-c", SCRIPT, $0, VALUE...  The vector is in the arena and ends with NULL (not
 * counted); the script may belong to l.  -1 with err when a value cannot be bound:
 * it is no integer where the shell computes, not harmless in a line that evaluates
 * text, or holds a NUL. */
int shell_bind(const struct shell_line *l, const struct shell_values *v, struct arena *a,
	       char ***argv, size_t *argc, struct err *err);

/* May the line evaluate text that it has expanded?  Then every value that a job
 * can reach by other ways (the environment, stdin) must be harmless, too. */
bool shell_evaluates(const struct shell_line *l);

/* Check such a value: what names it in the message ("value of {x}"), placeholder is
 * its spelling, or NULL.  -1 with err. */
int shell_check_value(const struct shell_line *l, const char *what, const char *placeholder,
		      struct bytes b, struct err *err);

/* Append the job as a line that does the same when pasted into a POSIX shell.
 * shell is the shell's path and flags as words ("sh", "bash"), used where the
 * values cannot be shown in place. */
void shell_show(const struct shell_line *l, const struct shell_values *v,
		const char *shell, struct buf *out);

/* --- lines that need no shell */

/* A word of a command: pieces of text and placeholders. */
struct word_piece {
	struct bytes text; /* p == NULL: a placeholder */
	int id;
};

struct word {
	struct word_piece *pieces;
	size_t n;
};

/* When the line is only plain words (no metacharacter, assignment, keyword, name of a
 * builtin, or raw placeholder): how many, and the words, which belong to l; else 0.
 * The first word is pure text.  Whether it is a builtin of the very shell in use is
 * for the caller to ask. */
size_t shell_plain_words(const struct shell_line *l, const struct word **words);

#endif
