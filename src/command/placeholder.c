/* SPDX-License-Identifier: ISC */

/* A placeholder is matched against the first event, since that says which names are
 * fields; most errors are found there, before the first job.  Its value comes from the
 * events of each job, where a batch is a list of values.  At the end are words, which
 * are texts with placeholders in them. */

#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "command/placeholder.h"
#include "command/quote.h"
#include "event/reader.h"

struct value {
	struct bytes text;
	enum value_kind kind;
};

/* --- columns: {N} counts the values of all sources, each split into columns */

/* A mapping beside other items counts as one value; alone, its fields count. */
static bool has_columns(const struct item *item, bool alone)
{
	return item->fields != NULL && (alone || item->text.p != NULL);
}

static bool is_alone(const struct bindings *b)
{
	return b->nevents == 1 && b->events[0]->nitems == 1;
}

static size_t item_columns(const struct item *item, bool alone)
{
	return has_columns(item, alone) ? item->nfields : 1;
}

static size_t count_columns(const struct bindings *b)
{
	size_t n = 0;

	for (size_t e = 0; e < b->nevents; e++)
		for (size_t i = 0; i < b->events[e]->nitems; i++)
			n += item_columns(&b->events[e]->items[i], is_alone(b));
	return n;
}

/* A mapping without a text of its own, as a line with named columns has one. */
static bool has_mapping(const struct event *e)
{
	for (size_t i = 0; i < e->nitems; i++)
		if (e->items[i].text.p == NULL)
			return true;
	return false;
}

/* Lines split into columns may differ in length: columns that one lacks are empty. */
static bool is_columned(const struct event *e)
{
	for (size_t i = 0; i < e->nitems; i++)
		if (e->items[i].fields != NULL && e->items[i].text.p != NULL)
			return true;
	return false;
}

static struct value whole_item(const struct item *item, struct arena *a)
{
	return (struct value){item_text(item, a),
			      item->text.p != NULL ? item->kind : VALUE_JSON};
}

static struct value column_of(const struct item *item, bool alone, size_t n,
			      struct arena *a)
{
	if (!has_columns(item, alone))
		return whole_item(item, a);
	return (struct value){item->fields[n].value, item->fields[n].kind};
}

static struct value find_column(const struct bindings *b, int nth, struct arena *a)
{
	size_t total = count_columns(b), left;

	if (nth < 0 && (size_t)-nth > total)
		return (struct value){{"", 0}, VALUE_TEXT};
	left = nth < 0 ? total - (size_t)-nth : (size_t)nth - 1;
	for (size_t e = 0; e < b->nevents; e++) {
		for (size_t i = 0; i < b->events[e]->nitems; i++) {
			const struct item *item = &b->events[e]->items[i];
			size_t columns = item_columns(item, is_alone(b));

			if (left < columns)
				return column_of(item, is_alone(b), left, a);
			left -= columns;
		}
	}
	return (struct value){{"", 0}, VALUE_TEXT};
}

/* --- matching */

/* Names with single dots and hyphens between them: a path into nested mappings,
 * or a key that looks like one.  "a..z" is a range for the shell. */
static bool is_identifier(struct bytes s)
{
	bool after_mark = true;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool mark = c == '.' || c == '-';

		if (mark ? after_mark : !isalnum(c) && c != '_')
			return false;
		after_mark = mark;
	}
	return !after_mark && !isdigit((unsigned char)s.p[0]);
}

static bool cut_suffix(struct bytes *s, const char *suffix)
{
	size_t len = strlen(suffix);

	if (s->len < len || memcmp(s->p + s->len - len, suffix, len) != 0)
		return false;
	s->len -= len;
	return true;
}

/* Take the modifiers off the end of the text between the braces. */
static struct bytes cut_modifiers(struct bytes inner, struct placeholder *p)
{
	const char *at = memmem(inner.p, inner.len, ":-", 2);

