/* SPDX-License-Identifier: ISC */

/* The keys of run files, and libcyaml's schema for them.  Such schemas are tables of
 * constants as a rule; this one is made at run time, from the keys of the file, because
 * the table of options is the one place that says which there can be.  No number and no
 * bool of libcyaml's is used: version 1.3.1 takes "10abc" for 10 and "nope" for true. */

#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "cli/runfile_schema.h"

/* --- keys */

static const struct runfile_key own_keys[] = {
    {"command", SHAPE_TEXT, NULL},
    {"argv", SHAPE_LIST, NULL},
    {"events", SHAPE_EVENTS, NULL},
    {"sources", SHAPE_SOURCES, NULL},
};

enum { NOWN = sizeof own_keys / sizeof *own_keys };

static enum runfile_shape shape_of(const struct option *o)
{
	if (o->yaml == YAML_MAP)
		return SHAPE_MAP;
	return o->arg == NULL ? SHAPE_FLAG : SHAPE_TEXT;
}

/* The options that are no keys are left out of the count. */
static const struct option *nth_option(size_t n)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (o->yaml != YAML_NOT && n-- == 0)
			return o;
	return NULL;
}

bool runfile_key_at(size_t i, struct runfile_key *key)
{
	const struct option *o;

	if (i < NOWN) {
		*key = own_keys[i];
		return true;
	}
	o = nth_option(i - NOWN);
	if (o == NULL)
		return false;
	*key = (struct runfile_key){o->name, shape_of(o), o};
	return true;
}

bool runfile_key_find(struct bytes name, struct runfile_key *key)
{
	for (size_t i = 0; runfile_key_at(i, key); i++)
		if (bytes_is(name, key->name))
			return true;
	return false;
}

/* Another spelling of an option on the command line, such as --wd. */
static const char *find_alias(struct bytes name)
{
	struct buf spelling = BUF_INIT;
	struct runfile_key key;
	const char *found = NULL;

	buf_adds(&spelling, name.len == 1 ? "-" : "--");
	buf_addb(&spelling, name);
	for (size_t i = NOWN; found == NULL && runfile_key_at(i, &key); i++)
		if (option_has_alias(key.option, spelling.data, spelling.len) ||
		    (name.len == 1 && name.p[0] == key.option->letter))
			found = key.name;
	buf_clear(&spelling);
	return found;
}

const char *runfile_key_suggest(struct bytes name)
{
	const char *alias = find_alias(name);
	struct suggestion near;
	struct runfile_key key;

	if (alias != NULL)
		return alias;
	suggest_begin(&near, name);
	for (size_t i = 0; runfile_key_at(i, &key); i++)
		suggest_try(&near, key.name);
	return near.best;
}

/* --- the schema */

static const cyaml_strval_t flags[] = {
    {"yes", RUNFILE_YES},
    {"no", RUNFILE_NO},
    {"true", RUNFILE_YES},
    {"false", RUNFILE_NO},
};

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED),
};

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

/* A text of several lines is saved as such, and an empty one is seen. */
static enum cyaml_flag text_style(const char *text)
{
	if (text == NULL)
		return CYAML_FLAG_DEFAULT;
	if (*text == '\0')
		return CYAML_FLAG_SCALAR_QUOTE_SINGLE;
	return strchr(text, '\n') != NULL ? CYAML_FLAG_SCALAR_LITERAL : CYAML_FLAG_DEFAULT;
}

static cyaml_schema_field_t text_field(const char *key, size_t offset, const char *saved)
{
	cyaml_schema_field_t field = {
	    .key = key, .data_offset = (uint32_t)offset, .value = text_value};

	field.value.flags |= text_style(saved);
	return field;
}

