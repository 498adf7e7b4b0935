/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/width.h"
#include "event/coro.h"
#include "event/keyset.h"
#include "event/reader.h"
#include "event/utf8_scan.h"
#include "event/yaml_advice.h"

/* libyaml pulls its input, a reader is pushed to: so the parser runs in a
 * coroutine, which gives the turn back whenever it has used up what was fed.
 * It follows the structure of the input by ordinary calls:
 *
 *	parse_stream > parse_document > parse_list > parse_item > parse_value
 *
 * Each is entered with r->event being the first event of its part and leaves
 * with the last one.  Each returns -1 with r->err filled.
 *
 * libyaml is only given bytes that passed utf8_scan, and is asked after each
 * event how far it has read, never how much it was given: that makes items and
 * errors independent of where the input was cut. */

enum { SHOWN = 40 };

enum feed_state {
	FEED_OPEN, /* more may be fed */
	FEED_DONE, /* finish was called */
	FEED_STOP, /* no further: a bad byte (in bad), or close was called */
};

struct yaml_reader {
	struct reader base;
	struct reader_config cfg;
	struct coro *coro; /* NULL: nothing was fed yet */
	bool running;	   /* the coroutine has not returned */
	bool failed;
	struct err err;

	/* fed */
	struct utf8_scan scan;
	char held[4]; /* a character that is not complete yet */
	size_t nheld;
	struct bytes input; /* good bytes not yet handed to libyaml */
	enum feed_state state;
	struct err bad;
	uint64_t handed; /* bytes given to libyaml */

	/* parsed */
	yaml_parser_t parser;
	yaml_event_t event;
	int64_t limit;
	int64_t item_start; /* how far libyaml had read when the item began */
	yaml_mark_t item_mark;
	struct arena *arena; /* the texts of one item */
	struct field *fields;
	size_t nfields, cap;
	struct buf json;
	bool warned;
	uint64_t plain_line, mapping_line; /* the first of each in this list; 0: none */
};

#define FAIL(r, mark, ...)                                                               \
	reader_error(&(r)->cfg, (mark).line + 1, (mark).column + 1, &(r)->err, __VA_ARGS__)

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
	return scanned(r) - r->item_start > r->limit;
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

/* What is refused wherever it stands. */
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
		return reader_too_long(&r->cfg, r->item_mark.line + 1,
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

static int parse_key(struct yaml_reader *r, struct keyset *keys, struct bytes *key)
{
	yaml_event_t *e = &r->event;

	if (e->type != YAML_SCALAR_EVENT)
		return FAIL(r, e->start_mark,
			    "a key must be a text, not a list or a mapping");
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    bytes_is(scalar_text(r), "<<"))
		return FAIL(r, e->start_mark,
			    "merging with '<<' is not supported; write the fields out, "
			    "or quote the key");
	*key = arena_bytes(r->arena, scalar_text(r));
	if (!keyset_add(keys, *key))
		return FAIL(r, e->start_mark, "duplicate key '%.*s'; remove one of them",
			    (int)width_fit(*key, SHOWN), key->p);
	return 0;
}

static int check_depth(struct yaml_reader *r, unsigned depth)
{
	yaml_mark_t at = r->event.start_mark;

	if (depth < reader_max_depth(&r->cfg))
		return 0;
	return reader_too_deep(&r->cfg, at.line + 1, at.column + 1, &r->err);
}

static int add_json(struct yaml_reader *r, unsigned depth);

static int add_json_list(struct yaml_reader *r, unsigned depth)
{
	for (char sign = '[';; sign = ',') {
		if (next(r) < 0)
			return -1;
		if (r->event.type == YAML_SEQUENCE_END_EVENT) {
			buf_adds(&r->json, sign == '[' ? "[]" : "]");
			return 0;
		}
		buf_addc(&r->json, sign);
		if (add_json(r, depth + 1) < 0)
			return -1;
	}
}

static int add_json_mapping(struct yaml_reader *r, struct keyset *keys, unsigned depth)
{
	for (char sign = '{';; sign = ',') {
		struct bytes key;

		if (next(r) < 0)
			return -1;
		if (r->event.type == YAML_MAPPING_END_EVENT) {
			buf_adds(&r->json, sign == '{' ? "{}" : "}");
			return 0;
		}
		if (parse_key(r, keys, &key) < 0 || next(r) < 0)
			return -1;
		buf_addc(&r->json, sign);
		json_add_string(&r->json, key);
		buf_addc(&r->json, ':');
		if (add_json(r, depth + 1) < 0)
			return -1;
	}
}

/* Add the value that begins here to r->json; depth: of its container. */
static int add_json(struct yaml_reader *r, unsigned depth)
{
	struct keyset keys;
	int result;

	if (r->event.type == YAML_SCALAR_EVENT) {
		json_add_value(&r->json, scalar_text(r), scalar_kind(r));
		return 0;
	}
	if (check_depth(r, depth) < 0)
		return -1;
	if (r->event.type == YAML_SEQUENCE_START_EVENT)
		return add_json_list(r, depth);
	keyset_init(&keys);
	result = add_json_mapping(r, &keys, depth);
	keyset_clear(&keys);
	return result;
}

