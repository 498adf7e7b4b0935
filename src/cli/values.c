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
#include "cli/values.h"
#include "command/environment.h"
#include "event/colsep.h"
#include "run/job_limit.h"
#include "sys/capacity.h"

#define UNUSED(x) ((void)(x))

enum { MAX_EVENT = 16 * 1024 * 1024 };

/* --- settings */

void settings_init(struct settings *s)
{
	*s = (struct settings){
	    .delimiter = -1,
	    .max_event = MAX_EVENT,
	    .max_args = 1,
	    .retry = {.tries = 1},
	    .termination = termination_default,
	    .drain_ns = 2 * NSEC_PER_SEC,
	    .unit = "job",
	};
}

void settings_clear(struct settings *s)
{
	for (size_t i = 0; i < s->nenv; i++)
		free((char *)s->env[i].name);
	free(s->env);
	free(s->inputs);
	free(s->only);
	colsep_free(s->colsep);
}

struct input *settings_add_input(struct settings *s)
{
	s->inputs = xgrow(s->inputs, &s->inputs_cap, s->ninputs + 1, sizeof *s->inputs);
	s->inputs[s->ninputs] = (struct input){0};
	return &s->inputs[s->ninputs++];
}

static void *member(struct settings *s, const struct option *o)
{
	return (char *)s + o->offset;
}

/* --- parsers that several options use */

int parse_flag(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	UNUSED(arg);
	UNUSED(err);
	*(bool *)member(s, o) = true;
	return 0;
}

int parse_text(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	UNUSED(err);
	*(const char **)member(s, o) = arg;
	return 0;
}

/* An empty name is what an unset variable leaves. */
int parse_name(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	if (*arg == '\0')
		return err_usage(err, "the name is empty");
	return parse_text(s, o, arg, err);
}

int parse_count(struct settings *s, const struct option *o, const char *arg,
		struct err *err)
{
	uint64_t n;

	if (units_uint(arg, &n) < 0)
		return err_usage(err, "not a number");
	if (o->max > 0 && (n < o->min || n > o->max))
		return err_usage(err, "write %llu to %llu", (unsigned long long)o->min,
				 (unsigned long long)o->max);
	if (n < o->min)
		return err_usage(err, "write a number above %llu",
				 (unsigned long long)o->min - 1);
	*(uint64_t *)member(s, o) = n;
	return 0;
}

int parse_size(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	uint64_t bytes;

	if (units_size(arg, &bytes) < 0 || bytes == 0)
		return err_usage(err, "not a size above 0; write 64K, 500M, 2G");
	*(uint64_t *)member(s, o) = bytes;
	return 0;
}

int parse_duration(struct settings *s, const struct option *o, const char *arg,
		   struct err *err)
{
	int64_t ns;

	if (units_duration(arg, &ns) < 0)
		return err_usage(err, "not a duration; write 0.5, 30s, 1m30s, 2h");
	if (ns < (int64_t)o->min)
		return err_usage(err, "write a duration above 0");
	*(int64_t *)member(s, o) = ns;
	return 0;
}

/* "use line, null or json" */
static int refuse_choice(const char *choices, struct err *err)
{
	struct buf text = BUF_INIT;

	while (*choices != '\0') {
		struct bytes word = option_list_next(&choices);

		if (text.len > 0)
			buf_adds(&text, *choices != '\0' ? ", " : " or ");
		buf_addb(&text, word);
	}
	err_usage(err, "use %s", buf_cstr(&text));
	buf_clear(&text);
	return -1;
}

int parse_choice(struct settings *s, const struct option *o, const char *arg,
		 struct err *err)
{
	const char *rest = o->choices;

	for (int n = 1; *rest != '\0'; n++) {
		struct bytes word = option_list_next(&rest);

		if (arg == NULL || bytes_is(word, arg)) {
			*(int *)member(s, o) = n;
			return 0;
		}
	}
	return refuse_choice(o->choices, err);
}

/* "150%": a percentage above 0. */
static int parse_percent(const char *text, unsigned *percent)
{
	size_t len = strlen(text);
	char digits[8];
	uint64_t n;

	if (len < 2 || len > sizeof digits || text[len - 1] != '%')
		return -1;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	if (units_uint(digits, &n) < 0 || n == 0)
		return -1;
	*percent = (unsigned)n;
	return 0;
}

/* --- events */

int parse_input(struct settings *s, const struct option *o, const char *arg,
		struct err *err)
{
	struct input *in;

