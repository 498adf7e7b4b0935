/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "output/sink.h"
#include "tap.h"

/* Base64, and what replaces bytes that are not text. */

static char *base64(const char *text, size_t n, size_t cut)
{
	static struct buf out;
	struct base64 b = {0};

	buf_reset(&out);
	base64_add(&b, (struct bytes){text, cut}, &out);
	base64_add(&b, (struct bytes){text + cut, n - cut}, &out);
	base64_end(&b, &out);
	if (n == 0)
		buf_clear(&out);
	return n > 0 ? buf_cstr(&out) : NULL;
}

static void test_base64(void)
{
	static const char *const pairs[][2] = {{"f", "Zg=="},	    {"fo", "Zm8="},
					       {"foo", "Zm9v"},	    {"foob", "Zm9vYg=="},
					       {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		for (size_t cut = 0; cut <= strlen(pairs[i][0]); cut++)
			is(base64(pairs[i][0], strlen(pairs[i][0]), cut), pairs[i][1],
			   "base64 of '%s', cut at %zu", pairs[i][0], cut);
	is(base64("\0\xff\xfb\xf0", 4, 2), "AP/78A==",
	   "base64 of bytes that are not text");
	base64("", 0, 0);
}

static void test_clean(void)
{
	struct arena *a = arena_new();

	is(text_clean(bytes_str("caf\xc3\xa9"), a), "caf\xc3\xa9", "text stays as it is");
	is(text_clean((struct bytes){"a\0b", 3}, a), "a\xef\xbf\xbd" "b", "NUL is replaced");
	is(text_clean(bytes_str("\xe9t\xe9 \xc3\xa9"), a),
	   "\xef\xbf\xbdt\xef\xbf\xbd \xc3\xa9", "so is each byte that is not UTF-8");
	is(text_clean((struct bytes){NULL, 0}, a), "", "and nothing is an empty text");
	arena_free(a);
}

int main(void)
{
	test_base64();
	test_clean();
	return done_testing();
}
