/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "reader_cuts.h"

static const struct reader_config usual = {.max_event = 1 << 20};

static const struct reader_case rows[] = {
    {"an empty input has no events", TEXT(""), ""},
    {"a header alone has no events", TEXT("a,b\n"), ""},
    {"the header names the fields", TEXT("id,name\n1,x\n2,y z\n"),
     "2 {\"id\":\"1\",\"name\":\"x\"}\n3 {\"id\":\"2\",\"name\":\"y z\"}\n"},
    {"the last row needs no newline", TEXT("a,b\n1,2"), "2 {\"a\":\"1\",\"b\":\"2\"}\n"},
    {"nor does an empty last field need one", TEXT("a,b\n1,"), "2 {\"a\":\"1\",\"b\":\"\"}\n"},
    {"fields may be empty, or quoted and empty", TEXT("a,b,c\n,\"\",\n"),
     "2 {\"a\":\"\",\"b\":\"\",\"c\":\"\"}\n"},
    {"quotes hold commas, quotes and lines", TEXT("a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n3,4\n"),
     "2 {\"a\":\"x,\\\"y\\\"\",\"b\":\"1\\n2\"}\n4 {\"a\":\"3\",\"b\":\"4\"}\n"},
    {"blanks and tabs belong to fields", TEXT("a, b\n 1 ,\t2\n"),
     "2 {\"a\":\" 1 \",\" b\":\"\\t2\"}\n"},
    {"lines may end in CRLF", TEXT("a,b\r\n1,\"x\r\ny\"\r\n\"2\",z\r\n"),
     "2 {\"a\":\"1\",\"b\":\"x\\r\\ny\"}\n4 {\"a\":\"2\",\"b\":\"z\"}\n"},
    {"lines may end in CR", TEXT("a,b\r1,2\r3,4"),
     "2 {\"a\":\"1\",\"b\":\"2\"}\n3 {\"a\":\"3\",\"b\":\"4\"}\n"},
    {"empty lines are skipped", TEXT("\n\r\na\n\n1\n\n\n2\n"),
     "5 {\"a\":\"1\"}\n8 {\"a\":\"2\"}\n"},
    {"numbers are texts", TEXT("a\n1.0\n010\n"), "2 {\"a\":\"1.0\"}\n3 {\"a\":\"010\"}\n"},
    {"bytes need not be UTF-8", TEXT("a\n\xe4\n"), "2 {\"a\":\"\xef\xbf\xbd\"}\n"},
    {"a byte order mark is skipped", TEXT("\xef\xbb\xbf\"a\",b\n1,2\n"),
     "2 {\"a\":\"1\",\"b\":\"2\"}\n"},
    {"an incomplete byte order mark is data", TEXT("\xef\xbb,b\n1,2\n"),
     "2 {\"\xef\xbf\xbd\xef\xbf\xbd\":\"1\",\"b\":\"2\"}\n"},
    {"an incomplete byte order mark alone is a header", TEXT("\xef"), ""},
};

