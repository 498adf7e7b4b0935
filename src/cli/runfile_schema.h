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
#include "cli/given.h"

enum runfile_shape {
	SHAPE_FLAG,    /* yes or no */
	SHAPE_TEXT,    /* a scalar, taken as it is written */
	SHAPE_LIST,    /* of texts */
	SHAPE_MAP,     /* of names to texts */
	SHAPE_SOURCES, /* a list of SOURCE */
	SHAPE_EVENTS,  /* anything: read as -f yaml reads it */
	SHAPE_SOURCE,  /* a mapping with input or values */
	SHAPE_FILE,    /* all of it */
};

/* A file has one key of a group. */
enum runfile_group { GROUP_NONE, GROUP_COMMAND, GROUP_EVENTS };

struct runfile_key {
	const char *name;
	enum runfile_shape shape;
	enum runfile_group group;
	const struct option *option; /* NULL: a key of the run file's own */
};

/* The key in a mapping of this shape: FILE, MAP or SOURCE, where the name must be a text
 * that stays.  False: it has no such key. */
bool runfile_key_in(enum runfile_shape mapping, struct bytes name, struct runfile_key *key);

/* Which key of a file the user may mean by this name; NULL: no idea. */
const char *runfile_key_suggest(struct bytes name);

/* What is in a file, without the values: a key, or an entry of a list, which has the key
 * of the list. */
struct runfile_node {
	struct runfile_key key;
	struct place name_at, at; /* of the key and the value */
	struct runfile_node *first, *last, *next;
	size_t n; /* from first to last: what is in it */
};

struct runfile_node *runfile_node_add(struct runfile_node *in, struct runfile_key key,
				      struct arena *arena);

/* One of "sources": either input or values. */
struct runfile_source {
	char *input;
	char **values;
	uint32_t nvalues;
};

/* A value as libcyaml loads and saves it. */
struct runfile_slot {
	void *p; /* FLAG, TEXT: char *; LIST: char *[]; MAP: its slots; SOURCES: the structs */
	uint32_t n; /* LIST, SOURCES */
};

/* The schema for a mapping of shape FILE or MAP, whose values are in an array of as many
 * slots; made in the arena.  slots: the values that are to be saved, or NULL for
 * loading. */
const cyaml_schema_value_t *runfile_schema(const struct runfile_node *mapping,
					   const struct runfile_slot *slots,
					   struct arena *arena);

#endif
