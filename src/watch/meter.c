/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "watch/cells.h"
#include "watch/columns.h"
#include "watch/meter.h"

/* Every line is made from a format; these are the ones nobody has to give. */
#define STATS " {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}{postfix}]"
#define PERCENT "{prefix}{percentage:3.0f}%"

static const char format_bar[] = "{l_bar}{bar}{r_bar}";
static const char format_l_bar[] = PERCENT "|";
static const char format_l_bar_no_total[] = "{prefix}|";
static const char format_r_bar[] = "|" STATS;
static const char format_no_bar[] = PERCENT STATS;
static const char format_no_total[] =
    "{heading}{n_fmt}{unit} [{elapsed}, {rate_fmt}{postfix}]";

enum { CELLS_DEFAULT = 10 };

/* What the fields of a line are taken from. */
struct meter {
	const struct meter_args *args;
	struct number n, total;
	bool total_known; /* it has a text */
	bool has_total;	  /* and there can be a bar */
	bool si;
	double rate; /* 0: unknown */
	double remaining;
	double done;	   /* part of the total, 0 to 1 */
	bool measuring;	   /* the bar is left out, to see what room there is */
	bool bar_seen;
	int64_t cells;
	const char *charset;
};

static bool is_empty(const char *text)
{
	return text == NULL || *text == '\0';
}

/* --- the arithmetic ------------------------------------------------------ */

static void scale_counts(struct meter *m)
{
	struct number scale = m->args->scale;
	double factor = number_value(scale);

	if (factor == 0)
		return;
	m->si = factor == 1; /* to tqdm 1 is the same as "on" */
	if (m->si)
		return;
	m->n = number_mul(m->n, scale);
	if (m->has_total)
		m->total = number_mul(m->total, scale);
	m->rate *= factor;
}

static void init_meter(struct meter *m, const struct meter_args *args)
{
	/* In doubles, as there: from 2^53 on a full bar loses its total. */
	bool over = args->total > 0 && (double)args->n >= (double)args->total + 0.5;

	*m = (struct meter){
	    .args = args,
	    .n = number_int(args->n),
	    .total = number_int(args->total),
	    .total_known = args->total >= 0 && !over,
	    .has_total = args->total > 0 && !over,
	    .si = args->si,
	    .rate = args->rate_given ? args->rate : 0,
	};
	scale_counts(m);
	if (!args->rate_given && args->elapsed != 0)
		m->rate = number_value(number_sub(m->n, number_int(args->initial))) /
			  args->elapsed;
	if (!m->has_total)
		return;
	m->done = number_value(m->n) / number_value(m->total);
	if (m->rate != 0)
		m->remaining = number_value(number_sub(m->total, m->n)) / m->rate;
}

/* --- the bar ------------------------------------------------------------- */

/* The charset a bar's spec asks for with its last letter, NULL for none. */
static const char *charset_by_letter(char letter)
{
	switch (letter) {
	case 'a':
	case 'A':
		return CELLS_ASCII;
	case 'u':
	case 'U':
		return CELLS_BLOCKS;
	case 'b':
	case 'B':
		return CELLS_BLANK;
	default:
		return NULL;
	}
}

static void add_bar(struct buf *out, struct meter *m, const char *spec)
{
	const char *charset = m->charset;
	int64_t cells = m->cells;
	size_t len = strlen(spec);
	long asked;

	m->bar_seen = true;
	if (m->measuring)
		return;
	if (len > 0 && charset_by_letter(spec[len - 1]) != NULL)
		charset = charset_by_letter(spec[--len]);
	if (len > 0) {
		asked = strtol(spec, NULL, 10);
		cells = asked < 0 ? cells + asked : asked;
	}
	cells_add(out, m->done, cells, charset, m->args->colour);
}

/* --- the other fields ---------------------------------------------------- */

static void expand(struct buf *out, struct meter *m, const char *format);

static const char *unit_of(const struct meter *m)
{
	return m->args->unit != NULL ? m->args->unit : "it";
}

/* The description with its colon; tqdm leaves one out where it sees one, but
 * not on a line without total. */
static void add_heading(struct buf *out, struct meter *m)
{
	if (is_empty(m->args->desc))
		return;
	buf_adds(out, m->args->desc);
	buf_adds(out, ": ");
}

static void add_prefix(struct buf *out, struct meter *m)
{
	const char *desc = m->args->desc;
	size_t len = desc != NULL ? strlen(desc) : 0;

	if (len >= 2 && strcmp(desc + len - 2, ": ") == 0)
		buf_adds(out, desc);
	else
		add_heading(out, m);
}

static void add_desc(struct buf *out, struct meter *m)
{
	if (m->args->desc != NULL)
		buf_adds(out, m->args->desc);
}

