/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/json.h"
#include "base/msg.h"
#include "sink_fixture.h"

/* What each sink makes of a job, byte for byte. */

#define HEAD "{\"seq\":3,\"event\":"
#define REST                                                                             \
	",\"command\":\"echo 'x'\",\"status\":\"ok\",\"exit\":0,\"signal\":null,\"try\":1,"    \
	"\"slot\":2,\"start\":1700000000.123456,\"runtime\":1.500000,\"user\":2.000003,"  \
	"\"system\":0.250000,\"maxrss\":1536000,\"truncated\":false"

static const char *record(void)
{
	struct sink_job in = sink_job();

	buf_reset(&t.out);
	sink_json_record(in.outcome, &t.out);
	buf_adds(&t.out, "}\n");
	return buf_cstr(&t.out);
}

static void test_json(void)
{
	struct sink *s = sink_json_new();

	job();
	is(made(s), HEAD "\"x\"" REST ",\"stdout\":\"\",\"stderr\":\"\"}\n",
	   "JSON: all keys, also of a job that wrote nothing");
	give(0, "a\n", 2);
	give(1, "\xff", 1);
	is(made(s), HEAD "\"x\"" REST ",\"stdout\":\"a\\n\",\"stderr_base64\":\"/w==\"}\n",
	   "JSON: what is not text is base64");
	is(made(s), buf_cstr(&t.out), "JSON: streams are only read");
	is(record(), HEAD "\"x\"" REST "}\n", "the record alone, as JSON");
	job_of_mapping();
	is(record(),
	   HEAD "{\"id\":7,\"name\":\"no\",\"sub\":{\"a\":[1]},\"seq\":\"a\\nb\"}" REST "}\n",
	   "JSON: a mapping is an object");
	t.items[1] = (struct item){.text = b("y")};
	t.event.nitems = 2;
	t.event.items[0] = (struct item){.text = b("1"), .kind = VALUE_BARE};
	is(record(), HEAD "[1,\"y\"]" REST "}\n", "JSON: several items are an array");
	t.bindings.nevents = 2;
	t.outcome.batched = true;
	is(record(), HEAD "[[1,\"y\"],[1,\"y\"]]" REST "}\n",
	   "JSON: a batch is an array of its events");
	job();
	t.outcome.status = JOB_SIGNALED;
	t.outcome.code = 9;
	t.outcome.truncated = true;
	t.outcome.runtime = 2000005 * INT64_C(1000) + 999;
	t.outcome.has_usage = false;
	ok(strstr(record(), "\"exit\":null,\"signal\":9,") != NULL &&
	       strstr(buf_cstr(&t.out), "\"runtime\":2.000005,\"user\":null,"
					 "\"system\":null,\"maxrss\":null,") != NULL &&
	       strstr(buf_cstr(&t.out), "\"truncated\":true}") != NULL,
	   "JSON: of a signal; usage that is not known is null");
	t.outcome.status = JOB_TIMEOUT;
	ok(strstr(record(), "\"exit\":null,\"signal\":null,") != NULL,
	   "JSON: of a timeout");
	sink_free(s);
}

/* Every byte, first alone and then among others. */
static void test_json_bytes(void)
{
	struct sink *s = sink_json_new();
	struct buf want = BUF_INIT, encoded = BUF_INIT;
	size_t wrong = 0;

	for (int c = 0; c < 256; c++) {
		char text[3] = {'a', (char)c, 'z'};
		struct base64 b64 = {0};

		job();
		give(0, text, 3);
		buf_reset(&want);
		buf_reset(&encoded);
		base64_add(&b64, (struct bytes){text, 3}, &encoded);
		buf_addf(&want, HEAD "\"x\"" REST ",\"stdout%s\":", c == 0 || c > 127
								       ? "_base64"
								       : "");
		json_add_string(&want, c == 0 || c > 127 ? buf_bytes(&encoded)
							 : (struct bytes){text, 3});
		buf_adds(&want, ",\"stderr\":\"\"}\n");
		wrong += strcmp(made(s), buf_cstr(&want)) != 0;
	}
	is_int(wrong, 0, "JSON: every byte comes out as itself or in base64");
	buf_clear(&want);
	buf_clear(&encoded);
	sink_free(s);
}

/* More than fits into memory, cut in the middle of characters. */
static void test_json_huge(void)
{
	enum { N = 5 * 1000 * 1000 / 3 };
	struct sink *s = sink_json_new();
	char *text = malloc(3 * N);
	const char *stdout_at;
	size_t want = strlen(HEAD "\"x\"" REST ",\"stdout\":\"\",\"stderr\":\"\"}\n");

	for (size_t i = 0; i < N; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 3);
	job();
	for (size_t at = 0; at < 3 * N; at += 65536)
		give(0, text + at, 3 * N - at < 65536 ? 3 * N - at : 65536);
	ok(spool_is_in_file(&t.streams[0]), "most of 5 MB is in the temporary file");
	is_int(strlen(made(s)), want + 3 * N, "JSON: a stream of 5 MB comes out whole");
	stdout_at = strstr(buf_cstr(&t.out), "\"stdout\":\"") + 10;
	ok(memcmp(stdout_at, text, 3 * N) == 0, "JSON: and as it is");
	free(text);
	sink_free(s);
}

