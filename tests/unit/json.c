/* SPDX-License-Identifier: ISC */

/* Strings as JSON spells them, and what needs no quotes. */

#include <config.h>

#include "base/json.h"
#include "tap.h"

#define BYTES(s) ((struct bytes){s, sizeof(s) - 1})

static void check_string(struct bytes text, const char *want, const char *name)
{
	struct buf b = BUF_INIT;

	json_add_string(&b, text);
	is(buf_cstr(&b), want, "%s", name);
	buf_clear(&b);
}

static void test_strings(void)
{
	check_string(BYTES(""), "\"\"", "an empty string");
	check_string(BYTES("a b"), "\"a b\"", "plain text");
	check_string(BYTES("a\"b\\c"), "\"a\\\"b\\\\c\"", "quotes and backslashes");
	check_string(BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"", "short escapes");
	check_string(BYTES("\0\x1b"), "\"\\u0000\\u001b\"", "other controls");
	check_string(BYTES("\xc3\xa4\xf0\x9f\x98\x80"), "\"\xc3\xa4\xf0\x9f\x98\x80\"",
		     "UTF-8 stays as it is");
	check_string(BYTES("a\xff\xc3z"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\"",
		     "each byte that is not UTF-8 becomes U+FFFD");
	check_string(BYTES("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
		     "a surrogate is not UTF-8");
}

static void test_bare(void)
{
	static const char *const bare[] = {"0",
					   "-1",
					   "12",
					   "1.0",
					   "1e3",
					   "-0.5E+10",
					   "1e-9",
					   "true",
					   "false",
					   "null",
					   "12345678901234567890123"};
	static const char *const text[] = {
	    "",     "-", "010", "+1", "1.", ".5",    "1e",  "1e+",   "0x10",
	    "True", "~", "nul", "1 ", " 1", "1_000", "NaN", "12:30", "1.2.3"};

	for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
		ok(json_is_bare(bytes_str(bare[i])), "'%s' is bare in JSON", bare[i]);
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		ok(!json_is_bare(bytes_str(text[i])), "'%s' needs quotes in JSON", text[i]);
}

static void test_pieces(void)
{
	struct buf b = BUF_INIT;

	json_add_piece(&b, bytes_str("a\"\\\n\t\r\b\f\x01\x7f\xc3\xa9"));
	is(buf_cstr(&b), "a\\\"\\\\\\n\\t\\r\\b\\f\\u0001\x7f\xc3\xa9",
	   "what a JSON string cannot hold is escaped");
	buf_reset(&b);
	json_add_piece(&b, bytes_str("\xc3"));
	json_add_piece(&b, bytes_str("\xa9"));
	is(buf_cstr(&b), "\xc3\xa9", "a piece may end inside a character");
	buf_clear(&b);
}

int main(void)
{
	test_strings();
	test_bare();
	test_pieces();
	return done_testing();
}
