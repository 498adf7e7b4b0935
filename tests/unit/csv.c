/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/csv.h"
#include "tap.h"

/* Tables, byte by byte. */

static char names[256], header[256], why[2048];

/* The length of the header, or -1. */
static long scan(const char *text, size_t piece)
{
	struct csv_scan s = CSV_SCAN_INIT;
	size_t len = strlen(text), header_len = 0;
	struct err err = {0};
	int result = 0;

	for (size_t at = 0; at < len && result == 0; at += piece) {
		size_t n = len - at < piece ? len - at : piece, body = 0;
		bool before = s.row == 1;

		result = csv_scan_add(&s, (struct bytes){text + at, n}, &body, &err);
		if (before)
			header_len += body;
	}
	if (result == 0)
		result = csv_scan_end(&s, &err);
	for (size_t i = 0; i < s.names.len && i < sizeof names; i++)
		names[i] = s.names.data[i] != '\0' ? s.names.data[i] : '|';
	names[s.names.len < sizeof names ? s.names.len : sizeof names - 1] = '\0';
	snprintf(header, sizeof header, "%.*s", (int)s.header.len,
		 s.header.len > 0 ? s.header.data : "");
	snprintf(why, sizeof why, "%s", err.text);
	csv_scan_clear(&s);
	return result == 0 ? (long)header_len : -1;
}

static void good(const char *text, const char *want_names, const char *want_header)
{
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		long n = scan(text, piece);

		ok(n >= 0 && (size_t)n == (strlen(want_header) < strlen(text)
					       ? strlen(want_header)
					       : strlen(text)),
		   "a table in pieces of %zu: %ld", piece, n);
		is(names, want_names, "its columns");
		is(header, want_header, "its header");
	}
}

static void bad(const char *text, const char *want)
{
	is_int(scan(text, 3), -1, "refused");
	is(why, want, "with a reason");
}

static void test_long_header(void)
{
	char *text = malloc(CSV_HEADER_MAX + 2);

	memset(text, 'x', CSV_HEADER_MAX + 1);
	text[CSV_HEADER_MAX + 1] = '\0';
	bad(text, "its first line is too long for a header");
	free(text);
}

static void field(const char *text, char delimiter, const char *want)
{
	static int n;
	struct buf out = BUF_INIT;

	csv_add_field(&out, bytes_str(text), delimiter);
	is(buf_cstr(&out), want, "field %d is written so that it reads back", ++n);
	buf_clear(&out);
}

static void test_fields(void)
{
	field("a b", ',', "a b");
	field("", ',', "");
	field("a,b", ',', "\"a,b\"");
	field("a,b", '\t', "a,b");
	field("a\tb", '\t', "\"a\tb\"");
	field("a\tb", ',', "a\tb");
	field(" a", ',', "\" a\"");
	field("a\t", ',', "\"a\t\"");
	field("a\rb", ',', "\"a\rb\"");
	field("a\n", ',', "\"a\n\"");
	field("say \"x\"", ',', "\"say \"\"x\"\"\"");
	field("\xef\xbb\xbfx", ',', "\"\xef\xbb\xbfx\"");
}

int main(void)
{
	test_fields();
	good("id,name\n1,x\n2,y\n", "id|name|", "id,name\n");
	good("id,name", "id|name|", "id,name\n");
	good("id,name\r\n1,x\r\n", "id|name|", "id,name\r\n");
	good("\"i\"\"d\",\"a,\nb\"\n1,\"x\ny\"", "i\"d|a,\nb|", "\"i\"\"d\",\"a,\nb\"\n");
	good("\"id\",\"name\"\r\n1,2\n", "id|name|", "\"id\",\"name\"\r\n");
	good("a\n\n1\n", "a|", "a\n");
	good("a,\n1,\n", "a||", "a,\n");
	good("a b,c\"d\n1,2\n", "a b|c\"d|", "a b,c\"d\n");
	bad("a,b\n1,2\n1\n", "row 3 has 1 column, the header 2");
	bad("a,b\n1,2,3", "row 2 has 3 columns, the header 2");
	bad("a,b\n1,2\n\n", "row 3 has 1 column, the header 2");
	bad("a,b\n1,\"2\n", "row 2: a quote is not closed");
	bad("a,b\n\"1\"x,2\n", "row 2: text after a closing quote");
	test_long_header();
	return done_testing();
}
