/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "reader_cuts.h"

static const struct reader_config usual = {.delimiter = '\n', .max_event = 1 << 20};

static void check(struct reader_config cfg, const char *name, struct bytes input,
		  const char *want)
{
	struct reader_case c = {name, input, want};

	cuts_check(&reader_lines_ops, &cfg, &c);
}

#define CHECK(cfg, name, input, want) check(cfg, name, (struct bytes)TEXT(input), want)

static void test_lines(void)
{
	CHECK(usual, "each line is an event", "a\nbc d\n", "1 \"a\"\n2 \"bc d\"\n");
	CHECK(usual, "the last one needs no newline", "a\nb", "1 \"a\"\n2 \"b\"\n");
	CHECK(usual, "an empty input has none", "", "");
	CHECK(usual, "an empty line is an event", "\na\n\n", "1 \"\"\n2 \"a\"\n3 \"\"\n");
	CHECK(usual, "bytes need not be UTF-8", "\xff\n", "1 \"\xef\xbf\xbd\"\n");
	CHECK(usual, "a number is a text", "1\n", "1 \"1\"\n");
}

static void test_blank(void)
{
	struct reader_config cfg = usual;

	cfg.skip_blank = true;
	CHECK(cfg, "blank lines can be skipped", "\na\n \t\n\n b\n  ",
	      "2 \"a\"\n5 \" b\"\n");
	CHECK(cfg, "also when they end in CRLF", "\r\na\r\n \r\n", "2 \"a\"\n");
}

static void test_delimiters(void)
{
	struct reader_config cfg = usual;

	cfg.delimiter = '\0';
	CHECK(cfg, "NUL can end events", "a\nb\0c\r\0\0d",
	      "1 \"a\\nb\"\n2 \"c\\r\"\n3 \"\"\n4 \"d\"\n");
	cfg.delimiter = ',';
	CHECK(cfg, "or any other byte", "a,b\r,,c\n",
	      "1 \"a\"\n2 \"b\\r\"\n3 \"\"\n4 \"c\\n\"\n");
	CHECK(cfg, "then the first says nothing about CR", "a\r,b\r",
	      "1 \"a\\r\"\n2 \"b\\r\"\n");
	cfg.crlf = CRLF_STRIP;
	CHECK(cfg, "and CR is not touched", "a\r,b", "1 \"a\\r\"\n2 \"b\"\n");
}

static void test_crlf(void)
{
	struct reader_config cfg = usual;

	CHECK(cfg, "a first line in CRLF makes all lose their CR",
	      "a\r\nb\nc\r\r\n\r\nd\r",
	      "1 \"a\"\n2 \"b\"\n3 \"c\\r\"\n4 \"\"\n5 \"d\"\n");
	CHECK(cfg, "a first line in LF makes all keep it", "a\nb\r\n",
	      "1 \"a\"\n2 \"b\\r\"\n");
	CHECK(cfg, "a CR without newline is no line's end", "a\r", "1 \"a\\r\"\n");
	cfg.crlf = CRLF_STRIP;
	CHECK(cfg, "CR can be stripped outright", "a\nb\r\n", "1 \"a\"\n2 \"b\"\n");
	cfg.crlf = CRLF_KEEP;
	CHECK(cfg, "or kept", "a\r\nb\r\n", "1 \"a\\r\"\n2 \"b\\r\"\n");
}

static void test_errors(void)
{
	struct reader_config cfg = usual;

	CHECK(cfg, "NUL in a line is an error with its place",
	      "a\n\xc3\xa4"
	      "b\0c\nd\n",
	      "1 \"a\"\n! in:2:3: NUL byte in a line; use -0 if NUL ends each event\n");
	CHECK(cfg, "also at its start", "\0",
	      "! in:1:1: NUL byte in a line; use -0 if NUL ends each event, or convert "
	      "UTF-16BE to UTF-8 (iconv)\n");
	CHECK(cfg, "or right after the first byte", "a\0\n\0",
	      "! in:1:2: NUL byte in a line; use -0 if NUL ends each event, or convert "
	      "UTF-16LE to UTF-8 (iconv)\n");
	CHECK(cfg, "a mark says that it is UTF-16", "\xff\xfe"
	      "a\0\n\0",
	      "! in:1:4: the input is UTF-16; convert it to UTF-8 (iconv -f UTF-16)\n");
	CHECK(cfg, "but without NUL it is any text", "\xff\xfe\n", "1 \"\xef\xbf\xbd\xef\xbf\xbd\"\n");
	cfg.max_event = 3;
	CHECK(cfg, "a line may have the allowed length", "abc\ndef",
	      "1 \"abc\"\n2 \"def\"\n");
	CHECK(cfg, "but no more", "abc\ndefg\nh\n",
	      "1 \"abc\"\n! in:2:1: event longer than 3 bytes; --max-event raises the "
	      "limit\n");
	CHECK(cfg, "not even at the end", "abcd",
	      "! in:1:1: event longer than 3 bytes; "
	      "--max-event raises the limit\n");
	CHECK(cfg, "the first of two errors is told", "ab\0cdef\n",
	      "! in:1:3: NUL byte in a line; use -0 if NUL ends each event\n");
	CHECK(cfg, "whichever it is", "abcd\0\n",
	      "! in:1:1: event longer than 3 bytes; --max-event raises the limit\n");
	cfg.max_event = 2048;
	{
		char line[2050];

		memset(line, 'x', sizeof line);
		check(
		    cfg, "the limit is named in round numbers",
		    (struct bytes){line, sizeof line},
		    "! in:1:1: event longer than 2 KiB; --max-event raises the limit\n");
	}
	cfg.max_event = 0;
	CHECK(cfg, "0 is no limit", "abc\n", "1 \"abc\"\n");
}

int main(void)
{
	test_lines();
	test_blank();
	test_delimiters();
	test_crlf();
	test_errors();
	cuts_close_early(&reader_lines_ops, usual, (struct bytes)TEXT("a\nb\nc"));
	reader_close(NULL);
	return done_testing();
}
