/* SPDX-License-Identifier: ISC */

/* The table of options, how an option is found in it, and the text of --help, which is
 * printed from it. */

#include <config.h>

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/option.h"
#include "event/reader.h"

static const char *const stage_titles[] = {"Events", "Command", "Running", "Output",
					   "Progress and help"};

#define MANY 1000000000

#define AT(member) offsetof(struct settings, member)
#define FLAG(member) .parse = parse_flag, .offset = AT(member)
#define TEXT(member) .parse = parse_text, .offset = AT(member)
#define NAME(member) .parse = parse_name, .offset = AT(member)
#define NUMBER(member, least, most) \
	.offset = AT(member), .size = sizeof(((struct settings *)NULL)->member), \
	.min = least, .max = most
#define COUNT(member, least, most) .parse = parse_count, NUMBER(member, least, most)
#define SIZE(member) .parse = parse_size, .offset = AT(member)
#define DURATION(member, least) .parse = parse_duration, NUMBER(member, least, 0)
#define CONSTANT(member, number) \
	.parse = parse_constant, .offset = AT(member), .min = number
#define CHOICE(member, words) \
	.parse = parse_choice, .offset = AT(member), .choices = words
#define EXCLUDES(...) .excludes = (const struct exclusion[]){__VA_ARGS__, WITH(NULL, NULL)}
#define WITH(others, why) {others, why, NULL, NULL}
#define WITH_IF(argument, others, why) {others, why, argument, NULL}
#define WITH_UNLESS(names, others, why) {others, why, NULL, names}
#define INPUTS(kinds, why) .inputs = kinds, .inputs_why = why
#define NO_SUCH_INPUT ", and no input is of that kind"

/* An option that only says how something is done (--shell, --tmpdir, --termseq, --drain)
 * is accepted even where nothing is done that way; of others, each pair has an
 * effect or is refused.  tests/unit/options.c walks through the pairs. */
