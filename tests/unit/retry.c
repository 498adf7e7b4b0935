/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/clock.h"
#include "run/policy.h"
#include "tap.h"

static const int64_t second = NSEC_PER_SEC;

static void test_delays(void)
{
	struct retry_rules r = {.tries = 9};
	struct err err;

	ok(retry_parse_delay(&r, "1s", &err) == 0 && r.delay_ns == second && r.max_ns == 0,
	   "a delay");
	ok(retry_parse_delay(&r, "0.5,1m", &err) == 0 && r.delay_ns == second / 2 &&
	       r.max_ns == 60 * second,
	   "a delay and the longest");
	ok(retry_parse_delay(&r, "2s,2s", &err) == 0 && r.max_ns == 2 * second,
	   "which may be the first");
	ok(retry_parse_delay(&r, "2s,1s", &err) == -1 && err.status == STATUS_USAGE,
	   "the longest may not be shorter than the first");
	ok(retry_parse_delay(&r, "", &err) == -1, "an empty text is not a delay");
	ok(retry_parse_delay(&r, "1s,", &err) == -1, "an empty maximum is refused");
	ok(retry_parse_delay(&r, "1s,2s,3s", &err) == -1, "and so is a third number");

	retry_parse_delay(&r, "1s,10s", &err);
	for (uint64_t i = 0, random = 0; i < 200; i++, random += 0x123456789abcdefU) {
		int64_t first = retry_delay(&r, 1, random), third = retry_delay(&r, 3, random);

		if (first < second * 3 / 4 || first > second * 5 / 4 ||
		    third < 3 * second || third > 5 * second ||
		    retry_delay(&r, 1000000, random) > 10 * second) {
			ok(false, "delays are within a quarter of 1, 2, 4... up to the "
				  "longest");
			return;
		}
	}
	ok(true, "delays are within a quarter of 1, 2, 4... up to the longest");
	ok(retry_delay(&r, 2, 0) != retry_delay(&r, 2, 1000000), "chance moves them");
	r = (struct retry_rules){.delay_ns = second};
	ok(retry_delay(&r, 4000000000U, 7) > 0, "without a longest they do not overflow");
	r = (struct retry_rules){.delay_ns = INT64_MAX, .max_ns = INT64_MAX};
	ok(retry_delay(&r, 1, INT64_MAX) > INT64_MAX / 2,
	   "and neither does an endless delay");
	r = (struct retry_rules){.delay_ns = 0};
	is_int(retry_delay(&r, 5, 12345), 0, "a delay of 0 stays 0");
}

static bool wanted(const char *list, enum job_status status, int code)
{
	struct retry_rules r = {.tries = 2};
	struct outcome o = {.status = status, .code = code, .try = 1};
	struct err err;

	if (list != NULL && retry_parse_on(&r, list, &err) < 0)
		return false;
	return retry_wanted(&r, &o, r.tries);
}

static void test_rules(void)
{
	static const char *const bad[] = {"", ",", "exits", "0", "256", "5-3", "1-", "-1",
					  "1-2-3", "exit;timeout", "300-400"};
	struct retry_rules r = {.tries = 2};
	struct outcome o = {.status = JOB_FAILED, .code = 1, .try = 2};
	struct err err;

	ok(wanted(NULL, JOB_FAILED, 3) && wanted(NULL, JOB_SIGNALED, 9) &&
	       wanted(NULL, JOB_TIMEOUT, 0) && wanted(NULL, JOB_LOST, 0),
	   "by default every failure is tried again");
	ok(!wanted(NULL, JOB_OK, 0), "a success is not");
	ok(!wanted(NULL, JOB_STOPPED, 0),
	   "a job that was stopped by the end of the run is not");
	ok(!wanted(NULL, JOB_NOT_STARTED, 127), "a command that does not exist is not");
	ok(!wanted(NULL, JOB_REFUSED, 126), "output that does not fit the format is not");
	ok(!retry_wanted(&r, &o, 2), "and no job beyond the number of tries");
	ok(wanted("exit", JOB_FAILED, 3) && !wanted("exit", JOB_TIMEOUT, 0), "exit");
	ok(wanted("timeout", JOB_TIMEOUT, 0) && !wanted("timeout", JOB_FAILED, 3),
	   "timeout");
	ok(wanted("signal", JOB_SIGNALED, 9) && !wanted("signal", JOB_FAILED, 9), "signal");
	ok(wanted("lost", JOB_LOST, 0) && !wanted("lost", JOB_FAILED, 1), "lost");
	ok(wanted("timeout,75,100-102", JOB_FAILED, 101) &&
	       wanted("timeout,75,100-102", JOB_FAILED, 75) &&
	       wanted("timeout,75,100-102", JOB_TIMEOUT, 0) &&
	       !wanted("timeout,75,100-102", JOB_FAILED, 103),
	   "several, and ranges of exit statuses");
	ok(wanted("1-255", JOB_FAILED, 1) && wanted("1-255", JOB_FAILED, 255),
	   "from 1 to 255");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(retry_parse_on(&r, bad[i], &err) == -1 && err.status == STATUS_USAGE,
		   "refuses '%s'", bad[i]);
}

int main(void)
{
	test_delays();
	test_rules();
	return done_testing();
}
