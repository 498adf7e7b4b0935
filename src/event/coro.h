/* SPDX-License-Identifier: ISC */
#ifndef EVENT_CORO_H
#define EVENT_CORO_H

/* A coroutine: a function on a stack of its own that runs in turns with its
 * caller, to call a library that pulls its input from code that is pushed to.
 *
 * It is made of a thread, but the two never run at once: each waits while the
 * other has its turn, so they share data without locks.  All signals are
 * blocked in it.  The stack is small: no deep recursion. */

#include <stdbool.h>

#include "base/err.h"

struct coro;

typedef void (*coro_fn)(struct coro *c, void *arg);

/* fn(c, arg) begins at the first resume.  NULL with err when no thread
 * can be created. */
struct coro *coro_new(coro_fn fn, void *arg, struct err *err);

/* Give the turn to fn until it yields or returns; false: it has returned, and
 * may not be resumed again. */
bool coro_resume(struct coro *c);

/* In fn: give the turn back until the next resume. */
void coro_yield(struct coro *c);

/* NULL is allowed.  fn must have returned, or never been resumed. */
void coro_free(struct coro *c);

#endif
