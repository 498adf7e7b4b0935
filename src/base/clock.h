/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* The only reader of the system's clocks, so that tests can replace them. */

#include <stdint.h>

#define NSEC_PER_SEC INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)

/* Nanoseconds of a clock that never jumps, and stops while it is paused; its
 * zero means nothing. */
int64_t clock_mono(void);

/* Around a time that is not to count, because volley and its jobs do nothing. */
void clock_pause(void);
void clock_resume(void);

/* from + delay (not negative); INT64_MAX, which never comes, when that is too far. */
int64_t clock_after(int64_t from, int64_t delay);

/* The same, from now: the clock_mono time at which a delay ends. */
int64_t clock_in(int64_t delay);

/* Nanoseconds since 1970 (UTC). */
int64_t clock_wall(void);

/* Tests: from now on both clocks read *ns.  NULL gives the real ones back.  No pause
 * counts any more. */
void clock_fake(const int64_t *ns);

#endif
