/* SPDX-License-Identifier: ISC */

/* From a compiled line and the values of one job to the shell's arguments: the values
 * are checked against what the line allows, then numbered as variables, which the script
 * refers to.  When every list has one value, the script is the same for all jobs. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "command/shell/check.h"
#include "command/shell/line.h"

/* --- walking over the parts */

static size_t count_values(const struct shell_line *l, const struct shell_values *v,
			   const struct part *p)
{
	const struct shell_marker *m = &l->ids[p->id].marker;

	return m->list && v != NULL ? v->count(v->arg, m->id) : 1;
}

/* How often the word at i is repeated: the lists in it advance together. */
static size_t count_turns(const struct shell_line *l, const struct shell_values *v,
			  size_t i)
{
	size_t end = i + l->parts[i].repeat, turns = 1, n;

	for (size_t j = i; j < end; j++) {
		if (j > i && l->parts[j].repeat > 0) {
			j += l->parts[j].repeat - 1; /* has turns of its own */
			continue;
		}
		n = l->parts[j].repeats ? count_values(l, v, &l->parts[j]) : 1;
		turns = n > turns ? n : turns;
	}
	return turns;
}

struct walk {
	const struct shell_line *l;
	const struct shell_values *v;
	part_fn fn;
	void *arg;
};

static const struct part blank = {.kind = PART_BLANK};

static void walk(const struct walk *w, size_t from, size_t to, size_t index, bool in_word)
{
	for (size_t i = from; i < to; i++) {
		const struct part *p = &w->l->parts[i];
		size_t turns;

		if (p->repeat == 0 || (in_word && i == from)) {
			w->fn(w->arg, p, index);
			continue;
		}
		turns = count_turns(w->l, w->v, i);
		for (size_t turn = 0; turn < turns; turn++) {
			if (turn > 0)
				w->fn(w->arg, &blank, 0);
			walk(w, i, i + p->repeat, turn, true);
		}
		i += p->repeat - 1;
	}
}

void line_walk(const struct shell_line *l, const struct shell_values *v, part_fn fn,
		void *arg)
{
	walk(&(struct walk){l, v, fn, arg}, 0, l->n, 0, false);
}

struct bytes line_value(const struct shell_line *l, const struct shell_values *v,
			 const struct part *p, size_t index, struct arena *a)
{
	size_t n = count_values(l, v, p);
	int id = l->ids[p->id].marker.id;
	struct buf joined = BUF_INIT;
	struct bytes result;

	if (n == 1 || p->repeats)
		return v->get(v->arg, id, index < n ? index : n - 1);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&joined, ' ');
		buf_addb(&joined, v->get(v->arg, id, i));
	}
	result = arena_bytes(a, buf_bytes(&joined));
	buf_clear(&joined);
	return result;
}

/* --- the script */

struct script {
	const struct shell_line *l;
	const struct shell_values *v;
	struct arena *a;
	struct buf body;
	/* The variable that each value is bound to, from 1: numbers[id][index];
	 * after the last value the joined ones. */
	unsigned **numbers;
	char **values; /* by variable, from 0; in the arena */
	size_t n, cap;
};

static char *value_dup(struct script *s, const struct part *p, size_t index)
{
	struct bytes b = line_value(s->l, s->v, p, index, s->a);

	return arena_dup(s->a, b.p, b.len);
}

static unsigned variable(struct script *s, const struct part *p, size_t index)
{
	size_t count = count_values(s->l, s->v, p);
	unsigned **numbers = &s->numbers[p->id], *number;

	if (*numbers == NULL)
		*numbers = xcalloc(count + 1, sizeof **numbers);
	if (count == 1)
		index = 0;
	else if (!p->repeats)
		index = count;
	else if (index >= count)
		index = count - 1;
	number = &(*numbers)[index];
	if (*number == 0) {
		s->values = xgrow(s->values, &s->cap, s->n + 1, sizeof *s->values);
		if (s->v != NULL)
			s->values[s->n] = value_dup(s, p, index);
		*number = (unsigned)++s->n;
	}
	return *number;
}

