/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/shell_internal.h"

/* --- the operator and its delimiter */

static size_t quoted_length(struct lexer *x, size_t at, char quote)
{
	const char *close = memchr(x->s + at + 1, quote, x->end - at - 1);

	if (close == NULL) {
		lex_fail(x, at, "missing closing %c", quote);
		return 0;
	}
	return (size_t)(close - (x->s + at)) - 1;
}

/* Read the delimiter word at x->pos into h; returns where it ends. */
static size_t read_delimiter(struct lexer *x, struct heredoc *h)
{
	char *text = arena_alloc(x->scratch, x->end - x->pos + 1);
	size_t i = x->pos, n = 0, len;

	while (i < x->end && !x->failed && !is_one_of(x->s[i], " \t\n;&|<>()")) {
		char c = x->s[i];

		len = 1;
		if (c == '\\' || c == '\'' || c == '"') {
			h->quoted = true;
			if (c != '\\')
				len = quoted_length(x, i, c);
			else if (i + 1 == x->end)
				len = 0;
			i++;
		}
		memcpy(text + n, x->s + i, len);
		n += len;
		i += len + (c == '\'' || c == '"');
	}
	h->delimiter = (struct bytes){text, n};
	return i < x->end ? i : x->end;
}

void lex_heredoc_start(struct lexer *x)
{
	struct frame *f = x->frame;
	struct heredoc *h = arena_calloc(x->scratch, 1, sizeof *h);
	size_t end;

	h->strip_tabs = lex_at(x, "<<-");
	lex_copy(x, h->strip_tabs ? 3 : 2);
	while (lex_peek(x, 0) == ' ' || lex_peek(x, 0) == '\t')
		lex_copy(x, 1);
	end = read_delimiter(x, h);
	if (!x->failed && lex_has_marker(x, x->pos, end))
		lex_fail(x, x->pos,
			 "a placeholder cannot be the delimiter of a here-document");
	if (end == x->pos)
		lex_fail(x, x->pos, "a here-document without a delimiter");
	x->fresh = true;
	lex_copy(x, end - x->pos);
	x->fresh = true;
	h->part = x->line->n - 1;
	*f->pending_end = h;
	f->pending_end = &h->next;
}

/* --- the body */

static size_t line_end(const struct lexer *x, size_t at)
{
	const char *nl = memchr(x->s + at, '\n', x->end - at);

	return nl != NULL ? (size_t)(nl - x->s) : x->end;
}

static struct bytes line_text(const struct lexer *x, size_t at, bool strip_tabs)
{
	struct bytes b = {x->s + at, line_end(x, at) - at};

	while (strip_tabs && b.len > 0 && *b.p == '\t') {
		b.p++;
		b.len--;
	}
	return b;
}

/* Does the line before at end in an odd number of backslashes? */
static bool continued(const struct lexer *x, size_t body, size_t at)
{
	size_t n = 0;

	while (at >= body + 2 + n && x->s[at - 2 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Where the line with the delimiter begins; the input's end when there is none. */
static size_t find_delimiter(const struct lexer *x, const struct heredoc *h)
{
	size_t at = x->pos;

	while (at < x->end) {
		if (bytes_eq(line_text(x, at, h->strip_tabs), h->delimiter) &&
		    (h->quoted || !continued(x, x->pos, at)))
			return at;
		at = line_end(x, at);
		at += at < x->end;
	}
	return at;
}

/* A delimiter that is no line of the body. */
static char *fresh_delimiter(struct lexer *x, size_t body_end)
{
	struct buf name = BUF_INIT;
	char *result;
	size_t at = x->pos;

	buf_adds(&name, "VOLLEY_EOF");
	while (at < body_end) {
		if (bytes_eq(line_text(x, at, true), buf_bytes(&name))) {
			buf_addc(&name, '_');
			at = x->pos;
		} else {
			at = line_end(x, at) + 1;
		}
	}
	result = arena_str(x->scratch, buf_cstr(&name));
	buf_clear(&name);
	return result;
}

/* Nothing is expanded in the body of a here-document with a quoted delimiter.
 * To have the values expanded, it gets an unquoted one, and its own characters
 * a backslash. */
static void rewrite(struct lexer *x, const struct heredoc *h, size_t body_end)
{
	struct shell_line *l = x->line;
	const char *name = fresh_delimiter(x, body_end);
	size_t end = x->end, delimiter_end = line_end(x, body_end);
	char c = '\n';

	l->parts[h->part].from = l->text.len;
	buf_adds(&l->text, name);
	l->parts[h->part].to = l->text.len;
	x->fresh = true;
	x->end = body_end;
	while (lex_more(x)) {
		c = lex_peek(x, 0);
		if (lex_at(x, "${")) {
			lex_literal_dollar(x);
			lex_emits(x, "\\");
			lex_copy(x, 2);
			continue;
		}
		if (lex_placeholder(x, QUOTING_HEREDOC_LITERAL))
			continue;
		if (is_one_of(c, "\\$`"))
			lex_emits(x, "\\");
		lex_copy(x, 1);
	}
	x->end = end;
	if (c != '\n')
		lex_emits(x, "\n");
	lex_emits(x, name);
	x->pos = delimiter_end;
}

static void expanded_body(struct lexer *x, size_t body_end)
{
	size_t end = x->end;

	x->end = body_end;
	while (lex_more(x))
		lex_double_char(x, QUOTING_HEREDOC);
	x->end = end;
}

static void body(struct lexer *x, const struct heredoc *h)
{
	size_t body_end = find_delimiter(x, h), first = x->line->n;

	if (!h->quoted)
		expanded_body(x, body_end);
	else if (lex_has_marker(x, x->pos, body_end))
		rewrite(x, h, body_end);
	else
		lex_copy(x, body_end - x->pos);
	/* The delimiter's line, or what rewrite has left of it. */
	if (!x->failed && x->pos < x->end) {
		size_t next = line_end(x, x->pos);

		lex_copy(x, next - x->pos + (next < x->end));
	}
	lint_heredoc(x, h, first);
}

void lex_heredoc_bodies(struct lexer *x)
{
	struct frame *f = x->frame;
	struct heredoc *h = f->pending;

	f->pending = NULL;
	f->pending_end = &f->pending;
	f->in_body = true;
	for (; h != NULL && !x->failed; h = h->next)
		body(x, h);
	f->in_body = false;
}
