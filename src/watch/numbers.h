/* SPDX-License-Identifier: ISC */
#ifndef WATCH_NUMBERS_H
#define WATCH_NUMBERS_H

/* A set of event numbers as ranges, in bounded memory: for lists such as "3,7-9" that
 * --only reads. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/source.h"

enum { NUMBERS_RANGES = 200 };

struct numbers {
	struct seq_range v[NUMBERS_RANGES]; /* ascending, with gaps between them */
	size_t n;
	bool incomplete; /* there were more ranges: numbers were left out */
};

/* Add a number, from 1; one that is there already changes nothing. */
void numbers_add(struct numbers *l, uint64_t number);

/* Append the numbers as a list.  False: the set is empty or incomplete. */
bool numbers_print(const struct numbers *l, struct buf *out);

/* Append all numbers within the n ranges, which are ascending (n = 0: from 1 without an
 * end), that are not in the set.  False: there are none, or the set is incomplete. */
bool numbers_print_others(const struct numbers *l, const struct seq_range *within, size_t n,
			  struct buf *out);

#endif
