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

/* --- files */

/* -1 with errno. */
static int open_file(const char *dir)
{
	struct buf path = BUF_INIT;
	int error, fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	buf_addf(&path, "%s/volley.XXXXXX", dir);
	fd = mkostemp(buf_cstr(&path), O_CLOEXEC);
	error = errno;
	if (fd >= 0)
		unlink(path.data);
	buf_clear(&path);
	errno = error;
	return fd;
}

static struct spill_file *new_file(struct spill *s, int fd)
{
	struct spill_file *f = xcalloc(1, sizeof *f);

	f->spill = s;
	f->fd = fd;
	list_append(&s->files, &f->link);
	s->nfiles++;
	return f;
}

static void drop_if_unused(struct spill_file *f)
{
	struct spill *s = f->spill;

	if (f->users > 0)
		return;
	list_remove(&f->link);
	s->nfiles--;
	s->size -= f->end;
	if (s->shared == f)
		s->shared = NULL;
	close(f->fd);
	free(f);
}

/* Is it time to take another file? */
static bool is_full(const struct spill_file *f)
{
	return f->spill->nfiles < MAX_FILES && f->end >= SMALL_FILE &&
	       f->end >= f->spill->size / SHARE_OF_ALL;
}

/* A file to append to, which may be new and without users.  NULL with err: there can be
 * none. */
static struct spill_file *choose_file(struct spill *s, struct err *err)
{
	struct spill_file *f;
	int fd;

	if (s->shared != NULL && s->nfiles >= OWN_FILES && !is_full(s->shared))
		return s->shared;
	fd = open_file(s->dir);
	if (fd >= 0) {
		f = new_file(s, fd);
		if (s->nfiles > OWN_FILES)
			s->shared = f;
		return f;
	}
	if ((errno != EMFILE && errno != ENFILE) || list_empty(&s->files)) {
		err_sys(err, "cannot create a temporary file in '%s'", s->dir);
		return NULL;
	}
	if (s->shared == NULL)
		s->shared = LIST_ENTRY(s->files.prev, struct spill_file, link);
	return s->shared;
}

/* --- bytes */

/* Write all of data after the end.  -1 with err. */
static int write_after(const struct spill_file *f, struct bytes data, struct err *err)
{
	off_t at = (off_t)f->end;

	while (data.len > 0) {
		ssize_t n = pwrite(f->fd, data.p, data.len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err,
				       "cannot write to a temporary file in '%s' (--tmpdir "
				       "names another directory)",
				       f->spill->dir);
		data.p += n;
		data.len -= (size_t)n;
		at += n;
	}
	return 0;
}

/* Read some of the n bytes at a place, at least one, into the buffer of the spill. */
static int read_at(const struct spill_file *f, uint64_t at, size_t n, struct bytes *data,
		   struct err *err)
{
	struct spill *s = f->spill;
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
	spill->used -= s->tail.len;
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
	spill->used -= s->tail_at;
	buf_consume(&s->tail, s->tail_at);
	s->tail_at = 0;
}

size_t spool_in_memory(const struct spool *s)
{
	return s->tail.len - s->tail_at;
}

/* --- pieces, in files */

bool spool_is_in_file(const struct spool *s)
{
	return s->first_piece < s->npieces;
}

static struct spool_piece *last_piece(const struct spool *s)
{
	return spool_is_in_file(s) ? &s->pieces[s->npieces - 1] : NULL;
}

/* The file that its next bytes are appended to.  NULL with err. */
static struct spill_file *file_of(const struct spool *s, struct spill *spill, struct err *err)
{
	const struct spool_piece *last = last_piece(s);

	return last != NULL && !is_full(last->file) ? last->file : choose_file(spill, err);
}

/* n more bytes of the spool were written after the end of the file.  n = 0: none, and
 * the file may not be needed. */
