/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <sys/resource.h>

#include "engine/engine.h"
#include "run/limits.h"
#include "scratch.h"
#include "tap.h"

static const struct {
	const char *text;
	unsigned want; /* on 8 CPUs, with 500 at most; 0: refused */
} cases[] = {
    {"1", 1},	   {"8", 8},	   {"007", 7},	   {"600", 600},  {"0", 500},
    {"00", 500},   {"100000", 16384}, {"100%", 8}, {"50%", 4},	  {"0%", 1},
    {"1%", 1},	   {"19%", 2},	   {"1000%", 80},  {"+2", 10},	  {"+0", 8},
    {"-0", 8},	   {"-1", 7},	   {"-7", 1},	   {"-8", 1},	  {"-100", 1},
    {"", 0},	   {"+", 0},	   {"-", 0},	   {"%", 0},	  {"-%", 0},
    {"x", 0},	   {"8x", 0},	   {" 8", 0},	   {"8 ", 0},	  {"1.5", 0},
    {"3/2", 0},	   {"--1", 0},	   {"+-1", 0},	   {"+50%", 0},	  {"50%%", 0},
    {"0x8", 0},	   {"1000001", 0}, {"18446744073709551617", 0},
    {"99999999999999999999999999999999999999", 0},
};

/* What is the most with these limits on files (hard) and processes? */
static unsigned most_with(rlim_t files, rlim_t processes)
{
	struct rlimit old_files, old_processes, limit;
	unsigned most;

	getrlimit(RLIMIT_NOFILE, &old_files);
	getrlimit(RLIMIT_NPROC, &old_processes);
	limit = old_processes;
	limit.rlim_cur = processes;
	setrlimit(RLIMIT_NPROC, &limit);
	limit = (struct rlimit){files / 2, files};
	setrlimit(RLIMIT_NOFILE, &limit);
	most = limits_most_jobs();
	setrlimit(RLIMIT_NOFILE, &old_files); /* not for other users than root */
	setrlimit(RLIMIT_NPROC, &old_processes);
	return most;
}

static unsigned take_lowest(struct slots *s)
{
	unsigned slot = slots_lowest(s);

	if (slot > 0)
		slots_take(s, slot);
	return slot;
}

static void test_set(void)
{
	struct slots s = {0};
	bool ascend = true;

	is_int(slots_lowest(&s), 0, "an empty set has no slot");
	slots_resize(&s, 130);
	for (unsigned i = 1; i <= 130; i++)
		ascend = ascend && take_lowest(&s) == i;
	ok(ascend, "slots are numbered from 1");
	for (unsigned slot = 128; slot >= 64; slot -= 64) {
		slots_give(&s, slot);
		is_int(take_lowest(&s), slot, "a slot that is given back is free again");
	}
	slots_give(&s, 100);
	slots_give(&s, 7);
	is_int(take_lowest(&s), 7, "the lowest one is taken first");
	slots_resize(&s, 300);
	is_int(take_lowest(&s), 100, "resizing keeps what is free");
	for (unsigned i = 131; i <= 300; i++)
		ascend = ascend && take_lowest(&s) == i;
	ok(ascend, "and adds free ones");
	is_int(take_lowest(&s), 0, "when all are taken there is no free slot");
	slots_resize(&s, 10);
	slots_give(&s, 300);
	slots_give(&s, 3);
	is_int(take_lowest(&s), 0, "a smaller size takes none away, and gives none");
	for (unsigned i = 11; i < 300; i++)
		slots_give(&s, i);
	is_int(take_lowest(&s), 3, "until few enough are taken");
	slots_clear(&s);
}

int main(void)
{
	struct err err;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *text = cases[i].text;
		unsigned slots = 0;
		int result = limits_parse_jobs(text, 8, 500, &slots, &err);

		if (cases[i].want > 0)
			ok(result == 0 && slots == cases[i].want, "-j '%s' is %u", text,
			   cases[i].want);
		else
			ok(result < 0 && err.status == STATUS_USAGE, "-j '%s' is refused",
			   text);
	}
	test_set();
	is_int(limits_most_jobs() >= 1, 1, "there is always a most");
	if (under_valgrind()) {
		ok(true, "the limits on files and processes # SKIP valgrind has its own");
		return done_testing();
	}
	is_int(most_with(1024, 100000), 480, "two pipes per job must fit the hard limit");
	is_int(most_with(1024, 100), 50, "and two processes the soft one");
	is_int(most_with(1024, 1), 1, "but it is at least 1");
	is_int(most_with(70, 100000), 3, "however little there is");
	is_int(most_with(63, 100000), 1, "or less than that");
	return done_testing();
}
