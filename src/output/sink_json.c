/* SPDX-License-Identifier: ISC */
/* Writes an object of JSON per job and line: the fields of its record, then its two
 * streams, each as text or, if it is not text, as base64. */

#include <config.h>

#include "base/json.h"
#include "base/mem.h"
#include "output/sink.h"

void sink_json_record(const struct outcome *o, struct buf *b)
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

static void json_job(struct sink *base, const struct sink_job *job, struct sink_out *out)
{
	static const char *const names[] = {"stdout", "stderr"};

	(void)base;
	sink_json_record(job->outcome, &out->text);
	for (int i = 0; i < 2; i++) {
		bool text = sink_is_text(out, job, i);

		buf_addf(&out->text, ",\"%s%s\":\"", names[i], text ? "" : "_base64");
		sink_stream(out, job, i, text ? json_add_piece : NULL);
		buf_addc(&out->text, '"');
	}
	buf_adds(&out->text, "}\n");
}

static const struct sink_ops json_ops = {.job = json_job};

struct sink *sink_json_new(void)
{
	struct sink *s = xcalloc(1, sizeof *s);

	s->ops = &json_ops;
	return s;
}
