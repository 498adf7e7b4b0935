/* SPDX-License-Identifier: ISC */
#ifndef CLI_ARGV_H
#define CLI_ARGV_H

/* The command line, as a list of given options. */

#include "base/buf.h"
#include "base/err.h"
#include "cli/given.h"

/* Fills the list, which is empty and points into argv from then on.  -1 with a usage
 * error. */
int argv_parse(struct given_list *l, int argc, char *const *argv, struct err *err);

/* The same command line again, in two parts between which more options may go, each word
 * quoted for a shell: for messages that say how to rerun something.  without: the name
 * of an option that is left out. */
void argv_again(const struct given_list *l, const char *without, struct buf *before,
		struct buf *after);

#endif