/* The value that begins here, as that of a field. */
static int parse_value(struct yaml_reader *r, struct bytes name)
{
	struct field f = {.name = name, .kind = VALUE_JSON};

	if (r->event.type == YAML_SCALAR_EVENT) {
		f.kind = scalar_kind(r);
		f.value = arena_bytes(r->arena, scalar_text(r));
		if (f.kind == VALUE_BARE) /* no value is none, in all formats */
			f.value = json_bare_value(f.value);
	} else {
		buf_reset(&r->json);
		if (add_json(r, 1) < 0)
			return -1;
		f.value = arena_bytes(r->arena, buf_bytes(&r->json));
	}
	r->fields = xgrow(r->fields, &r->cap, r->nfields + 1, sizeof f);
	r->fields[r->nfields++] = f;
	return 0;
}

static int parse_fields(struct yaml_reader *r, struct keyset *keys)
{
	for (;;) {
		struct bytes key;

		if (next(r) < 0)
			return -1;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (parse_key(r, keys, &key) < 0 || next(r) < 0 || parse_value(r, key) < 0)
			return -1;
	}
}

static int parse_columns(struct yaml_reader *r)
{
	for (;;) {
		if (next(r) < 0)
			return -1;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (parse_value(r, (struct bytes){NULL, 0}) < 0)
			return -1;
	}
}

/* --- items */

static int parse_mapping_item(struct yaml_reader *r, struct item *item)
{
	struct keyset keys;
	int result;

	keyset_init(&keys);
	result = parse_fields(r, &keys);
	keyset_clear(&keys);
	item->mapping = true;
	return result;
}

static int parse_list_item(struct yaml_reader *r, struct item *item)
{
	if (parse_columns(r) < 0)
		return -1;
	buf_reset(&r->json);
	json_add_list(&r->json, r->fields, r->nfields);
	item->text = buf_bytes(&r->json);
	item->kind = VALUE_JSON;
	return 0;
}

static int parse_item_value(struct yaml_reader *r, struct item *item)
{
	switch (r->event.type) {
	case YAML_MAPPING_START_EVENT:
		return parse_mapping_item(r, item);
	case YAML_SEQUENCE_START_EVENT:
		return parse_list_item(r, item);
	default:
		item->text = scalar_text(r);
		item->kind = scalar_kind(r);
		return 0;
	}
}

/* What is read from now on belongs to the next item. */
static void begin_item(struct yaml_reader *r)
{
	r->item_start = scanned(r);
	r->item_mark = r->parser.mark;
	r->nfields = 0;
	arena_reset(r->arena);
}

static int parse_item(struct yaml_reader *r)
{
	struct item item = {.kind = VALUE_TEXT};

	r->item_mark = r->event.start_mark;
	if (parse_item_value(r, &item) < 0)
		return -1;
	if (item.mapping || item.kind == VALUE_JSON) {
		item.fields = r->fields;
		item.nfields = r->nfields;
	}
	r->cfg.emit(r->cfg.arg, &item, r->item_mark.line + 1);
	begin_item(r);
	return 0;
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
			 r->cfg.name, (unsigned long long)r->mapping_line);
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
static void stop_before(struct yaml_reader *r, enum utf8_fault fault, struct bytes at)
{
	struct buf phrase = BUF_INIT;

	yaml_describe_fault(&phrase, fault, at);
	reader_error(&r->cfg, r->scan.line, r->scan.column, &r->bad, "%s",
		     buf_cstr(&phrase));
	buf_clear(&phrase);
	r->state = FEED_STOP;
}

/* Use the good characters at the start of data; *used may stay 0 when there is
 * only the start of one. */
static int take(struct yaml_reader *r, struct bytes data, size_t *used, struct err *err)
{
	enum utf8_fault fault;

	*used = utf8_scan(&r->scan, data, &fault);
	if (fault != UTF8_FINE)
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
		stop_before(r, UTF8_INVALID, (struct bytes){r->held, r->nheld});
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
	arena_free(r->arena);
	free(r->fields);
	buf_clear(&r->json);
	free(r);
}

static struct reader *yaml_open(const struct reader_config *cfg)
{
	struct yaml_reader *r = xcalloc(1, sizeof *r);

	r->cfg = *cfg;
	r->scan = (struct utf8_scan)UTF8_SCAN_INIT;
	r->limit = cfg->max_event > 0 && cfg->max_event < INT64_MAX
		       ? (int64_t)cfg->max_event
		       : INT64_MAX;
	r->arena = arena_new();
	r->fields = xgrow(NULL, &r->cap, 1, sizeof *r->fields);
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