static const struct reader_case tabs[] = {
    {"tabs can separate", TEXT("a\tb c\n1,2\t\"x\ty\"\n\t\n"),
     "2 {\"a\":\"1,2\",\"b c\":\"x\\ty\"}\n3 {\"a\":\"\",\"b c\":\"\"}\n"},
    {"quotes around part of a field are text",
     TEXT("a\tb\n\"x\"y\tgene_id \"X\"; n \"1\";\nx\"\"\t5\"\n\"x\"\"\ty\n \"x\"\t\"\"\"\n"),
     "2 {\"a\":\"\\\"x\\\"y\",\"b\":\"gene_id \\\"X\\\"; n \\\"1\\\";\"}\n"
     "3 {\"a\":\"x\\\"\\\"\",\"b\":\"5\\\"\"}\n"
     "4 {\"a\":\"\\\"x\\\"\\\"\",\"b\":\"y\"}\n"
     "5 {\"a\":\" \\\"x\\\"\",\"b\":\"\\\"\\\"\\\"\"}\n"},
    {"a field that is all quoted is unquoted",
     TEXT("\"a\"\tb\n\"x\"\t\"\"\r\n\"1\"\"2\"\t\"\"\"\"\n\"\t\"\t\"\"\"3\"\"\""),
     "2 {\"a\":\"x\",\"b\":\"\"}\n3 {\"a\":\"1\\\"2\",\"b\":\"\\\"\"}\n"
     "4 {\"a\":\"\\t\",\"b\":\"\\\"3\\\"\"}\n"},
    {"a quoted field may have line breaks",
     TEXT("a\tb\n1\t\"x\ny\"\n\"2\r\n3\"\t4\n5\t\"\n\n\"\n"),
     "2 {\"a\":\"1\",\"b\":\"x\\ny\"}\n4 {\"a\":\"2\\r\\n3\",\"b\":\"4\"}\n"
     "6 {\"a\":\"5\",\"b\":\"\\n\\n\"}\n"},
    {"but not if its last line could be a row", TEXT("a\tb\n1\t\"x\n2\ty\"\n"),
     "2 {\"a\":\"1\",\"b\":\"\\\"x\"}\n3 {\"a\":\"2\",\"b\":\"y\\\"\"}\n"},
    {"nor if any of its lines could be one", TEXT("a\tb\n\"1\tx\n\"2\ty\n3\tz\"\n"),
     "2 {\"a\":\"\\\"1\",\"b\":\"x\"}\n3 {\"a\":\"\\\"2\",\"b\":\"y\"}\n"
     "4 {\"a\":\"3\",\"b\":\"z\\\"\"}\n"},
    {"a quote that is not closed is text", TEXT("a\tb\n1\t\"x\n2\t\""),
     "2 {\"a\":\"1\",\"b\":\"\\\"x\"}\n3 {\"a\":\"2\",\"b\":\"\\\"\"}\n"},
    {"a NUL byte after a quote has its place", TEXT("a\tb\n1\t\"x\n\0\"\n"),
     "2 {\"a\":\"1\",\"b\":\"\\\"x\"}\n! in:3:1: NUL byte in the input\n"},
    {"an error names the tab", TEXT("a\tb\n1\n"),
     "! in:2:1: a row of 1 field where the first row has 2; quote a field that holds a "
     "'\\t'\n"},
};

static const struct reader_case columns[] = {
    {"without a header rows have columns", TEXT("1,x\n\"2\",\"y\n\"\"z\"\"\"\r\n"),
     "1 \"1,x\" | \"1\" | \"x\"\n"
     "2 \"\\\"2\\\",\\\"y\\n\\\"\\\"z\\\"\\\"\\\"\" | \"2\" | \"y\\n\\\"z\\\"\"\n"},
    {"and every row must have the same number of columns", TEXT("1,2\n1\n"),
     "1 \"1,2\" | \"1\" | \"2\"\n! in:2:1: a row of 1 field where the first row has 2; "
     "quote a field that holds a ','\n"},
    {"columns may be equal or empty", TEXT("a,a,\n"), "1 \"a,a,\" | \"a\" | \"a\" | \"\"\n"},
};

#define QUOTE                                                                            \
	"a quote that neither begins nor ends a field; quote the field and double the "     \
	"quotes inside it, or use --quote no\n"
#define UNCLOSED                                                                         \
	"a quote in the row that begins here is not closed; use --quote no if quotes are "  \
	"text\n"

static const struct reader_case quotes[] = {
    {"a quote inside an unquoted field is text",
     TEXT("a,b\n37\xc2\xb0\"N,5\" disk\nx\"\"\", \"y\"\n\"x\",\" \"\"\"\n"),
     "2 {\"a\":\"37\xc2\xb0\\\"N\",\"b\":\"5\\\" disk\"}\n"
     "3 {\"a\":\"x\\\"\\\"\\\"\",\"b\":\" \\\"y\\\"\"}\n"
     "4 {\"a\":\"x\",\"b\":\" \\\"\"}\n"},
    {"also in the header", TEXT("5\",\"b\"\n1,2\n"), "2 {\"5\\\"\":\"1\",\"b\":\"2\"}\n"},
    {"and in later fields of a row", TEXT("a,b,c\n1\"2,3\"4,\"5\n6\"\n"),
     "2 {\"a\":\"1\\\"2\",\"b\":\"3\\\"4\",\"c\":\"5\\n6\"}\n"},
    {"something after a quoted field is an error", TEXT("a,b\n\"1\"x,2\n"), "! in:2:4: " QUOTE},
};

