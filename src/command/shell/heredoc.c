/* SPDX-License-Identifier: ISC */

/* The lexer at here-documents.  A body whose delimiter is quoted, and that holds a
 * placeholder, is rewritten: its delimiter loses the quotes, and its own special
 * characters get a backslash. */

#include <config.h>

#include "base/buf.h"
#include "command/shell/lexer.h"

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
	char *text = arena_alloc(x->in->arena, x->end - x->pos + 1);
	size_t i = x->pos, n = 0, len;

	while (i < x->end && !x->out->failed && !is_one_of(x->s[i], " \t\n;&|<>()")) {
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
	struct heredoc *h = arena_calloc(x->in->arena, 1, sizeof *h);
	struct token *t;
	size_t end, blanks = 0;

	h->strip_tabs = lex_at(x, "<<-");
	t = lex_add(x, TOKEN_REDIRECTION, (struct bytes){NULL, 0});
	t->value = t->text = lex_take(x, h->strip_tabs ? 3 : 2);
	while (is_one_of(lex_peek(x, blanks), " \t"))
		blanks++;
	lex_add(x, TOKEN_BLANK, (struct bytes){x->s + x->pos, blanks});
	x->pos += blanks;
	end = read_delimiter(x, h);
	if (!x->out->failed && lex_has_marker(x, x->pos, end))
		lex_fail(x, x->pos,
			 "a placeholder cannot be the delimiter of a here-document");
	if (end == x->pos)
		lex_fail(x, x->pos, "a here-document without a delimiter");
	h->token = x->out->n;
	t = lex_add(x, TOKEN_DELIMITER, (struct bytes){NULL, 0});
	t->text = lex_take(x, end - x->pos);
	t->value = h->delimiter;
	t->quoted = h->quoted;
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
	result = arena_str(x->in->arena, buf_cstr(&name));
	buf_clear(&name);
	return result;
}

/* A byte of a literal body, or "${", with a backslash before it. */
static void add_escaped(struct lexer *x, const char *text, size_t n)
{
	struct token *t = lex_add(x, TOKEN_TEXT, bytes_str(text));

	t->value = lex_take(x, n);
	t->quoted = true;
}

static void escape_body(struct lexer *x)
{
	while (lex_more(x)) {
		char c = lex_peek(x, 0);

		if (lex_at(x, "${")) {
			lex_literal_dollar(x);
			add_escaped(x, "\\${", 2);
		} else if (lex_placeholder(x, QUOTING_HEREDOC_LITERAL)) {
			continue;
		} else if (is_one_of(c, "\\$`")) {
			add_escaped(x, c == '$' ? "\\$" : c == '`' ? "\\`" : "\\\\", 1);
		} else {
			lex_text(x, 1, true);
		}
	}
}

/* Nothing is expanded in the body of a here-document with a quoted delimiter.
 * To have the values expanded, it gets an unquoted one, and its own characters
 * a backslash.  Returns the new last line. */
static struct bytes rewrite(struct lexer *x, const struct heredoc *h, size_t body_end)
{
	const char *name = fresh_delimiter(x, body_end);
	size_t end = x->end;
	bool ended = body_end == x->pos || x->s[body_end - 1] == '\n';
	struct buf last = BUF_INIT;
	struct bytes result;

	x->out->v[h->token].text = bytes_str(name);
	x->end = body_end;
	escape_body(x);
	x->end = end;
	buf_addf(&last, "%s%s", ended ? "" : "\n", name);
	result = arena_bytes(x->in->arena, buf_bytes(&last));
	buf_clear(&last);
	return result;
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
	size_t body_end = find_delimiter(x, h), next;
	size_t open = lex_open(x, NEST_HEREDOC, QUOTING_NONE, 0);
	struct bytes last = {NULL, 0};

	x->out->v[open].value = h->delimiter;
	x->out->v[open].delimiter = h->token;
	if (!h->quoted)
		expanded_body(x, body_end);
	else if (lex_has_marker(x, x->pos, body_end))
		last = rewrite(x, h, body_end);
	else
		lex_text(x, body_end - x->pos, true);
	if (x->out->failed)
		return;
	/* The delimiter's line, or what is written instead. */
	next = line_end(x, x->pos);
	if (last.p != NULL) {
		lex_add(x, TOKEN_TEXT, last)->value.len = 0;
		x->pos = next;
	}
	x->out->v[open].unsure = x->pos == x->end && last.p == NULL;
	next += next < x->end;
	lex_close(x, open, next - x->pos);
}

void lex_heredoc_bodies(struct lexer *x)
{
	struct frame *f = x->frame;
	struct heredoc *h = f->pending;

	f->pending = NULL;
	f->pending_end = &f->pending;
	f->in_body = true;
	for (; h != NULL && !x->out->failed; h = h->next)
		body(x, h);
	f->in_body = false;
}
