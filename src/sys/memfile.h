/* SPDX-License-Identifier: ISC */
#ifndef SYS_MEMFILE_H
#define SYS_MEMFILE_H

/* A file without a name that holds a text: what a child reads as its input.
 *
 * Unlike a pipe it takes any length at once, so nobody has to write while the
 * child reads, a child that does not read hurts nobody, and no descriptor stays
 * open here. */

#include "base/bytes.h"

/* A new descriptor at the start of the text, close-on-exec; the text cannot be
 * changed through it.  -1 with errno. */
int memfile_new(struct bytes text);

#endif
