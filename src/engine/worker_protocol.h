/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_WORKER_PROTOCOL_H
#define ENGINE_WORKER_PROTOCOL_H

/* What persistent workers answer, cut into replies.  No I/O: the same bytes in
 * pieces of any size give the same replies. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

enum worker_reply_kind { WORKER_REPLY_LINE, WORKER_REPLY_NULL, WORKER_REPLY_JSON };

struct worker_decoder {
	enum worker_reply_kind kind;
	size_t max; /* bytes of a reply; 0: no limit */
	struct buf partial; /* a reply that has begun */
	struct arena *arena; /* of the JSON reply given last */
};

struct worker_reply {
	int status; /* 0 to 255 */
	struct bytes streams[2]; /* what it is to print: stdout, stderr */
};

void worker_decoder_init(struct worker_decoder *d, enum worker_reply_kind kind);
void worker_decoder_clear(struct worker_decoder *d);

/* Forget a reply that has begun: another worker answers from here on. */
void worker_decoder_reset(struct worker_decoder *d);

/* Use up the start of *data.  1: *reply is a whole one, valid until data goes or
 * the next call; 0: all is used, and no further reply is complete; -1 with err:
 * this is not a reply (data follows it). */
int worker_decode(struct worker_decoder *d, struct bytes *data,
		  struct worker_reply *reply, struct err *err);

/* At end of file: is there a reply without its last newline?  As worker_decode. */
int worker_decode_end(struct worker_decoder *d, struct worker_reply *reply,
		      struct err *err);

#endif
