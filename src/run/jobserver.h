/* SPDX-License-Identifier: ISC */
#ifndef RUN_JOBSERVER_H
#define RUN_JOBSERVER_H

/* A client of make's jobserver (GNU make manual, "Sharing Job Slots with GNU
 * make"): inside make, all jobs of all programs together take no more slots than
 * make -j has.
 *
 * One slot is volley's own from the start; each further running job needs a byte
 * from make's pipe, and the same byte is written back when that job ends. */

#include <stdbool.h>

#include "base/buf.h"
#include "run/run.h"
#include "sys/loop.h"

enum jobserver_kind {
	JOBSERVER_NONE,	  /* not inside a parallel make */
	JOBSERVER_THERE,
	JOBSERVER_CLOSED, /* make has one, which cannot be used here: see why */
};

struct jobserver {
	enum jobserver_kind kind;
	const char *why; /* CLOSED: the reason, a phrase */
	unsigned slots;	 /* make's -jN; 0: not said */
	bool dry_run;	 /* make -n */
	struct loop *loop; /* the caller sets it before the gate is asked */

	/* Its own. */
	int read_fd;  /* a description of our own, non-blocking; -1: not THERE */
	int write_fd; /* make's, or the same FIFO */
	struct loop_fd watch;
	struct buf tokens; /* the bytes that are held */
	loop_call_fn ready;
	void *ready_arg;
	bool told; /* warned that its slots cannot be waited for */
};

/* Read $MAKEFLAGS (or NULL), and open the jobserver that it names.  Call before other
 * files are opened: a descriptor that make has closed would soon be one of those. */
void jobserver_probe(struct jobserver *j, const char *makeflags);

/* Give all tokens back, before the loop is freed. */
void jobserver_close(struct jobserver *j);

/* arg: the struct jobserver, which is THERE. */
extern const struct gate jobserver_gate;

#endif
