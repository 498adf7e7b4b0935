/* SPDX-License-Identifier: ISC */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

/* --retries: which results are tried again, and when.  Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "output/outcome.h"

struct retry_rules {
	uint64_t tries;	   /* in total; 1: no retry; UINT64_MAX: without end */
	int64_t delay_ns;  /* before the first retry; doubles with each */
	int64_t max_ns;	   /* and is never more than this; 0: no bound */
	bool listed;	   /* only what is listed below (--retry-on) */
	bool on_exit, on_timeout, on_signal, on_lost;
	bool on_code[256]; /* these exit statuses */
};

/* "DUR" or "DUR,MAX". -1 with a usage error. */
int retry_parse_delay(struct retry_rules *r, const char *text, struct err *err);

/* "exit,timeout,signal,lost,75,100-102".  -1 with a usage error. */
int retry_parse_on(struct retry_rules *r, const char *text, struct err *err);

/* Is a job that has just failed to be tried again?  tries: how many it may have
 * in total. */
bool retry_wanted(const struct retry_rules *r, const struct outcome *o, uint64_t tries);

/* How long to wait before the next try: the doubled delay, by chance up to a
 * quarter more or less, so that jobs that failed together do not come back
 * together.  random: any number. */
int64_t retry_delay(const struct retry_rules *r, unsigned tries_done, uint64_t random);

#endif
