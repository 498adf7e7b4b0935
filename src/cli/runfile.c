/* SPDX-License-Identifier: ISC */

/* Loads run files as lists of given options.  A walk along the events of libyaml comes
 * first: by the shape of each key it checks what the file holds, and notes where each
 * value is and where the user's events are; libcyaml, which knows no places, then loads
 * the values by a schema made from the same shapes.  The walk stops at once at what YAML
 * allows and a run file does not: aliases, tags, a key given twice, huge values. */

#include <config.h>

#include <stdio.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/width.h"
#include "cli/runfile.h"
#include "cli/runfile_schema.h"
#include "event/builder.h"
#include "event/yaml_check.h"

enum {
	MAX_FILE = 64 * 1024 * 1024,
	MAX_VALUE = 1024 * 1024, /* bytes from one event of libyaml's to the next */
	MAX_DEPTH = 32,
	SHOWN = 40, /* columns of a wrong word */
};

struct runfile {
	const char *path; /* as messages show it */
	struct bytes text;
	struct arena *arena; /* of the list that is filled */
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
	struct runfile_node top;
	struct bytes events; /* their text; what is before it is blank */
};

/* --- reading */

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
	FILE *in = fopen(path, "re");
	int result;

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

static int walk(struct runfile *f, struct runfile_node *node);

