/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "reader_cuts.h"

static const struct reader_config usual = {.max_event = 1 << 20};

static const struct reader_case values[] = {
    {"an empty input has no events", TEXT(""), ""},
    {"an input of comments has no events", TEXT("# nothing\n\n"), ""},
    {"the entries of a list are events", TEXT("- a\n- b c\n"), "1 \"a\"\n2 \"b c\"\n"},
    {"plain values stay as they are written",
     TEXT("[no, on, 010, ~, 12:30:45, 0x1F, 1_000, .5, +1, True]"),
     "1 \"no\"\n1 \"on\"\n1 \"010\"\n1 \"~\"\n1 \"12:30:45\"\n1 \"0x1F\"\n1 \"1_000\"\n"
     "1 \".5\"\n1 \"+1\"\n1 \"True\"\n"},
    {"values spelled as in JSON are bare in JSON",
     TEXT("- 1.0\n- null\n- true\n- 12345678901234567890123\n"),
     "1 1.0\n2 null\n3 true\n4 12345678901234567890123\n"},
    {"unless they are quoted, or tagged as text",
     TEXT("- '1'\n- \"true\"\n- !!str 1\n- ! 1\n- |-\n  1\n"),
     "1 \"1\"\n2 \"true\"\n3 \"1\"\n4 \"1\"\n5 \"1\"\n"},
    {"an entry may be empty", TEXT("-\n- ''\n- a\n"), "1 \"\"\n2 \"\"\n3 \"a\"\n"},
    {"quotes and escapes", TEXT("- 'it''s'\n- \"a\\tb\\u00e4\\x41\\n\"\n"),
     "1 \"it's\"\n2 \"a\\tb\xc3\xa4"
     "A\\n\"\n"},
    {"characters beyond ASCII", TEXT("- h\xc3\xa4\n- \xf0\x9f\x98\x80\xe2\x82\xac\n"),
     "1 \"h\xc3\xa4\"\n2 \"\xf0\x9f\x98\x80\xe2\x82\xac\"\n"},
    {"a bad indentation makes one value of two lines", TEXT("- a\n - b\n"),
     "1 \"a - b\"\n"},
};

static const struct reader_case blocks[] = {
    {"a block keeps its lines", TEXT("- |\n  a\n    b\n\n  c \n- d\n"),
     "1 \"a\\n  b\\n\\nc \\n\"\n6 \"d\"\n"},
    {"|- drops the last newline", TEXT("- |-\n  a\n\n- b\n"), "1 \"a\"\n4 \"b\"\n"},
    {"|+ keeps all of them", TEXT("- |+\n  a\n\n- b\n"), "1 \"a\\n\\n\"\n4 \"b\"\n"},
    {"|2 sets the indentation", TEXT("- |2\n    a\n  b\n"), "1 \"  a\\nb\\n\"\n"},
    {"> folds", TEXT("- >\n  a\n  b\n"), "1 \"a b\\n\"\n"},
    {"quotes, tabs and # stay in a block", TEXT("- |\n  'a' \"b\"\t# c: d\n"),
     "1 \"'a' \\\"b\\\"\\t# c: d\\n\"\n"},
    {"CRLF and CR become LF", TEXT("- |\r\n  a\r\n  b\r  c\r\n- d\r\n"),
     "1 \"a\\nb\\nc\\n\"\n5 \"d\"\n"},
    {"a byte order mark is skipped", TEXT("\xef\xbb\xbf- a\n"), "1 \"a\"\n"},
    {"a byte order mark alone is an empty input", TEXT("\xef\xbb\xbf"), ""},
};

static const struct reader_case mappings[] = {
    {"a mapping has fields", TEXT("- id: 1\n  sql: select 'x:y'\n- {id: 2, sql: ''}\n"),
     "1 {\"id\":1,\"sql\":\"select 'x:y'\"}\n3 {\"id\":2,\"sql\":\"\"}\n"},
    {"null, ~ and nothing are null inside an event",
     TEXT("- {a: null, b: ~, c: , d: [ null, ~, {e: } ], f}\n- [~, null]\n"),
     "1 {\"a\":null,\"b\":null,\"c\":null,\"d\":[null,null,{\"e\":null}],\"f\":null}\n"
     "2 [null,null] | null | null\n"},
    {"unless they are quoted or tagged as text",
     TEXT("- {a: 'null', b: \"~\", c: '', d: !!str , e: !!str ~}\n"),
     "1 {\"a\":\"null\",\"b\":\"~\",\"c\":\"\",\"d\":\"\",\"e\":\"~\"}\n"},
    {"a document that is a mapping is one event", TEXT("a: 1\nb: |\n  x\n"),
     "1 {\"a\":1,\"b\":\"x\\n\"}\n"},
    {"documents follow each other",
     TEXT("# c\n---\n- a\n- b\n---\nk: v\n...\n---\n---\n- c\n"),
     "3 \"a\"\n4 \"b\"\n6 {\"k\":\"v\"}\n10 \"c\"\n"},
    {"a list may be one line of JSON", TEXT("[{\"a\":1,\"b\":\"x\"},{\"a\":[]}]\n"),
     "1 {\"a\":1,\"b\":\"x\"}\n1 {\"a\":[]}\n"},
    {"a nested value is compact JSON",
     TEXT("- a: {x: 1, y: ['2', no], 'z\"': {}}\n  b:\n  - c: d\n  e: f\n"),
     "1 {\"a\":{\"x\":1,\"y\":[\"2\",\"no\"],\"z\\\"\":{}},\"b\":[{\"c\":\"d\"}],"
     "\"e\":\"f\"}\n"},
    {"a list in the list has columns", TEXT("- [1, b, '2', {c: d}]\n- - e\n- []\n"),
     "1 [1,\"b\",\"2\",{\"c\":\"d\"}] | 1 | \"b\" | \"2\" | {\"c\":\"d\"}\n"
     "2 [\"e\"] | \"e\"\n3 []\n"},
    {"core tags", TEXT("- {a: !!str 1, b: !!int '2', c: !!float \"1.5\", d: !!bool 'true',"
		       " e: !!null '', f: !!map {}, g: !!seq [], h: ! 1}\n"),
     "1 {\"a\":\"1\",\"b\":2,\"c\":1.5,\"d\":true,\"e\":null,\"f\":{},\"g\":[],"
     "\"h\":\"1\"}\n"},
    {"a tagged value keeps its spelling", TEXT("- {a: !!int 0x1F, b: !!bool yes}\n"),
     "1 {\"a\":\"0x1F\",\"b\":\"yes\"}\n"},
    {"a core tag may be spelled in full",
     TEXT("%TAG !y! tag:yaml.org,2002:\n---\n- !y!str 1\n- "
	  "!<tag:yaml.org,2002:int> '2'\n"),
     "3 \"1\"\n4 2\n"},
    {"a key may be quoted, and then be <<", TEXT("- {'<<': 1, \"a b\": 2}\n"),
     "1 {\"<<\":1,\"a b\":2}\n"},
    {"an explicit key is a key", TEXT("- ? a\n  : b\n"), "1 {\"a\":\"b\"}\n"},
    {"nested mappings have keys of their own", TEXT("- {a: {a: 1}, b: {a: 1}}\n"),
     "1 {\"a\":{\"a\":1},\"b\":{\"a\":1}}\n"},
    {"more than a few keys",
     TEXT("- {a: 1,b: 1,c: 1,d: 1,e: 1,f: 1,g: 1,h: 1,i: 1,j: 1,k: 1,l: 1,m: 1,n: 1,"
	  "o: 1,p: 1,q: 1,r: 1,s: 1,q: 1}\n"),
     "! in:1:99: duplicate key 'q'; remove one of them\n"},
};

