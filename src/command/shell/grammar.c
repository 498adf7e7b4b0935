/* SPDX-License-Identifier: ISC */

/* The walk over the commands of a line.  Words are collected to commands, which are judged
 * where they end; assignments and what computes with variables are noted, and compared
 * when the whole line is known. */

#include <config.h>

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/shell/grammar.h"

/* --- what is found */

static size_t column(const struct grammar *g, size_t token)
{
	return g->anchor > 0 ? g->anchor : g->t->v[token].column;
}

void judge_evaluates(struct grammar *g, enum line_class class, size_t token,
		     const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	if (class <= g->out->class)
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	g->out->class = class;
	g->out->construct = arena_str(g->a, buf_cstr(&text));
	g->out->column = column(g, token);
	buf_clear(&text);
}

void judge_refuse(struct grammar *g, size_t token, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	if (g->failed)
		return;
	g->failed = true;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	err_usage(g->err, "column %zu: %s", column(g, token), buf_cstr(&text));
	buf_clear(&text);
}

/* What bash reads and this sh reads as something else is refused, as it would do
 * something else; what only another shell might read is not inert. */
void judge_needs(struct grammar *g, unsigned trait, size_t token, const char *what,
		  const char *instead)
{
	if (g->traits & trait)
		return;
	if (g->d->kind == SHELL_DASH || g->d->kind == SHELL_BUSYBOX)
		judge_refuse(g, token,
			     "%s means something else to %s than to bash; %s, or use "
			     "--shell bash",
			     what, shell_kind_name(g->d), instead);
	judge_evaluates(g, LINE_CODE, token, "%s", what);
}

void judge_use(struct grammar *g, struct bytes name, size_t token, const char *what)
{
	g->uses = xgrow(g->uses, &g->uses_cap, g->nuses + 1, sizeof *g->uses);
	g->uses[g->nuses++] = (struct name_use){name, token, what, g->anchor};
}

void judge_assigned(struct grammar *g, size_t token, struct bytes name, bool number)
{
	enum name_kind kind = shell_name_kind(g->d, name);

	if (kind == NAME_NUMBER && !number)
		judge_evaluates(g, LINE_EXPRESSION, token,
				"the variable %.*s, which some shells compute",
				(int)name.len, name.p);
	else if (kind == NAME_TEXT)
		judge_evaluates(g, LINE_CODE, token,
				"the variable %.*s, which the shell uses itself",
				(int)name.len, name.p);
	g->assigned =
	    xgrow(g->assigned, &g->assigned_cap, g->nassigned + 1, sizeof *g->assigned);
	g->assigned[g->nassigned++] = (struct assigned){name, number};
}

/* --- commands */

static void keep_word(struct grammar *g, struct command_line *c, size_t token,
		      struct bytes text)
{
	struct cmd_word *old = c->v;

	if (c->n == c->cap) {
		c->cap = c->cap * 2 + 8;
		c->v = arena_alloc(g->a, c->cap * sizeof *c->v);
		if (c->n > 0)
			memcpy(c->v, old, c->n * sizeof *c->v);
	}
	c->v[c->n++] = (struct cmd_word){token, text};
}

/* PATH=dir:$PATH: text that no value is in. */
static bool is_fixed_text(const struct grammar *g, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_TEXT ? memchr(p->value.p, '$', p->value.len) != NULL ||
						memchr(p->value.p, '`', p->value.len) != NULL
		    : p->kind == TOKEN_PARAMETER
			? !is_listed(p->value, "PATH HOME")
			: (p->kind != TOKEN_OPEN && p->kind != TOKEN_CLOSE) ||
			      p->nesting >= NEST_ANSI)
			return false;
	}
	return true;
}

static void element_subscript(struct grammar *g, const struct cmd_word *w,
			      struct bytes inside)
{
	if (memchr(inside.p, WORD_REF, inside.len) != NULL)
		judge_refuse(g, word_marker(g, w), "%s", judge_in_subscript);
	else if (is_name(inside))
		judge_use(g, inside, w->token, "a subscript");
	else if (!is_digits(inside))
		judge_evaluates(g, LINE_EXPRESSION, w->token, "a subscript");
	judge_needs(g, HAS_ARRAYS, w->token, "a subscript", "use set -- and \"$@\"");
}

