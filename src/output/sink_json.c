/* SPDX-License-Identifier: ISC */
/* Writes an object of JSON per job and line: the fields of its record, then its two
 * streams, each as text or, if it is not text, as base64. */

#include <config.h>

#include "base/json.h"
#include "base/mem.h"
#include "output/sink.h"

struct sink_json {
	struct sink base;
	bool outputs;
};

static void add_record(struct buf *b, const struct outcome *o)
{
	struct field fields[RECORD_FIELDS];
	struct arena *a = arena_new();

	outcome_record(o, a, fields);
	for (size_t i = 0; i < RECORD_FIELDS; i++) {
		buf_adds(b, i == 0 ? "{\"" : ",\"");
		buf_addb(b, fields[i].name);
		buf_adds(b, "\":");
		json_add_value(b, fields[i].value, fields[i].kind);
	}
	arena_free(a);
}

static void encode(void *state, struct bytes data, struct buf *out)
{
	(void)state;
	json_add_piece(out, data);
}

static int write_stream(const struct sink_job *job, int stream,
			const struct sink_out *out, struct buf *b, struct err *err)
{
	bool text;

	if (sink_is_text(job, stream, &text, err) < 0)
		return -1;
	buf_addf(b, ",\"%s%s\":\"", stream == 0 ? "stdout" : "stderr",
		 text ? "" : "_base64");
	if (sink_write(out, b, err) < 0)
		return -1;
	if ((text ? sink_stream(job, stream, encode, NULL, out, err)
		  : sink_base64(job, stream, out, err)) < 0)
		return -1;
	buf_addc(b, '"');
	return 0;
}

static int json_job(struct sink *base, const struct sink_job *job,
		    const struct sink_out *out, struct err *err)
{
	const struct sink_json *s = (struct sink_json *)base;
	struct buf b = BUF_INIT;
	int result = 0;

	add_record(&b, job->outcome);
	for (int i = 0; i < 2 && s->outputs && result == 0; i++)
		result = write_stream(job, i, out, &b, err);
	buf_adds(&b, "}\n");
	if (result == 0)
		result = sink_write(out, &b, err);
	buf_clear(&b);
	return result;
}

static const struct sink_ops json_ops = {.job = json_job};

struct sink *sink_json_new(bool outputs)
{
	struct sink_json *s = xcalloc(1, sizeof *s);

	s->base.ops = &json_ops;
	s->outputs = outputs;
	return &s->base;
}