static const struct option options[] = {
	{.name = "input", .letter = 'a', .aliases = "--arg-file", .arg = "FILE",
	 .stage = STAGE_EVENTS, .parse = parse_input, .use = USE_INPUT,
	 .yaml = YAML_SOURCE,
	 .help = "read events from FILE ('-' is standard input);\n"
		 "several inputs are crossed"},
	{.name = "format", .letter = 'f', .arg = "FORMAT", .stage = STAGE_EVENTS,
	 .parse = parse_format,
	 .choices = "lines null csv tsv json jsonl yaml", .instead_of = "null",
	 INPUTS(FOR_ANY_FILE, "is for files and standard input" NO_SUCH_INPUT),
	 EXCLUDES(WITH_IF("null", "delimiter", NULL)),
	 .help = "lines, null, csv, tsv, json, jsonl or yaml\n"
		 "(default: by the file's extension, or lines)"},
	{.name = "null", .letter = '0', .stage = STAGE_EVENTS, FLAG(null),
	 .instead_of = "format delimiter",
	 INPUTS(FOR_LINES, "is for lines" NO_SUCH_INPUT),
	 EXCLUDES(WITH("delimiter", NULL)),
	 .help = "events end with a NUL byte"},
	{.name = "delimiter", .letter = 'd', .arg = "C", .stage = STAGE_EVENTS,
	 .parse = parse_delimiter, .instead_of = "null",
	 INPUTS(FOR_LINES, "is for lines" NO_SUCH_INPUT),
	 .help = "events end with the byte C: a character,\n"
		 "or \\n \\t \\0 \\r \\\\ \\xHH \\ooo"},
	{.name = "colsep", .letter = 'C', .arg = "REGEX", .stage = STAGE_EVENTS,
	 .parse = parse_colsep,
	 INPUTS(FOR_LINES | FOR_ARGUMENTS | FOR_TABLES,
		"is for lines, arguments and csv" NO_SUCH_INPUT),
	 .help = "split lines into columns at matches of REGEX;\n"
		 "csv: the delimiter, one byte (default ',')"},
	{.name = "quote", .arg = "HOW", .stage = STAGE_EVENTS,
	 CHOICE(reader.quote, "auto yes no"),
	 INPUTS(FOR_TABLES, "is for csv and tsv" NO_SUCH_INPUT),
	 .help = "csv, tsv: what a quote means: yes (RFC 4180), no (it\n"
		 "is text), or auto: by where it is (default)"},
	{.name = "header", .stage = STAGE_EVENTS, FLAG(header), .swallow = ":",
	 INPUTS(FOR_LINES | FOR_ARGUMENTS,
		"is for lines and arguments (csv and tsv have a header anyway)" NO_SUCH_INPUT),
	 EXCLUDES(WITH("no-header", NULL)),
	 .help = "the first line names the columns (default -C '\\t')"},
	{.name = "path", .arg = "KEY", .stage = STAGE_EVENTS, NAME(reader.path),
	 INPUTS(FOR_FIELDS, "is for json and yaml" NO_SUCH_INPUT),
	 .help = "json, yaml: the events are the list below KEY (a.b:\n"
		 "below b in a)"},
	{.name = "no-header", .stage = STAGE_EVENTS, FLAG(reader.no_header),
	 INPUTS(FOR_TABLES, "is for csv and tsv" NO_SUCH_INPUT),
	 .help = "csv, tsv: the first row is an event, too"},
	{.name = "link", .aliases = "--xapply", .stage = STAGE_EVENTS, FLAG(link),
	 INPUTS(FOR_SEVERAL, "is for several inputs, and there is one"),
	 .help = "combine several inputs in pairs instead of crossing\n"
		 "them; shorter ones start over"},
	{.name = "crlf", .stage = STAGE_EVENTS, CONSTANT(reader.crlf, CRLF_STRIP), .instead_of = "no-crlf",
	 INPUTS(FOR_NEWLINES, "is for lines that end in a newline" NO_SUCH_INPUT),
	 EXCLUDES(WITH("no-crlf", NULL)),
	 .help = "lines end in CRLF (default: the first line decides)"},
	{.name = "no-crlf", .stage = STAGE_EVENTS, CONSTANT(reader.crlf, CRLF_KEEP), .instead_of = "crlf",
	 INPUTS(FOR_NEWLINES, "is for lines that end in a newline" NO_SUCH_INPUT),
	 .help = "keep a CR at the end of a line"},
	{.name = "no-run-if-empty", .letter = 'r', .stage = STAGE_EVENTS,
	 FLAG(reader.skip_blank), INPUTS(FOR_LINES, "is for lines" NO_SUCH_INPUT),
	 .help = "skip blank lines"},
	{.name = "max-args", .letter = 'n', .aliases = "-N --max-replace-args",
	 .arg = "N", .stage = STAGE_EVENTS, COUNT(max_args, 0, MANY),
	 .neutral = "0 1",
	 .needs = "command", .needs_why = "events that are commands run one by one",
	 EXCLUDES(WITH("event-options",
		   "a job of several events cannot have the options of each")),
	 .help = "run each job with N events; 0: with one event, which\n"
		 "is not appended to the command"},
	{.name = "max-event", .arg = "SIZE", .stage = STAGE_EVENTS, SIZE(reader.max_event),
	 INPUTS(FOR_ANY_FILE, "is for files and standard input" NO_SUCH_INPUT),
	 .help = "refuse events longer than SIZE (default 16M)"},
	{.name = "max-depth", .arg = "N", .stage = STAGE_EVENTS,
	 COUNT(reader.max_depth, 1, READER_MOST_DEPTH),
	 INPUTS(FOR_FIELDS, "is for json and yaml" NO_SUCH_INPUT),
	 .help = "refuse deeper lists and mappings (default 32)"},
	{.name = "only", .arg = "LIST", .stage = STAGE_EVENTS, .parse = parse_only,
	 .help = "run only the events with these numbers: 3,7-9,20-"},
	{.name = "shuf", .stage = STAGE_EVENTS, FLAG(shuffle),
	 .help = "run the events in random order"},

	{.name = "replace", .letter = 'I', .arg = "R", .stage = STAGE_COMMAND,
	 NAME(template.replace), .needs = "command workdir stdin env tag tagstring",
	 .needs_why = "events that are commands hold no placeholders",
	 .help = "use R instead of {}"},
	{.name = "shell", .arg = "SHELL", .stage = STAGE_COMMAND, NAME(template.shell), .place = AT(template.shell_at),
	 .help = "run shell command lines with SHELL\n"
		 "(default $VOLLEY_SHELL or /bin/sh)"},
	{.name = "allow-nested", .stage = STAGE_COMMAND, FLAG(template.allow_nested),
	 .help = "accept placeholders in the code of an inner shell"},
	{.name = "workdir", .aliases = "--wd", .arg = "DIR", .stage = STAGE_COMMAND,
	 NAME(template.workdir), .place = AT(template.workdir_at),
	 .help = "run each job in DIR, which may contain placeholders"},
	{.name = "stdin", .arg = "TEXT", .stage = STAGE_COMMAND, TEXT(template.input),
	 .place = AT(template.input_at),
	 .help = "give each job TEXT as standard input; it may contain\n"
		 "placeholders"},
	{.name = "env", .arg = "NAME=TEXT", .stage = STAGE_COMMAND, .parse = parse_env,
	 .yaml = YAML_MAP,
	 .help = "set a variable for each job; TEXT may contain\n"
		 "placeholders"},
	{.name = "worker", .stage = STAGE_COMMAND, FLAG(worker), .needs = "command",
	 .needs_why = "it is what reads the events",
	 EXCLUDES(WITH("debug ungroup max-args",
		   "a worker answers one event after the other")),
	 .help = "start the command once per slot, and send it each\n"
		 "event as a line on its stdin; see volley-worker(7)"},
	{.name = "reply", .arg = "HOW", .stage = STAGE_COMMAND,
	 CHOICE(reply, "line null json"), .needs = "worker",
	 .help = "what a worker answers to each event: a line\n"
		 "(default), null (everything up to a NUL), or json"},
	{.name = "window", .arg = "N", .stage = STAGE_COMMAND, COUNT(workers.window, 0, MANY),
	 .neutral = "0", .needs = "worker",
	 .help = "send a worker up to N events before it replies\n"
		 "(default 0: more while replies arrive quickly)"},
	{.name = "worker-max", .arg = "N", .stage = STAGE_COMMAND, COUNT(workers.max, 0, MANY),
	 .neutral = "0", .needs = "worker",
	 .help = "restart a worker after N events (default 0: never)"},
	{.name = "event-options", .stage = STAGE_COMMAND, FLAG(template.event_options),
	 INPUTS(FOR_NAMES, "is for events with named fields (json, yaml, csv, tsv, or "
			   "--header)" NO_SUCH_INPUT),
	 .help = "let events set timeout, retries, workdir, stdin and\n"
		 "env for their job, under the key 'volley'"},
	{.name = "run", .arg = "FILE", .stage = STAGE_COMMAND, NAME(run_file),
	 .use = USE_READ, .yaml = YAML_NOT,
	 .help = "use the run file FILE ('-' is standard input); see\n"
		 "volley-run(5)"},
	{.name = "print-run-file", .stage = STAGE_COMMAND, FLAG(print_run_file),
	 .yaml = YAML_NOT,
	 .help = "print a run file that is equivalent to this command\n"
		 "line, and run nothing"},

	{.name = "jobs", .letter = 'j', .aliases = "-P --max-procs", .arg = "N",
	 .stage = STAGE_RUNNING, .parse = parse_jobs, .use = USE_READ,
	 .help = "run N jobs at a time; N%, +N or -N: relative to the\n"
		 "CPUs; 0: as many as possible (default 100%); or a\n"
		 "FILE that contains this and is read during the run"},
	{.name = "delay", .arg = "DUR", .stage = STAGE_RUNNING, DURATION(sched.delay_ns, 0),
	 .help = "wait DUR between starts: 0.5, 30s, 1m30s"},
	{.name = "load", .arg = "N", .stage = STAGE_RUNNING, .parse = parse_load,
	 .help = "start no job while N processes are runnable"},
	{.name = "memfree", .arg = "SIZE", .stage = STAGE_RUNNING, SIZE(sched.limits.memfree),
	 .help = "start no job while less memory is available"},
	{.name = "nice", .arg = "N", .stage = STAGE_RUNNING, COUNT(nice, 0, 19),
	 .help = "add N (0 to 19) to the niceness of jobs"},
	{.name = "lock", .arg = "FILE", .stage = STAGE_RUNNING, NAME(lock),
	 .use = USE_LOCK,
	 .help = "allow one run at a time: exit with status 122 if\n"
		 "another run holds FILE"},
	{.name = "lock-wait", .arg = "DUR", .stage = STAGE_RUNNING,
	 DURATION(lock_wait_ns, 0), .neutral = "0", .needs = "lock",
	 .help = "wait up to DUR for the lock"},
	{.name = "timeout", .arg = "DUR", .stage = STAGE_RUNNING,
	 .parse = parse_timeout, .min = 1,
	 .help = "kill a job after DUR, or after N% of the median\n"
		 "run time of successful jobs"},
	{.name = "retries", .arg = "N", .stage = STAGE_RUNNING,
	 .parse = parse_retries, NUMBER(sched.retry.tries, 0, MANY),
	 .neutral = "1",
	 .help = "run a failing job up to N times (0: no limit)"},
	{.name = "retry-delay", .arg = "DUR[,MAX]", .stage = STAGE_RUNNING,
	 .parse = parse_retry_delay,
	 .needs = "retries event-options",
	 .help = "wait before a retry; doubles each time, up to MAX"},
	{.name = "retry-on", .arg = "LIST", .stage = STAGE_RUNNING,
	 .parse = parse_retry_on, .needs = "retries event-options",
	 .help = "retry only after these: exit, timeout, signal, lost,\n"
		 "and exit statuses (75,100-102)"},
	{.name = "halt", .arg = "WHEN", .stage = STAGE_RUNNING, .parse = parse_halt,
	 .help = "end the run early: now,fail=1 soon,fail=3\n"
		 "now,fail=10% now,success=1 soon,done=5\n"
		 "(default never)"},
	{.name = "deadline", .arg = "DUR", .stage = STAGE_RUNNING,
	 DURATION(sched.deadline_ns, 1),
	 .help = "end the whole run after DUR"},
	{.name = "termseq", .arg = "SEQ", .stage = STAGE_RUNNING,
	 .parse = parse_termseq,
	 .help = "how to kill jobs: signals and milliseconds in turn\n"
		 "(default TERM,200,TERM,100,TERM,50,KILL,25)"},
	{.name = "joblog", .aliases = "--jl", .arg = "FILE", .stage = STAGE_RUNNING,
	 NAME(joblog.path), .use = USE_WRITE,
	 .help = "log each finished job in FILE, as GNU parallel does"},
	{.name = "joblog-sync", .arg = "HOW", .stage = STAGE_RUNNING,
	 CHOICE(joblog.sync, "second job"), .needs = "joblog",
	 .help = "when to force the log to disk: second (at most once\n"
		 "per second, default) or job (after each job)"},
	{.name = "resume", .stage = STAGE_RUNNING, FLAG(resume), .needs = "joblog",
	 .help = "skip jobs that are in the job log"},
	{.name = "resume-failed", .stage = STAGE_RUNNING, FLAG(resume_failed),
	 .needs = "joblog",
	 .help = "the same, but rerun the jobs that failed"},
	{.name = "failed-to", .arg = "FILE", .stage = STAGE_RUNNING, NAME(failed_to),
	 .use = USE_REPLACE,
	 INPUTS(FOR_ONE, "is for one input: events of several together have no format of "
		"their own; use --joblog and --resume-failed"),
	 .help = "write the events of failed jobs to FILE, in the\n"
		 "format of the input; volley -a FILE reruns them"},
	{.name = "drain", .arg = "DUR", .stage = STAGE_RUNNING, DURATION(drain_ns, 0),
	 .help = "how long to wait for output of a process that a job\n"
		 "left in the background (default 2s)"},
	{.name = "dry-run", .aliases = "--dryrun", .stage = STAGE_RUNNING,
	 FLAG(sched.dry_run),
	 .help = "print the commands; run nothing"},
	{.name = "verbose", .letter = 't', .stage = STAGE_RUNNING, FLAG(verbose),
	 .help = "print each command on stderr before it runs"},
	{.name = "debug", .stage = STAGE_RUNNING, FLAG(debug),
	 .instead_of = "jobs ungroup keep-order",
	 EXCLUDES(WITH("output results tagstring tag line-buffer only-failed "
		       "print-stopped progress",
		   "jobs then write to the terminal themselves")),
	 .help = "run one job at a time, on the terminal; print each\n"
		 "command; stop at the first failure"},

	{.name = "keep-order", .letter = 'k', .stage = STAGE_OUTPUT,
	 FLAG(sched.output.keep_order),
	 .help = "print output in input order"},
	{.name = "only-failed", .stage = STAGE_OUTPUT, FLAG(sched.only_failed),
	 .help = "print only the output of failed jobs"},
	{.name = "print-stopped", .stage = STAGE_OUTPUT, FLAG(sched.print_stopped),
	 .help = "print the output of stopped jobs as well"},
	{.name = "output", .letter = 'o', .arg = "FORMAT", .stage = STAGE_OUTPUT,
	 .parse = parse_output, .neutral = "text",
	 EXCLUDES(WITH("tagstring tag", "each record names its event"),
		  WITH("line-buffer", "a record is written when its job has finished"),
		  WITH("print-stopped", "records have the output of stopped jobs anyway"),
		  WITH_IF("table", "only-failed", "a table holds only jobs that succeed")),
	 .help = "text, or one record per job: json, yaml, csv; or\n"
		 "table: join CSV tables that the jobs print"},
	{.name = "results", .arg = "PATH", .stage = STAGE_OUTPUT, NAME(results),
	 .use = USE_WRITE,
	 .help = "also save results in a file (.json .yaml .csv), or\n"
		 "in a directory with one subdirectory per job"},
	{.name = "tag", .stage = STAGE_OUTPUT, FLAG(tag),
	 .help = "print the event and a tab before each line"},
	{.name = "tagstring", .arg = "TEMPLATE", .stage = STAGE_OUTPUT, TEXT(tagstring),
	 .place = AT(template.tag_at),
	 .help = "print this text, which may contain placeholders,\n"
		 "before each line"},
	{.name = "color", .arg = "WHEN", .arg_optional = true, .stage = STAGE_OUTPUT,
	 CHOICE(color, "always never auto"), .neutral = "never auto",
	 .needs = "tag tagstring", .habit = true,
	 .help = "color tags: always, never, or auto: on a terminal\n"
		 "(default)"},
	{.name = "line-buffer", .aliases = "--linebuffer --lb", .stage = STAGE_OUTPUT,
	 FLAG(sched.output.by_lines),
	 EXCLUDES(WITH("only-failed",
		   "lines are shown before it is known whether the job fails"),
		  WITH("retries event-options",
		   "lines are shown before it is known whether the job will be tried again")),
	 .help = "print whole lines as soon as jobs write them"},
	{.name = "ungroup", .letter = 'u', .stage = STAGE_OUTPUT, FLAG(ungroup),
	 EXCLUDES(WITH("keep-order output results tagstring tag line-buffer only-failed "
		       "print-stopped",
		   "jobs then write to stdout themselves"),
		  WITH("retries event-options",
		   "output is shown before it is known whether the job will be tried again")),
	 .help = "let jobs write directly to stdout and stderr"},
	{.name = "tmpdir", .arg = "DIR", .stage = STAGE_OUTPUT, NAME(sched.output.tmpdir),
	 .help = "for output that does not fit in memory\n"
		 "(default $TMPDIR or /tmp)"},

	{.name = "progress", .aliases = "--bar", .arg = "HOW", .arg_optional = true,
	 .stage = STAGE_PROGRESS, .parse = parse_progress, .neutral = "none auto",
	 .instead_of = "no-progress",
	 .help = "bar, plain[:DUR] (a line at intervals), none, or\n"
		 "auto: a bar if stderr is a terminal (default)"},
	{.name = "no-progress", .stage = STAGE_PROGRESS, CONSTANT(progress, PROGRESS_NONE),
	 .instead_of = "progress",
	 .help = "the same as --progress=none"},
	{.name = "unit", .arg = "UNIT", .stage = STAGE_PROGRESS, TEXT(unit),
	 EXCLUDES(WITH("no-progress progress=none debug", "there is no bar"),
		  WITH_UNLESS("progress", "ungroup", "there is no bar unless --progress "
			      "asks for one")),
	 .habit = true,
	 .help = "the unit in the progress bar (default job)"},
	{.name = "help", .letter = 'h', .stage = STAGE_PROGRESS, FLAG(help),
	 .yaml = YAML_NOT,
	 .help = "print this help"},
	{.name = "version", .letter = 'V', .stage = STAGE_PROGRESS, FLAG(version),
	 .yaml = YAML_NOT,
	 .help = "print the version"},
};

