/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"
#include "base/msg.h"
#include "base/units.h"
#include "base/width.h"
#include "tap.h"

static void test_buf(void)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i % 10);
	is_int(b.len, 2000, "a buffer grows as it is added to");
	buf_consume(&b, 1996);
	is(buf_cstr(&b), "8,9,", "and can be consumed from the front");
	buf_consume(&b, 4);
	is_int(b.len, 0, "to its end");
	buf_clear(&b);
}

static void test_arena(void)
{
	struct arena *a = arena_new();
	char *first = arena_alloc(a, 100);
	bool aligned = true;

	arena_reset(a);
	ok(arena_str(a, "first") == first, "a reset makes an arena's memory free again");
	for (size_t n = 0; n < 3000; n++)
		aligned &= (uintptr_t)arena_calloc(a, n, 1) % sizeof(void *) == 0;
	ok(aligned, "arena memory is aligned");
	is(first, "first", "and stays where it is while the arena grows");
	arena_reset(a);
	is(arena_dup(a, "xyz", 2), "xy", "an arena can be used again after a reset");
	arena_free(a);
}

static void check_duration(const char *text, int64_t want_ms)
{
	int64_t ns = -1 * NSEC_PER_MSEC;

	units_duration(text, &ns);
	is_int(ns / NSEC_PER_MSEC, want_ms, "duration '%s'", text);
}

static void check_size(const char *text, int64_t want)
{
	uint64_t n = UINT64_MAX;

	units_size(text, &n);
	is_int(n, want, "size '%s'", text);
}

static void test_units(void)
{
	check_duration("0.5", 500);
	check_duration("30s", 30000);
	check_duration("1m30s", 90000);
	check_duration("2h", 7200000);
	check_duration("1d3.5h", 99000000);
	check_duration("200ms", 200);
	check_duration("", -1);
	check_duration("1x", -1);
	check_duration("-1", -1);
	check_duration("1m30", -1);
	check_duration(".", -1);
	check_duration("99999999999999999999", INT64_MAX / NSEC_PER_MSEC);
	check_duration("9223372036.9", INT64_MAX / NSEC_PER_MSEC);
	check_duration("106751d99999d", INT64_MAX / NSEC_PER_MSEC);
	check_duration("99999999999999999999x", -1);
	check_size("4096", 4096);
	check_size("64K", 65536);
	check_size("64k", 64000);
	check_size("1.5M", 1572864);
	check_size("K", -1);
	check_size("1KK", -1);
	check_size("", -1);
	check_size("99999999999999999999", -1);
	check_size("9000000T", -1);
}

static void test_width(void)
{
	is_int(width_columns(bytes_str("abc")), 3, "width of ASCII");
	is_int(width_columns(bytes_str("h\xc3\xa4")), 2, "width of an umlaut");
	is_int(width_columns(bytes_str("\xe6\x97\xa5\xe6\x9c\xac")), 4, "width of CJK");
	is_int(width_columns(bytes_str("\xff\xfe")), 2, "a bad byte takes a column");
	is_int(width_columns(bytes_str("\xe2\x9d\xa4\xef\xb8\x8f")), 2,
	       "a heart with an emoji selector takes two columns");
	is_int(width_columns(bytes_str("\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa")), 2,
	       "a flag of two letters takes two");
	is_int(width_columns(bytes_str("e\xcc\x81")), 1, "a combining accent takes none");
	is_int(width_fit(bytes_str("a\xe6\x97\xa5z"), 2), 1,
	       "a text is not cut inside a wide character");
}

static void keep(void *arg, struct bytes text)
{
	buf_addb(arg, text);
}

static void test_messages(void)
{
	struct buf said = BUF_INIT;
	struct err err;
	bool told = false;

	msg_set_writer(keep, &said);
	msg_print("a\x1b[31m%s", "b");
	msg_once(&told, "once");
	msg_once(&told, "twice");
	msg_set_writer(NULL, NULL);
	is(buf_cstr(&said), "volley: a\\x1b[31mb\nvolley: once\n",
	   "messages have a prefix, no control characters, and can be said once");
	buf_clear(&said);

	err_set(&err, "a\nb\tc\rd\033e\177f\xc2\x9bg\xc3\xa9\xff%s", "\1");
	is(err.text, "a\\nb\\tc\\rd\\x1be\\x7ff\\xc2\\x9bg\xc3\xa9\xff\\x01",
	   "errors have no control characters");
	errno = ENOENT;
	is_int(err_sys(&err, "cannot open '%s'", "x"), -1, "an error returns -1");
	is(err.text, "cannot open 'x': No such file or directory",
	   "and names object and reason");
	err_usage(&err, "no");
	is_int(err.status, STATUS_USAGE, "a usage error has its own status");
}

static void test_rest(void)
{
	struct strv v = STRV_INIT;
	struct link head, one, two;
	int64_t now = 42;

	strv_add(&v, "a");
	strv_add(&v, "b");
	ok(v.n == 2 && v.v[2] == NULL, "a string vector ends with NULL");
	strv_clear(&v);

	list_init(&head);
	list_append(&head, &one);
	list_append(&head, &two);
	list_remove(&one);
	ok(head.next == &two && head.prev == &two, "a list gives up an element");
	list_remove(&two);
	ok(list_empty(&head), "until it is empty");

	is_int(clock_after(40, 2), 42, "a time is a time and a delay");
	ok(clock_after(INT64_MAX - 1, 1) == INT64_MAX &&
	       clock_after(INT64_MAX - 1, 2) == INT64_MAX &&
	       clock_after(2, INT64_MAX) == INT64_MAX,
	   "and never beyond the end of time");
	clock_fake(&now);
	is_int(clock_mono(), 42, "a test can set the clock");
	ok(clock_in(8) == 50 && clock_in(INT64_MAX) == INT64_MAX, "a delay counts from now");
	clock_pause();
	now = 50;
	is_int(clock_mono(), 42, "a paused clock does not advance");
	clock_resume();
	is_int(clock_mono(), 42, "and continues from there");
	now = 55;
	ok(clock_mono() == 47 && clock_wall() == 55,
	   "later than that, but for the wall clock");
	clock_fake(NULL);
	ok(clock_mono() != 42, "and give the real one back");
}

int main(void)
{
	test_buf();
	test_arena();
	test_units();
	test_width();
	test_messages();
	test_rest();
	return done_testing();
}
