/* SPDX-License-Identifier: ISC */
#ifndef SYS_TERMINAL_H
#define SYS_TERMINAL_H

/* The terminal on stderr and the one status line that may stand on it.
 *
 * Whoever writes to that terminal, be it job output or a message, says so
 * before and after, so that the status line is out of the way: erased before,
 * drawn again when the loop comes round. */

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
 * messages. */
struct terminal *terminal_new(struct loop *loop, int fd);
void terminal_free(struct terminal *t); /* NULL is allowed */

/* The end has been asked for: messages that nobody takes are soon given up. */
void terminal_hurry(struct terminal *t);

bool terminal_is_tty(const struct terminal *t);

/* True when fd is the very same terminal, so that writing there moves the
 * cursor that the status line depends on. */
bool terminal_shares(const struct terminal *t, int fd);

/* Columns of the window now; 0 when it does not say. */
unsigned terminal_columns(const struct terminal *t);

/* At most one status line at a time; NULL: none from now on. */
void terminal_set_status(struct terminal *t, const struct terminal_status *status);

/* Has the status line made way, and waits to be drawn again?  Then draw nothing
 * over what others have written; show_status draws it at once. */
bool terminal_is_hidden(const struct terminal *t);
void terminal_show_status(struct terminal *t);

/* Around writes of others to the terminal.  last is the last byte written. */
void terminal_before_output(struct terminal *t);
void terminal_after_output(struct terminal *t, char last);

/* Make a process group the terminal's foreground one; nothing when fd is no
 * terminal of ours.  May be called from the background. */
void terminal_give(int fd, pid_t group);

/* Write the status line's own text.  What the terminal will not take at once
 * (its user pressed Ctrl-S) is dropped: the next drawing replaces it. */
void terminal_write(struct terminal *t, struct bytes text);

#endif