enum { NOPTIONS = sizeof options / sizeof options[0] };

/* --- finding an option */

const struct option *option_at(size_t i)
{
	return i < NOPTIONS ? &options[i] : NULL;
}

struct bytes option_list_next(const char **list)
{
	struct bytes name = {*list, strcspn(*list, " ")};

	*list += name.len;
	*list += strspn(*list, " ");
	return name;
}

static bool has(const char *list, struct bytes name)
{
	while (list != NULL && *list != '\0')
		if (bytes_eq(option_list_next(&list), name))
			return true;
	return false;
}

bool option_list_has(const char *list, const char *name)
{
	return has(list, bytes_str(name));
}

bool option_has_alias(const struct option *o, const char *spelling, size_t len)
{
	return has(o->aliases, (struct bytes){spelling, len});
}

const struct option *option_named(struct bytes name)
{
	for (size_t i = 0; i < NOPTIONS; i++)
		if (bytes_is(name, options[i].name))
			return &options[i];
	return NULL;
}

const struct option *option_long(const char *word, size_t len)
{
	const struct option *o = option_named((struct bytes){word + 2, len - 2});

	for (size_t i = 0; o == NULL && i < NOPTIONS; i++)
		if (option_has_alias(&options[i], word, len))
			o = &options[i];
	return o;
}

