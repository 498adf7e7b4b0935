/* SPDX-License-Identifier: ISC */

/* Nodes with anchors may be nested, so one tape records the outermost of them, and each
 * gets a copy of its stretch when it ends.  An anchor exists from the start of its node:
 * until the end an alias to it would be recursive.  Anchors are found in a balanced tree,
 * because a hostile file can have many. */

#include <config.h>

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "event/yaml_anchors.h"

/* --- parts: a byte for the type, for scalars also the text and a NUL */

int yaml_part_nests(const struct yaml_part *p)
{
	if (p->type == YAML_PART_END)
		return -1;
	return p->type == YAML_PART_MAPPING || p->type == YAML_PART_LIST;
}

void yaml_part_write(struct buf *to, const struct yaml_part *p)
{
	buf_addc(to, (char)p->type);
	if (!yaml_part_is_scalar(p))
		return;
	buf_addb(to, p->text);
	buf_addc(to, '\0');
}

struct yaml_part yaml_part_take(struct bytes *text)
{
	struct yaml_part p = {.type = (enum yaml_part_type)*text->p};
	size_t used = 1;

	if (yaml_part_is_scalar(&p)) {
		p.text = bytes_str(text->p + 1);
		used += p.text.len + 1;
	}
	text->p += used;
	text->len -= used;
	return p;
}

struct bytes yaml_node_take(struct bytes *text)
{
	struct bytes node = *text;
	int depth = 0;

	do {
		struct yaml_part p = yaml_part_take(text);

		depth += yaml_part_nests(&p);
	} while (depth > 0);
	node.len -= text->len;
	return node;
}

/* --- anchors */

struct anchor {
	char *name;
	char *text; /* NULL: its node has not ended */
	size_t len;
};

struct open_node {
	struct anchor *anchor; /* NULL: given to another node inside this one */
	size_t start;	       /* in the tape */
	int depth;
};

struct yaml_anchors {
	uint64_t budget, kept;
	void *tree; /* of struct anchor, by name */
	struct open_node *open;
	size_t nopen, cap;
	struct buf tape; /* of the outermost open node */
	int depth;	 /* in it */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

struct yaml_anchors *yaml_anchors_new(uint64_t budget)
{
	struct yaml_anchors *a = xcalloc(1, sizeof *a);

	a->budget = budget;
	return a;
}

void yaml_anchors_drop(struct yaml_anchors *a)
{
	a->nopen = 0;
	a->depth = 0;
	buf_clear(&a->tape);
}

void yaml_anchors_reset(struct yaml_anchors *a)
{
	yaml_anchors_drop(a);
	while (a->tree != NULL) {
		struct anchor *top = *(struct anchor **)a->tree;

		tdelete(top, &a->tree, compare);
		free(top->name);
		free(top->text);
		free(top);
	}
	a->kept = 0;
}

void yaml_anchors_free(struct yaml_anchors *a)
{
	yaml_anchors_reset(a);
	free(a->open);
	free(a);
}

/* The anchor of that name without a node, new or given to another node before. */
static struct anchor *take_anchor(struct yaml_anchors *a, const char *name)
{
	struct anchor *new = xcalloc(1, sizeof *new), **found;

	new->name = xstrdup(name);
	found = tsearch(new, &a->tree, compare);
	if (found == NULL)
		mem_die(0);
	if (*found == new) {
		a->kept += sizeof *new + strlen(name);
		return new;
	}
	free(new->name);
	free(new);
	a->kept -= (*found)->len;
	free((*found)->text);
	(*found)->text = NULL;
	(*found)->len = 0;
	return *found;
}

void yaml_anchors_begin(struct yaml_anchors *a, const char *name)
{
	struct anchor *anchor = take_anchor(a, name);

	for (size_t i = 0; i < a->nopen; i++)
		if (a->open[i].anchor == anchor)
			a->open[i].anchor = NULL;
	a->open = xgrow(a->open, &a->cap, a->nopen + 1, sizeof *a->open);
	a->open[a->nopen++] = (struct open_node){anchor, a->tape.len, a->depth};
}

bool yaml_anchors_recording(const struct yaml_anchors *a)
{
	return a->nopen > 0;
}

static bool in_budget(const struct yaml_anchors *a)
{
	return a->kept + a->tape.len <= a->budget;
}

/* The innermost open node has ended. */
static void keep(struct yaml_anchors *a)
{
	const struct open_node *node = &a->open[--a->nopen];
	struct anchor *anchor = node->anchor;

	if (anchor != NULL) {
		anchor->len = a->tape.len - node->start;
		anchor->text = xmemdup0(a->tape.data + node->start, anchor->len);
		a->kept += anchor->len;
	}
	if (a->nopen == 0)
		buf_reset(&a->tape);
}

bool yaml_anchors_add(struct yaml_anchors *a, const struct yaml_part *p)
{
	yaml_part_write(&a->tape, p);
	a->depth += yaml_part_nests(p);
	if (!in_budget(a))
		return false;
	if (a->open[a->nopen - 1].depth == a->depth)
		keep(a);
	return true;
}

bool yaml_anchors_add_text(struct yaml_anchors *a, struct bytes text)
{
	if (a->kept + a->tape.len + text.len > a->budget)
		return false;
	buf_addb(&a->tape, text);
	return true;
}

enum yaml_anchor yaml_anchors_find(const struct yaml_anchors *a, const char *name,
				   struct bytes *text)
{
	struct anchor key = {.name = (char *)name}, **found;

	found = tfind(&key, &a->tree, compare);
	if (found == NULL)
		return YAML_ANCHOR_UNKNOWN;
	if ((*found)->text == NULL)
		return YAML_ANCHOR_RECURSIVE;
	*text = (struct bytes){(*found)->text, (*found)->len};
	return YAML_ANCHOR_FOUND;
}
