/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "command/shell_internal.h"

bool lex_at(const struct lexer *x, const char *text)
{
	size_t n = strlen(text);

	return x->end - x->pos >= n && memcmp(x->s + x->pos, text, n) == 0;
}

size_t lex_column(const struct lexer *x, size_t pos)
{
	return (x->columns != NULL ? x->columns[pos] : pos) + 1;
}

static void __attribute__((format(printf, 3, 0)))
fail(struct lexer *x, size_t column, const char *fmt, va_list ap)
{
	char text[1024];

	if (x->failed)
		return;
	x->failed = true;
	vsnprintf(text, sizeof text, fmt, ap);
	if (x->cfg->program)
		err_usage(x->err, "%s", text);
	else
		err_usage(x->err, "column %zu: %s", column, text);
}

void lex_fail(struct lexer *x, size_t pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(x, lex_column(x, pos), fmt, ap);
	va_end(ap);
}

void lex_fail_column(struct lexer *x, size_t column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(x, column, fmt, ap);
	va_end(ap);
}

bool lex_enter(struct lexer *x)
{
	if (x->depth++ < DEPTH_MAX)
		return true;
	lex_fail(x, x->pos, "nested too deeply");
	return false;
}

/* --- output */

static struct part *new_part(struct lexer *x, enum part_kind kind)
{
	struct shell_line *l = x->line;
	struct part *p;

	l->parts = xgrow(l->parts, &l->cap, l->n + 1, sizeof *l->parts);
	p = &l->parts[l->n++];
	*p = (struct part){.kind = kind, .from = l->text.len, .to = l->text.len};
	return p;
}

void lex_emit(struct lexer *x, const char *p, size_t n)
{
	struct shell_line *l = x->line;

	if (n == 0)
		return;
	if (x->fresh || l->n == 0 || l->parts[l->n - 1].kind != PART_TEXT)
		new_part(x, PART_TEXT);
	x->fresh = false;
	buf_add(&l->text, p, n);
	l->parts[l->n - 1].to = l->text.len;
}

void lex_emits(struct lexer *x, const char *text)
{
	lex_emit(x, text, strlen(text));
}

void lex_copy(struct lexer *x, size_t n)
{
	if (n > x->end - x->pos)
		n = x->end - x->pos;
	lex_emit(x, x->s + x->pos, n);
	x->pos += n;
}

void lex_copy_word(struct lexer *x, size_t n)
{
	if (n > x->end - x->pos)
		n = x->end - x->pos;
	lex_word_begin(x);
	lex_word_add(x, x->s + x->pos, n);
	lex_copy(x, n);
}

/* --- words */

void lex_word_begin(struct lexer *x)
{
	struct frame *f = x->frame;

	if (f->in_word || f->in_body)
		return;
	f->in_word = true;
	x->fresh = true;
	f->word =
	    (struct lex_word){.text = x->words.len, .part = x->line->n, .plain = true};
}

void lex_word_add(struct lexer *x, const char *p, size_t n)
{
	struct frame *f = x->frame;

	if (f->in_body)
		return;
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(p[i]) && !is_one_of(p[i], "_/.,:@%+=-"))
			f->word.plain = false;
	buf_add(&x->words, p, n);
}

void lex_word_quoted(struct lexer *x)
{
	lex_word_begin(x);
	x->frame->word.quoted = true;
	x->frame->word.plain = false;
}

void lex_word_expansion(struct lexer *x)
{
	lex_word_begin(x);
	if (x->frame->in_body)
		return;
	x->frame->word.plain = false;
	buf_addc(&x->words, WORD_EXPANSION);
}

struct bytes lex_word_text(const struct lexer *x, const struct lex_word *w)
{
	return (struct bytes){w->len > 0 ? x->words.data + w->text : "", w->len};
}

bool lex_word_is(const struct lexer *x, const struct lex_word *w, const char *text)
{
	return bytes_is(lex_word_text(x, w), text);
}

bool lex_listed(struct bytes text, const char *const *list)
{
	while (*list != NULL && !bytes_is(text, *list))
		list++;
	return *list != NULL;
}

size_t lex_name_length(struct bytes text)
{
	size_t n = 0;

	if (text.len > 0 && is_digit(text.p[0]))
		return 0;
	while (n < text.len && (is_alnum(text.p[n]) || text.p[n] == '_'))
		n++;
	return n;
}

