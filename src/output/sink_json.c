/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/mem.h"
#include "output/sink.h"
#include "output/text.h"

struct sink_json {
	struct sink base;
	bool outputs;
};

static void add_number(struct buf *b, const char *key, bool there, int number)
{
	if (there)
		buf_addf(b, ",\"%s\":%d", key, number);
	else
		buf_addf(b, ",\"%s\":null", key);
}

static void add_time(struct buf *b, const char *key, int64_t ns)
{
	buf_addf(b, ",\"%s\":", key);
	outcome_add_time(b, ns);
}

static void add_record(struct buf *b, const struct outcome *r)
{
	buf_addf(b, "{\"seq\":%llu,\"event\":", (unsigned long long)r->bindings->seq);
	buf_addb(b, r->event);
	buf_adds(b, ",\"command\":");
	json_add_string(b, r->command);
	buf_addf(b, ",\"status\":\"%s\"", outcome_word(r));
	add_number(b, "exit", outcome_exit(r) >= 0, outcome_exit(r));
	add_number(b, "signal", outcome_signal(r) != 0, outcome_signal(r));
	buf_addf(b, ",\"try\":%u,\"slot\":%u", r->try, r->bindings->slot);
	add_time(b, "start", r->start);
	add_time(b, "runtime", r->runtime);
	buf_addf(b, ",\"truncated\":%s", r->truncated ? "true" : "false");
}

static void encode(void *state, struct bytes data, struct buf *out)
{
	(void)state;
	text_add_json(out, data);
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
