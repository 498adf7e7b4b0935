/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/bytes.h"
#include "base/units.h"
#include "cli/elsewhere.h"
#include "cli/option.h"
#include "cli/options.h"
#include "command/environment.h"

static const char *const stage_titles[] = {"Events", "Command", "Running", "Output",
					   "Progress and help"};

/* --- options with functions of their own */

struct input *settings_add_input(struct settings *s)
{
	s->inputs = xgrow(s->inputs, &s->inputs_cap, s->ninputs + 1, sizeof *s->inputs);
	s->inputs[s->ninputs] = (struct input){0};
	return &s->inputs[s->ninputs++];
}

static int call_input(struct settings *s, const char *arg, struct err *err)
{
	struct input *in = settings_add_input(s);

	(void)err;
	in->kind = INPUT_FILE;
	in->path = arg;
	return 0;
}

static struct template_variable *find_variable(struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->nenv; i++)
		if (strcmp(s->env[i].name, name) == 0)
			return &s->env[i];
	s->env = xgrow(s->env, &s->env_cap, s->nenv + 1, sizeof *s->env);
	s->env[s->nenv].name = name;
	return &s->env[s->nenv++];
}

static int call_env(struct settings *s, const char *arg, struct err *err)
{
	size_t len = strcspn(arg, "=");

	if (arg[len] == '\0' || !environment_is_name((struct bytes){arg, len}))
		return err_usage(err,
				 "--env %s: write NAME=TEXT; a name is of letters, digits "
				 "and _",
				 arg);
	find_variable(s, arena_dup(s->arena, arg, len))->value = arg + len + 1;
	return 0;
}

static int call_progress(struct settings *s, const char *arg, struct err *err)
{
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
		return err_usage(err, "--progress=%s: use bar, plain, plain:30s, auto or "
				      "none",
				 arg);
	}
	return 0;
}

static int call_no_progress(struct settings *s, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	s->progress = PROGRESS_NONE;
	return 0;
}

static int call_color(struct settings *s, const char *arg, struct err *err)
{
	if (arg == NULL || strcmp(arg, "always") == 0)
		s->color = COLOR_ALWAYS;
	else if (strcmp(arg, "never") == 0)
		s->color = COLOR_NEVER;
	else if (strcmp(arg, "auto") == 0)
		s->color = COLOR_AUTO;
	else
		return err_usage(err, "--color=%s: use always, never or auto", arg);
	return 0;
}

#define AT(member) offsetof(struct settings, member)