	if (at != NULL) {
		p->has_fallback = true;
		p->fallback.p = at + 2;
		p->fallback.len = (size_t)(inner.p + inner.len - p->fallback.p);
		inner.len = (size_t)(at - inner.p);
	}
	if (cut_suffix(&inner, ":raw"))
		p->form = FORM_RAW;
	else if (cut_suffix(&inner, ":sh"))
		p->form = FORM_SH;
	else if (cut_suffix(&inner, ":json"))
		p->form = FORM_JSON;
	else if (cut_suffix(&inner, ":eval"))
		p->form = FORM_EVAL;
	return inner;
}

static struct bytes cut_part(struct bytes s, enum placeholder_part *part)
{
	static const struct {
		const char *suffix;
		enum placeholder_part part;
	} parts[] = {{"/.", PART_STEM},
		     {"//", PART_DIRNAME},
		     {"/", PART_BASENAME},
		     {".", PART_NO_EXTENSION}};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (cut_suffix(&s, parts[i].suffix)) {
			*part = parts[i].part;
			return s;
		}
	}
	return s;
}

/* A number as in {2} or {-1}; 0 when it is none or absurd. */
static int parse_nth(struct bytes s)
{
	int n = 0, sign = 1;
	size_t i = 0;

	if (s.len > 0 && s.p[0] == '-') {
		sign = -1;
		i = 1;
	}
	if (i == s.len || s.len > 7)
		return 0;
	for (; i < s.len; i++) {
		if (!isdigit((unsigned char)s.p[i]))
			return 0;
		n = n * 10 + (s.p[i] - '0');
	}
	return sign * n;
}

/* {#} {%} {##} {0#} {0%}: the signs of the run, not of the event. */
static bool match_sign(struct bytes inner, struct placeholder *p)
{
	static const struct {
		const char *text;
		enum placeholder_what what;
		bool padded;
	} signs[] = {{"#", PLACEHOLDER_SEQ, false},
		     {"%", PLACEHOLDER_SLOT, false},
		     {"##", PLACEHOLDER_TOTAL, false},
		     {"0#", PLACEHOLDER_SEQ, true},
		     {"0%", PLACEHOLDER_SLOT, true}};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		if (bytes_is(inner, signs[i].text)) {
			p->what = signs[i].what;
			p->padded = signs[i].padded;
			return true;
		}
	}
	return false;
}

static bool has_field(const struct event *e, struct bytes name)
{
	struct arena *a = arena_new();
	struct field ignored;
	bool found = event_find(e, name, a, &ignored);

	arena_free(a);
	return found;
}

static bool match_field(const struct placeholder_scope *scope, struct bytes inner,
			struct placeholder *p)
{
	enum placeholder_part part = PART_ALL;
	struct bytes base = cut_part(inner, &part);

	p->what = PLACEHOLDER_FIELD;
	p->name = inner;
	p->part = PART_ALL;
	if (has_field(scope->first, inner))
		return true;
	p->name = base;
	p->part = part;
	if (has_field(scope->first, base))
		return true;
	if (!event_has_names(scope->first))
		return false;
	if (is_identifier(base))
		return true;
	/* {.name}: what is asked of a name is written after it */
	p->name = inner;
	p->part = PART_ALL;
	return inner.len > 1 && *inner.p == '.' &&
	       is_identifier((struct bytes){inner.p + 1, inner.len - 1});
}

static bool match_inner(const struct placeholder_scope *scope, struct bytes inner,
			struct placeholder *p)
{
	struct bytes base;

	inner = cut_modifiers(inner, p);
	if (match_sign(inner, p))
		return true;
	base = cut_part(inner, &p->part);
	if (base.len == 0) {
		p->what = PLACEHOLDER_EVENT;
		/* Under -I the plain {} is text, {.} and the like are not. */
		return scope->replace == NULL || inner.len > 0;
	}
	p->nth = parse_nth(base);
	if (p->nth != 0) {
		p->what = PLACEHOLDER_NTH;
		return true;
	}
	return match_field(scope, inner, p);
}

/* --- checks against the first event */

