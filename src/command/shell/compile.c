/* SPDX-License-Identifier: ISC */

/* From tokens to a line that can be bound: its parts, which the script is made of, and
 * its words, when they are all that there is to it.  Such a line needs no shell. */

#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "command/shell/line.h"

struct builder {
	struct shell_line *line;
	const struct tokens *tokens;
	const struct note *notes;
	bool fresh; /* the next text starts a new part */
};

/* --- from tokens to parts */

static struct part *new_part(struct shell_line *l, enum part_kind kind)
{
	struct part *p;

	l->parts = xgrow(l->parts, &l->cap, l->n + 1, sizeof *l->parts);
	p = &l->parts[l->n++];
	*p = (struct part){.kind = kind, .from = l->text.len, .to = l->text.len};
	return p;
}

static void add_text(struct builder *b, struct bytes text)
{
	struct shell_line *l = b->line;

	if (text.len == 0)
		return;
	if (b->fresh || l->n == 0 || l->parts[l->n - 1].kind != PART_TEXT)
		new_part(l, PART_TEXT);
	b->fresh = false;
	buf_addb(&l->text, text);
	l->parts[l->n - 1].to = l->text.len;
}

static size_t find_id(struct shell_line *l, const struct token *t)
{
	size_t i = 0;

	while (i < l->nids && (l->ids[i].marker.id != t->marker.id ||
			       l->ids[i].marker.raw != t->marker.raw))
		i++;
	if (i == l->nids) {
		l->ids = xgrow(l->ids, &l->ids_cap, l->nids + 1, sizeof *l->ids);
		l->ids[l->nids++] = (struct shell_id){
		    t->marker, arena_dup(l->arena, t->text.p, t->text.len)};
	}
	return i;
}

/* word: the word that it is in, or NULL. */
static void add_marker(struct builder *b, size_t i, const struct note *word)
{
	const struct token *t = &b->tokens->v[i];
	struct part *p = new_part(b->line, t->marker.raw ? PART_RAW : PART_REF);

	p->id = find_id(b->line, t);
	p->quoting = t->quoting;
	p->checks = t->marker.raw ? 0 : b->notes[i].checks;
	p->repeats = word != NULL && word->repeats && t->marker.list;
	p->bare = word != NULL && word->bare;
}

static bool has_own_words(enum nesting nesting)
{
	return nesting >= NEST_SUBSTITUTION && nesting != NEST_ARITHMETIC &&
	       nesting != NEST_ARITHMETIC_COMMAND && nesting != NEST_OLD_ARITHMETIC;
}

static void add_tokens(struct builder *b, size_t from, size_t to, const struct note *word)
{
	for (size_t i = from; i < to; i++) {
		const struct token *t = &b->tokens->v[i];
		size_t start = b->line->n;

		if (t->kind == TOKEN_WORD || t->kind == TOKEN_KEYWORD ||
		    t->kind == TOKEN_NUMBER) {
			b->fresh = true;
			add_tokens(b, i + 1, t->end, &b->notes[i]);
			b->fresh = true;
			if (b->notes[i].repeats)
				b->line->parts[start].repeat = b->line->n - start;
			i = t->end - 1;
		} else if (t->kind == TOKEN_MARKER) {
			add_marker(b, i, word);
		} else {
			if (!t->silent)
				add_text(b, t->text);
			if (t->kind != TOKEN_OPEN || !has_own_words(t->nesting))
				continue;
			add_tokens(b, i + 1, t->end, NULL);
			i = t->end - 1;
		}
	}
}

/* --- words that the shell would only split and execute */

/* What is not surely plain is left to the shell: that costs speed, nothing else. */
static bool is_plain_text(const struct token *t, bool first_word)
{
	for (size_t i = 0; !t->quoted && i < t->value.len; i++) {
		char c = t->value.p[i];

		if (c == '=' ? first_word || i == 0 /* an assignment; zsh's =command */
			     : !is_alnum(c) && (unsigned char)c < 0x80 &&
				   !is_one_of(c, "_@%+:,./-"))
			return false;
	}
	return true;
}

static bool is_plain_word(const struct tokens *t, size_t word, bool first_word)
{
	size_t quotes = 0;

	for (size_t i = word + 1; i < t->v[word].end; i++) {
		const struct token *p = &t->v[i];

		switch (p->kind) {
		case TOKEN_TEXT:
			if (!is_plain_text(p, first_word) ||
			    (quotes == 0 && *p->text.p == '\\' &&
			     (p->text.len < 2 || p->text.p[1] == '\n')))
				return false;
			break;
		case TOKEN_MARKER:
			if (p->marker.raw)
				return false;
			break;
		case TOKEN_OPEN:
		case TOKEN_CLOSE:
			if (p->nesting > NEST_DOUBLE)
				return false;
			quotes += p->kind == TOKEN_OPEN;
			quotes -= p->kind == TOKEN_CLOSE;
			break;
		default:
			return false;
		}
	}
	return t->v[word].role == ROLE_COMMAND || t->v[word].role == ROLE_ARGUMENT;
}

static void add_piece(struct word *w, struct bytes text, int id)
{
	if (text.p == NULL || text.len > 0)
		w->pieces[w->n++] = (struct word_piece){text, id};
}

