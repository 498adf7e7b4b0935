/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SHELL_GENERATE_H
#define TESTS_UNIT_SHELL_GENERATE_H

/* Random shell lines with placeholders, from a grammar in which a value changes
 * nothing but the arguments of "show": run with a harmless word in place of
 * {}, a line says what it must do with any other value. */

#include <stdint.h>

#include "base/buf.h"

/* \{} is written as one of these: what says the same without a binder depends
 * on the quoting around it. */
#define ESCAPED "\x10"        /* unquoted: \{\} */
#define ESCAPED_QUOTED "\x11" /* {} */
#define ESCAPED_BRACE "\x12"  /* in "${u:-...}": {\} */
/* $x, before which a word in place of a placeholder must not become $xword. */
#define VARIABLE "\x17"

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state;
}

static inline size_t random_below(struct random *r, size_t n)
{
	return (size_t)((random_next(r) >> 16) % n);
}

struct generator {
	struct random *random;
	int depth;
	int budget;      /* placeholders and commands still to write */
	bool one_line;   /* no newline, no here-document */
	bool in_brace;   /* in "${u:-...}" */
	bool in_heredoc; /* \" in backquotes is not the same in all shells there */
};

static inline void generate_list(struct generator *g, struct buf *out);
static inline void generate_word(struct generator *g, struct buf *out);

static inline size_t pick(struct generator *g, size_t n)
{
	return random_below(g->random, n);
}

static inline void add_one_of(struct generator *g, struct buf *out, const char *const *list,
		       size_t n)
{
	buf_adds(out, list[pick(g, n)]);
}

static inline void generate_marker(struct generator *g, struct buf *out)
{
	static const char *const markers[] = {"{}", "{}", "{}", "{name}", "{name}"};

	add_one_of(g, out, markers, 5);
}

static inline void generate_single(struct generator *g, struct buf *out)
{
	static const char *const pieces[] = {
	    "a b", "\"", "$x", "`",   "\\n",          "*", "$(", "#", ";",
	    "(",   ")",  "}",  "{a}", ESCAPED_QUOTED, "$ "};

	buf_addc(out, '\'');
	for (size_t n = pick(g, 4); n > 0; n--)
		if (pick(g, 3) == 0)
			generate_marker(g, out);
		else
			add_one_of(g, out, pieces, 15);
	buf_addc(out, '\'');
}

/* A list of commands as $( ) or backquotes, in quotes: show prints nothing. */
static inline void generate_substitution(struct generator *g, struct buf *out, bool in_double)
{
	struct generator inner = *g;
	struct buf text = BUF_INIT;

	inner.depth = g->depth + 1;
	inner.in_brace = inner.in_heredoc = false;
	in_double &= !g->in_heredoc && !g->in_brace;
	if (pick(g, 2) == 0) {
		buf_adds(out, "$( "); /* a blank: "((" would be arithmetic */
		generate_list(&inner, out);
		buf_adds(out, " )");
	} else {
		inner.one_line = true;
		generate_list(&inner, &text);
		buf_addc(out, '`');
		for (size_t i = 0; i < text.len; i++) {
			char c = text.data[i];

			if (c == '\\' || c == '`' || c == '$' || (in_double && c == '"'))
				buf_addc(out, '\\');
			buf_addc(out, c);
		}
		buf_addc(out, '`');
		buf_clear(&text);
	}
	g->budget = inner.budget;
}

static inline void generate_double(struct generator *g, struct buf *out, bool quotes);

static inline void generate_default(struct generator *g, struct buf *out, bool in_double)
{
	static const char *const heads[] = {"${u:-", "${u-", "${x:+", "${x+"};
	bool in_brace = g->in_brace;

	if (g->depth > 4) {
		buf_adds(out, VARIABLE);
		return;
	}
	g->depth++;
	add_one_of(g, out, heads, 4);
	g->in_brace = in_double;
	if (in_double)
		generate_double(g, out, false);
	else
		generate_word(g, out);
	g->in_brace = in_brace;
	buf_addc(out, '}');
	g->depth--;
}

