/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "output/lines.h"
#include "output/tag.h"
#include "tap.h"

/* A stream in lines, cut wherever it can be. */

static struct spill *spill;
static struct spool to;
static struct line_stream l;
static struct buf text;

static const char *written(void)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&to);
	struct bytes data;
	struct err err;

	buf_reset(&text);
	while (spool_read(&c, spill, &data, &err) == 0 && data.len > 0)
		buf_addb(&text, data);
	return buf_cstr(&text);
}

static void add(const struct line_mode *mode, const char *p, size_t n)
{
	struct err err;

	ok(lines_add(&l, mode, (struct bytes){p, n}, &to, &err) == 0, "added");
}

static void begin(void)
{
	spool_clear(&to, spill);
	lines_clear(&l, spill);
}

static void end(const struct line_mode *mode)
{
	struct err err;

	lines_end(&l, mode, &to, &err);
}

static void check_cuts(const struct line_mode *mode, const char *in, const char *want,
		       const char *what)
{
	size_t n = strlen(in);

	for (size_t cut = 0; cut <= n; cut++) {
		begin();
		add(mode, in, cut);
		add(mode, in + cut, n - cut);
		end(mode);
		is(written(), want, "%s, cut at %zu", what, cut);
	}
}

static void test_cuts(void)
{
	struct line_mode tagged = {.tag = bytes_str("T>"), .whole = false, .spill = spill};
	struct line_mode whole = {.whole = true, .spill = spill};
	struct line_mode both = {.tag = bytes_str("T>"), .whole = true, .spill = spill};

	check_cuts(&tagged, "a\n\nbc", "T>a\nT>\nT>bc\n", "tagged lines");
	check_cuts(&whole, "a\n\nbc", "a\n\nbc\n", "whole lines");
	check_cuts(&both, "a\n\nbc\n", "T>a\nT>\nT>bc\n", "tagged whole lines");
	check_cuts(&both, "", "", "nothing has no line");
}

static void test_when(void)
{
	struct line_mode whole = {.tag = bytes_str("T>"), .whole = true, .spill = spill};
	struct line_mode tagged = {.tag = bytes_str("T>"), .whole = false, .spill = spill};

	begin();
	add(&whole, "one\ntw", 6);
	is(written(), "T>one\n", "a line is handed on when it has its end");
	add(&whole, "o", 1);
	is(written(), "T>one\n", "and not before");
	add(&whole, "\n", 1);
	is(written(), "T>one\nT>two\n", "but at once then");
	add(&whole, "three", 5);
	lines_clear(&l, spill);
	end(&whole);
	is(written(), "T>one\nT>two\n", "what is cleared is not handed on");
	begin();
	add(&tagged, "par", 3);
	is(written(), "T>par", "lines that need not be whole go on as they come");
}

/* A line that is larger than the memory of all spools. */
static void test_long_line(void)
{
	struct line_mode whole = {.tag = bytes_str("T>"), .whole = true, .spill = spill};
	enum { PIECE = 100000, N = 50 };
	char *piece = malloc(PIECE);
	size_t len;

	memset(piece, 'x', PIECE);
	begin();
	for (int i = 0; i < N; i++)
		add(&whole, piece, PIECE);
	is(written(), "", "of a long line nothing is handed on before its end");
	end(&whole);
	len = strlen(written());
	is_int(len, PIECE * N + 3, "and then all of it");
	ok(strspn(text.data + 2, "x") == PIECE * N, "in one piece");
	free(piece);
}

static void check_tag(struct arena *a, const char *from, bool color, const char *want,
		      const char *what)
{
	struct bytes tag = tag_make(from, 7, color, a);

	is(tag.p, want, "%s", what);
}

static void test_tags(void)
{
	struct arena *a = arena_new();

	check_tag(a, "x y", false, "x y\t", "a tag is the text and a tab");
	check_tag(a, "", false, "\t", "an empty text too");
	check_tag(a, "a\nb\r\x1b[2J\x7f\tc", false, "a\\nb\\r\\x1b[2J\\x7f\tc\t",
		  "control characters are spelled out");
	check_tag(a, "x", true, "\033[32mx\033[m\t", "colour ends before the tab");
	arena_free(a);
}

int main(void)
{
	spill = spill_new("/tmp", 256 * 1024);
	test_cuts();
	test_when();
	test_long_line();
	test_tags();
	begin();
	spill_free(spill);
	buf_clear(&text);
	return done_testing();
}
