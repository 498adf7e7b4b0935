/* SPDX-License-Identifier: ISC */
/* Gives a job's output its shape.  Raw bytes go straight to their spool.  Lines are
 * found in what comes, held until they are whole where that is asked for, and tagged.
 * A record is made by the sink when the job's turn has come. */

#include <config.h>

#include "base/buf.h"
#include "output/shape.h"

/* --- tags */

static void add_visible(struct buf *b, unsigned char c)
{
	if (c == '\n')
		buf_adds(b, "\\n");
	else if (c == '\r')
		buf_adds(b, "\\r");
	else if ((c < 0x20 && c != '\t') || c == 0x7f)
		buf_addf(b, "\\x%02x", c);
	else
		buf_addc(b, (char)c);
}

static struct bytes make_tag(const char *text, uint64_t number, bool color, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct bytes tag;

	if (color) /* red, green, yellow, blue, magenta, cyan */
		buf_addf(&b, "\033[3%dm", (int)(number % 6) + 1);
	for (; *text != '\0'; text++)
		add_visible(&b, (unsigned char)*text);
	if (color)
		buf_adds(&b, "\033[m");
	buf_addc(&b, '\t');
	tag = arena_bytes(a, buf_bytes(&b));
	buf_clear(&b);
	return tag;
}

void shape_tag(const struct shape *shape, struct shaped *s, const char *text,
	       uint64_t number, struct arena *a)
{
	for (int i = 0; i < 2; i++)
		s->tags[i] = make_tag(text, number, shape->color[i], a);
}

/* --- lines */

static int put_tagged(const struct shape_stream *s, struct bytes data, struct err *err)
{
	bool *inside = &s->job->lines[s->stream].inside;

	while (data.len > 0) {
		const char *end = memchr(data.p, '\n', data.len);
		size_t n = end != NULL ? (size_t)(end + 1 - data.p) : data.len;

		if (!*inside &&
		    spool_add(s->to, s->shape->spill, s->job->tags[s->stream], err) < 0)
			return -1;
		if (spool_add(s->to, s->shape->spill, (struct bytes){data.p, n}, err) < 0)
			return -1;
		*inside = end == NULL;
		data.p += n;
		data.len -= n;
	}
	return 0;
}

static int put(const struct shape_stream *s, struct bytes data, struct err *err)
{
	if (data.len == 0)
		return 0;
	if (s->job->tags[s->stream].len > 0)
		return put_tagged(s, data, err);
	s->job->lines[s->stream].inside = data.p[data.len - 1] != '\n';
	if (s->write != NULL) {
		size_t n = s->write(s->arg, data);

		data.p += n;
		data.len -= n;
	}
	return spool_add(s->to, s->shape->spill, data, err);
}

static int put_partial(const struct shape_stream *s, struct err *err)
{
	struct spool *partial = &s->job->lines[s->stream].partial;
	struct bytes data;

	while (!spool_is_empty(partial)) {
		if (spool_peek(partial, &data, err) < 0 || put(s, data, err) < 0)
			return -1;
		spool_take(partial, s->shape->spill, data.len);
	}
	return 0;
}

static int put_whole(const struct shape_stream *s, struct bytes data, struct err *err)
{
	const char *last = memrchr(data.p, '\n', data.len);
	size_t n = last != NULL ? (size_t)(last + 1 - data.p) : 0;

	if (n > 0 && (put_partial(s, err) < 0 ||
		      put(s, (struct bytes){data.p, n}, err) < 0))
		return -1;
	return spool_add(&s->job->lines[s->stream].partial, s->shape->spill,
			 (struct bytes){data.p + n, data.len - n}, err);
}

static bool has_lines(const struct shape *shape, const struct shaped *job)
{
	return shape->by_lines || job->tags[0].len > 0;
}

/* --- streams */

static bool is_kept(const struct shape *shape, const struct shaped *s)
{
	return shape->results != NULL && (has_lines(shape, s) || shape->copies);
}

bool shape_is_raw(const struct shape *shape, const struct shaped *s)
{
	return !has_lines(shape, s) && !is_kept(shape, s);
}

int shape_add(const struct shape_stream *s, struct bytes data, struct err *err)
{
	const struct shape *shape = s->shape;

	if (is_kept(shape, s->job) &&
	    spool_add(&s->job->kept[s->stream], shape->spill, data, err) < 0)
		return -1;
	if (!has_lines(shape, s->job))
		return spool_add(s->to, shape->spill, data, err);
	return shape->by_lines ? put_whole(s, data, err) : put(s, data, err);
}

int shape_end(const struct shape_stream *s, struct err *err)
{
	if (!has_lines(s->shape, s->job))
		return 0;
	if (put_partial(s, err) < 0)
		return -1;
	return s->job->lines[s->stream].inside ? put(s, (struct bytes){"\n", 1}, err) : 0;
}

void shape_clear(const struct shape *shape, struct shaped *s)
{
	for (int i = 0; i < 2; i++) {
		spool_clear(&s->out[i], shape->spill);
		spool_clear(&s->kept[i], shape->spill);
		spool_clear(&s->lines[i].partial, shape->spill);
		s->lines[i].inside = false;
	}
}

/* --- records */

int shape_record(const struct shape *shape, struct shaped *s,
		 const struct outcome *outcome, struct err *err)
{
	const struct spool *streams = is_kept(shape, s) ? s->kept : s->out;
	int result;

	s->record = shape->sink != NULL ? outcome : NULL;
	if (shape->results == NULL)
		return 0;
	result = results_add(shape->results, outcome, streams, err);
	spool_clear(&s->kept[0], shape->spill);
	spool_clear(&s->kept[1], shape->spill);
	return result;
}

int shape_render(const struct shape *shape, struct shaped *s, struct err *err)
{
	struct sink_job in = {s->record, s->out};
	struct spool text = SPOOL_INIT;
	int result = sink_render(shape->sink, &in, &text, shape->spill, err);

	spool_clear(&s->out[0], shape->spill);
	if (!shape->sink->ops->stdout_only)
		spool_clear(&s->out[1], shape->spill);
	s->out[0] = text;
	s->record = NULL;
	return result;
}