const struct option *option_short(char letter)
{
	char spelling[3] = {'-', letter, '\0'};

	for (size_t i = 0; i < NOPTIONS; i++)
		if (options[i].letter == letter || option_has_alias(&options[i], spelling, 2))
			return &options[i];
	return NULL;
}

const struct option *option_negated(const char *word, size_t len)
{
	const struct option *o;

	if (len < 5 || strncmp(word, "--no-", 5) != 0)
		return NULL;
	o = option_named((struct bytes){word + 5, len - 5});
	return o != NULL && o->parse == parse_flag ? o : NULL;
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

const char option_usage[] =
    "usage: volley [OPTION]... COMMAND [ARG]... [::: VALUE...]... [:::: FILE...]...\n"
    "       volley [OPTION]... 'SHELL COMMAND LINE' [::: VALUE...]\n"
    "       volley [OPTION]...   (each event is a shell command line)\n"
    "       volley [OPTION]... --run FILE [::: VALUE]...\n"
    "       volley --help\n";

void option_help(struct buf *out)
{
	buf_adds(out, option_usage);
	buf_adds(out,
		 "\nRun COMMAND for each event, several jobs at a time.  In COMMAND, {} stands for\n"
		 "the event, {1} {2} for the values of several sources, {name} for a field,\n"
		 "{.} {/} {//} {/.} for parts of a path, {#} for the number of the job, and\n"
		 "{%} for the number of its slot.\n");
	for (size_t stage = 0; stage < sizeof stage_titles / sizeof stage_titles[0];
	     stage++) {
		buf_addf(out, "\n%s:\n", stage_titles[stage]);
		for (size_t i = 0; i < NOPTIONS; i++)
			if (options[i].stage == stage)
				add_option(&options[i], out);
	}
	buf_adds(out, "\nExit status: 0 all jobs succeeded, 1-100 number of failed jobs, 101 more,\n"
		      "122 lock is held, 124 deadline passed, 125 usage error, 126 volley failed or\n"
		      "cannot execute the command, 127 command not found, 128+N ended by signal N.\n");
}
