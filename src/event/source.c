/* SPDX-License-Identifier: ISC */

/* Sources that need no input of their own: the words of the command line, and those
 * that combine, shuffle, number and select the events of others.  A source that needs
 * all events of another first holds them in a struct held. */

#include <config.h>

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/units.h"
#include "event/source.h"

enum source_result source_next(struct source *s, struct arena *a, struct event *out,
			       struct err *err)
{
	return s->ops->next(s, a, out, err);
}

void source_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	if (s->ops->on_ready != NULL)
		s->ops->on_ready(s, fn, arg);
	else if (s->from != NULL)
		source_on_ready(s->from, fn, arg);
}

bool source_total(struct source *s, uint64_t *total)
{
	return s->ops->total(s, total);
}

void source_free(struct source *s)
{
	if (s == NULL)
		return;
	source_free(s->from);
	s->ops->free(s);
}

/* --- arguments */

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

/* --- events in memory */

/* All events of a source, held in memory. */
struct held {
	struct source *from; /* NULL: all of it has been read */
	struct arena *arena;
	struct event *v;
	size_t n, cap;
};

static void held_init(struct held *held, struct source *from)
{
	*held = (struct held){.from = from, .arena = arena_new()};
}

static void held_free(struct held *held)
{
	source_free(held->from);
	arena_free(held->arena);
	free(held->v);
}

/* Read one more event: SOURCE_EVENT when it is there, as the last of v. */
static enum source_result held_one(struct held *held, struct err *err)
{
	enum source_result result;

	if (held->from == NULL)
		return SOURCE_END;
	held->v = xgrow(held->v, &held->cap, held->n + 1, sizeof *held->v);
	result = source_next(held->from, held->arena, &held->v[held->n], err);
	if (result == SOURCE_EVENT)
		held->n++;
	if (result != SOURCE_END)
		return result;
	source_free(held->from);
	held->from = NULL;
	return SOURCE_END;
}

/* Drop the events read so far. */
static void held_forget(struct held *held)
{
	held->n = 0;
	arena_reset(held->arena);
}

/* Read to the end: SOURCE_END when it is there, else AGAIN or ERROR. */
static enum source_result held_load(struct held *held, struct err *err)
{
	enum source_result result;

	do
		result = held_one(held, err);
	while (result == SOURCE_EVENT);
	return result;
}

static bool held_total(struct held *held, uint64_t *total)
{
	if (held->from != NULL)
		return source_total(held->from, total);
	*total = held->n;
	return true;
}

static void held_on_ready(struct held *held, source_ready_fn fn, void *arg)
{
	if (held->from != NULL)
		source_on_ready(held->from, fn, arg);
}

/* Append copies of the items of from; to->items must have room. */
static void add_items(struct event *to, const struct event *from, struct arena *a)
{
	for (size_t i = 0; i < from->nitems; i++)
		item_copy(&to->items[to->nitems++], &from->items[i], a);
	if (to->file == NULL && from->file != NULL) {
		to->file = arena_str(a, from->file);
		to->line = from->line;
	}
}

/* --- every combination of several sources */

struct cross_source {
	struct source base; /* from: the first, which is streamed; the others are held */
	struct held *held;
	size_t nheld;
	bool loaded, empty;
	struct arena *arena;  /* of the first's event */
	struct event current; /* the first's event */
	size_t *at;	      /* which event of each of the held comes next */
	bool wrapped;	      /* all of the held were gone through with current */
};

static enum source_result load_held(struct cross_source *c, struct err *err)
{
	for (size_t i = 0; i < c->nheld; i++) {
		enum source_result result = held_load(&c->held[i], err);

		if (result != SOURCE_END)
			return result;
		if (c->held[i].n == 0)
			c->empty = true;
	}
	c->loaded = true;
	return SOURCE_END;
}

/* Like an odometer: the last wheel turns fastest. */
static void turn(struct cross_source *c)
{
	for (size_t i = c->nheld; i > 0; i--) {
		if (++c->at[i - 1] < c->held[i - 1].n)
			return;
		c->at[i - 1] = 0;
	}
	c->wrapped = true;
}

static void combine_crossed(struct cross_source *c, struct arena *a, struct event *out)
{
	size_t n = c->current.nitems;

	for (size_t i = 0; i < c->nheld; i++)
		n += c->held[i].v[c->at[i]].nitems;
	*out = (struct event){.items = arena_alloc(a, n * sizeof *out->items)};
	add_items(out, &c->current, a);
	for (size_t i = 0; i < c->nheld; i++)
		add_items(out, &c->held[i].v[c->at[i]], a);
}

