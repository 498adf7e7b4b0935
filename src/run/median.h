/* SPDX-License-Identifier: ISC */
#ifndef RUN_MEDIAN_H
#define RUN_MEDIAN_H

/* The median run time of recent jobs, in constant memory.  Pure. */

#include <stddef.h>
#include <stdint.h>

enum { MEDIAN_KEEPS = 255, MEDIAN_FROM = 3 };

struct median {
	int64_t recent[MEDIAN_KEEPS];
	uint64_t added;
};

void median_add(struct median *m, int64_t value);

/* The median of the last 255 values; -1 while there are fewer than 3. */
int64_t median_get(const struct median *m);

/* That percentage of it, INT64_MAX when that is too much; 0 while there is none. */
int64_t median_percent(const struct median *m, unsigned percent);

#endif
