/* SPDX-License-Identifier: ISC */

/* Chunks are allocated as they are needed, each twice as large as the one before up
 * to 64 KiB, and given out from their start.  A reset keeps the first chunk, so a job of
 * ordinary size allocates nothing when its arena is used again. */

#include <config.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

enum { FIRST_CHUNK = 1024, MAX_CHUNK = 64 * 1024 };

struct chunk {
	struct chunk *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *head; /* the chunk in use; older ones follow */
};

static struct chunk *chunk_new(size_t size, struct chunk *next)
{
	struct chunk *c = xmalloc(sizeof *c + size);

	c->next = next;
	c->size = size;
	c->used = 0;
	return c;
}

static void free_chunks(struct chunk *c)
{
	while (c != NULL) {
		struct chunk *next = c->next;

		free(c);
		c = next;
	}
}

struct arena *arena_new(void)
{
	struct arena *a = xmalloc(sizeof *a);

	a->head = chunk_new(FIRST_CHUNK, NULL);
	return a;
}

void arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_chunks(a->head);
	free(a);
}

void arena_reset(struct arena *a)
{
	struct chunk *first = a->head;

	while (first->next != NULL) {
		struct chunk *next = first->next;

		free(first);
		first = next;
	}
	first->used = 0;
	a->head = first;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->head;
	size_t step = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *p;

	if (step < n)
		step = n; /* absurd size: let the allocator refuse it */
	if (c->size - c->used < step) {
		size_t size = c->size < MAX_CHUNK ? c->size * 2 : MAX_CHUNK;

		if (size < step)
			size = step;
		c = a->head = chunk_new(size, c);
	}
	p = c->data + c->used;
	c->used += step;
	return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
	void *p = arena_alloc(a, count * size);

	memset(p, 0, count * size);
	return p;
}

char *arena_dup(struct arena *a, const void *p, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *arena_str(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s));
}

struct bytes arena_bytes(struct arena *a, struct bytes b)
{
	return (struct bytes){arena_dup(a, b.p, b.len), b.len};
}
