/* SPDX-License-Identifier: ISC */
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
#include "output/spill.h"

enum {
	READ_SIZE = 64 * 1024,
	OWN_FILES = 32, /* that are not shared */
	MAX_FILES = 64,
	SMALL_FILE = 8 * 1024 * 1024, /* no smaller file is full, */
	SHARE_OF_ALL = 8, /* nor one of less than so much of the size of all */
};

struct spill {
	const char *dir;
	uint64_t memory, used; /* bytes outside of files: allowed, there */
	struct link files;     /* the newest is the last */
	unsigned nfiles;
	uint64_t size;		   /* of all files */
	struct spill_file *shared; /* is appended to by several users; or NULL */
	char *buffer;	       /* READ_SIZE bytes; NULL: not needed so far */
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

void spill_hold(struct spill *s, int64_t bytes)
{
	s->used += (uint64_t)bytes;
}

bool spill_is_over(const struct spill *s)
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

		err_sys(err, "cannot make a temporary file in '%s'", s->dir);
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

static struct spill_file *share_file(struct spill *s)
{
	if (s->shared == NULL)
		s->shared = LIST_ENTRY(s->files.prev, struct spill_file, link);
	spill_share(s->shared);
	return s->shared;
}

struct spill_file *spill_take(struct spill *s, struct err *err)
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

void spill_share(struct spill_file *f)
{
	f->users++;
}

void spill_give(struct spill_file *f)
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

uint64_t spill_end(const struct spill_file *f)
{
	return f->end;
}

bool spill_is_full(const struct spill_file *f)
{
	return f->spill->nfiles < MAX_FILES && f->end >= SMALL_FILE &&
	       f->end >= f->spill->size / SHARE_OF_ALL;
}

/* --- bytes */

static void grow(struct spill_file *f, uint64_t n)
{
	f->end += n;
	f->spill->size += n;
}

int spill_write(struct spill *s, struct spill_file *f, struct bytes data, struct err *err)
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

ssize_t spill_move(struct spill_file *f, int pipe_fd, size_t n)
{
	off64_t at = (off64_t)f->end;
	ssize_t moved = splice(pipe_fd, NULL, f->fd, &at, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (moved > 0)
		grow(f, (uint64_t)moved);
	return moved;
}

int spill_read(struct spill *s, const struct spill_file *f, uint64_t at, size_t n,
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
		return err_set(err, "a temporary file in '%s' has become shorter", s->dir);
	*data = (struct bytes){s->buffer, (size_t)got};
	return 0;
}

ssize_t spill_send(const struct spill_file *f, uint64_t at, size_t n, int fd)
{
	off_t from = (off_t)at;

	return sendfile(fd, f->fd, &from, n);
}
