/* SPDX-License-Identifier: ISC */

/* libyaml pulls its input, but a reader is pushed to: so the parser runs in a coroutine,
 * which gives the turn back whenever it has used up what was fed.  It follows the
 * structure of the input by ordinary calls, each entered with r->event being the first
 * event of its part, and left with the last one, or with -1 and r->err filled:
 *
 *	parse_stream > parse_document > parse_list > parse_item
 *
 * libyaml is only given bytes that passed yaml_scan, and is asked after each event how
 * far it has read, never how much it was given: that makes items and errors independent
 * of where the input was cut. */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msg.h"
#include "event/builder.h"
#include "event/coro.h"
#include "event/reader.h"
#include "event/yaml_check.h"

enum feed_state {
	FEED_OPEN, /* more may be fed */
	FEED_DONE, /* finish was called */
	FEED_STOP, /* no further: a bad byte (in bad), or close was called */
};

struct yaml_reader {
	struct reader base;
	struct coro *coro; /* NULL: nothing was fed yet */
	bool running;	   /* the coroutine has not returned */
	bool failed;
	struct err err;

	/* fed */
	struct yaml_scan scan;
	char held[4]; /* a character that is not complete yet */
	size_t nheld;
	struct bytes input; /* good bytes not yet handed to libyaml */
	enum feed_state state;
	struct err bad;
	uint64_t handed; /* bytes given to libyaml */

	/* parsed */
	yaml_parser_t parser;
	yaml_event_t event;
	int64_t item_start; /* how far libyaml had read when the item began */
	yaml_mark_t item_mark;
	struct builder item;
	bool warned;
	uint64_t plain_line, mapping_line; /* the first of each in this list; 0: none */
};

#define FAIL(r, mark, ...)                                                               \
	reader_error(&(r)->base, (mark).line + 1, (mark).column + 1, &(r)->err, __VA_ARGS__)

/* --- what libyaml has to say */

/* How many bytes libyaml's scanner has passed: what it was given, without what
 * waits in its two buffers. */
static int64_t scanned(const struct yaml_reader *r)
{
	const yaml_parser_t *p = &r->parser;

	return (int64_t)r->handed - (p->raw_buffer.last - p->raw_buffer.pointer) -
	       (p->buffer.last - p->buffer.pointer);
}

static bool too_long(const struct yaml_reader *r)
{
	return (uint64_t)(scanned(r) - r->item_start) > r->base.limit;
}

static int read_handler(void *arg, unsigned char *to, size_t size, size_t *got)
{
	struct yaml_reader *r = arg;

	*got = 0;
	while (r->input.len == 0 && r->state == FEED_OPEN && !too_long(r))
		coro_yield(r->coro);
	if (too_long(r) || (r->input.len == 0 && r->state == FEED_STOP))
		return 0;
	*got = r->input.len < size ? r->input.len : size;
	if (*got > 0)
		memcpy(to, r->input.p, *got);
	r->input.p += *got;
	r->input.len -= *got;
	r->handed += *got;
	return 1;
}

