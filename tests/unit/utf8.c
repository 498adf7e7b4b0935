/* SPDX-License-Identifier: ISC */

/* The decoder and the check against utf8proc, over every short text of bytes that UTF-8 treats
 * differently. */

#include <config.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "tap.h"

static bool same_first(const char *p, size_t n)
{
	utf8proc_int32_t want;
	utf8proc_ssize_t want_len = utf8proc_iterate((const utf8proc_uint8_t *)p,
						     (utf8proc_ssize_t)n, &want);
	uint32_t code;
	size_t len = utf8_first((struct bytes){p, n}, &code);

	if (want_len <= 0)
		return len == 0;
	return len == (size_t)want_len && code == (uint32_t)want;
}

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
	size_t total = N * N * N * N, first_wrong = 0, wrong = 0, cut_wrong = 0;
	uint32_t code;

	for (size_t i = 0; i < total; i++) {
		char text[LEN];
		size_t rest = i;

		for (int k = 0; k < LEN; k++, rest /= N)
			text[k] = (char)bytes[rest % N];
		for (size_t n = 1; n <= LEN; n++) {
			first_wrong += !same_first(text, n);
			wrong += passes(text, n, 0) != is_text(text, n);
		}
		for (size_t cut = 1; cut < LEN; cut++)
			cut_wrong += passes(text, LEN, cut) != passes(text, LEN, 0);
	}
	is_int(first_wrong, 0, "the first character is the one that utf8proc finds");
	is_int(utf8_first((struct bytes){NULL, 0}, &code), 0, "an empty text has none");
	is_int(wrong, 0, "what passes is what utf8proc calls UTF-8, without NUL");
	is_int(cut_wrong, 0, "wherever the text is cut");
	ok(passes("", 0, 0), "nothing is text");
}

static void test_stream(void)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	static const uint32_t want[] = {'a', 0xe9, 0x20ac, 0x1f600};
	struct utf8 u = {0};
	size_t n = 0, right = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (utf8_add(&u, (unsigned char)*p) && u.need == 0)
			right += n < 4 && u.code == want[n++];
	is_int(right, 4, "characters of one to four bytes come byte by byte");
	ok(!utf8_add(&u, 0x80), "a continuation byte cannot begin a character");
	ok(utf8_add(&u, 0xe2) && !utf8_add(&u, 'a'), "nor can another byte continue one");
	is_int(utf8_count(bytes_str(text)), 4, "and they can be counted");
}

int main(void)
{
	test_short_texts();
	test_stream();
	return done_testing();
}
