/* SPDX-License-Identifier: ISC */

/* Run files as lists of given options, and back.  libcyaml loads and saves the values, by
 * a schema that is made of the keys of the file, since the table of options says which
 * there can be.  Before it loads a file, one walk along libyaml's events checks what
 * libcyaml 1.3.1 does not see or cannot place (keys given twice, aliases, tags, NUL, huge
 * values; an unknown key is reported where the value before it is), and notes
 * what libcyaml needs or cannot say: the names in a mapping, and where each value is. */

#include <config.h>

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "cli/runfile.h"
#include "event/builder.h"
#include "event/yaml_check.h"

enum {
	MAX_FILE = 64 * 1024 * 1024,
	MAX_VALUE = 1024 * 1024, /* bytes from one event of libyaml's to the next */
	MAX_DEPTH = 32,
	SHOWN = 40, /* columns of a wrong word */
};

/* --- keys */

enum value_shape {
	SHAPE_FLAG,    /* yes or no */
	SHAPE_TEXT,    /* a scalar, taken as it is written */
	SHAPE_LIST,    /* of texts */
	SHAPE_MAP,     /* of names to texts */
	SHAPE_SOURCES, /* a list of SOURCE */
	SHAPE_EVENTS,  /* anything: read as -f yaml reads it */
	SHAPE_SOURCE,  /* a mapping with input or values */
	SHAPE_FILE,    /* all of it */
};

/* A file has one key of a group. */
enum key_group { GROUP_NONE, GROUP_COMMAND, GROUP_EVENTS };

struct key {
	const char *name;
	enum value_shape shape;
	enum key_group group;
	const struct option *option; /* NULL: a key of the run file's own */
};

static const struct key own_keys[] = {
    {"command", SHAPE_TEXT, GROUP_COMMAND, NULL},
    {"argv", SHAPE_LIST, GROUP_COMMAND, NULL},
    {"events", SHAPE_EVENTS, GROUP_EVENTS, NULL},
    {"sources", SHAPE_SOURCES, GROUP_EVENTS, NULL},
};

enum { NOWN = sizeof own_keys / sizeof *own_keys };

static bool key_of(const struct option *o, struct key *key)
{
	if (o == NULL || o->yaml == YAML_NOT)
		return false;
	*key = (struct key){
	    .name = o->name,
	    .shape = o->yaml == YAML_MAP ? SHAPE_MAP
		     : o->arg == NULL	 ? SHAPE_FLAG
					 : SHAPE_TEXT,
	    .group = o->yaml == YAML_SOURCE ? GROUP_EVENTS : GROUP_NONE,
	    .option = o,
	};
	return true;
}

/* The key of that name in a FILE, MAP or SOURCE; the name must be a text that stays.
 * False: it has no such key. */
static bool key_in(const struct key *in, struct bytes name, struct key *key)
{
	bool input = bytes_is(name, "input");

	*key = (struct key){.name = name.p, .shape = SHAPE_TEXT, .option = in->option};
	if (in->shape == SHAPE_MAP)
		return true;
	if (in->shape == SHAPE_SOURCE && !input)
		key->shape = SHAPE_LIST;
	if (in->shape == SHAPE_SOURCE)
		return input || bytes_is(name, "values");
	for (size_t i = 0; i < NOWN; i++)
		if (bytes_is(name, own_keys[i].name)) {
			*key = own_keys[i];
			return true;
		}
	return key_of(option_named(name), key);
}

/* Another spelling of an option on the command line, such as --wd. */
static const struct option *find_alias(struct bytes name)
{
	struct buf spelling = BUF_INIT;
	const struct option *found;

	buf_adds(&spelling, name.len == 1 ? "-" : "--");
	buf_addb(&spelling, name);
	found = name.len == 1 ? option_short(name.p[0])
			      : option_long(spelling.data, spelling.len);
	buf_clear(&spelling);
	return found;
}

/* Which key the user may mean; NULL: no idea. */
static const char *suggest_key(struct bytes name)
{
	struct suggestion near;
	struct key key;
	const struct option *o;

	if (key_of(find_alias(name), &key))
		return key.name;
	suggest_begin(&near, name);
	for (size_t i = 0; i < NOWN; i++)
		suggest_try(&near, own_keys[i].name);
	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		if (key_of(o, &key))
			suggest_try(&near, key.name);
	return near.best;
}

/* --- what is in a file */