static inline void generate_double(struct generator *g, struct buf *out, bool quotes)
{
	static const char *const pieces[] = {"a b", VARIABLE,   "${x}", "*",   "#",
					     ";",   "(x)",      "\\\\", "\\$", "\\`",
					     "-",   "$((1+2))", "x"};

	if (quotes)
		buf_addc(out, '"');
	for (size_t n = pick(g, 4) + !quotes; n > 0; n--)
		switch (pick(g, 9)) {
		case 0:
		case 1:
		case 2:
			generate_marker(g, out);
			break;
		case 8:
			buf_adds(out, g->in_brace ? ESCAPED_BRACE : ESCAPED_QUOTED);
			break;
		case 3:
			generate_default(g, out, true);
			break;
		case 4:
			if (g->depth < 4 && g->budget > 0) {
				generate_substitution(g, out, true);
				break;
			}
			/* fall through */
		default:
			add_one_of(g, out, pieces, 13);
		}
	if (quotes)
		buf_addc(out, '"');
}

static inline void generate_word(struct generator *g, struct buf *out)
{
	static const char *const pieces[] = {"a",     "b-c",      "x=",  "\\;",
					     "\\'",   "\\\"",     "\\ ", VARIABLE,
					     ESCAPED, "$((1+2))", "\\$", "\\\\"};

	g->budget--;
	for (size_t n = 1 + pick(g, 3); n > 0; n--)
		switch (pick(g, 9)) {
		case 0:
		case 1:
		case 2:
			generate_marker(g, out);
			break;
		case 3:
			generate_single(g, out);
			break;
		case 4:
		case 5:
			generate_double(g, out, true);
			break;
		case 6:
			generate_default(g, out, false);
			break;
		default:
			add_one_of(g, out, pieces, 12);
		}
}

static inline void generate_words(struct generator *g, struct buf *out)
{
	for (size_t n = 1 + pick(g, 3); n > 0; n--) {
		buf_addc(out, ' ');
		generate_word(g, out);
	}
}

static inline void generate_body(struct generator *g, struct buf *out, bool literal)
{
	static const char *const pieces[] = {"a 'b' \"c\"", "\\\\ ", "\\$x ", "EO",
					     "# x",         "\t",    ")"};
	struct generator inner = *g;

	inner.one_line = true;
	inner.in_brace = false;
	inner.in_heredoc = true;
	inner.depth++;
	for (size_t n = 1 + pick(g, 3); n > 0; n--) {
		switch (pick(g, 5)) {
		case 0:
			if (!literal && g->depth < 3) {
				generate_double(&inner, out, false);
				break;
			}
			/* fall through */
		case 1:
		case 2:
			generate_marker(g, out);
			break;
		default:
			add_one_of(g, out, pieces, 7);
		}
		if (pick(g, 2) == 0)
			buf_addc(out, '\n');
	}
	g->budget = inner.budget;
}

static inline void generate_heredoc(struct generator *g, struct buf *out)
{
	bool literal = pick(g, 2) == 0;

	buf_adds(out, "show -stdin");
	generate_words(g, out);
	buf_adds(out, literal ? " <<'EOF'\n" : " <<EOF\n");
	generate_body(g, out, literal);
	buf_adds(out, "\nEOF\n");
}

/* Ends a list before a keyword: a newline is enough. */
static inline void end_list(struct buf *out)
{
	if (out->data[out->len - 1] != '\n')
		buf_adds(out, "; ");
}

static inline void generate_compound(struct generator *g, struct buf *out)
{
	static const char *const heads[] = {"{ ",     "if true; then ", "for i in ",
					    "case a", "f() { ",         "( "};
	static const char *const tails[] = {"}",       "fi", "done", "esac",
					    "}; f zz", ")",  "done"};
	size_t kind = pick(g, 7);

	if (kind < 6)
		buf_adds(out, heads[kind]);
	else
		buf_addf(out, "w%d=; while [ \"$w%d\" != 1 ]; do w%d=1; ", g->depth,
			 g->depth, g->depth);
	if (kind == 2) {
		generate_words(g, out);
		buf_adds(out, "; do show \"$i\"; ");
	} else if (kind == 3) {
		generate_single(g, out);
		buf_adds(out,
			 pick(g, 2) ? " in b) show no;; (*) " : " in b) show no;; *) ");
	}
	generate_list(g, out);
	if (kind == 3)
		buf_adds(out, out->data[out->len - 1] == '\n' ? "" : ";; ");
	else if (kind != 5)
		end_list(out);
	buf_adds(out, tails[kind]);
}

