/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/options.h"
#include "cli/runfile.h"
#include "cli/runfile_internal.h"
#include "cli/setup.h"

enum { MAX_FILE = 64 * 1024 * 1024 };

/* What merging is about: the settings to fill, and what the command line said. */
struct merge {
	struct settings *s;
	const struct settings *line;
	struct runfile file;
	struct runfile_place at; /* of what is being applied */
	struct err *err;
};

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

/* --- loading */

/* libcyaml's own words, for what the first pass has let through. */
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
		struct runfile_slot **slots, struct err *err)
{
	struct buf log = BUF_INIT;
	cyaml_config_t config = configure(&log);
	cyaml_data_t *data = NULL;
	cyaml_err_t result = cyaml_load_data((const uint8_t *)f->text.p, f->text.len,
					     &config, schema, &data, NULL);

	*slots = data;
	if (result != CYAML_OK)
		err_usage(err, "%s: %s%s", f->path, log.len > 0 ? buf_cstr(&log) : "",
			  cyaml_strerror(result));
	buf_clear(&log);
	return result == CYAML_OK ? 0 : -1;
}

/* --- which of the keys count */

static bool names(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (; list != NULL && *list != '\0'; list += strspn(list, " ")) {
		size_t len = strcspn(list, " ");

		if (len == n && memcmp(list, name, n) == 0)
			return true;
		list += len;
	}
	return false;
}