#define MIXED "a mapping among plain values; if it is meant as one value, quote it\n"

static const struct reader_case mixtures[] = {
    {"a mapping among plain values is suspect", TEXT("- a\n- b: c\n- d: e\n"),
     "1 \"a\"\nvolley: in:2: " MIXED "2 {\"b\":\"c\"}\n3 {\"d\":\"e\"}\n"},
    {"it is suspect when it comes first, too", TEXT("- SELECT 1 WHERE x = 1: y\n- b\n"),
     "1 {\"SELECT 1 WHERE x = 1\":\"y\"}\nvolley: in:1: " MIXED "2 \"b\"\n"},
    {"the warning is printed once", TEXT("- a\n- b: c\n---\n- a\n- b: c\n"),
     "1 \"a\"\nvolley: in:2: " MIXED "2 {\"b\":\"c\"}\n4 \"a\"\n5 {\"b\":\"c\"}\n"},
    {"in different documents it is not suspect", TEXT("- a\n---\nb: c\n---\n- b: c\n"),
     "1 \"a\"\n3 {\"b\":\"c\"}\n5 {\"b\":\"c\"}\n"},
};

#define TAGS                                                                             \
	"is not supported, only !!str, !!int, !!float, !!bool, !!null, !!map and "        \
	"!!seq; quote a value that begins with '!'\n"
#define NULL_DOCUMENT                                                                    \
	"the document is null, not a list or a mapping; write [] for no events\n"

static const struct reader_case refused[] = {
    {"a scalar document", TEXT("hello\nworld\n"),
     "! in:1:1: a list or a mapping is expected; begin each event with '- '\n"},
    {"a tag", TEXT("- !x y\n"), "! in:1:3: tag '!x' " TAGS},
    {"another tag of YAML's own", TEXT("- !!set {a}\n"), "! in:1:3: tag '!!set' " TAGS},
    {"a full tag", TEXT("- !<foo> 1\n"), "! in:1:3: tag '!foo' " TAGS},
    {"a scalar's tag for a list", TEXT("- !!str []\n"),
     "! in:1:3: tag '!!str' is not for a value of this kind\n"},
    {"a mapping's tag for a list", TEXT("- !!map []\n"),
     "! in:1:3: tag '!!map' is not for a value of this kind\n"},
    {"a list's tag for a scalar", TEXT("- !!seq x\n"),
     "! in:1:3: tag '!!seq' is not for a value of this kind\n"},
    {"a null document", TEXT("- a\n--- ~\n"), "1 \"a\"\n! in:2:5: " NULL_DOCUMENT},
    {"a document spelled null", TEXT("null\n"), "! in:1:1: " NULL_DOCUMENT},
    {"a key given twice", TEXT("- ok\n- a: 1\n  b: 2\n  a: 3\n"),
     "1 \"ok\"\nvolley: in:2: " MIXED
     "! in:4:3: duplicate key 'a'; remove one of them\n"},
    {"a nested key given twice", TEXT("- a: {b: 1, 'b': 2}\n"),
     "! in:1:13: duplicate key 'b'; remove one of them\n"},
    {"a key that is a list", TEXT("- ? [a]\n  : b\n"),
     "! in:1:5: a key must be a text, not a list or a mapping\n"},
    {"a nested key that is a mapping", TEXT("- a: {{b: c}: d}\n"),
     "! in:1:7: a key must be a text, not a list or a mapping\n"},
    {"NUL by an escape", TEXT("- a\n- \"x\\0y\"\n"),
     "1 \"a\"\n! in:2:3: NUL (\\0) in a value; no argument can hold it\n"},
    {"NUL in a key", TEXT("- {\"\\x00\": 1}\n"),
     "! in:1:4: NUL (\\0) in a value; no argument can hold it\n"},
    {"NUL nested", TEXT("- {a: [\"\\0\"]}\n"),
     "! in:1:8: NUL (\\0) in a value; no argument can hold it\n"},
};

