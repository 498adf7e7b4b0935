/* SPDX-License-Identifier: ISC */

/* Loads run files as lists of given options.  libcyaml loads the keys by a schema made
 * from the table of options.  It tells no places, and what is wrong only in terms of its
 * own; so a walk along the events of libyaml comes first, which notes where each value
 * is and where the user's events are, and stops at once at what YAML allows and a run
 * file does not: aliases, tags, a key given twice, values of any depth and size. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
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

/* A value with its place. */
struct node {
	enum { NODE_TEXT, NODE_LIST, NODE_MAPPING } kind;
	struct place at;
	const char *name; /* its key, or that of the list it is in */
	struct place name_at;
	struct bytes text; /* TEXT: the start of it */
	struct node *first, *next; /* in a list or mapping */
	size_t n;
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
	size_t handed;	 /* bytes given to libyaml */
	size_t at_event; /* of these when it gave its last event */
	yaml_mark_t last;
	bool too_long;

	/* What it finds: the keys in order, and as many nodes. */
	struct runfile_entry *entries;
	struct node **nodes;
	size_t n, entries_cap, nodes_cap;
	struct bytes events; /* their text; what is before it is blank */
};

/* Fills err with "path:line:column: ..." and returns -1. */
static int __attribute__((format(printf, 3, 4)))
fail(const struct runfile *f, struct place at, const char *fmt, ...)
{
	struct buf phrase = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&phrase, fmt, ap);
	va_end(ap);
	err_usage(f->err, "%s:%llu:%llu: %s", f->path, (unsigned long long)at.line,
		  (unsigned long long)at.column, buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

/* --- reading */

static int read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	for (;;) {
		ssize_t n = read(fd, buf_room(out, 64 * 1024), 64 * 1024);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read run file '%s'", path);
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		if (out->len > MAX_FILE)
			return err_usage(err,
					 "run file '%s' is larger than %d bytes; put its "
					 "events into a file of their own",
					 path, MAX_FILE);
	}
}

