/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/err.h"
#include "command/placeholder.h"
#include "event_make.h"
#include "tap.h"

/* What text stands for: its value; "(text)" if it is no placeholder, "!" and the
 * message if it is one that cannot be, "?" and the message if this event has no
 * value for it. */
static const char *value_in(const struct placeholder_scope *scope,
			    const struct bindings *b, const char *text, struct arena *a)
{
	static char result[4096];
	struct err err = {0};
	const struct expansion x = {.job = b, .arena = a, .err = &err};
	struct placeholder p;
	struct bytes value;
	int len = placeholder_match(scope, bytes_str(text), &p, &err);

	if (len == 0)
		return "(text)";
	if (len < 0) {
		snprintf(result, sizeof result, "!%s%s", err.text,
			 err.status == STATUS_USAGE ? "" : " (status)");
	} else if ((size_t)len != strlen(text) || !bytes_is(p.spelling, text)) {
		snprintf(result, sizeof result, "(only %d bytes of it)", len);
	} else if (placeholder_value(&x, &p, 0, &value) < 0) {
		snprintf(result, sizeof result, "?%s", err.text);
	} else {
		snprintf(result, sizeof result, "%.*s", (int)value.len, value.p);
	}
	return result;
}

static const char *value_of(const char *text, const char *event)
{
	struct made m = made_new(event);
	const struct bindings *b = made_bindings(&m);
	struct placeholder_scope scope = {.first = m.events[0], .total_known = true};
	const char *result = value_in(&scope, b, text, m.arena);

	arena_free(m.arena);
	return result;
}

/* --- paths, as GNU parallel takes them apart */

static const char *const parts[] = {"{.}", "{/}", "{//}", "{/.}"};

static const struct {
	const char *value, *want[4];
} paths[] = {
    {"a/b.c/d.tar.gz", {"a/b.c/d.tar", "d.tar.gz", "a/b.c", "d.tar"}},
    {"a.b/c", {"a.b/c", "c", "a.b", "c"}},
    {".hidden", {"", ".hidden", ".", ""}},
    {"d/.hidden", {"d/", ".hidden", "d", ""}},
    {"dir/", {"dir/", "", ".", ""}},
    {"a/dir/", {"a/dir/", "", "a", ""}},
    {"a.b/", {"a.b/", "", ".", ""}},
    {"/x", {"/x", "x", "/", "x"}},
    {"/x/", {"/x/", "", "/", ""}},
    {"//x", {"//x", "x", "/", "x"}},
    {"/", {"/", "", "/", ""}},
    {"a//b", {"a//b", "b", "a", "b"}},
    {"noext", {"noext", "noext", ".", "noext"}},
    {"a.", {"a", "a.", ".", "a"}},
    {"./a.b", {"./a", "a.b", ".", "a"}},
    {"a b.c d", {"a b", "a b.c d", ".", "a b"}},
    {"", {"", "", ".", ""}},
};

static void test_paths(void)
{
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		for (size_t p = 0; p < 4; p++)
			is(value_of(parts[p], paths[i].value), paths[i].want[p], "%s of '%s'",
			   parts[p], paths[i].value);
}

/* --- values */

#define MAPPING "name=x,path=d/a.txt,n=#12,empty=,sub=@{\"k\":[5]}"

