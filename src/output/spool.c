/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "output/spool.h"

enum {
	TAIL_SIZE = 1024 * 1024, /* a tail of so much goes to a file, */
	SMALL_TAIL = 64 * 1024,	 /* under pressure so much does, */
	MOVE_FROM = 128 * 1024,	 /* and so much when it can be followed by a splice */
	MOVE_SIZE = 1024 * 1024, /* what one call moves or sends at most */
};

/* --- the tail, in memory */

static void drop_tail(struct spool *s, struct spill *spill)
{
	spill_hold(spill, -(int64_t)s->tail.len);
	s->tail_at = 0;
	if (s->bounded)
		buf_reset(&s->tail); /* fresh pages cost more than all else here */
	else
		buf_clear(&s->tail); /* there may be many that wait */
}

/* Forget what has been taken, once it is as much as must be moved for it: a
 * stream that is read nearly as fast as it is written stays out of the file. */
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

	if (goes_on && last->end == spill_end(last->file))
		return last;
	if (goes_on)
		spill_share(file = last->file); /* others have appended to it */
	else
		file = spill_take(spill, err);
	if (file == NULL)
		return NULL;
	s->pieces = xgrow(s->pieces, &s->pieces_cap, s->npieces + 1, sizeof *s->pieces);
	s->pieces[s->npieces] =
	    (struct spool_piece){file, spill_end(file), spill_end(file)};
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

/* One that nothing was appended to would look like bytes to be read. */
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
		piece->end = spill_end(piece->file);
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
	struct err ignored; /* who reads and adds instead meets the error again */
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

/* The cursor counts pieces from the first that is left, and the tail behind them
 * as one more. */
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
