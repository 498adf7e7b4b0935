/* SPDX-License-Identifier: ISC */
#ifndef EVENT_BUILDER_H
#define EVENT_BUILDER_H

/* Builds an item from what a reader finds, in the order in which it is written:
 * scalars, keys, and where lists and mappings begin and end.
 *
 * The members of the outermost list or mapping become the item's fields; what is nested
 * in them becomes compact JSON.  The builder owns all of it until the next item. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"

/* The keys of one mapping, to find one that is given twice.  Few keys cost nothing; very
 * many (from a hostile file) do not take quadratic time. */
enum { KEYSET_FEW = 16 };

struct keyset {
	size_t n;
	struct bytes few[KEYSET_FEW];
	struct bytes *table; /* of all, once they are more than a few */
	size_t size;	     /* of the table: a power of two */
};

void keyset_init(struct keyset *s);
void keyset_clear(struct keyset *s);

/* False: the key is there already.  Does not copy its bytes. */
bool keyset_add(struct keyset *s, struct bytes key);

struct builder_level; /* an open list or mapping */

struct builder {
	struct item item; /* when it is complete */
	bool complete;
	size_t depth; /* of open lists and mappings */

	struct builder_level *levels;
	size_t levels_cap;
	struct arena *arena; /* of the item's texts */
	struct field *fields;
	size_t nfields, cap;
	struct bytes key; /* of the next field */
	struct buf json;  /* the value of a field that is a list or mapping */
};

void builder_init(struct builder *b);
void builder_clear(struct builder *b);

/* Forget the item and begin the next. */
void builder_reset(struct builder *b);

/* The text is copied.  VALUE_BARE: as json_is_bare says; null becomes empty in fields. */
void builder_scalar(struct builder *b, struct bytes text, enum value_kind kind);

void builder_open(struct builder *b, bool mapping);
void builder_close(struct builder *b);

/* Does a key come next? */
bool builder_expects_key(const struct builder *b);

/* False: the mapping has it already. */
bool builder_key(struct builder *b, struct bytes key);

/* The place of the next member of the innermost list or mapping that is open; move what
 * was added to it from a later place on to that place. */
size_t builder_place(const struct builder *b);
void builder_move_last(struct builder *b, size_t to, size_t from);

/* Add a field without names and levels: for readers of tables. */
void builder_column(struct builder *b, struct bytes text);

/* The names of columns, from the fields of a first row. */
struct header {
	struct bytes *names; /* NULL: none */
	size_t n;
};

/* Take the fields' values as names, copied to the arena.  False: *bad is the index of
 * one that is empty or was there before. */
bool header_take(struct header *h, const struct field *fields, size_t n, struct arena *a,
		 size_t *bad);
#endif
