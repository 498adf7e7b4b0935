/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "command/shell_internal.h"

/* Places where a shell evaluates text that it has expanded already, quoted or
 * not: what arithmetic sees is an expression, and the subscript of a variable's
 * name in a[$(command)] is one too.  Each of the rules below was seen to run a
 * command in bash, mksh or zsh. */

/* --- words of the command at hand */

struct part *lint_first_ref(struct lexer *x, const struct lex_word *w)
{
	for (size_t i = w->part; i < w->parts_end; i++) {
		struct part *p = &x->line->parts[i];

		if (p->kind == PART_REF && p->frame == x->frame->serial)
			return p;
	}
	return NULL;
}

static void mark_parts(struct lexer *x, size_t from, size_t to, unsigned frame,
		       enum check check)
{
	for (size_t i = from; i < to; i++) {
		struct part *p = &x->line->parts[i];

		if (p->kind == PART_REF && p->frame == frame)
			p->checks |= check;
	}
}

static void mark_word(struct lexer *x, const struct lex_word *w, enum check check)
{
	if (w->refs > 0)
		mark_parts(x, w->part, w->parts_end, x->frame->serial, check);
}

/* Take back the repetition of a word. */
static void join_lists(struct lexer *x, const struct lex_word *w)
{
	if (!w->lists)
		return;
	x->line->parts[w->part].repeat = 0;
	for (size_t i = w->part; i < w->parts_end; i++)
		if (x->line->parts[i].frame == x->frame->serial)
			x->line->parts[i].repeats = false;
}

static void __attribute__((format(printf, 3, 4)))
refuse(struct lexer *x, const struct lex_word *w, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	lex_fail_column(x, lint_first_ref(x, w)->column, "%s", text);
}

static void refuse_name(struct lexer *x, const struct lex_word *w, struct bytes command)
{
	refuse(x, w, "a placeholder cannot name a variable ('%.*s' would evaluate it)",
	       (int)command.len, command.p);
}

struct bytes lint_basename(const struct lexer *x, const struct lex_word *w)
{
	struct bytes b = lex_word_text(x, w);

	for (size_t i = b.len; i > 0; i--)
		if (b.p[i - 1] == '/')
			return (struct bytes){b.p + i, b.len - i};
	return b;
}

static bool is_count(struct bytes b)
{
	size_t i = 0;

	while (i < b.len && (is_digit(b.p[i]) || b.p[i] == '.'))
		i++;
	return i > 0 && (i == b.len || (i + 1 == b.len && is_one_of(b.p[i], "smhdk")));
}

/* Behind "sudo", "env" and the like: an option, an assignment, "5s". */
static bool is_prefix_argument(struct bytes b)
{
	return (b.len > 0 && *b.p == '-') || lex_is_assignment(b) || is_count(b);
}

size_t lint_command_index(const struct lexer *x)
{
	static const char *const prefixes[] = {
	    "env",     "sudo",   "doas",    "nohup",     "exec",   "command", "builtin",
	    "nice",    "ionice", "time",    "timeout",   "setsid", "stdbuf",  "xargs",
	    "unshare", "strace", "chroot",  "noglob",    "repeat", "busybox", "-",
	    "setpriv", "chrt",   "taskset", "catchsegv", NULL};
	const struct frame *f = x->frame;
	size_t k = 0;

	while (k < f->nwords && lex_is_assignment(lex_word_text(x, &f->words[k])))
		k++;
	while (k < f->nwords && lex_listed(lint_basename(x, &f->words[k]), prefixes)) {
		k += lex_word_is(x, &f->words[k], "repeat") ? 2 : 1;
		while (k < f->nwords &&
		       is_prefix_argument(lex_word_text(x, &f->words[k])))
			k++;
	}
	return k < f->nwords ? k : f->nwords;
}

/* --- assignments */

/* Variables that are integers in some shell from the start. */
static const char *const integers[] = {
    "COLUMNS",   "EGID",       "ERRNO",   "EUID",   "GID",
    "HISTSIZE",  "KEYTIMEOUT", "LINENO",  "LINES",  "LISTMAX",
    "MAILCHECK", "OPTIND",     "PPID",    "RANDOM", "SAVEHIST",
    "SECONDS",   "SHLVL",      "SRANDOM", "TMOUT",  "TRY_BLOCK_ERROR",
    "UID",       NULL};

