/* SPDX-License-Identifier: ISC */
/* Keeps numbers as ranges that are extended and joined.  Numbers mostly arrive in
 * ascending order, so the place of a new one is looked for from the end. */

#include <config.h>

#include <string.h>

#include "watch/numbers.h"

void numbers_add(struct numbers *l, uint64_t number)
{
	size_t i = l->n; /* the ranges from i on begin after the number */
	struct seq_range *before;

	while (i > 0 && l->v[i - 1].first > number)
		i--;
	before = i > 0 ? &l->v[i - 1] : NULL;
	if (before != NULL && number <= before->last)
		return;
	if (before != NULL && number == before->last + 1) {
		before->last = number;
		if (i == l->n || l->v[i].first != number + 1)
			return;
		before->last = l->v[i].last;
		memmove(&l->v[i], &l->v[i + 1], (--l->n - i) * sizeof *l->v);
	} else if (i < l->n && l->v[i].first == number + 1) {
		l->v[i].first = number;
	} else if (l->n == NUMBERS_RANGES) {
		l->incomplete = true;
	} else {
		memmove(&l->v[i + 1], &l->v[i], (l->n++ - i) * sizeof *l->v);
		l->v[i] = (struct seq_range){number, number};
	}
}

/* *sep: what goes before the range; a comma from then on. */
static void print_range(uint64_t first, uint64_t last, const char **sep, struct buf *out)
{
	if (first > last)
		return;
	buf_addf(out, "%s%llu", *sep, (unsigned long long)first);
	if (last == UINT64_MAX)
		buf_addc(out, '-');
	else if (last > first)
		buf_addf(out, "-%llu", (unsigned long long)last);
	*sep = ",";
}

bool numbers_print(const struct numbers *l, struct buf *out)
{
	const char *sep = "";

	if (l->n == 0 || l->incomplete)
		return false;
	for (size_t i = 0; i < l->n; i++)
		print_range(l->v[i].first, l->v[i].last, &sep, out);
	return true;
}

bool numbers_print_others(const struct numbers *l, const struct seq_range *within, size_t n,
			  struct buf *out)
{
	static const struct seq_range all = {1, UINT64_MAX};
	const char *sep = "";

	if (l->incomplete)
		return false;
	if (n == 0) {
		within = &all;
		n = 1;
	}
	for (size_t w = 0; w < n; w++) {
		uint64_t first = within[w].first;

		for (size_t i = 0; i < l->n && l->v[i].first <= within[w].last; i++) {
			print_range(first, l->v[i].first - 1, &sep, out);
			if (l->v[i].last >= first)
				first = l->v[i].last + 1;
		}
		print_range(first, within[w].last, &sep, out);
	}
	return *sep != '\0';
}
