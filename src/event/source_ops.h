/* SPDX-License-Identifier: ISC */
#ifndef EVENT_SOURCE_OPS_H
#define EVENT_SOURCE_OPS_H

/* For those who write a source: the functions behind the public ones. */

#include "event/source.h"

struct source_ops {
	enum source_result (*next)(struct source *s, struct arena *a, struct event *out,
				   struct err *err);
	void (*on_ready)(struct source *s, source_ready_fn fn, void *arg);
	bool (*total)(struct source *s, uint64_t *total);
	void (*free)(struct source *s);
};

/* Every source struct begins with this. */
struct source {
	const struct source_ops *ops;
};

/* All events of a source, held in memory. */
struct source_held {
	struct source *from; /* NULL: all of it has been read */
	struct arena *arena;
	struct event *v;
	size_t n, cap;
};

/* Takes from. */
void source_held_init(struct source_held *held, struct source *from);
void source_held_free(struct source_held *held);

/* Read one more event: SOURCE_EVENT when it is there, as the last of v. */
enum source_result source_held_one(struct source_held *held, struct err *err);

/* Drop the events read so far. */
void source_held_forget(struct source_held *held);

/* Read it to its end: SOURCE_END once it is there, else AGAIN or ERROR. */
enum source_result source_held_load(struct source_held *held, struct err *err);

bool source_held_total(struct source_held *held, uint64_t *total);

/* Append copies of the items of from; to->items must have room. */
void event_add_items(struct event *to, const struct event *from, struct arena *a);

#endif
