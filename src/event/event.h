/* SPDX-License-Identifier: ISC */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

/* An event: what one job is about.
 *
 * An event has one item for each source it was made from (one, unless sources
 * are crossed or linked).  An item is a value (a line, a scalar) or a mapping
 * with named fields.  Everything points into the arena that was given to
 * source_next; nothing here owns memory. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"

enum value_kind {
	VALUE_TEXT, /* a string: quoted in JSON */
	VALUE_BARE, /* spelled as a JSON number, true, false: bare in JSON; empty: null */
	VALUE_JSON, /* a nested value: its text is compact JSON */
};

struct field {
	struct bytes name; /* p == NULL: a column without name */
	struct bytes value;
	enum value_kind kind;
};

struct item {
	struct bytes text;    /* the value as written; p == NULL: only its fields */
	enum value_kind kind; /* of text */
	bool mapping;	      /* has named fields */
	bool crlf;	      /* its lines end in CRLF, which is not in the text */
	bool guessed;	      /* a line of an input whose format was not given */
	struct field *fields; /* a mapping's fields, or a line's columns, named or not */
	size_t nfields;
};

struct event {
	uint64_t seq;	  /* from 1; set by the source that numbers */
	const char *file; /* where the event came from; NULL: the command line */
	uint64_t line;	  /* from 1; 0: not known */
	struct item *items;
	size_t nitems;
};

/* The name of its file as it is put in parentheses: "stdin" for "(stdin)". */
static inline const char *event_file(const struct event *e)
{
	return strcmp(e->file, "(stdin)") == 0 ? "stdin" : e->file;
}

/* The item as one text: as written, or the mapping as compact JSON on one line
 * (made in the arena). */
struct bytes item_text(const struct item *item, struct arena *a);

/* The field of that name in the first item that has it; NULL: no item has. */
const struct field *event_field(const struct event *e, struct bytes name);

/* The name of a table's only column: does another delimiter seem to separate names in
 * it?  The option to be used then, or NULL.  The second: of the first item. */
const char *header_hint(struct bytes name);
const char *event_header_hint(const struct event *e);

/* True when any item is a mapping. */
bool event_has_names(const struct event *e);

/* Append a value as JSON by its kind. */
void json_add_value(struct buf *b, struct bytes text, enum value_kind kind);

/* Append the values as a JSON array. */
void json_add_list(struct buf *b, const struct field *fields, size_t n);

/* The value of a text for which json_is_bare holds: null is empty, anything else is
 * the text itself. */
struct bytes json_bare_value(struct bytes text);

/* Call fn for each member of a list or mapping in compact JSON (as readers make it),
 * until it returns false.  A member of a list has no name; all of it is valid only
 * during the call. */
typedef bool (*json_member_fn)(void *arg, const struct field *member);
void json_members(struct bytes json, json_member_fn fn, void *arg);

/* The value at a path in compact JSON: keys and, for lists, numbers from 0, with dots
 * between them.  A key that has dots itself is found too, before shorter ones.  False:
 * no such value.  The result is in the arena. */
bool json_walk(struct bytes json, struct bytes path, struct arena *a,
	       struct field *out);

/* The field of that very name, or the bytes of NAME_base64, as records have them, or what a
 * walk from a nested field finds. */
bool event_find(const struct event *e, struct bytes path, struct arena *a,
		struct field *out);

/* Deep copies into another arena. */
void item_copy(struct item *to, const struct item *from, struct arena *a);
void event_copy(struct event *to, const struct event *from, struct arena *a);

#endif
