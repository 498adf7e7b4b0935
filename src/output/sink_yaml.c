/* SPDX-License-Identifier: ISC */
/* Writes jobs as items of a YAML list.  libcyaml saves a C struct as a schema says; here
 * the schema is made for each job, since its event may have any form.  The streams,
 * which may be larger than memory, are written after that by base/yaml_text.h.
 *
 * Styles: text is quoted, so that no reader takes "no" or "1.0" for anything else; what
 * is spelled as a number stays plain; outputs and texts of several lines are literal
 * blocks, or quoted where they must be. */

#include <config.h>

#include <cyaml/cyaml.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/yaml_text.h"
#include "output/sink.h"

enum {
	QUOTED = CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_QUOTE_DOUBLE,
	PLAIN = CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_PLAIN,
	BLOCK = CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_LITERAL,
};

/* --- what libcyaml saves: each function returns it and makes its schema */

static void *scalar(struct bytes text, int style, struct arena *a,
		    cyaml_schema_value_t *schema)
{
	*schema = (cyaml_schema_value_t){
	    CYAML_VALUE_STRING(style, char *, 0, CYAML_UNLIMITED)};
	return text_clean(text, a);
}

static void *value(struct bytes text, enum value_kind kind, struct arena *a,
		   cyaml_schema_value_t *schema)
{
	bool lines = text.len > 0 && memchr(text.p, '\n', text.len) != NULL;

	return scalar(text, kind == VALUE_BARE ? PLAIN : lines ? BLOCK : QUOTED, a, schema);
}

/* An array of pointers to the values; *keys has the schema of each. */
static void **mapping(const struct field *fields, size_t n, struct arena *a,
		      cyaml_schema_field_t **keys, cyaml_schema_value_t *schema)
{
	void **values = arena_calloc(a, n + 1, sizeof *values);
	cyaml_schema_field_t *key = arena_calloc(a, n + 1, sizeof *key);

	*keys = key;
	*schema = (cyaml_schema_value_t){
	    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, void *, key)};
	for (size_t i = 0; i < n; i++, key++) {
		key->key = text_clean(fields[i].name, a);
		key->data_offset = (uint32_t)(i * sizeof *values);
		values[i] = value(fields[i].value, fields[i].kind, a, &key->value);
	}
	return values;
}

static bool is_list_of_values(const struct event *e)
{
	for (size_t i = 0; i < e->nitems; i++)
		if (e->items[i].mapping)
			return false;
	return true;
}

static void *list(const struct event *e, struct arena *a, cyaml_schema_value_t *schema)
{
	cyaml_schema_value_t *entry = arena_calloc(a, 1, sizeof *entry);
	void **values = arena_calloc(a, e->nitems, sizeof *values);

	for (size_t i = 0; i < e->nitems; i++)
		values[i] = scalar(e->items[i].text, QUOTED, a, entry);
	*schema = (cyaml_schema_value_t){CYAML_VALUE_SEQUENCE_FIXED(
	    CYAML_FLAG_POINTER, char *, entry, (uint32_t)e->nitems)};
	return values;
}

/* libcyaml has no schema for several mappings of different forms: they are written as
 * the text of their JSON. */
static void *event(const struct outcome *o, struct arena *a, cyaml_schema_value_t *schema)
{
	const struct event *e = o->bindings->events[0];
	const struct item *item = &e->items[0];
	cyaml_schema_field_t *keys;

	if (!o->batched && e->nitems == 1)
		return item->mapping ? mapping(item->fields, item->nfields, a, &keys, schema)
				     : value(item->text, item->kind, a, schema);
	if (!o->batched && is_list_of_values(e))
		return list(e, a, schema);
	return scalar(o->event, QUOTED, a, schema);
}

static void **record(const struct outcome *o, struct arena *a, cyaml_schema_value_t *schema)
{
	struct field fields[RECORD_FIELDS];
	cyaml_schema_field_t *keys;
	void **values;

	outcome_record(o, a, fields);
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (fields[i].kind == VALUE_BARE && fields[i].value.len == 0)
			fields[i].value = bytes_str("null");
	fields[RECORD_STATUS].kind = VALUE_BARE; /* no reader takes one for anything else */
	values = mapping(fields, RECORD_FIELDS, a, &keys, schema);
	if (bytes_is(fields[RECORD_EVENT].name, "event"))
		values[RECORD_EVENT] = event(o, a, &keys[RECORD_EVENT].value);
	values[RECORD_COMMAND] =
	    scalar(o->command, QUOTED, a, &keys[RECORD_COMMAND].value);
	return values;
}

/* --- saving */

static void *reallocate(void *ctx, void *p, size_t size)
{
	(void)ctx;
	if (size > 0)
		return xrealloc(p, size);
	free(p);
	return NULL;
}

/* libyaml marks the end of a document after a block that ends in blank lines; here the
 * document goes on. */
static size_t without_end_mark(const char *p, size_t len)
{
	static const char mark[] = "\n...\n";
	size_t n = sizeof mark - 1;

	return len >= n && memcmp(p + len - n, mark, n) == 0 ? len - n + 1 : len;
}

/* As a list of one item. */
static void add_record(const struct outcome *o, struct sink_out *out)
{
	static const cyaml_config_t config = {.mem_fn = reallocate,
					      .flags = CYAML_CFG_STYLE_BLOCK};
	struct arena *a = arena_new();
	cyaml_schema_value_t entry;
	void **values = record(o, a, &entry);
	const cyaml_schema_value_t top = {CYAML_VALUE_SEQUENCE(
	    CYAML_FLAG_POINTER, void *, &entry, 0, CYAML_UNLIMITED)};
	char *text = NULL;
	size_t len = 0;
	cyaml_err_t failed = cyaml_save_data(&text, &len, &config, &top, &values, 1);

	if (failed == CYAML_OK) {
		buf_add(&out->text, text, without_end_mark(text, len));
	} else {
		err_set(out->err, "cannot write job %llu as YAML: %s",
			(unsigned long long)o->bindings->seq, cyaml_strerror(failed));
		out->failed = true;
	}
	free(text);
	arena_free(a);
}

/* --- streams */

static void add_stream(const struct sink_job *job, int stream, struct sink_out *out)
{
	struct spool_cursor look = SPOOL_CURSOR_INIT(&job->streams[stream]), c = look;
	struct yaml_text text = {.any = false};
	const char *name = stream == 0 ? "stdout" : "stderr";
	struct bytes data;

	while (sink_read(out, &look, &data))
		yaml_text_look(&text, data);
	if (!yaml_text_passes(&text)) {
		buf_addf(&out->text, "  %s_base64: \"", name);
		sink_stream(out, job, stream, NULL);
		buf_adds(&out->text, "\"\n");
		return;
	}
	buf_addf(&out->text, "  %s: ", name);
	yaml_text_begin(&text, &out->text);
	while (sink_read(out, &c, &data))
		yaml_text_add(&text, data, &out->text);
	yaml_text_end(&text, &out->text);
}

static void yaml_job(struct sink *base, const struct sink_job *job, struct sink_out *out)
{
	(void)base;
	add_record(job->outcome, out);
	add_stream(job, 0, out);
	add_stream(job, 1, out);
}

static const struct sink_ops yaml_ops = {.job = yaml_job};

struct sink *sink_yaml_new(void)
{
	struct sink *s = xcalloc(1, sizeof *s);

	s->ops = &yaml_ops;
	return s;
}
