/* SPDX-License-Identifier: ISC */
#ifndef CLI_RUNFILE_INTERNAL_H
#define CLI_RUNFILE_INTERNAL_H

/* What the parts of the run file share: runfile_keys (which there are),
 * runfile_lint (the first pass), runfile_schema (what libcyaml is told), runfile
 * (loading) and runfile_print. */

#include <cyaml/cyaml.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "cli/option.h"

/* --- keys */

enum runfile_shape {
	SHAPE_FLAG,    /* yes or no */
	SHAPE_TEXT,    /* a scalar, taken as it is written */
	SHAPE_LIST,    /* of texts */
	SHAPE_MAP,     /* of names to texts */
	SHAPE_SOURCES, /* a list of mappings: struct runfile_source */
	SHAPE_EVENTS,  /* anything: read as -f yaml reads it */
};

struct runfile_key {
	const char *name;
	enum runfile_shape shape;
	const struct option *option; /* NULL: a key of the run file's own */
};

/* Key number i; false behind the last.  Those of the run file's own come first. */
bool runfile_key_at(size_t i, struct runfile_key *key);
bool runfile_key_find(struct bytes name, struct runfile_key *key);

/* Is it an option that is no key? */
bool runfile_key_is_for_line(struct bytes name);

/* What somebody who writes this name may mean; NULL: no idea. */
const char *runfile_key_suggest(struct bytes name);

/* --- a file */

/* One of "sources": either input or values. */
struct runfile_source {
	char *input;
	char **values;
	uint32_t nvalues;
};

/* A value as libcyaml has it. */
struct runfile_slot {
	void *p; /* TEXT: char *; LIST, MAP: char *[]; SOURCES: the structs */
	uint32_t n;
	int flag; /* FLAG: RUNFILE_YES or RUNFILE_NO */
};

enum { RUNFILE_YES = 1, RUNFILE_NO };

struct runfile_place {
	uint64_t line, column; /* from 1 */
};

/* A key that stands in the file. */
struct runfile_entry {
	struct runfile_key key;
	uint64_t line;
	struct runfile_place place; /* of its value */
	char **names;		    /* MAP: the names in it */
	struct runfile_place *places;
	size_t nnames;
	struct bytes events; /* EVENTS: their text; what stands before is blank */
};

struct runfile {
	const char *path;    /* as messages show it */
	struct bytes text;   /* all of it */
	struct arena *arena; /* for what the entries point to */
	struct runfile_entry *entries; /* in their order; malloc'ed */
	size_t n, cap;
};

/* Fills err with "path:line:column: ..." and returns -1. */
int runfile_error(const struct runfile *f, struct runfile_place at, struct err *err,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

struct runfile_entry *runfile_add_entry(struct runfile *f, struct runfile_key key,
					struct runfile_place at);

/* The first pass: fill the entries.  -1 with err. */
int runfile_lint(struct runfile *f, struct err *err);

/* The schema for the entries, whose values stand in an array of as many slots;
 * made in the arena of the file.  slots: the values that are to be saved, or NULL
 * for loading. */
const cyaml_schema_value_t *runfile_schema(const struct runfile *f,
					   const struct runfile_slot *slots);

#endif