static void list_fields(const struct event *e, struct buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < e->nitems; i++) {
		for (size_t f = 0; f < e->items[i].nfields; f++) {
			if (e->items[i].fields[f].name.p == NULL)
				continue;
			if (out->len > start + 400) {
				buf_adds(out, ", ...");
				return;
			}
			buf_adds(out, out->len > start ? ", " : "");
			buf_addb(out, e->items[i].fields[f].name);
		}
	}
}

/* The field that is a list of events with this field; NULL: there is none. */
static const struct field *list_with(const struct event *e, struct bytes name)
{
	const struct field *found = NULL;
	struct arena *arena = arena_new();
	struct buf path = BUF_INIT;
	struct field first;

	buf_adds(&path, "0.");
	buf_addb(&path, name);
	for (size_t i = 0; i < e->nitems; i++)
		for (size_t k = 0; k < e->items[i].nfields && found == NULL; k++) {
			const struct field *f = &e->items[i].fields[k];

			if (f->name.p != NULL && f->kind == VALUE_JSON &&
			    *f->value.p == '[' &&
			    json_walk(f->value, buf_bytes(&path), arena, &first))
				found = f;
		}
	buf_clear(&path);
	arena_free(arena);
	return found;
}

static int unknown_field(const struct placeholder_scope *scope,
			 const struct placeholder *p, struct err *err)
{
	const struct field *list = list_with(scope->first, p->name);
	const char *other = event_header_hint(scope->first);
	struct buf phrase = BUF_INIT;

	buf_addf(&phrase, "%.*s: no field '%.*s' in the events (fields: ",
		 (int)p->spelling.len, p->spelling.p, (int)p->name.len, p->name.p);
	list_fields(scope->first, &phrase);
	if (list != NULL)
		buf_addf(&phrase,
			 "); it is in the list '%.*s', whose members are the events with "
			 "--path %.*s",
			 (int)list->name.len, list->name.p, (int)list->name.len,
			 list->name.p);
	else
		buf_addf(&phrase, "); %s%s%sor the text itself write \\%.*s",
			 other != NULL ? "use " : "", other != NULL ? other : "",
			 other != NULL ? "? F" : "f", (int)p->spelling.len,
			 p->spelling.p);
	err_usage(err, "%s", buf_cstr(&phrase));
	buf_clear(&phrase);
	return -1;
}

static int check_nth(const struct placeholder_scope *scope, const struct placeholder *p,
		     struct err *err)
{
	struct bindings one = {.events = &scope->first, .nevents = 1};
	size_t have = count_columns(&one), want = (size_t)(p->nth < 0 ? -p->nth : p->nth);

	if (p->has_fallback || scope->batched || want <= have || is_columned(scope->first))
		return 0;
	return err_usage(err, "%.*s: an event has only %zu value%s here; for the text itself "
			 "write \\%.*s",
			 (int)p->spelling.len, p->spelling.p, have, have == 1 ? "" : "s",
			 (int)p->spelling.len, p->spelling.p);
}

static int check(const struct placeholder_scope *scope, const struct placeholder *p,
		 struct err *err)
{
	switch (p->what) {
	case PLACEHOLDER_FIELD:
		if (!p->has_fallback && !has_field(scope->first, p->name))
			return unknown_field(scope, p, err);
		return 0;
	case PLACEHOLDER_NTH:
		return check_nth(scope, p, err);
	case PLACEHOLDER_EVENT:
		if (p->part != PART_ALL && has_mapping(scope->first))
			return err_usage(err,
					 "%.*s: a mapping has no path; name a field: {name%.*s",
					 (int)p->spelling.len, p->spelling.p,
					 (int)p->spelling.len - 1, p->spelling.p + 1);
		return 0;
	case PLACEHOLDER_SEQ:
	case PLACEHOLDER_TOTAL:
		if ((p->padded || p->what == PLACEHOLDER_TOTAL) && !scope->total_known)
			return err_usage(err,
					 "%.*s: the number of events is not known before the "
					 "first job; read them from a file, or give them "
					 "with ':::'",
					 (int)p->spelling.len, p->spelling.p);
		return 0;
	case PLACEHOLDER_SLOT:
		return 0;
	}
	return 0;
}

