/* SPDX-License-Identifier: ISC */
#ifndef BASE_CSV_H
#define BASE_CSV_H

/* CSV text: how a field is written, and what a table that comes piece by piece looks
 * like: where its header ends, what its columns are called, and whether every row has
 * the same number of them. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* Append a field, between quotes where a reader would otherwise see another one. */
void csv_add_field(struct buf *out, struct bytes field, char delimiter);

/* Append a piece of a field that is between quotes. */
void csv_add_piece(struct buf *out, struct bytes piece);

/* Does text begin with a byte order mark? */
bool csv_has_mark(struct bytes text);

struct csv_scan {
	struct buf names;    /* of the columns, each followed by a NUL */
	struct buf header;   /* the first row as it is written, with its line end */
	uint64_t row;	     /* the current one, from 1 */
	uint64_t columns;    /* of the header */
	uint64_t column;     /* in the row, from 1; 0: nothing of the row was seen */
	enum { CSV_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE } state;
};

#define CSV_SCAN_INIT {BUF_INIT, BUF_INIT, 1, 0, 0, CSV_START}

/* The longest header. */
enum { CSV_HEADER_MAX = 1024 * 1024 };

/* Step over data; -1 with err when the table is broken.  *body: where in data the
 * header ends, data.len while it has not. */
int csv_scan_add(struct csv_scan *s, struct bytes data, size_t *body, struct err *err);

/* The table ends; its last line may lack a newline. */
int csv_scan_end(struct csv_scan *s, struct err *err);

void csv_scan_clear(struct csv_scan *s);

#endif
