/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "command/shell_internal.h"

static void drop_parts(struct shell_line *l)
{
	for (size_t i = 0; i < l->nids; i++)
		free(l->ids[i].name);
	l->n = l->nids = 0;
	buf_reset(&l->text);
}

void shell_free(struct shell_line *l)
{
	if (l == NULL)
		return;
	drop_parts(l);
	free(l->parts);
	free(l->ids);
	buf_clear(&l->text);
	free(l->script);
	free(l);
}

/* A line without a placeholder is the shell's business alone, also when we
 * cannot read it. */
static void keep_as_it_is(struct lexer *x, size_t len)
{
	struct shell_line *l = x->line;

	drop_parts(l);
	l->unclear = true;
	l->takes_argument = false;
	x->fresh = true;
	lex_emit(x, x->s, len);
}

static bool lex_line(struct lexer *x, size_t len)
{
	struct err first;

	lex_command(x, 0, false);
	if (!x->failed) {
		lint_finish(x);
		return true;
	}
	first = *x->err;
	x->pos = 0;
	if (x->refused || lex_has_marker(x, 0, len)) {
		*x->err = first;
		return false;
	}
	keep_as_it_is(x, len);
	return true;
}

static void lexer_clear(struct lexer *x)
{
	arena_free(x->scratch);
	buf_clear(&x->words);
	free(x->assignments);
	free(x->not_arithmetic);
	strv_clear(&x->integers);
	strv_clear(&x->warnings);
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
	size_t len = strlen(cfg->line);
	struct lexer x = {
	    .cfg = cfg,
	    .line = l,
	    .err = err,
	    .scratch = arena_new(),
	    .s = cfg->line,
	    .end = len,
	    .not_arithmetic = xcalloc(len + 1, 1),
	};

	if (lex_line(&x, len)) {
		for (size_t i = 0; i < x.warnings.n; i++)
			strv_add(warnings, x.warnings.v[i]);
		if (!pastes_text(l))
			l->script = shell_constant_script(l);
	} else {
		shell_free(l);
		l = NULL;
	}
	lexer_clear(&x);
	return l;
}

bool shell_has_markers(const struct shell_line *l)
{
	return l->nids > 0;
}

bool shell_takes_argument(const struct shell_line *l)
{
	return l->takes_argument;
}
