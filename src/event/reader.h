/* SPDX-License-Identifier: ISC */
#ifndef EVENT_READER_H
#define EVENT_READER_H

/* Readers turn bytes into items.  Push parsers without I/O: bytes are fed in
 * pieces of any size, and the same input cut at any position gives the same
 * items and the same error.  Reading files is input.c's business. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"

/* Takes an item: item and all it points to are the receiver's to copy before
 * it returns (they live until the next feed).  line is where the item begins,
 * from 1.  Called only from within reader_feed and reader_finish. */
typedef void (*reader_emit_fn)(void *arg, const struct item *item, uint64_t line);

enum crlf { CRLF_AUTO, CRLF_STRIP, CRLF_KEEP };

struct reader_config {
	const char *name;     /* for messages: the file's name, or "(stdin)" */
	char delimiter;	      /* lines: what ends an event */
	enum crlf crlf;	      /* lines: AUTO looks at the first line */
	bool skip_blank;      /* lines: an empty or blank line is no event */
	uint64_t max_event;   /* bytes; a longer event is an error */
	reader_emit_fn emit;
	void *arg;
};

struct reader;

/* One implementation per format; the functions behind the public ones. */
struct reader_ops {
	const char *format;
	struct reader *(*open)(const struct reader_config *cfg);
	int (*feed)(struct reader *r, struct bytes data, struct err *err);
	int (*finish)(struct reader *r, struct err *err);
	void (*close)(struct reader *r);
};

extern const struct reader_ops reader_lines_ops;
extern const struct reader_ops reader_yaml_ops;

/* Every reader struct begins with this. */
struct reader {
	const struct reader_ops *ops;
};

struct reader *reader_open(const struct reader_ops *ops, const struct reader_config *cfg);

/* Take the next piece / the end of the input.  0, or -1 with err holding
 * "name:line:column: what; what to do": items before the bad place have been
 * emitted, and the reader may only be closed after that. */
int reader_feed(struct reader *r, struct bytes data, struct err *err);
int reader_finish(struct reader *r, struct err *err);
void reader_close(struct reader *r); /* NULL is allowed */

#endif
