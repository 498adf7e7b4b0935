/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "command/words.h"

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

int word_compile(const char *text, const struct placeholder_scope *scope,
		 struct placeholders *all, struct arena *a, struct word *out,
		 struct err *err)
{
	const char *end = text + strlen(text), *from = text, *at = text;
	struct placeholder p;

	/* Each placeholder ends a text and takes at least one byte. */
	out->pieces = arena_alloc(a, (strlen(text) + 1) * sizeof *out->pieces);
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
		add_piece(out, (struct bytes){NULL, 0}, placeholders_add(all, &p));
		from = at += len;
	}
	add_piece(out, (struct bytes){from, (size_t)(end - from)}, -1);
	return 0;
}

int word_compile_text(const char *text, const struct placeholder_scope *scope,
		      struct placeholders *all, struct arena *a, struct word *out,
		      struct err *err)
{
	size_t from = all->n;

	if (word_compile(text, scope, all, a, out, err) < 0)
		return -1;
	for (size_t i = from; i < all->n; i++)
		all->v[i].split = false;
	return 0;
}

void word_event(struct placeholders *all, struct arena *a, struct word *out)
{
	struct placeholder p = {
	    .what = PLACEHOLDER_EVENT, .split = true, .spelling = {"{}", 2}};

	out->pieces = arena_alloc(a, sizeof *out->pieces);
	out->n = 0;
	add_piece(out, (struct bytes){NULL, 0}, placeholders_add(all, &p));
}

bool word_has_placeholder(const struct word *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->pieces[i].text.p == NULL)
			return true;
	return false;
}

size_t word_count(const struct word *w, const struct placeholders *all,
		  const struct bindings *b)
{
	size_t most = 1;

	for (size_t i = 0; i < w->n; i++) {
		if (w->pieces[i].text.p == NULL) {
			size_t n = placeholder_count(&all->v[w->pieces[i].id], b);

			if (n > most)
				most = n;
		}
	}
	return most;
}

int word_add(const struct word *w, const struct placeholders *all,
	     const struct bindings *b, size_t index, struct arena *a, struct buf *out,
	     struct err *err)
{
	for (size_t i = 0; i < w->n; i++) {
		struct bytes value = w->pieces[i].text;

		if (value.p == NULL) {
			const struct placeholder *p = &all->v[w->pieces[i].id];
			size_t n = placeholder_count(p, b);

			if (placeholder_value(p, b, index < n ? index : n - 1, a, &value,
					      err) < 0)
				return -1;
		}
		buf_addb(out, value);
	}
	return 0;
}

char *word_expand(const struct word *w, const struct placeholders *all,
		  const struct bindings *b, size_t index, struct arena *a,
		  struct err *err)
{
	struct buf text = BUF_INIT;
	char *word = NULL;

	if (word_add(w, all, b, index, a, &text, err) < 0)
		goto out;
	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL) {
		err_set(err, "a value holds a NUL byte, which no argument can");
		goto out;
	}
	word = arena_dup(a, text.data, text.len);
out:
	buf_clear(&text);
	return word;
}

int word_add_all(const struct word *w, const struct placeholders *all,
		 const struct bindings *b, char between, struct arena *a, struct buf *out,
		 struct err *err)
{
	size_t n = word_count(w, all, b);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, between);
		if (word_add(w, all, b, i, a, out, err) < 0)
			return -1;
	}
	return 0;
}
