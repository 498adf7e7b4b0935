/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/msg.h"
#include "run/limits.h"
#include "scratch.h"
#include "tap.h"

static int messages;

static void note_message(void *arg, struct bytes text)
{
	(void)arg;
	messages++;
	printf("# %.*s", (int)text.len, text.p);
}

static void test_memory(void)
{
	struct limits l = {.root = scratch, .memfree = UINT64_MAX};

	ok(!limits_allow(&l, 0), "not enough memory holds starts back");
	is_int(messages, 0, "a short wait is not reported");
	for (int i = 0; i < 5; i++)
		limits_allow(&l, 0);
	is_int(messages, 1, "but when no job runs, the reason is reported once");
	l.memfree = 4096 * 1024;
	ok(limits_allow(&l, 0), "enough memory does not hold");
	l.memfree++;
	ok(!limits_allow(&l, 0), "a byte less does");
}

static void test_own_jobs(void)
{
	struct limits l = {.root = scratch, .memfree = UINT64_MAX};

	messages = 0;
	for (int i = 0; i < 10; i++)
		limits_allow(&l, 2);
	is_int(messages, 0, "while jobs run, nothing is reported");
}

/* So many processes run or want to, the one that looks among them. */
static void set_running(unsigned n)
{
	char text[64];

	snprintf(text, sizeof text, "0.10 0.20 0.30 %u/345 6789\n", n);
	scratch_file("proc/loadavg", text, 0644);
}

static void test_load(void)
{
	struct limits l = {.root = scratch, .load = 4};

	set_running(4);
	ok(limits_allow(&l, 0), "three others are fewer than four");
	set_running(5);
	ok(!limits_allow(&l, 1), "four are not");
	set_running(0);
	ok(limits_allow(&l, 0), "no number at all holds nothing back");
	l.root = "/nonexistent";
	ok(limits_allow(&l, 0), "a missing /proc does not hold jobs back, either");
}

static void test_message(void)
{
	struct limits l = {.root = scratch, .load = 1};

	messages = 0;
	for (int i = 0; i < 3; i++) {
		set_running(9);
		limits_allow(&l, 0);
		limits_allow(&l, 0);
		set_running(1);
		ok(limits_allow(&l, 0), "a start is let in between");
	}
	is_int(messages, 0, "only refusals in a row are worth a message");
	set_running(9);
	for (int i = 0; i < 3; i++)
		limits_allow(&l, 0);
	is_int(messages, 1, "three are");
}

/* The kernel's own files have the form that is expected. */
static void test_real(void)
{
	struct limits l = {.root = "", .load = 1000000, .memfree = 1};

	ok(limits_allow(&l, 0), "this machine runs fewer than a million processes");
	l.memfree = UINT64_MAX - 2048;
	ok(!limits_allow(&l, 0), "and has less memory than can be counted");
}

int main(void)
{
	msg_set_writer(note_message, NULL);
	scratch_make();
	scratch_file("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:   4096 kB\n", 0644);
	test_memory();
	test_own_jobs();
	test_load();
	test_message();
	test_real();
	scratch_remove();
	return done_testing();
}
