/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_PLACEHOLDER_H
#define COMMAND_PLACEHOLDER_H

/* The little language between braces, and the texts in which it is used.
 *
 * A text is compiled once, into a word: pieces of text and placeholders.  For each job
 * it is expanded with the job's values.  A value in a word never splits it and is never
 * parsed again.  Knows events, but neither shells nor processes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "command/shell.h"
#include "event/event.h"

enum placeholder_what {
	PLACEHOLDER_EVENT, /* {} */
	PLACEHOLDER_NTH,   /* {2}, {-1} */
	PLACEHOLDER_FIELD, /* {name} */
	PLACEHOLDER_SEQ,   /* {#} */
	PLACEHOLDER_SLOT,  /* {%} */
	PLACEHOLDER_TOTAL, /* {##} */
};

enum placeholder_part {
	PART_ALL,
	PART_NO_EXTENSION, /* {.} */
	PART_BASENAME,	   /* {/} */
	PART_DIRNAME,	   /* {//} */
	PART_STEM,	   /* {/.}: the basename without extension */
};

enum placeholder_form {
	FORM_PLAIN,
	FORM_RAW,
	FORM_SH,
	FORM_JSON,
	FORM_EVAL, /* as FORM_PLAIN, but shell lines do not check the value */
};

struct placeholder {
	enum placeholder_what what;
	enum placeholder_part part;
	enum placeholder_form form;
	int nth;		/* PLACEHOLDER_NTH: not 0 */
	bool padded;		/* {0#}, {0%} */
	bool split;		/* {} as a word of its own: one word per item */
	bool has_fallback;	/* {X:-fallback} */
	struct bytes name;	/* PLACEHOLDER_FIELD */
	struct bytes fallback;
	struct bytes spelling;	/* as the user wrote it, with the braces */
};

/* The placeholders of a template; words and shell lines refer to them by index. */
struct placeholders {
	struct placeholder *v;
	size_t n, cap;
};

/* What is known when texts are compiled, and where the result goes. */
struct placeholder_scope {
	const struct event *first; /* the first event: says which names there are */
	const char *replace;	   /* -I: another spelling of {}; NULL: none */
	bool batched;		   /* a job has several events (-n) */
	bool total_known;
	bool no_event; /* the text is for a worker, which serves all events */
	struct placeholders *placeholders; /* those found are added here */
	struct arena *arena;		   /* of the words' pieces */
};

/* Is there a placeholder at the start of s?  Returns its length and fills *p
 * (which points into s); 0 when the text there is ordinary text; -1 with err when it
 * is a placeholder without a meaning here: an unknown field, a missing source. */
int placeholder_match(const struct placeholder_scope *scope, struct bytes s,
		      struct placeholder *p, struct err *err);

/* Keep a placeholder; returns its index. */
int placeholders_add(struct placeholders *all, const struct placeholder *p);

/* Compile one word; its pieces point into text, which must outlive them.  "\{X}" is
 * the text {X}.  -1 with err. */
int word_compile(const struct placeholder_scope *scope, const char *text,
		 struct word *out, struct err *err);

/* The same for a text that is never split (a tag, a directory): the values of several
 * sources are joined in it. */
int word_compile_text(const struct placeholder_scope *scope, const char *text,
		      struct word *out, struct err *err);

/* The word "{}": one argument per item. */
void word_event(const struct placeholder_scope *scope, struct word *out);

bool word_has_placeholder(const struct word *w);

/* The values of a job's placeholders. */
struct bindings {
	const struct event *const *events; /* one, or a batch of them */
	size_t nevents;
	uint64_t seq, total; /* total 0: not known */
	unsigned slot, slots;
	unsigned try; /* which start of the job this is, from 1 */
};

/* All that expanding for one job needs.  The functions below return -1 or NULL with
 * err when the event has no value: a field is missing, or a part of a path is asked
 * for where the event is a mapping. */
struct expansion {
	const struct placeholder *placeholders;
	const struct bindings *job;
	struct arena *arena; /* of the results */
	struct err *err;
};

/* The number of values that a placeholder has: one per event of a batch for what
 * belongs to an event, one per item when it is split, else 1; and one of them. */
size_t placeholder_count(const struct placeholder *p, const struct bindings *job);
int placeholder_value(const struct expansion *x, const struct placeholder *p, size_t index,
		      struct bytes *value);

/* The number of arguments that a word becomes, and one of them.  It is an error when
 * that would hold a NUL. */
size_t word_count(const struct expansion *x, const struct word *w);
char *word_expand(const struct expansion *x, const struct word *w, size_t index);

/* Append one of them as it is. */
int word_add(const struct expansion *x, const struct word *w, size_t index,
	     struct buf *out);

/* Append the whole text; that of a batch once per event, separated by between. */
int word_add_all(const struct expansion *x, const struct word *w, char between,
		 struct buf *out);

#endif
