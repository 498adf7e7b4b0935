/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/clock.h"
#include "output/record.h"

static void add_item(struct buf *b, const struct item *item, struct arena *a)
{
	if (item->mapping)
		buf_addb(b, item_text(item, a));
	else
		json_add_value(b, item->text, item->kind);
}

static void add_event(struct buf *b, const struct event *e, struct arena *a)
{
	if (e->nitems == 1) {
		add_item(b, &e->items[0], a);
		return;
	}
	buf_addc(b, '[');
	for (size_t i = 0; i < e->nitems; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_item(b, &e->items[i], a);
	}
	buf_addc(b, ']');
}

void record_event_json(struct buf *b, const struct record *r)
{
	struct arena *a = arena_new();

	if (r->batched)
		buf_addc(b, '[');
	for (size_t i = 0; i < r->nevents; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_event(b, r->events[i], a);
	}
	if (r->batched)
		buf_addc(b, ']');
	arena_free(a);
}

void record_add_time(struct buf *b, int64_t ns)
{
	int64_t ms = ns / NSEC_PER_MSEC;

	buf_addf(b, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}
