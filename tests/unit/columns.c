/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "event/colsep.h"
#include "event/source.h"
#include "tap.h"

/* Lines split into columns, and sources side by side. */

enum { MOST = 16 };

static void show_item(struct buf *out, const struct item *item)
{
	buf_addb(out, item->text);
	for (size_t i = 0; i < item->nfields; i++) {
		buf_addc(out, '|');
		if (item->fields[i].name.p != NULL) {
			buf_addb(out, item->fields[i].name);
			buf_addc(out, '=');
		}
		buf_addb(out, item->fields[i].value);
	}
}

/* "EVENT; EVENT; " with the items of each joined by "+", "..." when it has to
 * wait, then an error.  Frees the source. */
static void check(struct source *s, const char *want, const char *name)
{
	struct arena *a = arena_new();
	struct buf out = BUF_INIT;
	enum source_result result;
	struct event e;
	struct err err;

	while ((result = source_next(s, a, &e, &err)) == SOURCE_EVENT) {
		for (size_t i = 0; i < e.nitems; i++) {
			buf_adds(&out, i > 0 ? "+" : "");
			show_item(&out, &e.items[i]);
		}
		buf_adds(&out, "; ");
	}
	if (result == SOURCE_ERROR)
		buf_addf(&out, "! %s", err.text);
	is(buf_cstr(&out), want, "%s", name);
	buf_clear(&out);
	arena_free(a);
	source_free(s);
}

static long long total_of(struct source *s)
{
	uint64_t n;

	return source_total(s, &n) ? (long long)n : -1;
}

/* The words outlive the source: they are the caller's, ended by NULL. */
static struct source *args(const char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	return source_args((char **)words, n);
}

#define ARGS(...) args((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING args((const char *const[]){NULL})

/* --- separators */

static void check_split(const char *pattern, const char *line, const char *want)
{
	struct err err = {0};
	struct colsep *c = colsep_new(pattern, &err);
	struct bytes rest = bytes_str(line);
	struct buf out = BUF_INIT;

	if (!ok(c != NULL, "'%s' is a separator%s", pattern, err.text))
		return;
	while (rest.p != NULL) {
		buf_addb(&out, colsep_next(c, line, &rest));
		buf_adds(&out, rest.p != NULL ? "|" : "");
	}
	is(buf_cstr(&out), want, "it splits a line into '%s'", want);
	buf_clear(&out);
	colsep_free(c);
}

static void check_bad(const char *pattern, const char *want)
{
	struct err err = {0};
	struct colsep *c = colsep_new(pattern, &err);

	ok(c == NULL && err.status == STATUS_USAGE, "'%s' is no separator", pattern);
	ok(strstr(err.text, want) != NULL, "because: %s", err.text);
	colsep_free(c);
}

static void test_colsep(void)
{
	check_split(",", "a,b,,c,", "a|b||c|");
	check_split(",", "", "");
	check_split(",", "a", "a");
	check_split("\\t", "a\tb t", "a|b t");
	check_split("[\\t ]+", "a \t b", "a|b");
	check_split("\\n", "a\nb", "a|b");
	check_split(" *, *", "a , b,c  ,", "a|b|c|");
	check_split("::|;", "a::b;c:d", "a|b|c:d");
	check_split("\\s+", "a  b\tc", "a|b|c");
	check_split("\\|", "a|b", "a|b");
	check_split("\\.", "a.b", "a|b");
	check_split(".", "ab", "||");
	check_split("^a|,", "aab,a", "|ab|a");
	check_split("\xc3\xa4", "a\xc3\xa4" "b\xc3\xa5", "a|b\xc3\xa5");
	check_bad("x*", "matches the empty text");
	check_bad("", "matches the empty text");
	check_bad("[", "not a regular expression");
	check_bad("\\d", "'\\d' has no meaning");
}

/* Splitting must not look at the rest of the line for every column. */
static void test_many_columns(void)
{
#ifdef __SANITIZE_ADDRESS__ /* whose regexec measures the line each time */
	enum { N = 20000 };
#else
	enum { N = 400000 };
#endif
	struct err err;
	struct colsep *c = colsep_new("[,;]", &err);
	char *line = xmalloc(N + 1);
	struct bytes rest = {line, N};
	size_t n = 0;

	memset(line, ',', N);
	line[N] = '\0';
	for (; rest.p != NULL && n <= N; n++)
		colsep_next(c, line, &rest);
	is_int(n, N + 1, "very many columns");
	free(line);
	colsep_free(c);
}

