/* SPDX-License-Identifier: ISC */
#ifndef EVENT_UTF8_SCAN_H
#define EVENT_UTF8_SCAN_H

/* Looks through input as it comes for bytes that YAML cannot hold, or that
 * libyaml would damage, and knows at which line and column it stands. */

#include <stdint.h>

#include "base/bytes.h"

enum utf8_fault {
	UTF8_FINE,
	UTF8_INVALID,	 /* not UTF-8 */
	UTF8_CONTROL,	 /* a control character other than tab, LF, CR */
	UTF8_LINE_BREAK, /* U+0085, U+2028, U+2029 */
	UTF8_MARK,	 /* a byte order mark */
};

struct utf8_scan {
	uint64_t line, column; /* of the next character, from 1; in characters */
	bool after_cr;
};

#define UTF8_SCAN_INIT {1, 1, false}

/* Step over whole and good characters.  Returns their length: less than
 * data.len where *fault says, or where the last character is incomplete. */
size_t utf8_scan(struct utf8_scan *s, struct bytes data, enum utf8_fault *fault);

#endif
