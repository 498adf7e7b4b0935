/* SPDX-License-Identifier: ISC */
#ifndef BASE_MSG_H
#define BASE_MSG_H

/* What volley says to its user: lines "volley: ..." on stderr.
 *
 * Each message goes out in one write, so that lines of several programs do not mix.  A
 * progress bar on the same terminal must be erased first: the module that draws one
 * installs a writer. */

#include <stdbool.h>

#include "base/bytes.h"

typedef void (*msg_write_fn)(void *arg, struct bytes text);

/* Send messages to fn from now on; NULL: to stderr. */
void msg_set_writer(msg_write_fn fn, void *arg);

/* Are too many messages waiting for their reader?  Then what can wait should, as new
 * jobs do.  fn answers; NULL: no. */
typedef bool (*msg_full_fn)(void *arg);
void msg_set_full(msg_full_fn fn, void *arg);
bool msg_is_full(void);

/* Print "volley: " + text + newline; control characters in the text (a name
 * from outside may hold them) come out as \xHH, newline and tab as they are. */
void msg_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, but only the first time, which *told records. */
void msg_once(bool *told, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print text as it is: lists and usage, which have no prefix. */
void msg_raw(struct bytes text);

#endif