static const struct option options[] = {
    {.name = "input", .letter = 'a', .aliases = "--arg-file", .arg = "FILE",
     .stage = STAGE_EVENTS, .kind = KIND_CALL, .call = call_input,
     .yaml = YAML_SOURCE,
     .help = "read events from FILE (- is standard input);\n"
	     "several inputs are crossed"},
    {.name = "format", .instead_of = "null", .letter = 'f', .arg = "FORMAT", .stage = STAGE_EVENTS,
     .kind = KIND_TEXT, .offset = AT(format),
     .help = "lines, null, csv, tsv, json, jsonl or yaml;\n"
	     "default: by the file's extension, else lines"},
    {.name = "null", .instead_of = "format delimiter", .letter = '0',
     .stage = STAGE_EVENTS, .kind = KIND_FLAG,
     .offset = AT(null), .help = "a NUL byte ends each event"},
    {.name = "delimiter", .instead_of = "null", .letter = 'd', .arg = "C", .stage = STAGE_EVENTS,
     .kind = KIND_TEXT, .offset = AT(delimiter),
     .help = "the byte C ends each event: a character,\n"
	     "or \\n \\t \\0 \\r \\\\ \\xHH \\ooo"},
    {.name = "colsep", .letter = 'C', .arg = "REGEX", .stage = STAGE_EVENTS,
     .kind = KIND_TEXT, .offset = AT(colsep),
     .help = "split lines into columns where REGEX matches"},
    {.name = "header", .swallow = ":", .stage = STAGE_EVENTS, .kind = KIND_FLAG,
     .offset = AT(header), .help = "the first line names the columns (default -C '\\t')"},
    {.name = "no-header", .stage = STAGE_EVENTS, .kind = KIND_FLAG,
     .offset = AT(no_header), .help = "csv, tsv: the first row is an event too"},
    {.name = "link", .aliases = "--xapply", .stage = STAGE_EVENTS, .kind = KIND_FLAG,
     .offset = AT(link),
     .help = "pair several inputs instead of crossing them;\n"
	     "shorter ones begin anew"},
    {.name = "crlf", .instead_of = "no-crlf", .stage = STAGE_EVENTS, .kind = KIND_FLAG, .offset = AT(crlf),
     .help = "lines end in CRLF (default: as the first one does)"},
    {.name = "no-crlf", .instead_of = "crlf", .stage = STAGE_EVENTS, .kind = KIND_FLAG,
     .offset = AT(no_crlf), .help = "a CR at the end of a line belongs to it"},
    {.name = "no-run-if-empty", .letter = 'r', .stage = STAGE_EVENTS,
     .kind = KIND_FLAG, .offset = AT(skip_blank), .help = "blank lines are no events"},
    {.name = "max-args", .letter = 'n', .aliases = "-N --max-replace-args",
     .arg = "N", .stage = STAGE_EVENTS, .kind = KIND_COUNT, .offset = AT(max_args),
     .help = "N events per job; 0: one, and do not append it"},
    {.name = "max-event", .arg = "SIZE", .stage = STAGE_EVENTS, .kind = KIND_TEXT,
     .offset = AT(max_event), .help = "refuse a longer event (default 16M)"},
    {.name = "max-depth", .arg = "N", .stage = STAGE_EVENTS, .kind = KIND_COUNT,
     .positive = true, .offset = AT(max_depth), .help = "refuse deeper lists and mappings (default 32)"},
    {.name = "only", .arg = "LIST", .stage = STAGE_EVENTS, .kind = KIND_TEXT,
     .offset = AT(only), .help = "run just these events: 3,7-9,20-"},
    {.name = "shuf", .stage = STAGE_EVENTS, .kind = KIND_FLAG, .offset = AT(shuffle),
     .help = "in random order"},

    {.name = "replace", .letter = 'I', .arg = "R", .stage = STAGE_COMMAND,
     .kind = KIND_TEXT, .offset = AT(replace), .help = "R stands for the event, not {}"},
    {.name = "shell", .arg = "SHELL", .stage = STAGE_COMMAND, .kind = KIND_TEXT,
     .offset = AT(shell),
     .help = "run command lines by SHELL (default $VOLLEY_SHELL\nor /bin/sh)"},
    {.name = "allow-nested", .stage = STAGE_COMMAND, .kind = KIND_FLAG,
     .offset = AT(allow_nested),
     .help = "accept placeholders in the code of an inner shell"},
    {.name = "workdir", .aliases = "--wd", .arg = "DIR", .stage = STAGE_COMMAND,
     .kind = KIND_TEXT, .offset = AT(workdir),
     .help = "run each job in DIR, which may hold placeholders"},
    {.name = "stdin", .arg = "TEXT", .stage = STAGE_COMMAND, .kind = KIND_TEXT,
     .offset = AT(input), .help = "each job reads TEXT, which may hold placeholders"},
    {.name = "env", .arg = "NAME=TEXT", .stage = STAGE_COMMAND, .kind = KIND_CALL,
     .call = call_env, .yaml = YAML_MAP,
     .help = "a variable for each job; TEXT may hold\nplaceholders"},
    {.name = "worker", .stage = STAGE_COMMAND, .kind = KIND_FLAG, .offset = AT(worker),
     .help = "start the command once per slot, and give it each\n"
	     "event as a line on its stdin; see volley-worker(7)"},
    {.name = "reply", .arg = "HOW", .stage = STAGE_COMMAND, .kind = KIND_TEXT,
     .offset = AT(reply),
     .help = "what a worker answers to each event: a line\n"
	     "(default), null (up to a NUL), or json"},
    {.name = "window", .arg = "N", .stage = STAGE_COMMAND, .kind = KIND_COUNT,
     .offset = AT(worker_window),
     .help = "a worker gets N events ahead of its replies\n"
	     "(default 0: more while the replies come fast)"},
    {.name = "worker-max", .arg = "N", .stage = STAGE_COMMAND, .kind = KIND_COUNT,
     .offset = AT(worker_max),
     .help = "a new worker after N events (default 0: never)"},
    {.name = "event-options", .stage = STAGE_COMMAND, .kind = KIND_FLAG,
     .offset = AT(event_options),
     .help = "events may set timeout, retries, workdir, stdin and\n"
	     "env for their job, under the key 'volley'"},
    {.name = "run", .arg = "FILE", .stage = STAGE_COMMAND, .kind = KIND_TEXT,
     .offset = AT(run_file), .yaml = YAML_NOT,
     .help = "do what the run file says: see volley-run(5)"},
    {.name = "print-run-file", .stage = STAGE_COMMAND, .kind = KIND_FLAG,
     .offset = AT(print_run_file), .yaml = YAML_NOT,
     .help = "print a run file that does the same as this command\n"
	     "line, and run nothing"},

    {.name = "jobs", .letter = 'j', .aliases = "-P --max-procs", .arg = "N",
     .stage = STAGE_RUNNING, .kind = KIND_TEXT, .offset = AT(jobs),
     .help = "N jobs at a time; N% of, +N or -N relative to the\n"
	     "CPUs; 0: as many as possible (default 100%); or a\n"
	     "FILE that holds this, looked at while running"},
    {.name = "delay", .arg = "DUR", .stage = STAGE_RUNNING, .kind = KIND_DURATION,
     .offset = AT(delay_ns), .help = "wait DUR between starts: 0.5, 30s, 1m30s"},
    {.name = "load", .arg = "N", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(load),
     .help = "start nothing while N processes want to run"},
    {.name = "memfree", .arg = "SIZE", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(memfree), .help = "start nothing while less memory is available"},
    {.name = "nice", .arg = "N", .stage = STAGE_RUNNING, .kind = KIND_COUNT,
     .offset = AT(nice), .help = "add N (0 to 19) to the niceness of the jobs"},
    {.name = "lock", .arg = "FILE", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(lock),
     .help = "one run at a time: exit with 122 when another run\nholds FILE"},
    {.name = "lock-wait", .arg = "DUR", .stage = STAGE_RUNNING, .kind = KIND_DURATION,
     .offset = AT(lock_wait_ns), .help = "but wait up to DUR for it"},
    {.name = "timeout", .arg = "DUR", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(timeout),
     .help = "kill a job after DUR, or after N% of the median\n"
	     "run time of those that succeeded"},
    {.name = "retries", .arg = "N", .stage = STAGE_RUNNING, .kind = KIND_COUNT,
     .offset = AT(retries),
     .help = "try a failing job up to N times in all (0: always)"},
    {.name = "retry-delay", .arg = "DUR[,MAX]", .stage = STAGE_RUNNING,
     .kind = KIND_TEXT, .offset = AT(retry_delay),
     .help = "wait before a retry; doubles each time, up to MAX"},
    {.name = "retry-on", .arg = "LIST", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(retry_on),
     .help = "retry only these: exit, timeout, signal, lost, and\n"
	     "exit statuses (75,100-102)"},
    {.name = "halt", .arg = "WHEN", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(halt),
     .help = "end the run: now,fail=1 soon,fail=3 now,fail=10%\n"
	     "now,success=1 soon,done=5; default never"},
    {.name = "deadline", .arg = "DUR", .stage = STAGE_RUNNING, .kind = KIND_DURATION,
     .positive = true, .offset = AT(deadline_ns), .help = "end the whole run after DUR"},
    {.name = "termseq", .arg = "SEQ", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(termseq),
     .help = "how to kill: signals and milliseconds in turn\n"
	     "(default TERM,200,TERM,100,TERM,50,KILL,25)"},
    {.name = "joblog", .aliases = "--jl", .arg = "FILE", .stage = STAGE_RUNNING,
     .kind = KIND_TEXT, .offset = AT(joblog),
     .help = "log each finished job in FILE, as GNU parallel does"},
    {.name = "joblog-sync", .arg = "HOW", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(joblog_sync),
     .help = "force the log to the disk: second (at most once a\n"
	     "second, default) or job (after each)"},
    {.name = "resume", .stage = STAGE_RUNNING, .kind = KIND_FLAG, .offset = AT(resume),
     .help = "skip the jobs that are in the job log"},
    {.name = "resume-failed", .stage = STAGE_RUNNING, .kind = KIND_FLAG,
     .offset = AT(resume_failed), .help = "the same, but run those that failed again"},
    {.name = "failed-to", .arg = "FILE", .stage = STAGE_RUNNING, .kind = KIND_TEXT,
     .offset = AT(failed_to),
     .help = "write the events that failed to FILE, in the input's\n"
	     "format: volley -a FILE runs them again"},
    {.name = "drain", .arg = "DUR", .stage = STAGE_RUNNING, .kind = KIND_DURATION,
     .offset = AT(drain_ns),
     .help = "wait so long for the silent output of what a job\n"
	     "has left in the background (default 2s)"},
    {.name = "dry-run", .aliases = "--dryrun", .stage = STAGE_RUNNING,
     .kind = KIND_FLAG, .offset = AT(dry_run),
     .help = "print the commands, run nothing"},
    {.name = "verbose", .letter = 't', .stage = STAGE_RUNNING, .kind = KIND_FLAG,
     .offset = AT(verbose), .help = "print each command on stderr before it runs"},
    {.name = "debug", .stage = STAGE_RUNNING, .kind = KIND_FLAG, .offset = AT(debug),
     .help = "one job at a time, with the terminal; show each\n"
	     "command; stop at the first failure"},

    {.name = "keep-order", .letter = 'k', .stage = STAGE_OUTPUT, .kind = KIND_FLAG,
     .offset = AT(keep_order), .help = "output in the order of the events"},
    {.name = "only-failed", .stage = STAGE_OUTPUT, .kind = KIND_FLAG,
     .offset = AT(only_failed), .help = "show the output of failed jobs only"},
    {.name = "print-stopped", .stage = STAGE_OUTPUT, .kind = KIND_FLAG,
     .offset = AT(print_stopped), .help = "also show the output of stopped jobs"},
    {.name = "output", .letter = 'o', .arg = "FORMAT", .stage = STAGE_OUTPUT,
     .kind = KIND_TEXT, .offset = AT(output),
     .help = "text, or a record per job: json, yaml, csv; or table:\n"
	     "join the CSV tables that the jobs print"},
    {.name = "results", .arg = "PATH", .stage = STAGE_OUTPUT, .kind = KIND_TEXT,
     .offset = AT(results),
     .help = "keep results in a file (.json .yaml .csv), or in a\n"
	     "directory with one per job, beside stdout"},
    {.name = "tag", .stage = STAGE_OUTPUT, .kind = KIND_FLAG, .offset = AT(tag),
     .help = "put the event and a tab before each line"},
    {.name = "tagstring", .arg = "TEMPLATE", .stage = STAGE_OUTPUT, .kind = KIND_TEXT,
     .offset = AT(tagstring), .help = "or this text, which may hold placeholders"},
    {.name = "color", .arg = "WHEN", .arg_optional = true, .stage = STAGE_OUTPUT,
     .kind = KIND_CALL, .call = call_color,
     .help = "of tags: always, never, or auto: on a terminal\n(default)"},
    {.name = "line-buffer", .aliases = "--linebuffer --lb", .stage = STAGE_OUTPUT,
     .kind = KIND_FLAG, .offset = AT(line_buffer),
     .help = "whole lines as they come, of several jobs at once"},
    {.name = "ungroup", .letter = 'u', .stage = STAGE_OUTPUT, .kind = KIND_FLAG,
     .offset = AT(ungroup), .help = "jobs write to stdout and stderr themselves"},
    {.name = "tmpdir", .arg = "DIR", .stage = STAGE_OUTPUT, .kind = KIND_TEXT,
     .offset = AT(tmpdir), .help = "for output that waits (default $TMPDIR or /tmp)"},

    {.name = "progress", .instead_of = "no-progress", .arg = "HOW", .arg_optional = true, .stage = STAGE_PROGRESS,
     .kind = KIND_CALL, .call = call_progress, .aliases = "--bar",
     .help = "bar, plain[:DUR] (a line at intervals), none, or\n"
	     "auto: a bar when stderr is a terminal (default)"},
    {.name = "no-progress", .instead_of = "progress", .stage = STAGE_PROGRESS, .kind = KIND_CALL,
     .call = call_no_progress, .help = "the same as --progress=none"},
    {.name = "unit", .arg = "UNIT", .stage = STAGE_PROGRESS, .kind = KIND_TEXT,
     .offset = AT(unit), .help = "what the bar counts (default job)"},
    {.name = "help", .letter = 'h', .stage = STAGE_PROGRESS, .kind = KIND_FLAG,
     .offset = AT(help), .yaml = YAML_NOT, .help = "print this"},
    {.name = "version", .letter = 'V', .stage = STAGE_PROGRESS, .kind = KIND_FLAG,
     .offset = AT(version), .yaml = YAML_NOT, .help = "print the version"},
};