static const struct {
	const char *text, *event, *want;
} cases[] = {
    /* the event */
    {"{}", "a  b", "a  b"},
    {"{}", "", ""},
    {"{}", "x+y", "x y"},
    {"{.}", "a.b+c.d", "a c"},
    {"{}", "a;b;c", "a;b;c"},
    {"{}", "k=v,n=#1,l=@[2]", "{\"k\":\"v\",\"n\":1,\"l\":[2]}"},
    {"{}", "k=v+y", "{\"k\":\"v\"} y"},
    {"{.}", "k=v", "!{.}: a mapping has no path; name a field: {name.}"},
    {"{/.}", "x+k=v", "!{/.}: a mapping has no path; name a field: {name/.}"},
    {"{/}", "d/a;b", "a;b"},

    /* sources and columns */
    {"{1}", "x", "x"},
    {"{1}", "x+y", "x"},
    {"{2}", "x+y", "y"},
    {"{-1}", "x+y", "y"},
    {"{-2}", "x+y", "x"},
    {"{02}", "x+y", "y"},
    {"{2.}", "x+d/y.z", "d/y"},
    {"{2/}", "x+d/y.z", "y.z"},
    {"{2//}", "x+d/y.z", "d"},
    {"{-1/.}", "x+d/y.z", "y"},
    {"{3}", "x+y",
     "!{3}: an event has only 2 values here; for the text itself write \\{3}"},
    {"{-3}", "x+y",
     "!{-3}: an event has only 2 values here; for the text itself write \\{-3}"},
    {"{2}", "x", "!{2}: an event has only 1 value here; for the text itself write \\{2}"},
    {"{2}", "a;b;c", "b"},
    {"{-1}", "a;b;c", "c"},
    {"{3.}", "a;b;c.d", "c"},
    {"{4}", "a;b;c", ""},
    {"{-4}", "a;b;c", ""},
    {"{4:-none}", "a;b;c", "none"},
    {"{3}", "a;b+y", "y"},
    {"{2}", MAPPING, "d/a.txt"},
    {"{-1}", MAPPING, "{\"k\":[5]}"},
    {"{1}", "k=v,l=w+y", "{\"k\":\"v\",\"l\":\"w\"}"},
    {"{2}", "k=v,l=w+y", "y"},

    /* fields */
    {"{name}", MAPPING, "x"},
    {"{path.}", MAPPING, "d/a"},
    {"{path/}", MAPPING, "a.txt"},
    {"{path//}", MAPPING, "d"},
    {"{path/.}", MAPPING, "a"},
    {"{n}", MAPPING, "12"},
    {"{empty}", MAPPING, ""},
    {"{sub}", MAPPING, "{\"k\":[5]}"},
    {"{sub.k.0}", MAPPING, "5"},
    {"{a.b}", "a.b=whole,a=@{\"b\":\"walked\"}", "whole"},
    {"{a.}", "a.=odd,a=x.y", "odd"},
    {"{a.}", "a=x.y", "x"},
    {"{a b}", "a b=blank", "blank"},
    {"{k}", "x+k=v", "v"},
    {"{k}", "k=first+k=second", "first"},
    {"{no}", MAPPING,
     "!{no}: no field 'no' in the events (fields: name, path, n, empty, sub); for the text "
     "itself write \\{no}"},
    {"{no.x}", MAPPING,
     "!{no.x}: no field 'no.x' in the events (fields: name, path, n, empty, sub); for the "
     "text itself write \\{no.x}"},
    {"{no/}", "k=v",
     "!{no/}: no field 'no' in the events (fields: k); for the text itself write \\{no/}"},
    {"{_a-1}", "k=v",
     "!{_a-1}: no field '_a-1' in the events (fields: k); for the text itself write \\{_a-1}"},

    /* modifiers */
    {"{no:-d}", MAPPING, "d"},
    {"{no:-}", MAPPING, ""},
    {"{empty:-a b:sh}", MAPPING, "a b:sh"},
    {"{name:-d}", MAPPING, "x"},
    {"{.:-none}", ".hidden", "none"},
    {"{:-none}", "", "none"},
    {"{:-none}", "x", "x"},
    {"{:raw}", "a b", "a b"},
    {"{name:raw}", MAPPING, "x"},
    {"{:sh}", "a b", "'a b'"},
    {"{:sh}", "", "''"},
    {"{path/:sh}", MAPPING, "'a.txt'"},
    {"{no:sh:-a b}", MAPPING, "'a b'"},
    {"{:json}", "a\"b", "\"a\\\"b\""},
    {"{:json}", "12", "\"12\""},
    {"{name:json}", MAPPING, "\"x\""},
    {"{n:json}", MAPPING, "12"},
    {"{sub:json}", MAPPING, "{\"k\":[5]}"},
    {"{no:json:-a}", MAPPING, "\"a\""},
    {"{:json}", "x+y", "\"x y\""},
    {"{2:json}", "x+y", "\"y\""},

    /* signs of the run */
    {"{#}", "x", "7"},
    {"{%}", "x", "3"},
    {"{##}", "x", "250"},
    {"{0#}", "x", "007"},
    {"{0%}", "x", "03"},
    {"{#}", MAPPING, "7"},
    {"{#:json}", "x", "7"},
    {"{#:sh}", "x", "'7'"},
};

static void test_values(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(value_of(cases[i].text, cases[i].event), cases[i].want, "%s for '%s'",
		   cases[i].text, cases[i].event);
}

/* --- what is no placeholder */

static void test_texts(void)
{
	static const char *const texts[] = {
	    "",	       "x",	    "{",       "}",	 "{x",	    "{print $1}",
	    "{a,b}",   "{a-}", "{a.-b}", "{1..3}",    "{a..z}",  "{ }",	 "{ name }", "{0}",
	    "{-0}",    "{-}",	    "{--1}",   "{+1}",	 "{1.5}",   "{99999999}",
	    "{$x}",    "{\"a\": 1}", "{;}",    "{:}",	 "{name:what}", "{###}",
	    "{0##}",   "{00#}",	    "{1,2}",   "{{}",	 "{a\nb}",  "{*}",
	    "{|}",     "{/x}",	    "{...}",   "{///}",	 "{9x}",    "{a=b}",
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		is(value_of(texts[i], "x+y"), "(text)", "'%s' stays as it is", texts[i]);
		is(value_of(texts[i], MAPPING), "(text)", "also beside named fields");
	}
	is(value_of("{name}", "x"), "(text)", "a name is text where events have no names");
	is(value_of("{name:-d}", "x"), "(text)", "with all its modifiers");
	is(value_of("{print}", "a;b"), "(text)", "columns without names are not fields");
}