#define NOT_MERGED                                                                       \
	"'<<' needs a mapping or a list of mappings; quote it to have it as a key\n"

static const struct reader_case anchors[] = {
    {"an alias stands for a scalar", TEXT("- &x a b\n- *x\n"), "1 \"a b\"\n2 \"a b\"\n"},
    {"it keeps what the scalar is",
     TEXT("- [&n 1, &t '1', &e , [*n, *t, *e]]\n- *t\n- *n\n- &z null\n- *z\n- &w ~\n- [*w]\n"),
     "1 [1,\"1\",null,[1,\"1\",null]] | 1 | \"1\" | null | [1,\"1\",null]\n"
     "2 \"1\"\n3 1\n4 null\n5 null\n6 \"~\"\n7 [null] | null\n"},
    {"an alias stands for a list", TEXT("- &x [a, {b: c}]\n- [*x, 1]\n"),
     "1 [\"a\",{\"b\":\"c\"}] | \"a\" | {\"b\":\"c\"}\n"
     "2 [[\"a\",{\"b\":\"c\"}],1] | [\"a\",{\"b\":\"c\"}] | 1\n"},
    {"an alias stands for a mapping", TEXT("- &x\n  a: 1\n  b: [2]\n- *x\n"),
     "1 {\"a\":1,\"b\":[2]}\n4 {\"a\":1,\"b\":[2]}\n"},
    {"an alias may be in the event of its anchor", TEXT("a: &x {b: c}\nd: *x\n"),
     "1 {\"a\":{\"b\":\"c\"},\"d\":{\"b\":\"c\"}}\n"},
    {"an anchor may be inside another", TEXT("- &o {a: &i x, b: *i}\n- [*i, *o]\n"),
     "1 {\"a\":\"x\",\"b\":\"x\"}\n2 [\"x\",{\"a\":\"x\",\"b\":\"x\"}] | \"x\" | "
     "{\"a\":\"x\",\"b\":\"x\"}\n"},
    {"an anchored value may have aliases in it", TEXT("- &a x\n- &b [*a, *a]\n- [*b]\n"),
     "1 \"x\"\n2 [\"x\",\"x\"] | \"x\" | \"x\"\n3 [[\"x\",\"x\"]] | [\"x\",\"x\"]\n"},
    {"keys may have anchors, and be aliases", TEXT("- &k a: b\n  c: *k\n- *k : 1\n"),
     "1 {\"a\":\"b\",\"c\":\"a\"}\n3 {\"a\":1}\n"},
    {"the list of all may have an anchor", TEXT("&all\n- a\n- &x b\n- *x\n"),
     "2 \"a\"\n3 \"b\"\n4 \"b\"\n"},
    {"anchors and tags go together", TEXT("- &x !!str 1\n- !!int &y '2'\n- [*x, *y]\n"),
     "1 \"1\"\n2 2\n3 [\"1\",2] | \"1\" | 2\n"},
    {"an anchor may be given again", TEXT("- &x a\n- *x\n- &x [b]\n- *x\n"),
     "1 \"a\"\n2 \"a\"\n3 [\"b\"] | \"b\"\n4 [\"b\"] | \"b\"\n"},
    {"also inside the value that has it", TEXT("- &x [&x a, *x]\n- *x\n"),
     "1 [\"a\",\"a\"] | \"a\" | \"a\"\n2 \"a\"\n"},
    {"a block may have an anchor", TEXT("- &x |\n  a\n\n- *x\n"), "1 \"a\\n\"\n4 \"a\\n\"\n"},
    {"an alias without an anchor", TEXT("- a\n- *abc\n"),
     "1 \"a\"\n! in:2:3: alias '*abc' without an anchor '&abc' before it; quote a value "
     "that begins with '*'\n"},
    {"anchors end with their document", TEXT("- &x a\n---\n- *x\n"),
     "1 \"a\"\n! in:3:3: alias '*x' without an anchor '&x' before it; quote a value "
     "that begins with '*'\n"},
    {"an alias inside its own value", TEXT("- a\n- &x [b, [*x]]\n"),
     "1 \"a\"\n! in:2:11: alias '*x' is inside the value that it stands for\n"},
    {"an alias of all inside the list", TEXT("&x\n- a\n- *x\n"),
     "2 \"a\"\n! in:3:3: alias '*x' is inside the value that it stands for\n"},
    {"a list as a key by an alias", TEXT("- &x [a]\n- {*x : b}\n"),
     "1 [\"a\"] | \"a\"\n! in:2:4: a key must be a text, not a list or a mapping\n"},
    {"a key twice by an alias", TEXT("- &x a\n- {a: 1, *x : b}\n"),
     "1 \"a\"\nvolley: in:2: " MIXED
     "! in:2:10: duplicate key 'a'; remove one of them\n"},
};

