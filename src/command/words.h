/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_WORDS_H
#define COMMAND_WORDS_H

/* Words that are templates: text with placeholders in it.  A value in a word
 * never splits it and is never parsed again. */

#include "base/arena.h"
#include "base/err.h"
#include "command/placeholder.h"
#include "command/shell.h"

/* The placeholders of a template, by the ids that words and shell lines use. */
struct placeholders {
	struct placeholder *v;
	size_t n, cap;
};

/* Keep a placeholder; returns its id. */
int placeholders_add(struct placeholders *all, const struct placeholder *p);

/* Compile one word; its pieces go to the arena and point into text, which must
 * outlive them.  "\{X}" is the text {X}.  Returns -1 with err. */
int word_compile(const char *text, const struct placeholder_scope *scope,
		 struct placeholders *all, struct arena *a, struct word *out,
		 struct err *err);

/* The same for a text that is one whatever it holds (a tag, a directory): the
 * values of several sources are joined in it. */
int word_compile_text(const char *text, const struct placeholder_scope *scope,
		      struct placeholders *all, struct arena *a, struct word *out,
		      struct err *err);

/* A word that is just "{}": one argument per item. */
void word_event(struct placeholders *all, struct arena *a, struct word *out);

bool word_has_placeholder(const struct word *w);

/* How many arguments the word is for a job, and argument number index, ended by
 * a NUL, in the arena.  NULL with err: a value is missing or holds a NUL. */
size_t word_count(const struct word *w, const struct placeholders *all,
		  const struct bindings *b);
char *word_expand(const struct word *w, const struct placeholders *all,
		  const struct bindings *b, size_t index, struct arena *a,
		  struct err *err);

/* The same, but append it to out, as it is.  -1 with err: a value is missing. */
int word_add(const struct word *w, const struct placeholders *all,
	     const struct bindings *b, size_t index, struct arena *a, struct buf *out,
	     struct err *err);

/* Append the whole text; that of a batch once per event, with between in
 * between.  -1 with err. */
int word_add_all(const struct word *w, const struct placeholders *all,
		 const struct bindings *b, char between, struct arena *a, struct buf *out,
		 struct err *err);

#endif
