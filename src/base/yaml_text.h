/* SPDX-License-Identifier: ISC */
#ifndef BASE_YAML_TEXT_H
#define BASE_YAML_TEXT_H

/* A stream as a YAML scalar, piece by piece, so that it may be larger than memory: a
 * literal block where that can hold the text as it is, else between double quotes.
 *
 * All pieces are passed first to yaml_text_look and then to yaml_text_add. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/utf8.h"

/* A character, byte by byte. */
struct yaml_character {
	struct utf8 utf8;
	unsigned len;
	char bytes[4];
};

/* All zero at first. */
struct yaml_text {
	struct utf8_check check;
	struct yaml_character character;
	bool any, visible;   /* a byte; one that is not white space */
	bool no_block;	     /* holds a character that must be escaped */
	char first;
	unsigned newlines; /* at the end: 2 for more */
	bool inside;	   /* a line has been begun */
};

/* Does every reader of YAML take the character as it is? */
bool yaml_text_is_plain(uint32_t c);

void yaml_text_look(struct yaml_text *t, struct bytes data);

/* Is all of it text? */
bool yaml_text_passes(const struct yaml_text *t);

/* Append the scalar, which is a value in a mapping whose keys have two blanks before
 * them, and the end of its line. */
void yaml_text_begin(struct yaml_text *t, struct buf *out);
void yaml_text_add(struct yaml_text *t, struct bytes data, struct buf *out);
void yaml_text_end(struct yaml_text *t, struct buf *out);

#endif