static const struct reader_case merges[] = {
    {"a mapping is merged into another",
     TEXT("- &d {host: h, port: 1}\n- <<: *d\n  id: 7\n- {id: 8, <<: *d, x: y}\n"),
     "1 {\"host\":\"h\",\"port\":1}\n2 {\"host\":\"h\",\"port\":1,\"id\":7}\n"
     "4 {\"id\":8,\"host\":\"h\",\"port\":1,\"x\":\"y\"}\n"},
    {"the mapping's own keys win",
     TEXT("- &d {a: 1, b: [1]}\n- {<<: *d, b: 2}\n- {b: 2, <<: *d}\n- {<<: *d, a: ~}\n"),
     "1 {\"a\":1,\"b\":[1]}\n2 {\"a\":1,\"b\":2}\n3 {\"b\":2,\"a\":1}\n"
     "4 {\"b\":[1],\"a\":null}\n"},
    {"of several mappings the first wins",
     TEXT("- [&a {x: 1, y: 1}, &b {y: 2, z: 2}]\n- <<: [*a, *b, {z: 3, u: 3}]\n"
	  "- {<<: *b, <<: *a}\n"),
     "1 [{\"x\":1,\"y\":1},{\"y\":2,\"z\":2}] | {\"x\":1,\"y\":1} | "
     "{\"y\":2,\"z\":2}\n"
     "2 {\"x\":1,\"y\":1,\"z\":2,\"u\":3}\n3 {\"y\":2,\"z\":2,\"x\":1}\n"},
    {"what is merged may merge itself",
     TEXT("- &a {x: 1, y: 1, v: 1}\n- &b {<<: *a, y: 2, z: 2}\n"
	  "- {z: 3, <<: *b}\n- <<: [{<<: {<<: *a}, q: 1}, {v: 0, w: 0}]\n"),
     "1 {\"x\":1,\"y\":1,\"v\":1}\n2 {\"x\":1,\"v\":1,\"y\":2,\"z\":2}\n"
     "3 {\"z\":3,\"y\":2,\"x\":1,\"v\":1}\n"
     "4 {\"q\":1,\"x\":1,\"y\":1,\"v\":1,\"w\":0}\n"},
    {"mappings inside an event merge, too",
     TEXT("- a: &d {x: {y: 1}, z: 2}\n  b: [{<<: *d, z: 3}, {q: 0, <<: *d}]\n"
	  "  c: {d: {<<: {u: {<<: *d, v: 1}}}, <<: {e: f}}\n"),
     "1 {\"a\":{\"x\":{\"y\":1},\"z\":2},\"b\":[{\"x\":{\"y\":1},\"z\":3},{\"q\":0,"
     "\"x\":{\"y\":1},\"z\":2}],"
     "\"c\":{\"d\":{\"u\":{\"x\":{\"y\":1},\"z\":2,\"v\":1}},\"e\":\"f\"}}\n"},
    {"it is not deep", TEXT("- a: {x: 1}\n  <<: {a: {y: 2}}\n"), "1 {\"a\":{\"x\":1}}\n"},
    {"a document that is a mapping", TEXT("base: &b {x: 1}\n<<: *b\n"),
     "1 {\"base\":{\"x\":1},\"x\":1}\n"},
    {"nothing to merge", TEXT("- {<<: {}, a: 1, <<: []}\n- {<<: {}}\n"),
     "1 {\"a\":1}\n2 {}\n"},
    {"a merged value keeps what it is", TEXT("- {<<: {a: ~, b: '1', c: 1, d: no}}\n"),
     "1 {\"a\":null,\"b\":\"1\",\"c\":1,\"d\":\"no\"}\n"},
    {"merging a scalar", TEXT("- a: 1\n  <<: b\n"), "! in:2:3: " NOT_MERGED},
    {"merging nothing", TEXT("- {a: 1, <<: }\n"), "! in:1:10: " NOT_MERGED},
    {"merging a list of scalars", TEXT("- {a: 1, <<: [{}, b]}\n"),
     "! in:1:10: " NOT_MERGED},
    {"merging a list in a list", TEXT("- &l [{a: 1}]\n- {<<: [*l]}\n"),
     "1 [{\"a\":1}] | {\"a\":1}\n! in:2:4: " NOT_MERGED},
    {"a key twice in what is merged", TEXT("- {<<: {a: 1, b: 1, a: 1}}\n"),
     "! in:1:4: duplicate key 'a'; remove one of them\n"},
    {"a key twice beside what is merged", TEXT("- {a: 1, <<: {a: 1}, a: 1}\n"),
     "! in:1:22: duplicate key 'a'; remove one of them\n"},
    {"a list as a key in what is merged", TEXT("- {<<: {[a]: 1}}\n"),
     "! in:1:4: a key must be a text, not a list or a mapping\n"},
};

#define CONTROL(c)                                                                       \
	"control character U+" c "; write it as \"\\u" c "\" in double quotes\n"
#define BREAK(c)                                                                         \
	"U+" c ", which YAML takes for the end of a line; write it as \"\\u" c           \
	"\" in double quotes\n"

