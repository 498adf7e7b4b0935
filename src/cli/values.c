/* SPDX-License-Identifier: ISC */

/* Parses the argument of each option straight into the settings.  What is wrong with
 * one is said by a phrase; given.c adds the option, the argument and their place. */

#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "cli/given.h"
#include "command/environment.h"
#include "event/colsep.h"
#include "event/reader.h"
#include "run/limits.h"
#include "sys/capacity.h"

#define UNUSED __attribute__((unused))
#define PARSER(name) \
	int name(struct settings *s UNUSED, const struct given *g UNUSED, \
		 struct err *err UNUSED)

enum { MAX_EVENT = 16 * 1024 * 1024 };

#define HEX_DIGITS "0123456789abcdefABCDEF"

/* --- settings */

void settings_init(struct settings *s)
{
	*s = (struct settings){
	    .delimiter = -1,
	    .reply = -1,
	    .color = COLOR_AUTO,
	    .reader = {.max_event = MAX_EVENT},
	    .max_args = 1,
	    .sched = {.retry = {.tries = 1},
		      .termination = termination_default,
		      .limits = {.root = ""}},
	    .drain_ns = 2 * NSEC_PER_SEC,
	    .unit = "job",
	};
}

void settings_clear(struct settings *s)
{
	for (size_t i = 0; i < s->nenv; i++)
		free((char *)s->env[i].name);
	free(s->env);
	free(s->inputs.v);
	free(s->only);
	colsep_free(s->colsep);
}

void inputs_add(struct inputs *l, struct input in)
{
	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = in;
}

static void *member(struct settings *s, const struct given *g)
{
	return (char *)s + g->option->offset;
}

/* --- parsers that several options use */

PARSER(parse_flag)
{
	*(bool *)member(s, g) = true;
	return 0;
}

PARSER(parse_constant)
{
	*(int *)member(s, g) = (int)g->option->min;
	return 0;
}

PARSER(parse_text)
{
	*(const char **)member(s, g) = g->arg;
	if (g->option->place > 0)
		*(struct place *)((char *)s + g->option->place) = g->at;
	return 0;
}

/* An empty name is what an unset variable leaves. */
PARSER(parse_name)
{
	if (*g->arg == '\0')
		return err_usage(err, "the name is empty");
	return parse_text(s, g, err);
}

PARSER(parse_count)
{
	const struct option *o = g->option;
	const char *digits = g->arg + (*g->arg == '-');
	uint64_t n;

	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return err_usage(err, "not a number");
	if (units_uint(g->arg, &n) < 0 || n < o->min || n > o->max)
		return err_usage(err, "write %llu to %llu", (unsigned long long)o->min,
				 (unsigned long long)o->max);
	if (o->size == sizeof(unsigned))
		*(unsigned *)member(s, g) = (unsigned)n;
	else
		*(uint64_t *)member(s, g) = n;
	return 0;
}

PARSER(parse_size)
{
	uint64_t bytes;

	if (units_size(g->arg, &bytes) < 0 || bytes == 0)
		return err_usage(err, "not a size above 0; write 64K, 500M, 2G");
	*(uint64_t *)member(s, g) = bytes;
	return 0;
}

/* What is longer than a clock can say lasts for ever. */
static int check_duration(const struct given *g, int64_t ns, struct err *err)
{
	if (ns < (int64_t)g->option->min)
		return err_usage(err, "write a duration above 0");
	return 0;
}

PARSER(parse_duration)
{
	int64_t ns;

	if (units_duration(g->arg, &ns) < 0)
		return err_usage(err, "not a duration; write 0.5, 30s, 1m30s, 2h");
	*(int64_t *)member(s, g) = ns;
	return check_duration(g, ns, err);
}

