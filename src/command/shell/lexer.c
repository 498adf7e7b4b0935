/* SPDX-License-Identifier: ISC */

/* The lexer's common ground: it finds placeholders, and adds tokens to the list.
 * commands.c reads commands with it, quoted.c what is quoted inside words, and
 * heredoc.c here-documents. */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/shell/lexer.h"

/* --- errors */

size_t lex_column(const struct lexer *x, size_t pos)
{
	return (x->columns != NULL ? x->columns[pos] : pos) + 1;
}

void lex_fail(struct lexer *x, size_t pos, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (x->out->failed)
		return;
	x->out->failed = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (x->in->no_columns)
		err_usage(x->err, "%s", text);
	else
		err_usage(x->err, "column %zu: %s", lex_column(x, pos), text);
}

bool lex_enter(struct lexer *x)
{
	if (x->depth++ < DEPTH_MAX)
		return true;
	lex_fail(x, x->pos, "nested too deeply");
	return false;
}

/* --- the input */

bool lex_at(const struct lexer *x, const char *text)
{
	size_t n = strlen(text);

	return x->end - x->pos >= n && memcmp(x->s + x->pos, text, n) == 0;
}

static int ask(const struct token_input *in, const char *s, size_t len,
	       struct shell_marker *m)
{
	*m = (struct shell_marker){0};
	if (len == 0 || (len > 1 && s[0] == '$' && s[1] == '{'))
		return 0;
	return in->match(in->arg, s, len, m);
}

size_t lex_match(struct lexer *x, size_t pos, struct shell_marker *m)
{
	int n = pos < x->end ? ask(x->in, x->s + pos, x->end - pos, m) : 0;

	if (n < 0)
		x->out->failed = true;
	return n > 0 ? (size_t)n : 0;
}

static bool find_marker(const struct token_input *in, struct bytes s)
{
	struct shell_marker m;

	for (size_t i = 0; i < s.len; i++) {
		if (i > 0 && s.p[i - 1] == '$' && s.p[i] == '{' &&
		    (i < 2 || s.p[i - 2] != '\\'))
			continue;
		if (ask(in, s.p + i, s.len - i, &m) != 0)
			return true;
	}
	return false;
}

bool tokens_find_marker(const struct token_input *in)
{
	return find_marker(in, in->line);
}

bool lex_has_marker(const struct lexer *x, size_t from, size_t to)
{
	return find_marker(x->in, (struct bytes){x->s + from, to - from});
}

/* --- adding tokens */

struct token *lex_add(struct lexer *x, enum token_kind kind, struct bytes text)
{
	struct tokens *t = x->out;

	t->v = xgrow(t->v, &t->cap, t->n + 1, sizeof *t->v);
	t->v[t->n] = (struct token){.kind = kind,
				    .column = lex_column(x, x->pos),
				    .text = text,
				    .value = text};
	return &t->v[t->n++];
}

struct bytes lex_take(struct lexer *x, size_t n)
{
	struct bytes text;

	if (n > x->end - x->pos)
		n = x->end - x->pos;
	text = (struct bytes){x->s + x->pos, n};
	x->pos += n;
	return text;
}

void lex_begin_word(struct lexer *x)
{
	struct frame *f = x->frame;

	if (f->in_word || f->in_body)
		return;
	f->in_word = true;
	f->word = x->out->n;
	lex_add(x, TOKEN_WORD, (struct bytes){"", 0});
}

/* Text as it is: it goes on where the text before it ended. */
void lex_text(struct lexer *x, size_t n, bool quoted)
{
	struct token *last;
	struct bytes text;

	lex_begin_word(x);
	last = &x->out->v[x->out->n - 1];
	text = (struct bytes){x->s + x->pos, n < x->end - x->pos ? n : x->end - x->pos};
	if (last->kind == TOKEN_TEXT && last->quoted == quoted &&
	    last->value.p == last->text.p && last->value.len == last->text.len &&
	    last->text.p + last->text.len == text.p) {
		last->text.len += text.len;
		last->value.len += text.len;
	} else {
		lex_add(x, TOKEN_TEXT, text)->quoted = quoted;
	}
	x->pos += text.len;
}

