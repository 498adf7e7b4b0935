/* SPDX-License-Identifier: ISC */
#ifndef COMMAND_PLACEHOLDER_H
#define COMMAND_PLACEHOLDER_H

/* The little language between braces: what a placeholder looks like, and what
 * its value is for one job.  Knows events, but neither shells nor processes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
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

/* What is known when a template is compiled. */
struct placeholder_scope {
	const struct event *first; /* the first event: says which names there are */
	const char *replace;	   /* -I: another spelling of {}; NULL: none */
	bool batched;		   /* a job has several events (-n) */
	bool total_known;
	bool no_event; /* the text is for a worker, which all events go to */
};

/* Is there a placeholder at the start of s?  Returns its length and fills *p
 * (which points into s); 0 when the text there is just text; -1 with err when
 * it is a placeholder that cannot be: an unknown field, a source there is not. */
int placeholder_match(const struct placeholder_scope *scope, struct bytes s,
		      struct placeholder *p, struct err *err);

/* What a job's placeholders stand for. */
struct bindings {
	const struct event *const *events; /* one, or a batch of them */
	size_t nevents;
	uint64_t seq, total; /* total 0: not known */
	unsigned slot, slots;
};

/* How many values a placeholder has for a job: one per event of a batch for
 * what is an event's own, one per item when it is split, else 1. */
size_t placeholder_count(const struct placeholder *p, const struct bindings *b);

/* Value number index.  -1 with err when this event has none: a field is missing,
 * a path's part of a mapping is asked for. */
int placeholder_value(const struct placeholder *p, const struct bindings *b, size_t index,
		      struct arena *a, struct bytes *value, struct err *err);

#endif
