/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "output/sink.h"
#include "output/text.h"

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
	struct text_check check = {0};
	struct bytes data;

	do {
		if (spool_read(&c, job->spill, &data, err) < 0)
			return -1;
		text_check_add(&check, data);
	} while (data.len > 0 && !check.bad);
	*text = text_check_passes(&check);
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
