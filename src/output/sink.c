/* SPDX-License-Identifier: ISC */
/* What sinks share: the table of formats, the reading of streams piece by piece, and
 * the encodings for bytes that are not text. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "output/sink.h"

/* --- base64 */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			     "0123456789+/";

static void encode_three(const unsigned char *p, char *to)
{
	to[0] = digits[p[0] >> 2];
	to[1] = digits[(p[0] & 3) << 4 | p[1] >> 4];
	to[2] = digits[(p[1] & 15) << 2 | p[2] >> 6];
	to[3] = digits[p[2] & 63];
}

void base64_add(struct base64 *b, struct bytes data, struct buf *out)
{
	char *to = buf_room(out, (data.len + 2) / 3 * 4 + 4), *start = to;

	for (size_t i = 0; i < data.len; i++) {
		b->rest[b->nrest++] = (unsigned char)data.p[i];
		if (b->nrest < 3)
			continue;
		encode_three(b->rest, to);
		to += 4;
		b->nrest = 0;
	}
	out->len += (size_t)(to - start);
}

void base64_end(struct base64 *b, struct buf *out)
{
	char last[4];

	if (b->nrest == 0)
		return;
	for (unsigned i = b->nrest; i < 3; i++)
		b->rest[i] = 0;
	encode_three(b->rest, last);
	if (b->nrest == 1)
		last[2] = '=';
	last[3] = '=';
	buf_add(out, last, 4);
	b->nrest = 0;
}

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

/* --- streams */

static void encode_base64(void *state, struct bytes data, struct buf *out)
{
	base64_add(state, data, out);
}

int sink_write(const struct sink_out *out, struct buf *b, struct err *err)
{
	int result = b->len > 0 ? out->write(out->arg, buf_bytes(b), err) : 0;

	buf_reset(b);
	return result;
}

uint64_t sink_stream_size(const struct sink_job *job, int stream)
{
	return job->streams[stream].total - job->streams[stream].taken;
}

int sink_is_text(const struct sink_job *job, int stream, bool *text, struct err *err)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[stream]);
	struct utf8_check check = {0};
	struct bytes data;

	do {
		if (spool_read(&c, job->spill, &data, err) < 0)
			return -1;
		utf8_check_add(&check, data);
	} while (data.len > 0 && !check.bad);
	*text = utf8_check_passes(&check);
	return 0;
}

int sink_stream(const struct sink_job *job, int stream, sink_encode_fn encode,
		void *state, const struct sink_out *out, struct err *err)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[stream]);
	struct buf b = BUF_INIT;
	struct bytes data;
	int result;

	while ((result = spool_read(&c, job->spill, &data, err)) == 0 && data.len > 0) {
		encode(state, data, &b);
		if ((result = sink_write(out, &b, err)) < 0)
			break;
	}
	buf_clear(&b);
	return result;
}

int sink_base64(const struct sink_job *job, int stream, const struct sink_out *out,
		struct err *err)
{
	struct base64 state = {0};
	struct buf b = BUF_INIT;
	int result = sink_stream(job, stream, encode_base64, &state, out, err);

	base64_end(&state, &b);
	if (result == 0)
		result = sink_write(out, &b, err);
	buf_clear(&b);
	return result;
}

struct rendering {
	struct spool *to;
	struct spill *spill;
};

static int add_rendered(void *arg, struct bytes data, struct err *err)
{
	struct rendering *r = arg;

	return spool_add(r->to, r->spill, data, err);
}

int sink_render(struct sink *s, const struct sink_job *job, struct spool *to,
		struct err *err)
{
	struct rendering r = {to, job->spill};
	struct sink_out out = {add_rendered, &r};
	struct buf header = BUF_INIT;
	int result;

	if (s->ops->ok_only && job->outcome->status != JOB_OK)
		return 0;
	if (s->ops->header != NULL)
		s->ops->header(s, job, &header);
	result = sink_write(&out, &header, err);
	buf_clear(&header);
	return result == 0 ? s->ops->job(s, job, &out, err) : -1;
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

static struct sink *json_new(void)
{
	return sink_json_new(true);
}

const struct sink_format sink_formats[] = {
    {"json", {".json", ".jsonl", ".ndjson"}, json_new},
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