/* A value as libcyaml loads and saves it. */
struct value {
	void *p; /* FLAG, TEXT: char *; LIST: char *[]; SOURCES: struct source_value[] */
	uint32_t n; /* LIST, SOURCES */
};

struct source_value {
	char *input;
	char **values;
	uint32_t nvalues;
};

/* A key, or an entry of a list, which has the key of the list. */
struct node {
	struct key key;
	struct place name_at, at; /* of the key and the value */
	struct node *first, *last, *next;
	size_t n;     /* from first to last: what is in it */
	size_t value; /* of a key of FILE or MAP: number of its value among all */
};

struct tree {
	struct arena *arena;
	struct node top;
	size_t nvalues;
};

static struct node *add_node(struct tree *t, struct node *in, struct key key)
{
	struct node *node = arena_calloc(t->arena, 1, sizeof *node);

	node->key = key;
	if (in->key.shape == SHAPE_FILE || in->key.shape == SHAPE_MAP)
		node->value = t->nvalues++;
	*(in->first != NULL ? &in->last->next : &in->first) = node;
	in->last = node;
	in->n++;
	return node;
}

/* --- the schema */

/* No number and no bool of libcyaml's: it takes "10abc" for 10 and "nope" for true.
 * Saved in quotes, so that no YAML reader takes one for a number. */
static const cyaml_schema_value_t quoted_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER | CYAML_FLAG_SCALAR_QUOTE_SINGLE, char, 0,
		       CYAML_UNLIMITED),
};

static const cyaml_schema_field_t source_fields[] = {
    CYAML_FIELD_STRING_PTR("input",
			   CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL |
			       CYAML_FLAG_SCALAR_QUOTE_SINGLE,
			   struct source_value, input, 0, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE_COUNT("values", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct source_value, values, nvalues, &quoted_schema, 0,
			       CYAML_UNLIMITED),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t source_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct source_value, source_fields),
};

#define TEXT {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)}

static const cyaml_schema_value_t shapes[] = {
    [SHAPE_FLAG] = TEXT,
    [SHAPE_TEXT] = TEXT,
    [SHAPE_LIST] = {CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER, char *, &quoted_schema, 0,
					 CYAML_UNLIMITED)},
    [SHAPE_SOURCES] = {CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER, struct source_value,
					    &source_schema, 0, CYAML_UNLIMITED)},
    /* Events have keys of the user's own. */
    [SHAPE_EVENTS] = {.type = CYAML_IGNORE},
    [SHAPE_MAP] = {.type = CYAML_MAPPING},
};

/* A text of several lines is saved as such, and an empty one is seen. */
static enum cyaml_flag text_style(const char *text)
{
	if (*text == '\0')
		return CYAML_FLAG_SCALAR_QUOTE_SINGLE;
	return strchr(text, '\n') != NULL ? CYAML_FLAG_SCALAR_LITERAL : CYAML_FLAG_DEFAULT;
}

/* All values of a file are in one array, those in a mapping too.  saved: the values, when
 * they are not to be loaded. */
static const cyaml_schema_field_t *fields_of(const struct tree *t, const struct node *mapping,
					     const struct value *saved)
{
	cyaml_schema_field_t *fields, *f;

	f = fields = arena_calloc(t->arena, mapping->n + 1, sizeof *fields);
	for (const struct node *n = mapping->first; n != NULL; n = n->next, f++) {
		size_t at = n->value * sizeof *saved;

		*f = (cyaml_schema_field_t){
		    .key = n->key.name,
		    .data_offset = (uint32_t)(at + offsetof(struct value, p)),
		    .count_offset = (uint32_t)(at + offsetof(struct value, n)),
		    .count_size = sizeof saved->n,
		    .value = shapes[n->key.shape],
		};
		if (n->key.shape == SHAPE_MAP) {
			f->data_offset = 0; /* its values have theirs */
			f->value.mapping.fields = fields_of(t, n, saved);
		}
		if (n->key.shape == SHAPE_MAP && n->n == 0)
			f->value.type = CYAML_IGNORE;
		if (saved != NULL && f->value.type == CYAML_STRING)
			f->value.flags |= text_style(saved[n->value].p);
	}
	return fields;
}

