/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "command/shell/line.h"

void shell_free(struct shell_line *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->nids; i++)
		free(l->ids[i].name);
	free(l->parts);
	free(l->ids);
	buf_clear(&l->text);
	free(l->script);
	free(l->name);
	free((char *)l->verdict.construct);
	free(l);
}

/* --- from tokens to parts */

struct builder {
	struct shell_line *line;
	const struct tokens *tokens;
	const struct note *notes;
	bool fresh; /* the next text starts a new part */
};

/* What holds for all parts of a word. */
struct in_word {
	bool repeats, bare;
};

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
	const struct shell_marker *m = &t->marker;
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
	    .number = m->number,
	    .waived = m->waived,
	    .name = xmemdup0(t->text.p, t->text.len),
	};
	return i;
}

static void add_marker(struct builder *b, size_t i, struct in_word in)
{
	const struct token *t = &b->tokens->v[i];
	struct part *p = new_part(b->line, t->marker.raw ? PART_RAW : PART_REF);
	size_t id = find_id(b->line, t);

	p->id = id;
	p->quoting = t->quoting;
	p->checks = t->marker.raw ? 0 : b->notes[i].checks;
	p->list = t->marker.list;
	p->repeats = in.repeats && t->marker.list;
	p->bare = in.bare;
}

static bool has_own_words(enum nesting nesting)
{
	return nesting >= NEST_SUBSTITUTION && nesting != NEST_ARITHMETIC &&
	       nesting != NEST_ARITHMETIC_COMMAND && nesting != NEST_OLD_ARITHMETIC;
}

static void add_tokens(struct builder *b, size_t from, size_t to, struct in_word in);

static void add_word(struct builder *b, size_t i)
{
	const struct note *note = &b->notes[i];
	size_t start = b->line->n;

	b->fresh = true;
	add_tokens(b, i + 1, b->tokens->v[i].end, (struct in_word){note->repeats, note->bare});
	b->fresh = true;
	if (note->repeats)
		b->line->parts[start].repeat = b->line->n - start;
}

static void add_tokens(struct builder *b, size_t from, size_t to, struct in_word in)
{
	for (size_t i = from; i < to; i++) {
		const struct token *t = &b->tokens->v[i];

		if (t->kind == TOKEN_WORD || t->kind == TOKEN_KEYWORD ||
		    t->kind == TOKEN_NUMBER) {
			add_word(b, i);
			i = t->end - 1;
		} else if (t->kind == TOKEN_MARKER) {
			add_marker(b, i, in);
		} else if (t->kind == TOKEN_OPEN && has_own_words(t->nesting)) {
			add_text(b, t->silent ? (struct bytes){NULL, 0} : t->text);
			add_tokens(b, i + 1, t->end, (struct in_word){0});
			i = t->end - 1;
		} else if (!t->silent) {
			add_text(b, t->text);
		}
	}
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
		 const struct tokens *tokens, struct arena *a, struct strv *warnings,
		 struct err *err)
{
	struct grammar_input in = {.tokens = tokens,
				   .dialect = &l->dialect,
				   .allow_nested = cfg->allow_nested,
				   .foreign_variables = cfg->foreign_variables,
				   .arena = a,
				   .warnings = warnings};
	struct builder b = {.line = l, .tokens = tokens};

	if (grammar_judge(&in, &l->verdict, err) < 0)
		return -1;
	b.notes = l->verdict.notes;
	add_tokens(&b, 0, tokens->n, (struct in_word){0});
	l->takes_argument = tokens->takes_argument;
	l->has_comment = tokens->has_comment;
	l->unclear = l->verdict.uses_parameters;
	return 0;
}

static int compile(struct shell_line *l, const struct shell_config *cfg, struct arena *a,
		   struct strv *warnings, struct err *err)
{
	struct token_input in = {.line = bytes_str(cfg->line),
				 .match = cfg->match,
				 .arg = cfg->arg,
				 .ansi_quotes = cfg->ansi_quotes ||
						shell_traits(&l->dialect) & HAS_ANSI_QUOTES,
				 .arena = a};
	struct tokens tokens = {0};
	int result = 0;

	tokens_read(&tokens, &in, err);
	if (!tokens.failed) {
		result = judge(l, cfg, &tokens, a, warnings, err);
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
		if (!l->ids[i].bound)
			return true;
	return false;
}

struct shell_line *shell_compile(const struct shell_config *cfg, struct strv *warnings,
				 struct err *err)
{
	struct shell_line *l = xcalloc(1, sizeof *l);
	struct arena *a = arena_new();
	int result;

	if (cfg->dialect != NULL)
		l->dialect = *cfg->dialect;
	l->parameters = cfg->parameters;
	result = compile(l, cfg, a, warnings, err);
	l->verdict.notes = NULL;
	if (l->verdict.construct != NULL)
		l->verdict.construct = xstrdup(l->verdict.construct);
	arena_free(a);
	if (result < 0) {
		shell_free(l);
		return NULL;
	}
	l->name = xstrdup(cfg->name != NULL ? cfg->name : "sh");
	if (!pastes_text(l))
		l->script = line_constant_script(l);
	return l;
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
