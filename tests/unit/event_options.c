/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/clock.h"
#include "command/event_options.h"
#include "tap.h"

/* One mapping with these fields; value kinds as a reader gives them. */
struct fixture {
	struct arena *arena;
	struct field fields[8];
	struct item item;
	struct event event;
	struct event_options out;
	struct err err;
};

static void add(struct fixture *f, const char *name, const char *value,
		enum value_kind kind)
{
	f->fields[f->item.nfields++] =
	    (struct field){bytes_str(name), bytes_str(value), kind};
}

static int parse(struct fixture *f)
{
	f->item.mapping = true;
	f->item.fields = f->fields;
	f->event = (struct event){.items = &f->item, .nitems = 1};
	if (f->arena == NULL)
		f->arena = arena_new();
	f->err.text[0] = '\0';
	return event_options_parse(&f->event, f->arena, &f->out, &f->err);
}

static void refused(const char *name, const char *value, enum value_kind kind,
		    const char *message)
{
	struct fixture f = {0};

	add(&f, name, value, kind);
	is_int(parse(&f), -1, "%s: %s is refused", name, value);
	is(f.err.text, message, "with a message that says why");
	arena_free(f.arena);
}

static void test_mapping(void)
{
	struct fixture f = {0};

	add(&f, "id", "1", VALUE_BARE);
	add(&f, "volley",
	    "{\"timeout\":\"1m30s\",\"retries\":3,\"workdir\":\"/a b\","
	    "\"stdin\":\"x\\ny\",\"env\":{\"A\":\"1\",\"B\":true,\"C\":null}}",
	    VALUE_JSON);
	is_int(parse(&f), 0, "a mapping under 'volley' holds options");
	is(f.err.text, "", "without an error");
	ok(f.out.has_timeout && f.out.timeout_ns == 90 * NSEC_PER_SEC, "a timeout");
	ok(f.out.has_retries && f.out.retries == 3, "retries");
	is(f.out.workdir, "/a b", "a directory");
	ok(bytes_is(f.out.input, "x\ny"), "standard input");
	is_int(f.out.nenv, 3, "variables");
	is(f.out.env[0], "A=1", "with their values");
	is(f.out.env[1], "B=true", "as they are written");
	is(f.out.env[2], "C=", "null is empty");
	arena_free(f.arena);
}

static void test_retries(void)
{
	static const struct {
		const char *value;
		uint64_t tries;
	} good[] = {{"0", 0}, {"1", 1}, {"18446744073709551615", UINT64_MAX}};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct fixture f = {0};

		add(&f, "volley.retries", good[i].value, VALUE_BARE);
		ok(parse(&f) == 0 && f.out.has_retries && f.out.retries == good[i].tries,
		   "retries: %s", good[i].value);
		arena_free(f.arena);
	}
}

static void test_columns(void)
{
	struct fixture f = {0};

	add(&f, "volley.timeout", "0.5", VALUE_TEXT);
	add(&f, "volley.retries", "", VALUE_TEXT);
	add(&f, "volley.workdir", "", VALUE_TEXT);
	add(&f, "volley.stdin", "", VALUE_TEXT);
	add(&f, "volley.env.A", "", VALUE_TEXT);
	add(&f, "volleyball", "x", VALUE_TEXT);
	is_int(parse(&f), 0, "columns can hold options");
	is_int(f.out.timeout_ns, NSEC_PER_SEC / 2, "a column with a value is one");
	ok(!f.out.has_retries && f.out.workdir == NULL && f.out.input.p == NULL,
	   "an empty column has no effect");
	ok(f.out.nenv == 1 && strcmp(f.out.env[0], "A=") == 0,
	   "but a variable can be empty");
	arena_free(f.arena);
}

static void test_nothing(void)
{
	struct fixture f = {0};

	add(&f, "timeout", "x", VALUE_TEXT);
	add(&f, "volley", "", VALUE_BARE);
	is_int(parse(&f), 0, "an event without options is accepted");
	ok(!f.out.has_timeout && f.out.nenv == 0, "and has none");
	arena_free(f.arena);
}

static void test_errors(void)
{
	refused("volley.tiemout", "3", VALUE_BARE,
		"unknown option 'volley.tiemout' (did you mean 'timeout'?)");
	refused("volley", "{\"frobnicate\":[1]}", VALUE_JSON,
		"unknown option 'volley.frobnicate' (there are: timeout, retries, workdir, "
		"stdin, env)");
	refused("volley.timeout", "3x", VALUE_TEXT,
		"volley.timeout: '3x' is not a duration; write 0.5, 30s, 1m30s, 2h");
	refused("volley.timeout", "0", VALUE_BARE,
		"volley.timeout: '0' is not a duration; write 0.5, 30s, 1m30s, 2h");
	refused("volley.retries", "-1", VALUE_BARE,
		"volley.retries: '-1' is not a number of tries");
	refused("volley", "{\"timeout\":[3]}", VALUE_JSON,
		"volley.timeout takes one value, not a list or a mapping");
	refused("volley", "{\"workdir\":{\"a\":1}}", VALUE_JSON,
		"volley.workdir takes one value, not a list or a mapping");
	refused("volley", "{\"env\":{\"A\":[1]}}", VALUE_JSON,
		"volley.env.A takes one value, not a list or a mapping");
	refused("volley", "{\"env\":1}", VALUE_JSON,
		"volley.env is a mapping of names to values");
	refused("volley.env.2x", "1", VALUE_TEXT,
		"volley.env: '2x' cannot be a variable's name");
	refused("volley", "5", VALUE_BARE, "volley must be a mapping of options");
	refused("volley", "[1]", VALUE_JSON, "volley must be a mapping of options");
	refused("volley", "{\"workdir\":\"a\\u0000b\"}", VALUE_JSON,
		"volley.workdir holds a NUL byte");
	refused("volley", "{\"env\":{\"A\":\"a\\u0000b\"}}", VALUE_JSON,
		"volley.env.A holds a NUL byte");
}

int main(void)
{
	test_mapping();
	test_retries();
	test_columns();
	test_nothing();
	test_errors();
	return done_testing();
}