/* --- columns */

static struct colsep *comma;

static struct source *columns(struct source *from, bool header)
{
	return source_columns(from, comma, header);
}

static void test_columns(void)
{
	struct source *s = columns(ARGS("a,b", "c", ""), false);

	is_int(total_of(s), 3, "columns do not change the total");
	check(s, "a,b|a|b; c|c; |; ", "each line has its columns, and stays itself");
	s = columns(ARGS("x,y", "1,2", "3", ","), true);
	is_int(total_of(s), 3, "a header is not an event");
	check(s, "1,2|x=1|y=2; 3|x=3|y=; ,|x=|y=; ",
	      "but names the columns, of which a line may lack some");
	s = columns(ARGS("x"), true);
	is_int(total_of(s), 0, "a header alone has no events");
	check(s, "", "none at all");
	s = columns(NOTHING, true);
	is_int(total_of(s), 0, "nor has nothing");
	check(s, "", "not even a header");
	check(columns(ARGS("x,y", "1,2", "3,4,5"), true),
	      "1,2|x=1|y=2; ! '5': more columns than the header has names",
	      "more columns than names are an error");
	check(columns(ARGS("x,,y", "1,2"), true),
	      "! '': a column of the header has no name", "so is an empty name");
	check(columns(ARGS("x,y,x", "1,2"), true),
	      "! 'x': duplicate name in the header; rename one", "and one given twice");
}

/* --- side by side */

static struct source *link(struct source *a, struct source *b, bool recycle)
{
	struct source *parts[] = {a, b};

	return source_link(parts, 2, recycle);
}

static void check_link(struct source *s, int total, const char *want, const char *name)
{
	is_int(total_of(s), total, "%s: %d in all", name, total);
	check(s, want, name);
}

static void test_link(void)
{
	struct source *one = ARGS("a"), *parts[3], *s;

	check_link(link(ARGS("a", "b"), ARGS("1", "2"), false), 2, "a+1; b+2; ",
		   "sources side by side");
	check_link(link(ARGS("a", "b", "c"), ARGS("1", "2"), false), 2, "a+1; b+2; ",
		   "the shortest ends them");
	check_link(link(ARGS("a"), ARGS("1", "2"), false), 1, "a+1; ", "also as the first");
	check_link(link(NOTHING, ARGS("1"), false), 0, "", "an empty one leaves none");
	check_link(link(ARGS("a", "b", "c"), ARGS("1", "2"), true), 3, "a+1; b+2; c+1; ",
		   "recycled, the longest does");
	check_link(link(ARGS("a"), ARGS("1", "2", "3"), true), 3, "a+1; a+2; a+3; ",
		   "whichever it is");
	check_link(link(ARGS("a"), NOTHING, true), 0, "", "nothing cannot be recycled");
	check(source_link(&one, 1, true), "a; ", "one source is itself");

	parts[0] = ARGS("a", "b");
	parts[1] = link(ARGS("1", "2"), ARGS("x", "y"), false);
	parts[2] = ARGS("p");
	check_link(source_link(parts, 3, true), 2, "a+1+x+p; b+2+y+p; ",
		   "linked sources can be linked");
	parts[0] = link(ARGS("a", "b"), ARGS("1", "2"), false);
	parts[1] = link(ARGS("x", "y"), ARGS("3", "4"), false);
	check_link(source_cross(parts, 2), 4, "a+1+x+3; a+1+y+4; b+2+x+3; b+2+y+4; ",
		   "and crossed");
	s = link(ARGS("a", "b"), ARGS("1", "2"), true);
	{
		struct arena *a = arena_new();
		struct event e;
		struct err err;

		source_next(s, a, &e, &err);
		is_int(total_of(s), 2, "the total does not change on the way");
		arena_free(a);
	}
	check(s, "b+2; ", "nor do the events");
}

int main(void)
{
	struct err err;

	comma = colsep_new(",", &err);
	is_int(colsep_byte(comma), ',', "a single byte is known as such");
	test_colsep();
	test_many_columns();
	test_columns();
	test_link();
	colsep_free(comma);
	colsep_free(NULL);
	return done_testing();
}
