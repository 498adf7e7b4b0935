/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_RECORD_H
#define OUTPUT_RECORD_H

/* What is told about one finished job, as plain data: sinks write it down.
 *
 * Whoever fills it (run/job_record.c) owns what it points to. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "event/event.h"

struct record {
	uint64_t seq;
	const struct event *const *events; /* one, or a batch of them */
	size_t nevents;
	bool batched;	      /* this is a batch, even if of one */
	struct bytes event;   /* the same as JSON: see record_event_json */
	struct bytes command; /* as a self-contained shell line */
	const char *status;   /* ok failed signal timeout not-started lost stopped */
	int exit;	      /* -1: it has none */
	int signal;	      /* 0: it died of none */
	unsigned try, slot;
	int64_t start; /* ns since 1970 */
	int64_t runtime; /* ns */
	bool truncated;
};

/* Append the events of a job as one JSON value: a mapping as an object, a value
 * as a string (or bare, as its kind says), several items as an array; a batch of
 * events as an array of these. */
void record_event_json(struct buf *b, const struct record *r);

/* Times as sinks write them: seconds with three decimals. */
void record_add_time(struct buf *b, int64_t ns);

#endif
