/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/bytes.h"
#include "tap.h"

static void check(const char *word, const char *want)
{
	static const char *const names[] = {"jobs",  "job-log", "only", "run", "keep-order",
					    "shell", "jots"};
	struct suggestion s;

	suggest_begin(&s, bytes_str(word));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		suggest_try(&s, names[i]);
	is(s.best != NULL ? s.best : "nothing", want, "'%s' is near '%s'", word, want);
}

int main(void)
{
	check("jobs", "jobs");
	check("jbos", "jobs");
	check("rnu", "run"); /* two that changed places are one change */
	check("job", "jobs");
	check("jobss", "jobs");
	check("jods", "jobs"); /* as near to jots, which is later */
	check("keep_order", "keep-order");
	check("kep-ordre", "keep-order");
	check("kee", "keep-order");
	check("she", "shell");
	check("job-", "job-log"); /* and not jobs, which is near */
	check("x", "nothing");
	check("", "nothing");
	check("ro", "nothing");
	check("frobnicate", "nothing");
	check("keep-order-and-much-more-than-that-until-it-is-long", "nothing");
	return done_testing();
}