	UNUSED(o);
	if (*arg == '\0')
		return err_usage(err, "the name is empty");
	in = settings_add_input(s);
	in->kind = INPUT_FILE;
	in->path = arg;
	return 0;
}

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits of a number in some base up to the end of the text; -1: not a byte. */
static int byte_value(const char *digits, int base)
{
	int value = 0;

	if (*digits == '\0')
		return -1;
	for (; *digits != '\0'; digits++) {
		int digit = hex_value(*digits);

		if (digit < 0 || digit >= base || value > 255)
			return -1;
		value = value * base + digit;
	}
	return value <= 255 ? value : -1;
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

int parse_delimiter(struct settings *s, const struct option *o, const char *arg,
		    struct err *err)
{
	int value = delimiter_value(arg);

	UNUSED(o);
	if (value < 0)
		return err_usage(err, "a delimiter is one byte: a character, or \\n \\t \\0 "
				      "\\r \\\\ \\xHH \\ooo");
	s->delimiter = value;
	return 0;
}

int parse_colsep(struct settings *s, const struct option *o, const char *arg,
		 struct err *err)
{
	UNUSED(o);
	colsep_free(s->colsep);
	s->colsep = colsep_new(arg, err);
	return s->colsep != NULL ? 0 : -1;
}

int parse_only(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	UNUSED(o);
	free(s->only);
	s->only = NULL;
	if (seq_ranges_parse(arg, &s->only, &s->nonly) == 0)
		return 0;
	return err_usage(err, "not a list of event numbers; write 3,7-9,20-");
}

/* --- command */

static struct template_variable *find_variable(struct settings *s, const char *name,
					       size_t len)
{
	for (size_t i = 0; i < s->nenv; i++)
		if (bytes_is((struct bytes){name, len}, s->env[i].name))
			return &s->env[i];
	s->env = xgrow(s->env, &s->env_cap, s->nenv + 1, sizeof *s->env);
	s->env[s->nenv].name = xmemdup0(name, len);
	return &s->env[s->nenv++];
}

int parse_env(struct settings *s, const struct option *o, const char *arg,
	      struct err *err)
{
	size_t len = strcspn(arg, "=");

	UNUSED(o);
	if (arg[len] == '\0' || !environment_is_name((struct bytes){arg, len}))
		return err_usage(err,
				 "write NAME=TEXT; a name is of letters, digits and _");
	find_variable(s, arg, len)->value = arg + len + 1;
	return 0;
}

/* --- running */

/* Anything that looks like a number is one; any other text may name a file. */
static bool names_file(const char *jobs)
{
	return strspn(jobs, "0123456789+-%") < strlen(jobs) && access(jobs, F_OK) == 0;
}

int parse_jobs(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	UNUSED(o);
	s->jobs = 0;
	s->jobs_file = names_file(arg) ? arg : NULL;
	if (s->jobs_file != NULL)
		return 0;
	return job_limit_parse(arg, capacity_cpus(""), job_limit_most(), &s->jobs, err);
}

/* "8", or "150%" of the CPUs: from 1 on. */
int parse_load(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	unsigned percent;
	uint64_t n;

	UNUSED(o);
	if (parse_percent(arg, &percent) == 0)
		n = ((uint64_t)percent * capacity_cpus("") + 50) / 100;
	else if (strlen(arg) >= 8 || units_uint(arg, &n) < 0 || n == 0)
		return err_usage(err, "write a number of processes (8), or a percentage of "
				      "the CPUs (100%%)");
	s->load = n > 0 ? (unsigned)n : 1;
	return 0;
}

/* "30s", or "200%" of the median. */
int parse_timeout(struct settings *s, const struct option *o, const char *arg,
		  struct err *err)
{
	int64_t ns;

	UNUSED(o);
	s->timeout_ns = 0;
	s->timeout_percent = 0;
	if (parse_percent(arg, &s->timeout_percent) == 0)
		return 0;
	if (units_duration(arg, &ns) < 0 || ns == 0)
		return err_usage(err, "write a duration (0.5, 30s, 1m30s) or a percentage "
				      "of the median run time (200%%)");
	s->timeout_ns = ns;
	return 0;
}

int parse_retries(struct settings *s, const struct option *o, const char *arg,
		  struct err *err)
{
	UNUSED(o);
	if (units_uint(arg, &s->retry.tries) < 0)
		return err_usage(err, "not a number");
	if (s->retry.tries == 0)
		s->retry.tries = UINT64_MAX;
	return 0;
}

int parse_retry_delay(struct settings *s, const struct option *o, const char *arg,
		      struct err *err)
{
	UNUSED(o);
	return retry_parse_delay(&s->retry, arg, err);
}

int parse_retry_on(struct settings *s, const struct option *o, const char *arg,
		   struct err *err)
{
	UNUSED(o);
	return retry_parse_on(&s->retry, arg, err);
}

int parse_halt(struct settings *s, const struct option *o, const char *arg,
	       struct err *err)
{
	UNUSED(o);
	s->halt_given = true;
	return halt_parse(arg, &s->halt, err);
}

int parse_termseq(struct settings *s, const struct option *o, const char *arg,
		  struct err *err)
{
	UNUSED(o);
	return termination_parse(arg, &s->termination, err);
}

/* --- output and progress */

int parse_output(struct settings *s, const struct option *o, const char *arg,
		 struct err *err)
{
	struct buf names = BUF_INIT;

	UNUSED(o);
	s->output = sink_format(arg);
	if (s->output != NULL || strcmp(arg, "text") == 0)
		return 0;
	for (const struct sink_format *f = sink_formats; f->name != NULL; f++)
		buf_addf(&names, "%s %s", f[1].name != NULL ? "," : " or", f->name);
	err_usage(err, "use text%s", buf_cstr(&names));
	buf_clear(&names);
	return -1;
}

int parse_progress(struct settings *s, const struct option *o, const char *arg,
		   struct err *err)
{
	UNUSED(o);
	s->progress_ns = 30 * NSEC_PER_SEC;
	if (arg == NULL || strcmp(arg, "bar") == 0) {
		s->progress = PROGRESS_BAR;
	} else if (strcmp(arg, "none") == 0) {
		s->progress = PROGRESS_NONE;
	} else if (strcmp(arg, "auto") == 0) {
		s->progress = PROGRESS_AUTO;
	} else if (strcmp(arg, "plain") == 0) {
		s->progress = PROGRESS_PLAIN;
	} else if (strncmp(arg, "plain:", 6) == 0 &&
		   units_duration(arg + 6, &s->progress_ns) == 0 &&
		   s->progress_ns > 0) {
		s->progress = PROGRESS_PLAIN;
	} else {
		return err_usage(err, "use bar, plain, plain:30s, auto or none");
	}
	return 0;
}

int parse_no_progress(struct settings *s, const struct option *o, const char *arg,
		      struct err *err)
{
	UNUSED(o);
	UNUSED(arg);
	UNUSED(err);
	s->progress = PROGRESS_NONE;
	return 0;
}
