/* SPDX-License-Identifier: ISC */
#ifndef EVENT_SOURCE_H
#define EVENT_SOURCE_H

/* Sources give events one by one, when asked: the caller's pace is the only
 * pace, and nothing is read ahead beyond one buffer.
 *
 * Sources are built from each other: arguments or files at the bottom, then
 * crossed or linked, shuffled, numbered and selected on top.  Each owns the
 * sources it is made from. */

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/reader.h"

struct colsep;
struct loop;
struct source;

enum source_result {
	SOURCE_EVENT, /* *out is filled, its contents in the arena */
	SOURCE_AGAIN, /* nothing yet: the ready function will be called */
	SOURCE_END,   /* no more, now and later */
	SOURCE_ERROR, /* err is filled; the events before were right */
};

/* Called from the loop when a source that said SOURCE_AGAIN may have more. */
typedef void (*source_ready_fn)(void *arg);

enum source_result source_next(struct source *s, struct arena *a, struct event *out,
			       struct err *err);
void source_on_ready(struct source *s, source_ready_fn fn, void *arg);
void source_free(struct source *s); /* NULL is allowed */

/* How many events there will be in all, if that is known now: from arguments or memory,
 * counted ahead in regular files of lines (up to 1 GiB; the first call takes the
 * time to read them), or because the input is so short that its end is seen
 * one piece ahead (once its first event was taken). */
bool source_total(struct source *s, uint64_t *total);

/* The words of "::: a b c"; the strings must outlive the source. */
struct source *source_args(char **words, size_t n);

struct source_file_config {
	struct loop *loop;
	const char *path; /* "-": standard input; else opened when first asked */
	struct place at;   /* where the path is in a run file, for errors */
	struct bytes text; /* p != NULL: the contents; path is then only a name */
	const struct reader_ops *format; /* NULL: by the file's extension, else lines */
	bool guessed; /* lines, because nothing says what they are */
	struct reader_config reader; /* emit, arg and name are filled in here */
};
struct source *source_file(const struct source_file_config *cfg);

/* Every combination, the last varying fastest: an event has the items of all.  All
 * sources but the first are read first and held in memory; if one of them has no
 * events, there are no combinations.  Takes the sources, at least one (the array stays
 * the caller's). */
struct source *source_cross(struct source **parts, size_t n);

/* Side by side: the first event of each, then the second of each, ...  It stops
 * with the shortest; with recycle it goes on to the end of the longest, shorter
 * ones starting over, and holds all events in memory.  An empty one makes it
 * empty.  Takes the sources, at least one. */
struct source *source_link(struct source **parts, size_t n, bool recycle);

/* Lines split into columns, {1} {2}; {} is still the line.  header:
 * the first line is not an event but names the columns; then columns that a line
 * lacks are empty, and more columns than names are an error.  For sources of
 * single texts.  Takes from; colsep stays the caller's, NULL: a tab. */
struct source *source_columns(struct source *from, struct colsep *colsep, bool header);

/* In random order: holds all events.  Takes from. */
struct source *source_shuffle(struct source *from, uint64_t seed);

/* Numbers the events from 1 in seq.  ranges: only these numbers, ascending,
 * or n = 0 for all; ends after the last.  Takes from; copies ranges. */
struct seq_range {
	uint64_t first, last; /* inclusive; last UINT64_MAX: no end */
};
struct source *source_number(struct source *from, const struct seq_range *ranges, size_t n);

/* "1,3-5,9-", in any order: as ascending ranges into malloc'ed *ranges; -1: not
 * such a list. */
int seq_ranges_parse(const char *text, struct seq_range **ranges, size_t *n);

/* --- for implementations */

struct source_ops {
	enum source_result (*next)(struct source *s, struct arena *a, struct event *out,
				   struct err *err);
	void (*on_ready)(struct source *s, source_ready_fn fn, void *arg); /* NULL: from's */
	bool (*total)(struct source *s, uint64_t *total);
	void (*free)(struct source *s); /* not from */
};

/* Every source struct begins with this. */
struct source {
	const struct source_ops *ops;
	struct source *from; /* the source below, if there is exactly one; owned */
};

#endif