static void add_assignment(struct lexer *x, const struct lex_word *w, struct bytes name,
			   bool declared)
{
	x->assignments = xgrow(x->assignments, &x->assignments_cap, x->nassignments + 1,
			       sizeof *x->assignments);
	x->assignments[x->nassignments++] = (struct assignment){
	    .name = arena_dup(x->scratch, name.p, name.len),
	    .part = w->part,
	    .parts_end = w->parts_end,
	    .frame = x->frame->serial,
	    .declared = declared,
	};
}

/* a[HERE]=x, or [HERE]=x inside an array's parentheses. */
static bool in_subscript(struct bytes text, size_t name)
{
	const char *ref = memchr(text.p, WORD_REF, text.len);

	if (name == text.len || text.p[name] != '[' || ref == NULL)
		return false;
	for (const char *p = text.p + name; p + 1 < ref; p++)
		if (p[0] == ']' && (p[1] == '=' || p[1] == '+'))
			return false;
	return true;
}

void lint_assignment(struct lexer *x, const struct lex_word *w, bool declared)
{
	struct bytes text = lex_word_text(x, w);
	struct bytes name = {text.p, lex_name_length(text)};

	x->arrays |= name.len > 0 && text.p[name.len] == '[';
	if (w->refs == 0)
		return;
	if (in_subscript(text, name.len))
		refuse(x, w,
		       "a placeholder inside an array's subscript, which the shell "
		       "evaluates");
	else if (bytes_is(name, "PS4"))
		refuse(x, w, "a placeholder in PS4, which the shell evaluates");
	else
		add_assignment(x, w, name, declared);
}

void lint_loop(struct lexer *x)
{
	struct frame *f = x->frame;
	struct bytes name = bytes_str(f->loop_name);

	for (size_t i = 0; i < f->nwords; i++)
		if (f->words[i].refs > 0)
			add_assignment(x, &f->words[i], name, false);
}

static bool is_integer(const struct lexer *x, const char *name)
{
	for (size_t i = 0; i < x->integers.n; i++)
		if (strcmp(x->integers.v[i], name) == 0)
			return true;
	return lex_listed(bytes_str(name), integers);
}

/* What a name is may stand behind its use: loops, functions. */
void lint_finish(struct lexer *x)
{
	for (size_t i = 0; i < x->nassignments; i++) {
		struct assignment *a = &x->assignments[i];

		if (is_integer(x, a->name))
			mark_parts(x, a->part, a->parts_end, a->frame, CHECK_INTEGER);
		if (a->declared && x->arrays)
			mark_parts(x, a->part, a->parts_end, a->frame, CHECK_NO_ARRAY);
	}
}

/* --- builtins */

/* declare, export, ...: words k+1 and up. */
static void lint_declaration(struct lexer *x, size_t k)
{
	struct frame *f = x->frame;
	struct bytes command = lex_word_text(x, &f->words[k]);
	bool integer = bytes_is(command, "integer") || bytes_is(command, "float");
	bool reference = bytes_is(command, "nameref");

	for (size_t i = k + 1; i < f->nwords && !x->failed; i++) {
		struct lex_word *w = &f->words[i];
		struct bytes text = lex_word_text(x, w);
		struct bytes name = {text.p, lex_name_length(text)};

		if (text.len > 1 && text.p[0] == '-' && w->refs == 0) {
			integer |= strpbrk(arena_dup(x->scratch, text.p, text.len),
					   "iEF") != NULL;
			x->arrays |= memchr(text.p, 'a', text.len) ||
				     memchr(text.p, 'A', text.len);
			reference |= !bytes_is(command, "export") &&
				     memchr(text.p, 'n', text.len) != NULL;
			continue;
		}
		join_lists(x, w);
		if (integer && name.len > 0)
			strv_take(&x->integers, xmemdup0(name.p, name.len));
		if (w->refs > 0 && (reference || !lex_is_assignment(text)))
			refuse_name(x, w, command);
		else
			lint_assignment(x, w, true);
	}
}

