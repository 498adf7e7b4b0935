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
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/yaml_text.h"
#include "output/sink.h"

enum {
	QUOTED = CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_QUOTE_DOUBLE,
	PLAIN = CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_PLAIN,
	BLOCK = CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_LITERAL,
};

/* A record as libcyaml takes it: a text for each field but the event, which has
 * any form. */
struct document {
	char *values[RECORD_FIELDS];
	void *event;
	size_t event_count; /* of a sequence */
	cyaml_schema_field_t keys[RECORD_FIELDS + 1];
};

/* --- the event */

static cyaml_schema_value_t text_schema(struct bytes text, enum value_kind kind)
{
	bool lines = text.len > 0 && memchr(text.p, '\n', text.len) != NULL;
	int style = kind == VALUE_BARE ? PLAIN : lines ? BLOCK : QUOTED;

	return (cyaml_schema_value_t){
	    CYAML_VALUE_STRING(style, char *, 0, CYAML_UNLIMITED)};
}

/* A mapping: an array of texts, and a schema with a field for each. */
static void *mapping(const struct item *item, struct arena *a,
		     cyaml_schema_value_t *schema)
{
	cyaml_schema_field_t *keys = arena_calloc(a, item->nfields + 1, sizeof *keys);
	char **values = arena_calloc(a, item->nfields + 1, sizeof *values);

	for (size_t i = 0; i < item->nfields; i++) {
		const struct field *f = &item->fields[i];

		values[i] = text_clean(f->value, a);
		keys[i].key = text_clean(f->name, a);
		keys[i].data_offset = (uint32_t)(i * sizeof *values);
		keys[i].value = text_schema(f->value, f->kind);
	}
	*schema = (cyaml_schema_value_t){
	    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, char *, keys)};
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
	static const cyaml_schema_value_t entry = {
	    CYAML_VALUE_STRING(QUOTED, char *, 0, CYAML_UNLIMITED)};
	char **values = arena_calloc(a, e->nitems, sizeof *values);

	for (size_t i = 0; i < e->nitems; i++)
		values[i] = text_clean(e->items[i].text, a);
	*schema = (cyaml_schema_value_t){CYAML_VALUE_SEQUENCE(
	    CYAML_FLAG_POINTER, char *, &entry, 0, CYAML_UNLIMITED)};
	return values;
}

/* libcyaml has no schema for several mappings of different forms: they are written as
 * the text of their JSON. */
static void set_event(struct document *d, const struct outcome *r, struct arena *a)
{
	const struct event *e = r->bindings->events[0];
	cyaml_schema_field_t *field = &d->keys[RECORD_EVENT];

	field->data_offset = offsetof(struct document, event);
	if (!r->batched && e->nitems == 1 && e->items[0].mapping) {
		d->event = mapping(&e->items[0], a, &field->value);
	} else if (!r->batched && e->nitems == 1) {
		d->event = text_clean(e->items[0].text, a);
		field->value = text_schema(e->items[0].text, e->items[0].kind);
	} else if (!r->batched && is_list_of_values(e)) {
		d->event = list(e, a, &field->value);
		d->event_count = e->nitems;
		field->count_offset = offsetof(struct document, event_count);
		field->count_size = sizeof d->event_count;
	} else {
		d->event = text_clean(r->event, a);
	}
}

/* --- the rest */

static void set_field(struct document *d, size_t i, const struct field *f, struct arena *a)
{
	bool null = f->kind == VALUE_BARE && f->value.len == 0;
	bool word = bytes_is(f->name, "status"); /* no reader takes one for anything else */

	d->values[i] = null ? arena_str(a, "null") : text_clean(f->value, a);
	d->keys[i].key = f->name.p;
	d->keys[i].data_offset = (uint32_t)(offsetof(struct document, values) +
					    i * sizeof d->values[0]);
	d->keys[i].value = (cyaml_schema_value_t){
	    CYAML_VALUE_STRING(f->kind == VALUE_BARE || word ? PLAIN : QUOTED, char *, 0,
			       CYAML_UNLIMITED)};
}

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

static int save(const struct document *d, const struct sink_out *out, struct err *err)
{
	static const cyaml_config_t config = {.mem_fn = reallocate,
					      .flags = CYAML_CFG_STYLE_BLOCK};
	const cyaml_schema_value_t entry = {
	    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct document, d->keys)};
	const cyaml_schema_value_t top = {CYAML_VALUE_SEQUENCE(
	    CYAML_FLAG_POINTER, struct document, &entry, 0, CYAML_UNLIMITED)};
	cyaml_err_t failed;
	char *text = NULL;
	size_t len;
	int result;

	failed = cyaml_save_data(&text, &len, &config, &top, d, 1);
	if (failed != CYAML_OK)
		return err_set(err, "cannot write job %s as YAML: %s", d->values[0],
			       cyaml_strerror(failed));
	result = out->write(out->arg, (struct bytes){text, without_end_mark(text, len)},
			    err);
	free(text);
	return result;
}

/* --- streams */

static int look(const struct sink_job *job, int stream, struct yaml_text *text,
		struct err *err)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[stream]);
	struct bytes data;

	do {
		if (spool_read(&c, job->spill, &data, err) < 0)
			return -1;
		yaml_text_look(text, data);
	} while (data.len > 0);
	return 0;
}

static void encode(void *state, struct bytes data, struct buf *out)
{
	yaml_text_add(state, data, out);
}

static int write_text(const struct sink_job *job, int stream, struct yaml_text *text,
		      const struct sink_out *out, struct buf *b, struct err *err)
{
	yaml_text_begin(text, b);
	if (sink_write(out, b, err) < 0 ||
	    sink_stream(job, stream, encode, text, out, err) < 0)
		return -1;
	yaml_text_end(text, b);
	return sink_write(out, b, err);
}

static int write_base64(const struct sink_job *job, int stream,
			const struct sink_out *out, struct buf *b, struct err *err)
{
	buf_addc(b, '"');
	if (sink_write(out, b, err) < 0 || sink_base64(job, stream, out, err) < 0)
		return -1;
	buf_adds(b, "\"\n");
	return sink_write(out, b, err);
}

static int write_stream(const struct sink_job *job, int stream,
			const struct sink_out *out, struct err *err)
{
	struct yaml_text text = {.any = false};
	struct buf b = BUF_INIT;
	int result = look(job, stream, &text, err);
	bool is_text = yaml_text_passes(&text);

	buf_addf(&b, "  %s%s: ", stream == 0 ? "stdout" : "stderr",
		 is_text ? "" : "_base64");
	if (result == 0)
		result = is_text ? write_text(job, stream, &text, out, &b, err)
				 : write_base64(job, stream, out, &b, err);
	buf_clear(&b);
	return result;
}

static int yaml_job(struct sink *base, const struct sink_job *job,
		    const struct sink_out *out, struct err *err)
{
	struct field fields[RECORD_FIELDS];
	struct arena *a = arena_new();
	struct document *d = arena_calloc(a, 1, sizeof *d);
	int result;

	(void)base;
	outcome_record(job->outcome, a, fields);
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		set_field(d, i, &fields[i], a);
	set_event(d, job->outcome, a);
	result = save(d, out, err);
	for (int i = 0; i < 2 && result == 0; i++)
		result = write_stream(job, i, out, err);
	arena_free(a);
	return result;
}

static const struct sink_ops yaml_ops = {.job = yaml_job};

struct sink *sink_yaml_new(void)
{
	struct sink *s = xcalloc(1, sizeof *s);

	s->ops = &yaml_ops;
	return s;
}