static const struct reader_case text_only[] = {
    {"without quoting a quote is text", TEXT("\"a\";b\n\"1\";\"2\"x\n\"\";\"\n"),
     "2 {\"\\\"a\\\"\":\"\\\"1\\\"\",\"b\":\"\\\"2\\\"x\"}\n"
     "3 {\"\\\"a\\\"\":\"\\\"\\\"\",\"b\":\"\\\"\"}\n"},
};

static const struct reader_case semicolons[] = {
    {"another byte can separate fields", TEXT("a;b\n1,5;\"x;y\nz\"\n"),
     "2 {\"a\":\"1,5\",\"b\":\"x;y\\nz\"}\n"},
    {"and is named by an error", TEXT("a;b\n1\n"),
     "! in:2:1: a row of 1 field where the first row has 2; quote a field that holds a ';'\n"},
    {"also in a line for spreadsheets", TEXT("sep=;\na;b\n"),
     "! in:1:1: a line 'sep=;', which is for spreadsheets; remove it\n"},
};

static const struct reader_case strict_tabs[] = {
    {"tabs and line breaks may be quoted", TEXT("a\tb\n1\t\"x\n2\ty\"\n"),
     "2 {\"a\":\"1\",\"b\":\"x\\n2\\ty\"}\n"},
    {"a quote inside a field is an error", TEXT("a\tb\n1\tx\"y\"\n"), "! in:2:4: " QUOTE},
};

#define SHEET "which is for spreadsheets; remove it"

static const struct reader_case refused[] = {
    {"a name given twice", TEXT("a,b,\"a\"\n"),
     "! in:1:1: duplicate name 'a' in the header; rename one, or use --no-header\n"},
    {"an empty name", TEXT("\na,\n1,2\n"),
     "! in:2:1: the header ends with a ',', so that column 2 has no name; remove it from "
     "each line, add a name, or use --no-header\n"},
    {"an empty first name", TEXT(",a\n1,2\n"),
     "! in:1:1: column 1 of the header has no name; give it one, or use --no-header\n"},
    {"a delimiter at the end of a row", TEXT("a,b\n1,2,\n"),
     "! in:2:1: a row of 3 fields where the first row has 2; remove the ',' at its end\n"},
    {"another delimiter", TEXT("a;b\n1,5;2\n"),
     "! in:2:1: a row of 2 fields where the header has one; use -C ';'\n"},
    {"another delimiter after a quoted field", TEXT("a;b\n\"1\";2\n"),
     "! in:2:4: a quote that neither begins nor ends a field; use -C ';'\n"},
    {"tabs as delimiters", TEXT("a\tb\n1,5\t2\n"),
     "! in:2:1: a row of 2 fields where the header has one; use -f tsv\n"},
    {"a line that names the delimiter", TEXT("sep=;\na;b\n"),
     "! in:1:1: a line 'sep=;', " SHEET ", and use -C ';'\n"},
    {"a line that names the usual delimiter", TEXT("SEP=,\na,b\n"),
     "! in:1:1: a line 'sep=,', " SHEET "\n"},
    {"a row too long", TEXT("a,b\n1,2\n\"x\ny\",2,3\n4,5\n"),
     "2 {\"a\":\"1\",\"b\":\"2\"}\n! in:3:1: a row of 3 fields where the first row has 2; "
     "quote a field that holds a ','\n"},
    {"a row too short at the end", TEXT("a,b\n1"),
     "! in:2:1: a row of 1 field where the first row has 2; quote a field that holds a "
     "','\n"},
    {"a quote inside a field", TEXT("a,b\n1,\xc3\xa4x\"y\n"), "! in:2:5: " QUOTE},
    {"something after a quote", TEXT("a,b\n\"1\"x,2\n"), "! in:2:4: " QUOTE},
    {"a blank before a quote", TEXT("a,b\n1, \"2\"\n"), "! in:2:4: " QUOTE},
    {"a quote in a later line of a field", TEXT("a\n\"x\ny\" z\n"), "! in:3:3: " QUOTE},
    {"a quote that is not closed", TEXT("a\n1\n\"x\ny\n"),
     "2 {\"a\":\"1\"}\n! in:3:1: " UNCLOSED},
    {"a NUL byte", TEXT("a,b\n1,\xc3\xa4\0\n"),
     "! in:2:4: NUL byte in the input\n"},
    {"UTF-16 with its mark", TEXT("\xfe\xff\0a\0\n"),
     "! in:1:1: the input is UTF-16; convert it to UTF-8 (iconv -f UTF-16)\n"},
    {"UTF-16 without a mark", TEXT("a\0\n\0"),
     "! in:1:1: the input is UTF-16LE; convert it to UTF-8 (iconv -f UTF-16LE)\n"},
    {"a NUL byte in quotes", TEXT("a\n\"\r\n\0\"\n"),
     "! in:3:1: NUL byte in the input\n"},
};