#define CSV_REST "seq,command,status,exit,signal,try,slot,start,runtime,user,system,"      \
		 "maxrss,truncated,stdout,stderr,stdout_base64,stderr_base64\n"
#define CSV_ROW "3,echo 'x',ok,0,,1,2,1700000000.123456,1.500000,2.000003,0.250000,"      \
		"1536000,false,"

static void swallow(void *arg, struct bytes text)
{
	(void)text;
	++*(int *)arg;
}

static void test_csv(void)
{
	struct sink *s = sink_csv_new();
	int told = 0;

	job();
	is(made(s), "event," CSV_REST "x," CSV_ROW ",,,\n", "CSV: a header, then a row");
	t.items[0].text = b(" a,\"b\"\n");
	give(0, "say \"hi\"\n", 9);
	give(1, "\0", 1);
	is(made(s), "\" a,\"\"b\"\"\n\"," CSV_ROW "\"say \"\"hi\"\"\n\",,,\"AA==\"\n",
	   "CSV: no second header; what needs quotes has them");
	sink_free(s);

	s = sink_csv_new();
	job_of_mapping();
	t.fields[0].name = b("event.seq");
	t.fields[1].value = b("no\t");
	t.fields[2].value = b("no ");
	is(made(s),
	   "event.seq,name,sub,event.event.seq," CSV_REST "7,\"no\t\",\"no \",\"a\nb\"," CSV_ROW
	   ",,,\n",
	   "CSV: also when a field has the prefixed name; blanks at an end are quoted");
	sink_free(s);

	s = sink_csv_new();
	job_of_mapping();
	is(made(s),
	   "id,name,sub,event.seq," CSV_REST "7,no,\"{\"\"a\"\":[1]}\",\"a\nb\"," CSV_ROW
	   ",,,\n",
	   "CSV: a column per field; one with the name of ours gets a prefix");
	t.items[0].nfields = 1;
	is(made(s), "7,,,," CSV_ROW ",,,\n", "CSV: a field that is missing is empty");
	t.items[0].nfields = 3;
	t.fields[2] = t.fields[0];
	t.fields[0] = (struct field){b("other"), b("1"), VALUE_TEXT};
	msg_set_writer(swallow, &told);
	is(made(s), "7,no,,," CSV_ROW ",,,\n", "CSV: fields go by their names");
	made(s);
	msg_set_writer(NULL, NULL);
	is_int(told, 1, "CSV: one warning about fields without a column");
	sink_free(s);
}

static void test_csv_items(void)
{
	struct sink *s = sink_csv_new();

	job();
	t.items[1] = (struct item){.text = b("\xff")};
	t.event.nitems = 2;
	is(made(s), "1,2," CSV_REST "x,\xef\xbf\xbd," CSV_ROW ",,,\n",
	   "CSV: several items are numbered columns");
	sink_free(s);

	s = sink_csv_new();
	t.bindings.nevents = 2;
	t.outcome.batched = true;
	t.event.nitems = 1;
	is(made(s), "event," CSV_REST "\"[\"\"x\"\",\"\"x\"\"]\"," CSV_ROW ",,,\n",
	   "CSV: a batch is one column of JSON");
	sink_free(s);

	s = sink_csv_new();
	job();
	t.fields[0] = (struct field){.value = b("p")};
	t.fields[1] = (struct field){.value = b("q")};
	t.items[0] = (struct item){.text = b("p q"), .fields = t.fields, .nfields = 2};
	is(made(s), "1,2," CSV_REST "p,q," CSV_ROW ",,,\n",
	   "CSV: so are a line's columns");
	sink_free(s);
}

