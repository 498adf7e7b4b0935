/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdarg.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/width.h"
#include "cli/runfile_internal.h"
#include "event/builder.h"
#include "event/yaml_check.h"

/* The first pass: a walk along the events of libyaml that follows the structure
 * of a run file by ordinary calls.  Each is entered with l->event being the
 * first event of its part and leaves with the last one, and returns -1 with
 * l->err filled. */

enum {
	MAX_VALUE = 1024 * 1024, /* bytes from one event of libyaml's to the next */
	MAX_DEPTH = 32,
	SHOWN = 40, /* columns of a wrong word */
};

struct lint {
	struct runfile *f;
	struct err *err;
	yaml_parser_t parser;
	yaml_event_t event;
	size_t handed;	 /* bytes given to libyaml */
	size_t at_event; /* so many when it gave its last event */
	yaml_mark_t last;
	bool too_long;
};

static struct runfile_place place_of(yaml_mark_t mark)
{
	return (struct runfile_place){mark.line + 1, mark.column + 1};
}

static struct runfile_place here(const struct lint *l)
{
	return place_of(l->event.start_mark);
}

#define FAIL(l, ...) runfile_error((l)->f, here(l), (l)->err, __VA_ARGS__)

/* --- libyaml */

/* A huge value is refused while it is read. */
static int give(void *arg, unsigned char *to, size_t size, size_t *got)
{
	struct lint *l = arg;
	size_t left = l->f->text.len - l->handed;

	*got = 0;
	l->too_long = l->handed - l->at_event > MAX_VALUE;
	if (l->too_long)
		return 0;
	*got = left < size ? left : size;
	if (*got > 0)
		memcpy(to, l->f->text.p + l->handed, *got);
	l->handed += *got;
	return 1;
}

