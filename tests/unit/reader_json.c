/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "reader_cuts.h"

static const struct reader_config usual = {.max_event = 1 << 20};

static const struct reader_case arrays[] = {
    {"an empty input has no events", TEXT(""), ""},
    {"an input of blanks has no events", TEXT(" \n\t\r\n"), ""},
    {"an empty array has no events", TEXT("[ ]\n"), ""},
    {"the elements of an array are events", TEXT("[\"a\",\n 2, true]"),
     "1 \"a\"\n2 2\n2 true\n"},
    {"numbers and words stay as they are written",
     TEXT("[1.0, 1e3, -0, 1E+2, 12345678901234567890123, 0.10, false, null]"),
     "1 1.0\n1 1e3\n1 -0\n1 1E+2\n1 12345678901234567890123\n1 0.10\n1 false\n1 null\n"},
    {"a mapping has fields", TEXT("[{\"id\": 1.50, \"s\": \"x\", \"n\": null}, {}]"),
     "1 {\"id\":1.50,\"s\":\"x\",\"n\":null}\n1 {}\n"},
    {"a nested value is compact JSON",
     TEXT("[{\"a\": {\"x\": 1.0, \"y\": [\"2\", null, {}, [ ]]},\n\"b\": [ {\"c\": 1} ] }]"),
     "1 {\"a\":{\"x\":1.0,\"y\":[\"2\",null,{},[]]},\"b\":[{\"c\":1}]}\n"},
    {"an array in the array has columns", TEXT("[[1, \"b\", {\"c\": 2}, null], []]"),
     "1 [1,\"b\",{\"c\":2},null] | 1 | \"b\" | {\"c\":2} | null\n1 []\n"},
    {"escapes are characters",
     TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\u20AC\\ud83d\\ude00\"]"),
     "1 \"\\\"\\\\/\\b\\f\\n\\r\\t\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"\n"},
    {"a key may be empty, escaped or long",
     TEXT("[{\"\": 1, \"a\\n\": 2, \"b.c d\": 3}]"),
     "1 {\"\":1,\"a\\n\":2,\"b.c d\":3}\n"},
    {"nested mappings have keys of their own", TEXT("[{\"a\":{\"a\":1},\"b\":{\"a\":1}}]"),
     "1 {\"a\":{\"a\":1},\"b\":{\"a\":1}}\n"},
    {"characters beyond ASCII", TEXT("[\"\xc3\xa4\xf0\x9f\x98\x80\x7f\"]"),
     "1 \"\xc3\xa4\xf0\x9f\x98\x80\x7f\"\n"},
    {"a byte order mark is skipped", TEXT("\xef\xbb\xbf[1]"), "1 1\n"},
    {"a byte order mark alone is an empty input", TEXT("\xef\xbb\xbf"), ""},
    {"the line of an event is where it begins", TEXT("[\n\n{\n\"a\":\n1},\r\n2]"),
     "3 {\"a\":1}\n6 2\n"},
};

static const struct reader_case lines[] = {
    {"outside an array each line is one event", TEXT("{\"a\":1}\n{\"a\":2}\n\"x\"\n3\nnull\n"),
     "1 {\"a\":1}\n2 {\"a\":2}\n3 \"x\"\n4 3\n5 null\n"},
    {"the last line needs no newline", TEXT("1\n2"), "1 1\n2 2\n"},
    {"blank lines are skipped", TEXT("\n1\n \t\r\n2\r\n\n"), "2 1\n4 2\n"},
    {"blanks around a value do not matter", TEXT("  1 \t\n {\"a\" : 1} \n"),
     "1 1\n2 {\"a\":1}\n"},
    {"a value may take several lines", TEXT("{\n \"a\": 1\n}\n{\n\"a\":\n2}\n"),
     "1 {\"a\":1}\n4 {\"a\":2}\n"},
    {"an array in a later line has columns", TEXT("1\n[2,\"x\"]\n"),
     "1 1\n2 [2,\"x\"] | 2 | \"x\"\n"},
    {"a mark before lines is skipped", TEXT("\xef\xbb\xbf{\"a\":1}\n"), "1 {\"a\":1}\n"},
};

static const struct reader_case jsonl[] = {
    {"JSON Lines may begin with an array", TEXT("[1,2]\n[3]\n"),
     "1 [1,2] | 1 | 2\n2 [3] | 3\n"},
    {"whose bracket is not one around all events", TEXT("[1,\n"),
     "! in:1:1: the input ends inside the value that begins here\n"},
};

