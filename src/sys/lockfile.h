/* SPDX-License-Identifier: ISC */
#ifndef SYS_LOCKFILE_H
#define SYS_LOCKFILE_H

/* One run at a time. */

#include <stdint.h>

#include "base/err.h"

/* Lock the file (created if missing), waiting up to wait_ns for the process that
 * holds it.  The lock is held until the process ends, or the last that has forked
 * from it and keeps lockfile_held open; programs that are executed do not.  -1 with
 * err, whose status is STATUS_LOCKED when another run holds it. */
int lockfile_take(const char *path, int64_t wait_ns, struct err *err);

/* The descriptor that holds the lock; -1: there is none. */
int lockfile_held(void);

#endif
