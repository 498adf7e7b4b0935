/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_SPOOL_H
#define OUTPUT_SPOOL_H

/* Bytes that wait to be written, one stream of one job: in memory up to a limit, above
 * that in temporary files, which the spill makes for all spools.  Large amounts come
 * and go without a copy through volley's memory: see spool_move and spool_send. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct spill;

/* dir: where files are created when they are needed; must outlive the spill.
 * memory: bytes that all spools may hold outside of files. */
struct spill *spill_new(const char *dir, uint64_t memory);
void spill_free(struct spill *s); /* every spool is cleared; NULL is allowed */

/* Contiguous bytes of a file. */
struct spool_piece {
	struct spill_file *file;
	uint64_t at, end; /* the first byte not taken, and the end */
};

struct spool {
	struct spool_piece *pieces; /* the older bytes, in order */
	size_t npieces, pieces_cap, first_piece;
	struct buf tail;	    /* the newest bytes */
	size_t tail_at;		    /* how many of these are taken */
	uint64_t total, taken;	    /* bytes ever added, ever taken */
	bool bounded; /* its owner keeps it small: no file because of its size */
};

#define SPOOL_INIT {NULL, 0, 0, 0, BUF_INIT, 0, 0, 0, false}

/* Append.  -1 with err when the temporary file cannot be written (full). */
int spool_add(struct spool *s, struct spill *spill, struct bytes data, struct err *err);

/* Append what is in a pipe, straight to a file.  Returns as read(2); -1 with errno
 * EOPNOTSUPP, and nothing taken from the pipe: read it and add that, since it is not
 * much, or not a pipe, or no file can be created. */
ssize_t spool_move(struct spool *s, struct spill *spill, int pipe_fd);

bool spool_is_empty(const struct spool *s);

/* Are the oldest bytes in a file? */
bool spool_is_in_file(const struct spool *s);

/* How many bytes are in memory. */
size_t spool_in_memory(const struct spool *s);

/* The oldest bytes, to be written and then dropped with spool_take; valid until
 * the next call.  Reads from the file into a buffer of the spill's.  An empty
 * result with return 0: the spool is empty.  -1 with err: cannot read back. */
int spool_peek(const struct spool *s, struct bytes *data, struct err *err);

/* Drop n bytes from the front: at most what spool_peek has given. */
void spool_take(struct spool *s, struct spill *spill, size_t n);

/* Take the oldest bytes, which are in a file, and send as many of them as fd has room
 * for straight to it.  Returns as write(2).  0, or -1 with another errno than EAGAIN:
 * it cannot be done in this way; peek, write and take. */
ssize_t spool_send(struct spool *s, struct spill *spill, int fd);

/* Reading without taking, from the oldest byte on, any number of times.  The spool may
 * not change meanwhile; others may. */
struct spool_cursor {
	const struct spool *spool;
	size_t piece;
	uint64_t at; /* the next byte: the piece, and the place in it */
};

#define SPOOL_CURSOR_INIT(spoolp) {(spoolp), 0, 0}

/* The next bytes, valid until the next call or peek; empty with return 0 at the
 * end.  -1 with err: cannot read back. */
int spool_read(struct spool_cursor *c, struct bytes *data, struct err *err);

/* Free everything; the spool is empty and usable again. */
void spool_clear(struct spool *s, struct spill *spill);

#endif
