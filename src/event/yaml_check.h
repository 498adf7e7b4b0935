/* SPDX-License-Identifier: ISC */
#ifndef EVENT_YAML_CHECK_H
#define EVENT_YAML_CHECK_H

/* What YAML input may hold, and what is wrong where it does not: before libyaml sees the
 * bytes, in the events that libyaml finds, and when it stops with an error.  The phrases
 * are for someone who writes a list of events: what is wrong, and what to do. */

#include <stdint.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/bytes.h"

/* What bytes YAML cannot hold, or libyaml would damage. */
enum yaml_fault {
	YAML_FINE,
	YAML_NOT_UTF8,	 /* not UTF-8 */
	YAML_CONTROL,	 /* a control character other than tab, LF, CR */
	YAML_LINE_BREAK, /* U+0085, U+2028, U+2029 */
	YAML_MARK,	 /* a byte order mark */
};

struct yaml_scan {
	uint64_t line, column; /* of the next character, from 1; in characters */
	bool after_cr;
};

#define YAML_SCAN_INIT {1, 1, false}

/* Step over whole and good characters.  Returns their length: less than
 * data.len where *fault says, or where the last character is incomplete. */
size_t yaml_scan(struct yaml_scan *s, struct bytes data, enum yaml_fault *fault);

/* Append what is wrong with the bytes where yaml_scan stopped. */
void yaml_describe_fault(struct buf *phrase, enum yaml_fault fault, struct bytes at);

/* Is the event without NUL, and without tags other than the core ones?  False: the phrase
 * says what is wrong. */
bool yaml_check_event(const yaml_event_t *event, struct buf *phrase);

/* The anchor of a node that begins with the event; NULL: none. */
const char *yaml_anchor(const yaml_event_t *event);

/* As yaml_check_event, but anchors and aliases are refused, too. */
bool yaml_is_plain_data(const yaml_event_t *event, struct buf *phrase);

/* Is the scalar a text whatever it looks like: quoted, or tagged as such? */
bool yaml_is_text(const yaml_event_t *event);

/* For a parser that stopped with an error: append the phrase, return the place. */
yaml_mark_t yaml_advice(const yaml_parser_t *parser, struct buf *phrase);

#endif