static cyaml_schema_field_t list_field(const char *key, size_t slot, size_t entry_size,
				       const cyaml_schema_value_t *entry)
{
	return (cyaml_schema_field_t){
	    .key = key,
	    .data_offset = (uint32_t)(slot + offsetof(struct runfile_slot, p)),
	    .count_offset = (uint32_t)(slot + offsetof(struct runfile_slot, n)),
	    .count_size = sizeof(uint32_t),
	    .value = {.type = CYAML_SEQUENCE,
		      .flags = CYAML_FLAG_POINTER,
		      .data_size = (uint32_t)entry_size,
		      .sequence = {entry, 0, CYAML_UNLIMITED}},
	};
}

/* Its names are the user's, which libcyaml has to know beforehand. */
static cyaml_schema_field_t map_field(const struct runfile_entry *e, size_t slot,
				      char *const *saved, struct arena *arena)
{
	cyaml_schema_field_t *fields = arena_calloc(arena, e->nnames + 1, sizeof *fields);
	cyaml_schema_field_t field = {
	    .key = e->key.name,
	    .data_offset = (uint32_t)(slot + offsetof(struct runfile_slot, p)),
	    .value = {.type = CYAML_MAPPING,
		      .flags = CYAML_FLAG_POINTER,
		      .data_size = (uint32_t)(e->nnames * sizeof(char *)),
		      .mapping = {fields}},
	};

	if (e->nnames == 0) /* no memory is not a mapping */
		field.value = (cyaml_schema_value_t){.type = CYAML_IGNORE};
	for (size_t i = 0; i < e->nnames; i++)
		fields[i] = text_field(e->names[i], i * sizeof(char *),
				       saved != NULL ? saved[i] : NULL);
	return field;
}

static cyaml_schema_field_t flag_field(const char *key, size_t slot)
{
	return (cyaml_schema_field_t){
	    .key = key,
	    .data_offset = (uint32_t)(slot + offsetof(struct runfile_slot, flag)),
	    .value = {.type = CYAML_ENUM,
		      .flags = CYAML_FLAG_STRICT,
		      .data_size = sizeof(int),
		      .enumeration = {flags, sizeof flags / sizeof *flags}},
	};
}

/* Events have keys of the user's own: libcyaml skips them, and saves those that are
 * texts. */
static cyaml_schema_field_t events_field(const char *key, size_t slot, bool saving)
{
	if (saving)
		return list_field(key, slot, sizeof(char *), &quoted_value);
	return (cyaml_schema_field_t){.key = key, .value = {.type = CYAML_IGNORE}};
}

static cyaml_schema_field_t field_for(const struct runfile_entry *e, size_t slot,
				      const struct runfile_slot *saved,
				      struct arena *arena)
{
	switch (e->key.shape) {
	case SHAPE_FLAG:
		return flag_field(e->key.name, slot);
	case SHAPE_TEXT:
		return text_field(e->key.name, slot + offsetof(struct runfile_slot, p),
				  saved != NULL ? saved->p : NULL);
	case SHAPE_LIST:
		return list_field(e->key.name, slot, sizeof(char *), &quoted_value);
	case SHAPE_MAP:
		return map_field(e, slot, saved != NULL ? saved->p : NULL, arena);
	case SHAPE_SOURCES:
		return list_field(e->key.name, slot, sizeof(struct runfile_source),
				  &source_value);
	case SHAPE_EVENTS:
		break;
	}
	return events_field(e->key.name, slot, saved != NULL);
}

const cyaml_schema_value_t *runfile_schema(const struct runfile_entry *entries, size_t n,
					   const struct runfile_slot *slots,
					   struct arena *arena)
{
	cyaml_schema_field_t *fields = arena_calloc(arena, n + 1, sizeof *fields);
	cyaml_schema_value_t *top = arena_alloc(arena, sizeof *top);

	for (size_t i = 0; i < n; i++)
		fields[i] = field_for(&entries[i], i * sizeof *slots,
				      slots != NULL ? &slots[i] : NULL, arena);
	*top = (cyaml_schema_value_t){
	    .type = CYAML_MAPPING,
	    .flags = CYAML_FLAG_POINTER,
	    .data_size = (uint32_t)(n * sizeof *slots),
	    .mapping = {fields},
	};
	return top;
}