static cyaml_schema_value_t schema_of(const struct tree *t, const struct value *saved)
{
	return (cyaml_schema_value_t){
	    .type = CYAML_MAPPING,
	    .flags = CYAML_FLAG_POINTER,
	    .data_size = (uint32_t)(t->nvalues * sizeof *saved),
	    .mapping = {fields_of(t, &t->top, saved)},
	};
}

/* --- reading */

struct runfile {
	const char *path; /* as messages show it */
	struct bytes text;
	struct given_list *list;
	struct err *err;

	/* The walk. */
	yaml_parser_t parser;
	yaml_event_t event;
	size_t handed;   /* bytes given to libyaml */
	size_t at_event; /* of these when it gave its last event */
	yaml_mark_t last;
	bool too_long;

	/* What it finds. */
	struct tree tree;    /* its arena is that of the list */
	struct bytes events; /* their text; what is before it is blank */
};

static int read_all(FILE *in, const char *path, struct buf *out, struct err *err)
{
	enum { PIECE = 64 * 1024 };
	size_t n;

	do {
		n = fread(buf_room(out, PIECE), 1, PIECE, in);
		out->len += n;
	} while (n > 0 && out->len <= MAX_FILE);
	if (ferror(in))
		return err_sys(err, "cannot read run file '%s'", path);
	if (out->len > MAX_FILE)
		return err_usage(err,
				 "run file '%s' is larger than %d bytes; put its events "
				 "into a file of their own",
				 path, MAX_FILE);
	return 0;
}

static int read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *in;
	int result;

	if (strcmp(path, "-") == 0)
		return read_all(stdin, path, out, err);
	in = fopen(path, "re");
	if (in == NULL)
		return err_sys(err, "cannot open run file '%s'", path);
	result = read_all(in, path, out, err);
	fclose(in);
	return result;
}

/* --- libyaml */

static struct place place_of(const struct runfile *f, yaml_mark_t mark)
{
	return (struct place){f->path, mark.line + 1, mark.column + 1};
}

static struct place here(const struct runfile *f)
{
	return place_of(f, f->event.start_mark);
}

/* A huge value is refused while it is read. */
static int give(void *arg, unsigned char *to, size_t size, size_t *got)
{
	struct runfile *f = arg;
	size_t left = f->text.len - f->handed;

	*got = 0;
	f->too_long = f->handed - f->at_event > MAX_VALUE;
	if (f->too_long)
		return 0;
	*got = left < size ? left : size;
	if (*got > 0)
		memcpy(to, f->text.p + f->handed, *got);
	f->handed += *got;
	return 1;
}