static void add_unit(struct buf *out, struct meter *m)
{
	buf_adds(out, unit_of(m));
}

static void add_postfix(struct buf *out, struct meter *m)
{
	if (is_empty(m->args->postfix))
		return;
	buf_adds(out, ", ");
	buf_adds(out, m->args->postfix);
}

static void add_l_bar(struct buf *out, struct meter *m)
{
	expand(out, m, m->has_total ? format_l_bar : format_l_bar_no_total);
}

static void add_r_bar(struct buf *out, struct meter *m)
{
	expand(out, m, format_r_bar);
}

static void add_count(struct buf *out, const struct meter *m, struct number count)
{
	if (m->si)
		meter_sizeof(out, number_value(count), "", m->args->divisor);
	else
		number_add(out, count);
}

static void add_n_fmt(struct buf *out, struct meter *m)
{
	add_count(out, m, m->n);
}

static void add_total_fmt(struct buf *out, struct meter *m)
{
	if (m->total_known)
		add_count(out, m, m->total);
	else
		buf_addc(out, '?');
}

static void add_n(struct buf *out, struct meter *m)
{
	number_add(out, m->n);
}

static void add_total(struct buf *out, struct meter *m)
{
	if (m->total_known)
		number_add(out, m->total);
	else
		buf_adds(out, "None");
}

static void add_elapsed(struct buf *out, struct meter *m)
{
	meter_interval(out, m->args->elapsed);
}

static void add_remaining(struct buf *out, struct meter *m)
{
	if (m->rate != 0)
		meter_interval(out, m->remaining);
	else
		buf_addc(out, '?');
}

static void add_speed(struct buf *out, const struct meter *m, double speed)
{
	if (speed == 0)
		buf_addc(out, '?');
	else if (m->si)
		meter_sizeof(out, speed, "", 1000);
	else
		number_add_fixed(out, speed, 5, 2);
}

static void add_rate_noinv_fmt(struct buf *out, struct meter *m)
{
	add_speed(out, m, m->rate);
	buf_adds(out, unit_of(m));
	buf_adds(out, "/s");
}

static void add_rate_inv_fmt(struct buf *out, struct meter *m)
{
	add_speed(out, m, m->rate != 0 ? 1 / m->rate : 0);
	buf_adds(out, "s/");
	buf_adds(out, unit_of(m));
}

static void add_rate_fmt(struct buf *out, struct meter *m)
{
	if (m->rate != 0 && 1 / m->rate > 1)
		add_rate_inv_fmt(out, m);
	else
		add_rate_noinv_fmt(out, m);
}

/* --- formats ------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*add)(struct buf *out, struct meter *m);
} texts[] = {
    {"desc", add_desc},
    {"elapsed", add_elapsed},
    {"heading", add_heading},
    {"l_bar", add_l_bar},
    {"n", add_n},
    {"n_fmt", add_n_fmt},
    {"postfix", add_postfix},
    {"prefix", add_prefix},
    {"r_bar", add_r_bar},
    {"rate_fmt", add_rate_fmt},
    {"rate_inv_fmt", add_rate_inv_fmt},
    {"rate_noinv_fmt", add_rate_noinv_fmt},
    {"remaining", add_remaining},
    {"total", add_total},
    {"total_fmt", add_total_fmt},
    {"unit", add_unit},
};

static bool add_text_field(struct buf *out, struct meter *m, const char *name)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(texts[i].name, name) == 0) {
			texts[i].add(out, m);
			return true;
		}
	}
	return false;
}

static bool number_field(const struct meter *m, const char *name, double *value)
{
	if (strcmp(name, "percentage") == 0)
		*value = m->done * 100;
	else if (strcmp(name, "elapsed_s") == 0)
		*value = m->args->elapsed;
	else if (strcmp(name, "remaining_s") == 0)
		*value = m->remaining;
	else
		return false;
	return true;
}

static void add_number(struct buf *out, double value, const char *spec)
{
	const char *point = strchr(spec, '.');

	if (*spec == '\0')
		number_add(out, number_float(value));
	else
		number_add_fixed(out, value, atoi(spec),
				 point != NULL ? atoi(point + 1) : 6);
}

/* A field's inside: "name" or "name:spec"; false when there is no such name. */
static bool add_field(struct buf *out, struct meter *m, char *name)
{
	char *colon = strchr(name, ':'), *spec = name + strlen(name);
	double value;

	if (colon != NULL) {
		*colon = '\0';
		spec = colon + 1;
	}
	if (strcmp(name, "bar") == 0)
		add_bar(out, m, spec);
	else if (number_field(m, name, &value))
		add_number(out, value, spec);
	else
		return add_text_field(out, m, name);
	return true;
}

