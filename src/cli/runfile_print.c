/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/runfile.h"
#include "cli/runfile_internal.h"
#include "cli/setup.h"
#include "event/yaml_check.h"

/* Entries and their slots, as loading would have found them. */
struct print {
	const struct settings *s;
	struct runfile file;
	struct runfile_slot *slots;
	size_t cap;
	struct err *err;
};

static struct runfile_slot *add(struct print *p, const char *name,
				struct runfile_entry **entry)
{
	struct runfile_key key;

	if (!runfile_key_find(bytes_str(name), &key))
		return NULL;
	*entry = runfile_add_entry(&p->file, key, (struct runfile_place){0, 0});
	p->slots = xgrow(p->slots, &p->cap, p->file.n, sizeof *p->slots);
	p->slots[p->file.n - 1] = (struct runfile_slot){0};
	return &p->slots[p->file.n - 1];
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

static bool is_last(const struct settings *s, size_t at)
{
	for (size_t i = at + 1; i < s->ngiven; i++)
		if (s->given[i].option == s->given[at].option)
			return false;
	return true;
}

/* All that was said of an option, in a new array. */
static size_t collect(struct print *p, const struct option *o, char ***list)
{
	size_t n = 0;

	*list = arena_alloc(p->file.arena, p->s->ngiven * sizeof **list);
	for (size_t i = 0; i < p->s->ngiven; i++)
		if (p->s->given[i].option == o && p->s->given[i].arg != NULL)
			(*list)[n++] = (char *)p->s->given[i].arg;
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

	slot->p = values = arena_alloc(p->file.arena, n * sizeof *values);
	entry->names = xcalloc(n, sizeof *entry->names);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(pairs[i], "=");

		if (is_replaced(pairs, n, i))
			continue;
		values[entry->nnames] = pairs[i] + len + 1;
		entry->names[entry->nnames++] = arena_dup(p->file.arena, pairs[i], len);
	}
}

static void add_option(struct print *p, const struct given *g)
{
	const struct option *o = g->option;
	struct runfile_entry *entry;
	struct runfile_key key;
	char **list;
	size_t n;

	if (!runfile_key_find(bytes_str(o->name), &key))
		return;
	if (key.shape == SHAPE_MAP) {
		add_map(p, o);
	} else if (key.shape == SHAPE_LIST) {
		n = collect(p, o, &list);
		add_list(p, o->name, list, n);
	} else if (key.shape == SHAPE_FLAG) {
		add(p, o->name, &entry)->flag = g->off ? RUNFILE_NO : RUNFILE_YES;
	} else {
		add_text(p, o->name, g->arg != NULL ? g->arg : "");
	}
}

/* In the order in which they were said last, which may matter. */
static void add_options(struct print *p)
{
	for (size_t i = 0; i < p->s->ngiven; i++) {
		const struct given *g = &p->s->given[i];

		if (is_last(p->s, i) && g->option->yaml != YAML_NOT &&
		    g->option->yaml != YAML_SOURCE)
			add_option(p, g);
	}
}

/* --- words */

static void add_command(struct print *p)
{
	const struct settings *s = p->s;

	if (s->nwords == 1 && !s->direct)
		add_text(p, "command", s->words[0]);
	else if (s->nwords > 0)
		add_list(p, "argv", s->words, s->nwords);
}

static void add_sources(struct print *p)
{
	struct runfile_entry *entry;
	struct runfile_slot *slot = add(p, "sources", &entry);
	struct runfile_source *v =
	    arena_calloc(p->file.arena, p->s->ninputs, sizeof *v);

	slot->p = v;
	slot->n = (uint32_t)p->s->ninputs;
	for (size_t i = 0; i < p->s->ninputs; i++) {
		const struct input *in = &p->s->inputs[i];

		v[i].input = in->kind == INPUT_FILE ? (char *)in->path : NULL;
		v[i].values = in->words;
		v[i].nvalues = (uint32_t)in->nwords;
	}
}

static void add_inputs(struct print *p)
{
	const struct input *in = p->s->inputs;

	if (p->s->ninputs > 1)
		add_sources(p);
	else if (p->s->ninputs == 1 && in->kind == INPUT_FILE)
		add_text(p, "input", in->path);
	else if (p->s->ninputs == 1 && in->kind == INPUT_WORDS)
		add_list(p, "events", in->words, in->nwords);
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
					 "'%s' cannot stand in a run file: it is not UTF-8",
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
	const struct settings *s = p->s;

	for (size_t i = 0; i < s->nwords; i++)
		if (check_text(p, s->words[i]) < 0)
			return -1;
	for (size_t i = 0; i < s->ngiven; i++)
		if (s->given[i].arg != NULL && check_text(p, s->given[i].arg) < 0)
			return -1;
	for (size_t i = 0; i < s->ninputs; i++) {
		const struct input *in = &s->inputs[i];

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
	const cyaml_schema_value_t *schema = runfile_schema(&p->file, p->slots);
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

/* Events of any kind that stood in a run file: as they stood there, since their
 * keys are the user's and libcyaml knows none of them. */
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

int runfile_print(const struct settings *s, struct buf *out, struct err *err)
{
	struct print p = {.s = s, .err = err, .file = {.arena = arena_new()}};
	bool inlined = s->ninputs == 1 && s->inputs[0].kind == INPUT_TEXT;
	int result = -1;

	if (setup_values(s, err) == 0 && check_texts(&p) == 0) {
		add_command(&p);
		add_options(&p);
		add_inputs(&p);
		buf_adds(out, "#!/usr/bin/env -S volley --run\n");
		result = p.file.n > 0 ? save(&p, out) : 0;
	}
	if (result == 0 && inlined)
		add_events_text(&s->inputs[0], out);
	else if (result == 0 && p.file.n == 0)
		buf_adds(out, "{}\n"); /* no file at all would be a mistake */
	for (size_t i = 0; i < p.file.n; i++)
		free(p.file.entries[i].names);
	free(p.file.entries);
	free(p.slots);
	arena_free(p.file.arena);
	return result;
}