/* A worker is not a job: it has a slot, and no other value. */
static int refuse(const struct placeholder *p, struct err *err)
{
	return err_usage(err,
			 "'%.*s' has no value here: a worker is started once, for all "
			 "events, and reads them from its stdin (for the text itself, "
			 "write \\%.*s)",
			 (int)p->spelling.len, p->spelling.p, (int)p->spelling.len,
			 p->spelling.p);
}

/* {name} is text: but the events may be lines only because no format was given. */
static int check_format(const struct placeholder_scope *scope, const struct placeholder *p,
			struct err *err)
{
	for (size_t i = 0; i < scope->first->nitems; i++) {
		const struct item *item = &scope->first->items[i];
		struct format_guess g;

		if (item->guessed && is_identifier(p->name) &&
		    format_guess(item->text, p->name, &g))
			return err_usage(err,
					 "%.*s: the events are read as lines, but the first "
					 "looks like %s; use %s (for the text itself, write "
					 "\\%.*s)",
					 (int)p->spelling.len, p->spelling.p, g.what, g.option,
					 (int)p->spelling.len, p->spelling.p);
	}
	return 0;
}

int placeholder_match(const struct placeholder_scope *scope, struct bytes s,
		      struct placeholder *p, struct err *err)
{
	const char *end;
	size_t len;

	*p = (struct placeholder){.what = PLACEHOLDER_EVENT};
	if (scope->replace != NULL) {
		len = strlen(scope->replace);
		if (s.len >= len && memcmp(s.p, scope->replace, len) == 0) {
			p->spelling = (struct bytes){s.p, len};
			return scope->no_event ? refuse(p, err) : (int)len;
		}
	}
	if (s.len == 0 || s.p[0] != '{' || (end = memchr(s.p, '}', s.len)) == NULL)
		return 0;
	len = (size_t)(end + 1 - s.p);
	p->spelling = (struct bytes){s.p, len};
	if (!match_inner(scope, (struct bytes){s.p + 1, len - 2}, p))
		return check_format(scope, p, err);
	if (scope->no_event && p->what != PLACEHOLDER_SLOT)
		return refuse(p, err);
	if (check(scope, p, err) < 0)
		return -1;
	return (int)len;
}

/* --- values */

/* Without the last ".xxx" of the last component, as GNU parallel has it:
 * ".hidden" becomes empty, "a.b/c" stays. */
static struct bytes without_extension(struct bytes s)
{
	for (size_t i = s.len; i > 0 && s.p[i - 1] != '/'; i--)
		if (s.p[i - 1] == '.')
			return (struct bytes){s.p, i - 1};
	return s;
}

static struct bytes basename_of(struct bytes s)
{
	const char *slash = memrchr(s.p, '/', s.len);

	if (slash == NULL)
		return s;
	return (struct bytes){slash + 1, (size_t)(s.p + s.len - slash - 1)};
}

/* As dirname(1): "/x" has "/", "x" and "x/" have ".". */
static struct bytes dirname_of(struct bytes s)
{
	while (s.len > 1 && s.p[s.len - 1] == '/')
		s.len--;
	if (memchr(s.p, '/', s.len) == NULL)
		return bytes_str(".");
	while (s.p[s.len - 1] != '/')
		s.len--;
	while (s.len > 1 && s.p[s.len - 1] == '/')
		s.len--;
	return s;
}

static struct bytes part_of(struct bytes s, enum placeholder_part part)
{
	switch (part) {
	case PART_ALL:
		break;
	case PART_NO_EXTENSION:
		return without_extension(s);
	case PART_BASENAME:
		return basename_of(s);
	case PART_DIRNAME:
		return dirname_of(s);
	case PART_STEM:
		return without_extension(basename_of(s));
	}
	return s;
}

static struct bytes number(uint64_t n, uint64_t widest, bool padded, struct arena *a)
{
	char text[24];
	int width = padded ? snprintf(NULL, 0, "%llu", (unsigned long long)widest) : 0;
	int len = snprintf(text, sizeof text, "%0*llu", width, (unsigned long long)n);

	return (struct bytes){arena_dup(a, text, (size_t)len), (size_t)len};
}