static int syntax_error(struct lint *l)
{
	struct buf phrase = BUF_INIT;
	yaml_mark_t mark;

	if (l->parser.error == YAML_MEMORY_ERROR)
		mem_die(0);
	if (l->too_long)
		return runfile_error(l->f, place_of(l->last), l->err,
				     "what follows here is longer than %d bytes; put it "
				     "into a file of its own",
				     MAX_VALUE);
	mark = yaml_advice(&l->parser, &phrase);
	runfile_error(l->f, place_of(mark), l->err, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

/* Put the next event into l->event. */
static int next(struct lint *l)
{
	struct buf phrase = BUF_INIT;
	bool good;

	l->last = l->event.end_mark;
	yaml_event_delete(&l->event);
	if (!yaml_parser_parse(&l->parser, &l->event))
		return syntax_error(l);
	l->at_event = l->handed;
	good = yaml_is_plain_data(&l->event, &phrase);
	if (!good)
		FAIL(l, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return good ? 0 : -1;
}

static struct bytes scalar_text(const struct lint *l)
{
	return (struct bytes){(const char *)l->event.data.scalar.value,
			      l->event.data.scalar.length};
}

/* --- values */

static const char *kind_of(const struct lint *l)
{
	if (l->event.type == YAML_SEQUENCE_START_EVENT)
		return "a list";
	return l->event.type == YAML_MAPPING_START_EVENT ? "a mapping" : "a text";
}

static int expect(struct lint *l, yaml_event_type_t type, const char *what,
		  const char *name)
{
	if (l->event.type == type)
		return 0;
	return FAIL(l, "'%s' is %s, not %s", name, what, kind_of(l));
}

static int lint_text(struct lint *l, const char *name)
{
	if (expect(l, YAML_SCALAR_EVENT, "one value", name) < 0)
		return -1;
	if (scalar_text(l).len == 0 &&
	    l->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return FAIL(l, "'%s' has no value; write '' for an empty one", name);
	return 0;
}

static int lint_flag(struct lint *l, const char *name)
{
	static const char *const words[] = {"yes", "no", "true", "false"};
	struct bytes text;

	if (lint_text(l, name) < 0)
		return -1;
	text = scalar_text(l);
	for (size_t i = 0; i < 4; i++)
		if (bytes_is(text, words[i]))
			return 0;
	return FAIL(l, "'%s' is yes or no, not '%.*s'", name,
		    (int)width_fit(text, SHOWN), text.p);
}

static int lint_list(struct lint *l, const char *name)
{
	if (expect(l, YAML_SEQUENCE_START_EVENT, "a list", name) < 0)
		return -1;
	for (;;) {
		if (next(l) < 0)
			return -1;
		if (l->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (lint_text(l, name) < 0)
			return -1;
	}
}

static int check_word(struct lint *l, struct keyset *keys, struct arena *a,
		      struct bytes *key)
{
	if (l->event.type != YAML_SCALAR_EVENT)
		return FAIL(l, "a key is a word, not %s", kind_of(l));
	*key = arena_bytes(a, scalar_text(l));
	if (!keyset_add(keys, *key))
		return FAIL(l, "key '%.*s' given twice", (int)width_fit(*key, SHOWN),
			    key->p);
	return 0;
}

static int lint_names(struct lint *l, struct runfile_entry *e, struct keyset *keys)
{
	size_t names = 0, places = 0;
	int result = -1;

	for (;;) {
		struct bytes name;

		if (next(l) < 0)
			break;
		if (l->event.type == YAML_MAPPING_END_EVENT) {
			result = 0;
			break;
		}
		if (check_word(l, keys, l->f->arena, &name) < 0)
			break;
		e->names = xgrow(e->names, &names, e->nnames + 1, sizeof *e->names);
		e->places = xgrow(e->places, &places, e->nnames + 1, sizeof *e->places);
		e->names[e->nnames] = (char *)name.p;
		e->places[e->nnames++] = here(l);
		if (next(l) < 0 || lint_text(l, name.p) < 0)
			break;
	}
	return result;
}

static int lint_map(struct lint *l, struct runfile_entry *e)
{
	struct keyset keys;
	int result;

	if (expect(l, YAML_MAPPING_START_EVENT, "a mapping of names to values",
		   e->key.name) < 0)
		return -1;
	keyset_init(&keys);
	result = lint_names(l, e, &keys);
	keyset_clear(&keys);
	return result;
}

/* --- sources */

static int lint_source_value(struct lint *l, struct bytes key)
{
	if (bytes_is(key, "input"))
		return lint_text(l, "input");
	return lint_list(l, "values");
}

static int lint_source(struct lint *l)
{
	struct runfile_place start = here(l);
	bool seen = false;

	if (expect(l, YAML_MAPPING_START_EVENT, "a list of mappings", "sources") < 0)
		return -1;
	for (;; seen = true) {
		struct bytes key;

		if (next(l) < 0)
			return -1;
		if (l->event.type == YAML_MAPPING_END_EVENT)
			break;
		if (l->event.type != YAML_SCALAR_EVENT)
			return FAIL(l, "a key is a word, not %s", kind_of(l));
		key = arena_bytes(l->f->arena, scalar_text(l));
		if (!bytes_is(key, "input") && !bytes_is(key, "values"))
			return FAIL(l, "unknown key '%.*s' of a source (there are: input, "
				       "values)",
				    (int)width_fit(key, SHOWN), key.p);
		if (seen)
			return FAIL(l, "a source is either an input or values");
		if (next(l) < 0 || lint_source_value(l, key) < 0)
			return -1;
	}
	if (!seen)
		return runfile_error(l->f, start, l->err,
				     "a source is an input or values; this has neither");
	return 0;
}

static int lint_sources(struct lint *l)
{
	struct runfile_place start = here(l);

	if (expect(l, YAML_SEQUENCE_START_EVENT, "a list", "sources") < 0)
		return -1;
	for (bool any = false;; any = true) {
		if (next(l) < 0)
			return -1;
		if (l->event.type == YAML_SEQUENCE_END_EVENT && !any)
			return runfile_error(l->f, start, l->err, "'sources' is empty");
		if (l->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (lint_source(l) < 0)
			return -1;
	}
}

/* --- events */

/* Step over a value. */
static int skip(struct lint *l)
{
	int depth = 0;

	for (;;) {
		if (l->event.type == YAML_SEQUENCE_START_EVENT ||
		    l->event.type == YAML_MAPPING_START_EVENT)
			depth++;
		if (l->event.type == YAML_SEQUENCE_END_EVENT ||
		    l->event.type == YAML_MAPPING_END_EVENT)
			depth--;
		if (depth > MAX_DEPTH)
			return FAIL(l, "nested deeper than %d levels", MAX_DEPTH);
		if (depth == 0)
			return 0;
		if (next(l) < 0)
			return -1;
	}
}

/* Where a character stands that libyaml counts by characters. */
static size_t byte_of(struct bytes text, size_t index)
{
	size_t at = 0;

	for (; at < text.len; at++) {
		bool starts = ((unsigned char)text.p[at] & 0xc0) != 0x80;

		if (starts && index-- == 0)
			break;
	}
	return at;
}

/* The file up to the end of the events, and blank up to their start: so the
 * reader finds everything at the line and column where it is. */
static struct bytes cut_out(const struct lint *l, size_t start, size_t end)
{
	struct bytes text = l->f->text;
	size_t first = byte_of(text, start), last = byte_of(text, end), n = 0;
	char *copy = arena_alloc(l->f->arena, last + 1);

	for (size_t i = 0; i < last; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (i >= first || c == '\n' || c == '\r')
			copy[n++] = text.p[i];
		else if ((c & 0xc0) != 0x80)
			copy[n++] = ' ';
	}
	copy[n] = '\0';
	return (struct bytes){copy, n};
}

static int lint_events(struct lint *l, struct runfile_entry *e)
{
	size_t start = l->event.start_mark.index;

	if (l->event.type == YAML_SCALAR_EVENT)
		return FAIL(l, "'events' is a list of events, not a text");
	if (skip(l) < 0)
		return -1;
	/* A block ends where the next thing begins. */
	e->events = cut_out(l, start, l->event.end_mark.index);
	return 0;
}

/* --- the file */

static int lint_value(struct lint *l, struct runfile_entry *e)
{
	switch (e->key.shape) {
	case SHAPE_FLAG:
		return lint_flag(l, e->key.name);
	case SHAPE_TEXT:
		return lint_text(l, e->key.name);
	case SHAPE_LIST:
		return lint_list(l, e->key.name);
	case SHAPE_MAP:
		return lint_map(l, e);
	case SHAPE_SOURCES:
		return lint_sources(l);
	case SHAPE_EVENTS:
		return lint_events(l, e);
	}
	return -1;
}

static int unknown_key(struct lint *l, struct bytes name)
{
	const char *near = runfile_key_suggest(name);
	int n = (int)width_fit(name, SHOWN);

	if (runfile_key_is_for_line(name))
		return FAIL(l, "'%.*s' is for the command line, not for a run file", n,
			    name.p);
	if (near != NULL)
		return FAIL(l, "unknown key '%.*s' (did you mean '%s'?)", n, name.p, near);
	return FAIL(l, "unknown key '%.*s'; see volley-run(5)", n, name.p);
}

static int lint_key(struct lint *l, struct runfile_key *key)
{
	struct bytes name = scalar_text(l);

	if (l->event.type != YAML_SCALAR_EVENT)
		return FAIL(l, "a key is a word, not %s", kind_of(l));
	if (!runfile_key_find(name, key))
		return unknown_key(l, name);
	for (size_t i = 0; i < l->f->n; i++)
		if (strcmp(l->f->entries[i].key.name, key->name) == 0)
			return FAIL(l, "key '%s' given twice (first on line %llu)",
				    key->name,
				    (unsigned long long)l->f->entries[i].line);
	return 0;
}

static int lint_mapping(struct lint *l)
{
	for (;;) {
		struct runfile_entry *e;
		struct runfile_key key;
		uint64_t line;

		if (next(l) < 0)
			return -1;
		if (l->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		line = here(l).line;
		if (lint_key(l, &key) < 0 || next(l) < 0)
			return -1;
		e = runfile_add_entry(l->f, key, here(l));
		e->line = line;
		if (lint_value(l, e) < 0)
			return -1;
	}
}

static int lint_stream(struct lint *l)
{
	if (next(l) < 0 || next(l) < 0) /* the stream's start */
		return -1;
	if (l->event.type == YAML_STREAM_END_EVENT)
		return err_usage(l->err, "%s: the run file is empty", l->f->path);
	if (next(l) < 0)
		return -1;
	if (l->event.type != YAML_MAPPING_START_EVENT)
		return FAIL(l, "a run file is a mapping: lines 'key: value'");
	if (lint_mapping(l) < 0 || next(l) < 0 || next(l) < 0) /* the document's end */
		return -1;
	if (l->event.type != YAML_STREAM_END_EVENT)
		return FAIL(l, "a run file is one document; remove what follows '---'");
	return 0;
}

/* Bytes that YAML cannot hold; libyaml does not say well where they are. */
static int check_bytes(const struct runfile *f, struct err *err)
{
	struct yaml_scan scan = YAML_SCAN_INIT;
	enum yaml_fault fault;
	size_t good = yaml_scan(&scan, f->text, &fault);
	struct buf phrase = BUF_INIT;

	if (good == f->text.len)
		return 0;
	if (fault == YAML_FINE)
		fault = YAML_NOT_UTF8; /* it ends within a character */
	yaml_describe_fault(&phrase, fault,
			    (struct bytes){f->text.p + good, f->text.len - good});
	runfile_error(f, (struct runfile_place){scan.line, scan.column}, err, "%s",
		      buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

int runfile_error(const struct runfile *f, struct runfile_place at, struct err *err,
		  const char *fmt, ...)
{
	struct buf phrase = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&phrase, fmt, ap);
	va_end(ap);
	err_usage(err, "%s:%llu:%llu: %s", f->path, (unsigned long long)at.line,
		  (unsigned long long)at.column, buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

struct runfile_entry *runfile_add_entry(struct runfile *f, struct runfile_key key,
					struct runfile_place at)
{
	f->entries = xgrow(f->entries, &f->cap, f->n + 1, sizeof *f->entries);
	f->entries[f->n] = (struct runfile_entry){.key = key, .place = at};
	return &f->entries[f->n++];
}

int runfile_lint(struct runfile *f, struct err *err)
{
	struct lint l = {.f = f, .err = err};
	int result;

	if (check_bytes(f, err) < 0)
		return -1;
	if (!yaml_parser_initialize(&l.parser))
		mem_die(0);
	yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&l.parser, give, &l);
	result = lint_stream(&l);
	yaml_event_delete(&l.event);
	yaml_parser_delete(&l.parser);
	return result;
}
