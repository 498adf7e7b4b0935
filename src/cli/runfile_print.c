/* SPDX-License-Identifier: ISC */

/* Prints a list of given options as a run file: fills nodes and slots as loading the
 * file would, and has libcyaml save them.  Only events of any kind that were in a run
 * file are copied as they were. */

#include <config.h>

#include <string.h>

#include "base/utf8.h"
#include "cli/runfile.h"
#include "cli/runfile_schema.h"

struct print {
	const struct given_list *given;
	struct arena *arena;
	struct runfile_node top;
	struct runfile_slot *slots; /* as many as there can be keys */
	const char *bad;	    /* a text that is not UTF-8; NULL: none */
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

/* One more key; it has the slot of the same number. */
static struct runfile_node *add(struct print *p, const char *name, struct runfile_slot slot)
{
	struct runfile_key key;

	if (!runfile_key_in(SHAPE_FILE, bytes_str(name), &key))
		return NULL;
	p->slots[p->top.n] = slot;
	return runfile_node_add(&p->top, key, p->arena);
}

static void add_text(struct print *p, const char *name, const char *value)
{
	add(p, name, (struct runfile_slot){.p = text(p, value)});
}

static struct runfile_node *add_list(struct print *p, const char *name, char **words,
				     size_t n)
{
	return add(p, name, (struct runfile_slot){list(p, words, n), (uint32_t)n});
}

/* --- options */

static bool is_last(const struct given_list *l, const struct given *g)
{
	for (const struct given *later = g + 1; later < l->v + l->n; later++)
		if (later->option == g->option && !later->implied)
			return false;
	return true;
}

/* NAME=VALUE: is there a later one of the name? */
static bool is_replaced(const struct given_list *l, const struct given *g)
{
	size_t name = strcspn(g->arg, "=") + 1;

	for (const struct given *later = g + 1; later < l->v + l->n; later++)
		if (later->option == g->option && strncmp(later->arg, g->arg, name) == 0)
			return true;
	return false;
}

static void add_map(struct print *p, const struct option *o)
{
	const struct given_list *l = p->given;
	struct runfile_slot *values = arena_calloc(p->arena, l->n, sizeof *values);
	struct runfile_node *map = add(p, o->name, (struct runfile_slot){.p = values});

	for (const struct given *g = l->v; g < l->v + l->n; g++) {
		struct runfile_key name = {.shape = SHAPE_TEXT};
		size_t len;

		if (g->option != o || is_replaced(l, g))
			continue;
		len = strcspn(text(p, g->arg), "=");
		name.name = arena_dup(p->arena, g->arg, len);
		values[map->n].p = (char *)g->arg + len + 1;
		runfile_node_add(map, name, p->arena);
	}
}

static void add_option(struct print *p, const struct given *g)
{
	const struct option *o = g->option;

	if (o->yaml == YAML_MAP)
		add_map(p, o);
	else if (o->arg == NULL)
		add_text(p, o->name, g->off ? "no" : "yes");
	else
		add_text(p, o->name, g->arg != NULL ? g->arg : "");
}

/* In the order in which they were given last, which may matter. */
static void add_options(struct print *p)
{
	for (size_t i = 0; i < p->given->n; i++) {
		const struct given *g = &p->given->v[i];

		if (is_last(p->given, g) && !g->implied && g->option->yaml != YAML_NOT &&
		    g->option->yaml != YAML_SOURCE)
			add_option(p, g);
	}
}

/* --- words */

static void add_command(struct print *p)
{
	const struct given_list *l = p->given;

	if (l->nwords == 1 && !l->direct)
		add_text(p, "command", l->words[0]);
	else if (l->nwords > 0)
		add_list(p, "argv", l->words, l->nwords);
}

/* All sources, those that are options first.  Returns their number. */
static size_t collect_sources(struct print *p, struct runfile_source **sources)
{
	const struct given_list *l = p->given;
	struct runfile_source *v = arena_calloc(p->arena, l->n + l->inputs.n, sizeof *v);
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
	struct runfile_source *v;
	size_t n = collect_sources(p, &v);

	if (n > 1 || (n == 1 && v->input == NULL && needs_sources(p->given) &&
		      p->given->inputs.v->kind == INPUT_WORDS))
		add(p, "sources", (struct runfile_slot){v, (uint32_t)n});
	else if (n == 1 && v->input != NULL)
		add_text(p, "input", v->input);
	else if (n == 1 && p->given->inputs.v->kind == INPUT_WORDS)
		add_list(p, "events", v->values, v->nvalues)->key.shape = SHAPE_LIST;
}

/* --- writing */

static int save(struct print *p, struct buf *out, struct err *err)
{
	cyaml_config_t config = {.log_level = CYAML_LOG_ERROR,
				 .mem_fn = cyaml_mem,
				 .flags = CYAML_CFG_STYLE_BLOCK};
	const cyaml_schema_value_t *schema = runfile_schema(&p->top, p->slots, p->arena);
	char *text = NULL;
	size_t len = 0;
	cyaml_err_t result =
	    cyaml_save_data(&text, &len, &config, schema, p->slots, 0);

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
	struct print p = {.given = l, .arena = arena_new()};
	bool inlined = l->inputs.n == 1 && l->inputs.v[0].kind == INPUT_TEXT;
	int result = 0;

	p.slots = arena_calloc(p.arena, l->n + 2, sizeof *p.slots);
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
	else if (p.top.n > 0)
		result = save(&p, out, err);
	if (result == 0 && inlined)
		add_events_text(&l->inputs.v[0], out);
	else if (result == 0 && p.top.n == 0)
		buf_adds(out, "{}\n"); /* no file at all would be a mistake */
	arena_free(p.arena);
	return result;
}
