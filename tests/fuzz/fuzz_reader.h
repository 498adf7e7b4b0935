/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FUZZ_FUZZ_READER_H
#define TESTS_FUZZ_FUZZ_READER_H

/* What a reader must do with any input: the same, however it is cut. */

#include "fuzz.h"
#include "../unit/reader_cuts.h"

/* Lengths of pieces that follow from the input alone. */
static inline uint64_t fuzz_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static inline void fuzz_run(const struct reader_ops *ops, struct reader_config cfg,
			    struct bytes input, uint64_t seed, struct buf *out)
{
	struct err err = {0};
	struct reader *r;
	int result = 0;

	cfg.name = "in";
	cfg.emit = cuts_emit;
	cfg.arg = out;
	msg_set_writer(cuts_message, out);
	r = reader_open(ops, &cfg);
	while (result == 0 && input.len > 0) {
		size_t n = seed > 0 ? 1 + (size_t)(fuzz_random(&seed) % 9) : input.len;

		if (n > input.len)
			n = input.len;
		result = cuts_feed(r, (struct bytes){input.p, n}, &err);
		input.p += n;
		input.len -= n;
	}
	if (result == 0)
		result = reader_finish(r, &err);
	if (result < 0)
		buf_addf(out, "! %s\n", err.text);
	reader_close(r);
	msg_set_writer(NULL, NULL);
}

static inline void fuzz_reader(const struct reader_ops *ops,
			       const struct reader_config *cfg, struct bytes input)
{
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	uint64_t seed = 1 + input.len;

	for (size_t i = 0; i < input.len; i++)
		seed = seed * 31 + (unsigned char)input.p[i];
	fuzz_run(ops, *cfg, input, 0, &whole);
	fuzz_run(ops, *cfg, input, seed | 1, &cut);
	if (!bytes_eq(buf_bytes(&whole), buf_bytes(&cut)))
		fprintf(stderr, "whole:\n%s\ncut:\n%s\n", buf_cstr(&whole),
			buf_cstr(&cut));
	FUZZ_MUST(bytes_eq(buf_bytes(&whole), buf_bytes(&cut)));
	buf_clear(&whole);
	buf_clear(&cut);
}

#endif
