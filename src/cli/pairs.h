/* SPDX-License-Identifier: ISC */
#ifndef CLI_PAIRS_H
#define CLI_PAIRS_H

/* Which options cannot be given together, and which need another one: where
 * one of two options would have no effect, the pair is a usage error.
 *
 * An option that only says how something would be done (--shell, --tmpdir,
 * --color, --termseq, limits) is accepted even where nothing is done that way. */

#include "base/err.h"
#include "cli/settings.h"

/* -1 with a usage error. */
int pairs_check(const struct settings *s, struct err *err);

#endif