/* The value of NAME=VALUE. */
static void assigned_value(struct grammar *g, const struct cmd_word *w, struct bytes name,
			   struct bytes value)
{
	size_t first = w->token + 1, end = g->t->v[w->token].end;
	const struct token *last = &g->t->v[end - 1];
	enum name_kind kind = shell_name_kind(g->d, name);
	bool array = last->kind == TOKEN_CLOSE && last->nesting == NEST_ARRAY;
	bool number = is_number_text(value);

	/* One that is nothing but $((...)), $#, ... is a number, too. */
	if (end == first + 2 || (end > first + 1 && g->t->v[first + 1].kind == TOKEN_OPEN &&
				 g->t->v[first + 1].end == end - 1))
		number |= value.len == 1 && is_number_token(&g->t->v[first + 1]);
	if (array)
		strv_take(&g->arrays, xmemdup0(name.p, name.len));
	if (is_listed(name, "PS4 ENV BASH_ENV PROMPT_COMMAND ZDOTDIR") &&
	    word_marker(g, w) > 0)
		judge_refuse(g, word_marker(g, w),
			     "a placeholder in %.*s, which the shell evaluates", (int)name.len,
			     name.p);
	if (kind == NAME_TEXT && is_fixed_text(g, first, end) && !array)
		return;
	if (kind == NAME_NUMBER && value.len == 1 && *value.p == WORD_REF) {
		word_check(g, w, PLACE_INTEGER);
		number = true;
	}
	judge_assigned(g, w->token, name, number && !array);
}

void judge_assignment(struct grammar *g, const struct cmd_word *w)
{
	struct bytes text = w->text, name = {text.p, name_length(text)};
	const char *equals = memchr(text.p, '=', text.len);
	size_t at = name.len, depth = 0;

	if (at < text.len && text.p[at] == '[') {
		for (; at < text.len && (depth > 1 || text.p[at] != ']'); at++)
			depth += (text.p[at] == '[') - (size_t)(text.p[at] == ']');
		element_subscript(g, w,
				  (struct bytes){text.p + name.len + 1, at - name.len - 1});
		equals = at < text.len ? memchr(text.p + at, '=', text.len - at) : NULL;
		if (name.len == 0)
			return; /* [1]=x in an array */
	}
	if (equals == NULL || g->failed)
		return;
	equals++;
	assigned_value(g, w, name,
		       (struct bytes){equals, (size_t)(text.p + text.len - equals)});
}

/* A list in this word makes it several words, one per value. */
static void repeat_word(struct grammar *g, size_t token)
{
	if (!g->anchor && word_has_list(g, token))
		g->out->notes[token].repeats = true;
}

/* May a value in the word be shown without quotes?  Not next to a redirection
 * (echo 2>file), and not inside quotes. */
static void show_bare(struct grammar *g, const struct cmd_word *w)
{
	size_t end = g->t->v[w->token].end;

	for (size_t i = w->token + 1; i < end; i++) {
		const struct token *p = &g->t->v[i];

		if (p->kind == TOKEN_TEXT ? p->quoted || !has_only(p->value, "_/.,:@%+=-")
					  : p->kind != TOKEN_MARKER || p->marker.raw)
			return;
	}
	if (!g->anchor &&
	    (end == g->t->n || g->t->v[end].kind != TOKEN_REDIRECTION))
		g->out->notes[w->token].bare = true;
}

static void argument(struct grammar *g, struct command_line *c, size_t i)
{
	const struct token *t = &g->t->v[i];
	struct cmd_word w = {i, tokens_text(g->t, i + 1, t->end, g->a)};

	keep_word(g, c, i, w.text);
	if (t->role == ROLE_ASSIGNMENT) {
		judge_assignment(g, &w);
		return;
	}
	if (!t->quoted && is_listed(w.text, "{ }") && (g->traits & SUBSCRIPTS_PARAMETERS))
		judge_evaluates(g, LINE_CODE, i, "a lone brace");
	if (g->in_condition || g->in_pattern)
		return;
	repeat_word(g, i);
	if (t->role == ROLE_ARGUMENT && !c->in_loop && g->in_array == 0)
		show_bare(g, &w);
}

