/* SPDX-License-Identifier: ISC */

/* Prints a list of given options as a run file: fills entries and slots as loading the
 * file would, and has libcyaml save them.  Only events of any kind that were in a run
 * file are copied as they were. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/runfile.h"
#include "cli/runfile_schema.h"
#include "event/yaml_check.h"

struct print {
	const struct given_list *given;
	struct arena *arena;
	struct runfile_entry *entries;
	struct runfile_slot *slots;
	size_t n, entries_cap, slots_cap;
	struct err *err;
};

static struct runfile_slot *add(struct print *p, const char *name,
				struct runfile_entry **entry)
{
	struct runfile_key key;

	if (!runfile_key_find(bytes_str(name), &key))
		return NULL;
	p->entries = xgrow(p->entries, &p->entries_cap, p->n + 1, sizeof *p->entries);
	p->slots = xgrow(p->slots, &p->slots_cap, p->n + 1, sizeof *p->slots);
	*entry = &p->entries[p->n];
	**entry = (struct runfile_entry){.key = key};
	p->slots[p->n] = (struct runfile_slot){0};
	return &p->slots[p->n++];
}

static void add_text(struct print *p, const char *name, const char *text)
{
	struct runfile_entry *entry;

	add(p, name, &entry)->p = (char *)text;
}

static void add_list(struct print *p, const char *name, char **list, size_t n)
{
	struct runfile_entry *entry;
	struct runfile_slot *slot = add(p, name, &entry);

	slot->p = list;
	slot->n = (uint32_t)n;
}

/* --- options */

static bool is_last(const struct given_list *l, const struct given *g)
{
	for (const struct given *later = g + 1; later < l->v + l->n; later++)
		if (later->option == g->option && !later->implied)
			return false;
	return true;
}

/* All arguments that were given to an option, in a new array. */
static size_t collect(struct print *p, const struct option *o, char ***list)
{
	size_t n = 0;

	*list = arena_alloc(p->arena, p->given->n * sizeof **list);
	for (size_t i = 0; i < p->given->n; i++)
		if (p->given->v[i].option == o && p->given->v[i].arg != NULL)
			(*list)[n++] = (char *)p->given->v[i].arg;
	return n;
}

static bool is_replaced(char *const *pairs, size_t n, size_t at)
{
	size_t name = strcspn(pairs[at], "=") + 1;

	for (size_t i = at + 1; i < n; i++)
		if (strncmp(pairs[i], pairs[at], name) == 0)
			return true;
	return false;
}

/* NAME=VALUE: of each name the last. */
static void add_map(struct print *p, const struct option *o)
{
	char **pairs, **values;
	size_t n = collect(p, o, &pairs);
	struct runfile_entry *entry;
	struct runfile_slot *slot = add(p, o->name, &entry);

	slot->p = values = arena_alloc(p->arena, n * sizeof *values);
	entry->names = arena_alloc(p->arena, n * sizeof *entry->names);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(pairs[i], "=");

		if (is_replaced(pairs, n, i))
			continue;
		values[entry->nnames] = pairs[i] + len + 1;
		entry->names[entry->nnames++] = arena_dup(p->arena, pairs[i], len);
	}
}

static void add_option(struct print *p, const struct given *g)
{
	const struct option *o = g->option;
	struct runfile_entry *entry;

	if (o->yaml == YAML_MAP)
		add_map(p, o);
	else if (o->arg == NULL)
		add(p, o->name, &entry)->flag = g->off ? RUNFILE_NO : RUNFILE_YES;
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
	struct runfile_source *v = arena_calloc(p->arena, l->n + l->ninputs, sizeof *v);
	size_t n = 0;

	*sources = v;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].option->yaml == YAML_SOURCE)
			v[n++].input = (char *)l->v[i].arg;
	for (size_t i = 0; i < l->ninputs; i++) {
		const struct input *in = &l->inputs[i];

		v[n++] = (struct runfile_source){
		    .input = in->kind == INPUT_FILE ? (char *)in->path : NULL,
		    .values = in->words,
		    .nvalues = (uint32_t)in->nwords};
	}
	return n;
}

static void add_inputs(struct print *p)
{
	struct runfile_source *v;
	struct runfile_entry *entry;
	size_t n = collect_sources(p, &v);

	if (n > 1) {
		struct runfile_slot *slot = add(p, "sources", &entry);

		slot->p = v;
		slot->n = (uint32_t)n;
	} else if (n == 1 && v->input != NULL) {
		add_text(p, "input", v->input);
	} else if (n == 1 && p->given->inputs->kind == INPUT_WORDS) {
		add_list(p, "events", v->values, v->nvalues);
	}
}

/* --- writing */

static int check_text(struct print *p, const char *text)
{
	enum yaml_fault fault;
	struct yaml_scan scan = YAML_SCAN_INIT;
	struct bytes all = bytes_str(text);

	while (all.len > 0) {
		size_t good = yaml_scan(&scan, all, &fault);

		if (fault == YAML_NOT_UTF8 || (good == 0 && fault == YAML_FINE))
			return err_usage(p->err,
					 "'%s' cannot be written to a run file: it is not UTF-8",
					 text);
		if (fault != YAML_FINE) /* a whole character, which will be escaped */
			do
				good++;
			while (good < all.len && (all.p[good] & 0xc0) == 0x80);
		all.p += good;
		all.len -= good;
	}
	return 0;
}

static int check_texts(struct print *p)
{
	const struct given_list *l = p->given;

	for (size_t i = 0; i < l->nwords; i++)
		if (check_text(p, l->words[i]) < 0)
			return -1;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].arg != NULL && check_text(p, l->v[i].arg) < 0)
			return -1;
	for (size_t i = 0; i < l->ninputs; i++) {
		const struct input *in = &l->inputs[i];

		if (in->path != NULL && check_text(p, in->path) < 0)
			return -1;
		for (size_t k = 0; k < in->nwords; k++)
			if (check_text(p, in->words[k]) < 0)
				return -1;
	}
	return 0;
}

static int save(struct print *p, struct buf *out)
{
	cyaml_config_t config = {.log_level = CYAML_LOG_ERROR,
				 .mem_fn = cyaml_mem,
				 .flags = CYAML_CFG_STYLE_BLOCK};
	const cyaml_schema_value_t *schema = runfile_schema(p->entries, p->n, p->slots, p->arena);
	char *text = NULL;
	size_t len = 0;
	cyaml_err_t result =
	    cyaml_save_data(&text, &len, &config, schema, p->slots, 0);

	if (result != CYAML_OK)
		return err_set(p->err, "cannot write the run file: %s",
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
	struct print p = {.given = l, .arena = arena_new(), .err = err};
	bool inlined = l->ninputs == 1 && l->inputs[0].kind == INPUT_TEXT;
	int result = -1;

	if (check_texts(&p) == 0) {
		add_command(&p);
		add_options(&p);
		add_inputs(&p);
		buf_adds(out, "#!/usr/bin/env -S volley --run\n");
		result = p.n > 0 ? save(&p, out) : 0;
	}
	if (result == 0 && inlined)
		add_events_text(&l->inputs[0], out);
	else if (result == 0 && p.n == 0)
		buf_adds(out, "{}\n"); /* no file at all would be a mistake */
	free(p.entries);
	free(p.slots);
	arena_free(p.arena);
	return result;
}