static enum source_result cross_next(struct source *s, struct arena *a, struct event *out,
				     struct err *err)
{
	struct cross_source *c = (struct cross_source *)s;
	enum source_result result;

	if (!c->loaded) {
		result = load_held(c, err);
		if (result != SOURCE_END)
			return result;
	}
	if (c->empty)
		return SOURCE_END;
	if (c->wrapped) {
		arena_reset(c->arena);
		result = source_next(s->from, c->arena, &c->current, err);
		if (result != SOURCE_EVENT)
			return result;
		c->wrapped = false;
	}
	combine_crossed(c, a, out);
	turn(c);
	return SOURCE_EVENT;
}

static void cross_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	struct cross_source *c = (struct cross_source *)s;

	source_on_ready(s->from, fn, arg);
	for (size_t i = 0; i < c->nheld; i++)
		held_on_ready(&c->held[i], fn, arg);
}

static bool cross_total(struct source *s, uint64_t *total)
{
	struct cross_source *c = (struct cross_source *)s;
	uint64_t product, n;

	if (!source_total(s->from, &product))
		return false;
	for (size_t i = 0; i < c->nheld; i++)
		if (!held_total(&c->held[i], &n) ||
		    __builtin_mul_overflow(product, n, &product))
			return false;
	*total = product;
	return true;
}

static void cross_free(struct source *s)
{
	struct cross_source *c = (struct cross_source *)s;

	for (size_t i = 0; i < c->nheld; i++)
		held_free(&c->held[i]);
	free(c->held);
	free(c->at);
	arena_free(c->arena);
	free(c);
}

static const struct source_ops cross_ops = {
    .next = cross_next,
    .on_ready = cross_on_ready,
    .total = cross_total,
    .free = cross_free,
};

struct source *source_cross(struct source **parts, size_t n)
{
	struct cross_source *c;

	if (n == 1)
		return parts[0];
	c = xcalloc(1, sizeof *c);
	c->base.ops = &cross_ops;
	c->base.from = parts[0];
	c->nheld = n - 1;
	c->held = xcalloc(c->nheld, sizeof *c->held);
	c->at = xcalloc(c->nheld, sizeof *c->at);
	for (size_t i = 0; i < c->nheld; i++)
		held_init(&c->held[i], parts[i + 1]);
	c->arena = arena_new();
	c->wrapped = true;
	return &c->base;
}

/* --- side by side: in each round every source gives one event, in order; a round that
 * has to wait goes on where it stopped */

struct link_source {
	struct source base;
	struct held *parts;
	size_t n;
	bool recycle;
	bool ended;
	uint64_t round; /* from 0 */
	size_t at;	/* the part that is next in this round */
	bool fresh;	/* recycle: a part has given a new event in this round */
};

/* The event of a part in this round. */
static const struct event *part_event(const struct link_source *l, size_t i)
{
	const struct held *part = &l->parts[i];

	return &part->v[l->recycle ? l->round % part->n : 0];
}

/* Have the event of the next part ready, or l->ended. */
static enum source_result pull(struct link_source *l, struct err *err)
{
	struct held *part = &l->parts[l->at];
	enum source_result result = held_one(part, err);

	if (result == SOURCE_EVENT)
		l->fresh = true;
	else if (result != SOURCE_END)
		return result;
	else if (!l->recycle || part->n == 0)
		l->ended = true;
	l->at++;
	return result;
}

static void combine_linked(const struct link_source *l, struct arena *a, struct event *out)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += part_event(l, i)->nitems;
	*out = (struct event){.items = arena_alloc(a, n * sizeof *out->items)};
	for (size_t i = 0; i < l->n; i++)
		add_items(out, part_event(l, i), a);
}

static void begin_round(struct link_source *l)
{
	l->round++;
	l->at = 0;
	l->fresh = false;
	for (size_t i = 0; !l->recycle && i < l->n; i++)
		held_forget(&l->parts[i]);
}

static enum source_result link_next(struct source *s, struct arena *a, struct event *out,
				    struct err *err)
{
	struct link_source *l = (struct link_source *)s;

	while (l->at < l->n && !l->ended) {
		enum source_result result = pull(l, err);

		if (result == SOURCE_AGAIN || result == SOURCE_ERROR)
			return result;
	}
	if (!l->fresh)
		l->ended = true;
	if (l->ended)
		return SOURCE_END;
	combine_linked(l, a, out);
	begin_round(l);
	return SOURCE_EVENT;
}

