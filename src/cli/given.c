/* SPDX-License-Identifier: ISC */

/* Lists of given options: merges them by precedence, parses what counts into the
 * settings, and checks the options against each other by the columns of the table. */

#include <config.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/width.h"
#include "cli/given.h"

enum { SHOWN = 200 }; /* columns of an argument in a message */

/* --- lists */

void given_init(struct given_list *l, struct arena *arena)
{
	*l = (struct given_list){.arena = arena};
}

void given_clear(struct given_list *l)
{
	free(l->v);
	free(l->inputs.v);
}

void given_add(struct given_list *l, const struct given *g)
{
	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = *g;
}

static bool is_source(const struct given *g)
{
	return g->implied || g->option->yaml == YAML_SOURCE;
}

bool given_has_inputs(const struct given_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_source(&l->v[i]))
			return true;
	return l->inputs.n > 0;
}

/* Does what is said later leave this without effect? */
static bool overrides(const struct given *later, const struct given *g)
{
	if (later->option != g->option || g->option->yaml == YAML_SOURCE)
		return false;
	if (g->option->yaml == YAML_MAP) /* another text for the same NAME */
		return strncmp(later->arg, g->arg, strcspn(g->arg, "=") + 1) == 0;
	return true;
}

/* The option, unless it was taken back. */
static const struct given *find(const struct given_list *l, const struct option *o)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->v[i].option == o)
			return l->v[i].off ? NULL : &l->v[i];
	return NULL;
}

const struct given *given_find(const struct given_list *l, const char *name)
{
	return find(l, option_named(bytes_str(name)));
}

/* --- merging */

static bool is_replaced(const struct given *g, const struct given_list *over)
{
	if (is_source(g) && given_has_inputs(over))
		return true;
	for (const struct given *o = over->v; o < over->v + over->n; o++)
		if (overrides(o, g) ||
		    option_list_has(o->option->instead_of, g->option->name))
			return true;
	return false;
}

/* Is there a later one in its own list that counts instead? */
static bool is_repeated(const struct given_list *l, const struct given *g)
{
	for (const struct given *o = g + 1; o < l->v + l->n; o++)
		if (overrides(o, g))
			return true;
	return false;
}

void given_merge(struct given_list *to, const struct given_list *over)
{
	size_t kept = 0;

	for (size_t i = 0; i < to->n; i++)
		if (!is_replaced(&to->v[i], over))
			to->v[kept++] = to->v[i];
	to->n = kept;
	for (size_t i = 0; i < over->n; i++)
		if (!is_repeated(over, &over->v[i]))
			given_add(to, &over->v[i]);
	if (given_has_inputs(over)) {
		to->inputs.n = 0;
		to->inputs_file = over->inputs_file;
	}
	for (size_t i = 0; i < over->inputs.n; i++)
		inputs_add(&to->inputs, over->inputs.v[i]);
	if (over->nwords > 0) {
		to->words = over->words;
		to->nwords = over->nwords;
		to->direct = over->direct;
		to->words_at = over->words_at;
	}
	to->literal |= over->literal;
}

/* --- applying */

int place_error(struct place at, struct err *err, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	err_usage(err, "%s", buf_cstr(&text));
	buf_clear(&text);
	return err_at(err, at);
}

int given_blame(const struct given_list *l, const char *name, struct err *err)
{
	const struct given *g = given_find(l, name);

	return g != NULL ? err_at(err, g->at) : -1;
}

/* "-j 4", "--progress=x", and in a run file "jobs: 4". */
static void add_spelling(struct buf *out, const struct given *g)
{
	struct bytes arg = bytes_str(g->arg != NULL && *g->arg != '\0' ? g->arg : "''");

	buf_adds(out, g->spelling);
	if (g->arg == NULL)
		return;
	buf_adds(out, g->at.file != NULL ? ": " : g->option->arg_optional ? "=" : " ");
	buf_add(out, arg.p, width_fit(arg, SHOWN));
}

int given_error(const struct given *g, const char *phrase, struct err *err)
{
	struct buf text = BUF_INIT;

	add_spelling(&text, g);
	place_error(g->at, err, "%s: %s", buf_cstr(&text), phrase);
	buf_clear(&text);
	return -1;
}