static int syntax_error(struct runfile *f)
{
	struct buf phrase = BUF_INIT;
	yaml_mark_t mark;

	if (f->parser.error == YAML_MEMORY_ERROR)
		mem_die(0);
	if (f->too_long)
		return place_error(
		    place_of(f, f->last), f->err,
		    "what follows here is longer than %d bytes; put it into a file "
		    "of its own",
		    MAX_VALUE);
	mark = yaml_advice(&f->parser, &phrase);
	place_error(place_of(f, mark), f->err, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

/* Put the next event into f->event. */
static int next(struct runfile *f)
{
	struct buf phrase = BUF_INIT;
	bool good;

	f->last = f->event.end_mark;
	yaml_event_delete(&f->event);
	if (!yaml_parser_parse(&f->parser, &f->event))
		return syntax_error(f);
	f->at_event = f->handed;
	good = yaml_is_plain_data(&f->event, &phrase);
	if (!good)
		place_error(here(f), f->err, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return good ? 0 : -1;
}

static struct bytes scalar_text(const struct runfile *f)
{
	return (struct bytes){(const char *)f->event.data.scalar.value,
			      f->event.data.scalar.length};
}

/* Bytes that YAML cannot hold; libyaml does not say well where they are. */
static int check_bytes(const struct runfile *f)
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
	place_error((struct place){f->path, scan.line, scan.column}, f->err, "%s",
		    buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

/* --- the walk: each function is entered with f->event being the first event of its part
 * and leaves with the last one */

static int walk(struct runfile *f, struct node *node);

static int walk_list(struct runfile *f, struct node *node)
{
	struct key entry = {
	    .name = node->key.name,
	    .shape = node->key.shape == SHAPE_SOURCES ? SHAPE_SOURCE : SHAPE_TEXT,
	};

	for (;;) {
		if (next(f) < 0)
			return -1;
		if (f->event.type == YAML_SEQUENCE_END_EVENT)
			break;
		if (walk(f, add_node(&f->tree, node, entry)) < 0)
			return -1;
	}
	if (node->n == 0 && node->key.group != GROUP_NONE)
		return place_error(node->at, f->err, "'%s' is empty", node->key.name);
	return 0;
}

static int given_twice(struct runfile *f, const struct node *in, struct bytes key)
{
	const struct node *first = in->first;

	while (!bytes_is(key, first->key.name))
		first = first->next;
	return place_error(here(f), f->err, "key '%.*s' given twice (first on line %llu)",
			   (int)width_fit(key, SHOWN), key.p,
			   (unsigned long long)first->name_at.line);
}

static int unknown_key(struct runfile *f, const struct node *in, struct bytes name)
{
	const char *near = suggest_key(name);
	int n = (int)width_fit(name, SHOWN);

	if (in->key.shape == SHAPE_SOURCE)
		return place_error(
		    here(f), f->err,
		    "unknown key '%.*s' of a source (there are: input, values)", n,
		    name.p);
	if (option_named(name) != NULL)
		return place_error(here(f), f->err,
				   "'%.*s' is for the command line, not for a run file",
				   n, name.p);
	if (near != NULL)
		return place_error(here(f), f->err,
				   "unknown key '%.*s' (did you mean '%s'?)", n, name.p,
				   near);
	return place_error(here(f), f->err, "unknown key '%.*s'; see volley-run(5)", n,
			   name.p);
}

/* Of several keys only one may be in the file. */
static int check_group(const struct runfile *f, const struct node *node)
{
	for (const struct node *n = f->tree.top.first; n != node; n = n->next)
		if (n->key.group != GROUP_NONE && n->key.group == node->key.group)
			return place_error(node->at, f->err,
					   "'%s' and '%s' exclude each other",
					   n->key.name, node->key.name);
	return 0;
}

static int walk_pair(struct runfile *f, struct node *in, struct keyset *keys)
{
	struct place at = here(f);
	struct key key;
	struct node *node;
	struct bytes name;

	if (f->event.type != YAML_SCALAR_EVENT)
		return place_error(
		    at, f->err, "a key is a word, not %s",
		    f->event.type == YAML_SEQUENCE_START_EVENT ? "a list" : "a mapping");
	name = arena_bytes(f->tree.arena, scalar_text(f));
	if (!key_in(&in->key, name, &key))
		return unknown_key(f, in, name);
	if (!keyset_add(keys, name))
		return given_twice(f, in, name);
	node = add_node(&f->tree, in, key);
	node->name_at = at;
	if (next(f) < 0 || walk(f, node) < 0)
		return -1;
	return in == &f->tree.top ? check_group(f, node) : 0;
}

static int walk_mapping(struct runfile *f, struct node *node)
{
	struct keyset keys;
	int result = -1;

	keyset_init(&keys);
	while (next(f) == 0) {
		if (f->event.type == YAML_MAPPING_END_EVENT) {
			result = 0;
			break;
		}
		if (walk_pair(f, node, &keys) < 0)
			break;
	}
	keyset_clear(&keys);
	return result;
}

static int walk_source(struct runfile *f, struct node *node)
{
	if (walk_mapping(f, node) < 0)
		return -1;
	if (node->n == 0)
		return place_error(node->at, f->err,
				   "a source is an input or values; this has neither");
	if (node->n > 1)
		return place_error(node->first->next->name_at, f->err,
				   "a source is either an input or values");
	return 0;
}

static int step_over(struct runfile *f)
{
	for (int depth = 0;;) {
		if (f->event.type == YAML_SEQUENCE_START_EVENT ||
		    f->event.type == YAML_MAPPING_START_EVENT)
			depth++;
		if (f->event.type == YAML_SEQUENCE_END_EVENT ||
		    f->event.type == YAML_MAPPING_END_EVENT)
			depth--;
		if (depth > MAX_DEPTH)
			return place_error(here(f), f->err,
					   "nested deeper than %d levels", MAX_DEPTH);
		if (depth == 0)
			return 0;
		if (next(f) < 0)
			return -1;
	}
}

/* The file up to the end of the events, and blank up to their start: so the
 * reader finds everything at the line and column where it is.  libyaml counts by
 * characters. */
static struct bytes cut_out(const struct runfile *f, size_t start, size_t end)
{
	char *copy = arena_alloc(f->tree.arena, f->text.len + 1);
	size_t n = 0, characters = 0;

	for (size_t i = 0; i < f->text.len; i++) {
		char c = f->text.p[i];
		bool begins = ((unsigned char)c & 0xc0) != 0x80;

		characters += begins;
		if (characters > end)
			break;
		if (characters > start || c == '\n' || c == '\r')
			copy[n++] = c;
		else if (begins)
			copy[n++] = ' ';
	}
	copy[n] = '\0';
	return (struct bytes){copy, n};
}

/* The user's events are read by the reader of YAML, when the run needs them. */
static int walk_events(struct runfile *f, struct node *node)
{
	size_t start = f->event.start_mark.index;

	if (f->event.type == YAML_SCALAR_EVENT)
		return place_error(node->at, f->err,
				   "'events' is a list of events, not a text");
	if (step_over(f) < 0)
		return -1;
	/* A block ends where the next thing begins. */
	f->events = cut_out(f, start, f->event.end_mark.index);
	return 0;
}

static bool is_no(struct bytes text)
{
	return bytes_is(text, "no") || bytes_is(text, "false");
}

static int walk_scalar(struct runfile *f, struct node *node)
{
	struct bytes text = scalar_text(f);

	if (node->key.shape != SHAPE_FLAG || is_no(text) || bytes_is(text, "yes") ||
	    bytes_is(text, "true"))
		return 0;
	return place_error(node->at, f->err, "'%s' is yes or no, not '%.*s'",
			   node->key.name, (int)width_fit(text, SHOWN), text.p);
}

static int walk(struct runfile *f, struct node *node)
{
	static const struct {
		yaml_event_type_t type;
		const char *what;
		int (*walk)(struct runfile *f, struct node *node);
	} parts[] = {
	    [SHAPE_FLAG] = {YAML_SCALAR_EVENT, "one value", walk_scalar},
	    [SHAPE_TEXT] = {YAML_SCALAR_EVENT, "one value", walk_scalar},
	    [SHAPE_LIST] = {YAML_SEQUENCE_START_EVENT, "a list", walk_list},
	    [SHAPE_MAP] = {YAML_MAPPING_START_EVENT, "a mapping of names to values",
			   walk_mapping},
	    [SHAPE_SOURCES] = {YAML_SEQUENCE_START_EVENT, "a list", walk_list},
	    [SHAPE_SOURCE] = {YAML_MAPPING_START_EVENT, "a list of mappings",
			      walk_source},
	};
	enum value_shape shape = node->key.shape;
	yaml_event_type_t type = f->event.type;

	node->at = here(f);
	if (shape == SHAPE_EVENTS)
		return walk_events(f, node);
	if (type == YAML_SCALAR_EVENT && scalar_text(f).len == 0 &&
	    f->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return place_error(node->at, f->err,
				   "'%s' has no value; write '' for an empty one",
				   node->key.name);
	if (type == parts[shape].type)
		return parts[shape].walk(f, node);
	return place_error(node->at, f->err, "'%s' is %s, not %s", node->key.name,
			   parts[shape].what,
			   type == YAML_SCALAR_EVENT           ? "a text"
			   : type == YAML_SEQUENCE_START_EVENT ? "a list"
							       : "a mapping");
}

static int walk_stream(struct runfile *f)
{
	if (next(f) < 0 || next(f) < 0) /* the stream's start */
		return -1;
	if (f->event.type == YAML_STREAM_END_EVENT)
		return err_usage(f->err, "%s: the run file is empty", f->path);
	if (next(f) < 0)
		return -1;
	if (f->event.type != YAML_MAPPING_START_EVENT)
		return place_error(here(f), f->err,
				   "a run file is a mapping: lines 'key: value'");
	if (walk_mapping(f, &f->tree.top) < 0 || next(f) < 0 || next(f) < 0)
		return -1;
	if (f->event.type != YAML_STREAM_END_EVENT)
		return place_error(
		    here(f), f->err,
		    "a run file is one document; remove what follows '---'");
	return 0;
}

static int walk_file(struct runfile *f)
{
	int result;

	if (check_bytes(f) < 0)
		return -1;
	if (!yaml_parser_initialize(&f->parser))
		mem_die(0);
	yaml_parser_set_encoding(&f->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&f->parser, give, f);
	result = walk_stream(f);
	yaml_event_delete(&f->event);
	yaml_parser_delete(&f->parser);
	return result;
}

/* --- as given options */

static char **copy_list(const struct runfile *f, char *const *list, size_t n)
{
	char **copy = arena_alloc(f->tree.arena, (n + 1) * sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_str(f->tree.arena, list[i]);
	copy[n] = NULL;
	return copy;
}

/* node: the text, or the list, of the words. */
static void add_words(struct runfile *f, const struct node *node, char *const *words, size_t n)
{
	struct place *at = arena_alloc(f->tree.arena, n * sizeof *at);

	f->list->words = copy_list(f, words, n);
	f->list->words_at = at;
	f->list->nwords = n;
	f->list->direct = node->first != NULL;
	*at = node->at;
	for (node = node->first; node != NULL; node = node->next)
		*at++ = node->at;
}

static void add_events(struct runfile *f)
{
	inputs_add(&f->list->inputs,
		   (struct input){.kind = INPUT_TEXT, .path = f->path, .text = f->events});
}

static void add_sources(struct runfile *f, const struct node *list,
			const struct source_value *source)
{
	for (const struct node *n = list->first; n != NULL; n = n->next, source++) {
		struct input in = {.at = n->first->at};

		if (source->input != NULL) {
			in.kind = INPUT_FILE;
			in.path = arena_str(f->tree.arena, source->input);
		} else {
			in.kind = INPUT_WORDS;
			in.words = copy_list(f, source->values, source->nvalues);
			in.nwords = source->nvalues;
		}
		inputs_add(&f->list->inputs, in);
	}
}

static void add_option(struct runfile *f, const struct node *node, const char *text)
{
	const struct option *o = node->key.option;
	struct given g = {.option = o, .spelling = o->name, .at = node->at};
	struct buf pair = BUF_INIT;

	if (o->yaml == YAML_MAP) { /* NAME=TEXT, as on the command line */
		buf_addf(&pair, "%s=%s", node->key.name, text);
		text = buf_cstr(&pair);
		g.at = node->name_at;
	}
	if (node->key.shape == SHAPE_FLAG)
		g.off = is_no(bytes_str(text));
	else if (!o->arg_optional || *text != '\0')
		g.arg = arena_str(f->tree.arena, text);
	given_add(f->list, &g);
	buf_clear(&pair);
}

/* The keys in a mapping, in their order. */
static void add_values(struct runfile *f, const struct node *mapping,
		       const struct value *values)
{
	for (const struct node *n = mapping->first; n != NULL; n = n->next) {
		const struct value *v = &values[n->value];
		char *text = v->p;

		if (n->key.shape == SHAPE_EVENTS)
			add_events(f);
		else if (n->key.shape == SHAPE_MAP)
			add_values(f, n, values);
		else if (n->key.shape == SHAPE_LIST)
			add_words(f, n, v->p, v->n);
		else if (n->key.shape == SHAPE_SOURCES)
			add_sources(f, n, v->p);
		else if (n->key.option != NULL)
			add_option(f, n, text);
		else
			add_words(f, n, &text, 1);
	}
}

/* Events in a run file come from the user, not from outside.  First, so that the key
 * event-options overrides it. */
static void add_implied(struct runfile *f)
{
	if (f->events.p != NULL)
		given_add(f->list, &(struct given){.option = option_named(
						       bytes_str("event-options")),
						   .spelling = "events",
						   .implied = true});
}

/* The walk has found everything that libcyaml could refuse. */
static int load_values(struct runfile *f)
{
	cyaml_config_t config = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};
	const cyaml_schema_value_t schema = schema_of(&f->tree, NULL);
	cyaml_data_t *values = NULL;
	cyaml_err_t failed = cyaml_load_data((const uint8_t *)f->text.p, f->text.len,
					     &config, &schema, &values, NULL);

	if (failed != CYAML_OK)
		return err_usage(f->err, "%s: %s", f->path, cyaml_strerror(failed));
	add_implied(f);
	add_values(f, &f->tree.top, values);
	cyaml_free(&config, &schema, values, 0);
	return 0;
}

int runfile_load(const char *path, struct given_list *list, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct runfile f = {.path = strcmp(path, "-") == 0 ? "(stdin)" : path,
			    .list = list,
			    .err = err,
			    .tree = {.arena = list->arena,
				     .top = {.key = {.shape = SHAPE_FILE}}}};
	struct buf text = BUF_INIT;
	int result = read_file(path, &text, err);

	list->inputs_file = f.path;
	f.text = (struct bytes){buf_cstr(&text), text.len};
	if (text.len >= 3 && memcmp(text.data, mark, 3) == 0)
		f.text = (struct bytes){text.data + 3, text.len - 3};
	if (result == 0)
		result = walk_file(&f);
	if (result == 0 && f.tree.nvalues > 0)
		result = load_values(&f);
	if (result < 0)
		err->status = STATUS_USAGE;
	buf_clear(&text);
	return result;
}

static int merge_file(const struct given *g, struct given_list *all, struct err *err)
{
	struct given_list file;
	int result;

	if (*g->arg == '\0')
		return given_error(g, "the name is empty", err);
	given_init(&file, all->arena);
	result = runfile_load(g->arg, &file, err);
	if (result == 0)
		given_merge(all, &file);
	given_clear(&file);
	return result;
}

int runfile_merge(const struct given_list *line, struct given_list *all, struct err *err)
{
	for (size_t i = 0; i < line->n; i++)
		if (strcmp(line->v[i].option->name, "run") == 0 &&
		    merge_file(&line->v[i], all, err) < 0)
			return -1;
	if (line->nwords > 0 && all->nwords > 0)
		return err_usage(err,
				 "'%s': run file '%s' says what to run; to give it other "
				 "events, write ::: before them",
				 line->words[0], all->words_at->file);
	given_merge(all, line);
	return 0;
}
/* --- printing: the values, as loading would find them */

struct print {
	const struct given_list *given;
	struct tree tree;
	struct value *values; /* of the tree */
	size_t cap;
	struct node *map;
	const char *bad; /* a text that is not UTF-8; NULL: none */
};

/* A text that goes into the file. */
static char *text(struct print *p, const char *s)
{
	struct utf8_check check = {.bad = false};

	utf8_check_add(&check, bytes_str(s));
	if (p->bad == NULL && !utf8_check_passes(&check))
		p->bad = s;
	return (char *)s;
}

static char **list(struct print *p, char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text(p, words[i]);
	return words;
}

static struct node *add(struct print *p, struct node *in, const char *name,
			struct value value)
{
	struct key key;
	struct node *node;

	if (!key_in(&in->key, bytes_str(name), &key))
		return NULL;
	node = add_node(&p->tree, in, key);
	p->values = xgrow(p->values, &p->cap, p->tree.nvalues, sizeof *p->values);
	p->values[node->value] = value;
	return node;
}

static void add_text(struct print *p, const char *name, const char *value)
{
	add(p, &p->tree.top, name, (struct value){.p = text(p, value)});
}

static struct node *add_list(struct print *p, const char *name, char **words, size_t n)
{
	return add(p, &p->tree.top, name, (struct value){list(p, words, n), (uint32_t)n});
}

/* --- printing: options */

/* NAME=TEXT: the first begins the mapping of all. */
static void add_pair(struct print *p, const char *name, const char *arg)
{
	size_t len = strcspn(text(p, arg), "=");

	if (p->map == NULL)
		p->map = add(p, &p->tree.top, name, (struct value){NULL, 0});
	add(p, p->map, arena_dup(p->tree.arena, arg, len),
	    (struct value){.p = (char *)arg + len + 1});
}

/* In the order in which they were given, which may matter. */
static void add_options(struct print *p)
{
	for (const struct given *g = p->given->v; g < p->given->v + p->given->n; g++) {
		const struct option *o = g->option;

		if (g->implied || o->yaml == YAML_NOT || o->yaml == YAML_SOURCE)
			continue;
		if (o->yaml == YAML_MAP)
			add_pair(p, o->name, g->arg);
		else if (o->arg == NULL)
			add_text(p, o->name, g->off ? "no" : "yes");
		else
			add_text(p, o->name, g->arg != NULL ? g->arg : "");
	}
}

/* --- printing: words */

static void add_command(struct print *p)
{
	const struct given_list *l = p->given;

	if (l->nwords == 1 && !l->direct)
		add_text(p, "command", l->words[0]);
	else if (l->nwords > 0)
		add_list(p, "argv", l->words, l->nwords);
}

/* All sources, those that are options first.  Returns their number. */
static size_t collect_sources(struct print *p, struct source_value **sources)
{
	const struct given_list *l = p->given;
	struct source_value *v = arena_calloc(p->tree.arena, l->n + l->inputs.n, sizeof *v);
	size_t n = 0;

	*sources = v;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].option->yaml == YAML_SOURCE)
			v[n++].input = text(p, l->v[i].arg);
	for (const struct input *in = l->inputs.v; in < l->inputs.v + l->inputs.n; in++, n++) {
		if (in->kind == INPUT_FILE)
			v[n].input = text(p, in->path);
		v[n].values = list(p, in->words, in->nwords);
		v[n].nvalues = (uint32_t)in->nwords;
	}
	return n;
}

/* Values under "events" are YAML: they have fields of their own, and options.  Options
 * that cut arguments into fields, or put several into one job, need plain sources. */
static bool needs_sources(const struct given_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].option->name, "header") == 0 ||
		    strcmp(l->v[i].option->name, "colsep") == 0 ||
		    strcmp(l->v[i].option->name, "max-args") == 0)
			return true;
	return false;
}