#define SECOND "unexpected text after the value; begin a new line for each value\n"
#define ENDS "the input ends inside the value that begins here\n"
#define COMMA "; is there a comma too many before it?\n"

static const struct reader_case refused[] = {
    {"a key given twice", TEXT("[1, {\"a\":1,\n \"b\":2, \"\\u0061\":3}]"),
     "1 1\n! in:2:9: duplicate key 'a'; remove one of them\n"},
    {"a nested key given twice", TEXT("[{\"a\":{\"b\":1,\"b\":2}}]"),
     "! in:1:14: duplicate key 'b'; remove one of them\n"},
    {"a key given twice among many",
     TEXT("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
	  "\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"c\":1}"),
     "! in:1:110: duplicate key 'c'; remove one of them\n"},
    {"NUL by an escape", TEXT("[\"\xc3\xa4\\u0000\"]"),
     "! in:1:4: NUL (\\u0000) in a text; no argument can hold it\n"},
    {"NUL in a key", TEXT("{\"\\u0000\":1}"),
     "! in:1:3: NUL (\\u0000) in a text; no argument can hold it\n"},
    {"NUL in a nested text", TEXT("{\"a\":[\"\\u0000\"]}"),
     "! in:1:8: NUL (\\u0000) in a text; no argument can hold it\n"},
    {"a lone high surrogate", TEXT("[\"x\\ud83d\"]"),
     "! in:1:4: half of a surrogate pair; write both halves, or the character itself\n"},
    {"a high surrogate before something else", TEXT("[\"\\ud83d\\u0041\"]"),
     "! in:1:3: half of a surrogate pair; write both halves, or the character itself\n"},
    {"a lone low surrogate", TEXT("[\"\\ude00\"]"),
     "! in:1:3: half of a surrogate pair; write both halves, or the character itself\n"},
    {"bytes that are not UTF-8", TEXT("[\"a\",\"\xc3\xa4\xff\"]"),
     "1 \"a\"\n! in:1:8: not UTF-8; convert the input to UTF-8\n"},
    {"overlong UTF-8", TEXT("[\"\xc0\x80\"]"),
     "! in:1:3: not UTF-8; convert the input to UTF-8\n"},
    {"a surrogate in UTF-8", TEXT("{\"\xed\xa0\xbd\":1}"),
     "! in:1:3: not UTF-8; convert the input to UTF-8\n"},
    {"UTF-8 cut off by the quote", TEXT("[\"\xe2\x82\"]"),
     "! in:1:3: not UTF-8; convert the input to UTF-8\n"},
    {"an unknown escape", TEXT("[\"a\\x41\"]"),
     "! in:1:4: no such escape; write \\\\ for a backslash\n"},
    {"a bad \\u", TEXT("[\"\\u00g0\"]"), "! in:1:3: \\u needs four hexadecimal digits\n"},
    {"a \\u that is too short", TEXT("[\"\\u00\"]"),
     "! in:1:3: \\u needs four hexadecimal digits\n"},
    {"a line that ends inside a text", TEXT("{\"a\":1}\n{\"a\": \"x\n\"}\n"),
     "1 {\"a\":1}\n! in:2:9: the line ends inside a text; close the quote, or write \\n\n"},
    {"a control character", TEXT("[\"a\tb\"]"),
     "! in:1:4: control character U+0009 in a text; write it as \\u0009\n"},
    {"a NUL byte in a text", TEXT("[\"\0\"]"),
     "! in:1:3: control character U+0000 in a text; write it as \\u0000\n"},
    {"a NUL byte elsewhere", TEXT("[\0"),
     "! in:1:1: the input is UTF-16LE; convert it to UTF-8 (iconv -f UTF-16LE)\n"},
    {"a bare word", TEXT("[1, abc]"),
     "1 1\n! in:1:5: 'abc' is not JSON; write a text in double quotes\n"},
    {"a number with a tail", TEXT("[1a]"),
     "! in:1:2: '1a' is not JSON; write a text in double quotes\n"},
    {"a leading zero", TEXT("[012]"),
     "! in:1:2: '012' is not JSON; write a text in double quotes\n"},
    {"NaN", TEXT("NaN\n"), "! in:1:1: 'NaN' is not JSON; write a text in double quotes\n"},
    {"single quotes", TEXT("{'a':1}"),
     "! in:1:2: ''a'' is not JSON; write a text in double quotes\n"},
    {"a comment", TEXT("[1, // one\n2]"),
     "1 1\n! in:1:5: JSON has no comments; remove it\n"},
    {"a byte order mark inside the input", TEXT("1\n\xef\xbb\xbf""2\n"),
     "1 1\n! in:2:1: '\xef\xbb\xbf""2' is not JSON; write a text in double quotes\n"},
};