static void link_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	struct link_source *l = (struct link_source *)s;

	for (size_t i = 0; i < l->n; i++)
		held_on_ready(&l->parts[i], fn, arg);
}

static bool link_total(struct source *s, uint64_t *total)
{
	struct link_source *l = (struct link_source *)s;
	uint64_t n, least = UINT64_MAX, most = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->parts[i].from == NULL)
			n = l->recycle ? l->parts[i].n : l->round;
		else if (!source_total(l->parts[i].from, &n))
			return false;
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	*total = l->recycle && least > 0 ? most : least;
	return true;
}

static void link_free(struct source *s)
{
	struct link_source *l = (struct link_source *)s;

	for (size_t i = 0; i < l->n; i++)
		held_free(&l->parts[i]);
	free(l->parts);
	free(l);
}

static const struct source_ops link_ops = {
    .next = link_next,
    .on_ready = link_on_ready,
    .total = link_total,
    .free = link_free,
};

struct source *source_link(struct source **parts, size_t n, bool recycle)
{
	struct link_source *l;

	if (n == 1)
		return parts[0];
	l = xcalloc(1, sizeof *l);
	l->base.ops = &link_ops;
	l->recycle = recycle;
	l->n = n;
	l->parts = xcalloc(n, sizeof *l->parts);
	for (size_t i = 0; i < n; i++)
		held_init(&l->parts[i], parts[i]);
	return &l->base;
}

/* --- in random order */

struct shuffle_source {
	struct source base;
	struct held held;
	size_t left; /* of held.v: those not given out yet come first */
	bool loaded;
	uint64_t state;
};

/* splitmix64: small, and every seed is a good one. */
static uint64_t random_bits(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Below n, each equally likely: what is over a multiple of n is thrown again. */
static uint64_t random_below(uint64_t *state, uint64_t n)
{
	uint64_t bits, top = UINT64_MAX - UINT64_MAX % n;

	do
		bits = random_bits(state);
	while (bits >= top);
	return bits % n;
}

static enum source_result shuffle_next(struct source *s, struct arena *a,
				       struct event *out, struct err *err)
{
	struct shuffle_source *sh = (struct shuffle_source *)s;
	enum source_result result;
	size_t pick;

	if (!sh->loaded) {
		result = held_load(&sh->held, err);
		if (result != SOURCE_END)
			return result;
		sh->loaded = true;
		sh->left = sh->held.n;
	}
	if (sh->left == 0)
		return SOURCE_END;
	pick = (size_t)random_below(&sh->state, sh->left--);
	event_copy(out, &sh->held.v[pick], a);
	sh->held.v[pick] = sh->held.v[sh->left];
	return SOURCE_EVENT;
}

static void shuffle_on_ready(struct source *s, source_ready_fn fn, void *arg)
{
	held_on_ready(&((struct shuffle_source *)s)->held, fn, arg);
}

static bool shuffle_total(struct source *s, uint64_t *total)
{
	return held_total(&((struct shuffle_source *)s)->held, total);
}

static void shuffle_free(struct source *s)
{
	held_free(&((struct shuffle_source *)s)->held);
	free(s);
}

static const struct source_ops shuffle_ops = {
    .next = shuffle_next,
    .on_ready = shuffle_on_ready,
    .total = shuffle_total,
    .free = shuffle_free,
};

struct source *source_shuffle(struct source *from, uint64_t seed)
{
	struct shuffle_source *sh = xcalloc(1, sizeof *sh);

	sh->base.ops = &shuffle_ops;
	held_init(&sh->held, from);
	sh->state = seed;
	return &sh->base;
}

/* --- numbers, and the choice of some */

struct number_source {
	struct source base;
	struct seq_range *ranges;
	size_t n;	     /* of ranges; 0: all numbers */
	size_t at;	     /* the range that is not passed yet */
	uint64_t seq;	     /* of the last event taken from from */
	struct arena *skips; /* of events that are not wanted */
};

/* True when the event of that number is wanted; moves on to its range. */
static bool is_wanted(struct number_source *s, uint64_t seq)
{
	if (s->n == 0)
		return true;
	while (s->at < s->n && s->ranges[s->at].last < seq)
		s->at++;
	return s->at < s->n && s->ranges[s->at].first <= seq;
}

static bool is_past_all(const struct number_source *s, uint64_t seq)
{
	return s->n > 0 && s->ranges[s->n - 1].last < seq;
}

/* At the end of the input: is the next range without any event?  "9-" may be, but "9"
 * is a mistake. */
static bool misses_one(const struct number_source *s)
{
	const struct seq_range *r = &s->ranges[s->at];

	return s->at < s->n && r->first > s->seq && r->last != UINT64_MAX;
}

static enum source_result number_end(const struct number_source *s, struct err *err)
{
	if (!misses_one(s))
		return SOURCE_END;
	err_set(err, "event %llu is selected, but the input has only %llu",
		(unsigned long long)s->ranges[s->at].first, (unsigned long long)s->seq);
	return SOURCE_ERROR;
}

static enum source_result number_next(struct source *base, struct arena *a,
				      struct event *out, struct err *err)
{
	struct number_source *s = (struct number_source *)base;

	while (!is_past_all(s, s->seq + 1)) {
		bool wanted = is_wanted(s, s->seq + 1);
		enum source_result result =
		    source_next(base->from, wanted ? a : s->skips, out, err);

		if (result != SOURCE_EVENT)
			return result == SOURCE_END ? number_end(s, err) : result;
		out->seq = ++s->seq;
		if (wanted)
			return SOURCE_EVENT;
		arena_reset(s->skips);
	}
	return SOURCE_END;
}

static bool number_total(struct source *base, uint64_t *total)
{
	struct number_source *s = (struct number_source *)base;
	uint64_t all, sum = 0;

	if (!source_total(base->from, &all))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		const struct seq_range *r = &s->ranges[i];

		if (r->first <= all)
			sum += (r->last < all ? r->last : all) - r->first + 1;
	}
	*total = s->n > 0 ? sum : all;
	return true;
}

