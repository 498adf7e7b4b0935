/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "run/policy.h"
#include "tap.h"

int main(void)
{
	struct median m = {0};

	is_int(median_get(&m), -1, "no median of nothing");
	median_add(&m, 9);
	median_add(&m, 10);
	is_int(median_get(&m), -1, "or of two values");
	is_int(median_percent(&m, 200), 0, "and no percentage of it");
	median_add(&m, 100);
	is_int(median_get(&m), 10, "of three it is the one in the middle, as a number");
	median_add(&m, 20);
	is_int(median_get(&m), 15, "of four the mean of the two");
	for (int i = 0; i < MEDIAN_KEEPS; i++)
		median_add(&m, 7);
	is_int(median_get(&m), 7, "old values are forgotten");
	for (int i = 0; i < MEDIAN_KEEPS / 2 + 1; i++)
		median_add(&m, INT64_MAX / 2);
	is_int(median_get(&m), INT64_MAX / 2, "and new ones count");
	ok(median_percent(&m, 50) == INT64_MAX / 2 / 100 * 50 &&
	       median_percent(&m, 4000000000U) == INT64_MAX,
	   "percents of it do not overflow");
	return done_testing();
}