static inline void generate_command(struct generator *g, struct buf *out)
{
	size_t kind = pick(g, 10);

	g->budget--;
	if (kind < 2 && g->depth < 4) {
		g->depth++;
		generate_compound(g, out);
		g->depth--;
	} else if (kind == 2 && !g->one_line) {
		generate_heredoc(g, out);
	} else if (kind == 3) {
		buf_adds(out, "y=");
		generate_double(g, out, true);
		generate_marker(g, out);
		buf_adds(out, "; show \"$y\"");
	} else if (kind == 4) {
		buf_adds(out, "printf %s. ");
		generate_marker(g, out);
		buf_adds(out, " | show -stdin");
		generate_words(g, out);
	} else if (kind == 5) {
		buf_adds(out, "set -- p q; show \"$1\" $#");
		generate_words(g, out);
	} else if (kind == 6) {
		buf_adds(out, "if [ {} = ");
		generate_single(g, out);
		buf_adds(out, "{} ]; then :; fi; show");
		generate_words(g, out);
	} else {
		buf_adds(out, "show");
		generate_words(g, out);
		if (!g->one_line && pick(g, 6) == 0)
			buf_adds(out, " # it's {} \" `$(\n");
	}
}

static inline void generate_list(struct generator *g, struct buf *out)
{
	static const char *const separators[] = {"; ", " && ", "; ", " || : ; "};

	generate_command(g, out);
	for (size_t n = pick(g, 3); n > 0 && g->budget > 0; n--) {
		if (out->data[out->len - 1] != '\n')
			add_one_of(g, out, separators, 4);
		if (!g->one_line && pick(g, 4) == 0)
			buf_addc(out, '\n');
		generate_command(g, out);
	}
}

/* One line; $x is set and $u is not. */
static inline void generate_line(struct random *r, struct buf *out)
{
	struct generator g = {.random = r, .budget = 12};

	buf_adds(out, "x=1; ");
	generate_list(&g, out);
}

/* Any sequence of what lines are made of: most are nonsense, and what is not
 * must do no harm.  Nothing in it evaluates a variable that it has set. */
static inline void generate_soup(struct random *r, struct buf *out)
{
	static const char *const tokens[] = {
	    "{}",      "{}",    "{}",          "{}",         "{name}",  "{}",
	    " ",       " ",     " ",           " ",          "\n",      "; ",
	    "'",       "'",     "\"",          "\"",         "`",       "`",
	    "$(",      "$(",    ")",           ")",          "$((",     "((",
	    "))",      "(",     "${u:-",       "${u#",       "${u/a/",  "${u:",
	    "${#",     "${",    "}",           "}",          "{ ",      "; }",
	    "[[ ",     " ]]",   "[ ",          " ]",         " -eq ",   " -v ",
	    " == ",    " = ",   "<<E\n",       "\nE\n",      "<<'E'\n", "<<-E ",
	    "<<<",     "> ",    "< ",          ">&",         "2>&1",    "&& ",
	    "| ",      "|| ",   ";; ",         "case ",      " in ",    "esac",
	    "if ",     "then ", "fi",          "for q in ",  "do ",     "done",
	    "while ",  "f() ",  "function f ", "a=( ",       "b[",      "]=",
	    "y=",      "\\",    "\\\n",        "#",          " # ",     "$'",
	    "$",       "$[",    "!",           "*",          "?(",      "show ",
	    "show ",   "show ", ": ",          "printf %d ", "read ",   "unset ",
	    "export ", "eval ", "declare -i ", "let ",       "exit ",   "trap ",
	    "1",       "x",     "+",           "set -- ",    "test ",   "time ",
	    "coproc ", ". ",    "-stdin ",     "$x",         "$#",      "\t",
	    "e:",      ":",     "@(",          "1+",         ","};
	size_t n = 3 + random_below(r, 25);

	while (n-- > 0)
		buf_adds(out, tokens[random_below(r, sizeof tokens / sizeof *tokens)]);
}

#endif
