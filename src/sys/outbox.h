/* SPDX-License-Identifier: ISC */
#ifndef SYS_OUTBOX_H
#define SYS_OUTBOX_H

/* Text on its way to an inherited descriptor whose reader may be slow or stopped.
 *
 * What is added is written at once as far as the descriptor takes it, in one write if
 * it can be; the rest waits, in order, and goes out from the loop, by whole lines.
 * Nothing blocks and nothing is dropped until outbox_free, which waits for the reader.
 * The outbox has no limit: callers check outbox_waiting, and pause. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "sys/loop.h"

struct outbox;

/* fd stays the caller's.  drained(arg) is called from the loop, when all that had to
 * wait is written. */
struct outbox *outbox_new(struct loop *loop, int fd, loop_call_fn drained, void *arg);

/* Write what waits, for as long as that takes; once it is in a hurry, or a signal that
 * ends the run is pending, only for a moment.  False: some was given up. */
bool outbox_free(struct outbox *o); /* NULL is allowed */

/* From the time at (of clock_mono) on it is in a hurry. */
void outbox_hurry(struct outbox *o, int64_t at);

void outbox_add(struct outbox *o, struct bytes text);

/* Bytes that still wait, after another try. */
size_t outbox_waiting(struct outbox *o);

#endif