bool lex_is_assignment(struct bytes text)
{
	size_t n = lex_name_length(text);

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

/* --- placeholders */

static int ask(struct lexer *x, size_t pos, struct shell_marker *m)
{
	*m = (struct shell_marker){0};
	if (pos >= x->end ||
	    (x->s[pos] == '$' && pos + 1 < x->end && x->s[pos + 1] == '{'))
		return 0;
	return x->cfg->match(x->cfg->arg, x->s + pos, x->end - pos, m);
}

size_t lex_match(struct lexer *x, size_t pos, struct shell_marker *m)
{
	int n = ask(x, pos, m);

	if (n < 0)
		x->failed = true;
	return n > 0 ? (size_t)n : 0;
}

/* ${name} is the shell's own, and not a reason to be strict with the line. */
bool lex_has_marker(struct lexer *x, size_t from, size_t to)
{
	struct shell_marker m;

	for (size_t i = from; i < to; i++) {
		if (i > from && x->s[i - 1] == '$' && x->s[i] == '{' &&
		    (i < from + 2 || x->s[i - 2] != '\\'))
			continue;
		if (ask(x, i, &m) != 0)
			return true;
	}
	return false;
}

/* What \{X} escapes.  That X would be an error as a placeholder (a field that
 * does not exist) is just why somebody escapes it. */
static size_t match_escaped(struct lexer *x)
{
	struct shell_marker m;
	const char *start = x->s + x->pos + 1, *close;
	int n;

	if (lex_peek(x, 0) != '\\' || (n = ask(x, x->pos + 1, &m)) == 0)
		return 0;
	if (n > 0)
		return (size_t)n;
	close = memchr(start, '}', x->end - x->pos - 1);
	return *start == '{' && close != NULL ? (size_t)(close - start) + 1 : 0;
}

/* One character of literal text, spelled so that it means itself. */
static void emit_literal_char(struct lexer *x, enum quoting q, char c)
{
	static const char *const special[] = {
	    [QUOTING_DOUBLE] = "$`\"\\",        [QUOTING_ANSI] = "'\\",
	    [QUOTING_BRACE_DOUBLE] = "$`\"\\}", [QUOTING_BRACE_HEREDOC] = "$`\\}",
	    [QUOTING_HEREDOC] = "$`\\",         [QUOTING_HEREDOC_LITERAL] = "$`\\",
	    [QUOTING_ARITHMETIC] = "",
	};

	if (q == QUOTING_SINGLE) {
		lex_emit(x, c == '\'' ? "'\\''" : &c, c == '\'' ? 4 : 1);
		return;
	}
	if (q == QUOTING_NONE || q == QUOTING_BRACE) {
		if (c == '\n') {
			lex_emits(x, "'\n'");
			return;
		}
		/* zsh takes even a lone } for a keyword: escape all signs. */
		if (!is_alnum(c) && (unsigned char)c < 0x80)
			lex_emits(x, "\\");
	} else if (is_one_of(c, special[q])) {
		lex_emits(x, "\\");
	}
	lex_emit(x, &c, 1);
}

static void literal(struct lexer *x, enum quoting q, size_t n)
{
	x->pos++;
	lex_word_quoted(x);
	lex_word_add(x, x->s + x->pos, n);
	for (size_t i = 0; i < n; i++)
		emit_literal_char(x, q, x->s[x->pos + i]);
	x->pos += n;
}

static size_t find_id(struct lexer *x, const struct shell_marker *m, size_t n)
{
	struct shell_line *l = x->line;
	size_t i = 0;

	while (i < l->nids && (l->ids[i].id != m->id || l->ids[i].bound == m->raw))
		i++;
	if (i < l->nids)
		return i;
	l->ids = xgrow(l->ids, &l->ids_cap, l->nids + 1, sizeof *l->ids);
	l->ids[l->nids++] = (struct shell_id){
	    .id = m->id,
	    .list = m->list,
	    .bound = !m->raw,
	    .name = xmemdup0(x->s + x->pos, n),
	};
	return i;
}

/* zsh runs the value in *(e:HERE:) and *(+HERE) as code.  The same is legal,
 * if odd, as bash's pattern *(e:HERE:). */
static bool in_glob_qualifier(const struct lexer *x)
{
	const struct frame *f = x->frame;
	size_t n = f->in_word ? x->words.len - f->word.text : 0, i = 0;
	const char *p = n > 0 ? x->words.data + f->word.text : "";

	if (!f->words_only || f->is_array || f->in_condition)
		return false;
	while (i < n && (!is_alpha(p[i]) || is_one_of(p[i], "NDFM")))
		i++;
	return (n > 0 && p[n - 1] == '+') ||
	       (i + 1 < n && p[i] == 'e' && !is_alnum(p[i + 1]));
}

static void placeholder(struct lexer *x, const struct shell_marker *m, size_t n,
			enum quoting q)
{
	struct frame *f = x->frame;
	struct part *p;

	if (x->forbid != NULL) {
		lex_fail(x, x->pos, "%s", x->forbid);
		return;
	}
	if (in_glob_qualifier(x)) {
		lex_fail(x, x->pos, "zsh would run a value in *(e:...:) or *(+...)");
		return;
	}
	lex_word_begin(x);
	p = new_part(x, m->raw ? PART_RAW : PART_REF);
	p->id = find_id(x, m, n);
	p->quoting = q;
	p->checks = x->arithmetic > 0 ? CHECK_INTEGER : 0;
	p->list = m->list;
	p->sh = m->sh;
	p->frame = f->in_body ? 0 : f->serial;
	p->column = lex_column(x, x->pos);
	if (!f->in_body) {
		f->word.lists |= m->list;
		f->word.plain &= q == QUOTING_NONE && !m->raw;
		f->word.refs += !m->raw;
		f->word.quoted = true; /* no keyword, whatever stands around it */
		buf_addc(&x->words, m->raw ? WORD_EXPANSION : WORD_REF);
	}
	x->pos += n;
}

bool lex_placeholder(struct lexer *x, enum quoting q)
{
	struct shell_marker m;
	size_t n = match_escaped(x);

	if (n > 0) {
		literal(x, q, n);
		return true;
	}
	n = lex_match(x, x->pos, &m);
	if (n > 0)
		placeholder(x, &m, n, q);
	return n > 0 || x->failed;
}
