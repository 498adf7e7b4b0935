/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <yaml.h>

#include "base/yaml_text.h"
#include "tap.h"

/* Every text is read back as it was, by libyaml, wherever it was cut. */

static struct buf document;

static void write_scalar(struct bytes text, size_t piece)
{
	struct yaml_text t = {.any = false};

	buf_reset(&document);
	buf_adds(&document, "- seq: 1\n  stdout: ");
	for (size_t i = 0; i < text.len; i += piece)
		yaml_text_look(&t, (struct bytes){text.p + i, text.len - i < piece
								  ? text.len - i
								  : piece});
	yaml_text_begin(&t, &document);
	for (size_t i = 0; i < text.len; i += piece)
		yaml_text_add(&t,
			      (struct bytes){text.p + i, text.len - i < piece
							     ? text.len - i
							     : piece},
			      &document);
	yaml_text_end(&t, &document);
}

/* The n-th scalar of the document must be the text. */
static bool has_scalar(int n, struct bytes text)
{
	yaml_parser_t parser;
	yaml_event_t event;
	bool found = false, end = false;

	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (unsigned char *)document.data, document.len);
	while (!end && yaml_parser_parse(&parser, &event)) {
		end = event.type == YAML_STREAM_END_EVENT;
		if (event.type == YAML_SCALAR_EVENT && n-- == 0)
			found = bytes_eq((struct bytes){(char *)event.data.scalar.value,
							event.data.scalar.length},
					 text);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return found && end;
}

static bool survives(struct bytes text, size_t piece)
{
	write_scalar(text, piece);
	if (!has_scalar(3, text))
		return false;
	buf_adds(&document, "  stderr: \"next\"\n- seq: 2\n");
	return has_scalar(3, text) && has_scalar(5, bytes_str("next"));
}

static const char *const letters[] = {"a",    " ",	    "\n",	  "\t",	    "\r",
				      "#",    "-",	    ":",	  "\"",	    "\\",
				      "\u00e9", "\u2028",   "\ufeff",	  "\xc2\x85", "\x01",
				      "\x7f", "\U0001f600", "\uffff", "|"};

enum { NLETTERS = sizeof letters / sizeof letters[0], LENGTH = 3 };

/* All texts of up to LENGTH letters. */
static void test_all(void)
{
	long wrong = 0, tried = 0, most = 1;

	for (int i = 0; i < LENGTH; i++)
		most *= NLETTERS + 1;
	for (long number = 0; number < most; number++) {
		struct buf text = BUF_INIT;

		for (long rest = number; rest > 0; rest /= NLETTERS + 1)
			if (rest % (NLETTERS + 1) > 0)
				buf_adds(&text, letters[rest % (NLETTERS + 1) - 1]);
		tried++;
		if (!survives(buf_bytes(&text), number % 3 + 1) && wrong++ < 10)
			printf("# %s: %s\n", buf_cstr(&text), buf_cstr(&document));
		buf_clear(&text);
	}
	ok(wrong == 0, "%ld texts are read back as they were", tried);
}

static const char *scalar(const char *text)
{
	write_scalar(bytes_str(text), 1000);
	return buf_cstr(&document) + strlen("- seq: 1\n  stdout: ");
}

static void test_forms(void)
{
	is(scalar(""), "\"\"\n", "nothing");
	is(scalar("a\n b \n"), "|\n    a\n     b \n", "lines are a block");
	is(scalar("a\n\nb"), "|-\n    a\n\n    b\n", "the last one may lack its end");
	is(scalar("a\n\n"), "|+\n    a\n\n", "or be empty");
	is(scalar("  a\n"), "|2\n      a\n", "the first one may begin with blanks");
	is(scalar(" \n"), "\" \\n\"\n", "white space alone is quoted");
	is(scalar("caf\u00e9\r\n\x1b[m\"\\\t"), "\"caf\u00e9\\r\\n\\x1B[m\\\"\\\\\\t\"\n",
	   "and what a block cannot hold");
}

static void test_text(void)
{
	struct yaml_text t = {.any = false};

	yaml_text_look(&t, bytes_str("\xc3"));
	ok(!yaml_text_passes(&t), "half a character is not text");
	yaml_text_look(&t, bytes_str("\xa9"));
	ok(yaml_text_passes(&t), "until its other half comes");
	yaml_text_look(&t, bytes_str("\xff"));
	yaml_text_look(&t, bytes_str("x"));
	ok(!yaml_text_passes(&t), "bytes that are not UTF-8 never are");
}

int main(void)
{
	test_forms();
	test_text();
	test_all();
	buf_clear(&document);
	return done_testing();
}
