/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <string.h>

#include "cli/runfile_internal.h"

/* libcyaml's schemas are tables of constants as a rule; this one is made at run
 * time, from the keys that there are, because the table of options is the one
 * place that says which there can be.
 *
 * No number and no bool of libcyaml's is used: version 1.3.1 takes "10abc" for
 * 10 and "nope" for true. */

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

/* Its names are the user's, which libcyaml wants to know beforehand. */
static cyaml_schema_field_t map_field(const struct runfile *f,
				      const struct runfile_entry *e, size_t slot,
				      char *const *saved)
{
	cyaml_schema_field_t *fields =
	    arena_calloc(f->arena, e->nnames + 1, sizeof *fields);
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

/* Events are whatever the user wants: libcyaml passes over them, and saves only
 * such as are texts. */
static cyaml_schema_field_t events_field(const char *key, size_t slot, bool saving)
{
	if (saving)
		return list_field(key, slot, sizeof(char *), &quoted_value);
	return (cyaml_schema_field_t){.key = key, .value = {.type = CYAML_IGNORE}};
}

static cyaml_schema_field_t field_for(const struct runfile *f,
				      const struct runfile_entry *e, size_t slot,
				      const struct runfile_slot *saved)
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
		return map_field(f, e, slot, saved != NULL ? saved->p : NULL);
	case SHAPE_SOURCES:
		return list_field(e->key.name, slot, sizeof(struct runfile_source),
				  &source_value);
	case SHAPE_EVENTS:
		break;
	}
	return events_field(e->key.name, slot, saved != NULL);
}

const cyaml_schema_value_t *runfile_schema(const struct runfile *f,
					   const struct runfile_slot *slots)
{
	cyaml_schema_field_t *fields = arena_calloc(f->arena, f->n + 1, sizeof *fields);
	cyaml_schema_value_t *top = arena_alloc(f->arena, sizeof *top);

	for (size_t i = 0; i < f->n; i++)
		fields[i] = field_for(f, &f->entries[i], i * sizeof(struct runfile_slot),
				      slots != NULL ? &slots[i] : NULL);
	*top = (cyaml_schema_value_t){
	    .type = CYAML_MAPPING,
	    .flags = CYAML_FLAG_POINTER,
	    .data_size = (uint32_t)(f->n * sizeof(struct runfile_slot)),
	    .mapping = {fields},
	};
	return top;
}
