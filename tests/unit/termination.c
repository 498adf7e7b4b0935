/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>
#include <stdio.h>

#include "run/policy.h"
#include "tap.h"

static const char *parsed(const char *text)
{
	static char out[512];
	struct termination t;
	struct err err;
	size_t at = 0;

	if (termination_parse(text, &t, &err) < 0)
		return err.status == STATUS_USAGE ? "refused" : "a wrong status";
	for (unsigned i = 0; i < t.n; i++)
		at += (size_t)snprintf(out + at, sizeof out - at, "%d:%d ",
				       t.steps[i].signo, t.steps[i].wait_ms);
	return out;
}

int main(void)
{
	static const char *const bad[] = {"", ",", "TERM,x", "NOPE,5", "0,5", "999,5",
					  "TERM,-1", "TERM,3600001", "5.5,1",
					  ("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
					   "1,1,1,1,1,1,1,1,1,1,1")};

	is(parsed("TERM,200,TERM,100,TERM,50,KILL,25"), "15:200 15:100 15:50 9:25 ",
	   "GNU parallel's own");
	is_int(termination_default.n, 4, "is the default");
	is_int(termination_default.steps[3].signo, SIGKILL, "which ends with KILL");
	is(parsed("INT"), "2:0 ", "the last wait may be left out");
	is(parsed("SIGINT,1000,sigterm,5,9"), "2:1000 15:5 9:0 ",
	   "names with SIG, in any case, and numbers");
	is(parsed("TERM,3600000"), "15:3600000 ", "a wait of an hour is the longest");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		is(parsed(bad[i]), "refused", "refuses '%s'", bad[i]);
	return done_testing();
}
