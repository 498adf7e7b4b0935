/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/buf.h"
#include "command/words.h"
#include "event_make.h"
#include "tap.h"

/* The arguments that a word becomes, in brackets; "!" and the message when it
 * cannot be compiled, "?" and the message when this event has none. */
static const char *expand(const char *text, const char *event, const char *replace)
{
	static struct buf result;
	struct made m = made_new(event);
	const struct bindings *b = made_bindings(&m);
	struct placeholder_scope scope = {.first = m.events[0],
					  .replace = replace,
					  .batched = b->nevents > 1,
					  .total_known = true};
	struct placeholders all = {0};
	struct err err = {0, ""};
	struct word w;

	buf_reset(&result);
	if (word_compile(text, &scope, &all, m.arena, &w, &err) < 0)
		buf_addf(&result, "!%s", err.text);
	else
		for (size_t i = 0; i < word_count(&w, &all, b); i++) {
			char *arg = word_expand(&w, &all, b, i, m.arena, &err);

			buf_addf(&result, arg != NULL ? "[%s]" : "?%s",
				 arg != NULL ? arg : err.text);
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
	is(expand("a%b{}%", "x", "%"), "[axb{}x]", "and replaced wherever it stands");
	is(expand("a\\%", "x", "%"), "[a%]", "unless escaped");
}

static void test_nul(void)
{
	struct arena *a = arena_new();
	struct item item = {.text = {"a\0b", 3}, .kind = VALUE_TEXT};
	struct event event = {.items = &item, .nitems = 1};
	const struct event *events[] = {&event};
	struct bindings b = {.events = events, .nevents = 1};
	struct placeholder_scope scope = {.first = &event};
	struct placeholders all = {0};
	struct buf text = BUF_INIT;
	struct err err = {0, ""};
	struct word w;

	word_compile("<{}>", &scope, &all, a, &w, &err);
	ok(word_expand(&w, &all, &b, 0, a, &err) == NULL && strstr(err.text, "NUL") != NULL,
	   "a value with a NUL byte cannot be an argument");
	ok(word_add(&w, &all, &b, 0, a, &text, &err) == 0 && text.len == 5 &&
	       memcmp(text.data, "<a\0b>", 5) == 0,
	   "but be written elsewhere");
	buf_clear(&text);
	free(all.v);
	arena_free(a);
}

static void test_event_word(void)
{
	struct made m = made_new("x+y");
	const struct bindings *b = made_bindings(&m);
	struct placeholder_scope scope = {.first = m.events[0]};
	struct placeholders all = {0};
	struct word w, plain;
	struct err err;

	word_event(&all, m.arena, &w);
	ok(word_has_placeholder(&w), "the event as a word is a placeholder");
	is_int(word_count(&w, &all, b), 2, "with an argument for each item");
	is(word_expand(&w, &all, b, 1, m.arena, &err), "y", "the second for the second");
	word_compile("a", &scope, &all, m.arena, &plain, &err);
	ok(!word_has_placeholder(&plain), "a plain word has none");
	word_compile("\\{}", &scope, &all, m.arena, &plain, &err);
	ok(!word_has_placeholder(&plain), "nor has an escaped one");
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
