/* SPDX-License-Identifier: ISC */
/* Keeps what jobs write until it can be written on.  A spool has its newest bytes in a
 * buffer, the tail, and older ones in pieces of temporary files.  The files are the
 * spill's, which all spools share: it counts the memory that they use, and makes,
 * shares and drops the files.  Large amounts enter and leave a file by splice(2) and
 * sendfile(2). */

#include <config.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "output/spool.h"

/* --- the spill
 *
 * Temporary files for what is too much to wait in memory.  The first users get a file
 * each; more users share one, since jobs need descriptors, too.  The files have no
 * names, so that nothing is left on the disk however volley ends.
 *
 * A file only grows until its last user is gone: what was written once stays as it is.
 * Its pages can therefore be handed to a pipe instead of being copied (sendfile): the
 * reader of the pipe sees the pages as they are when it reads them.  For the same
 * reason holes are never punched: that zeroes the part of a large page that it covers,
 * in place, and on most file systems waits for the disk.
 *
 * Space is given back by the file instead: one that is full (see spill_is_full) is not
 * appended to, so that its users go on in another one.  Files are small compared with
 * what waits in all of them, so what was read and is not yet given back is little. */

enum {
	READ_SIZE = 64 * 1024,
	OWN_FILES = 32, /* this many are not shared */
	MAX_FILES = 64,
	SMALL_FILE = 8 * 1024 * 1024, /* a smaller file is never full, */
	SHARE_OF_ALL = 8, /* nor one of less than 1/8 of the size of all */
};

struct spill {
	const char *dir;
	uint64_t memory, used; /* bytes outside of files: allowed, existing */
	struct link files;     /* the newest is the last */
	unsigned nfiles;
	uint64_t size;		   /* of all files */
	struct spill_file *shared; /* the one that several users append to; or NULL */
	char *buffer;		   /* READ_SIZE bytes; NULL: not needed so far */
};

struct spill_file {
	struct link link;
	struct spill *spill;
	int fd;
	uint64_t end;
	size_t users;
};

struct spill *spill_new(const char *dir, uint64_t memory)
{
	struct spill *s = xcalloc(1, sizeof *s);

	s->dir = dir;
	s->memory = memory;
	list_init(&s->files);
	return s;
}

void spill_free(struct spill *s)
{
	if (s == NULL)
		return;
	assert(list_empty(&s->files));
	free(s->buffer);
	free(s);
}

/* This many bytes more (or less) are held in memory. */
static void spill_hold(struct spill *s, int64_t bytes)
{
	s->used += (uint64_t)bytes;
}

static bool spill_is_over(const struct spill *s)
{
	return s->used > s->memory;
}

/* --- files */

