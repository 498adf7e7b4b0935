/* SPDX-License-Identifier: ISC */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

/* "Did you mean ...?": the one of several names that is nearest to a word that
 * is none of them. */

#include <stddef.h>

#include "base/bytes.h"

struct suggestion {
	struct bytes word;
	const char *best; /* NULL: nothing is near enough */
	size_t distance;
};

void suggest_begin(struct suggestion *s, struct bytes word);

/* One of the names; it must outlive the suggestion.  Of several that are as
 * near, the first stays. */
void suggest_try(struct suggestion *s, const char *name);

#endif
