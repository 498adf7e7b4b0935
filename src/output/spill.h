/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SPILL_H
#define OUTPUT_SPILL_H

/* Temporary files for what is too much to wait in memory.
 *
 * There are as many files as users, up to a limit, since jobs need descriptors, too;
 * beyond that they share them.  The files have no names, so nothing is left on the disk however volley ends.
 *
 * A file only grows until nobody uses it any more: what was written once stays as
 * it is.  That is why its pages can be handed on to a pipe instead of being copied
 * (sendfile): who reads the pipe sees the pages as they are when it reads them. */

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
