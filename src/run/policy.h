/* SPDX-License-Identifier: ISC */
#ifndef RUN_POLICY_H
#define RUN_POLICY_H

/* The user's rules for a run, and what follows from them: whether the results so far
 * end the run (--halt), whether a result is tried again and when (--retries), by which
 * signals a job is ended (--termseq), and what the median run time is (--timeout N%).
 * Nothing here has state of its own, reads a clock or makes a system call. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "output/outcome.h"

/* --- halt */

enum halt_when { HALT_NEVER, HALT_SOON, HALT_NOW };
enum halt_why { HALT_FAIL, HALT_SUCCESS, HALT_DONE };

struct halt {
	enum halt_when when;
	enum halt_why why;
	uint64_t count; /* how many results; or with percent: how many in 100 */
	bool percent;	/* of the jobs that have finished, from the third on */
};

/* GNU parallel's grammar: never; (now|soon),(fail|success|done)=(N|N%); and its
 * old forms 0 1 2 -1 -2 N%.  -1 with a usage error. */
int halt_parse(const char *text, struct halt *halt, struct err *err);

/* Do these results call for the halt? */
bool halt_reached(const struct halt *halt, uint64_t ok, uint64_t failed);

/* --- retries */

enum { RETRY_RESULTS = JOB_REFUSED + 1 };

struct retry_rules {
	uint64_t tries;	   /* in total; 1: no retry; UINT64_MAX: without end */
	int64_t delay_ns;  /* before the first retry; doubles with each */
	int64_t max_ns;	   /* and is never more than this; 0: no bound */
	bool listed;	   /* only the results below (--retry-on) */
	bool on[RETRY_RESULTS]; /* by enum job_status */
	bool on_code[256]; /* these exit statuses */
};

/* "DUR" or "DUR,MAX". -1 with a usage error. */
int retry_parse_delay(struct retry_rules *r, const char *text, struct err *err);

/* "exit,timeout,signal,lost,75,100-102".  -1 with a usage error. */
int retry_parse_on(struct retry_rules *r, const char *text, struct err *err);

/* Should a failed job be tried again? tries: how many it may have in total. */
bool retry_wanted(const struct retry_rules *r, const struct outcome *o, uint64_t tries);

/* How long to wait before the next try: the doubled delay, changed at random by up to
 * a quarter, so that jobs that failed together do not come back together.  random:
 * any number. */
int64_t retry_delay(const struct retry_rules *r, unsigned tries_done, uint64_t random);

/* --- termination */

enum { TERMINATION_MAX_STEPS = 16 };

struct termination {
	struct termination_step {
		int signo, wait_ms;
	} steps[TERMINATION_MAX_STEPS];
	unsigned n; /* at least 1 */
};

/* TERM,200,TERM,100,TERM,50,KILL,25: as GNU parallel. */
extern const struct termination termination_default;

/* "SIGNAL,MS,SIGNAL,MS,..."; names with or without SIG, or numbers; the last MS
 * may be left out. -1 with a usage error. */
int termination_parse(const char *text, struct termination *t, struct err *err);

/* --- median of recent run times, in constant memory */

enum { MEDIAN_KEEPS = 255, MEDIAN_FROM = 3 };

struct median {
	int64_t recent[MEDIAN_KEEPS];
	uint64_t added;
};

void median_add(struct median *m, int64_t value);

/* The median of the last 255 values; -1 while there are fewer than 3. */
int64_t median_get(const struct median *m);

/* That percentage of the median; INT64_MAX if it does not fit; 0 while there is no
 * median. */
int64_t median_percent(const struct median *m, unsigned percent);

#endif