static bool is_linked(const struct given_list *l)
{
	for (size_t i = 0; i < l->inputs.n; i++)
		if (l->inputs.v[i].linked)
			return true;
	return false;
}

static void add_inputs(struct print *p)
{
	struct source_value *v;
	size_t n = collect_sources(p, &v);

	if (n > 1 || (n == 1 && v->input == NULL && needs_sources(p->given) &&
		      p->given->inputs.v->kind == INPUT_WORDS))
		add(p, &p->tree.top, "sources", (struct value){v, (uint32_t)n});
	else if (n == 1 && v->input != NULL)
		add_text(p, "input", v->input);
	else if (n == 1 && p->given->inputs.v->kind == INPUT_WORDS)
		add_list(p, "events", v->values, v->nvalues)->key.shape = SHAPE_LIST;
}

/* --- printing: the text */

static int save(struct print *p, struct buf *out, struct err *err)
{
	cyaml_config_t config = {.log_level = CYAML_LOG_ERROR,
				 .mem_fn = cyaml_mem,
				 .flags = CYAML_CFG_STYLE_BLOCK};
	const cyaml_schema_value_t schema = schema_of(&p->tree, p->values);
	char *text = NULL;
	size_t len = 0;
	cyaml_err_t result =
	    cyaml_save_data(&text, &len, &config, &schema, p->values, 0);

	if (result != CYAML_OK)
		return err_set(err, "cannot write the run file: %s",
			       cyaml_strerror(result));
	/* Since one of its texts ends in an empty line; but more may follow. */
	if (len > 4 && memcmp(text + len - 5, "\n...\n", 5) == 0)
		len -= 4;
	buf_add(out, text, len);
	cyaml_mem(NULL, text, 0);
	return 0;
}

