/* SPDX-License-Identifier: ISC */
#ifndef SYS_LOCKFILE_H
#define SYS_LOCKFILE_H

/* One run at a time. */

#include <stdint.h>

#include "base/err.h"

/* Lock the file (made when it is not there), waiting up to wait_ns for whoever
 * holds it.  Returns a descriptor that holds the lock until it is closed or the
 * process ends; jobs do not inherit it.  -1 with err, whose status is
 * STATUS_LOCKED when another run holds it. */
int lockfile_take(const char *path, int64_t wait_ns, struct err *err);

#endif