static const struct reader_case grammar[] = {
    {"an extra comma in an array", TEXT("[1,\n]"),
     "1 1\n! in:2:1: a value is expected, not ]" COMMA},
    {"an extra comma in a mapping", TEXT("[{\"a\":1,}]"),
     "! in:1:9: a key in double quotes is expected, not }" COMMA},
    {"a missing comma in an array", TEXT("[1 2]"),
     "1 1\n! in:1:4: ',' or ']' is expected, not 2\n"},
    {"a missing comma in a mapping", TEXT("{\"a\":1 \"b\":2}"),
     "! in:1:8: ',' or '}' is expected, not \"b\"\n"},
    {"a missing colon", TEXT("{\"a\" 1}"), "! in:1:6: ':' after the key is expected, not 1\n"},
    {"a missing value", TEXT("{\"a\":}"), "! in:1:6: a value is expected, not }\n"},
    {"a key that is not a text", TEXT("{1:2}"),
     "! in:1:2: a key in double quotes is expected, not 1\n"},
    {"a bracket of the wrong kind", TEXT("[{\"a\":1]"),
     "! in:1:8: ',' or '}' is expected, not ]\n"},
    {"a bracket that closes nothing", TEXT("1\n}\n"),
     "1 1\n! in:2:1: a value is expected, not }\n"},
    {"text after a line's value", TEXT("1 x\n"), "! in:1:3: " SECOND},
    {"a bracket after a line's value", TEXT("{}}\n"), "! in:1:3: " SECOND},
    {"a record separator", TEXT("\x1e{\"a\":1}\n"),
     "! in:1:1: a record separator (0x1e): this is a JSON text sequence; remove them all "
     "(tr -d '\\036') and use -f jsonl\n"},
    {"a record separator after a value", TEXT("1\n2\x1e\n"),
     "1 1\n! in:2:1: '2\\x1e' is not JSON; write a text in double quotes\n"},
    {"UTF-16 with its mark", TEXT("\xff\xfe{\0"),
     "! in:1:1: the input is UTF-16; convert it to UTF-8 (iconv -f UTF-16)\n"},
    {"UTF-16 without a mark", TEXT("\0{\0}"),
     "! in:1:1: the input is UTF-16BE; convert it to UTF-8 (iconv -f UTF-16BE)\n"},
    {"something after the array", TEXT("[1]\n[2]"),
     "1 1\n! in:2:1: unexpected text after the array; for JSON Lines that are arrays "
     "use -f jsonl\n"},
    {"an array without end", TEXT("[1,2"),
     "1 1\n1 2\n! in:1:5: the input ends before the array does; ']' is missing\n"},
    {"a mapping without end", TEXT("[1,\n {\"a\":1"), "1 1\n! in:2:2: " ENDS},
    {"a text without end", TEXT("[1,\n \"a"),
     "1 1\n! in:2:2: the input ends inside the text that begins here\n"},
    {"two values in a line give none", TEXT("0\n1 2\n"), "1 0\n! in:2:3: " SECOND},
    {"two values without a blank between them", TEXT("{\"a\":1}{\"a\":2}\n"), "! in:1:8: " SECOND},
    {"a bad end of a line", TEXT("{\"a\":1}]\n"), "! in:1:8: " SECOND},
    {"lines with commas", TEXT("{\"a\":1},\n{\"a\":2}\n"),
     "! in:1:8: a comma after a line's value; remove it, or put all in [ ]\n"},
    {"a line cut off", TEXT("{\"a\":1\n{\"a\":2}\n"),
     "! in:2:1: ',' or '}' is expected, not {\n"},
};

#define DEEP "nested deeper than 2 levels; --max-depth raises the limit, or give it as a quoted text\n"

static const struct reader_case depth[] = {
    {"values may have the allowed depth", TEXT("[{\"a\":[1]},[[]]]"), "1 {\"a\":[1]}\n1 [[]] | []\n"},
    {"but may not be deeper", TEXT("[1,{\"a\":[{}]}]"), "1 1\n! in:1:10: " DEEP},
    {"nor in JSON Lines", TEXT("1\n[[\n[]]]"), "1 1\n! in:3:1: " DEEP},
};

#define LONG(n) "event longer than " n " bytes; --max-event raises the limit\n"

