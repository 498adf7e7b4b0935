/* SPDX-License-Identifier: ISC */
#ifndef SYS_LOCKFILE_H
#define SYS_LOCKFILE_H

/* A lock file, so that only one run at a time has it.  One lock per process; the module
 * keeps its descriptor until the process ends. */

#include <stdint.h>

#include "base/err.h"

/* Lock the file (created if missing), waiting up to wait_ns for the process that holds
 * it.  The lock is held until the process has ended, and every process forked from it
 * that keeps lockfile_held open; executed programs do not inherit it.  -1 with err,
 * whose status is STATUS_LOCKED when another run holds it. */
int lockfile_take(const char *path, int64_t wait_ns, struct err *err);

/* The descriptor that holds the lock; -1: no lock. */
int lockfile_held(void);

#endif