static void brace_range(struct grammar *g, size_t i)
{
	const struct token *t = &g->t->v[i + 1];
	const char *open, *dots;

	if (g->t->v[i].end != i + 2 || t->kind != TOKEN_TEXT || t->quoted ||
	    (g->traits & HAS_RANGES))
		return;
	open = memchr(t->text.p, '{', t->text.len);
	if (open == NULL)
		return;
	dots = memmem(open, (size_t)(t->text.p + t->text.len - open), "..", 2);
	if (dots == NULL || dots == open + 1 ||
	    memchr(dots, '}', (size_t)(t->text.p + t->text.len - dots)) == NULL)
		return;
	for (const char *p = open + 1; p < dots; p++)
		if (!is_alnum(*p) && *p != '-')
			return;
	if (g->d->kind == SHELL_DASH || g->d->kind == SHELL_BUSYBOX)
		judge_needs(g, HAS_RANGES, i, "{1..3}", "write $(seq 1 3)");
}

static void target(struct grammar *g, struct command_line *c, size_t i)
{
	const struct token *t = &g->t->v[i];
	struct cmd_word w = {i, tokens_text(g->t, i + 1, t->end, g->a)};

	if (is_listed(c->redirection, "<<<"))
		c->here_string = i;
	g->writes |= memchr(c->redirection.p, '>', c->redirection.len) != NULL &&
		     !word_is(&w, "/dev/null") && !is_digits(w.text);
	if (!is_listed(c->redirection, ">& <&"))
		return;
	if (word_marker(g, &w) > 0)
		judge_refuse(g, word_marker(g, &w),
			     "a placeholder cannot follow >& or <&: bash would evaluate it; "
			     "for a file write > {} 2>&1");
	else if (!word_is_literal(&w))
		judge_evaluates(g, LINE_CODE, i, "an expansion after %.*s",
				(int)c->redirection.len, c->redirection.p);
	else if (!is_digits(w.text) && !word_is(&w, "-"))
		judge_needs(g, HAS_AMPERSAND, i, ">&FILE", "write > FILE 2>&1");
}

static void function_name(struct grammar *g, const struct cmd_word *w)
{
	if (word_marker(g, w) > 0 || !word_is_literal(w))
		judge_evaluates(g, LINE_CODE, w->token, "a function's name");
}

static void take_word(struct grammar *g, struct command_line *c, size_t i)
{
	const struct token *t = &g->t->v[i];
	struct cmd_word w = {i, {"", 0}};

	switch (t->role) {
	case ROLE_ARGUMENT:
	case ROLE_COMMAND:
	case ROLE_ASSIGNMENT:
		argument(g, c, i);
		break;
	case ROLE_TARGET:
		target(g, c, i);
		break;
	case ROLE_LOOP_NAME:
		w.text = tokens_text(g->t, i + 1, t->end, g->a);
		if (word_marker(g, &w) > 0)
			judge_refuse(g, word_marker(g, &w),
				     "a placeholder cannot name the variable of a loop");
		else if (!is_name(w.text))
			judge_evaluates(g, LINE_CODE, i, "a loop without a name");
		c->in_loop = true;
		c->loop_name = w.text;
		break;
	case ROLE_FUNCTION:
		w.text = tokens_text(g->t, i + 1, t->end, g->a);
		function_name(g, &w);
		break;
	case ROLE_SUBJECT:
	case ROLE_PATTERN:
		break;
	}
	brace_range(g, i);
	w.token = i;
	if (g->d->glob_subst && t->role != ROLE_ASSIGNMENT && !word_is_one(g, &w))
		judge_evaluates(g, LINE_CODE, i, "an unquoted expansion with globsubst");
	judge_pieces(g, i + 1, t->end);
}

static void finish_loop(struct grammar *g, struct command_line *c)
{
	bool numbers = c->n > 0;

	for (size_t i = 0; i < c->n; i++)
		numbers &= is_digits(c->v[i].text);
	if (is_name(c->loop_name))
		judge_assigned(g, c->v != NULL ? c->v[0].token : 0, c->loop_name, numbers);
}

static void finish_command(struct grammar *g, struct command_line *c)
{
	if (g->failed)
		return;
	if (g->in_pattern > 0 || g->in_array > 0)
		;
	else if (g->in_condition)
		judge_condition(g, c);
	else if (c->in_loop)
		finish_loop(g, c);
	else if (c->n > 0)
		judge_builtin(g, c);
	*c = (struct command_line){.v = c->v, .cap = c->cap};
}