#define LONG "event longer than 4 bytes; --max-event raises the limit\n"

static const struct reader_case limits[] = {
    {"a row may have the allowed length", TEXT("a,bc\n1,23\r\n\n\n\n\n4,56\n"),
     "2 {\"a\":\"1\",\"bc\":\"23\"}\n7 {\"a\":\"4\",\"bc\":\"56\"}\n"},
    {"but may not be longer", TEXT("a\n1234\n12345\n6\n"), "2 {\"a\":\"1234\"}\n! in:3:1: " LONG},
    {"nor longer with line breaks in it", TEXT("a\n\"\n\n\n\""), "! in:2:1: " LONG},
    {"nor longer without an end", TEXT("abcdefgh"), "! in:1:1: " LONG},
    {"of two errors the first is reported", TEXT("a\n\"\"34\n"), "! in:2:3: " QUOTE},
    {"whichever of the two it is", TEXT("a\n\"23456\"x\n"), "! in:2:1: " LONG},
    {"a quote that is text counts like any byte", TEXT("a\n1234\"\n"), "! in:2:1: " LONG},
};

static void check_all(const struct reader_ops *ops, struct reader_config cfg,
		      const struct reader_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cuts_check(ops, &cfg, &cases[i]);
}

#define CHECK_ALL(ops, cfg, cases) check_all(ops, cfg, cases, sizeof cases / sizeof *cases)

static void test_live(void)
{
	struct buf out = BUF_INIT;
	struct reader_config cfg = {.name = "in", .emit = cuts_emit, .arg = &out};
	struct reader *r = reader_open(&reader_csv_ops, &cfg);
	struct err err;
	int result = reader_feed(r, bytes_str("a\n1"), &err);

	ok(result == 0 && out.len == 0, "a row is no event before its line ends");
	result = reader_feed(r, bytes_str("\n"), &err);
	ok(result == 0 && out.len > 0, "but then it is");
	reader_close(r);
	buf_clear(&out);
}

int main(void)
{
	struct reader_config cfg = usual;

	CHECK_ALL(&reader_csv_ops, usual, rows);
	CHECK_ALL(&reader_tsv_ops, usual, tabs);
	CHECK_ALL(&reader_csv_ops, usual, quotes);
	cfg.quote = QUOTE_YES;
	CHECK_ALL(&reader_csv_ops, cfg, refused);
	CHECK_ALL(&reader_tsv_ops, cfg, strict_tabs);
	cfg.separator = ';';
	CHECK_ALL(&reader_csv_ops, cfg, semicolons);
	cfg.quote = QUOTE_NO;
	CHECK_ALL(&reader_csv_ops, cfg, text_only);
	cfg = usual;
	cfg.no_header = true;
	CHECK_ALL(&reader_csv_ops, cfg, columns);
	cfg = (struct reader_config){.max_event = 4};
	CHECK_ALL(&reader_csv_ops, cfg, limits);
	cuts_close_early(&reader_csv_ops, usual, (struct bytes)TEXT("a,b\n1,\"x\ny\"\n2,"));
	test_live();
	return done_testing();
}
