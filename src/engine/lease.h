/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_LEASE_H
#define ENGINE_LEASE_H

/* The controlling terminal, lent to one task at a time (--debug). */

#include <stdbool.h>
#include <sys/types.h>

struct lease {
	int fd;	   /* the terminal; -1: none, or not needed yet */
	bool lent; /* a task's process group is its foreground */
};

#define LEASE_INIT {-1, false}

/* Is it ours to lend?  Not while volley runs in the background. */
bool lease_possible(struct lease *l);

/* Make the group the foreground, if that is possible. */
void lease_give(struct lease *l, pid_t group);

/* Make volley's own group the foreground again, if the terminal is lent. */
void lease_end(struct lease *l);

/* Close the terminal. */
void lease_clear(struct lease *l);

#endif