static void keyword(struct grammar *g, struct command_line *c, size_t i)
{
	struct bytes text = tokens_text(g->t, i + 1, g->t->v[i].end, g->a);

	if (is_listed(text, "select foreach coproc"))
		judge_evaluates(g, LINE_CODE, i, "'%.*s'", (int)text.len, text.p);
	else if (bytes_is(text, "function"))
		judge_needs(g, HAS_FUNCTION, i, "'function'", "write NAME() { ...; }");
	if (bytes_is(text, "[[")) {
		judge_needs(g, HAS_CONDITION, i, "[[", "write [ ]");
		finish_command(g, c);
		g->in_condition = true;
	} else if (bytes_is(text, "]]")) {
		finish_command(g, c);
		g->in_condition = false;
	} else if (bytes_is(text, "{") && !c->in_loop) {
		*c = (struct command_line){.v = c->v, .cap = c->cap}; /* coproc NAME { */
	} else if (!bytes_is(text, "in")) {
		finish_command(g, c);
	}
}

static void operator_sign(struct grammar *g, struct command_line *c, size_t i)
{
	struct bytes text = g->t->v[i].value;

	if (*text.p == '(') { /* of a function */
		for (size_t k = 0; k < c->n; k++)
			function_name(g, &c->v[k]);
		if (c->n > 1)
			judge_evaluates(g, LINE_CODE, i, "several names of a function");
		*c = (struct command_line){.v = c->v, .cap = c->cap};
		return;
	}
	if (is_listed(text, "|&"))
		judge_needs(g, HAS_PIPE_BOTH, i, "|&", "write 2>&1 |");
	if (is_listed(text, ";& ;;& ;|") && g->d->kind != SHELL_BASH &&
	    g->d->kind != SHELL_ZSH)
		judge_evaluates(g, LINE_CODE, i, "%.*s", (int)text.len, text.p);
	if (g->in_condition && is_listed(text, "< >"))
		keep_word(g, c, i, text);
	else
		finish_command(g, c);
}

static void redirection(struct grammar *g, struct command_line *c, size_t i)
{
	struct bytes text = g->t->v[i].value;

	c->redirection = text;
	if (is_listed(text, "&> &>>"))
		judge_needs(g, HAS_AMPERSAND, i, "&>", "write > FILE 2>&1");
	else if (is_listed(text, "<<<") && !(g->traits & HAS_HERE_STRING))
		judge_evaluates(g, LINE_CODE, i, "<<<");
	else if (is_listed(text, "<< <<-") && c->heredoc == 0)
		c->heredoc = i;
	/* {fd}>FILE gives a variable a number. */
	if (i > 0 && g->t->v[i - 1].kind == TOKEN_TEXT && g->t->v[i - 1].value.len > 0 &&
	    g->t->v[i - 1].value.p[g->t->v[i - 1].value.len - 1] == '}')
		judge_evaluates(g, LINE_EXPRESSION, i, "{NAME}%.*s", (int)text.len, text.p);
}

static void open_list(struct grammar *g, struct command_line *c, size_t i)
{
	const struct token *t = &g->t->v[i];

	if (t->nesting == NEST_HEREDOC && t->unsure)
		judge_evaluates(g, LINE_CODE, i, "a here-document without its end");
	if (t->nesting == NEST_SUBSHELL && g->in_condition) {
		finish_command(g, c);
		judge_list(g, i + 1, t->end);
		return;
	}
	if (t->nesting == NEST_SUBSHELL && c->in_loop)
		judge_evaluates(g, LINE_CODE, i, "( after the name of a loop");
	judge_nested(g, i);
}

void judge_list(struct grammar *g, size_t from, size_t to)
{
	struct command_line c = {0};

	for (size_t i = from; i < to && !g->failed; i++) {
		const struct token *t = &g->t->v[i];

		switch (t->kind) {
		case TOKEN_WORD:
			take_word(g, &c, i);
			i = t->end - 1;
			break;
		case TOKEN_KEYWORD:
			keyword(g, &c, i);
			i = t->end - 1;
			break;
		case TOKEN_NUMBER:
			i = t->end - 1;
			break;
		case TOKEN_OPERATOR:
			operator_sign(g, &c, i);
			break;
		case TOKEN_REDIRECTION:
			redirection(g, &c, i);
			break;
		case TOKEN_OPEN:
			open_list(g, &c, i);
			i = t->end;
			break;
		default:
			break;
		}
	}
	finish_command(g, &c);
}