/* All items of an event: each in the asked part, joined by a blank. */
static struct value event_value(const struct expansion *x, const struct placeholder *p,
				const struct event *e)
{
	struct buf all = BUF_INIT;
	struct value v;

	if (e->nitems == 1) {
		v = whole_item(&e->items[0], x->arena);
		v.text = part_of(v.text, p->part);
		return v;
	}
	for (size_t i = 0; i < e->nitems; i++) {
		buf_adds(&all, i > 0 ? " " : "");
		buf_addb(&all, part_of(item_text(&e->items[i], x->arena), p->part));
	}
	v = (struct value){arena_bytes(x->arena, buf_bytes(&all)), VALUE_TEXT};
	buf_clear(&all);
	return v;
}

static struct value split_value(const struct expansion *x, const struct placeholder *p,
				size_t index)
{
	const struct event *const *e = x->job->events;
	struct value v;

	while (index >= (*e)->nitems)
		index -= (*e++)->nitems;
	v = whole_item(&(*e)->items[index], x->arena);
	v.text = part_of(v.text, p->part);
	return v;
}

static int field_value(const struct expansion *x, const struct placeholder *p,
		       const struct event *e, struct value *v)
{
	struct field f = {.value = {"", 0}, .kind = VALUE_TEXT};

	if (!event_find(e, p->name, x->arena, &f) && !p->has_fallback)
		return err_set(x->err, "no field '%.*s' in this event", (int)p->name.len,
			       p->name.p);
	*v = (struct value){part_of(f.value, p->part), f.kind};
	if (p->part != PART_ALL)
		v->kind = VALUE_TEXT; /* a part of JSON is not JSON */
	return 0;
}

static int plain_value(const struct expansion *x, const struct placeholder *p, size_t index,
		       struct value *v)
{
	const struct bindings *job = x->job;

	switch (p->what) {
	case PLACEHOLDER_EVENT:
		if (p->part != PART_ALL && has_mapping(job->events[0]))
			return err_set(x->err, "%.*s: a mapping has no path",
				       (int)p->spelling.len, p->spelling.p);
		*v = p->split ? split_value(x, p, index)
			      : event_value(x, p, job->events[index]);
		return 0;
	case PLACEHOLDER_NTH:
		*v = find_column(job, p->nth, x->arena);
		v->text = part_of(v->text, p->part);
		return 0;
	case PLACEHOLDER_FIELD:
		return field_value(x, p, job->events[index], v);
	case PLACEHOLDER_SEQ:
		v->text = number(job->seq, job->total, p->padded, x->arena);
		return 0;
	case PLACEHOLDER_SLOT:
		v->text = number(job->slot, job->slots, p->padded, x->arena);
		return 0;
	case PLACEHOLDER_TOTAL:
		v->text = number(job->total, 0, false, x->arena);
		return 0;
	}
	return 0;
}

size_t placeholder_count(const struct placeholder *p, const struct bindings *job)
{
	size_t n = 0;

	if (p->what != PLACEHOLDER_EVENT && p->what != PLACEHOLDER_FIELD)
		return 1;
	if (!p->split)
		return job->nevents;
	for (size_t e = 0; e < job->nevents; e++)
		n += job->events[e]->nitems;
	return n;
}

int placeholder_value(const struct expansion *x, const struct placeholder *p, size_t index,
		      struct bytes *value)
{
	struct buf text = BUF_INIT;
	struct value v = {{"", 0}, VALUE_BARE};

	if (plain_value(x, p, index, &v) < 0)
		return -1;
	if (v.text.len == 0 && p->has_fallback)
		v = (struct value){p->fallback, VALUE_TEXT};
	*value = v.text;
	if (p->form != FORM_SH && p->form != FORM_JSON)
		return 0;
	if (p->form == FORM_SH)
		quote_always(&text, v.text);
	else
		json_add_value(&text, v.text, v.kind);
	*value = arena_bytes(x->arena, buf_bytes(&text));
	buf_clear(&text);
	return 0;
}

/* --- words */

