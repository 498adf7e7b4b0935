/* SPDX-License-Identifier: ISC */
#ifndef CLI_RUNFILE_SCHEMA_H
#define CLI_RUNFILE_SCHEMA_H

/* Which keys a run file can have, and what libcyaml must know to load and to save them.
 * The keys are the options, from the same table, and a few of the run file's own for
 * the words that are no options: command, argv, events, sources. */

#include <cyaml/cyaml.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "cli/option.h"

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

/* Key number i; false after the last.  Those of the run file's own come first. */
bool runfile_key_at(size_t i, struct runfile_key *key);
bool runfile_key_find(struct bytes name, struct runfile_key *key);

/* Which key the user may mean by this name; NULL: no idea. */
const char *runfile_key_suggest(struct bytes name);

/* One of "sources": either input or values. */
struct runfile_source {
	char *input;
	char **values;
	uint32_t nvalues;
};

/* A value as libcyaml loads and saves it. */
struct runfile_slot {
	void *p; /* TEXT: char *; LIST, MAP: char *[]; SOURCES: the structs */
	uint32_t n;
	int flag; /* FLAG: RUNFILE_YES or RUNFILE_NO */
};

enum { RUNFILE_YES = 1, RUNFILE_NO };

/* A key that is in the file. */
struct runfile_entry {
	struct runfile_key key;
	char **names; /* MAP: the names in it */
	size_t nnames;
};

/* The schema for a file with these entries, whose values are in an array of as many
 * slots; made in the arena.  slots: the values that are to be saved, or NULL for
 * loading. */
const cyaml_schema_value_t *runfile_schema(const struct runfile_entry *entries, size_t n,
					   const struct runfile_slot *slots,
					   struct arena *arena);

#endif