/* --- the scope */

static void test_total(void)
{
	static const char *const needs_total[] = {"{##}", "{0#}"};
	struct made m = made_new("x");
	const struct bindings *b = made_bindings(&m);
	struct placeholder_scope scope = {.first = m.events[0], .total_known = false};

	for (size_t i = 0; i < 2; i++)
		ok(strstr(value_in(&scope, b, needs_total[i], m.arena),
			  "is not known before the first job") != NULL,
		   "%s is refused where the total is not known", needs_total[i]);
	is(value_in(&scope, b, "{#}", m.arena), "7", "{#} does not need the total");
	is(value_in(&scope, b, "{0%}", m.arena), "03", "nor does {0%%}");
	arena_free(m.arena);
}

static void test_other_spelling(void)
{
	static const struct {
		const char *replace, *text, *want;
	} spellings[] = {
	    {"%", "%", "x.y"},	       {"FILE", "FILE", "x.y"},
	    {"%", "{}", "(text)"},     {"%", "{.}", "x"},
	    {"%", "{1}", "x.y"},       {"%", "{#}", "7"},
	    {"%", "x", "(text)"},      {"FILE", "FIL", "(text)"},
	    {"{}", "{}", "x.y"},       {"{x}", "{x}", "x.y"},
	    {"FILE", "FILE2", "(only 4 bytes of it)"},
	};
	struct made m = made_new("x.y");
	const struct bindings *b = made_bindings(&m);

	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		struct placeholder_scope scope = {.first = m.events[0],
						  .replace = spellings[i].replace};

		is(value_in(&scope, b, spellings[i].text, m.arena), spellings[i].want,
		   "with -I '%s', '%s'", spellings[i].replace, spellings[i].text);
	}
	arena_free(m.arena);
}

static void test_batches(void)
{
	struct made m = made_new("a&b&c+d");
	const struct bindings *b = made_bindings(&m);
	struct placeholder_scope scope = {.first = m.events[0], .batched = true};
	struct err err;
	const struct expansion x = {.job = b, .arena = m.arena, .err = &err};
	struct placeholder p;
	struct bytes value;

	is(value_in(&scope, b, "{3}", m.arena), "c", "numbers count through a batch");
	is(value_in(&scope, b, "{-1}", m.arena), "d", "also from its end");
	is(value_in(&scope, b, "{9}", m.arena), "", "beyond a batch is empty: the last is short");
	placeholder_match(&scope, bytes_str("{}"), &p, &err);
	is_int(placeholder_count(&p, b), 3, "{} has a value for each event");
	placeholder_value(&x, &p, 2, &value);
	ok(bytes_is(value, "c d"), "each with all its items");
	p.split = true;
	is_int(placeholder_count(&p, b), 4, "as a word, one for each item");
	placeholder_value(&x, &p, 3, &value);
	ok(bytes_is(value, "d"), "the items one by one");
	placeholder_match(&scope, bytes_str("{#}"), &p, &err);
	is_int(placeholder_count(&p, b), 1, "{#} has one value");
	placeholder_match(&scope, bytes_str("{1}"), &p, &err);
	is_int(placeholder_count(&p, b), 1, "and so does {1}");
	arena_free(m.arena);
}

/* A later event that is not like the first. */
static void test_later_events(void)
{
	struct made first = made_new("k=v"), later = made_new("l=w"), path = made_new("a.b");
	struct placeholder_scope fields = {.first = first.events[0]};
	struct placeholder_scope plain = {.first = path.events[0]};

	is(value_in(&fields, made_bindings(&later), "{k}", later.arena),
	   "?no field 'k' in this event", "a field that a later event lacks fails that event");
	is(value_in(&fields, made_bindings(&later), "{k:-d}", later.arena), "d",
	   "unless it has a default");
	is(value_in(&plain, made_bindings(&later), "{.}", later.arena),
	   "?{.}: a mapping has no path", "so does a mapping where paths are expected");
	arena_free(first.arena);
	arena_free(later.arena);
	arena_free(path.arena);
}

static void test_many_fields(void)
{
	char event[1024] = "", *at = event;
	struct made m;
	struct placeholder_scope scope = {0};
	const char *text;

	for (int i = 0; i < 7; i++)
		at += sprintf(at, "%s%0100d=v", i > 0 ? "," : "", i);
	m = made_new(event);
	scope.first = m.events[0];
	text = value_in(&scope, made_bindings(&m), "{no}", m.arena);
	ok(strstr(text, ", ...);") != NULL, "a long list of fields is cut");
	arena_free(m.arena);
}

int main(void)
{
	test_paths();
	test_values();
	test_texts();
	test_total();
	test_other_spelling();
	test_batches();
	test_later_events();
	test_many_fields();
	return done_testing();
}