static const struct reader_case limits[] = {
    {"an event may have the allowed length", TEXT("[12345678, \"123456\",{\"a\":11}]"),
     "1 12345678\n1 \"123456\"\n1 {\"a\":11}\n"},
    {"blanks between events do not count", TEXT("1          \n            \n          2"),
     "1 1\n3 2\n"},
    {"a number that is longer", TEXT("[1,\n 123456789]"), "1 1\n! in:2:2: " LONG("8")},
    {"a text that is longer", TEXT("[\"1234567\"]"), "! in:1:2: " LONG("8")},
    {"a text without end that is longer", TEXT("[\"1234567xxxx"), "! in:1:2: " LONG("8")},
    {"a mapping that is longer", TEXT("{\"a\":112}"), "! in:1:1: " LONG("8")},
    {"blanks inside a mapping count", TEXT("{\"a\":\n  1}"), "! in:1:1: " LONG("8")},
    {"of two errors the first is reported", TEXT("{\"a\":x,,,,,,,}"),
     "! in:1:6: 'x' is not JSON; write a text in double quotes\n"},
    {"whichever of the two it is", TEXT("{\"a\":   x,,,,,,}"), "! in:1:1: " LONG("8")},
    {"a word at the limit is checked", TEXT("1234567x,"),
     "! in:1:1: '1234567x' is not JSON; write a text in double quotes\n"},
};

static void check_all(const struct reader_ops *ops, struct reader_config cfg,
		      const struct reader_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cuts_check(ops, &cfg, &cases[i]);
}

#define CHECK_ALL(ops, cfg, cases) check_all(ops, cfg, cases, sizeof cases / sizeof *cases)

/* How often an item has come once so much was fed. */
static void check_live(const char *first, const char *then, const char *name)
{
	struct buf out = BUF_INIT;
	struct reader_config cfg = {.name = "in", .emit = cuts_emit, .arg = &out};
	struct reader *r = reader_open(&reader_json_ops, &cfg);
	struct err err;
	int result = reader_feed(r, bytes_str(first), &err);

	ok(result == 0 && out.len == 0, "%s: not before", name);
	result = reader_feed(r, bytes_str(then), &err);
	ok(result == 0 && out.len > 0, "%s: but then", name);
	reader_close(r);
	buf_clear(&out);
}

static const struct reader_case path[] = {
    {"the list at a path", TEXT("{\"x\":[1,{\"q\":[9]}],\"a\":{\"y\":{},\"q\":[1,{\"b\":[]},\n"
				"[2],\"s\",null]},\"z\":{\"a\":1}}\n"),
     "1 1\n1 {\"b\":[]}\n2 [2] | 2\n2 \"s\"\n2 null\n"},
    {"of each value", TEXT("{\"a\":{\"q\":[1]}}\n{\"a\":{\"q\":[]}} {\"a\":{\"q\":[2,3]}}"),
     "1 1\n2 2\n2 3\n"},
    {"a mapping at the path is one event", TEXT("{\"a\":{\"q\":{\"b\":{\"c\":1}},\"q\":[7]}}"),
     "1 {\"b\":{\"c\":1}}\n"},
    {"a key may have dots", TEXT("{\"b\":0,\"a.q\":[1]}"), "1 1\n"},
    {"the start of a key is not the key", TEXT("{\"aa\":1,\"\":2,\"a\":{\"qq\":3,\"q\":[4]}}"),
     "1 4\n"},
    {"what is not on the path may be anything",
     TEXT("{\"b\":{\"c\":1,\"c\":2},\"a\":{\"q\":[1]},\"a\":3}"), "1 1\n"},
    {"an empty input has no events", TEXT("\n"), ""},
    {"a key that is missing", TEXT("{\"a\":{\"q\":[1]}}\n {\"a\":{\"b\":1,\"c\":{\"q\":[]}}}"),
     "1 1\n! in:2:7: no 'q' (--path) here; there are: b, c\n"},
    {"an empty mapping", TEXT("{}"), "! in:1:1: no 'a.q' (--path) here: this is empty\n"},
    {"a scalar before the end of the path", TEXT("{\"a\":\"x\"}"),
     "! in:1:6: no 'q' (--path) here: this is not a mapping\n"},
    {"a list before the end of the path", TEXT("[{\"a\":1}]"),
     "! in:1:1: no 'a.q' (--path) here: this is not a mapping\n"},
    {"a scalar at the path", TEXT("{\"a\":{\"q\":1}}"),
     "! in:1:11: a single value at --path, not a list or a mapping\n"},
    {"null at the path", TEXT("{\"a\":{\"q\":null}}"),
     "! in:1:11: null at --path, not a list or a mapping; write [] for no events\n"},
    {"an end in the list", TEXT("{\"a\":{\"q\":[1,"),
     "1 1\n! in:1:1: the input ends inside the value that begins here\n"},
    {"wrong syntax after the list", TEXT("{\"a\":{\"q\":[1]},}"),
     "1 1\n! in:1:16: a key in double quotes is expected, not }; is there a comma too "
     "many before it?\n"},
    {"a key twice in an event", TEXT("{\"a\":{\"q\":[{\"b\":1,\"b\":2}]}}"),
     "! in:1:19: duplicate key 'b'; remove one of them\n"},
};

