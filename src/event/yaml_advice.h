/* SPDX-License-Identifier: ISC */
#ifndef EVENT_YAML_ADVICE_H
#define EVENT_YAML_ADVICE_H

/* What libyaml says of wrong syntax, said to somebody who writes a list of
 * events: what is wrong, where, and what to do. */

#include <yaml.h>

#include "base/buf.h"

/* For a parser that stopped with an error: add the phrase, give the place. */
yaml_mark_t yaml_advice(const yaml_parser_t *parser, struct buf *phrase);

#endif
