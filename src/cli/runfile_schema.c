/* SPDX-License-Identifier: ISC */

/* The keys of run files, and libcyaml's schema for them.  Such schemas are tables of
 * constants as a rule; this one is made at run time, from the keys of the file, because
 * the table of options is the one place that says which there can be.  No number and no
 * bool of libcyaml's is used: version 1.3.1 takes "10abc" for 10 and "nope" for true. */

#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "cli/runfile_schema.h"

/* --- keys */

static const struct runfile_key own_keys[] = {
    {"command", SHAPE_TEXT, GROUP_COMMAND, NULL},
    {"argv", SHAPE_LIST, GROUP_COMMAND, NULL},
    {"events", SHAPE_EVENTS, GROUP_EVENTS, NULL},
    {"sources", SHAPE_SOURCES, GROUP_EVENTS, NULL},
};

enum { NOWN = sizeof own_keys / sizeof *own_keys };

static bool key_of(const struct option *o, struct runfile_key *key)
{
	if (o == NULL || o->yaml == YAML_NOT)
		return false;
	*key = (struct runfile_key){
	    .name = o->name,
	    .shape = o->yaml == YAML_MAP ? SHAPE_MAP
		     : o->arg == NULL	 ? SHAPE_FLAG
					 : SHAPE_TEXT,
	    .group = o->yaml == YAML_SOURCE ? GROUP_EVENTS : GROUP_NONE,
	    .option = o,
	};
	return true;
}

bool runfile_key_in(enum runfile_shape mapping, struct bytes name, struct runfile_key *key)
{
	bool input = bytes_is(name, "input");

	if (mapping != SHAPE_FILE) {
		*key = (struct runfile_key){.name = name.p, .shape = SHAPE_TEXT};
		if (mapping == SHAPE_SOURCE && !input)
			key->shape = SHAPE_LIST;
		return mapping == SHAPE_MAP || input || bytes_is(name, "values");
	}
	for (size_t i = 0; i < NOWN; i++)
		if (bytes_is(name, own_keys[i].name)) {
			*key = own_keys[i];
			return true;
		}
	return key_of(option_named(name), key);
}

/* Another spelling of an option on the command line, such as --wd. */
static const struct option *find_alias(struct bytes name)
{
	struct buf spelling = BUF_INIT;
	const struct option *found;

	buf_adds(&spelling, name.len == 1 ? "-" : "--");
	buf_addb(&spelling, name);
	found = name.len == 1 ? option_short(name.p[0])
			      : option_long(spelling.data, spelling.len);
	buf_clear(&spelling);
	return found;
}

const char *runfile_key_suggest(struct bytes name)
{
	struct suggestion near;
	struct runfile_key key;
	const struct option *o;

	if (key_of(find_alias(name), &key))
		return key.name;
	suggest_begin(&near, name);
	for (size_t i = 0; i < NOWN; i++)
		suggest_try(&near, own_keys[i].name);
	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (key_of(o, &key))
			suggest_try(&near, key.name);
	return near.best;
}

struct runfile_node *runfile_node_add(struct runfile_node *in, struct runfile_key key,
				      struct arena *arena)
{
	struct runfile_node *node = arena_calloc(arena, 1, sizeof *node);

	node->key = key;
	*(in->first != NULL ? &in->last->next : &in->first) = node;
	in->last = node;
	in->n++;
	return node;
}

/* --- the schema */

/* Saved in quotes, so that no YAML reader takes one for a number. */
static const cyaml_schema_value_t quoted_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_QUOTE_SINGLE, char, 0,
		       CYAML_UNLIMITED),
};

static const cyaml_schema_field_t source_fields[] = {
    CYAML_FIELD_STRING_PTR("input",
			   CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL |
			       CYAML_FLAG_SCALAR_QUOTE_SINGLE,
			   struct runfile_source, input, 0, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE_COUNT("values", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct runfile_source, values, nvalues, &quoted_value, 0,
			       CYAML_UNLIMITED),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t source_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct runfile_source, source_fields),
};

#define TEXT {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)}

static const cyaml_schema_value_t shapes[] = {
    [SHAPE_FLAG] = TEXT,
    [SHAPE_TEXT] = TEXT,
    [SHAPE_LIST] = {CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER, char *, &quoted_value, 0,
					 CYAML_UNLIMITED)},
    [SHAPE_SOURCES] = {CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER, struct runfile_source,
					    &source_value, 0, CYAML_UNLIMITED)},
    /* Events have keys of the user's own. */
    [SHAPE_EVENTS] = {.type = CYAML_IGNORE},
    /* Empty: no memory is not a mapping. */
    [SHAPE_MAP] = {.type = CYAML_IGNORE},
};

/* A text of several lines is saved as such, and an empty one is seen. */
static enum cyaml_flag text_style(const char *text)
{
	if (*text == '\0')
		return CYAML_FLAG_SCALAR_QUOTE_SINGLE;
	return strchr(text, '\n') != NULL ? CYAML_FLAG_SCALAR_LITERAL : CYAML_FLAG_DEFAULT;
}

/* For slot number i. */
static cyaml_schema_field_t field_for(const struct runfile_node *node, size_t i,
				      const struct runfile_slot *saved, struct arena *arena)
{
	size_t slot = i * sizeof *saved;
	cyaml_schema_field_t field = {
	    .key = node->key.name,
	    .data_offset = (uint32_t)(slot + offsetof(struct runfile_slot, p)),
	    .count_offset = (uint32_t)(slot + offsetof(struct runfile_slot, n)),
	    .count_size = sizeof saved->n,
	    .value = shapes[node->key.shape],
	};

	/* The names are the user's, which libcyaml has to know beforehand. */
	if (node->key.shape == SHAPE_MAP && node->n > 0)
		field.value =
		    *runfile_schema(node, saved != NULL ? saved->p : NULL, arena);
	if (saved != NULL && field.value.type == CYAML_STRING)
		field.value.flags |= text_style(saved->p);
	return field;
}

const cyaml_schema_value_t *runfile_schema(const struct runfile_node *mapping,
					   const struct runfile_slot *slots,
					   struct arena *arena)
{
	cyaml_schema_field_t *fields = arena_calloc(arena, mapping->n + 1, sizeof *fields);
	cyaml_schema_value_t *top = arena_alloc(arena, sizeof *top);
	size_t i = 0;

	for (const struct runfile_node *n = mapping->first; n != NULL; n = n->next, i++)
		fields[i] = field_for(n, i, slots != NULL ? &slots[i] : NULL, arena);
	*top = (cyaml_schema_value_t){
	    .type = CYAML_MAPPING,
	    .flags = CYAML_FLAG_POINTER,
	    .data_size = (uint32_t)(mapping->n * sizeof *slots),
	    .mapping = {fields},
	};
	return top;
}
