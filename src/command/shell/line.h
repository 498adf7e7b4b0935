/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_SHELL_LINE_H
#define COMMAND_SHELL_LINE_H

/* A compiled line: text that goes into the script as it is, and placeholders with
 * the quoting at their place. */

#include "command/shell/grammar.h"

enum part_kind {
	PART_TEXT,
	PART_REF,   /* a placeholder whose value is bound */
	PART_RAW,   /* one whose value is pasted */
	PART_BLANK, /* never stored: line_walk gives it between the copies of a word */
};

struct part {
	enum part_kind kind;
	size_t from, to;      /* text: where in shell_line.text */
	enum quoting quoting; /* the rest is for placeholders */
	size_t id;	      /* index into shell_line.ids */
	unsigned checks;      /* enum place_check */
	bool repeats;	      /* a list in a word that is repeated, once per value */
	bool bare;	      /* may be shown without quotes */
	size_t repeat;	      /* a repeated word starts here: its number of parts */
};

/* A placeholder as the matcher knows it, however often it is in the line. */
struct shell_id {
	struct shell_marker marker;
	const char *name; /* as written, for messages */
};

struct shell_line {
	struct arena *arena; /* of what has no other owner */
	struct part *parts;
	size_t n, cap;
	struct buf text;
	struct shell_id *ids;
	size_t nids, ids_cap;
	struct word *words; /* when it needs no shell; else nwords is 0 */
	size_t nwords;
	char *script;	 /* the constant one; NULL when text is pasted per job */
	char *name;	 /* $0 */
	bool parameters; /* more words follow the values, as $1, $2, ... */
	bool takes_argument;
	struct shell_dialect dialect;
	struct verdict verdict;
	/* For showing the line: */
	bool unclear; /* could not be read, or uses $1, $0, $@, $$, $- */
	bool has_comment;
};

/* Call fn for every part in order.  A repeated word comes once per value, and index
 * says which value its lists have; for all other parts it means nothing.  With v NULL,
 * every placeholder has one value. */
typedef void (*part_fn)(void *arg, const struct part *p, size_t index);
void line_walk(const struct shell_line *l, const struct shell_values *v, part_fn fn,
	       void *arg);

/* The value of a placeholder: the index-th when the part repeats, else all
 * joined by a blank (in the arena). */
struct bytes line_value(const struct shell_line *l, const struct shell_values *v,
			const struct part *p, size_t index, struct arena *a);

/* As shell_bind, but without checking the values. */
void line_build(const struct shell_line *l, const struct shell_values *v, struct arena *a,
		char ***argv, size_t *argc);

/* The script in which every list has one value. */
char *line_constant_script(const struct shell_line *l);

#endif