/* With the description empty, its colon goes too; only where there is a total. */
static bool is_bare_heading(const struct meter *m, const char *p)
{
	return m->has_total && is_empty(m->args->desc) &&
	       strncmp(p, "{desc}: ", strlen("{desc}: ")) == 0;
}

/* The brace at p opens a field: add it and return the text behind it.  NULL
 * when it does not, then it is text too. */
static const char *expand_field(struct buf *out, struct meter *m, const char *p)
{
	size_t len = strcspn(p + 1, "{}");
	char field[32];

	if (is_bare_heading(m, p))
		return p + strlen("{desc}: ");
	if (p[1 + len] != '}' || len >= sizeof field)
		return NULL;
	memcpy(field, p + 1, len);
	field[len] = '\0';
	return add_field(out, m, field) ? p + len + 2 : NULL;
}

static void expand(struct buf *out, struct meter *m, const char *format)
{
	const char *p = format, *next;

	while (*p != '\0') {
		next = *p == '{' ? expand_field(out, m, p) : NULL;
		if (next == NULL) {
			buf_addc(out, *p);
			next = p + 1;
		}
		p = next;
	}
}

/* How wide the line is without its bar. */
static int64_t measure(struct meter *m, const char *format)
{
	struct buf scratch = BUF_INIT;
	int64_t columns;

	m->measuring = true;
	expand(&scratch, m, format);
	m->measuring = false;
	columns = (int64_t)columns_count(buf_bytes(&scratch));
	buf_clear(&scratch);
	return columns;
}

static void add_line(struct buf *out, struct meter *m, const char *format)
{
	const struct meter_args *args = m->args;
	size_t start = out->len;
	int64_t room = args->ncols - measure(m, format);

	m->cells = args->ncols <= 0 ? CELLS_DEFAULT : room < 1 ? 1 : room;
	m->charset = args->charset != NULL ? args->charset : CELLS_BLOCKS;
	if (!m->has_total)
		m->charset = CELLS_BLANK;
	expand(out, m, format);
	if (m->bar_seen && args->ncols > 0)
		columns_cut(out, start, (size_t)args->ncols);
}

void meter_format(struct buf *out, const struct meter_args *args)
{
	struct meter m;

	init_meter(&m, args);
	if (m.has_total && args->ncols == 0)
		expand(out, &m, format_no_bar);
	else if (!is_empty(args->format))
		add_line(out, &m, args->format);
	else
		add_line(out, &m, m.has_total ? format_bar : format_no_total);
}

void meter_interval(struct buf *out, double seconds)
{
	/* Beyond what an int64_t holds nobody waits: the ends of its range do. */
	const double limit = 9.2e18;
	double within = seconds > -limit ? seconds : -limit; /* also for no number at all */
	int64_t whole = (int64_t)(within < limit ? within : limit);
	int64_t minutes = whole / 60, s = whole % 60, hours;

	/* Towards minus infinity, as a negative rate's remaining time is shown. */
	if (s < 0) {
		s += 60;
		minutes--;
	}
	hours = minutes / 60;
	minutes %= 60;
	if (minutes < 0) {
		minutes += 60;
		hours--;
	}
	if (hours != 0)
		buf_addf(out, "%" PRId64 ":", hours);
	buf_addf(out, "%02d:%02d", (int)minutes, (int)s);
}

void meter_sizeof(struct buf *out, double x, const char *suffix, int64_t divisor)
{
	static const char prefixes[] = "kMGTPEZY";
	const char *prefix = NULL;

	while (fabs(x) >= 999.5 && (prefix == NULL || prefix[1] != '\0')) {
		x /= divisor != 0 ? (double)divisor : 1000;
		prefix = prefix == NULL ? prefixes : prefix + 1;
	}
	if (prefix != NULL && *prefix == 'Y')
		number_add_fixed(out, x, 3, 1); /* the last, however large */
	else if (fabs(x) < 9.995)
		number_add_fixed(out, x, 0, 2);
	else
		number_add_fixed(out, x, 0, fabs(x) < 99.95 ? 1 : 0);
	if (prefix != NULL)
		buf_addc(out, *prefix);
	buf_adds(out, suffix);
}

void meter_num(struct buf *out, struct number x)
{
	struct buf rough = BUF_INIT, exact = BUF_INIT;

	number_add_rough(&rough, number_value(x));
	number_add(&exact, x);
	/* exponents lose their leading zero: 1e+06 is 1e+6 */
	for (char *p = buf_cstr(&rough); (p = strpbrk(p, "+-")) != NULL; p++)
		if (p[1] == '0') {
			memmove(p + 1, p + 2, strlen(p + 2) + 1);
			rough.len--;
		}
	buf_addb(out, buf_bytes(rough.len < exact.len ? &rough : &exact));
	buf_clear(&rough);
	buf_clear(&exact);
}
