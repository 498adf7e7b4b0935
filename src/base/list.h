/* SPDX-License-Identifier: ISC */
#ifndef BASE_LIST_H
#define BASE_LIST_H

/* A doubly linked ring with the links inside the elements: queues of jobs
 * without allocation.  An element is on at most one list per link. */

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *prev, *next;
};

#define LIST_ENTRY(linkp, type, member)                                                  \
	((type *)(void *)((char *)(linkp) - offsetof(type, member)))

static inline void list_init(struct link *head)
{
	head->prev = head->next = head;
}

static inline bool list_empty(const struct link *head)
{
	return head->next == head;
}

static inline void list_append(struct link *head, struct link *item)
{
	item->prev = head->prev;
	item->next = head;
	head->prev->next = item;
	head->prev = item;
}

static inline void list_remove(struct link *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	item->prev = item->next = item;
}

#endif