/* Events of any kind, as they were in their run file: libcyaml does not know their keys. */
static void add_events_text(const struct input *in, struct buf *out)
{
	const char *end = in->text.p + in->text.len, *at = in->text.p, *line;

	at += strspn(at, " \r\n");
	for (line = at; line > in->text.p && line[-1] == ' ';)
		line--;
	if (*at == '[' || *at == '{') { /* whose lines may begin anywhere */
		buf_adds(out, "events: ");
		line = at;
	} else {
		buf_adds(out, "events:\n");
	}
	buf_add(out, line, (size_t)(end - line));
	if (end[-1] != '\n')
		buf_addc(out, '\n');
}

int runfile_print(const struct given_list *l, struct buf *out, struct err *err)
{
	struct print p = {
	    .given = l,
	    .tree = {.arena = arena_new(), .top = {.key = {.shape = SHAPE_FILE}}},
	};
	bool inlined = l->inputs.n == 1 && l->inputs.v[0].kind == INPUT_TEXT;
	int result = 0;

	add_command(&p);
	add_options(&p);
	add_inputs(&p);
	buf_adds(out, "#!/usr/bin/env -S volley --run\n");
	if (is_linked(l))
		result = err_usage(err, "':::+' and '::::+' cannot be written to a run file; "
					"use --link");
	else if (p.bad != NULL)
		result = err_usage(
		    err, "'%s' cannot be written to a run file: it is not UTF-8", p.bad);
	else if (p.tree.top.n > 0)
		result = save(&p, out, err);
	if (result == 0 && inlined)
		add_events_text(&l->inputs.v[0], out);
	else if (result == 0 && p.tree.top.n == 0)
		buf_adds(out, "{}\n"); /* no file at all would be a mistake */
	free(p.values);
	arena_free(p.tree.arena);
	return result;
}
