/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "run/policy.h"
#include "tap.h"

static const struct {
	const char *text;
	struct halt want;
} good[] = {
    {"never", {HALT_NEVER, HALT_FAIL, 0, false}},
    {"now,fail=1", {HALT_NOW, HALT_FAIL, 1, false}},
    {"soon,fail=3", {HALT_SOON, HALT_FAIL, 3, false}},
    {"now,success=1", {HALT_NOW, HALT_SUCCESS, 1, false}},
    {"soon,done=5", {HALT_SOON, HALT_DONE, 5, false}},
    {"now,fail=10%", {HALT_NOW, HALT_FAIL, 10, true}},
    {"soon,done=100%", {HALT_SOON, HALT_DONE, 100, true}},
    {"0", {HALT_NEVER, HALT_FAIL, 0, false}},
    {"1", {HALT_SOON, HALT_FAIL, 1, false}},
    {"2", {HALT_NOW, HALT_FAIL, 1, false}},
    {"-1", {HALT_SOON, HALT_SUCCESS, 1, false}},
    {"-2", {HALT_NOW, HALT_SUCCESS, 1, false}},
    {"30%", {HALT_SOON, HALT_FAIL, 30, true}},
};

static const char *const bad[] = {"",		  "now",	   "soon,fail",
				  "now,fail=",	  "now,fail=0",	   "now,fail=0%",
				  "now,fail=101%", "now,fail=-1",   "now,fail=1x",
				  "later,fail=1", "now,failed=1",  "3",
				  "-3",		  "now,fail=1,2",  "never,fail=1",
				  "%",		  " now,fail=1",   "now,fail=1.5",
				  "now,fail=99999999999999999999999999"};

static void test_parsing(void)
{
	struct halt got;
	struct err err;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const struct halt *want = &good[i].want;

		ok(halt_parse(good[i].text, &got, &err) == 0 && got.when == want->when &&
		       got.why == want->why && got.count == want->count &&
		       got.percent == want->percent,
		   "understands '%s'", good[i].text);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(halt_parse(bad[i], &got, &err) == -1 && err.status == STATUS_USAGE,
		   "refuses '%s'", bad[i]);
}

static bool reached(const char *text, uint64_t good_jobs, uint64_t failed)
{
	struct halt halt;
	struct err err;

	return halt_parse(text, &halt, &err) == 0 && halt_reached(&halt, good_jobs, failed);
}

int main(void)
{
	test_parsing();
	ok(!reached("never", 1000, 1000), "never is never");
	ok(!reached("now,fail=2", 9, 1), "one failure is not two");
	ok(reached("now,fail=2", 9, 2), "two are");
	ok(!reached("soon,success=1", 0, 9), "failures do not count as successes");
	ok(reached("soon,success=1", 1, 9), "a success is");
	ok(!reached("now,done=3", 1, 1), "done counts both");
	ok(reached("now,done=3", 1, 2), "done counts successes and failures");
	ok(!reached("now,fail=50%", 0, 2), "a percentage of two jobs means nothing yet");
	ok(reached("now,fail=50%", 0, 3), "from three on it does");
	ok(!reached("now,fail=50%", 3, 2), "40 are not 50 in a hundred");
	ok(reached("now,fail=50%", 2, 2), "50 are");
	ok(reached("now,success=75%", 3, 1), "also of successes");
	return done_testing();
}
