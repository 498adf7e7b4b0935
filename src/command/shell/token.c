/* SPDX-License-Identifier: ISC */

/* What can be asked about the text of a word, and of several tokens together: is it a
 * name, an assignment, one of a list; what does it say without its quotes. */

#include <config.h>

#include "base/buf.h"
#include "command/shell/token.h"

/* --- texts */

size_t name_length(struct bytes text)
{
	size_t n = 0;

	if (text.len > 0 && is_digit(text.p[0]))
		return 0;
	while (n < text.len && (is_alnum(text.p[n]) || text.p[n] == '_'))
		n++;
	return n;
}

bool is_name(struct bytes text)
{
	return text.len > 0 && name_length(text) == text.len;
}

bool is_digits(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.p[i]))
			return false;
	return text.len > 0;
}

bool has_only(struct bytes text, const char *signs)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_alnum(text.p[i]) && !is_one_of(text.p[i], signs))
			return false;
	return true;
}

bool is_assignment(struct bytes text)
{
	size_t n = name_length(text);

	if (n == 0 || n == text.len)
		return false;
	if (text.p[n] == '[') {
		while (++n < text.len && text.p[n] != ']')
			;
		while (n + 1 < text.len && text.p[n + 1] != '=' && text.p[n + 1] != '+')
			n++; /* a[b[1]]= */
		n++;
	}
	n += n < text.len && text.p[n] == '+';
	return n < text.len && text.p[n] == '=';
}

bool is_listed(struct bytes text, const char *list)
{
	while (text.len > 0 && *list != '\0') {
		size_t n = strcspn(list, " ");

		if (bytes_eq(text, (struct bytes){list, n}))
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

static void add_piece(struct buf *text, const struct token *p)
{
	if (p->kind == TOKEN_TEXT)
		buf_addb(text, p->value);
	else if (p->kind == TOKEN_MARKER && !p->marker.raw)
		buf_addc(text, WORD_REF);
	else
		buf_addc(text, WORD_EXPANSION);
}

static bool is_quote(const struct token *p)
{
	return (p->kind == TOKEN_OPEN || p->kind == TOKEN_CLOSE) &&
	       (p->nesting <= NEST_ANSI || p->nesting == NEST_HEREDOC);
}

/* $'...' with an escape in it, which only the shell decodes. */
static bool is_encoded(const struct tokens *t, size_t open)
{
	if (t->v[open].kind != TOKEN_OPEN || t->v[open].nesting != NEST_ANSI)
		return false;
	for (size_t i = open + 1; i < t->v[open].end; i++)
		if (t->v[i].kind == TOKEN_TEXT && t->v[i].text.len > 0 &&
		    memchr(t->v[i].text.p, '\\', t->v[i].text.len) != NULL)
			return true;
	return false;
}

struct bytes tokens_text(const struct tokens *t, size_t from, size_t to, struct arena *a)
{
	struct buf text = BUF_INIT;
	struct bytes result;

	if (to == from + 1 && t->v[from].kind == TOKEN_TEXT)
		return t->v[from].value;
	for (size_t i = from; i < to; i++) {
		if (is_quote(&t->v[i]) && (i + 1 >= to || !is_encoded(t, i)))
			continue;
		add_piece(&text, &t->v[i]);
		if (t->v[i].kind == TOKEN_OPEN)
			i = t->v[i].end;
	}
	result = arena_bytes(a, (struct bytes){text.len > 0 ? text.data : "", text.len});
	buf_clear(&text);
	return result;
}
