/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "output/lines.h"

static int put_tagged(struct line_stream *l, const struct line_mode *mode,
		      struct bytes data, struct spool *to, struct err *err)
{
	while (data.len > 0) {
		const char *end = memchr(data.p, '\n', data.len);
		size_t n = end != NULL ? (size_t)(end + 1 - data.p) : data.len;

		if (!l->inside && spool_add(to, mode->spill, mode->tag, err) < 0)
			return -1;
		if (spool_add(to, mode->spill, (struct bytes){data.p, n}, err) < 0)
			return -1;
		l->inside = end == NULL;
		data.p += n;
		data.len -= n;
	}
	return 0;
}

static int put(struct line_stream *l, const struct line_mode *mode, struct bytes data,
	       struct spool *to, struct err *err)
{
	if (data.len == 0)
		return 0;
	if (mode->tag.len > 0)
		return put_tagged(l, mode, data, to, err);
	l->inside = data.p[data.len - 1] != '\n';
	if (mode->at_once != NULL) {
		size_t n = mode->at_once(mode->arg, data);

		data.p += n;
		data.len -= n;
	}
	return spool_add(to, mode->spill, data, err);
}

static int put_partial(struct line_stream *l, const struct line_mode *mode,
		       struct spool *to, struct err *err)
{
	struct bytes data;

	while (!spool_is_empty(&l->partial)) {
		if (spool_peek(&l->partial, mode->spill, &data, err) < 0 ||
		    put(l, mode, data, to, err) < 0)
			return -1;
		spool_take(&l->partial, mode->spill, data.len);
	}
	return 0;
}

int lines_add(struct line_stream *l, const struct line_mode *mode, struct bytes data,
	      struct spool *to, struct err *err)
{
	const char *last;
	size_t n;

	if (!mode->whole)
		return put(l, mode, data, to, err);
	last = memrchr(data.p, '\n', data.len);
	n = last != NULL ? (size_t)(last + 1 - data.p) : 0;
	if (n > 0 && (put_partial(l, mode, to, err) < 0 ||
		      put(l, mode, (struct bytes){data.p, n}, to, err) < 0))
		return -1;
	return spool_add(&l->partial, mode->spill,
			 (struct bytes){data.p + n, data.len - n}, err);
}

int lines_end(struct line_stream *l, const struct line_mode *mode, struct spool *to,
	      struct err *err)
{
	if (put_partial(l, mode, to, err) < 0)
		return -1;
	return l->inside ? put(l, mode, (struct bytes){"\n", 1}, to, err) : 0;
}

void lines_clear(struct line_stream *l, struct spill *spill)
{
	spool_clear(&l->partial, spill);
	l->inside = false;
}
