/* SPDX-License-Identifier: ISC */

/* A job as a line to paste into a terminal: the values are quoted in place where that
 * stays readable; otherwise the arguments are shown exactly as they are executed. */

#include <config.h>

#include "command/quote.h"
#include "command/shell/line.h"

struct show {
	const struct shell_line *l;
	const struct shell_values *v;
	struct arena *a;
	struct buf *out;
};

/* Can the text be printed on one line of a terminal? */
static bool is_presentable(struct bytes text)
{
	struct buf quoted = BUF_INIT;
	bool good;

	quote_always(&quoted, text);
	good = (text.len == 0 || memchr(text.p, '\n', text.len) == NULL) &&
	       (quoted.len == 0 || quoted.data[0] == '\'') &&
	       memmem(quoted.data, quoted.len, "\"$(printf", 9) == NULL;
	buf_clear(&quoted);
	return good;
}

/* Does the output end in $name, so that text after it would become part of the name? */
static bool ends_in_parameter(const struct buf *out)
{
	size_t i = out->len;

	while (i > 0 && (is_alnum(out->data[i - 1]) || out->data[i - 1] == '_'))
		i--;
	return i > 0 && (out->data[i - 1] == '$' || out->data[i - 1] == '!');
}

static bool is_harmless(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!is_alnum(b.p[i]) && !is_one_of(b.p[i], "_/.,:@%+= -"))
			return false;
	return b.len > 0;
}

static void show_value(struct buf *out, const struct part *p, struct bytes b)
{
	struct buf quoted = BUF_INIT;

	switch (p->quoting) {
	case QUOTING_DOUBLE:
		if (is_harmless(b) && !ends_in_parameter(out)) {
			buf_addb(out, b);
			break;
		}
		buf_addc(out, '"');
		quote_always(out, b);
		buf_addc(out, '"');
		break;
	case QUOTING_SINGLE:
		quote_always(&quoted, b);
		/* '...' pasted without its own quotes; else around them. */
		if (b.len == 0)
			break;
		if (is_presentable(b)) {
			buf_add(out, quoted.data + 1, quoted.len - 2);
			break;
		}
		buf_addc(out, '\'');
		buf_addb(out, buf_bytes(&quoted));
		buf_addc(out, '\'');
		break;
	default:
		if (p->bare)
			quote_word(out, b);
		else
			quote_always(out, b);
	}
	buf_clear(&quoted);
}

static void show_part(void *arg, const struct part *p, size_t index)
{
	struct show *s = arg;

	switch (p->kind) {
	case PART_TEXT:
		buf_add(s->out, s->l->text.data + p->from, p->to - p->from);
		break;
	case PART_BLANK:
		buf_addc(s->out, ' ');
		break;
	case PART_REF:
		show_value(s->out, p, line_value(s->l, s->v, p, index, s->a));
		break;
	case PART_RAW:
		buf_addb(s->out, line_value(s->l, s->v, p, index, s->a));
		break;
	}
}

static bool is_plain_sh(const char *shell)
{
	return strcmp(shell, "sh") == 0 || strcmp(shell, "/bin/sh") == 0 ||
	       strcmp(shell, "dash") == 0;
}

static struct bytes part_text(const struct shell_line *l, const struct part *p)
{
	return (struct bytes){l->text.data + p->from, p->to - p->from};
}

/* Can the values be written in place of their placeholders? */
static bool fits_inline(const struct show *s)
{
	const struct shell_line *l = s->l;

	if (l->unclear || l->parameters)
		return false;
	for (size_t i = 0; i < l->n; i++) {
		const struct part *p = &l->parts[i];

		if (p->kind == PART_TEXT && !is_presentable(part_text(l, p)))
			return false;
		if (p->kind == PART_RAW &&
		    !is_presentable(line_value(l, s->v, p, 0, s->a)))
			return false;
		if (p->kind == PART_REF && p->quoting != QUOTING_NONE &&
		    p->quoting != QUOTING_DOUBLE && p->quoting != QUOTING_SINGLE)
			return false;
	}
	return !l->verdict.changes_shell || !l->has_comment;
}

static void show_exact(const struct show *s, const char *shell)
{
	char **argv;
	size_t argc;

	line_build(s->l, s->v, s->a, &argv, &argc);
	buf_adds(s->out, shell);
	for (size_t i = 0; i < argc; i++) {
		buf_addc(s->out, ' ');
		quote_word(s->out, bytes_str(argv[i]));
	}
}

void shell_show(const struct shell_line *l, const struct shell_values *v,
		const char *shell, struct buf *out)
{
	struct show s = {l, v, arena_new(), out};

	if (!is_plain_sh(shell) || !fits_inline(&s)) {
		show_exact(&s, shell);
	} else if (l->verdict.changes_shell) {
		/* cd, exit and the like must not act on the shell pasted into. */
		buf_addc(out, '(');
		line_walk(l, v, show_part, &s);
		buf_addc(out, ')');
	} else {
		line_walk(l, v, show_part, &s);
	}
	arena_free(s.a);
}