static const struct reader_case bytes[] = {
    {"NUL", TEXT("- a\n- b\n- c\0d\n"),
     "1 \"a\"\n2 \"b\"\n! in:3:4: NUL byte; if this is UTF-16, convert it to UTF-8\n"},
    {"a control character", TEXT("- a\n- '\xc3\xa4\x01'\n"),
     "1 \"a\"\n! in:2:5: " CONTROL("0001")},
    {"a control character after CRLF", TEXT("- a\r\n\r\n-\r- b\x01\r\n"),
     "1 \"a\"\n! in:4:4: " CONTROL("0001")},
    {"a control character after a CR and a LF", TEXT("- a\r- b\n- c\n-  \x01"),
     "1 \"a\"\n2 \"b\"\n3 \"c\"\n! in:4:4: " CONTROL("0001")},
    {"a control character in a comment", TEXT("# \x7f"),
     "! in:1:3: control character U+007F; write it as \"\\u007f\" in double quotes\n"},
    {"a C1 control character", TEXT("- \xc2\x80\n"), "! in:1:3: " CONTROL("0080")},
    {"U+0085", TEXT("- |\n  a\xc2\x85  b\n"), "! in:2:4: " BREAK("0085")},
    {"U+2028", TEXT("- \"a\xe2\x80\xa8\"\n"), "! in:1:5: " BREAK("2028")},
    {"U+2029", TEXT("- a\n# \xe2\x80\xa9\n"), "1 \"a\"\n! in:2:3: " BREAK("2029")},
    {"their neighbours are fine", TEXT("- \xc2\xa0\xe2\x80\xa7\xe2\x80\xaa\n"),
     "1 \"\xc2\xa0\xe2\x80\xa7\xe2\x80\xaa\"\n"},
    {"escaped they are fine too", TEXT("- \"\\N\\L\\P\\e\"\n"),
     "1 \"\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\\u001b\"\n"},
    {"Latin-1", TEXT("- a\n- h\xe4ll\n"),
     "1 \"a\"\n! in:2:4: not UTF-8 (byte e4); convert the input to UTF-8\n"},
    {"an overlong form", TEXT("- \xc0\xaf\n"),
     "! in:1:3: not UTF-8 (byte c0); convert the input to UTF-8\n"},
    {"a longer overlong form", TEXT("- \xe0\x80\xaf\n"),
     "! in:1:3: not UTF-8 (byte e0); convert the input to UTF-8\n"},
    {"a surrogate", TEXT("- \xed\xa0\x80\n"),
     "! in:1:3: not UTF-8 (byte ed); convert the input to UTF-8\n"},
    {"a code above U+10FFFF", TEXT("- \xf4\x90\x80\x80\n"),
     "! in:1:3: not UTF-8 (byte f4); convert the input to UTF-8\n"},
    {"a character cut off by the end", TEXT("- a\n- b\xe2\x82"),
     "1 \"a\"\n! in:2:4: not UTF-8 (byte e2); convert the input to UTF-8\n"},
    {"UTF-16", TEXT("\xff\xfe-\0 \0a\0"),
     "! in:1:1: the input is UTF-16; convert it to UTF-8 (iconv -f UTF-16)\n"},
    {"UTF-16 without a mark", TEXT("-\0 \0a\0"),
     "! in:1:1: the input is UTF-16LE; convert it to UTF-8 (iconv -f UTF-16LE)\n"},
    {"a byte order mark that is not at the start",
     TEXT("- a\n- \xef\xbb\xbf"
	  "b\n"),
     "1 \"a\"\n! in:2:3: byte order mark (U+FEFF) inside the input; remove it\n"},
    {"two marks", TEXT("\xef\xbb\xbf\xef\xbb\xbf"),
     "! in:1:1: byte order mark (U+FEFF) inside the input; remove it\n"},
    {"a bad byte after wrong syntax is not the error reported", TEXT("- a\n- @\n- \x01\n"),
     "1 \"a\"\n! in:2:3: a value cannot begin with '@'; quote it\n"},
};

static const struct reader_case syntax[] = {
    {"a tab after the dash", TEXT("-\tx\n"),
     "! in:1:2: a tab in the indentation; use blanks\n"},
    {"a tab before a field", TEXT("- a:\n\tb: c\n"),
     "! in:2:1: a tab in the indentation; use blanks\n"},
    {"a tab before an entry", TEXT("- a\n\t- b\n"),
     "! in:2:1: a tab in the indentation; use blanks\n"},
    {"a tab before a block's line", TEXT("- |\n\ta\n"),
     "! in:2:1: a tab in the indentation; use blanks\n"},
    {"*", TEXT("- a\n- *.txt\n"),
     "1 \"a\"\n! in:2:3: a value cannot begin with '*' or '&'; quote it\n"},
    {"@", TEXT("- @x\n"), "! in:1:3: a value cannot begin with '@'; quote it\n"},
    {"%", TEXT("- %d\n"), "! in:1:3: a value cannot begin with '%'; quote it\n"},
    {"`", TEXT("- `x`\n"), "! in:1:3: a value cannot begin with '`'; quote it\n"},
    {"|", TEXT("- |x\n"),
     "! in:1:4: text after the '|' or '>' that begins a block; put it on the next line, "
     "indented, or quote the value\n"},
    {"]", TEXT("- ]\n"),
     "! in:1:3: a value is missing here, or begins with one of , ] } ; quote it\n"},
    {": in a value", TEXT("- a: b: c\n"),
     "! in:1:7: ': ' inside a value, or an indentation that does not fit; quote the "
     "value\n"},
    {"a list on the key's line", TEXT("a: - b\n"),
     "! in:1:4: a list cannot begin here; put it on the next line, or quote the value\n"},
    {"text after a quote", TEXT("- \"a\" b\n"),
     "1 \"a\"\n! in:1:7: this does not continue the list; check the indentation, and "
     "quote "
     "all of a value that begins with a quote\n"},
    {"a key that is not a list's", TEXT("a: 1\n- b\n"),
     "! in:2:1: this does not continue the mapping; check the indentation, and quote all "
     "of a value that begins with a quote\n"},
    {"a key without a colon", TEXT("a: 1\nb\n"),
     "! in:3:1: a key without a ': ' after it; check the line before this one\n"},
    {"a quote that is not closed", TEXT("- a\n- \"b\n- c\n"),
     "1 \"a\"\n! in:2:3: this quote is never closed\n"},
    {"a list that is not closed", TEXT("- [a, b\n- c\n"),
     "! in:1:3: no ',' or ']' where one is expected in this list; close it, or quote the "
     "value\n"},
    {"a mapping that is not closed", TEXT("- {a: b\n"),
     "! in:1:3: no ',' or '}' where one is expected in this mapping; close it, or quote "
     "the value\n"},
    {"a bad escape", TEXT("- \"\\d\"\n"),
     "! in:1:4: unknown escape in double quotes; write \\\\ for a backslash, or use "
     "single "
     "quotes\n"},
    {"a bad code", TEXT("- \"\\xzz\"\n"),
     "! in:1:6: hexadecimal digits are expected in this escape; write \\\\ for a "
     "backslash\n"},
    {"half a surrogate pair", TEXT("- \"\\ud83d\"\n"),
     "! in:1:6: not a character's code; write it as \\U and eight digits, or as "
     "itself\n"},
    {"an unknown directive", TEXT("%d\n"),
     "! in:1:1: a line that begins with '%' is a directive, and this one is not known; "
     "quote the value\n"},
    {"JSON Lines", TEXT("{\"a\":1}\n{\"a\":2}\n"),
     "1 {\"a\":1}\n! in:2:1: something follows the end of the list or mapping; put '---' "
     "between documents, and give JSON Lines the format json\n"},
    {"a tag's handle", TEXT("- !e!x a\n"),
     "! in:1:3: unknown kind of tag; quote the value if it begins with '!'\n"},
    {"a later version of YAML", TEXT("%YAML 3.0\n---\n- a\n"),
     "! in:1:1: only YAML 1.1 and 1.2 are known\n"},
    {"a rare error has libyaml's words", TEXT("- !<x y\n"),
     "! in:1:6: did not find the expected '>'\n"},
};

