/* SPDX-License-Identifier: ISC */
#ifndef EVENT_YAML_ANCHORS_H
#define EVENT_YAML_ANCHORS_H

/* The values that have an anchor, in the document that is being read.
 *
 * A node of YAML is a series of parts: where its lists and mappings begin and end, and
 * scalars.  A node with an anchor is kept as a text of its parts.  What its own aliases
 * stand for is copied into that text, so an alias bomb reaches the budget at once, and
 * an alias is replaced by reading one text from its start to its end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum yaml_part_type {
	YAML_PART_OTHER, /* where documents begin and end; not part of a node */
	YAML_PART_MAPPING,
	YAML_PART_LIST,
	YAML_PART_END,	 /* of a list or mapping */
	YAML_PART_PLAIN, /* a scalar without quotes, read by what it looks like */
	YAML_PART_TEXT,	 /* any other scalar */
};

struct yaml_part {
	enum yaml_part_type type;
	struct bytes text; /* of a scalar; holds no NUL */
};

static inline bool yaml_part_is_scalar(const struct yaml_part *p)
{
	return p->type >= YAML_PART_PLAIN;
}

/* How many more lists and mappings are open after the part: 1, 0 or -1. */
int yaml_part_nests(const struct yaml_part *p);

/* Append a part to such a text; take the first part, or all parts of the first node,
 * off one. */
void yaml_part_write(struct buf *to, const struct yaml_part *p);
struct yaml_part yaml_part_take(struct bytes *text);
struct bytes yaml_node_take(struct bytes *text);

struct yaml_anchors;

/* budget: bytes for all that is kept. */
struct yaml_anchors *yaml_anchors_new(uint64_t budget);
void yaml_anchors_free(struct yaml_anchors *a);

/* The document has ended: forget all anchors. */
void yaml_anchors_reset(struct yaml_anchors *a);

/* A node with this anchor begins with the next part. */
void yaml_anchors_begin(struct yaml_anchors *a, const char *name);

/* Is a node with an anchor being read?  Then each part belongs to it: add it, or all of
 * the text that an alias stands for.  False: over budget. */
bool yaml_anchors_recording(const struct yaml_anchors *a);
bool yaml_anchors_add(struct yaml_anchors *a, const struct yaml_part *p);
bool yaml_anchors_add_text(struct yaml_anchors *a, struct bytes text);

/* Do not keep the nodes that are being read, whose end is far away.  Aliases in them
 * cannot stand for them, and what comes after them is not needed. */
void yaml_anchors_drop(struct yaml_anchors *a);

/* What an alias stands for; valid until the anchor is given to another node. */
enum yaml_anchor { YAML_ANCHOR_FOUND, YAML_ANCHOR_UNKNOWN, YAML_ANCHOR_RECURSIVE };
enum yaml_anchor yaml_anchors_find(const struct yaml_anchors *a, const char *name,
				   struct bytes *text);

#endif
