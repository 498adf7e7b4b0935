/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/buf.h"
#include "command/placeholder.h"
#include "event_make.h"
#include "tap.h"

/* The arguments that a word becomes, in brackets; "!" and the message when it
 * cannot be compiled, "?" and the message when this event has none. */
static const char *expand(const char *text, const char *event, const char *replace)
{
	static struct buf result;
	struct made m = made_new(event);
	const struct bindings *job = made_bindings(&m);
	struct placeholders all = {0};
	struct placeholder_scope scope = {.first = m.events[0],
					  .replace = replace,
					  .batched = job->nevents > 1,
					  .total_known = true,
					  .placeholders = &all,
					  .arena = m.arena};
	struct err err = {0};
	struct expansion x = {.job = job, .arena = m.arena, .err = &err};
	struct word w;
	bool compiled = word_compile(&scope, text, &w, &err) == 0;

	buf_reset(&result);
	if (!compiled)
		buf_addf(&result, "!%s", err.text);
	x.placeholders = all.v;
	for (size_t i = 0; compiled && i < word_count(&x, &w); i++) {
		char *arg = word_expand(&x, &w, i);

		buf_addf(&result, arg != NULL ? "[%s]" : "?%s", arg != NULL ? arg : err.text);
	}
	free(all.v);
	arena_free(m.arena);
	return buf_cstr(&result);
}

static const struct {
	const char *text, *event, *want;
} cases[] = {
    /* text */
    {"", "x", "[]"},
    {"plain", "x", "[plain]"},
    {"{print $1}", "x", "[{print $1}]"},
    {"{a,b}", "x", "[{a,b}]"},
    {"${x}", "x", "[${x}]"},
    {"{{.Names}}", "x", "[{{.Names}}]"},
    {"a\\b\\", "x", "[a\\b\\]"},
    {"{", "x", "[{]"},
    {"{name}", "x", "[{name}]"},

    /* escapes */
    {"\\{}", "x", "[{}]"},
    {"a\\{.}b", "x", "[a{.}b]"},
    {"\\{1}{1}", "x", "[{1}x]"},
    {"\\\\{}", "x", "[\\{}]"},
    {"\\{9}", "x", "[{9}]"},
    {"\\{k}", "k=v", "[{k}]"},
    {"\\{no}-{k}", "k=v", "[{no}-v]"},
    {"\\{k:-{}", "k=v", "[{k:-{}]"},
    {"\\{print $1}", "k=v", "[\\{print $1}]"},
    {"\\x{}", "x", "[\\xx]"},

    /* values */
    {"{}", "a b", "[a b]"},
    {"{}", "", "[]"},
    {"{}", "*$(x)'\"\\", "[*$(x)'\"\\]"},
    {"{}", "{}{.}", "[{}{.}]"},
    {"{}{}", "a", "[aa]"},
    {"{}-{}", "a", "[a-a]"},
    {"<{}>", "a b", "[<a b>]"},
    {"{{}}", "a", "[{a}]"},
    {"${}", "a", "[$a]"},
    {"{/.}.{#}.out", "d/a.b", "[a.7.out]"},
    {"{k}={l}", "k=v,l=w", "[v=w]"},
    {"{0#}/{##} {%}", "x", "[007/250 3]"},

    /* several sources */
    {"{}", "x+y z", "[x][y z]"},
    {"<{}>", "x+y", "[<x y>]"},
    {"{2}{1}", "x+y", "[yx]"},
    {"{.}", "a.b+c.d", "[a][c]"},
    {"{}", "k=v+y", "[{\"k\":\"v\"}][y]"},

    /* batches */
    {"{}", "a&b&c", "[a][b][c]"},
    {"<{}>", "a&b&c", "[<a>][<b>][<c>]"},
    {"{#}:{}", "a&b", "[7:a][7:b]"},
    {"{k}.txt", "k=v&k=w", "[v.txt][w.txt]"},
    {"{k}{l}", "k=v,l=1&k=w,l=2", "[v1][w2]"},
    {"{1}", "a&b", "[a]"},
    {"{2}", "a&b", "[b]"},
    {"{2}", "a", "!{2}: an event has only 1 value here; for the text itself write \\{2}"},
    {"{}", "x+y&z+w", "[x][y][z][w]"},
    {"<{}>", "x+y&z+w", "[<x y>][<z w>]"},
    {"{1}{}", "a&b", "[aa][ab]"},
    {"const", "a&b", "[const]"},

    /* errors */
    {"a{no}b", "k=v",
     "!{no}: no field 'no' in the events (fields: k); for the text itself write \\{no}"},
    {"{k}", "k=v&l=w", "[v]?no field 'k' in this event"},
};

static void test_words(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(expand(cases[i].text, cases[i].event, NULL), cases[i].want, "%s for '%s'",
		   cases[i].text, cases[i].event);
	is(expand("%", "x+y", "%"), "[x][y]", "another spelling of {} is split as {} is");
	is(expand("a%b{}%", "x", "%"), "[axb{}x]", "and replaced anywhere in a word");
	is(expand("a\\%", "x", "%"), "[a%]", "unless it is escaped");
}

static void test_nul(void)
{
	struct arena *a = arena_new();
	struct item item = {.text = {"a\0b", 3}, .kind = VALUE_TEXT};
	struct event event = {.items = &item, .nitems = 1};
	const struct event *events[] = {&event};
	struct bindings b = {.events = events, .nevents = 1};
	struct placeholders all = {0};
	struct placeholder_scope scope = {.first = &event, .placeholders = &all, .arena = a};
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct expansion x = {.job = &b, .arena = a, .err = &err};
	struct word w;

	word_compile(&scope, "<{}>", &w, &err);
	x.placeholders = all.v;
	ok(word_expand(&x, &w, 0) == NULL && strstr(err.text, "NUL") != NULL,
	   "a value with a NUL byte cannot be an argument");
	ok(word_add(&x, &w, 0, &text) == 0 && text.len == 5 &&
	       memcmp(text.data, "<a\0b>", 5) == 0,
	   "but it can be written to standard input");
	buf_clear(&text);
	free(all.v);
	arena_free(a);
}

static void test_event_word(void)
{
	struct made m = made_new("x+y");
	struct placeholders all = {0};
	struct placeholder_scope scope = {
	    .first = m.events[0], .placeholders = &all, .arena = m.arena};
	struct err err;
	struct expansion x = {.job = made_bindings(&m), .arena = m.arena, .err = &err};
	struct word w, plain;

	word_event(&scope, &w);
	x.placeholders = all.v;
	ok(word_has_placeholder(&w), "the event as a word is a placeholder");
	is_int(word_count(&x, &w), 2, "it becomes an argument for each item");
	is(word_expand(&x, &w, 1), "y", "the second argument is the second item");
	word_compile(&scope, "a", &plain, &err);
	ok(!word_has_placeholder(&plain), "a plain word has no placeholder");
	word_compile(&scope, "\\{}", &plain, &err);
	ok(!word_has_placeholder(&plain), "an escaped placeholder does not count");
	free(all.v);
	arena_free(m.arena);
}

int main(void)
{
	test_words();
	test_nul();
	test_event_word();
	return done_testing();
}
