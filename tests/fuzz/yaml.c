/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "fuzz_reader.h"

const char fuzz_name[] = "yaml";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader_config cfg = {.max_event = 64, .max_depth = 4};

	fuzz_reader(&reader_yaml_ops, &cfg, (struct bytes){(const char *)data, size});
	return 0;
}