static void add_piece(struct spool *s, struct spill_file *f, uint64_t n)
{
	struct spool_piece *last = last_piece(s);
	uint64_t start = f->end;

	f->end += n;
	f->spill->size += n;
	if (last != NULL && last->file == f && last->end == start) {
		last->end = f->end;
	} else if (n > 0) {
		s->pieces =
		    xgrow(s->pieces, &s->pieces_cap, s->npieces + 1, sizeof *s->pieces);
		s->pieces[s->npieces++] = (struct spool_piece){f, start, f->end};
		f->users++;
	}
	drop_if_unused(f);
}

static void drop_first_piece(struct spool *s)
{
	struct spill_file *f = s->pieces[s->first_piece++].file;

	f->users--;
	drop_if_unused(f);
	if (s->first_piece < s->npieces)
		return;
	free(s->pieces);
	s->pieces = NULL;
	s->npieces = s->pieces_cap = s->first_piece = 0;
}

static int spill_tail(struct spool *s, struct spill *spill, struct err *err)
{
	struct bytes data = {s->tail.data + s->tail_at, spool_in_memory(s)};
	struct spill_file *f;
	int result;

	if (data.len > 0) {
		f = file_of(s, spill, err);
		if (f == NULL)
			return -1;
		result = write_after(f, data, err);
		add_piece(s, f, result == 0 ? data.len : 0);
		if (result < 0)
			return -1;
	}
	drop_tail(s, spill);
	return 0;
}

/* --- adding */

static bool must_spill(const struct spool *s, const struct spill *spill)
{
	return (s->tail.len >= TAIL_SIZE && !s->bounded) ||
	       (s->tail.len >= SMALL_TAIL && spill->used > spill->memory);
}

int spool_add(struct spool *s, struct spill *spill, struct bytes data, struct err *err)
{
	compact(s, spill);
	while (data.len > 0) {
		size_t n = data.len;

		if (!s->bounded && n > TAIL_SIZE - s->tail.len)
			n = TAIL_SIZE - s->tail.len;
		buf_add(&s->tail, data.p, n);
		spill->used += n;
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
	struct spill_file *f;
	struct err ignored; /* reading and adding will meet the error again */
	off64_t at;
	ssize_t n;
	int error;

	compact(s, spill);
	if ((!spool_is_in_file(s) && spool_in_memory(s) < MOVE_FROM) ||
	    spill_tail(s, spill, &ignored) < 0 ||
	    (f = file_of(s, spill, &ignored)) == NULL) {
		errno = EOPNOTSUPP;
		return -1;
	}
	at = (off64_t)f->end;
	n = splice(pipe_fd, NULL, f->fd, &at, MOVE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	error = errno == EAGAIN ? EAGAIN : EOPNOTSUPP;
	if (n > 0)
		s->total += (uint64_t)n;
	add_piece(s, f, n > 0 ? (uint64_t)n : 0);
	errno = error;
	return n;
}

/* --- taking */

bool spool_is_empty(const struct spool *s)
{
	return !spool_is_in_file(s) && s->tail_at == s->tail.len;
}

int spool_peek(const struct spool *s, struct bytes *data, struct err *err)
{
	struct spool_cursor front = SPOOL_CURSOR_INIT(s);

	return spool_read(&front, data, err);
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
	off_t from = (off_t)p->at;
	uint64_t left = p->end - p->at;
	ssize_t n;

	assert(spool_is_in_file(s));
	do
		n = sendfile(fd, p->file->fd, &from, left < MOVE_SIZE ? left : MOVE_SIZE);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		spool_take(s, spill, (size_t)n);
	return n;
}

/* --- reading */

/* The cursor counts pieces from the first that is left, and the tail after them as one
 * more. */
int spool_read(struct spool_cursor *c, struct bytes *data, struct err *err)
{
	const struct spool *s = c->spool;
	size_t npieces = s->npieces - s->first_piece;

	if (c->piece < npieces) {
		const struct spool_piece *p = &s->pieces[s->first_piece + c->piece];
		uint64_t at = p->at + c->at;

		if (read_at(p->file, at, (size_t)(p->end - at), data, err) < 0)
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
	spill->used -= s->tail.len;
	buf_clear(&s->tail);
	*s = (struct spool){.bounded = s->bounded};
}