enum { NOPTIONS = sizeof options / sizeof options[0] };

/* --- finding an option */

/* Is the spelling ("--wd", "-P") among the option's aliases? */
bool option_has_alias(const struct option *o, const char *spelling, size_t len)
{
	const char *at = o->aliases;

	while (at != NULL && *at != '\0') {
		size_t n = strcspn(at, " ");

		if (n == len && memcmp(at, spelling, n) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static const struct option *find_long(const char *word, size_t len)
{
	for (size_t i = 0; i < NOPTIONS; i++)
		if ((strlen(options[i].name) == len - 2 &&
		     memcmp(options[i].name, word + 2, len - 2) == 0) ||
		    option_has_alias(&options[i], word, len))
			return &options[i];
	return NULL;
}

static const struct option *find_short(char letter)
{
	char spelling[3] = {'-', letter, '\0'};

	for (size_t i = 0; i < NOPTIONS; i++)
		if (options[i].letter == letter || option_has_alias(&options[i], spelling, 2))
			return &options[i];
	return NULL;
}

static int unknown(const char *word, size_t len, struct err *err)
{
	const char *advice = elsewhere_advice(word, len);

	if (advice != NULL)
		return err_usage(err, "there is no %.*s: %s", (int)len, word, advice);
	return err_usage(err, "unknown option '%.*s'; see volley --help", (int)len, word);
}

static int unknown_long(const char *word, size_t len, struct err *err)
{
	struct suggestion near;

	if (elsewhere_advice(word, len) != NULL)
		return unknown(word, len, err);
	suggest_begin(&near, (struct bytes){word + 2, len - 2});
	for (size_t i = 0; i < NOPTIONS; i++)
		suggest_try(&near, options[i].name);
	if (near.best == NULL)
		return unknown(word, len, err);
	return err_usage(err, "unknown option '%.*s' (did you mean '--%s'?)", (int)len,
			 word, near.best);
}

/* --- parsing */

static int set_duration(const struct option *o, const char *spelling, const char *arg,
			int64_t *ns, struct err *err)
{
	if (units_duration(arg, ns) < 0)
		return err_usage(err, "%s %s: not a duration; write 0.5, 30s, 1m30s, 2h",
				 spelling, arg);
	if (o->positive && *ns == 0)
		return err_usage(err, "%s %s: write a duration above 0", spelling, arg);
	return 0;
}

static int set_count(const struct option *o, const char *spelling, const char *arg,
		     uint64_t *n, struct err *err)
{
	if (units_uint(arg, n) < 0)
		return err_usage(err, "%s %s: not a number", spelling, arg);
	if (o->positive && *n == 0)
		return err_usage(err, "%s %s: write a number above 0", spelling, arg);
	return 0;
}

/* An empty name is what an unset variable leaves. */
static bool is_empty_name(const struct option *o, const char *arg)
{
	return arg != NULL && *arg == '\0' &&
	       (strcmp(o->arg, "FILE") == 0 || strcmp(o->arg, "DIR") == 0 ||
		strcmp(o->arg, "PATH") == 0 || strcmp(o->arg, "SHELL") == 0);
}

static int set(struct settings *s, const struct option *o, const char *spelling,
	       const char *arg, struct err *err)
{
	void *at = (char *)s + o->offset;

	if (is_empty_name(o, arg))
		return err_usage(err, "%s '': the name is empty", spelling);
	switch (o->kind) {
	case KIND_FLAG:
		*(bool *)at = true;
		return 0;
	case KIND_TEXT:
		*(const char **)at = arg;
		return 0;
	case KIND_DURATION:
		return set_duration(o, spelling, arg, at, err);
	case KIND_COUNT:
		return set_count(o, spelling, arg, at, err);
	case KIND_CALL:
		return o->call(s, arg, err);
	}
	return -1;
}

static void note(struct settings *s, const struct option *o, const char *arg, bool off)
{
	s->given = xgrow(s->given, &s->given_cap, s->ngiven + 1, sizeof *s->given);
	s->given[s->ngiven++] = (struct given){o, arg, off};
}

int option_set(struct settings *s, const struct option *o, const char *spelling,
	       const char *arg, struct err *err)
{
	note(s, o, arg, false);
	return set(s, o, spelling, arg, err);
}

void option_unset(struct settings *s, const struct option *o)
{
	note(s, o, NULL, true);
	if (o->kind == KIND_FLAG)
		*(bool *)((char *)s + o->offset) = false;
}

const struct option *option_at(size_t i)
{
	return i < NOPTIONS ? &options[i] : NULL;
}

struct cursor {
	int argc, at;
	char *const *argv;
};

static int missing_argument(const struct option *o, const char *spelling,
			    struct err *err)
{
	return err_usage(err, "%s needs an argument: %s", spelling, o->arg);
}

/* "--no-NAME" takes a flag back that a run file has set. */
static const struct option *find_negated(const char *word, size_t len)
{
	if (len < 5 || strncmp(word, "--no-", 5) != 0 || word[len] != '\0')
		return NULL;
	for (size_t i = 0; i < NOPTIONS; i++)
		if (options[i].kind == KIND_FLAG && strcmp(options[i].name, word + 5) == 0)
			return &options[i];
	return NULL;
}

static int parse_long(struct settings *s, struct cursor *c, struct err *err)
{
	const char *word = c->argv[c->at++], *arg = NULL;
	size_t len = strcspn(word, "=");
	const struct option *o = find_long(word, len);

	if (o == NULL && find_negated(word, len) != NULL) {
		option_unset(s, find_negated(word, len));
		return 0;
	}
	if (o == NULL)
		return unknown_long(word, len, err);
	if (word[len] == '=') {
		arg = word + len + 1;
		if (o->arg == NULL || (o->arg_optional && option_has_alias(o, word, len)))
			return err_usage(err, "%.*s takes no argument", (int)len, word);
	} else if (o->arg != NULL && !o->arg_optional) {
		if (c->at == c->argc)
			return missing_argument(o, word, err);
		arg = c->argv[c->at++];
	} else if (o->swallow != NULL && c->at < c->argc &&
		   strcmp(c->argv[c->at], o->swallow) == 0) {
		c->at++;
	}
	return option_set(s, o, arena_dup(s->arena, word, len), arg, err);
}

/* "-k", "-kj4", "-j4", "-j 4". */
static int parse_short(struct settings *s, struct cursor *c, struct err *err)
{
	const char *letters = c->argv[c->at++] + 1;

	for (; *letters != '\0'; letters++) {
		const struct option *o = find_short(*letters);
		char spelling[3] = {'-', *letters, '\0'};
		const char *arg = NULL;

		if (o == NULL)
			return unknown(spelling, 2, err);
		if (o->arg != NULL) {
			arg = letters + 1;
			if (*arg == '\0' && c->at == c->argc)
				return missing_argument(o, spelling, err);
			if (*arg == '\0')
				arg = c->argv[c->at++];
			return option_set(s, o, spelling, arg, err);
		}
		if (option_set(s, o, spelling, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_separator(const char *word)
{
	return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0 ||
	       strcmp(word, ":::+") == 0 || strcmp(word, "::::+") == 0;
}

static int parse_sources(struct settings *s, struct cursor *c, struct err *err)
{
	while (c->at < c->argc) {
		const char *separator = c->argv[c->at++];
		bool files = strncmp(separator, "::::", 4) == 0;
		size_t before = s->ninputs;
		int first = c->at;

		while (c->at < c->argc && !is_separator(c->argv[c->at]))
			c->at++;
		if (files && first == c->at)
			return err_usage(err, "%s needs the name of a file", separator);
		if (separator[strlen(separator) - 1] == '+' && before == 0)
			return err_usage(err,
					 "%s has nothing before it to be linked with; begin "
					 "with ::: or ::::",
					 separator);
		if (!files) {
			struct input *in = settings_add_input(s);

			in->kind = INPUT_WORDS;
			in->words = (char **)c->argv + first;
			in->nwords = (size_t)(c->at - first);
		}
		for (int i = first; files && i < c->at; i++)
			call_input(s, c->argv[i], err);
		for (size_t i = before; i < s->ninputs; i++)
			s->inputs[i].linked = separator[strlen(separator) - 1] == '+';
	}
	return 0;
}

static int parse_options(struct settings *s, struct cursor *c, struct err *err)
{
	while (c->at < c->argc) {
		const char *word = c->argv[c->at];

		if (word[0] != '-' || word[1] == '\0')
			return 0;
		if (strcmp(word, "--") == 0) {
			s->literal = true;
			c->at++;
			return 0;
		}
		if ((word[1] == '-' ? parse_long(s, c, err) : parse_short(s, c, err)) < 0)
			return -1;
	}
	return 0;
}

void options_init(struct settings *s)
{
	*s = (struct settings){
	    .arena = arena_new(),
	    .max_args = 1,
	    .retries = 1,
	    .drain_ns = 2 * NSEC_PER_SEC,
	    .unit = "job",
	};
}

int options_parse(struct settings *s, int argc, char *const *argv, struct err *err)
{
	struct cursor c = {argc, 1, argv};
	int first;

	s->argv = argv;
	s->argc = argc;
	if (parse_options(s, &c, err) < 0)
		return -1;
	first = s->options_end = c.at;
	while (c.at < argc && !is_separator(argv[c.at]))
		c.at++;
	if (c.at > first) {
		s->words = (char **)argv + first;
		s->nwords = (size_t)(c.at - first);
	}
	return parse_sources(s, &c, err);
}

void settings_clear(struct settings *s)
{
	free(s->inputs);
	free(s->env);
	free(s->given);
	arena_free(s->arena);
}

/* --- help */

static void add_spelling(const struct option *o, struct buf *out)
{
	buf_adds(out, "  ");
	if (o->letter != '\0')
		buf_addf(out, "-%c, ", o->letter);
	else
		buf_adds(out, "    ");
	buf_addf(out, "--%s", o->name);
	if (o->arg != NULL)
		buf_addf(out, o->arg_optional ? "[=%s]" : " %s", o->arg);
}

static void add_option(const struct option *o, struct buf *out)
{
	enum { COLUMN = 26 };
	size_t start = out->len;
	const char *text = o->help;

	add_spelling(o, out);
	if (out->len - start > COLUMN - 2) {
		buf_addc(out, '\n');
		start = out->len;
	}
	for (;;) {
		size_t len = strcspn(text, "\n");

		buf_addf(out, "%*s%.*s\n", (int)(COLUMN - (out->len - start)), "",
			 (int)len, text);
		if (text[len] == '\0')
			break;
		text += len + 1;
		start = out->len;
	}
}

void options_usage(struct buf *out)
{
	buf_adds(out,
		 "usage: volley [OPTION]... COMMAND [ARG]... [::: VALUE...]... "
		 "[:::: FILE...]...\n"
		 "       volley [OPTION]... 'SHELL COMMAND LINE' [::: VALUE...]\n"
		 "       volley [OPTION]...   (each event is a shell command line)\n"
		 "       volley [OPTION]... --run FILE [::: VALUE]...\n");
}

void options_help(struct buf *out)
{
	options_usage(out);
	buf_adds(out,
		 "\nRuns COMMAND once per event, several at a time.  {} in it stands for "
		 "the event,\n{1} {2} for the values of several sources, {name} for a "
		 "field; {.} {/} {//} {/.}\nfor parts of a path; {#} {%} for the numbers "
		 "of job and slot.\n");
	for (size_t stage = 0; stage < sizeof stage_titles / sizeof stage_titles[0];
	     stage++) {
		buf_addf(out, "\n%s:\n", stage_titles[stage]);
		for (size_t i = 0; i < NOPTIONS; i++)
			if (options[i].stage == stage)
				add_option(&options[i], out);
	}
	buf_adds(out, "\nExit status: 0 all succeeded, 1-100 so many jobs failed, 101 more, "
		      "125 usage,\n126 volley failed or cannot execute, 127 no such "
		      "command, 128+N signal N.\n");
}
