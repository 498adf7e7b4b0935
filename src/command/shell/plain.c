/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "command/shell/dialect.h"
#include "command/shell/token.h"

/* Lines of plain words, which the shell would only split and execute.  What is
 * not surely one is left to the shell: that costs speed, nothing else. */

/* Names that are both builtin and program count as builtins: what echo does must
 * not change when a line gets a pipe. */

struct splitter {
	const struct shell_config *cfg;
	struct arena *arena;
	const char *s;
	size_t pos, len;

	bool in_word;
	struct buf text; /* of the piece at hand */
	struct word_piece *pieces;
	size_t npieces, pieces_cap;
	struct word *words;
	size_t nwords, words_cap;
};

static bool is_plain_char(unsigned char c)
{
	return is_alnum((char)c) || c >= 0x80 || is_one_of(c, "_@%+:,./-");
}

static void end_piece(struct splitter *s)
{
	if (s->text.len == 0)
		return;
	s->pieces = xgrow(s->pieces, &s->pieces_cap, s->npieces + 1, sizeof *s->pieces);
	s->pieces[s->npieces++] =
	    (struct word_piece){.text = arena_bytes(s->arena, buf_bytes(&s->text))};
	buf_reset(&s->text);
}

static void add_marker(struct splitter *s, int id)
{
	end_piece(s);
	s->pieces = xgrow(s->pieces, &s->pieces_cap, s->npieces + 1, sizeof *s->pieces);
	s->pieces[s->npieces++] = (struct word_piece){.id = id};
}

static void end_word(struct splitter *s)
{
	struct word *w;

	if (!s->in_word)
		return;
	s->in_word = false;
	if (s->text.len == 0 && s->npieces == 0) { /* '' */
		s->pieces = xgrow(s->pieces, &s->pieces_cap, 1, sizeof *s->pieces);
		s->pieces[s->npieces++] = (struct word_piece){.text = bytes_str("")};
	}
	end_piece(s);
	s->words = xgrow(s->words, &s->words_cap, s->nwords + 1, sizeof *s->words);
	w = &s->words[s->nwords++];
	w->n = s->npieces;
	w->pieces = arena_alloc(s->arena, s->npieces * sizeof *w->pieces);
	memcpy(w->pieces, s->pieces, s->npieces * sizeof *w->pieces);
	s->npieces = 0;
}

static char peek(const struct splitter *s, size_t n)
{
	return s->len - s->pos > n ? s->s[s->pos + n] : '\0';
}

static void take(struct splitter *s, size_t skip, size_t n)
{
	s->pos += skip;
	buf_add(&s->text, s->s + s->pos, n);
	s->pos += n;
}

/* 1: a placeholder or an escaped one was consumed; 0: none here; -1: one that
 * only the shell's script can hold. */
static int take_marker(struct splitter *s)
{
	struct shell_marker m = {0};
	int n;

	if (peek(s, 0) == '\\') {
		n = s->cfg->match(s->cfg->arg, s->s + s->pos + 1, s->len - s->pos - 1,
				  &m);
		if (n > 0)
			take(s, 1, (size_t)n);
		if (n != 0)
			return n > 0 ? 1 : -1;
	}
	m = (struct shell_marker){0};
	if (peek(s, 0) == '$' && peek(s, 1) == '{')
		return 0;
	n = s->cfg->match(s->cfg->arg, s->s + s->pos, s->len - s->pos, &m);
	if (n < 0 || m.raw)
		return -1;
	if (n > 0) {
		add_marker(s, m.id);
		s->pos += (size_t)n;
	}
	return n > 0;
}

/* The rest of a quoted string up to its closing quote.  false: the shell. */
static bool take_single(struct splitter *s)
{
	s->pos++;
	while (s->pos < s->len && peek(s, 0) != '\'') {
		int marker = take_marker(s);

		/* "${" is text here, but what follows looks like a placeholder. */
		if (marker < 0 || (peek(s, 0) == '$' && peek(s, 1) == '{'))
			return false;
		if (marker == 0)
			take(s, 0, 1);
	}
	return s->pos++ < s->len;
}

static bool take_double(struct splitter *s)
{
	s->pos++;
	while (s->pos < s->len && peek(s, 0) != '"') {
		int marker = take_marker(s);
		char c = peek(s, 0);

		if (marker > 0)
			continue;
		if (marker < 0 || c == '$' || c == '`')
			return false;
		if (c != '\\')
			take(s, 0, 1);
		else if (peek(s, 1) == '\n')
			s->pos += 2;
		else if (is_one_of(peek(s, 1), "\"\\$`"))
			take(s, 1, 1);
		else
			take(s, 0, s->len - s->pos > 1 ? 2 : 1);
	}
	return s->pos++ < s->len;
}

static bool take_unquoted(struct splitter *s)
{
	char c = peek(s, 0);

	if (c == '\\') {
		if (s->pos + 1 == s->len || peek(s, 1) == '\n')
			return false;
		take(s, 1, 1);
	} else if (c == '=') {
		/* An assignment, or zsh's =command. */
		if (s->nwords == 0 || (s->text.len == 0 && s->npieces == 0))
			return false;
		take(s, 0, 1);
	} else if (is_plain_char((unsigned char)c)) {
		take(s, 0, 1);
	} else {
		return false;
	}
	return true;
}

static bool split(struct splitter *s)
{
	while (s->pos < s->len) {
		char c = peek(s, 0);
		int marker = take_marker(s);

		if (marker < 0)
			return false;
		if (marker > 0) {
			s->in_word = true;
			continue;
		}
		if (c == ' ' || c == '\t') {
			end_word(s);
			s->pos++;
			continue;
		}
		s->in_word = true;
		if (c == '\''  ? !take_single(s)
		    : c == '"' ? !take_double(s)
			       : !take_unquoted(s))
			return false;
	}
	end_word(s);
	return true;
}

static bool is_program(const struct splitter *s)
{
	const struct word *first = s->words;

	return s->nwords > 0 && first->n == 1 && first->pieces[0].text.p != NULL &&
	       first->pieces[0].text.len > 0 &&
	       !shell_is_builtin_somewhere(first->pieces[0].text);
}

bool shell_split(const struct shell_config *cfg, struct arena *a, struct word **words,
		 size_t *n)
{
	struct splitter s = {
	    .cfg = cfg, .arena = a, .s = cfg->line, .len = strlen(cfg->line)};
	bool plain = split(&s) && is_program(&s);

	if (plain) {
		*words = arena_alloc(a, s.nwords * sizeof *s.words);
		memcpy(*words, s.words, s.nwords * sizeof *s.words);
		*n = s.nwords;
	}
	buf_clear(&s.text);
	free(s.pieces);
	free(s.words);
	return plain;
}
