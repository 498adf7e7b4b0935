/* SPDX-License-Identifier: ISC */
/* Cuts a worker's output at newlines or NUL bytes, and reads each piece as a reply: as
 * the text itself, or as a JSON object with status, stdout and stderr.  An incomplete
 * reply is kept until the rest arrives. */
#include <config.h>

#include "base/units.h"
#include "engine/worker_protocol.h"
#include "event/reader.h"

/* --- a reply in JSON */

struct object {
	struct arena *arena;
	struct item item;
	unsigned n;
};

static void keep(void *arg, const struct item *item, uint64_t line)
{
	struct object *o = arg;

	(void)line;
	if (o->n++ == 0)
		item_copy(&o->item, item, o->arena);
}

static int read_object(struct bytes text, struct object *o, struct err *err)
{
	struct reader_config cfg = {.name = "reply", .emit = keep, .arg = o};
	struct reader *r = reader_open(&reader_jsonl_ops, &cfg);
	int result = reader_feed(r, text, err);

	if (result == 0)
		result = reader_finish(r, err);
	reader_close(r);
	if (result < 0)
		return -1;
	if (o->n != 1 || !o->item.mapping)
		return err_set(err, "it is not a JSON object");
	return 0;
}

static int read_status(const struct field *f, struct arena *a, int *status,
		       struct err *err)
{
	uint64_t n;

	if (f->kind == VALUE_BARE && f->value.len > 0 &&
	    units_uint(arena_dup(a, f->value.p, f->value.len), &n) == 0 && n <= 255) {
		*status = (int)n;
		return 0;
	}
	return err_set(err, "its status is not a number from 0 to 255");
}

static int read_stream(const struct field *f, struct bytes *text, struct err *err)
{
	if (f->kind == VALUE_JSON || (f->kind == VALUE_BARE && f->value.len > 0))
		return err_set(err, "its %.*s is not a string", (int)f->name.len, f->name.p);
	*text = f->value;
	return 0;
}

/* Other keys are ignored. */
static int decode_json(struct worker_decoder *d, struct bytes text,
		       struct worker_reply *reply, struct err *err)
{
	struct object o = {.arena = d->arena};
	int result = 0;

	arena_reset(d->arena);
	if (read_object(text, &o, err) < 0)
		return -1;
	for (size_t i = 0; i < o.item.nfields && result == 0; i++) {
		const struct field *f = &o.item.fields[i];

		if (bytes_is(f->name, "status"))
			result = read_status(f, d->arena, &reply->status, err);
		else if (bytes_is(f->name, "stdout"))
			result = read_stream(f, &reply->streams[0], err);
		else if (bytes_is(f->name, "stderr"))
			result = read_stream(f, &reply->streams[1], err);
	}
	return result < 0 ? -1 : 1;
}

/* --- cutting */

/* text ends with the delimiter. */
static int decode_whole(struct worker_decoder *d, struct bytes text,
			struct worker_reply *reply, struct err *err)
{
	*reply = (struct worker_reply){0};
	switch (d->kind) {
	case WORKER_REPLY_LINE:
		reply->streams[0] = text;
		return 1;
	case WORKER_REPLY_NULL:
		reply->streams[0] = (struct bytes){text.p, text.len - 1};
		return 1;
	case WORKER_REPLY_JSON:
		return decode_json(d, text, reply, err);
	}
	return -1;
}

static int too_long(const struct worker_decoder *d, struct err *err)
{
	return err_set(err, "it is longer than %zu bytes", d->max);
}

static char delimiter(const struct worker_decoder *d)
{
	return d->kind == WORKER_REPLY_NULL ? '\0' : '\n';
}

int worker_decode(struct worker_decoder *d, struct bytes *data,
		  struct worker_reply *reply, struct err *err)
{
	const char *end;
	struct bytes text;

	if (d->partial.len > 0 && d->partial.data[d->partial.len - 1] == delimiter(d))
		buf_reset(&d->partial); /* the reply given last */
	if (data->len == 0)
		return 0;
	end = memchr(data->p, delimiter(d), data->len);
	text = (struct bytes){data->p, end != NULL ? (size_t)(end + 1 - data->p) : data->len};
	data->p += text.len;
	data->len -= text.len;
	if (d->max > 0 && d->partial.len + text.len > d->max)
		return too_long(d, err);
	if (end != NULL && d->partial.len == 0)
		return decode_whole(d, text, reply, err);
	buf_addb(&d->partial, text);
	return end != NULL ? decode_whole(d, buf_bytes(&d->partial), reply, err) : 0;
}

int worker_decode_end(struct worker_decoder *d, struct worker_reply *reply,
		      struct err *err)
{
	const char newline = '\n';
	struct bytes rest = {&newline, 1};

	if (d->kind == WORKER_REPLY_NULL || d->partial.len == 0 ||
	    d->partial.data[d->partial.len - 1] == '\n')
		return 0;
	return worker_decode(d, &rest, reply, err);
}

/* --- life */

void worker_decoder_init(struct worker_decoder *d, enum worker_reply_kind kind)
{
	*d = (struct worker_decoder){.kind = kind};
	d->arena = arena_new();
}

void worker_decoder_clear(struct worker_decoder *d)
{
	buf_clear(&d->partial);
	arena_free(d->arena);
}

void worker_decoder_reset(struct worker_decoder *d)
{
	buf_reset(&d->partial);
}
