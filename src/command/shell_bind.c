/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "command/shell_internal.h"

/* --- walking over the parts */

static size_t count_values(const struct shell_line *l, const struct shell_values *v,
			   const struct part *p)
{
	return p->list && v != NULL ? v->count(v->arg, l->ids[p->id].id) : 1;
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

void shell_walk(const struct shell_line *l, const struct shell_values *v, part_fn fn,
		void *arg)
{
	walk(&(struct walk){l, v, fn, arg}, 0, l->n, 0, false);
}

struct bytes shell_value(const struct shell_line *l, const struct shell_values *v,
			 const struct part *p, size_t index, struct arena *a)
{
	size_t n = count_values(l, v, p);
	int id = l->ids[p->id].id;
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
	 * behind the last value the joined ones. */
	unsigned **numbers;
	char **values; /* by variable, from 0; in the arena */
	size_t n, cap;
};

static char *value_dup(struct script *s, const struct part *p, size_t index)
{
	struct bytes b = shell_value(s->l, s->v, p, index, s->a);

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
		add_raw(&s->body, p, shell_value(s->l, s->v, p, index, s->a));
		break;
	}
}

/* The variables are bound first and the positional parameters emptied: the
 * line may use set, shift and functions, and finds $# and $@ as it would
 * without us.  A line that starts with a dash is no option of the shell. */
static void add_script(struct script *s, struct buf *out)
{
	shell_walk(s->l, s->v, add_part, s);
	for (size_t i = 1; i <= s->n; i++)
		buf_addf(out, "_volley_%zu=${%zu}%s", i, i,
			 i < s->n ? " " : "; set --; ");
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

char *shell_constant_script(const struct shell_line *l)
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
		if (l->ids[i].list && v->count(v->arg, l->ids[i].id) != 1)
			return false;
	return l->script != NULL;
}

static char **new_argv(struct arena *a, char *script, size_t nvalues, size_t *argc)
{
	char **argv = arena_calloc(a, nvalues + 4, sizeof *argv);

	argv[0] = arena_str(a, "-c");
	argv[1] = script;
	argv[2] = arena_str(a, "volley");
	*argc = nvalues + 3;
	return argv;
}

void shell_build(const struct shell_line *l, const struct shell_values *v,
		 struct arena *a, char ***argv, size_t *argc)
{
	struct buf out = BUF_INIT;
	struct script s;

	if (is_constant(l, v)) {
		*argv = new_argv(a, l->script, l->nids, argc);
		for (size_t i = 0; i < l->nids; i++) {
			struct bytes b = v->get(v->arg, l->ids[i].id, 0);

			(*argv)[3 + i] = arena_dup(a, b.p, b.len);
		}
		return;
	}
	script_init(&s, l, v, a);
	add_script(&s, &out);
	*argv = new_argv(a, arena_dup(a, out.data, out.len), s.n, argc);
	if (s.n > 0)
		memcpy(*argv + 3, s.values, s.n * sizeof *s.values);
	script_clear(&s);
	buf_clear(&out);
}

/* --- what a value must be */

static bool is_hex(struct bytes b)
{
	if (b.len < 3 || b.p[0] != '0' || (b.p[1] != 'x' && b.p[1] != 'X'))
		return false;
	for (size_t i = 2; i < b.len; i++)
		if (!isxdigit((unsigned char)b.p[i]))
			return false;
	return true;
}

static size_t skip_digits(struct bytes *b)
{
	size_t n = 0;

	while (n < b->len && b->p[n] >= '0' && b->p[n] <= '9')
		n++;
	b->p += n;
	b->len -= n;
	return n;
}

static void skip_sign(struct bytes *b)
{
	if (b->len > 0 && (*b->p == '+' || *b->p == '-')) {
		b->p++;
		b->len--;
	}
}

static bool is_integer(struct bytes b)
{
	skip_sign(&b);
	return is_hex(b) || (skip_digits(&b) > 0 && b.len == 0);
}

/* An integer, or 1.5, .5, 1e-3. */
static bool is_number(struct bytes b)
{
	size_t digits;

	if (is_integer(b))
		return true;
	skip_sign(&b);
	digits = skip_digits(&b);
	if (b.len > 0 && *b.p == '.') {
		b.p++;
		b.len--;
		digits += skip_digits(&b);
	}
	if (digits > 0 && b.len > 0 && (*b.p == 'e' || *b.p == 'E')) {
		b.p++;
		b.len--;
		skip_sign(&b);
		digits = skip_digits(&b);
	}
	return digits > 0 && b.len == 0;
}

static int wrong_value(struct err *err, const char *name, const char *what,
		       struct bytes b)
{
	enum { SHOWN = 60 };
	size_t n = b.len;

	if (n > SHOWN) /* but not half a character */
		for (n = SHOWN; n > SHOWN - 4 && ((unsigned char)b.p[n] & 0xc0) == 0x80;)
			n--;
	return err_set(err, "value of %s %s: '%.*s%s'", name, what, (int)n,
		       n > 0 ? b.p : "", n < b.len ? "..." : "");
}

static int check_value(unsigned checks, const char *name, struct bytes b, struct err *err)
{
	if ((checks & CHECK_INTEGER) && !is_integer(b))
		return wrong_value(err, name,
				   "is used in arithmetic and is not an integer", b);
	if ((checks & CHECK_NUMBER) && !is_number(b))
		return wrong_value(err, name, "is printed as a number and is not one", b);
	if ((checks & CHECK_NO_ARRAY) && b.len > 0 && *b.p == '(')
		return wrong_value(err, name, "begins with '(', an array for the shell",
				   b);
	return 0;
}

static int check_part(const struct shell_line *l, const struct shell_values *v,
		      const struct part *p, struct arena *a, struct err *err)
{
	const char *name = l->ids[p->id].name;
	size_t n = p->repeats ? count_values(l, v, p) : 1;

	for (size_t i = 0; i < n; i++)
		if (check_value(p->checks, name, shell_value(l, v, p, i, a), err) < 0)
			return -1;
	return 0;
}

static int check_values(const struct shell_line *l, const struct shell_values *v,
			struct arena *a, struct err *err)
{
	for (size_t i = 0; i < l->nids; i++) {
		size_t n = l->ids[i].list ? v->count(v->arg, l->ids[i].id) : 1;

		for (size_t k = 0; k < n; k++) {
			struct bytes b = v->get(v->arg, l->ids[i].id, k);

			if (b.len > 0 && memchr(b.p, '\0', b.len) != NULL)
				return err_set(err,
					       "value of %s holds a NUL byte, which no "
					       "command can be given",
					       l->ids[i].name);
		}
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i].checks != 0 && check_part(l, v, &l->parts[i], a, err) < 0)
			return -1;
	return 0;
}

int shell_bind(const struct shell_line *l, const struct shell_values *v, struct arena *a,
	       char ***argv, size_t *argc, struct err *err)
{
	if (check_values(l, v, a, err) < 0)
		return -1;
	shell_build(l, v, a, argv, argc);
	return 0;
}