/* A backslash and the byte after it, which means value (of it). */
void lex_escape(struct lexer *x, size_t from, size_t len)
{
	struct token *t;
	struct bytes text;

	lex_begin_word(x);
	t = lex_add(x, TOKEN_TEXT, (struct bytes){NULL, 0});
	text = lex_take(x, 2);
	t->text = text;
	if (from > text.len)
		from = text.len;
	t->value = (struct bytes){text.p + from, len < text.len - from ? len : text.len - from};
	t->quoted = true;
}

size_t lex_open(struct lexer *x, enum nesting nesting, enum quoting around, size_t n)
{
	struct token *t = lex_add(x, TOKEN_OPEN, (struct bytes){x->s + x->pos, n});

	x->pos += n;
	t->nesting = nesting;
	t->quoting = around;
	return x->out->n - 1;
}

void lex_close(struct lexer *x, size_t open, size_t n)
{
	struct token *t;

	t = lex_add(x, TOKEN_CLOSE, (struct bytes){NULL, 0});
	t->text = lex_take(x, n);
	t->nesting = x->out->v[open].nesting;
	x->out->v[open].end = x->out->n - 1;
}

/* --- placeholders */

/* What \{X} escapes.  X may be an error as a placeholder, such as a field that
 * does not exist: that can be why it is escaped. */
static size_t match_escaped(struct lexer *x)
{
	struct shell_marker m;
	const char *start = x->s + x->pos + 1, *close;
	int n;

	if (x->in->no_escapes || lex_peek(x, 0) != '\\' || x->end - x->pos < 2 ||
	    (n = ask(x->in, start, x->end - x->pos - 1, &m)) == 0)
		return 0;
	if (n > 0)
		return (size_t)n;
	close = memchr(start, '}', x->end - x->pos - 1);
	return *start == '{' && close != NULL ? (size_t)(close - start) + 1 : 0;
}

/* One character of literal text, spelled so that it means itself. */
static void add_literal_char(struct buf *out, enum quoting q, char c)
{
	static const char *const special[] = {
	    [QUOTING_DOUBLE] = "$`\"\\",	[QUOTING_ANSI] = "'\\",
	    [QUOTING_BRACE_DOUBLE] = "$`\"\\}", [QUOTING_BRACE_HEREDOC] = "$`\\}",
	    [QUOTING_HEREDOC] = "$`\\",		[QUOTING_HEREDOC_LITERAL] = "$`\\",
	    [QUOTING_ARITHMETIC] = "",
	};

	if (q == QUOTING_SINGLE && c == '\'') {
		buf_adds(out, "'\\''");
		return;
	}
	if (q == QUOTING_NONE || q == QUOTING_BRACE) {
		if (c == '\n') {
			buf_adds(out, "'\n'");
			return;
		}
		/* zsh takes even a lone } for a keyword: escape all signs. */
		if (!is_alnum(c) && (unsigned char)c < 0x80)
			buf_addc(out, '\\');
	} else if (q != QUOTING_SINGLE && is_one_of(c, special[q])) {
		buf_addc(out, '\\');
	}
	buf_addc(out, c);
}

static void literal(struct lexer *x, enum quoting q, size_t n)
{
	struct buf text = BUF_INIT;
	struct token *t;

	for (size_t i = 1; i <= n; i++)
		add_literal_char(&text, q, x->s[x->pos + i]);
	lex_begin_word(x);
	t = lex_add(x, TOKEN_TEXT, arena_bytes(x->in->arena, buf_bytes(&text)));
	t->value = (struct bytes){x->s + x->pos + 1, n};
	t->quoted = true;
	buf_clear(&text);
	x->pos += n + 1;
}

bool lex_placeholder(struct lexer *x, enum quoting q)
{
	struct shell_marker m;
	struct token *t;
	size_t n = match_escaped(x);

	if (n > 0) {
		literal(x, q, n);
		return true;
	}
	n = lex_match(x, x->pos, &m);
	if (n > 0) {
		lex_begin_word(x);
		t = lex_add(x, TOKEN_MARKER, (struct bytes){NULL, 0});
		t->text = lex_take(x, n);
		t->quoting = q;
		t->marker = m;
	}
	return n > 0 || x->out->failed;
}

/* --- all of it */

void tokens_read(struct tokens *out, const struct token_input *in, struct err *err)
{
	struct lexer x = {
	    .in = in,
	    .out = out,
	    .err = err,
	    .s = in->line.p,
	    .end = in->line.len,
	    .not_arithmetic = xcalloc(in->line.len + 1, 1),
	};

	lex_commands(&x, 0, false);
	free(x.not_arithmetic);
}