static int syntax_error(struct yaml_reader *r)
{
	struct buf phrase = BUF_INIT;
	yaml_mark_t mark;

	if (r->parser.error == YAML_MEMORY_ERROR)
		mem_die(0);
	if (r->parser.error == YAML_READER_ERROR) {
		r->err = r->bad; /* the read handler refused to go on */
		return -1;
	}
	mark = yaml_advice(&r->parser, &phrase);
	FAIL(r, mark, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

static struct bytes scalar_text(const struct yaml_reader *r)
{
	return (struct bytes){(const char *)r->event.data.scalar.value,
			      r->event.data.scalar.length};
}

/* What is refused everywhere. */
static int check_event(struct yaml_reader *r)
{
	struct buf phrase = BUF_INIT;
	bool good = yaml_is_plain_data(&r->event, &phrase);

	if (!good)
		FAIL(r, r->event.start_mark, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return good ? 0 : -1;
}

/* Put the next event into r->event. */
static int next(struct yaml_reader *r)
{
	int good;

	yaml_event_delete(&r->event);
	good = yaml_parser_parse(&r->parser, &r->event);
	/* First, because in smaller pieces it would have been seen earlier. */
	if (too_long(r))
		return reader_too_long(&r->base, r->item_mark.line + 1,
				       r->item_mark.column + 1, &r->err);
	return good ? check_event(r) : syntax_error(r);
}

/* --- values */

static enum value_kind scalar_kind(const struct yaml_reader *r)
{
	bool plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		     r->event.data.scalar.tag == NULL;

	return plain && json_is_bare(scalar_text(r)) ? VALUE_BARE : VALUE_TEXT;
}

static int add_key(struct yaml_reader *r)
{
	struct bytes key = scalar_text(r);
	yaml_mark_t at = r->event.start_mark;

	if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && bytes_is(key, "<<"))
		return FAIL(r, at,
			    "merging with '<<' is not supported; write the fields out, "
			    "or quote the key");
	if (!builder_key(&r->item, key))
		return reader_duplicate(&r->base, at.line + 1, at.column + 1, &r->err, key);
	return 0;
}

static int add_open(struct yaml_reader *r)
{
	yaml_mark_t at = r->event.start_mark;

	if (builder_expects_key(&r->item))
		return FAIL(r, at, "a key must be a text, not a list or a mapping");
	if (!reader_may_nest(&r->base, r->item.depth))
		return reader_too_deep(&r->base, at.line + 1, at.column + 1, &r->err);
	builder_open(&r->item, r->event.type == YAML_MAPPING_START_EVENT);
	return 0;
}

/* Add what the event says to the item. */
static int add_event(struct yaml_reader *r)
{
	switch (r->event.type) {
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return add_open(r);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		builder_close(&r->item);
		return 0;
	default:
		if (builder_expects_key(&r->item))
			return add_key(r);
		builder_scalar(&r->item, scalar_text(r), scalar_kind(r));
		return 0;
	}
}

/* --- items */

/* What is read from now on belongs to the next item. */
static void begin_item(struct yaml_reader *r)
{
	r->item_start = scanned(r);
	r->item_mark = r->parser.mark;
	builder_reset(&r->item);
}

static int parse_item(struct yaml_reader *r)
{
	r->item_mark = r->event.start_mark;
	while (add_event(r) == 0) {
		if (r->item.complete) {
			reader_emit(&r->base, &r->item.item, r->item_mark.line + 1);
			begin_item(r);
			return 0;
		}
		if (next(r) < 0)
			break;
	}
	return -1;
}

/* "- SELECT 'x: y'" makes a mapping where a text was meant; that cannot be
 * known, but it can be suspected when other entries are plain values. */
static void warn_of_mixture(struct yaml_reader *r)
{
	uint64_t line = r->event.start_mark.line + 1;

	if (r->event.type == YAML_MAPPING_START_EVENT && r->mapping_line == 0)
		r->mapping_line = line;
	if (r->event.type == YAML_SCALAR_EVENT && r->plain_line == 0)
		r->plain_line = line;
	if (r->mapping_line > 0 && r->plain_line > 0)
		msg_once(&r->warned,
			 "%s:%llu: a mapping among plain values; if it is meant as one "
			 "value, quote it",
			 r->base.cfg.name, (unsigned long long)r->mapping_line);
}

static int parse_list(struct yaml_reader *r)
{
	r->plain_line = r->mapping_line = 0;
	for (;;) {
		if (next(r) < 0)
			return -1;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		warn_of_mixture(r);
		if (parse_item(r) < 0)
			return -1;
	}
}

static int parse_document(struct yaml_reader *r)
{
	if (r->event.type == YAML_SEQUENCE_START_EVENT)
		return parse_list(r);
	if (r->event.type == YAML_MAPPING_START_EVENT)
		return parse_item(r);
	if (scalar_text(r).len == 0 &&
	    r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return 0; /* nothing between two "---" */
	return FAIL(r, r->event.start_mark,
		    "a list or a mapping is expected; begin each event with '- '");
}

static int parse_stream(struct yaml_reader *r)
{
	if (next(r) < 0)
		return -1;
	for (;;) {
		begin_item(r);
		if (next(r) < 0)
			return -1;
		if (r->event.type == YAML_STREAM_END_EVENT)
			return 0;
		if (next(r) < 0 || parse_document(r) < 0 || next(r) < 0)
			return -1;
	}
}

static void coroutine(struct coro *c, void *arg)
{
	struct yaml_reader *r = arg;

	(void)c;
	r->failed = parse_stream(r) < 0;
}

/* --- the pushed side */

/* Let libyaml use up r->input. */
static int run(struct yaml_reader *r, struct err *err)
{
	if (r->coro == NULL) {
		r->coro = coro_new(coroutine, r, err);
		if (r->coro == NULL)
			return -1;
	}
	r->running = coro_resume(r->coro);
	if (!r->failed)
		return 0;
	*err = r->err;
	return -1;
}

/* libyaml may go on to the end of r->input, but not further. */
static void stop_before(struct yaml_reader *r, enum yaml_fault fault, struct bytes at)
{
	struct buf phrase = BUF_INIT;

	yaml_describe_fault(&phrase, fault, at);
	reader_error(&r->base, r->scan.line, r->scan.column, &r->bad, "%s",
		     buf_cstr(&phrase));
	buf_clear(&phrase);
	r->state = FEED_STOP;
}

/* Use the good characters at the start of data; *used may stay 0 when there is
 * only the start of one. */
static int take(struct yaml_reader *r, struct bytes data, size_t *used, struct err *err)
{
	enum yaml_fault fault;

	*used = yaml_scan(&r->scan, data, &fault);
	if (fault != YAML_FINE)
		stop_before(r, fault, (struct bytes){data.p + *used, data.len - *used});
	else if (*used == 0)
		return 0;
	r->input = (struct bytes){data.p, *used};
	return run(r, err);
}

static int yaml_feed(struct reader *base, struct bytes data, struct err *err)
{
	struct yaml_reader *r = (struct yaml_reader *)base;
	size_t used;

	for (; data.len > 0 && r->nheld > 0; data.p++, data.len--) {
		r->held[r->nheld++] = *data.p;
		if (take(r, (struct bytes){r->held, r->nheld}, &used, err) < 0)
			return -1;
		if (used > 0)
			r->nheld = 0;
	}
	while (data.len > 0) {
		if (take(r, data, &used, err) < 0)
			return -1;
		if (used == 0)
			break;
		data.p += used;
		data.len -= used;
	}
	if (data.len > 0) { /* an incomplete character */
		memcpy(r->held, data.p, data.len);
		r->nheld = data.len;
	}
	return 0;
}

static int yaml_finish(struct reader *base, struct err *err)
{
	struct yaml_reader *r = (struct yaml_reader *)base;

	if (r->nheld > 0)
		stop_before(r, YAML_NOT_UTF8, (struct bytes){r->held, r->nheld});
	else if (r->coro == NULL)
		return 0; /* nothing came at all */
	else
		r->state = FEED_DONE;
	return run(r, err);
}

static void yaml_close(struct reader *base)
{
	struct yaml_reader *r = (struct yaml_reader *)base;

	r->state = FEED_STOP;
	r->input.len = 0;
	if (r->running)
		coro_resume(r->coro); /* it unwinds */
	coro_free(r->coro);
	yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
	builder_clear(&r->item);
	free(r);
}

static struct reader *yaml_open(const struct reader_config *cfg)
{
	struct yaml_reader *r = xcalloc(1, sizeof *r);

	(void)cfg;
	r->scan = (struct yaml_scan)YAML_SCAN_INIT;
	builder_init(&r->item);
	if (!yaml_parser_initialize(&r->parser))
		mem_die(0);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING); /* else UTF-16 too */
	yaml_parser_set_input(&r->parser, read_handler, r);
	return &r->base;
}

const struct reader_ops reader_yaml_ops = {
    .format = "yaml",
    .open = yaml_open,
    .feed = yaml_feed,
    .finish = yaml_finish,
    .close = yaml_close,
};
