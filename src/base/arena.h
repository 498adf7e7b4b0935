/* SPDX-License-Identifier: ISC */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/* Memory with one lifetime: allocated piece by piece, freed all at once.
 *
 * Every job has one arena, from the pull of its event to its retirement; all
 * its strings live there.  Pointers stay valid until reset or free. */

#include <stddef.h>

#include "base/bytes.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is allowed */

/* Forget everything, but keep the first chunk for use again. */
void arena_reset(struct arena *a);

/* n bytes, aligned for any object, not initialised.  Never fails. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_calloc(struct arena *a, size_t count, size_t size);

/* Copies; the results end with a NUL that is not counted. */
char *arena_dup(struct arena *a, const void *p, size_t n);
char *arena_str(struct arena *a, const char *s);
struct bytes arena_bytes(struct arena *a, struct bytes b);

#endif
