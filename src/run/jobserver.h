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

#include "base/err.h"
#include "run/gates.h"
#include "sys/loop.h"

enum jobserver_kind {
	JOBSERVER_NONE,	  /* not inside a parallel make */
	JOBSERVER_THERE,
	JOBSERVER_CLOSED, /* make has one, which cannot be used here: see why */
};

/* What MAKEFLAGS says. */
struct jobserver_env {
	enum jobserver_kind kind;
	int read_fd, write_fd; /* inherited; -1 when there is a path */
	const char *path;      /* of a FIFO; points into MAKEFLAGS; to its end or blank */
	const char *why;       /* CLOSED: the reason, a phrase */
	unsigned slots;	       /* make's -jN; 0: not said */
	bool dry_run;	       /* make -n */
};

/* Call first of all: a descriptor that make has closed would soon be one of our
 * own files.  makeflags: $MAKEFLAGS or NULL. */
void jobserver_probe(struct jobserver_env *env, const char *makeflags);

struct jobserver;

/* env->kind must be JOBSERVER_THERE.  NULL with err. */
struct jobserver *jobserver_open(const struct jobserver_env *env, struct loop *loop,
				 struct err *err);

/* Gives all tokens back. */
void jobserver_close(struct jobserver *j); /* NULL is allowed */

/* arg of the gate: the struct jobserver. */
extern const struct gate_ops jobserver_gate;

#endif
