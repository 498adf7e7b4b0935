/* SPDX-License-Identifier: ISC */
#ifndef CLI_ELSEWHERE_H
#define CLI_ELSEWHERE_H

/* Options that hands know from xargs and GNU parallel, and volley has not. */

#include <stddef.h>

/* What to do instead of the option that the first len bytes spell ("--eta", "-X"): a
 * phrase; NULL: it is none of these. */
const char *elsewhere_advice(const char *spelling, size_t len);

#endif