int given_apply(const struct given_list *l, struct settings *s, struct err *err)
{
	struct err reason;

	for (size_t i = 0; i < l->n; i++) {
		const struct given *g = &l->v[i];

		if (g->off)
			continue;
		if (g->option->parse(s, g, &reason) < 0)
			return given_error(g, reason.text, err);
	}
	for (size_t i = 0; i < l->inputs.n; i++)
		inputs_add(&s->inputs, l->inputs.v[i]);
	s->template.words = l->words;
	s->template.words_at = l->words_at;
	s->template.nwords = l->nwords;
	s->template.literal = l->literal;
	s->template.direct = l->direct;
	return 0;
}

/* --- options against each other */

/* The option, if it was given and asks for something with its argument. */
static const struct given *find_asked(const struct given_list *l, const struct option *o)
{
	const struct given *g = find(l, o);

	if (g == NULL || (g->arg != NULL && option_list_has(o->neutral, g->arg)))
		return NULL;
	return g;
}

/* The option of a NAME, or a NAME=ARG, if it is asked for. */
static const struct given *find_name(const struct given_list *l, struct bytes name)
{
	const char *arg = memchr(name.p, '=', name.len);
	struct bytes plain = {name.p, arg != NULL ? (size_t)(arg - name.p) : name.len};
	const struct option *o = option_named(plain);
	const struct given *g = o == NULL ? NULL : arg != NULL ? find(l, o) : find_asked(l, o);

	if (g == NULL || arg == NULL)
		return g;
	name = (struct bytes){arg + 1, name.len - plain.len - 1};
	return g->arg != NULL && bytes_is(name, g->arg) ? g : NULL;
}

/* The first of the names that is asked for; NULL: none. */
static const struct given *find_any(const struct given_list *l, const char *names)
{
	const struct given *g = NULL;

	while (g == NULL && names != NULL && *names != '\0')
		g = find_name(l, option_list_next(&names));
	return g;
}

/* May it be without effect, where it is? */
static bool is_habit(const struct given *g)
{
	return g->option->habit && g->at.file != NULL;
}

static int exclude(const struct given *a, const struct exclusion *e, const struct given *b,
		   struct err *err)
{
	const char *arg = strchr(e->others, '=') != NULL ? b->arg : NULL;

	return place_error(a->at.file != NULL ? a->at : b->at, err,
			   "%s%s%s and %s%s%s exclude each other%s%s", a->spelling,
			   e->when != NULL ? " " : "", e->when != NULL ? e->when : "",
			   b->spelling, arg != NULL ? "=" : "", arg != NULL ? arg : "",
			   e->why != NULL ? ": " : "", e->why != NULL ? e->why : "");
}

static int check_excluded(const struct given_list *l, const struct given *g,
			  struct err *err)
{
	for (const struct exclusion *e = g->option->excludes; e != NULL && e->others != NULL;
	     e++) {
		const struct given *other = find_any(l, e->others);

		if (other != NULL && !is_habit(other) && find_any(l, e->unless) == NULL &&
		    (e->when == NULL || strcmp(e->when, g->arg) == 0))
			return exclude(g, e, other, err);
	}
	return 0;
}

static bool excludes(const struct given_list *l, const struct given *g, const char *name)
{
	for (const struct exclusion *e = g->option->excludes; e != NULL && e->others != NULL;
	     e++)
		if (option_list_has(e->others, name) &&
		    (e->when == NULL || strcmp(e->when, g->arg) == 0))
			return find_asked(l, g->option) != NULL;
	return false;
}

bool given_may_add(const struct given_list *l, const char *name)
{
	const struct given flag = {.option = option_named(bytes_str(name)), .spelling = name};
	struct err ignored;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].option == flag.option || excludes(l, &l->v[i], name))
			return false;
	return check_excluded(l, &flag, &ignored) == 0;
}

static int check_needed(const struct given_list *l, const struct given *g, struct err *err)
{
	const char *names = g->option->needs, *why = g->option->needs_why;
	struct buf what = BUF_INIT;
	const struct given *other = find_any(l, names);
	const struct option *first;

	/* Events in a run file may ask for retries, or may not. */
	if (names == NULL || (other != NULL && !other->implied) ||
	    (option_list_has(names, "command") && l->nwords > 0))
		return 0;
	first = option_named(option_list_next(&names));
	if (first == NULL)
		buf_adds(&what, "a command");
	else
		buf_addf(&what, "%s%s%s%s", g->at.file != NULL ? "" : "--", first->name,
			 first->arg == NULL ? "" : g->at.file != NULL ? ": " : " ",
			 first->arg != NULL ? first->arg : "");
	place_error(g->at, err, "%s needs %s%s%s", g->spelling, buf_cstr(&what),
		    why != NULL ? ": " : "", why != NULL ? why : "");
	buf_clear(&what);
	return -1;
}

