/* SPDX-License-Identifier: ISC */

/* Input becomes events in batches: a piece of input is fed to the reader, the
 * items it emits wait in a queue, and only when that is empty is the next piece
 * read.  An error waits until the events before it have been taken. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "event/input.h"
#include "event/source.h"

enum {
	COUNT_PIECE = 256 * 1024,
	COUNT_MAX = 1024 * 1024 * 1024, /* a longer file takes too long to read twice */
};

struct queued {
	struct item item;
	uint64_t line;
};

struct file_source {
	struct source base;
	struct source_file_config cfg;
	char *path;
	struct buf name; /* as shown: path or "(stdin)" */
	source_ready_fn ready;
	void *ready_arg;

	struct input *input;   /* NULL: ended */
	struct reader *reader; /* NULL: not begun, or ended */
	struct arena *batch;   /* what the queued items point to */
	struct queued *queue;
	size_t head, n, cap;
	uint64_t taken; /* events before those in the queue */
	bool failed;
	struct err err;

	bool looked_ahead, counted, total_known;
	uint64_t total;
};

static const struct reader_ops *file_format(const struct file_source *f)
{
	return f->cfg.format != NULL ? f->cfg.format : reader_of_file(f->path);
}

static void on_input_ready(void *arg)
{
	struct file_source *f = arg;

	if (f->ready != NULL)
		f->ready(f->ready_arg);
}

static void enqueue(void *arg, const struct item *item, uint64_t line)
{
	struct file_source *f = arg;

	f->queue = xgrow(f->queue, &f->cap, f->n + 1, sizeof *f->queue);
	item_copy(&f->queue[f->n].item, item, f->batch);
	f->queue[f->n].item.guessed = f->cfg.guessed;
	f->queue[f->n++].line = line;
}

static struct reader *open_reader(struct file_source *f, reader_emit_fn emit, void *arg)
{
	struct reader_config cfg = f->cfg.reader;

	cfg.name = buf_cstr(&f->name);
	cfg.emit = emit;
	cfg.arg = arg;
	return reader_open(file_format(f), &cfg);
}

/* Give up the descriptor and the memory for reading: a run may have a thousand
 * files, one after the other. */
static void end_input(struct file_source *f)
{
	input_free(f->input);
	reader_close(f->reader);
	f->input = NULL;
	f->reader = NULL;
}

static void fail(struct file_source *f, const struct err *err)
{
	end_input(f);
	f->failed = true;
	f->err = *err;
}

static void feed(struct file_source *f, struct bytes data)
{
	struct err err;

	if (f->reader == NULL)
		f->reader = open_reader(f, enqueue, f);
	if (reader_feed(f->reader, data, &err) < 0)
		fail(f, &err);
}

static void finish(struct file_source *f)
{
	struct err err;

	if (f->reader != NULL && reader_finish(f->reader, &err) < 0)
		fail(f, &err);
	else
		end_input(f);
}

/* Read one piece into the queue.  False: there is nothing to read now. */
static bool read_more(struct file_source *f)
{
	struct bytes data;
	struct err err;

	switch (input_read(f->input, &data, &err)) {
	case INPUT_DATA:
		feed(f, data);
		return true;
	case INPUT_END:
		finish(f);
		return true;
	case INPUT_ERROR:
		err_at(&err, f->cfg.at);
		fail(f, &err);
		return true;
	case INPUT_AGAIN:
		break;
	}
	return false;
}

static void empty_queue(struct file_source *f)
{
	f->taken += f->n;
	f->head = f->n = 0;
	arena_reset(f->batch);
}

/* What an empty queue means. */
static enum source_result refill(struct file_source *f, struct err *err)
{
	empty_queue(f);
	while (f->n == 0 && f->input != NULL)
		if (!read_more(f))
			return SOURCE_AGAIN;
	if (f->n > 0)
		return SOURCE_EVENT;
	if (!f->failed)
		return SOURCE_END;
	*err = f->err;
	return SOURCE_ERROR;
}

