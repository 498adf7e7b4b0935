/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "command/placeholder.h"
#include "fuzz.h"

/* The first byte chooses the events; the rest is a template. */

const char fuzz_name[] = "template";

#define TEXT(s) {s, sizeof(s) - 1}

static struct field mapping_fields[] = {
    {TEXT("id"), TEXT("1.0"), VALUE_BARE},
    {TEXT("a.b"), TEXT("dir.x/name.tar.gz"), VALUE_TEXT},
    {TEXT("n"), TEXT("{\"k\":[1,{\"x.y\":\"z\"},null]}"), VALUE_JSON},
    {TEXT("none"), TEXT(""), VALUE_BARE},
};
static struct field columns[] = {
    {{NULL, 0}, TEXT("x/y.z"), VALUE_TEXT},
    {{NULL, 0}, TEXT(""), VALUE_TEXT},
};
static struct item mapping = {.mapping = true, .fields = mapping_fields, .nfields = 4};
static struct item line = {.text = TEXT("x/y.z,"), .fields = columns, .nfields = 2};
static struct item two[] = {{.text = TEXT("/a/b/")}, {.text = TEXT(".c")}};

static const struct event events[] = {
    {.seq = 1, .items = &mapping, .nitems = 1},
    {.seq = 2, .items = &line, .nitems = 1},
    {.seq = 3, .items = two, .nitems = 2},
};

static void expand(const struct placeholder *p, const struct event *e)
{
	const struct bindings job = {&e, 1, 7, 100, 2, 4, 1};
	struct arena *a = arena_new();
	struct err err;
	const struct expansion x = {.job = &job, .arena = a, .err = &err};
	size_t n = placeholder_count(p, &job);
	struct bytes value;

	for (size_t i = 0; i < n; i++)
		if (placeholder_value(&x, p, i, &value) == 0)
			FUZZ_MUST(value.p != NULL);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct placeholder_scope scope = {0};
	struct err err;

	if (size == 0)
		return 0;
	scope.first = &events[data[0] % 3];
	scope.replace = data[0] & 4 ? "{}{" : NULL;
	scope.batched = data[0] & 8;
	scope.total_known = data[0] & 16;
	for (size_t i = 1; i < size; i++) {
		struct bytes rest = {(const char *)data + i, size - i};
		struct placeholder p;
		int n = placeholder_match(&scope, rest, &p, &err);

		FUZZ_MUST(n <= (int)rest.len);
		p.split = n > 0 && p.what == PLACEHOLDER_EVENT && data[0] & 32;
		for (size_t k = 0; n > 0 && k < 3; k++)
			expand(&p, &events[k]);
	}
	return 0;
}
