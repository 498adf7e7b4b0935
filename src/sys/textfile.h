/* SPDX-License-Identifier: ISC */
#ifndef SYS_TEXTFILE_H
#define SYS_TEXTFILE_H

/* Small files: reads the start of a named one, and makes one without a name, which is
 * the caller's to close. */

#include <sys/types.h>

#include "base/bytes.h"

/* Read up to size - 1 bytes, and end them with NUL.  Returns how many; -1 with errno, and
 * an empty text, when the file cannot be opened or read. */
ssize_t textfile_read(const char *path, char *text, size_t size);

/* A new file without a name that holds the text, for a child to read as its input: a
 * descriptor at its start, close-on-exec; the text cannot be changed through it.  -1
 * with errno.
 *
 * Unlike a pipe it takes any length at once, so nothing has to be written while the
 * child reads, a child may leave it unread, and no descriptor stays open here. */
int textfile_hold(struct bytes text);

#endif
