/* SPDX-License-Identifier: ISC */

/* libyaml pulls its input, but a reader is pushed to: so the parser runs in a coroutine,
 * which gives the turn back whenever it has used up what was fed.  It follows the
 * structure of the input by ordinary calls, each entered with r->part being the first
 * part of what it reads, and left with the last one, or with -1 and r->err filled:
 *
 *	parse_stream > parse_document > (descend >) parse_list > parse_item
 *
 * They see no aliases: next() gives them the parts that each stands for.
 *
 * libyaml is only given bytes that passed yaml_scan, and is asked after each event how
 * far it has read, never how much it was given: that makes items and errors independent
 * of where the input was cut. */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/width.h"
#include "event/builder.h"
#include "event/coro.h"
#include "event/reader.h"
#include "event/yaml_anchors.h"
#include "event/yaml_check.h"

enum {
	SHOWN = 40, /* columns of a name */
	ANCHORS_LEAST = 1024 * 1024,
};

#define KEY_NOT_TEXT "a key must be a text, not a list or a mapping"

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
	struct yaml_part part; /* what the event says, or a part of replay */
	yaml_mark_t at;	       /* its place; the alias's for what that stands for */
	struct yaml_anchors *anchors;
	struct bytes replay; /* what an alias stands for, as far as it is not used */
	uint64_t expanded;   /* bytes of this in the item */
	bool skipping;	     /* what is read now is no event */
	bool past;	     /* nor needed for any: the events have been read */
	struct builder item;
	struct merge *merges; /* of the mappings that are open */
	size_t nmerges, merges_cap;
	unsigned merging; /* mappings inside each other that are being merged */
	bool warned;
	uint64_t plain_line, mapping_line; /* the first of each in this list; 0: none */
};

/* In bytes, for all values with anchors in a document. */
static uint64_t anchors_budget(const struct reader_config *cfg)
{
	uint64_t limit = cfg->max_event > 0 ? cfg->max_event : UINT64_MAX;

	return limit / 16 > ANCHORS_LEAST ? limit / 16 : ANCHORS_LEAST;
}

/* "<<: VALUE": mappings whose pairs are added where the mapping it is in ends, since all
 * keys of that have precedence. */
struct merge {
	size_t depth; /* of the mapping */
	size_t place; /* in it, of the key */
	yaml_mark_t at;
	struct buf value; /* as a text of parts */
};