static const struct reader_case path[] = {
    {"the list at a path",
     TEXT("x: [1, {q: [9]}]\na:\n  y: {}\n  q:\n  - 1\n  - [2]\n  - {b: }\nz: {a: [}]\n"),
     "5 1\n6 [2] | 2\nvolley: in:7: " MIXED "7 {\"b\":null}\n"
     "! in:8:9: a value is missing here, or begins with one of , ] } ; quote it\n"},
    {"of each document", TEXT("a: {q: [1]}\n---\n---\na: {q: []}\n---\na: {q: [2, 3]}\n"),
     "1 1\n6 2\n6 3\n"},
    {"a mapping at the path is one event", TEXT("a: {q: {b: {c: 1}}, q: [7]}\n"),
     "1 {\"b\":{\"c\":1}}\n"},
    {"a key may have dots", TEXT("b: 0\na.q: [1]\n"), "2 1\n"},
    {"the start of a key is not the key", TEXT("{aa: 1, '': 2, a: {qq: 3, q: [4]}}\n"),
     "1 4\n"},
    {"anchors outside of the list are known in it",
     TEXT("d: &d {x: 1, y: &y [2]}\na:\n  &k k: *d\n  q:\n  - {<<: *d, z: *y}\n  - [*k]\n"),
     "5 {\"x\":1,\"y\":[2],\"z\":[2]}\n6 [\"k\"] | \"k\"\n"},
    {"anchors after it do not matter", TEXT("a: &a {q: &q [&x 1, *x]}\nb: [*q, *a, *no, &b [*b]]\n"),
     "1 1\n1 1\n"},
    {"an alias of a value around the list", TEXT("a: &a {q: [1, *a]}\n"),
     "1 1\n! in:1:15: alias '*a' is inside the value that it stands for\n"},
    {"the path may lead through aliases", TEXT("l: &l [&x 1, *x]\nm: &m {p: 1, q: *l, r: 1}\na: *m\nz: 1\n"),
     "3 1\n3 1\n"},
    {"a key that is missing", TEXT("a: {q: [1]}\n---\na:\n  b: 1\n  c: {q: []}\n"),
     "1 1\n! in:4:3: no 'q' (--path) here; there are: b, c\n"},
    {"an empty mapping", TEXT("{}\n"), "! in:1:1: no 'a.q' (--path) here: this is empty\n"},
    {"a scalar before the end of the path", TEXT("a: x\n"),
     "! in:1:4: no 'q' (--path) here: this is not a mapping\n"},
    {"a list before the end of the path", TEXT("- a: 1\n"),
     "! in:1:1: no 'a.q' (--path) here: this is not a mapping\n"},
    {"a scalar at the path", TEXT("a: {q: 1}\n"),
     "! in:1:8: a single value at --path, not a list or a mapping\n"},
    {"nothing at the path", TEXT("a:\n  q:\n"),
     "! in:2:5: null at --path, not a list or a mapping; write [] for no events\n"},
    {"a list as a key", TEXT("a: {[b]: 1, q: [1]}\n"),
     "! in:1:5: a key must be a text, not a list or a mapping\n"},
    {"what is skipped may not nest for ever either",
     TEXT("x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"),
     "! in:1:36: nested deeper than 32 levels; --max-depth raises the limit, or give it "
     "as a quoted text\n"},
};

static const struct reader_case index_path[] = {
    {"a number is a list's member", TEXT("- [1]\n- 2: 5\n- [{a: 1}, [2]]\n- [4]\n"),
     "3 {\"a\":1}\n3 [2] | 2\n"},
    {"a number may be a key", TEXT("{1: [1], 2: [2]}"), "1 2\n"},
    {"a list that is too short", TEXT("[[], []]"),
     "! in:1:1: no '2' (--path) here; there are: 0, 1\n"},
};

static void check_all(const struct reader_case *cases, size_t n, const char *at)
{
	struct reader_config cfg = usual;

	cfg.path = at;
	for (size_t i = 0; i < n; i++)
		cuts_check(&reader_yaml_ops, &cfg, &cases[i]);
}

#define CHECK_ALL_AT(cases, at) check_all(cases, sizeof(cases) / sizeof *(cases), at)
#define CHECK_ALL(cases) CHECK_ALL_AT(cases, NULL)

