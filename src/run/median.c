/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "run/median.h"

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void median_add(struct median *m, int64_t value)
{
	m->recent[m->added++ % MEDIAN_KEEPS] = value;
}

int64_t median_get(const struct median *m)
{
	size_t n = m->added < MEDIAN_KEEPS ? (size_t)m->added : MEDIAN_KEEPS;
	int64_t sorted[MEDIAN_KEEPS];

	if (n < MEDIAN_FROM)
		return -1;
	memcpy(sorted, m->recent, n * sizeof sorted[0]);
	qsort(sorted, n, sizeof sorted[0], compare);
	return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

int64_t median_percent(const struct median *m, unsigned percent)
{
	int64_t result;

	if (__builtin_mul_overflow(median_get(m) / 100, percent, &result))
		return INT64_MAX;
	return result;
}
