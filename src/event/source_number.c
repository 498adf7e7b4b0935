/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/units.h"
#include "event/source_ops.h"

struct number_source {
	struct source base;
	struct source *from;
	struct seq_range *ranges;
	size_t n;	     /* of ranges; 0: all numbers */
	size_t at;	     /* the range that is not passed yet */
	uint64_t seq;	     /* of the last event taken from from */
	struct arena *skips; /* for events nobody wants */
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

/* At the end of the input: was there nothing of what comes next?  "9-" may be empty,
 * but "9" is a mistake. */
static bool misses_one(const struct number_source *s)
{
	const struct seq_range *r = &s->ranges[s->at];

	return s->at < s->n && r->first > s->seq && r->last != UINT64_MAX;
}

static enum source_result number_end(const struct number_source *s, struct err *err)
{
	if (!misses_one(s))
		return SOURCE_END;
	err_set(err, "there is no event %llu (--only): the input has %llu",
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
		    source_next(s->from, wanted ? a : s->skips, out, err);

		if (result != SOURCE_EVENT)
			return result == SOURCE_END ? number_end(s, err) : result;
		out->seq = ++s->seq;
		if (wanted)
			return SOURCE_EVENT;
		arena_reset(s->skips);
	}
	return SOURCE_END;
}

static void number_on_ready(struct source *base, source_ready_fn fn, void *arg)
{
	source_on_ready(((struct number_source *)base)->from, fn, arg);
}

static bool number_total(struct source *base, uint64_t *total)
{
	struct number_source *s = (struct number_source *)base;
	uint64_t all, sum = 0;

	if (!source_total(s->from, &all))
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

	source_free(s->from);
	arena_free(s->skips);
	free(s->ranges);
	free(s);
}

static const struct source_ops number_ops = {
    .next = number_next,
    .on_ready = number_on_ready,
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
	s->from = from;
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