/* "use line, null or json (did you mean json?)" */
static int refuse_choice(const char *choices, const char *arg, struct err *err)
{
	struct buf text = BUF_INIT, words = BUF_INIT;
	struct suggestion near;

	buf_adds(&words, choices); /* each ended by a NUL below */
	suggest_begin(&near, bytes_str(arg));
	while (*choices != '\0') {
		const char *word = buf_cstr(&words) + words.len - strlen(choices);
		size_t len = option_list_next(&choices).len;

		words.data[word - words.data + (ptrdiff_t)len] = '\0';
		suggest_try(&near, word);
		if (text.len > 0)
			buf_adds(&text, *choices != '\0' ? ", " : " or ");
		buf_adds(&text, word);
	}
	if (near.best != NULL)
		buf_addf(&text, " (did you mean %s?)", near.best);
	err_usage(err, "use %s", buf_cstr(&text));
	buf_clear(&text);
	buf_clear(&words);
	return -1;
}

PARSER(parse_choice)
{
	const char *rest = g->option->choices;

	for (int n = 0; *rest != '\0'; n++) {
		struct bytes word = option_list_next(&rest);

		if (g->arg == NULL || bytes_is(word, g->arg)) {
			*(int *)member(s, g) = n;
			return 0;
		}
	}
	return refuse_choice(g->option->choices, g->arg, err);
}

/* "150%": a percentage above 0. */
static int parse_percent(const char *text, unsigned *percent)
{
	uint64_t n;
	bool is_percent;

	if (units_percent(text, &n, &is_percent) < 0 || !is_percent || n == 0 || n > 9999999)
		return -1;
	*percent = (unsigned)n;
	return 0;
}

/* --- events */

PARSER(parse_input)
{
	if (*g->arg == '\0')
		return err_usage(err, "the name is empty");
	inputs_add(&s->inputs,
				(struct input){.kind = INPUT_FILE, .path = g->arg, .at = g->at});
	return 0;
}

PARSER(parse_format)
{
	bool null = strcmp(g->arg, "null") == 0;

	s->null |= null;
	s->format = reader_of_format(null ? "lines" : g->arg);
	return s->format != NULL ? 0 : refuse_choice(g->option->choices, g->arg, err);
}

/* Digits of a number up to the end of the text; -1: not a byte. */
static int byte_value(const char *digits, int base)
{
	bool good = *digits != '\0' && digits[strspn(digits, HEX_DIGITS)] == '\0';
	char *end;
	long value = strtol(digits, &end, base);

	return good && *end == '\0' && value <= 255 ? (int)value : -1;
}

/* "C", "\n", "\x1e", "\036": one byte, or -1. */
static int delimiter_value(const char *text)
{
	static const char names[] = "ntr\\", values[] = "\n\t\r\\";
	const char *at;

	if (text[0] != '\\' || text[1] == '\0')
		return text[0] != '\0' && text[1] == '\0' ? (unsigned char)text[0] : -1;
	if (text[1] == 'x')
		return byte_value(text + 2, 16);
	if (isdigit((unsigned char)text[1]))
		return strlen(text) <= 4 ? byte_value(text + 1, 8) : -1;
	at = strchr(names, text[1]);
	return at != NULL && text[2] == '\0' ? values[at - names] : -1;
}

PARSER(parse_delimiter)
{
	int value = delimiter_value(g->arg);

	if (value < 0)
		return err_usage(err, "a delimiter is one byte: a character, or \\n \\t \\0 "
				      "\\r \\\\ \\xHH \\ooo");
	s->delimiter = value;
	return 0;
}

PARSER(parse_colsep)
{
	colsep_free(s->colsep);
	s->colsep = colsep_new(g->arg, err);
	return s->colsep != NULL ? 0 : -1;
}

PARSER(parse_only)
{
	free(s->only);
	s->only = NULL;
	if (seq_ranges_parse(g->arg, &s->only, &s->nonly) == 0)
		return 0;
	return err_usage(err, "not a list of event numbers; write 3,7-9,20-");
}

/* --- command */

PARSER(parse_env)
{
	size_t len = strcspn(g->arg, "=");

	if (g->arg[len] == '\0' || !environment_is_name((struct bytes){g->arg, len}))
		return err_usage(err,
				 "write NAME=TEXT; a name is of letters, digits and _");
	s->env = xgrow(s->env, &s->env_cap, s->nenv + 1, sizeof *s->env);
	s->env[s->nenv++] =
	    (struct template_variable){xmemdup0(g->arg, len), g->arg + len + 1, g->at};
	return 0;
}

