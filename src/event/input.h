/* SPDX-License-Identifier: ISC */
#ifndef EVENT_INPUT_H
#define EVENT_INPUT_H

/* Bytes of a file or of standard input, piece by piece, never blocking the
 * loop: what can be waited for is read only when it is readable, what cannot
 * (regular files, /dev/null) directly.
 *
 * Descriptor 0 keeps its flags: O_NONBLOCK would be seen by every process that
 * shares it.  Knows nothing of formats. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

struct input;
struct loop;

enum input_result {
	INPUT_DATA,  /* at least one byte */
	INPUT_AGAIN, /* nothing yet: the ready function will be called once */
	INPUT_END,   /* no more: ask no further (a terminal would go on) */
	INPUT_ERROR, /* err is filled */
};

/* Called from the loop after INPUT_AGAIN. */
typedef void (*input_ready_fn)(void *arg);

/* path "-": standard input.  Opened when first used; copies path. */
struct input *input_new(struct loop *loop, const char *path, input_ready_fn ready,
			void *arg);

/* Bytes that are there already; they must outlive the input. */
struct input *input_memory(struct bytes text);

void input_free(struct input *in); /* NULL is allowed */

/* The next piece; it lives until the next call. */
enum input_result input_read(struct input *in, struct bytes *data, struct err *err);

/* True when input_read would not say INPUT_AGAIN now. */
bool input_readable(struct input *in);

/* The size of what there is to read from the first byte on; -1: neither a
 * regular file nor memory. */
int64_t input_size(struct input *in);

/* Bytes from that offset on, without moving on.  Only where there is a size; 0 at
 * the end, -1 with errno. */
ssize_t input_peek(struct input *in, void *to, size_t n, int64_t offset);

#endif
