/* SPDX-License-Identifier: ISC */
#ifndef SYS_TERMINAL_H
#define SYS_TERMINAL_H

/* The terminal on stderr and the one status line that may be shown on it.
 *
 * Every write to that terminal, of job output or a message, is announced before and
 * after, so that the status line is erased before it and drawn again in the next turn
 * of the loop.  The terminal may be slow or stopped; then output comes in pieces, and
 * nothing may be written in between. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "sys/loop.h"

struct terminal;

struct terminal_status {
	void (*erase)(void *arg); /* take the line off the screen, if it is there */
	void (*draw)(void *arg);  /* put it back */
	void *arg;
};

/* fd: normally 2, which need not be a terminal.  Installs itself as the writer of
 * messages: they never block the loop, but msg_is_full may say that too many wait. */
struct terminal *terminal_new(struct loop *loop, int fd);

/* Writes what waits, see outbox_free.  False: some was given up. */
bool terminal_free(struct terminal *t); /* NULL is allowed */

/* From then on (clock_mono) messages that are not taken are soon given up. */
void terminal_hurry(struct terminal *t, int64_t at);

bool terminal_is_tty(const struct terminal *t);

/* True when fd leads to the same place (but a regular file), so that what is
 * written there must not be mixed with messages, and moves the cursor that the
 * status line depends on. */
bool terminal_shares(const struct terminal *t, int fd);

/* Columns of the window now; 0 when it does not say. */
unsigned terminal_columns(const struct terminal *t);

/* At most one status line at a time; NULL: none from now on. */
void terminal_set_status(struct terminal *t, const struct terminal_status *status);

/* May the status line be drawn on?  Not while it has made way, or the terminal
 * has not taken its last drawing yet; show_status draws it if it may. */
bool terminal_is_busy(struct terminal *t);
void terminal_show_status(struct terminal *t);

/* What will follow what others have written. */
enum terminal_rest {
	TERMINAL_END,  /* nothing: an unfinished line may be ended */
	TERMINAL_OPEN, /* perhaps more of the line: the status line must wait */
	TERMINAL_MORE, /* more, as soon as there is room: so must messages */
};

/* Around writes of others to the terminal.  before: false when it takes nothing
 * now; wait until it does, and ask again.  after: last is the last byte written,
 * or -1 when none was. */
bool terminal_before_output(struct terminal *t);
void terminal_after_output(struct terminal *t, int last, enum terminal_rest rest);

/* After TERMINAL_OPEN: no, nothing follows. */
void terminal_close_line(struct terminal *t);

/* Around a stop of volley itself, during which other programs use the terminal. */
void terminal_leave(struct terminal *t);
void terminal_return(struct terminal *t);

/* Others will write no more, even if they have announced more. */
void terminal_end_output(struct terminal *t);

/* Write the status line's own text.  What the terminal will not take at once
 * (its user pressed Ctrl-S) waits. */
void terminal_write(struct terminal *t, struct bytes text);

#endif