static const struct reader_case index_path[] = {
    {"a number is a list's member", TEXT("[[1],{\"1\":5},[{\"a\":1},3,[2]],[4]]\n"),
     "1 {\"a\":1}\n1 3\n1 [2] | 2\n"},
    {"a number may be a key", TEXT("{\"1\":[1],\"2\":[2]}"), "1 2\n"},
    {"a list that is too short", TEXT("[[],[]]"),
     "! in:1:1: no '2' (--path) here; there are: 0, 1\n"},
};

static void test_live(void)
{
	check_live("{\"a\":1}", "\n", "a line is an event when it ends");
	check_live("[{\"a\":1", "}", "an element is one when it ends");
	check_live("[12", ",", "a number when something follows");
	check_live("[\"12", "\"", "a text with its quote");
}

/* As many keys as nobody compares one by one. */
static void test_many_keys(void)
{
	struct buf text = BUF_INIT, out = BUF_INIT;

	buf_addc(&text, '{');
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "%s\"%d\":0", i > 0 ? "," : "", i);
	buf_addc(&text, '}');
	cuts_run(&reader_json_ops, usual, buf_bytes(&text), text.len, 1, &out);
	ok(strchr(buf_cstr(&out), '!') == NULL, "a thousand keys are fine");
	text.len--;
	buf_adds(&text, ",\"500\":0}");
	cuts_run(&reader_json_ops, usual, buf_bytes(&text), text.len, 1, &out);
	ok(strstr(buf_cstr(&out), "duplicate key '500'") != NULL, "but for one that is there twice");
	buf_clear(&text);
	buf_clear(&out);
}

/* 200 000 brackets are refused after a few, and with a limit that allows them
 * all (no option does) they cost no stack. */
static void test_very_deep(void)
{
	enum { N = 200000 };
	char *text = xmalloc(N + 1);
	struct buf out = BUF_INIT;
	struct reader_config cfg = usual;
	struct bytes input = {text, N + 1};

	memset(text, '[', N);
	text[N] = '1';
	cuts_run(&reader_json_ops, cfg, input, input.len, 1, &out);
	ok(strstr(buf_cstr(&out), "in:1:34: nested deeper than 32 levels") != NULL,
	   "very deep nesting is refused at once");
	cfg.max_depth = N;
	cuts_run(&reader_json_ops, cfg, input, input.len, 1, &out);
	ok(strstr(buf_cstr(&out), "in:1:2: the input ends inside the value") != NULL,
	   "and would do no harm");
	free(text);
	buf_clear(&out);
}

int main(void)
{
	struct reader_config cfg = usual;

	CHECK_ALL(&reader_json_ops, usual, arrays);
	CHECK_ALL(&reader_json_ops, usual, lines);
	CHECK_ALL(&reader_jsonl_ops, usual, lines);
	CHECK_ALL(&reader_jsonl_ops, usual, jsonl);
	CHECK_ALL(&reader_json_ops, usual, refused);
	CHECK_ALL(&reader_json_ops, usual, grammar);
	cfg.max_depth = 2;
	CHECK_ALL(&reader_json_ops, cfg, depth);
	cfg = (struct reader_config){.max_event = 8};
	CHECK_ALL(&reader_json_ops, cfg, limits);
	cfg = usual;
	cfg.path = "a.q";
	CHECK_ALL(&reader_json_ops, cfg, path);
	CHECK_ALL(&reader_jsonl_ops, cfg, path);
	cfg.path = "2";
	CHECK_ALL(&reader_json_ops, cfg, index_path);
	cuts_close_early(&reader_json_ops, usual,
			 (struct bytes)TEXT("[{\"a\":[{\"b\":\"\\u00e4\"}]},12]"));
	test_live();
	test_many_keys();
	test_very_deep();
	return done_testing();
}
