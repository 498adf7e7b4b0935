/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_CHANNEL_H
#define OUTPUT_CHANNEL_H

/* One of the two descriptors that output is written to: what goes out in one write,
 * and waiting while the descriptor takes no more. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "output/spool.h"
#include "sys/loop.h"
#include "sys/terminal.h"
#include "sys/writer.h"

struct channel {
	struct loop *loop;
	struct terminal *terminal;
	struct writer writer;
	struct loop_fd watch;
	bool must_be_read;    /* call gone even when nothing is written */
	bool shares_terminal; /* with the progress bar */
	bool inside_line;     /* the last write did not end a line */
	int last_byte;	      /* of the last write; -1: none, or not known */
	int64_t blocked; /* since when it takes no more; ready follows; or 0 */
	void (*ready)(void *arg);
	void (*gone)(void *arg); /* it has no reader any more */
	void *arg;
};

/* What one write takes: the oldest bytes of several spools.  n = 0 at first. */
enum { CHANNEL_PIECES = 64 };

struct channel_batch {
	struct iovec iov[CHANNEL_PIECES];
	struct spool *spools[CHANNEL_PIECES];
	int n;
	bool from_file; /* what the only spool has in a file: there is no iov */
};

/* fd stays the caller's.  Set ready, gone and arg before. */
void channel_open(struct channel *c, struct loop *loop, struct terminal *terminal, int fd,
		  bool must_be_read);
void channel_close(struct channel *c);

/* Can bytes go there without a copy through volley? */
bool channel_is_direct(const struct channel *c);

/* Do both lead to the same file? */
bool channel_is_same(const struct channel *a, const struct channel *b);

/* Add to the batch what the spool can give at once, if anything.  -1 with err: it
 * cannot be read back. */
int channel_gather(const struct channel *c, struct channel_batch *b, struct spool *s,
		   struct err *err);

/* Write the batch, and drop from the spools what was written.  -1 with errno: EAGAIN
 * when no more can be written now (ready follows), or why writing failed. */
int channel_write(struct channel *c, const struct channel_batch *b, struct spill *spill);

/* Write what is in the spool, which is in memory, and then data.  Returns how much of
 * data was written; the spool keeps what was not.  For errors write again. */
size_t channel_write_after(struct channel *c, struct spool *before, struct spill *spill,
			   struct bytes data);

/* It has taken no more: wait until it does. */
void channel_wait(struct channel *c);

#endif
