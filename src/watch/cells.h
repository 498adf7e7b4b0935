/* SPDX-License-Identifier: ISC */
#ifndef WATCH_CELLS_H
#define WATCH_CELLS_H

/* The bar proper: a row of cells, filled from the left, the cell at its tip
 * drawn in steps.
 *
 * A charset is a string of one sign per step, from the empty cell to the full
 * one: at least two characters, each one column wide. */

#include <stdint.h>

#include "base/buf.h"

#define CELLS_ASCII " 123456789#"
#define CELLS_BLOCKS " ▏▎▍▌▋▊▉█"
#define CELLS_BLANK "  "

/* Append so many cells (none if that is negative), of which the part done, from
 * 0 to 1, is filled.  colour: a name from "black" to "white" in any case, or
 * "#rrggbb"; NULL or anything else gives none. */
void cells_add(struct buf *out, double done, int64_t cells, const char *charset,
	       const char *colour);

#endif