#define AT(mark) (mark).line + 1, (mark).column + 1
#define FAIL(r, ...) reader_error(&(r)->base, AT((r)->at), &(r)->err, __VA_ARGS__)

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

	if (r->parser.error == YAML_MEMORY_ERROR)
		mem_die(0);
	if (r->parser.error == YAML_READER_ERROR) {
		r->err = r->bad; /* the read handler refused to go on */
		return -1;
	}
	r->at = yaml_advice(&r->parser, &phrase);
	FAIL(r, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

static int check_event(struct yaml_reader *r)
{
	struct buf phrase = BUF_INIT;
	bool good = yaml_check_event(&r->event, &phrase);

	if (!good)
		FAIL(r, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return good ? 0 : -1;
}

/* --- parts: from the parser, or what an alias stands for */

static struct yaml_part part_of(const yaml_event_t *e)
{
	struct yaml_part p = {.type = YAML_PART_OTHER};

	switch (e->type) {
	case YAML_MAPPING_START_EVENT:
		p.type = YAML_PART_MAPPING;
		break;
	case YAML_SEQUENCE_START_EVENT:
		p.type = YAML_PART_LIST;
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		p.type = YAML_PART_END;
		break;
	case YAML_SCALAR_EVENT:
		p.type = yaml_is_text(e) ? YAML_PART_TEXT : YAML_PART_PLAIN;
		p.text = (struct bytes){(const char *)e->data.scalar.value,
					e->data.scalar.length};
		break;
	default:
		break;
	}
	return p;
}

static int too_long_error(struct yaml_reader *r)
{
	return reader_too_long(&r->base, AT(r->item_mark), &r->err);
}

static int replay_part(struct yaml_reader *r)
{
	size_t before = r->replay.len;

	r->part = yaml_part_take(&r->replay);
	if (r->merging == 0) /* these were counted before */
		r->expanded += before - r->replay.len;
	return r->expanded > r->base.limit ? too_long_error(r) : 0;
}

static int over_budget(struct yaml_reader *r)
{
	return FAIL(r,
		    "the values with anchors are larger than %llu MiB together; "
		    "--max-event raises the limit (a 16th of it)",
		    (unsigned long long)anchors_budget(&r->base.cfg) >> 20);
}

static int follow_alias(struct yaml_reader *r)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	int n = (int)width_fit(bytes_str(name), SHOWN);
	struct bytes text;

	if (r->skipping && !yaml_anchors_recording(r->anchors))
		return 0;
	switch (yaml_anchors_find(r->anchors, name, &text)) {
	case YAML_ANCHOR_UNKNOWN:
		return FAIL(r,
			    "alias '*%.*s' without an anchor '&%.*s' before it; quote a "
			    "value that begins with '*'",
			    n, name, n, name);
	case YAML_ANCHOR_RECURSIVE:
		return FAIL(r, "alias '*%.*s' is inside the value that it stands for", n,
			    name);
	case YAML_ANCHOR_FOUND:
		break;
	}
	if (yaml_anchors_recording(r->anchors) && !yaml_anchors_add_text(r->anchors, text))
		return over_budget(r);
	if (r->skipping)
		return 0;
	r->replay = text;
	return replay_part(r);
}

/* Put the next part into r->part. */
static int next(struct yaml_reader *r)
{
	const char *anchor;
	int good;

	if (r->replay.len > 0)
		return replay_part(r);
	yaml_event_delete(&r->event);
	good = yaml_parser_parse(&r->parser, &r->event);
	/* First, because in smaller pieces it would have been seen earlier. */
	if (too_long(r))
		return too_long_error(r);
	if (!good)
		return syntax_error(r);
	r->at = r->event.start_mark;
	if (check_event(r) < 0)
		return -1;
	r->part = part_of(&r->event);
	if (r->event.type == YAML_ALIAS_EVENT)
		return follow_alias(r);
	anchor = yaml_anchor(&r->event);
	if (anchor != NULL && !r->past)
		yaml_anchors_begin(r->anchors, anchor);
	if (yaml_anchors_recording(r->anchors) && !yaml_anchors_add(r->anchors, &r->part))
		return over_budget(r);
	return 0;
}

/* --- values */

static void add_scalar(struct yaml_reader *r)
{
	struct bytes text = r->part.text;
	bool plain = r->part.type == YAML_PART_PLAIN;

	/* An event that is a scalar stays as it is written. */
	if (plain && r->item.depth > 0 && (text.len == 0 || bytes_is(text, "~")))
		text = bytes_str("null");
	builder_scalar(&r->item, text,
		       plain && json_is_bare(text) ? VALUE_BARE : VALUE_TEXT);
}

static int too_deep(struct yaml_reader *r)
{
	return reader_too_deep(&r->base, AT(r->at), &r->err);
}

static int add_open(struct yaml_reader *r)
{
	if (builder_expects_key(&r->item))
		return FAIL(r, KEY_NOT_TEXT);
	if (!reader_may_nest(&r->base, r->item.depth))
		return too_deep(r);
	builder_open(&r->item, r->part.type == YAML_PART_MAPPING);
	return 0;
}

static bool is_merge_key(const struct yaml_part *key)
{
	return key->type == YAML_PART_PLAIN && bytes_is(key->text, "<<");
}

static int take_merge(struct yaml_reader *r)
{
	struct merge *m;
	size_t depth = r->item.depth;

	r->merges = xgrow(r->merges, &r->merges_cap, r->nmerges + 1, sizeof *r->merges);
	m = &r->merges[r->nmerges++];
	*m = (struct merge){depth, builder_place(&r->item), r->at, BUF_INIT};
	do {
		if (next(r) < 0)
			return -1;
		yaml_part_write(&m->value, &r->part);
		depth += (size_t)yaml_part_nests(&r->part);
		if (!reader_may_nest(&r->base, depth - 1))
			return too_deep(r);
	} while (depth > m->depth);
	return 0;
}

static int add_key(struct yaml_reader *r)
{
	if (is_merge_key(&r->part))
		return take_merge(r);
	if (!builder_key(&r->item, r->part.text))
		return reader_duplicate(&r->base, AT(r->at), &r->err, r->part.text);
	return 0;
}

static int merge_pending(struct yaml_reader *r);

/* Add the part to the item. */
static int add_part(struct yaml_reader *r)
{
	switch (r->part.type) {
	case YAML_PART_LIST:
	case YAML_PART_MAPPING:
		return add_open(r);
	case YAML_PART_END:
		if (merge_pending(r) < 0)
			return -1;
		builder_close(&r->item);
		return 0;
	default:
		if (builder_expects_key(&r->item))
			return add_key(r);
		add_scalar(r);
		return 0;
	}
}

/* --- merging: what is added was read before */

static int merge_value(struct yaml_reader *r, struct bytes value);

/* Unless the mapping has the key. */
static int merge_pair(struct yaml_reader *r, struct bytes key, struct bytes value)
{
	struct bytes rest = r->replay;
	int result = 0;

	if (!builder_key(&r->item, key))
		return 0;
	r->replay = value;
	while (result == 0 && r->replay.len > 0) {
		result = next(r);
		if (result == 0)
			result = add_part(r);
	}
	r->replay = rest;
	return result;
}

/* Its own pairs, or what it merges itself. */
static int merge_pairs(struct yaml_reader *r, struct bytes pairs, bool own)
{
	struct keyset keys;
	int result = 0;

	keyset_init(&keys);
	while (result == 0 && *pairs.p != YAML_PART_END) {
		struct yaml_part key = yaml_part_take(&pairs);
		struct bytes value;

		if (!yaml_part_is_scalar(&key)) {
			result = FAIL(r, KEY_NOT_TEXT);
			break;
		}
		value = yaml_node_take(&pairs);
		if (is_merge_key(&key))
			result = own ? 0 : merge_value(r, value);
		else if (own && !keyset_add(&keys, key.text))
			result = reader_duplicate(&r->base, AT(r->at), &r->err, key.text);
		else if (own)
			result = merge_pair(r, key.text, value);
	}
	keyset_clear(&keys);
	return result;
}

static int merge_mapping(struct yaml_reader *r, struct bytes mapping)
{
	struct bytes pairs = {mapping.p + 1, mapping.len - 1};

	if (*mapping.p != YAML_PART_MAPPING)
		return FAIL(r, "'<<' needs a mapping or a list of mappings; quote it to "
			       "have it as a key");
	if (!reader_may_nest(&r->base, r->merging))
		return too_deep(r);
	r->merging++;
	if (merge_pairs(r, pairs, true) < 0 || merge_pairs(r, pairs, false) < 0)
		return -1;
	r->merging--;
	return 0;
}

static int merge_value(struct yaml_reader *r, struct bytes value)
{
	if (*value.p != YAML_PART_LIST)
		return merge_mapping(r, value);
	value.p++;
	value.len--;
	while (*value.p != YAML_PART_END)
		if (merge_mapping(r, yaml_node_take(&value)) < 0)
			return -1;
	return 0;
}

/* The list or mapping that is open innermost ends. */
static int merge_pending(struct yaml_reader *r)
{
	size_t first = r->nmerges, end = builder_place(&r->item);

	while (first > 0 && r->merges[first - 1].depth == r->item.depth)
		first--;
	if (first == r->nmerges)
		return 0;
	for (size_t i = first; i < r->nmerges; i++) {
		r->at = r->merges[i].at;
		if (merge_value(r, buf_bytes(&r->merges[i].value)) < 0)
			return -1;
	}
	builder_move_last(&r->item, r->merges[first].place, end);
	while (r->nmerges > first)
		buf_clear(&r->merges[--r->nmerges].value);
	return 0;
}

/* --- items */

/* What is read from now on belongs to the next item. */
static void begin_item(struct yaml_reader *r)
{
	r->item_start = scanned(r);
	r->item_mark = r->parser.mark;
	r->expanded = 0;
	builder_reset(&r->item);
}

static int parse_item(struct yaml_reader *r)
{
	r->item_mark = r->at;
	while (add_part(r) == 0) {
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
	uint64_t line = r->at.line + 1;

	if (r->part.type == YAML_PART_MAPPING && r->mapping_line == 0)
		r->mapping_line = line;
	if (yaml_part_is_scalar(&r->part) && r->plain_line == 0)
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
		if (r->part.type == YAML_PART_END)
			return 0;
		warn_of_mixture(r);
		if (parse_item(r) < 0)
			return -1;
	}
}

/* --- documents, and the events below a key in them */

/* Read to the end of the value whose first part has been read. */
static int skip_value(struct yaml_reader *r)
{
	int depth = yaml_part_nests(&r->part);

	while (depth > 0) {
		begin_item(r);
		if (next(r) < 0)
			return -1;
		depth += yaml_part_nests(&r->part);
		if (depth > 0 && !reader_may_nest(&r->base, (size_t)depth - 1))
			return too_deep(r);
	}
	return 0;
}

static const char *missing(struct yaml_reader *r, yaml_mark_t at, const char *rest,
			   struct buf *seen)
{
	reader_path_missing(&r->base, AT(at), &r->err, rest, seen);
	return NULL;
}

/* Go to the member that is on the path: to its first part.  Returns what of the path is
 * below it, or NULL with an error. */
static const char *descend(struct yaml_reader *r, const char *rest, struct buf *seen)
{
	bool list = r->part.type == YAML_PART_LIST;
	yaml_mark_t at = r->at;
	const char *below;
	char number[24];

	if (list ? !isdigit((unsigned char)*rest) : r->part.type != YAML_PART_MAPPING)
		return missing(r, at, rest, NULL);
	for (uint64_t i = 0;; i++) {
		struct bytes key = {number, 0};
		size_t before = seen->len;

		begin_item(r);
		if (list) {
			key.len = (size_t)snprintf(number, sizeof number, "%" PRIu64, i);
		} else {
			if (next(r) < 0)
				return NULL;
			if (r->part.type == YAML_PART_END)
				return missing(r, at, rest, seen);
			if (!yaml_part_is_scalar(&r->part)) {
				FAIL(r, KEY_NOT_TEXT);
				return NULL;
			}
			key = r->part.text;
		}
		below = reader_path_step(rest, key, seen);
		r->skipping = below == NULL;
		if (next(r) < 0)
			return NULL;
		if (list && r->part.type == YAML_PART_END) {
			seen->len = before;
			return missing(r, at, rest, seen);
		}
		if (below != NULL)
			return below;
		if (skip_value(r) < 0)
			return NULL;
		r->skipping = false;
	}
}

static int go_to_path(struct yaml_reader *r)
{
	const char *rest = r->base.cfg.path;
	struct buf seen = BUF_INIT;

	while (rest != NULL && *rest != '\0') {
		buf_reset(&seen);
		rest = descend(r, rest, &seen);
	}
	buf_clear(&seen);
	return rest != NULL ? 0 : -1;
}

static bool is_null(const struct yaml_part *p)
{
	return p->type == YAML_PART_PLAIN &&
	       (p->text.len == 0 || bytes_is(p->text, "~") || bytes_is(p->text, "null"));
}

static int parse_document(struct yaml_reader *r)
{
	bool path = r->base.cfg.path != NULL;

	if (is_null(&r->part) && r->part.text.len == 0)
		return 0; /* nothing between two "---" */
	if (path && go_to_path(r) < 0)
		return -1;
	/* An alias to what the events are in could only be in an event. */
	yaml_anchors_drop(r->anchors);
	if (r->part.type == YAML_PART_LIST)
		return parse_list(r);
	if (r->part.type == YAML_PART_MAPPING)
		return parse_item(r);
	if (path)
		return reader_path_scalar(&r->base, AT(r->at), &r->err,
					  is_null(&r->part));
	if (is_null(&r->part))
		return FAIL(r, "the document is null, not a list or a mapping; write [] "
			       "for no events");
	return FAIL(r, "a list or a mapping is expected; begin each event with '- '");
}

/* What comes after the events. */
static int end_document(struct yaml_reader *r)
{
	r->skipping = r->past = true;
	do {
		begin_item(r);
		if (next(r) < 0 || skip_value(r) < 0)
			return -1;
	} while (r->replay.len > 0 || r->event.type != YAML_DOCUMENT_END_EVENT);
	r->skipping = r->past = false;
	yaml_anchors_reset(r->anchors);
	return 0;
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
		if (next(r) < 0 || parse_document(r) < 0 || end_document(r) < 0)
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
	yaml_anchors_free(r->anchors);
	while (r->nmerges > 0)
		buf_clear(&r->merges[--r->nmerges].value);
	free(r->merges);
	free(r);
}

static struct reader *yaml_open(const struct reader_config *cfg)
{
	struct yaml_reader *r = xcalloc(1, sizeof *r);

	r->anchors = yaml_anchors_new(anchors_budget(cfg));
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
