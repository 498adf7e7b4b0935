/* SPDX-License-Identifier: ISC */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

/* Numbers with units, as users write them.  Each returns 0, or -1 when the
 * text is not wholly such a value; the out-parameter is set only on success. */

#include <stdbool.h>
#include <stdint.h>

/* "0.5", "30s", "1m30s", "2h", "1d3.5h", "200ms": nanoseconds.  A bare number
 * is seconds.  Negative values are refused; longer than 292 years is INT64_MAX. */
int units_duration(const char *text, int64_t *ns);

/* Bytes: "4096", "64k" (1000), "64K" (1024), likewise m M g G t T. */
int units_size(const char *text, uint64_t *bytes);

/* A decimal number without sign. */
int units_uint(const char *text, uint64_t *n);

/* The same, or with % after it. */
int units_percent(const char *text, uint64_t *n, bool *percent);

#endif