static void test_limit(void)
{
	static const char want[] = "1 \"a\"\n! in:2:1: event longer than 16 bytes; "
				   "--max-event raises the limit\n";
	static const char first[] =
	    "! in:1:1: event longer than 16 bytes; --max-event raises the limit\n";
	static const struct reader_case cases[] = {
	    {"small events", TEXT("- aaaaaaa\n- bbbbbbb\n- {c: d}\n- |\n ee\n"),
	     "1 \"aaaaaaa\"\n2 \"bbbbbbb\"\nvolley: in:3: " MIXED
	     "3 {\"c\":\"d\"}\n4 \"ee\\n\"\n"},
	    {"a long value", TEXT("- a\n- bbbbbbbbbbbbbbbbbbbbbbbbbb\n- c\n"), want},
	    {"a long quoted value", TEXT("- a\n- 'bbbbbbbbbbbbbb\n bbbbbbbbb'\n"), want},
	    {"a long block", TEXT("- a\n- |\n  bbbbbbbb\n  bbbbbbb\n  bbbbb\n"), want},
	    {"a long mapping", TEXT("- a\n- {b: c, d: e, f: g, h: i}\n"), want},
	    {"a long list", TEXT("- a\n- [b, c, d, e, f, g, h, i]\n"), want},
	    {"a long value that never ends", TEXT("- a\n- \"bbbbbbbbbbbbbbbbbbbbbbbbbb"),
	     want},
	    {"a long value with a bad byte behind it",
	     TEXT("- a\n- \"bbbbbbbbbbbbbbbbbbbbbbbbb\x01"), want},
	    {"a long value with wrong syntax behind it",
	     TEXT("- a\n- \"bbbbbbbbbbbbbbbbbbbbbbbbb\\d\""), want},
	    {"blanks", TEXT("                         - a\n"), first},
	};
	struct reader_config cfg = usual;

	cfg.max_event = 16;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cuts_check(&reader_yaml_ops, &cfg, &cases[i]);
}

/* What is skipped on the way to the events may be longer than one. */
static void test_path_limit(void)
{
	struct reader_config cfg = {.max_event = 20, .path = "q"};
	static const struct reader_case cases[] = {
	    {"events are limited one by one",
	     TEXT("a: [1, 2, 3, 4, 5, 6, 7, 8, 9]\nq: [a, bbbbbbbbbbb, ccccccccccc]\nb: "
		  "[1, 2, 3, 4, 5, 6, 7, 8, 9]\n"),
	     "2 \"a\"\n2 \"bbbbbbbbbbb\"\n2 \"ccccccccccc\"\n"},
	    {"a long value is refused anywhere", TEXT("a: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nq: []\n"),
	     "! in:1:3: event longer than 20 bytes; --max-event raises the limit\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cuts_check(&reader_yaml_ops, &cfg, &cases[i]);
}

/* At every limit around an input's size all cuts agree. */
static void test_limit_edges(void)
{
	static const struct bytes inputs[] = {TEXT("- abcdefgh\n- |\n  ij\n\n# k\n"),
					      TEXT("- &x {a: b}\n- {<<: *x, c: *x}\n"),
					      TEXT("{a: b, c: [d, e]}\n"),
					      TEXT("- \xc3\xa4\xc3\xa4\xc3\xa4 'b'")};
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	size_t bad = 0;

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
		for (uint64_t max = 1; max < 40; max++) {
			struct reader_config cfg = {.max_event = max};

			cuts_run(&reader_yaml_ops, cfg, inputs[i], inputs[i].len, 1,
				 &whole);
			bad += cuts_differ(&reader_yaml_ops, &cfg, inputs[i],
					   buf_cstr(&whole), &cut) != inputs[i].len;
		}
	is_int(bad, 0, "all cuts agree at every limit");
	buf_clear(&whole);
	buf_clear(&cut);
}

static void nest(struct buf *b, const char *open, const char *shut, int depth)
{
	buf_adds(b, "- ");
	for (int i = 0; i < depth; i++)
		buf_adds(b, open);
	buf_addc(b, 'x');
	for (int i = 0; i < depth; i++)
		buf_adds(b, shut);
	buf_addc(b, '\n');
}

static void check_depth(const char *open, const char *shut, int depth, bool fine)
{
	struct buf input = BUF_INIT, out = BUF_INIT;
	const char *said;

	nest(&input, open, shut, depth);
	cuts_run(&reader_yaml_ops, usual, buf_bytes(&input), input.len, 1, &out);
	said = buf_cstr(&out);
	ok(fine ? *said == '1' : strstr(said, "nested deeper than 32 levels") != NULL,
	   "%d levels of '%s'", depth, open);
	buf_clear(&input);
	buf_clear(&out);
}

/* The stack of the parser must be enough for the most that can be asked for. */
static void check_most_depth(void)
{
	struct buf input = BUF_INIT, out = BUF_INIT;
	struct reader_config cfg = usual;

	nest(&input, "[", "]", READER_MOST_DEPTH - 1);
	nest(&input, "{a: ", "}", READER_MOST_DEPTH);
	nest(&input, "[", "]", READER_MOST_DEPTH + 1);
	cfg.max_depth = READER_MOST_DEPTH;
	cuts_run(&reader_yaml_ops, cfg, buf_bytes(&input), input.len, 1, &out);
	ok(strstr(buf_cstr(&out), "\n2 {") != NULL &&
	       strstr(buf_cstr(&out), "in:3:1003: nested deeper than 1000 levels") != NULL,
	   "the limit can be raised, to %d levels", READER_MOST_DEPTH);
	buf_clear(&input);
	buf_clear(&out);
}

static void test_depth(void)
{
	check_depth("[", "]", 32, true);
	check_depth("[", "]", 33, false);
	check_depth("{a: ", "}", 32, true);
	check_depth("{a: ", "}", 33, false);
	check_depth("- ", "", 33, false);
	check_depth("[", "", 200000, false);
	check_most_depth();
	check_depth("{a: ", "", 200000, false);
}

/* An alias bomb: each anchor stands for ten times the one before. */
static void add_bomb(struct buf *b, int levels)
{
	buf_adds(b, "- &a0 x\n");
	for (int i = 1; i <= levels; i++) {
		buf_addf(b, "- &a%d [", i);
		for (int n = 0; n < 10; n++)
			buf_addf(b, "*a%d,", i - 1);
		buf_adds(b, "]\n");
	}
}

static void ends_with(const char *input, struct reader_config cfg, const char *error)
{
	struct buf out = BUF_INIT;
	char *said;

	cuts_run(&reader_yaml_ops, cfg, bytes_str(input), 4096, 4096, &out);
	said = strrchr(buf_cstr(&out), '!');
	is(said != NULL ? said : buf_cstr(&out), error, "%.30s...: refused", input);
	buf_clear(&out);
}

static void test_bombs(void)
{
	struct reader_config cfg = {.max_event = 16 << 20};
	struct buf b = BUF_INIT;

	add_bomb(&b, 30);
	ends_with(buf_cstr(&b), cfg,
		  "! in:7:16: the values with anchors are larger than 1 MiB together; "
		  "--max-event raises the limit (a 16th of it)\n");
	/* The same without anchors of what is refused. */
	buf_reset(&b);
	add_bomb(&b, 4);
	buf_adds(&b, "- [");
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, "*a4,");
	buf_adds(&b, "]\n");
	ends_with(buf_cstr(&b), cfg,
		  "! in:6:3: event longer than 16 MiB; --max-event raises the limit\n");
	/* By way of merging. */
	buf_reset(&b);
	buf_adds(&b, "- &a0 {x: 1}\n");
	for (int i = 1; i < 30; i++)
		buf_addf(&b, "- &a%d {<<: [*a%d, *a%d, *a%d], k%d: 1}\n", i, i - 1, i - 1,
			 i - 1, i);
	ends_with(buf_cstr(&b), cfg,
		  "! in:11:19: the values with anchors are larger than 1 MiB together; "
		  "--max-event raises the limit (a 16th of it)\n");
	buf_clear(&b);
}

/* An anchor that each event gives again takes memory once; many that stay do not. */
static void test_budget(void)
{
	struct reader_config cfg = {.max_event = 1 << 20};
	struct buf b = BUF_INIT, out = BUF_INIT;

	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "- {a: &x {k: 0123456789012345678901234567890123456789}, b: *x}\n");
	cuts_run(&reader_yaml_ops, cfg, buf_bytes(&b), 4096, 4096, &out);
	ok(strchr(buf_cstr(&out), '!') == NULL, "an anchor given again takes no memory");
	buf_reset(&b);
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "- &x%d a\n", i);
	cuts_run(&reader_yaml_ops, cfg, buf_bytes(&b), 4096, 4096, &out);
	ok(strstr(buf_cstr(&out), "anchors are larger than 1 MiB") != NULL,
	   "many anchors are refused");
	cfg.max_event = 1 << 30;
	cuts_run(&reader_yaml_ops, cfg, buf_bytes(&b), 4096, 4096, &out);
	ok(strchr(buf_cstr(&out), '!') == NULL, "--max-event raises the limit");
	buf_clear(&b);
	buf_clear(&out);
}

