/* SPDX-License-Identifier: ISC */
/* Sets of event numbers as ranges: against a table of booleans, and as text. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "watch/numbers.h"

enum { MOST = 60 };

static const char *printed(const struct numbers *l)
{
	static struct buf text;

	buf_reset(&text);
	return numbers_print(l, &text) ? buf_cstr(&text) : "none";
}

static const char *others(const struct numbers *l, const struct seq_range *within, size_t n)
{
	static struct buf text;

	buf_reset(&text);
	return numbers_print_others(l, within, n, &text) ? buf_cstr(&text) : "none";
}

static void add_all(struct numbers *l, const char *digits)
{
	*l = (struct numbers){.n = 0};
	for (; *digits != '\0'; digits++)
		numbers_add(l, (uint64_t)(*digits - '0'));
}

static void test_add(void)
{
	static const struct {
		const char *digits, *want;
	} cases[] = {
	    {"", "none"},     {"3", "3"},	{"34", "3-4"},	      {"43", "3-4"},
	    {"35", "3,5"},    {"53", "3,5"},	{"354", "3-5"},	      {"534", "3-5"},
	    {"333", "3"},     {"3454", "3-5"}, {"13579", "1,3,5,7,9"}, {"135792", "1-3,5,7,9"},
	    {"9182736455", "1-9"},
	};
	struct numbers l;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		add_all(&l, cases[i].digits);
		is(printed(&l), cases[i].want, "added in this order: '%s'", cases[i].digits);
	}
}

/* Does the list, as text, name the number? */
static bool names(const char *list, uint64_t number)
{
	struct seq_range *ranges;
	size_t n;
	bool found = false;

	if (strcmp(list, "none") == 0 || seq_ranges_parse(list, &ranges, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		found |= number >= ranges[i].first && number <= ranges[i].last;
	free(ranges);
	return found;
}

static void test_random(void)
{
	static const struct seq_range within[] = {{3, 9}, {12, 12}, {40, UINT64_MAX}};
	unsigned state = 7, wrong = 0;

	for (int round = 0; round < 300; round++) {
		struct numbers l = {.n = 0};
		bool has[MOST + 1] = {false};

		for (int i = 0; i < round % (2 * MOST); i++) {
			state = state * 1103515245U + 12345U;
			has[1 + state / 65536 % MOST] = true;
			numbers_add(&l, 1 + state / 65536 % MOST);
		}
		for (uint64_t k = 1; k <= MOST; k++) {
			bool inside = (k >= 3 && k <= 9) || k == 12 || k >= 40;

			wrong += names(printed(&l), k) != has[k];
			wrong += names(others(&l, NULL, 0), k) == has[k];
			wrong += names(others(&l, within, 3), k) != (inside && !has[k]);
		}
	}
	is_int(wrong, 0, "random numbers: the lists name exactly what is in the set or is not");
}

static void test_others(void)
{
	struct numbers l;

	add_all(&l, "");
	is(others(&l, NULL, 0), "1-", "all others of an empty set");
	add_all(&l, "1245");
	is(others(&l, NULL, 0), "3,6-", "others have no end");
	is(others(&l, (struct seq_range[]){{2, 4}}, 1), "3", "others within a range");
	is(others(&l, (struct seq_range[]){{4, 5}}, 1), "none", "there may be no others");
}

static void test_limit(void)
{
	struct numbers l = {.n = 0};

	for (uint64_t i = 1; i <= NUMBERS_RANGES; i++)
		numbers_add(&l, 2 * i);
	ok(strcmp(printed(&l), "none") != 0, "as many ranges as there is room for");
	numbers_add(&l, 2 * NUMBERS_RANGES + 1);
	ok(strcmp(printed(&l), "none") != 0, "a range that grows needs no room");
	numbers_add(&l, 1000);
	is(printed(&l), "none", "too many ranges: there is no list");
	is(others(&l, NULL, 0), "none", "and none of the others");
}

int main(void)
{
	test_add();
	test_random();
	test_others();
	test_limit();
	return done_testing();
}