int placeholders_add(struct placeholders *all, const struct placeholder *p)
{
	all->v = xgrow(all->v, &all->cap, all->n + 1, sizeof *all->v);
	all->v[all->n] = *p;
	return (int)all->n++;
}

static void add_piece(struct word *w, struct bytes text, int id)
{
	if (text.p != NULL && text.len == 0)
		return;
	w->pieces[w->n++] = (struct word_piece){text, id};
}

int word_compile(const struct placeholder_scope *scope, const char *text,
		 struct word *out, struct err *err)
{
	const char *end = text + strlen(text), *from = text, *at = text;
	struct placeholder p;

	/* Each placeholder ends a text and takes at least one byte. */
	out->pieces = arena_alloc(scope->arena, (strlen(text) + 1) * sizeof *out->pieces);
	out->n = 0;
	while (at < end) {
		bool escaped = *at == '\\';
		struct bytes rest = {at + escaped, (size_t)(end - at - escaped)};
		int len = placeholder_match(scope, rest, &p, err);

		if (len < 0 && !escaped)
			return -1;
		if (len == 0) {
			at++;
			continue;
		}
		add_piece(out, (struct bytes){from, (size_t)(at - from)}, -1);
		if (escaped) {
			from = at + 1;
			at = from + (len > 0 ? len : 1);
			continue;
		}
		p.split = p.what == PLACEHOLDER_EVENT && at == text && at + len == end;
		add_piece(out, (struct bytes){NULL, 0}, placeholders_add(scope->placeholders, &p));
		from = at += len;
	}
	add_piece(out, (struct bytes){from, (size_t)(end - from)}, -1);
	return 0;
}

int word_compile_text(const struct placeholder_scope *scope, const char *text,
		      struct word *out, struct err *err)
{
	struct placeholders *all = scope->placeholders;
	size_t from = all->n;

	if (word_compile(scope, text, out, err) < 0)
		return -1;
	for (size_t i = from; i < all->n; i++)
		all->v[i].split = false;
	return 0;
}

void word_event(const struct placeholder_scope *scope, struct word *out)
{
	struct placeholder p = {
	    .what = PLACEHOLDER_EVENT, .split = true, .spelling = {"{}", 2}};

	out->pieces = arena_alloc(scope->arena, sizeof *out->pieces);
	out->n = 0;
	add_piece(out, (struct bytes){NULL, 0}, placeholders_add(scope->placeholders, &p));
}

bool word_has_placeholder(const struct word *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->pieces[i].text.p == NULL)
			return true;
	return false;
}

size_t word_count(const struct expansion *x, const struct word *w)
{
	size_t most = 1;

	for (size_t i = 0; i < w->n; i++) {
		if (w->pieces[i].text.p == NULL) {
			size_t n = placeholder_count(&x->placeholders[w->pieces[i].id], x->job);

			if (n > most)
				most = n;
		}
	}
	return most;
}

int word_add(const struct expansion *x, const struct word *w, size_t index, struct buf *out)
{
	for (size_t i = 0; i < w->n; i++) {
		struct bytes value = w->pieces[i].text;

		if (value.p == NULL) {
			const struct placeholder *p = &x->placeholders[w->pieces[i].id];
			size_t n = placeholder_count(p, x->job);

			if (placeholder_value(x, p, index < n ? index : n - 1, &value) < 0)
				return -1;
		}
		buf_addb(out, value);
	}
	return 0;
}

char *word_expand(const struct expansion *x, const struct word *w, size_t index)
{
	struct buf text = BUF_INIT;
	char *word = NULL;

	if (word_add(x, w, index, &text) < 0)
		goto out;
	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL) {
		err_set(x->err, "a value holds a NUL byte, which no argument can");
		goto out;
	}
	word = arena_dup(x->arena, text.data, text.len);
out:
	buf_clear(&text);
	return word;
}

int word_add_all(const struct expansion *x, const struct word *w, char between,
		 struct buf *out)
{
	size_t n = word_count(x, w);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, between);
		if (word_add(x, w, i, out) < 0)
			return -1;
	}
	return 0;
}