static enum source_result file_next(struct source *s, struct arena *a, struct event *out,
				    struct err *err)
{
	struct file_source *f = (struct file_source *)s;
	const struct queued *q;

	if (f->head == f->n) {
		enum source_result result = refill(f, err);

		if (result != SOURCE_EVENT)
			return result;
	}
	q = &f->queue[f->head++];
	*out = (struct event){.file = arena_str(a, buf_cstr(&f->name)), .line = q->line, .nitems = 1};
	out->items = arena_alloc(a, sizeof *out->items);
	item_copy(out->items, &q->item, a);
	return SOURCE_EVENT;
}

static void file_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	struct file_source *f = (struct file_source *)s;

	f->ready = fn;
	f->ready_arg = arg;
}

static void count_item(void *arg, const struct item *item, uint64_t line)
{
	(void)item;
	(void)line;
	++*(uint64_t *)arg;
}

/* Count by reading: what the reader emits is an event. */
static bool count_pieces(struct file_source *f, struct reader *reader, char *piece,
			 size_t size)
{
	struct err ignored; /* will be found again when the events are wanted */
	int64_t at = 0;
	ssize_t n;

	while ((n = input_peek(f->input, piece, size, at)) > 0) {
		if (reader_feed(reader, (struct bytes){piece, (size_t)n}, &ignored) < 0)
			return false;
		at += n;
	}
	return n == 0 && reader_finish(reader, &ignored) == 0;
}

static bool count_ahead(struct file_source *f)
{
	struct reader *reader;
	int64_t size;
	size_t room;
	char *piece;
	bool good;

	if (f->input == NULL || !(file_format(f)->cheap || f->cfg.text.p != NULL))
		return false;
	size = input_size(f->input);
	if (size < 0 || size > COUNT_MAX)
		return false;
	f->total = 0;
	reader = open_reader(f, count_item, &f->total);
	room = size < COUNT_PIECE ? (size_t)size + 1 : COUNT_PIECE;
	piece = xmalloc(room);
	good = count_pieces(f, reader, piece, room);
	free(piece);
	reader_close(reader);
	return good;
}

/* One more piece, once: a short input ends there, and then its total is known
 * without counting. */
static void look_ahead(struct file_source *f)
{
	if (f->looked_ahead || f->taken + f->n == 0)
		return;
	f->looked_ahead = true;
	if (f->input != NULL && input_readable(f->input))
		read_more(f);
}

static bool file_total(struct source *s, uint64_t *total)
{
	struct file_source *f = (struct file_source *)s;

	look_ahead(f);
	if (f->input == NULL && !f->failed) {
		*total = f->taken + f->n;
		return true;
	}
	if (!f->counted)
		f->total_known = count_ahead(f);
	f->counted = true;
	*total = f->total;
	return f->total_known;
}

static void file_free(struct source *s)
{
	struct file_source *f = (struct file_source *)s;

	end_input(f);
	arena_free(f->batch);
	free(f->queue);
	free(f->path);
	buf_clear(&f->name);
	free(f);
}

static const struct source_ops file_ops = {
    .next = file_next,
    .on_ready = file_on_ready,
    .total = file_total,
    .free = file_free,
};

struct source *source_file(const struct source_file_config *cfg)
{
	struct file_source *f = xcalloc(1, sizeof *f);

	f->base.ops = &file_ops;
	f->cfg = *cfg;
	f->path = xstrdup(cfg->path);
	buf_add_printable(&f->name, bytes_str(strcmp(f->path, "-") == 0 ? "(stdin)" : f->path),
			  "");
	f->input = cfg->text.p != NULL
			   ? input_memory(cfg->text)
			   : input_new(cfg->loop, f->path, on_input_ready, f);
	f->batch = arena_new();
	return &f->base;
}