static int walk_list(struct runfile *f, struct runfile_node *node)
{
	struct runfile_key entry = {
	    .name = node->key.name,
	    .shape = node->key.shape == SHAPE_SOURCES ? SHAPE_SOURCE : SHAPE_TEXT,
	};

	for (;;) {
		if (next(f) < 0)
			return -1;
		if (f->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (walk(f, runfile_node_add(node, entry, f->arena)) < 0)
			return -1;
	}
}

static int given_twice(struct runfile *f, const struct runfile_node *in, struct bytes key)
{
	const struct runfile_node *first = in->first;

	while (!bytes_is(key, first->key.name))
		first = first->next;
	return place_error(here(f), f->err, "key '%.*s' given twice (first on line %llu)",
			   (int)width_fit(key, SHOWN), key.p,
			   (unsigned long long)first->name_at.line);
}

static int unknown_key(struct runfile *f, const struct runfile_node *in,
		       struct bytes name)
{
	const char *near = runfile_key_suggest(name);
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
static int check_group(const struct runfile *f, const struct runfile_node *node)
{
	for (const struct runfile_node *n = f->top.first; n != node; n = n->next)
		if (n->key.group != GROUP_NONE && n->key.group == node->key.group)
			return place_error(node->at, f->err,
					   "'%s' and '%s' exclude each other",
					   n->key.name, node->key.name);
	return 0;
}

static int walk_pair(struct runfile *f, struct runfile_node *in, struct keyset *keys)
{
	struct place at = here(f);
	struct runfile_key key;
	struct runfile_node *node;
	struct bytes name;

	if (f->event.type != YAML_SCALAR_EVENT)
		return place_error(
		    at, f->err, "a key is a word, not %s",
		    f->event.type == YAML_SEQUENCE_START_EVENT ? "a list" : "a mapping");
	name = arena_bytes(f->arena, scalar_text(f));
	if (!runfile_key_in(in->key.shape, name, &key))
		return unknown_key(f, in, name);
	if (!keyset_add(keys, name))
		return given_twice(f, in, name);
	node = runfile_node_add(in, key, f->arena);
	node->name_at = at;
	if (next(f) < 0 || walk(f, node) < 0)
		return -1;
	return in == &f->top ? check_group(f, node) : 0;
}

static int walk_mapping(struct runfile *f, struct runfile_node *node)
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

static int walk_source(struct runfile *f, struct runfile_node *node)
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
	char *copy = arena_alloc(f->arena, f->text.len + 1);
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
static int walk_events(struct runfile *f, struct runfile_node *node)
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

static int walk_scalar(struct runfile *f, struct runfile_node *node)
{
	struct bytes text = scalar_text(f);

	if (node->key.shape != SHAPE_FLAG || is_no(text) || bytes_is(text, "yes") ||
	    bytes_is(text, "true"))
		return 0;
	return place_error(node->at, f->err, "'%s' is yes or no, not '%.*s'",
			   node->key.name, (int)width_fit(text, SHOWN), text.p);
}

static int walk(struct runfile *f, struct runfile_node *node)
{
	static const struct {
		yaml_event_type_t type;
		const char *what;
		int (*walk)(struct runfile *f, struct runfile_node *node);
	} shapes[] = {
	    [SHAPE_FLAG] = {YAML_SCALAR_EVENT, "one value", walk_scalar},
	    [SHAPE_TEXT] = {YAML_SCALAR_EVENT, "one value", walk_scalar},
	    [SHAPE_LIST] = {YAML_SEQUENCE_START_EVENT, "a list", walk_list},
	    [SHAPE_MAP] = {YAML_MAPPING_START_EVENT, "a mapping of names to values",
			   walk_mapping},
	    [SHAPE_SOURCES] = {YAML_SEQUENCE_START_EVENT, "a list", walk_list},
	    [SHAPE_SOURCE] = {YAML_MAPPING_START_EVENT, "a list of mappings",
			      walk_source},
	};
	enum runfile_shape shape = node->key.shape;
	yaml_event_type_t type = f->event.type;

	node->at = here(f);
	if (shape == SHAPE_EVENTS)
		return walk_events(f, node);
	if (type == YAML_SCALAR_EVENT && scalar_text(f).len == 0 &&
	    f->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return place_error(node->at, f->err,
				   "'%s' has no value; write '' for an empty one",
				   node->key.name);
	if (type == shapes[shape].type)
		return shapes[shape].walk(f, node);
	return place_error(node->at, f->err, "'%s' is %s, not %s", node->key.name,
			   shapes[shape].what,
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
	if (walk_mapping(f, &f->top) < 0 || next(f) < 0 || next(f) < 0)
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
	char **copy = arena_alloc(f->arena, (n + 1) * sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_str(f->arena, list[i]);
	copy[n] = NULL;
	return copy;
}

static void add_words(struct runfile *f, char *const *words, size_t n, bool direct)
{
	f->list->words = copy_list(f, words, n);
	f->list->nwords = n;
	f->list->direct = direct;
	f->list->words_file = f->path;
}

static void add_events(struct runfile *f, const struct runfile_node *node)
{
	inputs_add(&f->list->inputs,
		   (struct input){.kind = INPUT_TEXT, .path = f->path, .text = f->events});
	/* These come from the user, not from outside. */
	given_add(f->list,
		  &(struct given){.option = option_named(bytes_str("event-options")),
				  .spelling = "events",
				  .implied = true,
				  .at = node->name_at});
}

static void add_sources(struct runfile *f, const struct runfile_source *source, size_t n)
{
	for (; n > 0; n--, source++) {
		struct input in = {.kind = INPUT_WORDS, .nwords = source->nvalues};

		if (source->input != NULL)
			in = (struct input){.kind = INPUT_FILE,
					    .path = arena_str(f->arena, source->input)};
		else
			in.words = copy_list(f, source->values, source->nvalues);
		inputs_add(&f->list->inputs, in);
	}
}

/* NAME=VALUE, as on the command line. */
static void add_map(struct runfile *f, const struct runfile_node *node,
		    const struct runfile_slot *values)
{
	const struct option *o = node->key.option;

	for (const struct runfile_node *n = node->first; n != NULL;
	     n = n->next, values++) {
		struct buf both = BUF_INIT;

		buf_addf(&both, "%s=%s", n->key.name, (char *)values->p);
		given_add(f->list,
			  &(struct given){.option = o,
					  .spelling = o->name,
					  .arg = arena_str(f->arena, buf_cstr(&both)),
					  .at = n->name_at});
		buf_clear(&both);
	}
}

static void add_option(struct runfile *f, const struct runfile_node *node,
		       const char *text)
{
	const struct option *o = node->key.option;
	struct given g = {.option = o, .spelling = o->name, .at = node->at};

	if (node->key.shape == SHAPE_FLAG)
		g.off = is_no(bytes_str(text));
	else if (!o->arg_optional || *text != '\0')
		g.arg = arena_str(f->arena, text);
	given_add(f->list, &g);
}

static int add_value(struct runfile *f, const struct runfile_node *node,
		     const struct runfile_slot *slot)
{
	char *text = slot->p;

	switch (node->key.shape) {
	case SHAPE_MAP:
		add_map(f, node, slot->p);
		return 0;
	case SHAPE_EVENTS:
		add_events(f, node);
		return 0;
	case SHAPE_LIST:
	case SHAPE_SOURCES:
		if (slot->n == 0)
			return place_error(node->at, f->err, "'%s' is empty",
					   node->key.name);
		if (node->key.shape == SHAPE_LIST)
			add_words(f, slot->p, slot->n, true);
		else
			add_sources(f, slot->p, slot->n);
		return 0;
	default:
		if (node->key.option != NULL)
			add_option(f, node, text);
		else
			add_words(f, &text, 1, false);
		return 0;
	}
}

/* The walk has found everything that libcyaml could refuse. */
static int load_values(struct runfile *f)
{
	cyaml_config_t config = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};
	const cyaml_schema_value_t *schema = runfile_schema(&f->top, NULL, f->arena);
	const struct runfile_slot *slot;
	cyaml_data_t *data = NULL;
	cyaml_err_t failed = cyaml_load_data((const uint8_t *)f->text.p, f->text.len,
					     &config, schema, &data, NULL);
	int result = 0;

	if (failed != CYAML_OK)
		return err_usage(f->err, "%s: %s", f->path, cyaml_strerror(failed));
	slot = data;
	for (const struct runfile_node *n = f->top.first; n != NULL && result == 0;
	     n = n->next)
		result = add_value(f, n, slot++);
	cyaml_free(&config, schema, data, 0);
	return result;
}

int runfile_load(const char *path, struct given_list *list, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct runfile f = {.path = path,
			    .arena = list->arena,
			    .list = list,
			    .err = err,
			    .top = {.key = {.shape = SHAPE_FILE}}};
	struct buf text = BUF_INIT;
	int result = read_file(path, &text, err);

	list->inputs_file = path;
	f.text = (struct bytes){buf_cstr(&text), text.len};
	if (text.len >= 3 && memcmp(text.data, mark, 3) == 0)
		f.text = (struct bytes){text.data + 3, text.len - 3};
	if (result == 0)
		result = walk_file(&f);
	if (result == 0 && f.top.n > 0)
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
				 line->words[0], all->words_file);
	given_merge(all, line);
	return 0;
}
