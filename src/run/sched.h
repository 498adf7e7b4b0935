/* SPDX-License-Identifier: ISC */
#ifndef RUN_SCHED_H
#define RUN_SCHED_H

/* The scheduler: pulls events, makes jobs of them, starts them while there are
 * places, and sees each through to its retirement.
 *
 * It owns all jobs and all their state changes, and makes no system calls of its own: its
 * engine may be a simulation and its clock a fake. */

#include "run/run.h"

struct sched;

/* cfg's pointers must outlive the scheduler. */
struct sched *sched_new(const struct sched_config *cfg);
void sched_free(struct sched *s); /* NULL is allowed; only after the run */

/* Begin; the loop is stopped when the run is over. */
void sched_start(struct sched *s);

/* End the run now, because of this signal: start nothing more, end what runs by
 * the termination sequence.  Called again it kills at once. */
void sched_interrupt(struct sched *s, int signo);

/* Start no more jobs; the run ends when those that run have ended. */
void sched_drain(struct sched *s);

/* Send a signal to all running jobs: SIGTSTP, SIGCONT. */
void sched_signal_all(struct sched *s, int signo);

/* How many jobs may run from now on, at least 1. */
void sched_set_slots(struct sched *s, unsigned slots);

/* Print how many jobs run, which, and for how long. */
void sched_print(const struct sched *s);

const struct run_state *sched_state(const struct sched *s);

/* The signal that volley should die of: the one that ended the run, SIGPIPE if its reader
 * is gone; 0: none. */
int sched_signal(const struct sched *s);

/* What volley exits with (enum status, or the number of failed jobs). */
int sched_exit_status(const struct sched *s);

#endif
