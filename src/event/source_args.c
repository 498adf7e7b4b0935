/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>

#include "base/mem.h"
#include "event/source_ops.h"

struct args_source {
	struct source base;
	char **words;
	size_t n, at;
};

static enum source_result args_next(struct source *s, struct arena *a, struct event *out,
				    struct err *err)
{
	struct args_source *args = (struct args_source *)s;
	struct item *item;

	(void)err;
	if (args->at == args->n)
		return SOURCE_END;
	item = arena_calloc(a, 1, sizeof *item);
	item->text = arena_bytes(a, bytes_str(args->words[args->at++]));
	item->kind = VALUE_TEXT;
	*out = (struct event){.items = item, .nitems = 1};
	return SOURCE_EVENT;
}

static bool args_total(struct source *s, uint64_t *total)
{
	*total = ((struct args_source *)s)->n;
	return true;
}

static void args_free(struct source *s)
{
	free(s);
}

static const struct source_ops args_ops = {
    .next = args_next,
    .total = args_total,
    .free = args_free,
};

struct source *source_args(char **words, size_t n)
{
	struct args_source *args = xcalloc(1, sizeof *args);

	args->base.ops = &args_ops;
	args->words = words;
	args->n = n;
	return &args->base;
}