static int read_file(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result;

	if (fd < 0) {
		err_sys(err, "cannot open run file '%s'", path);
		err->status = STATUS_USAGE;
		return -1;
	}
	result = read_all(fd, path, out, err);
	if (result < 0)
		err->status = STATUS_USAGE;
	close(fd);
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
		return fail(f, place_of(f, f->last),
			    "what follows here is longer than %d bytes; put it into a file "
			    "of its own",
			    MAX_VALUE);
	mark = yaml_advice(&f->parser, &phrase);
	fail(f, place_of(f, mark), "%s", buf_cstr(&phrase));
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
		fail(f, here(f), "%s", buf_cstr(&phrase));
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
	fail(f, (struct place){f->path, scan.line, scan.column}, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

/* --- the walk: each function is entered with f->event being the first event of its part
 * and leaves with the last one */

static struct node *walk(struct runfile *f, const char *name, int depth);

static const char *kind_name(const struct node *node)
{
	static const char *const names[] = {"a text", "a list", "a mapping"};

	return names[node->kind];
}

static int walk_text(struct runfile *f, struct node *node)
{
	struct bytes text = scalar_text(f);

	node->kind = NODE_TEXT;
	if (text.len == 0 && f->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return fail(f, node->at, "'%s' has no value; write '' for an empty one",
			    node->name);
	text.len = width_fit(text, SHOWN);
	node->text = arena_bytes(f->arena, text);
	return 0;
}

static int walk_list(struct runfile *f, struct node *node, int depth)
{
	struct node **end = &node->first;

	node->kind = NODE_LIST;
	for (;; node->n++) {
		if (next(f) < 0)
			return -1;
		if (f->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		*end = walk(f, node->name, depth);
		if (*end == NULL)
			return -1;
		end = &(*end)->next;
	}
}

static int given_twice(struct runfile *f, const struct node *parent, struct bytes key)
{
	const struct node *first = parent->first;

	while (!bytes_is(key, first->name))
		first = first->next;
	return fail(f, here(f), "key '%.*s' given twice (first on line %llu)",
		    (int)width_fit(key, SHOWN), key.p,
		    (unsigned long long)first->name_at.line);
}

static int unknown_key(struct runfile *f, struct bytes name)
{
	const char *near = runfile_key_suggest(name);
	int n = (int)width_fit(name, SHOWN);

	if (option_named(name) != NULL)
		return fail(f, here(f), "'%.*s' is for the command line, not for a run file",
			    n, name.p);
	if (near != NULL)
		return fail(f, here(f), "unknown key '%.*s' (did you mean '%s'?)", n, name.p,
			    near);
	return fail(f, here(f), "unknown key '%.*s'; see volley-run(5)", n, name.p);
}

static int add_entry(struct runfile *f, struct runfile_key key)
{
	f->entries =
	    xgrow(f->entries, &f->entries_cap, f->n + 1, sizeof *f->entries);
	f->nodes = xgrow(f->nodes, &f->nodes_cap, f->n + 1, sizeof(struct node *));
	f->entries[f->n] = (struct runfile_entry){.key = key};
	f->nodes[f->n++] = NULL;
	return 0;
}

/* The node of a key and its value.  depth 0: a key of the run file. */
static struct node *walk_pair(struct runfile *f, const struct node *parent,
			      struct keyset *keys, int depth)
{
	struct place at = here(f);
	struct runfile_key key;
	struct bytes name;
	struct node *node;

	if (f->event.type != YAML_SCALAR_EVENT) {
		fail(f, at, "a key is a word, not %s",
		     f->event.type == YAML_SEQUENCE_START_EVENT ? "a list" : "a mapping");
		return NULL;
	}
	name = arena_bytes(f->arena, scalar_text(f));
	if (depth == 0 && !runfile_key_find(name, &key)) {
		unknown_key(f, name);
		return NULL;
	}
	if (!keyset_add(keys, name)) {
		given_twice(f, parent, name);
		return NULL;
	}
	if (depth == 0)
		add_entry(f, key);
	if (next(f) < 0)
		return NULL;
	node = walk(f, name.p, depth + 1);
	if (node != NULL)
		node->name_at = at;
	if (depth == 0)
		f->nodes[f->n - 1] = node;
	return node;
}

static int walk_mapping(struct runfile *f, struct node *node, int depth)
{
	struct node **end = &node->first;
	struct keyset keys;
	int result = -1;

	node->kind = NODE_MAPPING;
	keyset_init(&keys);
	for (;; node->n++) {
		if (next(f) < 0)
			break;
		if (f->event.type == YAML_MAPPING_END_EVENT) {
			result = 0;
			break;
		}
		*end = walk_pair(f, node, &keys, depth);
		if (*end == NULL)
			break;
		end = &(*end)->next;
	}
	keyset_clear(&keys);
	return result;
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
			return fail(f, here(f), "nested deeper than %d levels", MAX_DEPTH);
		if (depth == 0)
			return 0;
		if (next(f) < 0)
			return -1;
	}
}

/* The offset of a character, which libyaml counts by characters. */
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
static struct bytes cut_out(const struct runfile *f, size_t start, size_t end)
{
	struct bytes text = f->text;
	size_t first = byte_of(text, start), last = byte_of(text, end), n = 0;
	char *copy = arena_alloc(f->arena, last + 1);

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

/* The user's events are read by the reader of YAML, when the run needs them. */
static int walk_events(struct runfile *f, struct node *node)
{
	size_t start = f->event.start_mark.index;

	if (f->event.type == YAML_SCALAR_EVENT)
		return fail(f, node->at, "'events' is a list of events, not a text");
	if (step_over(f) < 0)
		return -1;
	/* A block ends where the next thing begins. */
	f->events = cut_out(f, start, f->event.end_mark.index);
	return 0;
}

static struct node *walk(struct runfile *f, const char *name, int depth)
{
	struct node *node = arena_calloc(f->arena, 1, sizeof *node);
	int result;

	node->at = here(f);
	node->name = name;
	if (depth > MAX_DEPTH)
		result = fail(f, node->at, "nested deeper than %d levels", MAX_DEPTH);
	else if (depth == 1 && strcmp(name, "events") == 0)
		result = walk_events(f, node);
	else if (f->event.type == YAML_SCALAR_EVENT)
		result = walk_text(f, node);
	else if (f->event.type == YAML_SEQUENCE_START_EVENT)
		result = walk_list(f, node, depth + 1);
	else
		result = walk_mapping(f, node, depth);
	return result == 0 ? node : NULL;
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
		return fail(f, here(f), "a run file is a mapping: lines 'key: value'");
	if (walk(f, NULL, 0) == NULL || next(f) < 0 || next(f) < 0)
		return -1;
	if (f->event.type != YAML_STREAM_END_EVENT)
		return fail(f, here(f), "a run file is one document; remove what follows '---'");
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

/* --- loading */

/* What libcyaml could not load by the schema, in words for the user. */
static int explain(const struct runfile *f, const struct node *node,
		   enum runfile_shape shape);

static int explain_list(const struct runfile *f, const struct node *node,
			enum runfile_shape shape)
{
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (explain(f, n, shape) < 0)
			return -1;
	return 0;
}

static int explain_source(const struct runfile *f, const struct node *node)
{
	if (node->kind != NODE_MAPPING)
		return fail(f, node->at, "'sources' is a list of mappings, not %s",
			    kind_name(node));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		bool input = strcmp(n->name, "input") == 0;

		if (!input && strcmp(n->name, "values") != 0)
			return fail(f, n->name_at,
				    "unknown key '%.*s' of a source (there are: input, "
				    "values)",
				    (int)width_fit(bytes_str(n->name), SHOWN), n->name);
		if (explain(f, n, input ? SHAPE_TEXT : SHAPE_LIST) < 0)
			return -1;
	}
	return 0;
}

static int explain(const struct runfile *f, const struct node *node,
		   enum runfile_shape shape)
{
	static const struct {
		int kind;
		const char *what;
	} wanted[] = {
	    [SHAPE_FLAG] = {NODE_TEXT, "one value"},
	    [SHAPE_TEXT] = {NODE_TEXT, "one value"},
	    [SHAPE_LIST] = {NODE_LIST, "a list"},
	    [SHAPE_MAP] = {NODE_MAPPING, "a mapping of names to values"},
	    [SHAPE_SOURCES] = {NODE_LIST, "a list"},
	};

	if (shape == SHAPE_EVENTS)
		return 0;
	if ((int)node->kind != wanted[shape].kind)
		return fail(f, node->at, "'%s' is %s, not %s", node->name,
			    wanted[shape].what, kind_name(node));
	if (shape == SHAPE_FLAG)
		return fail(f, node->at, "'%s' is yes or no, not '%.*s'", node->name,
			    (int)node->text.len, node->text.p);
	if (shape == SHAPE_LIST || shape == SHAPE_MAP)
		return explain_list(f, node, SHAPE_TEXT);
	for (const struct node *n = node->first; shape == SHAPE_SOURCES && n != NULL;
	     n = n->next)
		if (explain_source(f, n) < 0)
			return -1;
	return 0;
}

/* libcyaml's own words, for what explain does not know. */
static void __attribute__((format(printf, 3, 0)))
keep_log(cyaml_log_t level, void *arg, const char *fmt, va_list ap)
{
	struct buf *log = arg;

	(void)level;
	buf_vaddf(log, fmt, ap);
	while (log->len > 0 && log->data[log->len - 1] == '\n')
		log->len--;
	buf_adds(log, "; ");
}

static cyaml_config_t configure(struct buf *log)
{
	return (cyaml_config_t){
	    .log_fn = keep_log,
	    .log_ctx = log,
	    .log_level = CYAML_LOG_ERROR,
	    .mem_fn = cyaml_mem,
	    .flags = CYAML_CFG_NO_ALIAS,
	};
}

static int load(const struct runfile *f, const cyaml_schema_value_t *schema,
		struct runfile_slot **slots)
{
	struct buf log = BUF_INIT;
	cyaml_config_t config = configure(&log);
	cyaml_data_t *data = NULL;
	cyaml_err_t result = cyaml_load_data((const uint8_t *)f->text.p, f->text.len,
					     &config, schema, &data, NULL);

	*slots = data;
	if (result != CYAML_OK) {
		err_usage(f->err, "%s: %s%s", f->path, log.len > 0 ? buf_cstr(&log) : "",
			  cyaml_strerror(result));
		for (size_t i = 0; i < f->n; i++)
			if (explain(f, f->nodes[i], f->entries[i].key.shape) < 0)
				break;
	}
	buf_clear(&log);
	return result == CYAML_OK ? 0 : -1;
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

static int add_words(struct runfile *f, const struct node *node, char *const *words,
		     size_t n, bool direct)
{
	if (n == 0)
		return fail(f, node->at, "'%s' is empty", node->name);
	f->list->words = copy_list(f, words, n);
	f->list->nwords = n;
	f->list->direct = direct;
	f->list->words_file = f->path;
	return 0;
}

static void add_events(struct runfile *f, const struct node *node)
{
	*given_add_input(f->list) = (struct input){
	    .kind = INPUT_TEXT, .path = f->path, .text = f->events};
	/* These come from the user, not from outside. */
	given_add(f->list, &(struct given){.option = option_named(bytes_str("event-options")),
					   .spelling = "events",
					   .implied = true,
					   .at = node->name_at});
}

static int add_source(struct runfile *f, const struct node *node,
		      const struct runfile_source *source)
{
	struct input *in;

	if (node->n == 0)
		return fail(f, node->at,
			    "a source is an input or values; this has neither");
	if (node->n > 1)
		return fail(f, node->first->next->name_at,
			    "a source is either an input or values");
	in = given_add_input(f->list);
	*in = (struct input){.kind = INPUT_WORDS, .nwords = source->nvalues};
	if (source->input != NULL)
		*in = (struct input){.kind = INPUT_FILE,
				     .path = arena_str(f->arena, source->input)};
	else
		in->words = copy_list(f, source->values, source->nvalues);
	return 0;
}

static int add_sources(struct runfile *f, const struct node *node,
		       const struct runfile_slot *slot)
{
	const struct runfile_source *source = slot->p;

	if (node->n == 0)
		return fail(f, node->at, "'sources' is empty");
	for (const struct node *n = node->first; n != NULL; n = n->next, source++)
		if (add_source(f, n, source) < 0)
			return -1;
	return 0;
}

/* NAME=VALUE, as on the command line. */
static void add_map(struct runfile *f, const struct option *o, const struct node *node,
		    const struct runfile_slot *slot)
{
	char **values = slot->p;

	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct buf both = BUF_INIT;

		buf_addf(&both, "%s=%s", n->name, *values++);
		given_add(f->list, &(struct given){.option = o,
						   .spelling = o->name,
						   .arg = arena_str(f->arena, buf_cstr(&both)),
						   .at = n->name_at});
		buf_clear(&both);
	}
}

static void add_option(struct runfile *f, const struct runfile_key *key,
		       const struct node *node, const struct runfile_slot *slot)
{
	const struct option *o = key->option;
	struct given g = {.option = o, .spelling = o->name, .at = node->at};

	if (key->shape == SHAPE_MAP) {
		add_map(f, o, node, slot);
		return;
	}
	g.off = key->shape == SHAPE_FLAG && slot->flag == RUNFILE_NO;
	if (key->shape == SHAPE_TEXT && !(o->arg_optional && *(char *)slot->p == '\0'))
		g.arg = arena_str(f->arena, slot->p);
	given_add(f->list, &g);
}

static int add_value(struct runfile *f, const struct runfile_key *key,
		     const struct node *node, const struct runfile_slot *slot)
{
	char *text = slot->p;

	if (key->option != NULL)
		add_option(f, key, node, slot);
	else if (key->shape == SHAPE_TEXT)
		return add_words(f, node, &text, 1, false);
	else if (key->shape == SHAPE_LIST)
		return add_words(f, node, slot->p, slot->n, true);
	else if (key->shape == SHAPE_SOURCES)
		return add_sources(f, node, slot);
	else
		add_events(f, node);
	return 0;
}

static bool is_source(const struct runfile_key *key)
{
	return key->shape == SHAPE_EVENTS || key->shape == SHAPE_SOURCES ||
	       (key->option != NULL && key->option->yaml == YAML_SOURCE);
}

static bool is_command(const struct runfile_key *key)
{
	return strcmp(key->name, "command") == 0 || strcmp(key->name, "argv") == 0;
}

static int check_one_of(const struct runfile *f, bool (*is)(const struct runfile_key *))
{
	const char *first = NULL;

	for (size_t i = 0; i < f->n; i++) {
		if (!is(&f->entries[i].key))
			continue;
		if (first != NULL)
			return fail(f, f->nodes[i]->at, "'%s' and '%s' exclude each other",
				    first, f->nodes[i]->name);
		first = f->nodes[i]->name;
	}
	return 0;
}

/* libcyaml has to know the names in a mapping beforehand. */
static int name_entries(struct runfile *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct runfile_entry *e = &f->entries[i];

		if (e->key.shape != SHAPE_MAP)
			continue;
		if (explain(f, f->nodes[i], SHAPE_MAP) < 0)
			return -1;
		e->names = arena_alloc(f->arena, f->nodes[i]->n * sizeof *e->names);
		for (const struct node *n = f->nodes[i]->first; n != NULL; n = n->next)
			e->names[e->nnames++] = (char *)n->name;
	}
	return 0;
}

static int load_entries(struct runfile *f)
{
	const cyaml_schema_value_t *schema;
	struct runfile_slot *slots;
	cyaml_config_t config = configure(NULL);
	int result = 0;

	if (name_entries(f) < 0)
		return -1;
	schema = runfile_schema(f->entries, f->n, NULL, f->arena);
	if (load(f, schema, &slots) < 0)
		return -1;
	for (size_t i = 0; i < f->n && result == 0; i++)
		result = add_value(f, &f->entries[i].key, f->nodes[i], &slots[i]);
	cyaml_free(&config, schema, slots, 0);
	return result;
}

static int load_text(struct runfile *f)
{
	if (walk_file(f) < 0 || check_one_of(f, is_source) < 0 ||
	    check_one_of(f, is_command) < 0)
		return -1;
	return f->n > 0 ? load_entries(f) : 0;
}

int runfile_load(const char *path, struct given_list *list, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct runfile f = {.path = path, .arena = list->arena, .list = list, .err = err};
	struct buf text = BUF_INIT;
	int result = read_file(path, &text, err);

	list->inputs_file = path;
	f.text = (struct bytes){buf_cstr(&text), text.len};
	if (text.len >= 3 && memcmp(text.data, mark, 3) == 0)
		f.text = (struct bytes){text.data + 3, text.len - 3};
	if (result == 0)
		result = load_text(&f);
	free(f.entries);
	free(f.nodes);
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
