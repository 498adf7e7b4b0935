/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "fuzz_reader.h"

/* The first byte chooses the settings; the rest is the input. */

const char fuzz_name[] = "csv";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader_config cfg = {.max_event = 64};

	if (size == 0)
		return 0;
	cfg.no_header = data[0] & 1;
	cfg.quote = (enum quoting)(data[0] / 4 % 4 % 3);
	cfg.separator = data[0] & 64 ? ';' : '\0';
	fuzz_reader(data[0] & 2 ? &reader_tsv_ops : &reader_csv_ops, &cfg,
		    (struct bytes){(const char *)data + 1, size - 1});
	return 0;
}
