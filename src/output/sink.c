/* SPDX-License-Identifier: ISC */
/* What sinks share: the table of formats, the reading of streams piece by piece, and
 * text without the bytes that are not. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "output/sink.h"

/* --- text */

char *text_clean(struct bytes text, struct arena *a)
{
	struct utf8_check c = {0};
	struct buf b = BUF_INIT;
	char *copy;

	utf8_check_add(&c, text);
	if (utf8_check_passes(&c))
		return arena_dup(a, text.p, text.len);
	while (text.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_first(text, &code);

		if (n > 0 && code != 0)
			buf_add(&b, text.p, n);
		else
			buf_adds(&b, "\xef\xbf\xbd");
		n += n == 0;
		text.p += n;
		text.len -= n;
	}
	copy = arena_dup(a, b.data, b.len);
	buf_clear(&b);
	return copy;
}

/* --- writing */

void sink_write(struct sink_out *out, struct bytes data)
{
	if (!out->failed && data.len > 0)
		out->failed = out->write(out->arg, data, out->err) < 0;
}

int sink_end(struct sink_out *out)
{
	sink_write(out, buf_bytes(&out->text));
	buf_clear(&out->text);
	return out->failed ? -1 : 0;
}

/* --- streams */

uint64_t sink_stream_size(const struct sink_job *job, int stream)
{
	return job->streams[stream].total - job->streams[stream].taken;
}

bool sink_read(struct sink_out *out, struct spool_cursor *c, struct bytes *data)
{
	enum { ONE_WRITE = 1024 * 1024 };

	if (out->text.len >= ONE_WRITE) {
		sink_write(out, buf_bytes(&out->text));
		buf_reset(&out->text);
	}
	if (!out->failed)
		out->failed = spool_read(c, data, out->err) < 0;
	return !out->failed && data->len > 0;
}

bool sink_is_text(struct sink_out *out, const struct sink_job *job, int stream)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[stream]);
	struct utf8_check check = {0};
	struct bytes data;

	while (!check.bad && sink_read(out, &c, &data))
		utf8_check_add(&check, data);
	return utf8_check_passes(&check);
}

void sink_stream(struct sink_out *out, const struct sink_job *job, int stream,
		 void (*add)(struct buf *out, struct bytes piece))
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[stream]);
	struct base64 state = {0};
	struct bytes data;

	while (sink_read(out, &c, &data)) {
		if (add != NULL)
			add(&out->text, data);
		else
			base64_add(&state, data, &out->text);
	}
	base64_end(&state, &out->text);
}

struct rendering {
	struct spool *to;
	struct spill *spill;
};

static int add_rendered(void *arg, struct bytes data, struct err *err)
{
	const struct rendering *r = arg;

	return spool_add(r->to, r->spill, data, err);
}

int sink_render(struct sink *s, const struct sink_job *job, struct spool *to,
		struct spill *spill, struct err *err)
{
	struct rendering r = {to, spill};
	struct sink_out out = {add_rendered, &r, .err = err};

	if (s->ops->ok_only && job->outcome->status != JOB_OK)
		return 0;
	if (s->ops->header != NULL)
		s->ops->header(s, job, &out.text);
	s->ops->job(s, job, &out);
	return sink_end(&out);
}

void sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->ops->free != NULL)
		s->ops->free(s);
	free(s);
}

/* --- formats */

const struct sink_format sink_formats[] = {
    {"json", {".json", ".jsonl", ".ndjson"}, sink_json_new},
    {"yaml", {".yaml", ".yml"}, sink_yaml_new},
    {"csv", {".csv"}, sink_csv_new},
    {"table", {NULL}, sink_table_new},
    {NULL, {NULL}, NULL},
};

const struct sink_format *sink_format(const char *name)
{
	for (const struct sink_format *f = sink_formats; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

const struct sink_format *sink_format_of_file(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (const struct sink_format *f = sink_formats; dot != NULL && f->name != NULL; f++)
		for (size_t i = 0; i < SINK_SUFFIXES && f->suffixes[i] != NULL; i++)
			if (strcmp(f->suffixes[i], dot) == 0)
				return f;
	return NULL;
}
