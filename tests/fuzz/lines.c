/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "event/colsep.h"
#include "fuzz_reader.h"

/* The first byte chooses the settings; the rest is the input. */

const char fuzz_name[] = "lines";

/* Columns and separators together are the line again. */
static void split(struct bytes text)
{
	char *copy = xmemdup0(text.p, text.len);
	struct bytes line = {copy, text.len};
	struct err err;
	struct colsep *c = colsep_new("[,;]+|\\t", &err);
	struct bytes rest = line;
	size_t at = 0;

	do {
		struct bytes column = colsep_next(c, line.p, &rest);

		FUZZ_MUST((size_t)(column.p - line.p) >= at);
		at = (size_t)(column.p - line.p) + column.len;
	} while (rest.p != NULL);
	FUZZ_MUST(at == line.len);
	colsep_free(c);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char delimiters[] = {'\n', '\0', ',', '\n'};
	struct reader_config cfg = {.max_event = 64};

	if (size == 0)
		return 0;
	cfg.delimiter = delimiters[data[0] & 3];
	cfg.skip_blank = data[0] & 4;
	cfg.crlf = (enum crlf)(data[0] >> 3 & 3) % 3;
	fuzz_reader(&reader_lines_ops, &cfg,
		    (struct bytes){(const char *)data + 1, size - 1});
	split((struct bytes){(const char *)data + 1, size - 1});
	return 0;
}
