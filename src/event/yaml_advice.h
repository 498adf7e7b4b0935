/* SPDX-License-Identifier: ISC */
#ifndef EVENT_YAML_ADVICE_H
#define EVENT_YAML_ADVICE_H

/* What libyaml says of wrong syntax, said to somebody who writes a list of
 * events: what is wrong, where, and what to do. */

#include <yaml.h>

#include "base/buf.h"
#include "event/utf8_scan.h"

/* For a parser that stopped with an error: add the phrase, give the place. */
yaml_mark_t yaml_advice(const yaml_parser_t *parser, struct buf *phrase);

/* Data and nothing else: no alias, no anchor, no tag but that of a text, no NUL.
 * False: the phrase says what it is instead. */
bool yaml_is_plain_data(const yaml_event_t *event, struct buf *phrase);

/* What is wrong with the bytes where utf8_scan stopped. */
void yaml_describe_fault(struct buf *phrase, enum utf8_fault fault, struct bytes at);

#endif
