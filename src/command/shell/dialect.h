/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_DIALECT_H
#define COMMAND_SHELL_DIALECT_H

/* What a shell evaluates and what it knows, by the shell that was found when it
 * was asked (shell_ask.h), not by its name.  A shell that is not known evaluates
 * everything and knows nothing. */

#include <stdbool.h>

#include "base/bytes.h"

enum shell_kind {
	SHELL_UNKNOWN,
	SHELL_DASH, /* and any other whose arithmetic has no subscripts */
	SHELL_BUSYBOX,
	SHELL_BASH,
	SHELL_ZSH,
	SHELL_KSH, /* ksh93 */
	SHELL_MKSH,
	SHELL_YASH,
};

/* What "command -v WORD" answers. */
enum shell_word {
	SHELL_WORD_NONE,    /* nothing: there is no such command */
	SHELL_WORD_PROGRAM, /* a path */
	SHELL_WORD_OWN,	    /* the word: a builtin, a function, a keyword */
	SHELL_WORD_ALIAS,   /* anything else */
};

struct shell_dialect {
	enum shell_kind kind;
	bool glob_subst; /* zsh: an unquoted $x is a glob, qualifiers and all */
	/* NULL: words that some shell has as a builtin are its own. */
	enum shell_word (*look_up)(void *arg, struct bytes word);
	void *arg;
};

enum shell_trait {
	/* The text of a variable is evaluated ... */
	EVALUATES_ARITHMETIC = 1 << 0, /* in $((x)), ${y:x}, a[x], [[ x -eq 1 ]] */
	EVALUATES_TEST = 1 << 1,       /* by test -eq, and options given by a value */
	EVALUATES_NUMBERS = 1 << 2,    /* as an operand of exit, shift, ... */
	EVALUATES_PRINTF = 1 << 3,     /* by printf %d */
	EVALUATES_NAMES = 1 << 4,      /* where a builtin takes a name */
	SPLITS_DECLARATIONS = 1 << 5,  /* export x=$y may assign more than x */
	SUBSCRIPTS_PARAMETERS = 1 << 6, /* $x[...], $x:h */
	/* The shell knows ... */
	HAS_ANSI_QUOTES = 1 << 8,
	HAS_ARRAYS = 1 << 9,
	HAS_CONDITION = 1 << 10,   /* [[ ]] */
	HAS_REGEX = 1 << 11,	   /* [[ =~ ]] with a quoted right side as text */
	HAS_ARITHMETIC_COMMAND = 1 << 12, /* (( )) */
	HAS_PROCESS = 1 << 13,	   /* <( ) */
	HAS_HERE_STRING = 1 << 14,
	HAS_AMPERSAND = 1 << 15,   /* &>FILE, >&FILE */
	HAS_PIPE_BOTH = 1 << 16,   /* |& as 2>&1 | */
	HAS_REPLACEMENT = 1 << 17, /* ${x/a/b} */
	HAS_SUBSTRING = 1 << 18,   /* ${x:0:3} */
	HAS_CASE = 1 << 19,	   /* ${x^^} ${x@Q} */
	HAS_FUNCTION = 1 << 20,	   /* function f */
	HAS_RANGES = 1 << 21,	   /* {1..3} */
};

unsigned shell_traits(const struct shell_dialect *d);

/* Does some shell know the word as a builtin or keyword? */
bool shell_is_builtin_somewhere(struct bytes word);

/* SHELL_WORD_... of the word in this shell. */
enum shell_word shell_look_up(const struct shell_dialect *d, struct bytes word);

/* How a variable may be assigned by a line that is inert. */
enum name_kind {
	NAME_ORDINARY,
	NAME_NUMBER, /* some shell evaluates what is assigned to it */
	NAME_TEXT,   /* decides what the shell runs or how it reads: fixed text only */
};

enum name_kind shell_name_kind(const struct shell_dialect *d, struct bytes name);

/* The name as people call the shell, for messages. */
const char *shell_kind_name(const struct shell_dialect *d);

#endif
