/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "engine/worker_protocol.h"
#include "tap.h"

/* What comes of a text that arrives in two pieces: each reply as
 * "status:stdout:stderr|", an error as "!". */
static void feed(struct worker_decoder *d, struct bytes data, struct buf *out)
{
	struct worker_reply r;
	struct err err;
	int result;

	while ((result = worker_decode(d, &data, &r, &err)) != 0) {
		if (result < 0)
			buf_adds(out, "!");
		else
			buf_addf(out, "%d:%.*s:%.*s|", r.status, (int)r.streams[0].len,
				 r.streams[0].p, (int)r.streams[1].len, r.streams[1].p);
	}
}

static void end(struct worker_decoder *d, struct buf *out)
{
	struct worker_reply r;
	struct err err;
	int result = worker_decode_end(d, &r, &err);

	if (result != 0)
		buf_addf(out, "end %d:%.*s", result, result > 0 ? (int)r.streams[0].len : 0,
			 result > 0 ? r.streams[0].p : "");
}

static void check(enum worker_reply_kind kind, struct bytes text, const char *expected,
		  const char *name)
{
	size_t bad = 0;

	for (size_t cut = 0; cut <= text.len; cut++) {
		struct worker_decoder d;
		struct buf out = BUF_INIT;

		worker_decoder_init(&d, kind);
		feed(&d, (struct bytes){text.p, cut}, &out);
		feed(&d, (struct bytes){text.p + cut, text.len - cut}, &out);
		end(&d, &out);
		if (strcmp(buf_cstr(&out), expected) != 0 && bad++ == 0)
			is(buf_cstr(&out), expected, "%s, cut at %zu", name, cut);
		buf_clear(&out);
		worker_decoder_clear(&d);
	}
	is_int(bad, 0, "%s, wherever it is cut", name);
}

static void check_str(enum worker_reply_kind kind, const char *text, const char *expected,
		      const char *name)
{
	check(kind, bytes_str(text), expected, name);
}

static void test_limit(void)
{
	struct worker_decoder d;
	struct buf out = BUF_INIT;

	worker_decoder_init(&d, WORKER_REPLY_LINE);
	d.max = 4;
	feed(&d, bytes_str("abc\nab"), &out);
	is(buf_cstr(&out), "0:abc\n:|", "a reply may be as long as the limit");
	feed(&d, bytes_str("cd"), &out);
	feed(&d, bytes_str("e"), &out);
	is(buf_cstr(&out), "0:abc\n:|!", "and no longer");
	worker_decoder_reset(&d);
	feed(&d, bytes_str("x\n"), &out);
	is(buf_cstr(&out), "0:abc\n:|!0:x\n:|",
	   "the next worker's reply begins from the start");
	buf_clear(&out);
	worker_decoder_clear(&d);
}

int main(void)
{
	static const char nulls[] = "a\nb\0\0c";

	check_str(WORKER_REPLY_LINE, "a\n\nbc\n", "0:a\n:|0:\n:|0:bc\n:|", "lines");
	check_str(WORKER_REPLY_LINE, "a\nbc", "0:a\n:|end 1:bc\n",
		  "a last line without newline");
	check(WORKER_REPLY_NULL, (struct bytes){nulls, sizeof nulls - 1},
	      "0:a\nb:|0::|", "NULs; what none ends is no reply");
	check_str(WORKER_REPLY_JSON,
		  "{\"status\": 3, \"stdout\": \"a\\nb\", \"stderr\": \"\\u00e9\"}\n{}\n",
		  "3:a\nb:\xc3\xa9|0::|", "objects");
	check_str(WORKER_REPLY_JSON, "{\"other\": [1], \"stdout\": null}\n", "0::|",
		  "keys that mean nothing, and null");
	check_str(WORKER_REPLY_JSON, "{\"status\": 256}\n{}\n", "!0::|",
		  "a status too large");
	check_str(WORKER_REPLY_JSON, "{\"status\": \"3\"}\n", "!",
		  "a status that is not a number");
	check_str(WORKER_REPLY_JSON, "{\"status\": -1}\n", "!", "one that is negative");
	check_str(WORKER_REPLY_JSON, "{\"stdout\": 1}\n", "!", "a text that is none");
	check_str(WORKER_REPLY_JSON, "{\"stderr\": {}}\n", "!", "or is nested");
	check_str(WORKER_REPLY_JSON, "[]\n\nx\n", "!!!", "what is no object");
	test_limit();
	return done_testing();
}
