/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "output/sink.h"
#include "tap.h"

/* What is text, base64, and what replaces bytes that are not text. */

static bool passes(const char *p, size_t n, size_t cut)
{
	struct utf8_check c = {0};

	utf8_check_add(&c, (struct bytes){p, cut});
	utf8_check_add(&c, (struct bytes){p + cut, n - cut});
	return utf8_check_passes(&c);
}

/* As utf8proc sees it: the other opinion. */
static bool is_text(const char *p, size_t n)
{
	while (n > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t got = utf8proc_iterate((const utf8proc_uint8_t *)p,
							(utf8proc_ssize_t)n, &c);

		if (got <= 0 || c == 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void test_short_texts(void)
{
	/* Every class of byte that UTF-8 tells apart. */
	static const unsigned char bytes[] = {0,    'a',  0x7f, 0x80, 0x8f, 0x90, 0x9f,
					      0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
					      0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
					      0xf3, 0xf4, 0xf5, 0xff};
	enum { N = sizeof bytes, LEN = 4 };
	size_t total = N * N * N * N, wrong = 0, cut_wrong = 0;

	for (size_t i = 0; i < total; i++) {
		char text[LEN];
		size_t rest = i;

		for (int k = 0; k < LEN; k++, rest /= N)
			text[k] = (char)bytes[rest % N];
		for (size_t n = 1; n <= LEN; n++)
			wrong += passes(text, n, 0) != is_text(text, n);
		for (size_t cut = 1; cut < LEN; cut++)
			cut_wrong += passes(text, LEN, cut) != passes(text, LEN, 0);
	}
	is_int(wrong, 0, "what passes is what utf8proc calls UTF-8, without NUL");
	is_int(cut_wrong, 0, "wherever the text is cut");
	ok(passes("", 0, 0), "nothing is text");
}

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
	test_short_texts();
	test_base64();
	test_clean();
	return done_testing();
}