/* --- running */

/* Anything that looks like a number is one; any other text may name a file. */
static bool names_file(const char *jobs)
{
	return strspn(jobs, "0123456789+-%") < strlen(jobs) && access(jobs, F_OK) == 0;
}

PARSER(parse_jobs)
{
	s->jobs = 0;
	s->jobs_file = names_file(g->arg) ? g->arg : NULL;
	if (s->jobs_file != NULL)
		return 0;
	return limits_parse_jobs(g->arg, capacity_cpus(""), limits_most_jobs(), &s->jobs, err);
}

/* "8", or "150%" of the CPUs: from 1 on. */
PARSER(parse_load)
{
	unsigned percent;
	uint64_t n;

	if (parse_percent(g->arg, &percent) == 0)
		n = ((uint64_t)percent * capacity_cpus("") + 50) / 100;
	else if (strlen(g->arg) >= 8 || units_uint(g->arg, &n) < 0 || n == 0)
		return err_usage(err, "write a number of processes (8), or a percentage of "
				      "the CPUs (100%%)");
	s->sched.limits.load = n > 0 ? (unsigned)n : 1;
	return 0;
}

/* "30s", or "200%" of the median. */
PARSER(parse_timeout)
{
	int64_t ns;

	s->sched.timeout_ns = 0;
	s->sched.timeout_percent = 0;
	if (parse_percent(g->arg, &s->sched.timeout_percent) == 0)
		return 0;
	if (units_duration(g->arg, &ns) < 0 || ns == 0)
		return err_usage(err, "write a duration (0.5, 30s, 1m30s) or a percentage "
				      "of the median run time (200%%)");
	s->sched.timeout_ns = ns;
	return check_duration(g, ns, err);
}

PARSER(parse_retries)
{
	if (parse_count(s, g, err) < 0)
		return -1;
	if (s->sched.retry.tries == 0)
		s->sched.retry.tries = UINT64_MAX;
	return 0;
}

PARSER(parse_retry_delay)
{
	if (retry_parse_delay(&s->sched.retry, g->arg, err) < 0 ||
	    check_duration(g, s->sched.retry.delay_ns, err) < 0)
		return -1;
	return check_duration(g, s->sched.retry.max_ns, err);
}

PARSER(parse_retry_on)
{
	return retry_parse_on(&s->sched.retry, g->arg, err);
}

PARSER(parse_halt)
{
	s->halt_given = true;
	return halt_parse(g->arg, &s->sched.halt, err);
}

PARSER(parse_termseq)
{
	return termination_parse(g->arg, &s->sched.termination, err);
}

/* --- output and progress */

PARSER(parse_output)
{
	struct buf names = BUF_INIT;

	s->output = sink_format(g->arg);
	if (s->output != NULL || strcmp(g->arg, "text") == 0)
		return 0;
	buf_adds(&names, "text");
	for (const struct sink_format *f = sink_formats; f->name != NULL; f++)
		buf_addf(&names, " %s", f->name);
	refuse_choice(buf_cstr(&names), g->arg, err);
	buf_clear(&names);
	return -1;
}

PARSER(parse_progress)
{
	s->progress_ns = 30 * NSEC_PER_SEC;
	if (g->arg == NULL || strcmp(g->arg, "bar") == 0) {
		s->progress = PROGRESS_BAR;
	} else if (strcmp(g->arg, "none") == 0) {
		s->progress = PROGRESS_NONE;
	} else if (strcmp(g->arg, "auto") == 0) {
		s->progress = PROGRESS_AUTO;
	} else if (strcmp(g->arg, "plain") == 0) {
		s->progress = PROGRESS_PLAIN;
	} else if (strncmp(g->arg, "plain:", 6) == 0 &&
		   units_duration(g->arg + 6, &s->progress_ns) == 0 &&
		   s->progress_ns > 0) {
		s->progress = PROGRESS_PLAIN;
	} else {
		return err_usage(err, "use bar, plain, plain:30s, auto or none");
	}
	return 0;
}
