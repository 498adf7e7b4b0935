/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "event/event.h"
#include "tap.h"

static const char *const kinds[] = {"text", "bare", "json"};

static void show(struct buf *out, bool found, const struct field *f)
{
	buf_reset(out);
	if (!found)
		buf_adds(out, "none");
	else
		buf_addf(out, "%s %s", kinds[f->kind], f->value.p);
}

static void check(const char *json, const char *path, const char *want)
{
	struct arena *a = arena_new();
	struct buf out = BUF_INIT;
	struct field f;
	bool found = json_walk(bytes_str(json), bytes_str(path), a, &f);

	show(&out, found, &f);
	is(buf_cstr(&out), want, "%s in %s", path, json);
	buf_clear(&out);
	arena_free(a);
}

static void test_walk(void)
{
	static const char mapping[] = "{\"a\":1.0,\"b\":{\"c\":[10,\"x\\n\\u00e4\",{\"d\":true}]},"
				      "\"e\":null,\"f\":{},\"g\":[]}";

	check(mapping, "a", "bare 1.0");
	check(mapping, "b", "json {\"c\":[10,\"x\\n\\u00e4\",{\"d\":true}]}");
	check(mapping, "b.c", "json [10,\"x\\n\\u00e4\",{\"d\":true}]");
	check(mapping, "b.c.0", "bare 10");
	check(mapping, "b.c.1", "text x\n\xc3\xa4");
	check(mapping, "b.c.2", "json {\"d\":true}");
	check(mapping, "b.c.2.d", "bare true");
	check(mapping, "e", "bare ");
	check(mapping, "f", "json {}");
	check(mapping, "g", "json []");
	check(mapping, "x", "none");
	check(mapping, "c", "none");
	check(mapping, "a.b", "none");
	check(mapping, "f.x", "none");
	check(mapping, "g.0", "none");
	check(mapping, "b.c.3", "none");
	check(mapping, "b.c.00", "none");
	check(mapping, "b.c.-1", "none");
	check(mapping, "b.c.99999999999999999999", "none");
	check(mapping, "b..c", "none");
	check(mapping, "b.", "none");
	check(mapping, ".b", "none");
	check(mapping, "", "none");
}

static void test_dots(void)
{
	static const char dots[] = "{\"a\":{\"b\":1,\"x\":3},\"a.b\":{\"c\":2},\"a.b.d\":4,\"\":{\"y\":5}}";

	check(dots, "a.b", "json {\"c\":2}");
	check(dots, "a.b.c", "bare 2");
	check(dots, "a.b.d", "bare 4");
	check(dots, "a.x", "bare 3");
	check("[[1,[2]],\"s\"]", "0.1.0", "bare 2");
	check("[[1,[2]],\"s\"]", "1", "text s");
	check("{\"0\":\"zero\"}", "0", "text zero");
}

static void check_event(const struct event *e, const char *path, const char *want)
{
	struct arena *a = arena_new();
	struct buf out = BUF_INIT;
	struct field f;
	bool found = event_find(e, bytes_str(path), a, &f);

	show(&out, found, &f);
	is(buf_cstr(&out), want, "%s in an event", path);
	buf_clear(&out);
	arena_free(a);
}

static void test_event(void)
{
	static struct field fields[] = {
	    {{"a", 1}, {"{\"b\":1,\"c\":2}", 13}, VALUE_JSON},
	    {{"a.b", 3}, {"own", 3}, VALUE_TEXT},
	    {{"t", 1}, {"{\"b\":1}", 7}, VALUE_TEXT},
	};
	static struct item item = {.mapping = true, .fields = fields, .nfields = 3};
	static const struct event e = {.items = &item, .nitems = 1};

	check_event(&e, "a.b", "text own");
	check_event(&e, "a.c", "bare 2");
	check_event(&e, "a.d", "none");
	check_event(&e, "t", "text {\"b\":1}");
	check_event(&e, "t.b", "none");
	check_event(&e, "x.b", "none");
}

int main(void)
{
	test_walk();
	test_dots();
	test_event();
	return done_testing();
}