static void number_free(struct source *base)
{
	struct number_source *s = (struct number_source *)base;

	arena_free(s->skips);
	free(s->ranges);
	free(s);
}

static const struct source_ops number_ops = {
    .next = number_next,
    .total = number_total,
    .free = number_free,
};

/* "5", "3-5", "9-" up to a comma or the end; NULL: none of these. */
static const char *parse_number(const char *p, uint64_t *n)
{
	char digits[24];
	size_t len = 0;

	while (isdigit((unsigned char)p[len]))
		len++;
	if (len == 0 || len >= sizeof digits)
		return NULL;
	memcpy(digits, p, len);
	digits[len] = '\0';
	return units_uint(digits, n) == 0 && *n > 0 ? p + len : NULL;
}

static const char *parse_range(const char *p, struct seq_range *r)
{
	p = parse_number(p, &r->first);
	if (p == NULL)
		return NULL;
	r->last = r->first;
	if (*p == '-') {
		p++;
		if (*p == '\0' || *p == ',')
			r->last = UINT64_MAX;
		else
			p = parse_number(p, &r->last);
	}
	if (p == NULL || (*p != '\0' && *p != ',') || r->last < r->first)
		return NULL;
	return p;
}

static int by_first(const void *a, const void *b)
{
	const struct seq_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Make ranges ascend without overlap; returns how many are left. */
static size_t tidy(struct seq_range *v, size_t n)
{
	size_t kept = 0;

	qsort(v, n, sizeof *v, by_first);
	for (size_t i = 1; i < n; i++) {
		if (v[i].first > v[kept].last)
			v[++kept] = v[i];
		else if (v[i].last > v[kept].last)
			v[kept].last = v[i].last;
	}
	return kept + 1;
}

struct source *source_number(struct source *from, const struct seq_range *ranges, size_t n)
{
	struct number_source *s = xcalloc(1, sizeof *s);

	s->base.ops = &number_ops;
	s->base.from = from;
	s->n = n;
	s->ranges = xcalloc(n, sizeof *ranges);
	for (size_t i = 0; i < n; i++)
		s->ranges[i] = ranges[i];
	s->skips = arena_new();
	return &s->base;
}

int seq_ranges_parse(const char *text, struct seq_range **ranges, size_t *n)
{
	struct seq_range *v = NULL;
	size_t count = 0, cap = 0;

	for (const char *p = text;; p++) {
		v = xgrow(v, &cap, count + 1, sizeof *v);
		p = parse_range(p, &v[count]);
		if (p == NULL) {
			free(v);
			return -1;
		}
		count++;
		if (*p == '\0')
			break;
	}
	*ranges = v;
	*n = tidy(v, count);
	return 0;
}
