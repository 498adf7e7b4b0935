/* SPDX-License-Identifier: ISC */
#ifndef OUTPUT_CSV_SCAN_H
#define OUTPUT_CSV_SCAN_H

/* Looks through a CSV table piece by piece, without changing it: where its header
 * ends, what its columns are called, and whether every row has as many. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct csv_scan {
	struct buf names;    /* of the columns, a NUL behind each */
	struct buf header;   /* the first row as it is written, with its line's end */
	uint64_t row;	     /* the one we are in, from 1 */
	uint64_t columns;    /* of the header */
	uint64_t column;     /* in the row, from 1; 0: nothing of the row was seen */
	enum { CSV_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE } state;
};

#define CSV_SCAN_INIT {BUF_INIT, BUF_INIT, 1, 0, 0, CSV_START}

/* A header may not be longer. */
enum { CSV_HEADER_MAX = 1024 * 1024 };

/* Step over data; -1 with err when the table is broken.  *body: the offset in
 * data behind the header, data.len while it has not ended. */
int csv_scan_add(struct csv_scan *s, struct bytes data, size_t *body, struct err *err);

/* No more comes: the last line may lack its end. */
int csv_scan_end(struct csv_scan *s, struct err *err);

void csv_scan_clear(struct csv_scan *s);

#endif