static void add_reference(struct buf *out, enum quoting q, unsigned n)
{
	static const char *const before[] = {
	    [QUOTING_NONE] = "\"",  [QUOTING_BRACE] = "\"",      [QUOTING_SINGLE] = "'\"",
	    [QUOTING_ANSI] = "'\"", [QUOTING_ARITHMETIC] = NULL, /* and all the others */
	};
	static const char *const after[] = {
	    [QUOTING_NONE] = "\"",       [QUOTING_BRACE] = "\"",
	    [QUOTING_SINGLE] = "\"'",    [QUOTING_ANSI] = "\"$'",
	    [QUOTING_ARITHMETIC] = NULL,
	};

	buf_addf(out, "%s${_volley_%u}%s", before[q] ? before[q] : "", n,
		 after[q] ? after[q] : "");
}

/* Pasted text keeps its meaning even where the here-document around it was
 * rewritten. */
static void add_raw(struct buf *out, const struct part *p, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (p->quoting == QUOTING_HEREDOC_LITERAL && is_one_of(text.p[i], "\\$`"))
			buf_addc(out, '\\');
		buf_addc(out, text.p[i]);
	}
}

static void add_part(void *arg, const struct part *p, size_t index)
{
	struct script *s = arg;

	switch (p->kind) {
	case PART_TEXT:
		buf_add(&s->body, s->l->text.data + p->from, p->to - p->from);
		break;
	case PART_BLANK:
		buf_addc(&s->body, ' ');
		break;
	case PART_REF:
		add_reference(&s->body, p->quoting, variable(s, p, index));
		break;
	case PART_RAW:
		add_raw(&s->body, p, line_value(s->l, s->v, p, index, s->a));
		break;
	}
}

/* The variables are bound first and the positional parameters emptied: the
 * line may use set, shift and functions, and finds $# and $@ as it would
 * without us.  A line that starts with a dash is no option of the shell. */
static void add_script(struct script *s, struct buf *out)
{
	line_walk(s->l, s->v, add_part, s);
	for (size_t i = 1; i <= s->n; i++)
		buf_addf(out, "_volley_%zu=${%zu}%s", i, i, i < s->n ? " " : "; ");
	if (s->n > 0 && s->l->parameters)
		buf_addf(out, "shift %zu; ", s->n);
	else if (s->n > 0)
		buf_adds(out, "set --; ");
	if (s->n == 0 && s->body.len > 0 && is_one_of(s->body.data[0], "-+"))
		buf_addc(out, ' ');
	buf_addb(out, buf_bytes(&s->body));
}

static void script_init(struct script *s, const struct shell_line *l,
			const struct shell_values *v, struct arena *a)
{
	*s = (struct script){.l = l, .v = v, .a = a};
	s->numbers = xcalloc(l->nids + 1, sizeof *s->numbers);
}

static void script_clear(struct script *s)
{
	for (size_t i = 0; i < s->l->nids; i++)
		free(s->numbers[i]);
	free(s->numbers);
	free(s->values);
	buf_clear(&s->body);
}

char *line_constant_script(const struct shell_line *l)
{
	struct buf out = BUF_INIT;
	struct script s;

	script_init(&s, l, NULL, NULL);
	add_script(&s, &out);
	script_clear(&s);
	return buf_cstr(&out);
}

/* --- one job */

static bool is_constant(const struct shell_line *l, const struct shell_values *v)
{
	for (size_t i = 0; i < l->nids; i++)
		if (l->ids[i].marker.list && v->count(v->arg, l->ids[i].marker.id) != 1)
			return false;
	return l->script != NULL;
}

/* "-c", the script, $0, nvalues values to fill in, and the parameters. */
static char **new_argv(const struct shell_line *l, const struct shell_values *v,
		       struct arena *a, char *script, size_t nvalues, size_t *argc)
{
	char *const *more = v != NULL ? v->parameters : NULL;
	size_t n = 0;
	char **argv;

