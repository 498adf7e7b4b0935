/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "event/event.h"
#include "tap.h"

#define BYTES(s) ((struct bytes){s, sizeof(s) - 1})

static void test_bare_values(void)
{
	is_int(json_bare_value(bytes_str("null")).len, 0, "null is an empty value");
	ok(bytes_is(json_bare_value(bytes_str("1.0")), "1.0"), "a number keeps its spelling");
}

static void check_item(const struct item *item, const char *want, const char *name)
{
	struct arena *a = arena_new();

	is(item_text(item, a).p, want, "%s", name);
	arena_free(a);
}

static void test_items(void)
{
	struct field fields[] = {
	    {BYTES("id"), BYTES("010"), VALUE_TEXT},
	    {BYTES("n"), BYTES("1.0"), VALUE_BARE},
	    {BYTES("x\"y"), BYTES("[1,2]"), VALUE_JSON},
	};
	struct item mapping = {.mapping = true, .fields = fields, .nfields = 3};
	struct item none = {.mapping = true};
	struct item value = {.text = BYTES("a\nb"), .kind = VALUE_TEXT};

	check_item(&mapping, "{\"id\":\"010\",\"n\":1.0,\"x\\\"y\":[1,2]}",
		   "a mapping's text is compact JSON, by the kind of each value");
	check_item(&none, "{}", "an empty mapping is {}");
	check_item(&value, "a\nb", "a value's text is as it was written");
}

static void test_fields(void)
{
	struct field first[] = {{{NULL, 0}, BYTES("column"), VALUE_TEXT},
				{BYTES("a"), BYTES("1"), VALUE_TEXT}};
	struct field second[] = {{BYTES("a"), BYTES("2"), VALUE_TEXT},
				 {BYTES("b"), BYTES("3"), VALUE_TEXT}};
	struct item items[] = {
	    {.text = BYTES("x"), .fields = first, .nfields = 2},
	    {.mapping = true, .fields = second, .nfields = 2},
	};
	struct event e = {.items = items, .nitems = 2};
	struct event plain = {.items = items, .nitems = 1};

	is(event_field(&e, BYTES("a"))->value.p, "1",
	   "the first item with a field gives it");
	is(event_field(&e, BYTES("b"))->value.p, "3", "the other items are searched as well");
	ok(event_field(&e, BYTES("c")) == NULL, "a field may be missing");
	ok(event_field(&e, BYTES("")) == NULL,
	   "a column without name is not found by name");
	ok(event_has_names(&e), "an event with a mapping has names");
	ok(!event_has_names(&plain), "an event without mappings is not a mapping");
}

static void test_copy(void)
{
	char file[] = "list", name[] = "key", value[] = "v\0w", text[] = "t";
	struct field field = {{name, 3}, {value, 3}, VALUE_BARE};
	struct item items[] = {{.mapping = true, .fields = &field, .nfields = 1},
			       {.text = {text, 1}, .kind = VALUE_JSON}};
	struct event from = {
	    .seq = 7, .file = file, .line = 3, .items = items, .nitems = 2};
	struct arena *a = arena_new();
	struct event to;

	event_copy(&to, &from, a);
	memset(file, '#', sizeof file);
	memset(name, '#', sizeof name);
	memset(value, '#', sizeof value);
	memset(text, '#', sizeof text);
	memset(items, 0, sizeof items);
	memset(&field, 0, sizeof field);
	ok(to.seq == 7 && to.line == 3 && to.nitems == 2, "a copy has the same numbers");
	is(to.file, "list", "its own name of the file");
	ok(to.items[0].mapping && to.items[0].text.p == NULL, "its own items");
	ok(bytes_eq(to.items[0].fields[0].value, BYTES("v\0w")), "its own fields");
	is(to.items[0].fields[0].name.p, "key", "its own names");
	ok(to.items[0].fields[0].kind == VALUE_BARE, "the same kinds");
	is(to.items[1].text.p, "t", "and its own texts");
	from = (struct event){.items = items, .nitems = 0};
	event_copy(&to, &from, a);
	ok(to.file == NULL && to.nitems == 0, "an event without items can be copied");
	arena_free(a);
}

int main(void)
{
	test_bare_values();
	test_items();
	test_fields();
	test_copy();
	return done_testing();
}
