/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_CHANNEL_H
#define OUTPUT_CHANNEL_H

/* One of the two descriptors that output is written to, and the wait for it when
 * it takes no more. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "sys/loop.h"
#include "sys/terminal.h"
#include "sys/writer.h"

struct channel {
	struct loop *loop;
	struct writer writer;
	struct loop_fd watch;
	bool must_be_read;    /* its reader's end is told even when nothing is written */
	bool shares_terminal; /* with the progress bar */
	bool inside_line;     /* the last that was written did not end a line */
	int64_t blocked; /* since when it takes no more; ready will be told; or 0 */
	void (*ready)(void *arg);
	void (*gone)(void *arg); /* nobody reads it any more */
	void *arg;
};

/* fd stays the caller's.  Set ready, gone and arg before. */
void channel_open(struct channel *c, struct loop *loop, struct terminal *terminal, int fd,
		  bool must_be_read);
void channel_close(struct channel *c);

/* Can bytes go there that nobody looks at? */
bool channel_is_direct(const struct channel *c);

/* Do both lead to the same place? */
bool channel_is_same(const struct channel *a, const struct channel *b);

/* It has taken no more: wait until it does.  False: it cannot be waited for. */
bool channel_wait(struct channel *c);

#endif
