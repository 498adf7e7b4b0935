/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_RELAY_H
#define ENGINE_RELAY_H

/* Passes on what a process writes to its stderr: as messages, by whole lines, and not
 * while too many messages wait for the reader of volley's own stderr. */

#include "base/buf.h"
#include "sys/loop.h"

struct relay {
	struct loop *loop;
	void (*failed)(void *arg); /* fd cannot be watched; with errno */
	void *arg;

	/* Its own. */
	int fd; /* -1: closed */
	struct loop_fd watch;
	struct loop_timer later;
	struct buf line; /* that is not complete */
};

/* loop, failed and arg are set, the rest is zero. */
void relay_init(struct relay *r);
void relay_clear(struct relay *r);

/* Takes the nonblocking descriptor. */
void relay_open(struct relay *r, int fd);

/* The process has ended: pass on the rest, and close the descriptor. */
void relay_finish(struct relay *r);

/* Close the descriptor, if it is open. */
void relay_close(struct relay *r);

#endif
