/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/hash.h"
#include "tap.h"

enum { MANY = 200000 };

static struct hash_key nth(int i)
{
	char text[32];

	snprintf(text, sizeof text, "cmd %d", i);
	return hash_of(0, bytes_str(text));
}

static void test_many(void)
{
	struct counter c = COUNTER_INIT;
	bool fresh = true, kept = true;

	for (int i = 0; i < MANY; i++) {
		uint32_t *count = counter_at(&c, nth(i));

		fresh = fresh && *count == 0;
		*count = (uint32_t)i;
	}
	for (int i = 0; i < MANY; i++)
		kept = kept && *counter_at(&c, nth(i)) == (uint32_t)i;
	ok(fresh, "a new key's count is 0");
	ok(kept, "counts stay while the table grows");
	is_int(c.n, MANY, "each key is there once");
	counter_clear(&c);
}

static bool same(struct hash_key x, struct hash_key y)
{
	return x.a == y.a && x.b == y.b;
}

int main(void)
{
	const char zeros[16] = {0};
	bool distinct = true;

	test_many();
	ok(same(hash_of(7, bytes_str("abc")), hash_of(7, bytes_str("abc"))),
	   "the same has the same key");
	ok(!same(hash_of(7, bytes_str("abc")), hash_of(8, bytes_str("abc"))),
	   "the number counts");
	for (size_t n = 0; n < sizeof zeros; n++)
		distinct = distinct && !same(hash_of(0, (struct bytes){zeros, n}),
					     hash_of(0, (struct bytes){zeros, n + 1}));
	ok(distinct, "texts of zero bytes differ by their length");
	ok(!same(hash_of(0, bytes_str("12345678a")), hash_of(0, bytes_str("a12345678"))),
	   "the order of words counts");
	return done_testing();
}
