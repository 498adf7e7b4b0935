/* SPDX-License-Identifier: ISC */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

/* UTF-8, character by character.  Valid is what Unicode says: the shortest form
 * only, no surrogates, nothing above U+10FFFF. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A decoder for input that comes byte by byte.  All zero at first. */
struct utf8 {
	uint32_t code;		 /* of the character, as far as its bytes have come */
	unsigned need;		 /* bytes still missing; 0: the character is complete */
	unsigned char low, high; /* the range of the next of these */
};

/* Add the next byte.  False: the input is not UTF-8. */
bool utf8_add(struct utf8 *u, unsigned char byte);

/* Is a stream, seen piece by piece, text: UTF-8 without NUL?  All zero at first. */
struct utf8_check {
	bool bad;	  /* it is not, and will not be */
	struct utf8 last; /* its last character */
};

void utf8_check_add(struct utf8_check *c, struct bytes data);
bool utf8_check_passes(const struct utf8_check *c); /* at the end */

/* The length in bytes of the character at the start of text, and its code; 0 when
 * text does not begin with a complete valid character. */
size_t utf8_first(struct bytes text, uint32_t *code);

/* The number of characters in valid UTF-8. */
size_t utf8_count(struct bytes text);

#endif
