/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SPOOL_H
#define OUTPUT_SPOOL_H

/* Bytes that wait to be written: in memory up to a limit, behind that in a
 * temporary file.
 *
 * All spools of a run share one unlinked file in blocks (struct spill), so that
 * a thousand waiting jobs cost no descriptors, and nothing is left on the disk
 * however volley ends. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* --- the file that spools share */

struct spill;

/* dir: where the file will be made when it is first needed; must outlive the
 * spill.  memory: bytes that all spools together may hold before they spill. */
struct spill *spill_new(const char *dir, uint64_t memory);
void spill_free(struct spill *s); /* NULL is allowed */

/* --- one stream of one job */

struct spool_block {
	uint32_t index;	    /* the block's place in the file */
	uint32_t used, at;  /* bytes in it, bytes of these already taken */
};

struct spool {
	struct spool_block *blocks; /* the older bytes, in order */
	size_t nblocks, blocks_cap, first_block;
	struct buf tail;	    /* the newest bytes */
	size_t tail_at;		    /* bytes of these already taken */
	uint64_t total, taken;	    /* bytes ever added, ever taken */
};

#define SPOOL_INIT {NULL, 0, 0, 0, BUF_INIT, 0, 0, 0}

/* Append.  -1 with err when the temporary file cannot be written (full). */
int spool_add(struct spool *s, struct spill *spill, struct bytes data, struct err *err);

bool spool_is_empty(const struct spool *s);

/* The oldest bytes, to be written and then dropped with spool_take; valid until
 * the next call.  Reads from the file into a buffer of the spill's.  An empty
 * result with return 0: the spool is empty.  -1 with err: cannot read back. */
int spool_peek(struct spool *s, struct spill *spill, struct bytes *data,
	       struct err *err);

/* Drop n bytes from the front: at most what spool_peek has given.  A spool that
 * is empty then holds no memory. */
void spool_take(struct spool *s, struct spill *spill, size_t n);

/* Reading without taking: from the oldest byte on, as often as one likes.  The
 * spool may not change meanwhile; another one may. */
struct spool_cursor {
	const struct spool *spool;
	size_t block, at; /* the next byte: the block, and the place in it */
};

#define SPOOL_CURSOR_INIT(spoolp) {(spoolp), 0, 0}

/* The next piece, valid until the next call or peek; empty with return 0 at the
 * end.  -1 with err: cannot read back. */
int spool_read(struct spool_cursor *c, struct spill *spill, struct bytes *data,
	       struct err *err);

/* Free everything; the spool is empty and usable again. */
void spool_clear(struct spool *s, struct spill *spill);

#endif