static void test_yaml(void)
{
	struct sink *s = sink_yaml_new();

	job_of_mapping();
	give(0, "a\nb\n\n", 5);
	give(1, "\0", 1);
	is(made(s),
	   "- seq: 3\n  event:\n    id: 7\n    name: \"no\"\n    sub: \"{\\\"a\\\":[1]}\"\n"
	   "    seq: |-\n      a\n      b\n  command: \"echo 'x'\"\n  status: ok\n"
	   "  exit: 0\n  signal: null\n  try: 1\n  slot: 2\n  start: 1700000000.123456\n"
	   "  runtime: 1.500000\n  user: 2.000003\n  system: 0.250000\n"
	   "  maxrss: 1536000\n  truncated: false\n  stdout: |+\n    a\n    b\n\n"
	   "  stderr_base64: \"AA==\"\n",
	   "YAML: a list of one mapping");
	job();
	give(1, "x\n\n", 3);
	is(strstr(made(s), "  stdout:"), "  stdout: \"\"\n  stderr: |+\n    x\n\n",
	   "YAML: no end of document after a block with blank lines");
	t.items[0] = (struct item){.text = b("\n\n")};
	ok(strstr(made(s), "truncated: false\n  stdout: \"\"\n") != NULL,
	   "YAML: nor after an event with blank lines");
	t.items[0] = (struct item){.text = b("x")};
	t.items[1] = (struct item){.text = b("y")};
	t.event.nitems = 2;
	ok(strstr(made(s), "  event:\n  - \"x\"\n  - \"y\"\n") != NULL,
	   "YAML: several values are a list");
	t.bindings.nevents = 2;
	t.outcome.batched = true;
	ok(strstr(made(s), "  event: \"[[\\\"x\\\",\\\"y\\\"],[\\\"x\\\",\\\"y\\\"]]\"\n") !=
	       NULL,
	   "YAML: a batch is the text of its JSON");
	job();
	t.items[0].text = b("\xff\n");
	ok(strstr(made(s), "  event_base64: \"/wo=\"\n") != NULL,
	   "YAML: an event that is not text is base64");
	t.items[1] = t.items[0];
	t.event.nitems = 2;
	ok(strstr(made(s), "  event:\n  - \"\\uFFFD\\n\"\n") != NULL,
	   "YAML: among several values, what is not text is replaced");
	sink_free(s);
}

/* One table after another, each checked when its job has finished. */
static const char *table(struct sink *s, const char *text)
{
	static struct err err;
	struct sink_job in;

	job();
	give(0, text, strlen(text));
	in = sink_job();
	return s->ops->check(s, &in, &err) < 0 ? err.text : made(s);
}

static void test_table(void)
{
	struct sink *s = sink_table_new();

	is(table(s, ""), "", "table: a job that prints nothing adds nothing");
	is(table(s, "id,name\n1,x\n"), "id,name\n1,x\n", "table: the first one is whole");
	is(table(s, "\"id\",name\r\n2,y\r\n3,z"), "2,y\r\n3,z\n",
	   "table: others lose their header, and get the line's end they lack");
	is(table(s, "id,name"), "", "table: a header alone adds nothing");
	is(table(s, "id,nmae\n2,y\n"),
	   "its table has the columns id,nmae, but that of job 3 has id,name",
	   "table: other columns are refused");
	is(table(s, "id,name\n2\n"),
	   "its output is not a CSV table: row 2 has 1 column, the header 2",
	   "table: so is a row that is too short");
	ok(s->ops->stdout_only, "table: stderr is left out");
	sink_free(s);
}

static void test_table_huge(void)
{
	struct sink *s = sink_table_new();
	struct buf text = BUF_INIT;

	buf_adds(&text, "id,name\n");
	for (int i = 0; i < 300000; i++)
		buf_addf(&text, "%d,\"a\nb\"\n", i);
	is(table(s, buf_cstr(&text)), buf_cstr(&text), "table: larger than memory");
	is(table(s, buf_cstr(&text)), buf_cstr(&text) + 8, "table: and without header");
	buf_clear(&text);
	sink_free(s);
}

/* A stream is written piece by piece, whatever its size. */

static struct {
	size_t len, largest;
} huge;

static int measure(void *arg, struct bytes data, struct err *err)
{
	(void)arg;
	(void)err;
	huge.len += data.len;
	huge.largest = data.len > huge.largest ? data.len : huge.largest;
	return 0;
}

static void test_huge(struct sink *(*make)(void), const char *name)
{
	enum { MIB = 1024 * 1024, SIZE = 70 };
	static char line[MIB];
	struct sink *s = make();
	struct err err;
	struct sink_out out = {measure, NULL, .err = &err};
	struct sink_job in;

	memset(&huge, 0, sizeof huge);
	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\n';
	job();
	for (int i = 0; i < SIZE; i++)
		give(0, line, sizeof line);
	in = sink_job();
	if (s->ops->header != NULL)
		s->ops->header(s, &in, &t.out);
	s->ops->job(s, &in, &out);
	is_int(sink_end(&out), 0, "%s: 70 MiB of output are no problem", name);
	ok(huge.len > (size_t)SIZE * MIB && huge.largest < 4 * MIB,
	   "%s: and are written in pieces", name);
	sink_free(s);
}

int main(void)
{
	fixture_open();
	test_json();
	test_json_bytes();
	test_json_huge();
	test_csv();
	test_csv_items();
	test_yaml();
	test_huge(sink_yaml_new, "YAML");
	test_huge(sink_json_new, "JSON");
	test_huge(sink_csv_new, "CSV");
	test_table();
	test_table_huge();
	sink_free(NULL);
	fixture_close();
	return done_testing();
}