static bool is_comparison(struct bytes text)
{
	static const char *const operators[] = {"-eq", "-ne", "-lt", "-le",
						"-gt", "-ge", NULL};

	return lex_listed(text, operators);
}

/* The operators of test and [[ ]] that compute, or take a variable's name. */
static void lint_operators(struct lexer *x, size_t from, struct bytes command)
{
	struct frame *f = x->frame;

	for (size_t i = from; i < f->nwords && !x->failed; i++) {
		struct lex_word *w = &f->words[i], *next = w + 1;
		struct bytes text = lex_word_text(x, w);
		bool last = i + 1 == f->nwords;

		if (is_comparison(text)) {
			if (i > from)
				mark_word(x, w - 1, CHECK_INTEGER);
			if (!last)
				mark_word(x, next, CHECK_INTEGER);
		}
		if (!last && next->refs > 0 &&
		    (bytes_is(text, "-v") || bytes_is(text, "-R")))
			refuse_name(x, next, command);
		if (!last && bytes_is(text, "-t"))
			mark_word(x, next, CHECK_INTEGER);
	}
}

void lint_condition(struct lexer *x)
{
	lint_operators(x, 0, bytes_str("[["));
}

/* "[ {1} {2} ]" with "-v" as the first value names a variable. */
static void lint_test(struct lexer *x, size_t k)
{
	struct frame *f = x->frame;

	for (size_t i = k + 1; i < f->nwords; i++) {
		join_lists(x, &f->words[i]);
		if (f->words[i].refs > 0 && f->words[i - 1].refs > 0)
			refuse(x, &f->words[i - 1],
			       "a placeholder cannot be an operator of '%.*s'",
			       (int)f->words[k].len, lex_word_text(x, &f->words[k]).p);
	}
	lint_operators(x, k + 1, lex_word_text(x, &f->words[k]));
}

/* Which of printf's arguments are numbers, by the conversions of its format:
 * one byte each, 'n' or 's'.  zsh evaluates the numbers. */
static void read_format(struct bytes format, struct buf *kinds)
{
	for (size_t i = 0; i < format.len; i++) {
		if (format.p[i] != '%' || ++i == format.len || format.p[i] == '%')
			continue;
		if (format.p[i] == '(') /* bash: %(TIME)T */
			while (i + 1 < format.len && format.p[i] != ')')
				i++;
		for (;
		     i < format.len && is_one_of(format.p[i], "#-+ 0123456789.*')hlLjzt");
		     i++)
			if (format.p[i] == '*')
				buf_addc(kinds, 'n');
		if (i < format.len)
			buf_addc(kinds, is_one_of(format.p[i], "sbqQT") ? 's' : 'n');
	}
}

static void lint_format(struct lexer *x, size_t format)
{
	struct frame *f = x->frame;
	struct buf kinds = BUF_INIT;
	bool numbers, lists = false;

	read_format(lex_word_text(x, &f->words[format]), &kinds);
	numbers = kinds.len > 0 && memchr(kinds.data, 'n', kinds.len) != NULL;
	for (size_t i = 0; numbers && format + 1 + i < f->nwords; i++) {
		struct lex_word *w = &f->words[format + 1 + i];
		struct bytes text = lex_word_text(x, w);
		bool quoted_char = text.len > 0 && is_one_of(*text.p, "'\"");

		/* One per value: any of them may meet any conversion. */
		lists |= w->lists;
		if (!quoted_char && (lists || kinds.data[i % kinds.len] == 'n'))
			mark_word(x, w, CHECK_NUMBER);
	}
	buf_clear(&kinds);
}

