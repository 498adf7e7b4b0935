/* SPDX-License-Identifier: ISC */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

/* Base64, for bytes that are not text. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Written on one line, piece by piece.  All zero at first. */
struct base64 {
	uint32_t bits; /* of the bytes at hand */
	unsigned n;    /* of these: 0 to 2 */
};

void base64_add(struct base64 *b, struct bytes data, struct buf *out);
void base64_end(struct base64 *b, struct buf *out);

/* Append the bytes that such a text stands for; false: it is not base64. */
bool base64_decode(struct bytes text, struct buf *out);

#endif