/* What a run file says of its own inputs may stay when others are put in their place. */
static int check_inputs(const struct given_list *l, const struct given *g, unsigned inputs,
			struct err *err)
{
	bool fits = g->option->inputs == 0 || g->implied || (g->option->inputs & inputs) != 0 ||
		    (g->at.file != NULL && g->at.file != l->inputs_file);

	return fits ? 0
		    : place_error(g->at, err, "%s %s", g->spelling, g->option->inputs_why);
}

int given_check(const struct given_list *l, unsigned inputs, struct err *err)
{
	const struct option *o;

	for (int check = 0; check < 3; check++) /* a pair says more than an input */
		for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
			const struct given *g = find_asked(l, o);

			if (g == NULL || is_habit(g))
				continue;
			if ((check == 0   ? check_excluded(l, g, err)
			     : check == 1 ? check_needed(l, g, err)
					  : check_inputs(l, g, inputs, err)) < 0)
				return -1;
		}
	return 0;
}

/* --- files */

struct named {
	const char *option, *path;
	enum use use;
	struct place at;
};

struct names {
	struct named *v;
	size_t n, cap;
};

static void add_name(struct names *l, const char *option, const char *path, enum use use,
		     struct place at)
{
	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct named){option, path, use, at};
}

/* May both be one file? */
static bool go_together(enum use a, enum use b)
{
	if (a > b)
		return go_together(b, a);
	return b == USE_READ || b == USE_INPUT || (a == USE_INPUT && b == USE_REPLACE) ||
	       (a != USE_LOCK && b == USE_LOCK);
}

/* The directory that a file is or will be in. */
static int stat_directory(const char *path, const char *name, struct stat *st)
{
	char *dir = name == path ? xstrdup(".") : xmemdup0(path, (size_t)(name - path));
	int result = stat(dir, st);

	free(dir);
	return result;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool given_same_file(const char *a, const char *b)
{
	const char *name_a = last_component(a), *name_b = last_component(b);
	struct stat sa, sb;
	bool there_a = stat(a, &sa) == 0, there_b = stat(b, &sb) == 0;

	if (there_a != there_b)
		return false;
	if (there_a && !S_ISREG(sa.st_mode) && !S_ISDIR(sa.st_mode))
		return false;
	if (!there_a && (strcmp(name_a, name_b) != 0 || stat_directory(a, name_a, &sa) < 0 ||
			 stat_directory(b, name_b, &sb) < 0))
		return false;
	return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int compare_all(const struct names *l, struct err *err)
{
	for (const struct named *a = l->v; a < l->v + l->n; a++)
		for (const struct named *b = a + 1; b < l->v + l->n; b++)
			if (!go_together(a->use, b->use) && given_same_file(a->path, b->path))
				return place_error(b->at.file != NULL ? b->at : a->at, err,
						   "%s %s and %s %s are the same file",
						   a->option, a->path, b->option, b->path);
	return 0;
}

/* -j may name a file or say a number; "-" is standard input. */
static bool names_file(const struct given *g, const struct settings *s)
{
	bool reads = g->option->use == USE_INPUT || g->option->use == USE_READ;

	if (g->option->use == USE_NONE || (reads && strcmp(g->arg, "-") == 0))
		return false;
	return g->option->parse != parse_jobs || s->jobs_file != NULL;
}

int given_check_files(const struct given_list *l, const struct settings *s,
		      struct err *err)
{
	struct names all = {0};
	struct buf part = BUF_INIT;
	int result;

	for (const struct input *in = l->inputs.v; in < l->inputs.v + l->inputs.n; in++)
		if (in->kind == INPUT_FILE && strcmp(in->path, "-") != 0)
			add_name(&all, in->at.file != NULL ? "input" : "::::", in->path,
				 USE_INPUT, in->at);
	for (const struct given *g = l->v; g < l->v + l->n; g++)
		if (names_file(g, s))
			add_name(&all, g->spelling, g->arg, g->option->use, g->at);
	if (s->failed_to != NULL) {
		buf_addf(&part, "%s.part", s->failed_to);
		add_name(&all, "the temporary file of --failed-to", buf_cstr(&part),
			 USE_WRITE, given_find(l, "failed-to")->at);
	}
	result = compare_all(&all, err);
	buf_clear(&part);
	free(all.v);
	return result;
}
