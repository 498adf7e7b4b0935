/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "event/event.h"
#include "fuzz_reader.h"

const char fuzz_name[] = "json";

static void keep_json(void *arg, const struct item *item, uint64_t line)
{
	struct arena *a = arena_new();

	(void)line;
	json_add_value(arg, item_text(item, a),
		       item->text.p == NULL ? VALUE_JSON : item->kind);
	buf_addc(arg, '\n');
	arena_free(a);
}

/* What it gives as JSON, read again, is the same. */
static void read_again(struct bytes input)
{
	struct buf first = BUF_INIT, again = BUF_INIT;
	struct reader_config cfg = {.name = "in", .emit = keep_json, .arg = &first};
	struct reader *r = reader_open(&reader_json_ops, &cfg);
	struct err err;

	if (reader_feed(r, input, &err) == 0)
		(void)!reader_finish(r, &err);
	reader_close(r);
	cfg.arg = &again;
	r = reader_open(&reader_jsonl_ops, &cfg);
	FUZZ_MUST(reader_feed(r, buf_bytes(&first), &err) == 0);
	FUZZ_MUST(reader_finish(r, &err) == 0);
	reader_close(r);
	FUZZ_MUST(bytes_eq(buf_bytes(&first), buf_bytes(&again)));
	buf_clear(&first);
	buf_clear(&again);
}

/* Any text may be walked through, though only good JSON ever is. */
static void walk(struct bytes input)
{
	static const char *const paths[] = {"a", "0", "a.b", "a.0.b.c", "1.1.1", "."};
	struct arena *a = arena_new();
	struct field f;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		json_walk(input, bytes_str(paths[i]), a, &f);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader_config cfg = {.max_event = 64, .max_depth = 4};
	struct bytes input = {(const char *)data, size};

	fuzz_reader(&reader_json_ops, &cfg, input);
	fuzz_reader(&reader_jsonl_ops, &cfg, input);
	read_again(input);
	walk(input);
	return 0;
}
