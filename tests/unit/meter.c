/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "tap.h"
#include "vectors.h"
#include "watch/meter.h"

/* --- what tqdm printed */

static struct meter meter_of(yajl_val args)
{
	const char *unit = vector_str(args, "unit");
	bool rate_given = vector_get(args, "rate") != NULL;

	return (struct meter){
	    .n = vector_int(args, "n", 0),
	    .initial = vector_int(args, "initial", 0),
	    .total = vector_int(args, "total", METER_UNKNOWN),
	    .elapsed = vector_float(args, "elapsed"),
	    .rate = rate_given ? vector_float(args, "rate") : METER_AVERAGE,
	    .ncols = (int)vector_int(args, "ncols", METER_UNKNOWN),
	    .unit = unit != NULL ? unit : "it",
	    .failed = (uint64_t)vector_int(args, "failed", 0),
	    .ascii = YAJL_IS_TRUE(vector_get(args, "ascii")),
	};
}

static void check_vector(int line, yajl_val v)
{
	yajl_val classes = vector_get(v, "class");
	struct meter m = meter_of(vector_get(v, "args"));
	struct buf got = BUF_INIT, name = BUF_INIT;

	for (size_t i = 0; i < YAJL_GET_ARRAY(classes)->len; i++) {
		const char *class = YAJL_GET_STRING(YAJL_GET_ARRAY(classes)->values[i]);

		buf_addf(&name, " %s", class != NULL ? class : "?");
	}
	meter_format(&got, &m);
	is(buf_cstr(&got), vector_str(v, "out"), "vector %d:%s", line, buf_cstr(&name));
	buf_clear(&got);
	buf_clear(&name);
}

/* --- what the vectors do not reach */

static void is_line(const struct meter *m, const char *want, const char *name)
{
	struct buf got = BUF_INIT;

	buf_adds(&got, "before ");
	meter_format(&got, m);
	is(buf_cstr(&got) + strlen("before "), want, "%s", name);
	buf_clear(&got);
}

static void test_format(void)
{
	struct meter m = {.n = 1, .total = 2, .elapsed = 1, .unit = "it",
			  .rate = METER_AVERAGE};
	struct buf got = BUF_INIT;

	is_line(&m, " 50% 1/2 [00:01<00:01,  1.00it/s]", "0 columns: no bar");
	m.rate = 1e-18;
	m.elapsed = 1e300;
	meter_format(&got, &m);
	ok(strstr(buf_cstr(&got), "[2555555555555555:33:20<277777777777777:44:32, ") != NULL,
	   "times that no clock can hold have an end");
	buf_clear(&got);
	m.elapsed = 1;
	m.rate = METER_AVERAGE;
	m.unit = "e\xcc\x81";
	m.ncols = 40;
	m.ascii = true;
	is_line(&m, " 50%|###   | 1/2 [00:01<00:01,  1.00e\xcc\x81/s]",
		"a combining character takes no column");
	m.ncols = 12;
	m.unit = "項目";
	is_line(&m, " 50%|5| 1/2 ", "a line that is too wide is cut");
	m.total = 0;
	is_line(&m, "1項目 [00:01,  1.00項目/s]", "without a total nothing is cut");
}

int main(void)
{
	is_int(vectors_each("tqdm-format.jsonl", check_vector), 400, "all vectors were there");
	test_format();
	return done_testing();
}