static void lint_printf(struct lexer *x, size_t k)
{
	struct frame *f = x->frame;
	size_t format = k + 1;

	if (format + 1 < f->nwords && lex_word_is(x, &f->words[format], "-v")) {
		if (f->words[format + 1].refs > 0)
			refuse_name(x, &f->words[format + 1], bytes_str("printf -v"));
		format += 2;
	}
	if (format < f->nwords && lex_word_is(x, &f->words[format], "--"))
		format++;
	if (format >= f->nwords)
		return;
	if (f->words[format].refs > 0)
		for (size_t i = format + 1; i < f->nwords; i++)
			if (f->words[i].refs > 0) {
				refuse(x, &f->words[format],
				       "a placeholder in printf's format says how the "
				       "others are "
				       "read; write printf '%%s' {}");
				return;
			}
	lint_format(x, format);
}

/* Options whose argument is a name: "set -A NAME", "wait -p NAME". */
static void lint_name_option(struct lexer *x, size_t k, const char *option)
{
	struct frame *f = x->frame;

	for (size_t i = k + 1; i + 1 < f->nwords; i++)
		if (lex_word_is(x, &f->words[i], option) && f->words[i + 1].refs > 0)
			refuse_name(x, &f->words[i + 1], lex_word_text(x, &f->words[k]));
}

static void lint_numbers(struct lexer *x, size_t k, enum check check)
{
	for (size_t i = k + 1; i < x->frame->nwords; i++)
		mark_word(x, &x->frame->words[i], check);
}

static void lint_names(struct lexer *x, size_t k)
{
	struct frame *f = x->frame;

	x->arrays |= !lex_word_is(x, &f->words[k], "read");
	for (size_t i = k + 1; i < f->nwords; i++) {
		x->arrays |= lex_word_is(x, &f->words[i], "-a");
		if (f->words[i].refs > 0)
			refuse_name(x, &f->words[i], lex_word_text(x, &f->words[k]));
	}
}

static void lint_builtin(struct lexer *x, size_t k)
{
	static const char *const names[] = {"read",      "unset", "getopts",    "mapfile",
					    "readarray", "vared", "zparseopts", NULL};
	static const char *const declarations[] = {"declare", "typeset",  "local",
						   "export",  "readonly", "integer",
						   "float",   "nameref",  NULL};
	static const char *const numbers[] = {"exit",  "return", "break",  "continue",
					      "shift", "ulimit", "logout", "bye",
					      "let",   NULL};
	struct bytes name = lex_word_text(x, &x->frame->words[k]);

	if (lex_listed(name, names))
		lint_names(x, k);
	else if (lex_listed(name, declarations))
		lint_declaration(x, k);
	else if (lex_listed(name, numbers))
		lint_numbers(x, k, CHECK_INTEGER);
	else if (bytes_is(name, "test") || bytes_is(name, "["))
		lint_test(x, k);
	else if (bytes_is(name, "printf"))
		lint_printf(x, k);
	else if (bytes_is(name, "print") && x->frame->nwords > k + 1 &&
		 lex_word_is(x, &x->frame->words[k + 1], "-f"))
		lint_numbers(x, k + 1, CHECK_NUMBER);
	else if (bytes_is(name, "set"))
		lint_name_option(x, k, "-A");
	else if (bytes_is(name, "wait"))
		lint_name_option(x, k, "-p");
}

/* Commands that would act on the terminal's shell when the line is pasted. */
static void note_effects(struct lexer *x, size_t k)
{
	static const char *const names[] = {
	    "exit",   "return", "cd",     "set",      "shift",  "exec",  "trap",  "umask",
	    "ulimit", "break",  "logout", "continue", "export", "unset", "alias", NULL};
	const struct frame *f = x->frame;

	x->line->changes_shell |=
	    (k < f->nwords && lex_listed(lex_word_text(x, &f->words[k]), names)) ||
	    lex_word_is(x, &f->words[0], "exec");
}

void lint_command(struct lexer *x)
{
	struct frame *f = x->frame;
	size_t k;

	if (f->nwords == 0 || x->failed)
		return;
	if (x->cfg->program) {
		lint_nested(x);
		return;
	}
	/* zsh: repeat COUNT COMMAND */
	if (f->nwords > 1 && lex_word_is(x, &f->words[0], "repeat"))
		mark_word(x, &f->words[1], CHECK_INTEGER);
	k = lint_command_index(x);
	note_effects(x, k);
	if (k < f->nwords)
		lint_builtin(x, k);
	lint_nested(x);
}