static void add_word(struct shell_line *l, const struct tokens *t, size_t i)
{
	struct word *w = &l->words[l->nwords++];
	size_t end = t->v[i].end;
	struct bytes text = tokens_text(t, i + 1, end, l->arena);
	const char *ref;

	/* Each placeholder is one byte of the text. */
	w->pieces = arena_alloc(l->arena, (text.len + 1) * sizeof *w->pieces);
	w->n = 0;
	for (i++; i < end; i++) {
		if (t->v[i].kind != TOKEN_MARKER)
			continue;
		ref = memchr(text.p, WORD_REF, text.len);
		add_piece(w, (struct bytes){text.p, (size_t)(ref - text.p)}, 0);
		add_piece(w, (struct bytes){NULL, 0}, t->v[i].marker.id);
		text.len -= (size_t)(ref + 1 - text.p);
		text.p = ref + 1;
	}
	add_piece(w, text, 0);
	if (w->n == 0)
		w->pieces[w->n++] = (struct word_piece){bytes_str(""), 0};
}

/* Names that are both builtin and program count as builtins: what echo does must not
 * change when a line gets a pipe. */
static bool is_program(const struct word *w)
{
	return w->n == 1 && w->pieces[0].text.len > 0 &&
	       !shell_is_builtin_somewhere(w->pieces[0].text);
}

static void add_words(struct shell_line *l, const struct tokens *t)
{
	l->words = arena_alloc(l->arena, (t->n + 1) * sizeof *l->words);
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].kind == TOKEN_WORD && is_plain_word(t, i, l->nwords == 0)) {
			add_word(l, t, i);
			i = t->v[i].end - 1;
		} else if (t->v[i].kind != TOKEN_BLANK ||
			   memchr(t->v[i].text.p, '\\', t->v[i].text.len) != NULL) {
			l->nwords = 0;
			return;
		}
	}
	if (l->nwords > 0 && !is_program(&l->words[0]))
		l->nwords = 0;
}

/* --- compiling */

/* A line without a placeholder is the shell's business alone, also when it
 * cannot be read here; but then it may evaluate anything. */
static void keep_as_it_is(struct shell_line *l, const char *line)
{
	struct builder b = {.line = l};

	l->unclear = true;
	l->verdict.class = LINE_CODE;
	l->verdict.construct = "a line that cannot be read";
	add_text(&b, bytes_str(line));
}

static int judge(struct shell_line *l, const struct shell_config *cfg,
		 const struct tokens *tokens, struct strv *warnings, struct err *err)
{
	struct grammar_input in = {.tokens = tokens,
				   .dialect = &l->dialect,
				   .allow_nested = cfg->allow_nested,
				   .foreign_variables = cfg->foreign_variables,
				   .arena = l->arena,
				   .warnings = warnings};
	struct builder b = {.line = l, .tokens = tokens};

	if (grammar_judge(&in, &l->verdict, err) < 0)
		return -1;
	b.notes = l->verdict.notes;
	add_tokens(&b, 0, tokens->n, NULL);
	add_words(l, tokens);
	l->takes_argument = tokens->takes_argument;
	l->has_comment = tokens->has_comment;
	l->unclear = l->verdict.uses_parameters;
	return 0;
}

static int compile(struct shell_line *l, const struct shell_config *cfg,
		   struct strv *warnings, struct err *err)
{
	struct token_input in = {.line = bytes_str(arena_str(l->arena, cfg->line)),
				 .match = cfg->match,
				 .arg = cfg->arg,
				 .ansi_quotes = cfg->ansi_quotes ||
						shell_traits(&l->dialect) & HAS_ANSI_QUOTES,
				 .arena = l->arena};
	struct tokens tokens = {0};
	int result = 0;

	tokens_read(&tokens, &in, err);
	if (!tokens.failed) {
		result = judge(l, cfg, &tokens, warnings, err);
	} else {
		struct err first = *err;

		result = tokens.refused || tokens_find_marker(&in) ? -1 : 0;
		*err = first;
		if (result == 0)
			keep_as_it_is(l, cfg->line);
	}
	free(tokens.v);
	return result;
}

static bool pastes_text(const struct shell_line *l)
{
	for (size_t i = 0; i < l->nids; i++)
		if (l->ids[i].marker.raw)
			return true;
	return false;
}

struct shell_line *shell_compile(const struct shell_config *cfg, struct strv *warnings,
				 struct err *err)
{
	struct shell_line *l = xcalloc(1, sizeof *l);

	l->arena = arena_new();
	if (cfg->dialect != NULL)
		l->dialect = *cfg->dialect;
	l->parameters = cfg->parameters;
	l->name = arena_str(l->arena, cfg->name != NULL ? cfg->name : "sh");
	if (compile(l, cfg, warnings, err) < 0) {
		shell_free(l);
		return NULL;
	}
	if (!pastes_text(l))
		l->script = line_constant_script(l);
	return l;
}

void shell_free(struct shell_line *l)
{
	if (l == NULL)
		return;
	free(l->parts);
	free(l->ids);
	buf_clear(&l->text);
	free(l->script);
	arena_free(l->arena);
	free(l);
}

/* --- asking */

const char *shell_script(const struct shell_line *l)
{
	return l->script;
}

bool shell_has_markers(const struct shell_line *l)
{
	return l->nids > 0;
}

bool shell_takes_argument(const struct shell_line *l)
{
	return l->takes_argument;
}

bool shell_is_complete(const struct shell_line *l)
{
	return l->verdict.complete;
}

bool shell_evaluates(const struct shell_line *l)
{
	return l->verdict.class != LINE_INERT;
}

size_t shell_plain_words(const struct shell_line *l, const struct word **words)
{
	*words = l->words;
	return l->nwords;
}
