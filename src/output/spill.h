/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SPILL_H
#define OUTPUT_SPILL_H

/* Temporary files for what is too much to wait in memory.
 *
 * The first users get a file each; more users share one, since jobs need
 * descriptors, too.  The files have no names, so nothing is left on the disk however
 * volley ends.
 *
 * A file only grows until its last user is gone: what was written once stays as it
 * is.  Its pages can therefore be handed on to a pipe instead of being copied
 * (sendfile): the reader of the pipe sees the pages as they are when it reads them.
 * For the same reason holes are never punched: that zeroes the part of a large page
 * that it covers, in place, and on most file systems waits for the disk.
 *
 * Space is given back by the file instead: one that is full, see spill_is_full, is
 * not appended to, so that its users go on in another one.  Files are small beside
 * what waits in all of them, so what was read and is not yet given back is little. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

struct spill;
struct spill_file;

/* dir: where the files will be made when they are needed; must outlive the spill.
 * memory: bytes that all may hold outside of files; see spill_hold. */
struct spill *spill_new(const char *dir, uint64_t memory);
void spill_free(struct spill *s); /* no file is in use; NULL is allowed */

/* So many bytes more (or less) are held in memory. */
void spill_hold(struct spill *s, int64_t bytes);

/* Is that more than they may be? */
bool spill_is_over(const struct spill *s);

/* A file to append to, for one user more.  NULL with err: there can be none. */
struct spill_file *spill_take(struct spill *s, struct err *err);

/* One user more / less of a file. */
void spill_share(struct spill_file *f);
void spill_give(struct spill_file *f);

/* Where the next bytes go. */
uint64_t spill_end(const struct spill_file *f);

/* Is it time to take another file? */
bool spill_is_full(const struct spill_file *f);

/* Append all of data.  -1 with err, and nothing is appended. */
int spill_write(struct spill *s, struct spill_file *f, struct bytes data, struct err *err);

/* Append at most n bytes straight from a pipe: returns as splice(2). */
ssize_t spill_move(struct spill_file *f, int pipe_fd, size_t n);

/* Read some of the n bytes at a place, at least one, into a buffer that is the
 * spill's; they are valid until the next call.  -1 with err. */
int spill_read(struct spill *s, const struct spill_file *f, uint64_t at, size_t n,
	       struct bytes *data, struct err *err);

/* Send at most n bytes at a place straight to a descriptor: returns as
 * sendfile(2). */
ssize_t spill_send(const struct spill_file *f, uint64_t at, size_t n, int fd);

#endif