/* Merging in merging must have stack enough for the most that can be asked for. */
static void test_merge_depth(void)
{
	struct reader_config cfg = {.max_event = 16 << 20, .max_depth = READER_MOST_DEPTH};
	struct buf b = BUF_INIT, out = BUF_INIT;

	for (int n = 499; n <= 500; n++) {
		buf_reset(&b);
		buf_adds(&b, "- ");
		for (int i = 0; i < n; i++)
			buf_adds(&b, "{<<: {a: ");
		buf_addc(&b, 'x');
		for (int i = 0; i < n; i++)
			buf_adds(&b, "}}");
		buf_addc(&b, '\n');
		cuts_run(&reader_yaml_ops, cfg, buf_bytes(&b), b.len, 1, &out);
		ok(strchr(buf_cstr(&out), '!') == NULL, "merging %d levels deep", n);
	}
	buf_reset(&b);
	buf_adds(&b, "- &a0 {x: 1}\n");
	for (int i = 1; i < 40; i++)
		buf_addf(&b, "- &a%d {<<: *a%d}\n", i, i - 1);
	cfg.max_depth = 0;
	cuts_run(&reader_yaml_ops, cfg, buf_bytes(&b), b.len, 1, &out);
	ok(strstr(buf_cstr(&out), "! in:33:") != NULL, "a chain of merges has an end");
	buf_clear(&b);
	buf_clear(&out);
}

/* Many keys: quadratic time would make this test hang. */
static void test_many_keys(void)
{
	struct buf input = BUF_INIT, out = BUF_INIT;
	char error[80];

	buf_adds(&input, "{");
	for (int i = 0; i < 50000; i++)
		buf_addf(&input, "k%d: ,\n", i);
	buf_adds(&input, "k17: }");
	cuts_run(&reader_yaml_ops, usual, buf_bytes(&input), 4096, 4096, &out);
	snprintf(error, sizeof error,
		 "! in:%d:1: duplicate key 'k17'; remove one of them\n", 50001);
	is(buf_cstr(&out), error, "one of many keys given twice is found");
	buf_clear(&input);
	buf_clear(&out);
}

int main(void)
{
	CHECK_ALL(values);
	CHECK_ALL(blocks);
	CHECK_ALL(mappings);
	CHECK_ALL(mixtures);
	CHECK_ALL(refused);
	CHECK_ALL(anchors);
	CHECK_ALL(merges);
	CHECK_ALL_AT(path, "a.q");
	CHECK_ALL_AT(index_path, "2");
	CHECK_ALL(bytes);
	CHECK_ALL(syntax);
	test_limit();
	test_path_limit();
	test_limit_edges();
	test_depth();
	test_many_keys();
	test_bombs();
	test_budget();
	test_merge_depth();
	cuts_close_early(&reader_yaml_ops, usual,
			 (struct bytes)TEXT("- &a {x: y}\n- {<<: *a, z: &b {<<: [*a], b: [c, "
					    "{d: \xe2\x82\xac}]}}\n- \"e"));
	return done_testing();
}