/* --- a whole line */

bool is_function_sign(const struct token *t)
{
	return t->kind == TOKEN_OPERATOR && t->value.len > 1 && *t->value.p == '(';
}

static void find_functions(struct grammar *g)
{
	for (size_t i = 0; i < g->t->n; i++) {
		const struct token *t = &g->t->v[i];
		size_t next = t->end;

		if (t->kind != TOKEN_WORD)
			continue;
		while (next < g->t->n && g->t->v[next].kind == TOKEN_BLANK)
			next++;
		if (t->role != ROLE_FUNCTION &&
		    (next >= g->t->n || !is_function_sign(&g->t->v[next])))
			continue;
		g->functions = xgrow(g->functions, &g->functions_cap, g->nfunctions + 1,
				     sizeof *g->functions);
		g->functions[g->nfunctions++] = tokens_text(g->t, i + 1, t->end, g->a);
	}
}

void judge_tokens(struct grammar *g)
{
	find_functions(g);
	judge_list(g, 0, g->t->n);
}

/* Is the variable a number wherever the line assigns it? */
static bool is_number_name(const struct grammar *g, struct bytes name)
{
	bool assigned = is_listed(name, "VOLLEY_SEQ VOLLEY_SLOT VOLLEY_TRY VOLLEY_PID "
					"PARALLEL_SEQ PARALLEL_JOBSLOT RANDOM SECONDS LINENO "
					"PPID UID EUID");

	if (shell_name_kind(g->d, name) == NAME_TEXT ||
	    (name.len > 6 && memcmp(name.p, "EVENT_", 6) == 0))
		return false;
	for (size_t i = 0; i < g->nassigned; i++) {
		if (!bytes_eq(g->assigned[i].name, name))
			continue;
		if (!g->assigned[i].number || g->in->foreign_variables)
			return false;
		assigned = true;
	}
	return assigned;
}

/* What a name is may be said after its use: loops, functions. */
static void check_uses(struct grammar *g)
{
	for (size_t i = 0; i < g->nuses; i++) {
		const struct name_use *use = &g->uses[i];

		if (is_number_name(g, use->name))
			continue;
		g->anchor = use->anchor;
		judge_evaluates(g, LINE_EXPRESSION, use->token, "the variable %.*s in %s",
				(int)use->name.len, use->name.p, use->what);
	}
}

static struct bytes last_part(struct bytes path)
{
	const char *slash = path.len > 0 ? memrchr(path.p, '/', path.len) : NULL;

	return slash == NULL ? path
			     : (struct bytes){slash + 1, path.len - (size_t)(slash + 1 - path.p)};
}

/* Does another command of the line name the file that it sources? */
static bool names_source(const struct grammar *g)
{
	const struct token *t = g->t->v;
	struct bytes file;

	if (g->source >= g->t->n || t[g->source].kind != TOKEN_WORD)
		return true; /* inside another text */
	file = last_part(tokens_text(g->t, g->source + 1, t[g->source].end, g->a));
	for (size_t i = 0; i < g->t->n; i++)
		if (t[i].kind == TOKEN_WORD && i != g->source &&
		    bytes_eq(last_part(tokens_text(g->t, i + 1, t[i].end, g->a)), file))
			return true;
	return false;
}

int grammar_judge(const struct grammar_input *in, struct verdict *out, struct err *err)
{
	struct grammar g = {.in = in,
			    .t = in->tokens,
			    .d = in->dialect,
			    .traits = shell_traits(in->dialect),
			    .a = in->arena,
			    .out = out,
			    .err = err};

	*out = (struct verdict){
	    .notes = arena_calloc(in->arena, in->tokens->n + 1, sizeof *out->notes)};
	judge_tokens(&g);
	if (g.sources && (g.writes || names_source(&g)))
		judge_evaluates(&g, LINE_CODE, g.source, "a file that the line may write");
	check_uses(&g);
	out->complete = out->class == LINE_INERT && in->dialect->kind != SHELL_UNKNOWN &&
			syntax_is_sure(in->tokens);
	free(g.assigned);
	free(g.uses);
	free(g.functions);
	strv_clear(&g.arrays);
	return g.failed ? -1 : 0;
}
