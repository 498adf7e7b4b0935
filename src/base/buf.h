/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUF_H
#define BASE_BUF_H

/* Two growable vectors: struct buf of bytes, struct strv of strings.
 *
 * Initialise them with BUF_INIT and STRV_INIT, or zeroes.  data and v are NULL while
 * nothing was added; pointers into them are valid until the next call that adds. */

#include <stdarg.h>
#include <stddef.h>

#include "base/bytes.h"

struct buf {
	char *data;
	size_t len, cap;
};

#define BUF_INIT {NULL, 0, 0}

/* Free the memory; the buffer is empty and usable again. */
void buf_clear(struct buf *b);

/* Forget the contents, keep the memory. */
void buf_reset(struct buf *b);

/* Room for n more bytes after the contents; the caller writes there and adds
 * to len itself. */
char *buf_room(struct buf *b, size_t n);

/* Append.  Never fail.  p may not point into b. */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addb(struct buf *b, struct bytes s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Append text for a person to read: see bytes_printable. */
void buf_add_printable(struct buf *b, struct bytes text, const char *keep);

/* Drop n bytes from the front. */
void buf_consume(struct buf *b, size_t n);

/* The contents with a NUL after them (not counted); valid until the next add. */
char *buf_cstr(struct buf *b);

static inline struct bytes buf_bytes(const struct buf *b)
{
	return (struct bytes){b->data, b->len};
}

/* Owns its strings, and is always ended by NULL once anything was added: ready for
 * execve. */
struct strv {
	char **v;
	size_t n, cap;
};

#define STRV_INIT {NULL, 0, 0}

void strv_add(struct strv *s, const char *text); /* copies */
void strv_take(struct strv *s, char *text);	 /* takes a malloc'ed string */
void strv_clear(struct strv *s);

#endif