/* -1 with err and errno. */
static int open_file(const struct spill *s, struct err *err)
{
	char path[4096];
	int len, fd = open(s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	len = snprintf(path, sizeof path, "%s/volley.XXXXXX", s->dir);
	if (len < 0 || (size_t)len >= sizeof path) {
		errno = ENAMETOOLONG;
		return err_set(err, "the name of the temporary directory is too long");
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0) {
		unlink(path);
	} else {
		int error = errno;

		err_sys(err, "cannot create a temporary file in '%s'", s->dir);
		errno = error;
	}
	return fd;
}

static struct spill_file *new_file(struct spill *s, int fd)
{
	struct spill_file *f = xcalloc(1, sizeof *f);

	f->spill = s;
	f->fd = fd;
	f->users = 1;
	list_append(&s->files, &f->link);
	s->nfiles++;
	return f;
}

/* Is it time to take another file? */
static bool spill_is_full(const struct spill_file *f)
{
	return f->spill->nfiles < MAX_FILES && f->end >= SMALL_FILE &&
	       f->end >= f->spill->size / SHARE_OF_ALL;
}

static struct spill_file *share_file(struct spill *s)
{
	if (s->shared == NULL)
		s->shared = LIST_ENTRY(s->files.prev, struct spill_file, link);
	s->shared->users++;
	return s->shared;
}

/* A file to append to, for one more user.  NULL with err: there can be none. */
static struct spill_file *spill_take(struct spill *s, struct err *err)
{
	struct spill_file *f;
	int fd;

	if (s->shared != NULL && s->nfiles >= OWN_FILES && !spill_is_full(s->shared))
		return share_file(s);
	fd = open_file(s, err);
	if (fd < 0 && ((errno != EMFILE && errno != ENFILE) || list_empty(&s->files)))
		return NULL;
	if (fd < 0)
		return share_file(s);
	f = new_file(s, fd);
	if (s->nfiles > OWN_FILES)
		s->shared = f;
	return f;
}

static void spill_give(struct spill_file *f)
{
	if (--f->users > 0)
		return;
	list_remove(&f->link);
	f->spill->nfiles--;
	f->spill->size -= f->end;
	if (f->spill->shared == f)
		f->spill->shared = NULL;
	close(f->fd);
	free(f);
}

/* --- bytes */

static void grow(struct spill_file *f, uint64_t n)
{
	f->end += n;
	f->spill->size += n;
}

/* Append all of data.  -1 with err, and nothing is appended. */
static int spill_write(struct spill *s, struct spill_file *f, struct bytes data, struct err *err)
{
	off_t start = (off_t)f->end, at = start;

	while (data.len > 0) {
		ssize_t n = pwrite(f->fd, data.p, data.len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err,
				       "cannot write to a temporary file in '%s' (--tmpdir "
				       "names another directory)",
				       s->dir);
		data.p += n;
		data.len -= (size_t)n;
		at += n;
	}
	grow(f, (uint64_t)(at - start));
	return 0;
}

/* Append at most n bytes straight from a pipe: returns as splice(2). */
static ssize_t spill_move(struct spill_file *f, int pipe_fd, size_t n)
{
	off64_t at = (off64_t)f->end;
	ssize_t moved = splice(pipe_fd, NULL, f->fd, &at, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (moved > 0)
		grow(f, (uint64_t)moved);
	return moved;
}

/* Read some of the n bytes at a place, at least one, into the buffer of the spill. */
static int spill_read(struct spill *s, const struct spill_file *f, uint64_t at, size_t n,
	       struct bytes *data, struct err *err)
{
	ssize_t got;

	if (s->buffer == NULL)
		s->buffer = xmalloc(READ_SIZE);
	do
		got = pread(f->fd, s->buffer, n < READ_SIZE ? n : READ_SIZE, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(err, "cannot read back a temporary file in '%s'", s->dir);
	if (got == 0)
		return err_set(err, "a temporary file in '%s' was truncated", s->dir);
	*data = (struct bytes){s->buffer, (size_t)got};
	return 0;
}

/* Send at most n bytes at a place straight to a descriptor: returns as sendfile(2). */
static ssize_t spill_send(const struct spill_file *f, uint64_t at, size_t n, int fd)
{
	off_t from = (off_t)at;

	return sendfile(fd, f->fd, &from, n);
}

/* --- the spool */

enum {
	TAIL_SIZE = 1024 * 1024, /* a tail of this size goes to a file, */
	SMALL_TAIL = 64 * 1024,	 /* of this size when memory is short, */
	MOVE_FROM = 128 * 1024,	 /* of this size when a splice can follow */
	MOVE_SIZE = 1024 * 1024, /* what one call moves or sends at most */
};

/* --- the tail, in memory */

static void drop_tail(struct spool *s, struct spill *spill)
{
	spill_hold(spill, -(int64_t)s->tail.len);
	s->tail_at = 0;
	if (s->bounded)
		buf_reset(&s->tail); /* fresh pages are the most expensive thing here */
	else
		buf_clear(&s->tail); /* many may be waiting */
}

/* Forget what has been taken once that is at least as much as must be moved: a stream
 * that is read nearly as fast as it is written stays out of the file. */
static void compact(struct spool *s, struct spill *spill)
{
	if (s->tail_at == 0 || s->tail_at < s->tail.len / 2)
		return;
	spill_hold(spill, -(int64_t)s->tail_at);
	buf_consume(&s->tail, s->tail_at);
	s->tail_at = 0;
}

size_t spool_in_memory(const struct spool *s)
{
	return s->tail.len - s->tail_at;
}

/* --- pieces, in files */

static struct spool_piece *last_piece(const struct spool *s)
{
	return s->first_piece < s->npieces ? &s->pieces[s->npieces - 1] : NULL;
}

bool spool_is_in_file(const struct spool *s)
{
	return s->first_piece < s->npieces;
}

/* The piece to append to; NULL with err. */
static struct spool_piece *open_piece(struct spool *s, struct spill *spill, struct err *err)
{
	struct spool_piece *last = last_piece(s);
	struct spill_file *file;
	bool goes_on = last != NULL && !spill_is_full(last->file);

	if (goes_on && last->end == last->file->end)
		return last;
	if (goes_on)
		(file = last->file)->users++; /* others have appended to it */
	else
		file = spill_take(spill, err);
	if (file == NULL)
		return NULL;
	s->pieces = xgrow(s->pieces, &s->pieces_cap, s->npieces + 1, sizeof *s->pieces);
	s->pieces[s->npieces] =
	    (struct spool_piece){file, file->end, file->end};
	return &s->pieces[s->npieces++];
}

static void drop_first_piece(struct spool *s)
{
	spill_give(s->pieces[s->first_piece++].file);
	if (s->first_piece < s->npieces)
		return;
	free(s->pieces);
	s->pieces = NULL;
	s->npieces = s->pieces_cap = s->first_piece = 0;
}

/* An empty piece would look like bytes to be read. */
static void drop_last_if_empty(struct spool *s)
{
	struct spool_piece *last = last_piece(s);

	if (last == NULL || last->at < last->end)
		return;
	if (s->npieces - s->first_piece == 1) {
		drop_first_piece(s);
		return;
	}
	spill_give(last->file);
	s->npieces--;
}

static int spill_tail(struct spool *s, struct spill *spill, struct err *err)
{
	struct bytes data = {s->tail.data + s->tail_at, spool_in_memory(s)};
	struct spool_piece *piece;

	if (data.len > 0) {
		piece = open_piece(s, spill, err);
		if (piece == NULL)
			return -1;
		if (spill_write(spill, piece->file, data, err) < 0) {
			drop_last_if_empty(s);
			return -1;
		}
		piece->end = piece->file->end;
	}
	drop_tail(s, spill);
	return 0;
}

/* --- adding */

static bool must_spill(const struct spool *s, const struct spill *spill)
{
	return (s->tail.len >= TAIL_SIZE && !s->bounded) ||
	       (s->tail.len >= SMALL_TAIL && spill_is_over(spill));
}

int spool_add(struct spool *s, struct spill *spill, struct bytes data, struct err *err)
{
	compact(s, spill);
	while (data.len > 0) {
		size_t n = data.len;

		if (!s->bounded && n > TAIL_SIZE - s->tail.len)
			n = TAIL_SIZE - s->tail.len;
		buf_add(&s->tail, data.p, n);
		spill_hold(spill, (int64_t)n);
		s->total += n;
		data.p += n;
		data.len -= n;
		if (must_spill(s, spill) && spill_tail(s, spill, err) < 0)
			return -1;
	}
	return 0;
}

ssize_t spool_move(struct spool *s, struct spill *spill, int pipe_fd)
{
	struct spool_piece *piece;
	struct err ignored; /* reading and adding will meet the error again */
	ssize_t n;

	compact(s, spill);
	if ((!spool_is_in_file(s) && spool_in_memory(s) < MOVE_FROM) ||
	    spill_tail(s, spill, &ignored) < 0 ||
	    (piece = open_piece(s, spill, &ignored)) == NULL) {
		errno = EOPNOTSUPP;
		return -1;
	}
	n = spill_move(piece->file, pipe_fd, MOVE_SIZE);
	if (n < 0 && errno != EAGAIN)
		errno = EOPNOTSUPP;
	if (n > 0) {
		piece->end += (uint64_t)n;
		s->total += (uint64_t)n;
	} else {
		int error = errno;

		drop_last_if_empty(s);
		errno = error;
	}
	return n;
}

/* --- taking */

bool spool_is_empty(const struct spool *s)
{
	return !spool_is_in_file(s) && s->tail_at == s->tail.len;
}

int spool_peek(struct spool *s, struct spill *spill, struct bytes *data, struct err *err)
{
	const struct spool_piece *p = s->pieces + s->first_piece;

	if (spool_is_in_file(s))
		return spill_read(spill, p->file, p->at, (size_t)(p->end - p->at), data,
				  err);
	*data = (struct bytes){s->tail.data + s->tail_at, spool_in_memory(s)};
	return 0;
}

void spool_take(struct spool *s, struct spill *spill, size_t n)
{
	s->taken += n;
	if (spool_is_in_file(s)) {
		struct spool_piece *p = &s->pieces[s->first_piece];

		assert(n <= p->end - p->at);
		p->at += n;
		if (p->at == p->end)
			drop_first_piece(s);
		return;
	}
	assert(n <= spool_in_memory(s));
	s->tail_at += n;
	if (s->tail_at == s->tail.len)
		drop_tail(s, spill);
}

ssize_t spool_send(struct spool *s, struct spill *spill, int fd)
{
	const struct spool_piece *p = &s->pieces[s->first_piece];
	uint64_t left;
	ssize_t n;

	assert(spool_is_in_file(s));
	left = p->end - p->at;
	do
		n = spill_send(p->file, p->at, left < MOVE_SIZE ? (size_t)left : MOVE_SIZE, fd);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		spool_take(s, spill, (size_t)n);
	return n;
}

/* --- reading */

/* The cursor counts pieces from the first that is left, and the tail after them as one
 * more. */
int spool_read(struct spool_cursor *c, struct spill *spill, struct bytes *data,
	       struct err *err)
{
	const struct spool *s = c->spool;
	size_t npieces = s->npieces - s->first_piece;

	if (c->piece < npieces) {
		const struct spool_piece *p = &s->pieces[s->first_piece + c->piece];
		uint64_t at = p->at + c->at;

		if (spill_read(spill, p->file, at, (size_t)(p->end - at), data, err) < 0)
			return -1;
		c->at += data->len;
		if (at + data->len == p->end) {
			c->piece++;
			c->at = 0;
		}
		return 0;
	}
	*data = (struct bytes){s->tail.data + s->tail_at, spool_in_memory(s)};
	if (c->at > 0)
		data->len = 0;
	c->at = 1;
	return 0;
}

/* --- the end */

void spool_clear(struct spool *s, struct spill *spill)
{
	if (s->total == 0) /* most jobs write to one stream, if any */
		return;
	while (spool_is_in_file(s))
		drop_first_piece(s);
	spill_hold(spill, -(int64_t)s->tail.len);
	buf_clear(&s->tail);
	*s = (struct spool){.bounded = s->bounded};
}
