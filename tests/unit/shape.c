/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "output/shape.h"
#include "tap.h"

/* The shape of a job's output: lines, cut wherever they can be, and tags. */

static struct spill *spill;
static struct spool to;
static struct shaped s;
static struct buf text;

static const char *written(void)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&to);
	struct bytes data;
	struct err err;

	buf_reset(&text);
	while (spool_read(&c, &data, &err) == 0 && data.len > 0)
		buf_addb(&text, data);
	return buf_cstr(&text);
}

static struct shape_stream stream(const struct shape *shape)
{
	return (struct shape_stream){.shape = shape, .job = &s, .to = &to};
}

static void add(const struct shape *shape, const char *p, size_t n)
{
	struct shape_stream out = stream(shape);
	struct err err;

	ok(shape_add(&out, (struct bytes){p, n}, &err) == 0, "added");
}

static void begin(const char *tag)
{
	struct shape shape = {.spill = spill};

	spool_clear(&to, spill);
	shape_clear(&shape, &s);
	s.tags[0] = s.tags[1] = bytes_str(tag);
}

static void end(const struct shape *shape)
{
	struct shape_stream out = stream(shape);
	struct err err;

	shape_end(&out, &err);
}

static void check_cuts(bool by_lines, const char *tag, const char *in, const char *want,
		       const char *what)
{
	struct shape shape = {.spill = spill, .by_lines = by_lines};
	size_t n = strlen(in);

	for (size_t cut = 0; cut <= n; cut++) {
		begin(tag);
		add(&shape, in, cut);
		add(&shape, in + cut, n - cut);
		end(&shape);
		is(written(), want, "%s, cut at %zu", what, cut);
	}
}

static void test_cuts(void)
{
	check_cuts(false, "", "a\n\nbc", "a\n\nbc", "raw output");
	check_cuts(false, "T>", "a\n\nbc", "T>a\nT>\nT>bc\n", "tagged lines");
	check_cuts(true, "", "a\n\nbc", "a\n\nbc\n", "whole lines");
	check_cuts(true, "T>", "a\n\nbc\n", "T>a\nT>\nT>bc\n", "tagged whole lines");
	check_cuts(true, "T>", "", "", "nothing has no line");
}

static void test_when(void)
{
	struct shape whole = {.spill = spill, .by_lines = true}, tagged = {.spill = spill};

	begin("T>");
	add(&whole, "one\ntw", 6);
	is(written(), "T>one\n", "a line is handed on when it has its end");
	add(&whole, "o", 1);
	is(written(), "T>one\n", "and not before");
	add(&whole, "\n", 1);
	is(written(), "T>one\nT>two\n", "but at once then");
	add(&whole, "three", 5);
	shape_clear(&whole, &s);
	end(&whole);
	is(written(), "T>one\nT>two\n", "what is cleared is not handed on");
	begin("T>");
	add(&tagged, "par", 3);
	is(written(), "T>par", "lines that need not be whole are handed on as they come");
}

/* A line that is larger than the memory of all spools. */
static void test_long_line(void)
{
	struct shape whole = {.spill = spill, .by_lines = true};
	enum { PIECE = 100000, N = 50 };
	char *piece = malloc(PIECE);
	size_t len;

	memset(piece, 'x', PIECE);
	begin("T>");
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
	struct shape shape = {.color = {color, false}};

	shape_tag(&shape, &s, from, 7, a);
	is(s.tags[0].p, want, "%s", what);
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

static void test_raw(void)
{
	struct shape shape = {.spill = spill};

	begin("");
	ok(shape_is_raw(&shape, &s), "output without tags goes through unread");
	shape.copies = true;
	ok(shape_is_raw(&shape, &s), "also when it is gone at the end");
	shape.results = (struct results *)&shape;
	ok(!shape_is_raw(&shape, &s), "unless results need it then");
	shape.copies = false;
	ok(shape_is_raw(&shape, &s), "which they can have from where it waits");
	begin("T>");
	ok(!shape_is_raw(&shape, &s), "tags must be put in");
}

int main(void)
{
	spill = spill_new("/tmp", 256 * 1024);
	test_cuts();
	test_when();
	test_long_line();
	test_tags();
	test_raw();
	begin("");
	spill_free(spill);
	buf_clear(&text);
	return done_testing();
}