/* Has the command line said this, or something instead of it? */
static bool is_overruled(const struct merge *m, const struct option *o)
{
	if (o->yaml == YAML_MAP) /* name by name: the later one wins */
		return false;
	for (size_t i = 0; i < m->line->ngiven; i++) {
		const struct option *said = m->line->given[i].option;

		if (said == o || names(said->instead_of, o->name))
			return true;
	}
	return false;
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

static int check_one_of(const struct runfile *f, bool (*is)(const struct runfile_key *),
			struct err *err)
{
	const struct runfile_entry *first = NULL;

	for (size_t i = 0; i < f->n; i++) {
		const struct runfile_entry *e = &f->entries[i];

		if (!is(&e->key))
			continue;
		if (first != NULL)
			return runfile_error(f, e->place, err,
					     "'%s' and '%s' exclude each other",
					     first->key.name, e->key.name);
		first = e;
	}
	return 0;
}

static int check_words(const struct merge *m)
{
	for (size_t i = 0; i < m->file.n && m->line->nwords > 0; i++)
		if (is_command(&m->file.entries[i].key))
			return err_usage(m->err,
					 "'%s': run file '%s' says what to run; to give it "
					 "other events, write ::: before them",
					 m->line->words[0], m->file.path);
	return 0;
}

/* --- applying */

static char **copy_list(struct merge *m, char *const *list, size_t n)
{
	char **copy = arena_alloc(m->s->arena, (n + 1) * sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_str(m->s->arena, list[i]);
	copy[n] = NULL;
	return copy;
}

static void apply_command(struct merge *m, const struct runfile_slot *slot)
{
	char *text = slot->p;

	m->s->words = copy_list(m, &text, 1);
	m->s->nwords = 1;
}

static int apply_argv(struct merge *m, const struct runfile_entry *e,
		      const struct runfile_slot *slot)
{
	if (slot->n == 0)
		return runfile_error(&m->file, e->place, m->err, "'argv' is empty");
	m->s->words = copy_list(m, slot->p, slot->n);
	m->s->nwords = slot->n;
	m->s->direct = true;
	return 0;
}

static bool was_given(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->ngiven; i++)
		if (strcmp(s->given[i].option->name, name) == 0)
			return true;
	return false;
}

static void apply_events(struct merge *m, const struct runfile_entry *e)
{
	*settings_add_input(m->s) = (struct input){
	    .kind = INPUT_TEXT, .path = m->s->run_file, .text = e->events};
	/* These come from the user, not from outside. */
	if (!was_given(m->s, "event-options"))
		m->s->event_options = true;
}

static void apply_sources(struct merge *m, const struct runfile_slot *slot)
{
	const struct runfile_source *v = slot->p;

	for (size_t i = 0; i < slot->n; i++) {
		struct input *in = settings_add_input(m->s);

		*in = (struct input){.kind = INPUT_WORDS, .nwords = v[i].nvalues};
		if (v[i].input != NULL)
			*in = (struct input){.kind = INPUT_FILE,
					     .path = arena_str(m->s->arena, v[i].input)};
		else
			in->words = copy_list(m, v[i].values, v[i].nvalues);
	}
}

static int set_text(struct merge *m, const struct option *o, const char *text)
{
	const char *copy = arena_str(m->s->arena, text);

	if (o->arg_optional && *copy == '\0')
		copy = NULL;
	return option_set(m->s, o, o->name, copy, m->err);
}

static int set_map(struct merge *m, const struct runfile_entry *e,
		   const struct runfile_slot *slot)
{
	char **values = slot->p;

	for (size_t i = 0; i < e->nnames; i++) {
		struct buf both = BUF_INIT;
		int result;

		m->at = e->places[i];
		buf_addf(&both, "%s=%s", e->names[i], values[i]);
		result = set_text(m, e->key.option, buf_cstr(&both));
		buf_clear(&both);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int apply_option(struct merge *m, const struct runfile_entry *e,
			const struct runfile_slot *slot)
{
	const struct option *o = e->key.option;
	char **list = slot->p;

	switch (e->key.shape) {
	case SHAPE_FLAG:
		if (slot->flag == RUNFILE_YES)
			return option_set(m->s, o, o->name, NULL, m->err);
		option_unset(m->s, o);
		return 0;
	case SHAPE_TEXT:
		return set_text(m, o, slot->p);
	case SHAPE_MAP:
		return set_map(m, e, slot);
	default:
		break;
	}
	for (size_t i = 0; i < slot->n; i++)
		if (set_text(m, o, list[i]) < 0)
			return -1;
	return 0;
}

/* A bad value is told at once, while it is known where it stands. */
static int apply_checked(struct merge *m, const struct runfile_entry *e,
			 const struct runfile_slot *slot)
{
	struct err inner;

	if (is_overruled(m, e->key.option))
		return 0;
	m->at = e->place;
	if (apply_option(m, e, slot) == 0 && setup_values(m->s, m->err) == 0)
		return 0;
	inner = *m->err;
	return runfile_error(&m->file, m->at, m->err, "%s", inner.text);
}

static int apply_entry(struct merge *m, const struct runfile_entry *e,
		       const struct runfile_slot *slot)
{
	if (is_source(&e->key) && m->line->ninputs > 0)
		return 0;
	if (e->key.option != NULL)
		return apply_checked(m, e, slot);
	if (e->key.shape == SHAPE_TEXT)
		apply_command(m, slot);
	else if (e->key.shape == SHAPE_LIST)
		return apply_argv(m, e, slot);
	else if (e->key.shape == SHAPE_EVENTS)
		apply_events(m, e);
	else
		apply_sources(m, slot);
	return 0;
}

/* --- all together */

/* "command" before everything else, and so on, does not matter: each key stands
 * for itself.  The order counts where options do, as on the command line. */
static int apply_all(struct merge *m)
{
	const cyaml_schema_value_t *schema = runfile_schema(&m->file, NULL);
	struct runfile_slot *slots;
	cyaml_config_t config = configure(NULL);
	int result = 0;

	if (load(&m->file, schema, &slots, m->err) < 0)
		return -1;
	for (size_t i = 0; i < m->file.n && result == 0; i++)
		result = apply_entry(m, &m->file.entries[i], &slots[i]);
	cyaml_free(&config, schema, slots, 0);
	return result;
}

static int merge_text(struct merge *m)
{
	if (runfile_lint(&m->file, m->err) < 0 || check_words(m) < 0 ||
	    check_one_of(&m->file, is_source, m->err) < 0 ||
	    check_one_of(&m->file, is_command, m->err) < 0)
		return -1;
	return m->file.n > 0 ? apply_all(m) : 0;
}

static void free_entries(struct runfile *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->entries[i].names);
		free(f->entries[i].places);
	}
	free(f->entries);
}

static int merge_file(struct merge *m, const char *path)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct buf text = BUF_INIT;
	int result = read_file(path, &text, m->err);

	m->file = (struct runfile){.path = path, .arena = m->s->arena};
	m->file.text = (struct bytes){buf_cstr(&text), text.len};
	if (text.len >= 3 && memcmp(text.data, mark, 3) == 0)
		m->file.text = (struct bytes){text.data + 3, text.len - 3};
	if (result == 0)
		result = merge_text(m);
	free_entries(&m->file);
	buf_clear(&text);
	return result;
}

int runfile_merge(struct settings *s, struct err *err)
{
	struct settings line = *s;
	struct merge m = {.s = s, .line = &line, .err = err};
	int result;

	if (s->run_file == NULL || s->help || s->version)
		return 0;
	options_init(s);
	s->run_file = line.run_file;
	result = merge_file(&m, line.run_file);
	if (result == 0)
		result = options_parse(s, line.argc, line.argv, err);
	settings_clear(&line);
	return result;
}
