/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "output/spool.h"

enum {
	BLOCK_SIZE = 1024 * 1024,
	READ_SIZE = 64 * 1024,
	/* Under pressure tails of this size are moved to the file early. */
	SMALL_TAIL = 64 * 1024,
};

struct spill {
	const char *dir;
	int fd; /* -1: not needed so far */
	uint64_t memory, used; /* bytes of all tails: allowed, there */
	uint32_t nblocks;      /* the file's length in blocks */
	uint32_t *free_blocks;
	size_t nfree, free_cap;
	char *buffer; /* READ_SIZE bytes */
};

/* --- the shared file */

static int open_file(struct spill *s, struct err *err)
{
	char path[4096];
	int len;

	if (s->fd >= 0)
		return 0;
	s->fd = open(s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd >= 0)
		return 0;
	len = snprintf(path, sizeof path, "%s/volley.XXXXXX", s->dir);
	if (len < 0 || (size_t)len >= sizeof path)
		return err_set(err, "the name of the temporary directory is too long");
	s->fd = mkostemp(path, O_CLOEXEC);
	if (s->fd < 0)
		return err_sys(err, "cannot make a temporary file in '%s'", s->dir);
	unlink(path);
	return 0;
}

static int write_block(struct spill *s, uint32_t index, struct bytes data,
		       struct err *err)
{
	off_t at = (off_t)index * BLOCK_SIZE;

	while (data.len > 0) {
		ssize_t n = pwrite(s->fd, data.p, data.len, at);

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
	return 0;
}

static uint32_t take_block(struct spill *s)
{
	if (s->nfree > 0)
		return s->free_blocks[--s->nfree];
	return s->nblocks++;
}

/* When nobody uses the file any more, give its space back. */
static void give_block(struct spill *s, uint32_t index)
{
	s->free_blocks =
	    xgrow(s->free_blocks, &s->free_cap, s->nfree + 1, sizeof *s->free_blocks);
	s->free_blocks[s->nfree++] = index;
	if (s->nfree < s->nblocks)
		return;
	s->nfree = 0;
	s->nblocks = 0;
	(void)!ftruncate(s->fd, 0);
}

struct spill *spill_new(const char *dir, uint64_t memory)
{
	struct spill *s = xcalloc(1, sizeof *s);

	s->dir = dir;
	s->memory = memory;
	s->fd = -1;
	s->buffer = xmalloc(READ_SIZE);
	return s;
}

void spill_free(struct spill *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->free_blocks);
	free(s->buffer);
	free(s);
}

/* --- a spool */

static void drop_tail(struct spool *s, struct spill *spill)
{
	spill->used -= s->tail.len;
	buf_clear(&s->tail);
	s->tail_at = 0;
}

static void drop_blocks(struct spool *s)
{
	free(s->blocks);
	s->blocks = NULL;
	s->nblocks = s->blocks_cap = s->first_block = 0;
}

static int spill_tail(struct spool *s, struct spill *spill, struct err *err)
{
	struct bytes data = {s->tail.data + s->tail_at, s->tail.len - s->tail_at};
	uint32_t index;

	if (data.len > 0) {
		if (open_file(spill, err) < 0)
			return -1;
		index = take_block(spill);
		if (write_block(spill, index, data, err) < 0) {
			give_block(spill, index);
			return -1;
		}
		s->blocks = xgrow(s->blocks, &s->blocks_cap, s->nblocks + 1,
				  sizeof *s->blocks);
		s->blocks[s->nblocks++] =
		    (struct spool_block){index, (uint32_t)data.len, 0};
	}
	drop_tail(s, spill);
	return 0;
}

static bool must_spill(const struct spool *s, const struct spill *spill)
{
	return s->tail.len >= BLOCK_SIZE ||
	       (spill->used > spill->memory && s->tail.len >= SMALL_TAIL);
}

/* Forget what has been taken, once it is as much as must be moved for it: a
 * stream that is read nearly as fast as it is written stays out of the file. */
static void compact(struct spool *s, struct spill *spill)
{
	if (s->tail_at == 0 || s->tail_at < s->tail.len / 2)
		return;
	spill->used -= s->tail_at;
	buf_consume(&s->tail, s->tail_at);
	s->tail_at = 0;
}

int spool_add(struct spool *s, struct spill *spill, struct bytes data, struct err *err)
{
	compact(s, spill);
	while (data.len > 0) {
		size_t n = BLOCK_SIZE - s->tail.len;

		if (n > data.len)
			n = data.len;
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

bool spool_is_empty(const struct spool *s)
{
	return s->first_block == s->nblocks && s->tail_at == s->tail.len;
}

static int read_block(const struct spill *spill, const struct spool_block *b,
		      struct bytes *data, struct err *err)
{
	size_t want = b->used - b->at < READ_SIZE ? b->used - b->at : READ_SIZE;
	ssize_t n;

	do
		n = pread(spill->fd, spill->buffer, want,
			  (off_t)b->index * BLOCK_SIZE + b->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "cannot read back a temporary file in '%s'",
			       spill->dir);
	if (n == 0)
		return err_set(err, "a temporary file in '%s' has become shorter",
			       spill->dir);
	*data = (struct bytes){spill->buffer, (size_t)n};
	return 0;
}

int spool_peek(struct spool *s, struct spill *spill, struct bytes *data, struct err *err)
{
	if (s->first_block < s->nblocks)
		return read_block(spill, &s->blocks[s->first_block], data, err);
	*data = (struct bytes){s->tail.data + s->tail_at, s->tail.len - s->tail_at};
	return 0;
}

/* The cursor counts blocks from the first that is left, and the tail behind
 * them as one more. */
int spool_read(struct spool_cursor *c, struct spill *spill, struct bytes *data,
	       struct err *err)
{
	const struct spool *s = c->spool;
	size_t nblocks = s->nblocks - s->first_block;

	if (c->block < nblocks) {
		struct spool_block b = s->blocks[s->first_block + c->block];

		b.at += (uint32_t)c->at;
		if (read_block(spill, &b, data, err) < 0)
			return -1;
		c->at += data->len;
		if (b.at + data->len == b.used) {
			c->block++;
			c->at = 0;
		}
		return 0;
	}
	*data = (struct bytes){s->tail.data + s->tail_at, s->tail.len - s->tail_at};
	if (c->at > 0)
		data->len = 0;
	c->at = 1;
	return 0;
}

void spool_take(struct spool *s, struct spill *spill, size_t n)
{
	s->taken += n;
	if (s->first_block < s->nblocks) {
		struct spool_block *b = &s->blocks[s->first_block];

		assert(n <= b->used - b->at);
		b->at += (uint32_t)n;
		if (b->at == b->used) {
			give_block(spill, b->index);
			s->first_block++;
		}
		if (s->first_block == s->nblocks)
			drop_blocks(s);
		return;
	}
	assert(n <= s->tail.len - s->tail_at);
	s->tail_at += n;
	if (s->tail_at == s->tail.len)
		drop_tail(s, spill);
}

void spool_clear(struct spool *s, struct spill *spill)
{
	while (s->first_block < s->nblocks)
		give_block(spill, s->blocks[s->first_block++].index);
	drop_blocks(s);
	drop_tail(s, spill);
	*s = (struct spool)SPOOL_INIT;
}