	while (more != NULL && more[n] != NULL)
		n++;
	argv = arena_calloc(a, nvalues + n + 4, sizeof *argv);
	argv[0] = arena_str(a, "-c");
	argv[1] = script;
	argv[2] = n > 0 ? more[0] : l->name;
	if (n > 1)
		memcpy(argv + 3 + nvalues, more + 1, (n - 1) * sizeof *argv);
	*argc = nvalues + 3 + (n > 0 ? n - 1 : 0);
	return argv;
}

void line_build(const struct shell_line *l, const struct shell_values *v,
		 struct arena *a, char ***argv, size_t *argc)
{
	struct buf out = BUF_INIT;
	struct script s;

	if (is_constant(l, v)) {
		*argv = new_argv(l, v, a, l->script, l->nids, argc);
		for (size_t i = 0; i < l->nids; i++) {
			struct bytes b = v->get(v->arg, l->ids[i].marker.id, 0);

			(*argv)[3 + i] = arena_dup(a, b.p, b.len);
		}
		return;
	}
	script_init(&s, l, v, a);
	add_script(&s, &out);
	*argv = new_argv(l, v, a, arena_dup(a, out.data, out.len), s.n, argc);
	if (s.n > 0)
		memcpy(*argv + 3, s.values, s.n * sizeof *s.values);
	script_clear(&s);
	buf_clear(&out);
}

/* --- checking the values of one job */

static int check_part(const struct shell_line *l, const struct shell_values *v,
		      const struct part *p, struct arena *a, struct err *err)
{
	const struct shell_id *id = &l->ids[p->id];
	size_t n = p->repeats ? count_values(l, v, p) : 1;

	for (size_t i = 0; i < n && !id->marker.waived; i++)
		if (value_check_place(p->checks, &l->dialect, id->name,
				      line_value(l, v, p, i, a), err) < 0)
			return -1;
	return 0;
}

static int check_id(const struct shell_line *l, const struct shell_id *id, struct bytes b,
		    struct err *err)
{
	char what[256];

	if (b.len > 0 && memchr(b.p, '\0', b.len) != NULL)
		return err_set(err,
			       "value of %s holds a NUL byte, which no command can be given",
			       id->name);
	if (id->marker.waived || id->marker.number || id->marker.raw)
		return 0;
	snprintf(what, sizeof what, "value of %s", id->name);
	return shell_check_value(l, what, id->name, b, err);
}

static int check_values(const struct shell_line *l, const struct shell_values *v,
			struct arena *a, struct err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i].checks != 0 && check_part(l, v, &l->parts[i], a, err) < 0)
			return -1;
	for (size_t i = 0; i < l->nids; i++) {
		size_t n = l->ids[i].marker.list ? v->count(v->arg, l->ids[i].marker.id) : 1;

		for (size_t k = 0; k < n; k++)
			if (check_id(l, &l->ids[i], v->get(v->arg, l->ids[i].marker.id, k), err) < 0)
				return -1;
	}
	return 0;
}

/* {X} as {X:eval}. */
static const char *waiver(const char *name, char *text, size_t size)
{
	size_t n = name != NULL ? strlen(name) : 0;
	const char *colon = n > 0 ? strchr(name, ':') : NULL;

	if (n < 2 || name[0] != '{' || name[n - 1] != '}')
		return "{:eval}";
	snprintf(text, size, "%.*s:eval}",
		 (int)(colon != NULL ? (size_t)(colon - name) : n - 1), name);
	return text;
}

int shell_check_value(const struct shell_line *l, const char *what, const char *placeholder,
		      struct bytes b, struct err *err)
{
	char text[256];
	size_t at;

	if (value_is_harmless(l->verdict.class, b, &at))
		return 0;
	return value_refuse(&l->verdict, &l->dialect, what,
			    waiver(placeholder, text, sizeof text), b, at, err);
}

int shell_bind(const struct shell_line *l, const struct shell_values *v, struct arena *a,
	       char ***argv, size_t *argc, struct err *err)
{
	if (check_values(l, v, a, err) < 0)
		return -1;
	line_build(l, v, a, argv, argc);
	return 0;
}
