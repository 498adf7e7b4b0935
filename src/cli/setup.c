/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/units.h"
#include "cli/delimiter.h"
#include "cli/files.h"
#include "cli/gates.h"
#include "cli/pairs.h"
#include "cli/setup.h"
#include "cli/setup_engine.h"
#include "cli/setup_output.h"
#include "command/quote.h"
#include "event/colsep.h"
#include "run/job_limit.h"
#include "sys/capacity.h"

enum {
	OUTPUT_MEMORY = 32 * 1024 * 1024, /* before output goes to a file */
	MAX_EVENT = 16 * 1024 * 1024,
	WAITING_JOBS = 1024, /* finished ones that wait for their turn */
};

static const struct input standard_input = {.kind = INPUT_FILE, .path = "-"};

/* --- events */

static const struct reader_ops *find_format(const char *name)
{
	return strcmp(name, "null") == 0 ? &reader_lines_ops : reader_of_format(name);
}

static int reader_settings(const struct settings *s, struct reader_config *cfg,
			   const struct reader_ops **format, struct err *err)
{
	int delimiter = '\n';

	*format = NULL;
	*cfg = (struct reader_config){.max_event = MAX_EVENT,
				      .max_depth = (unsigned)s->max_depth,
				      .no_header = s->no_header,
				      .skip_blank = s->skip_blank,
				      .crlf = s->crlf	   ? CRLF_STRIP
					      : s->no_crlf ? CRLF_KEEP
							   : CRLF_AUTO};
	if (s->format != NULL && (*format = find_format(s->format)) == NULL)
		return err_usage(err, "unknown format '%s' (formats: lines, null, csv, tsv, "
				 "json, jsonl, yaml)",
				 s->format);
	if (s->delimiter != NULL && (delimiter = delimiter_parse(s->delimiter)) < 0)
		return err_usage(err,
				 "-d '%s': a delimiter is one byte: a character, or \\n \\t "
				 "\\0 \\r \\\\ \\xHH \\ooo",
				 s->delimiter);
	if (s->null || (s->format != NULL && strcmp(s->format, "null") == 0))
		delimiter = '\0';
	if (s->max_event != NULL && (units_size(s->max_event, &cfg->max_event) < 0 ||
				     cfg->max_event == 0))
		return err_usage(err, "--max-event %s: not a size; write 64K, 16M, 1G",
				 s->max_event);
	cfg->delimiter = (char)delimiter;
	if (*format == NULL && (s->null || s->delimiter != NULL || s->colsep != NULL))
		*format = &reader_lines_ops;
	return 0;
}

/* Lines and arguments may be split into columns; other formats have fields. */
static struct source *split_columns(const struct settings *s, struct source *from,
				    struct err *err)
{
	struct colsep *colsep;

	if (s->colsep == NULL && !s->header)
		return from;
	colsep = colsep_new(s->colsep != NULL ? s->colsep : "\t", err);
	if (colsep != NULL)
		return source_columns(from, colsep, s->header);
	source_free(from);
	return NULL;
}

static struct source *open_input(const struct settings *s, const struct input *in,
				 struct loop *loop, struct err *err)
{
	struct source_file_config cfg = {.loop = loop, .path = in->path};
	const struct reader_ops *format;

	if (in->kind == INPUT_WORDS)
		return split_columns(s, source_args(in->words, in->nwords), err);
	if (reader_settings(s, &cfg.reader, &cfg.format, err) < 0)
		return NULL;
	if (in->kind == INPUT_TEXT) {
		cfg.text = in->text;
		cfg.format = &reader_yaml_ops;
		return source_file(&cfg);
	}
	format = cfg.format != NULL ? cfg.format : reader_of_file(in->path);
	if (format == &reader_lines_ops)
		return split_columns(s, source_file(&cfg), err);
	return source_file(&cfg);
}

/* Parts that are linked to the one before become one with it: those of :::+
 * first, then with --link all. */
static struct source *combine(const struct settings *s, struct source **parts, size_t n)
{
	size_t kept = 0;

	for (size_t first = 0, next; first < n; first = next) {
		for (next = first + 1; next < n && s->inputs[next].linked; next++)
			;
		parts[kept++] = source_link(parts + first, next - first, false);
	}
	return s->link ? source_link(parts, kept, true) : source_cross(parts, kept);
}

static struct source *open_inputs(const struct settings *s, struct loop *loop,
				  struct err *err)
{
	struct source **parts, *all = NULL;
	size_t n = 0;

	if (s->ninputs == 0)
		return open_input(s, &standard_input, loop, err);
	parts = xcalloc(s->ninputs, sizeof(struct source *));
	for (; n < s->ninputs; n++) {
		parts[n] = open_input(s, &s->inputs[n], loop, err);
		if (parts[n] == NULL)
			break;
	}
	if (n == s->ninputs)
		all = combine(s, parts, n);
	for (size_t i = 0; all == NULL && i < n; i++)
		source_free(parts[i]);
	free(parts);
	return all;
}

static size_t count_stdin(const struct settings *s)
{
	size_t n = s->ninputs == 0;

	for (size_t i = 0; i < s->ninputs; i++)
		n += s->inputs[i].kind == INPUT_FILE &&
		     strcmp(s->inputs[i].path, "-") == 0;
	return n;
}

static bool reads_stdin(const struct settings *s)
{
	return count_stdin(s) > 0;
}

static int err_only(const struct settings *s, struct err *err)
{
	return err_usage(err, "--only %s: not a list of event numbers; write 3,7-9,20-",
			 s->only);
}

struct source *setup_source(const struct settings *s, struct loop *loop, struct err *err)
{
	struct seq_range *ranges = NULL;
	size_t nranges = 0;
	struct source *all;

	if (s->only != NULL && seq_ranges_parse(s->only, &ranges, &nranges) < 0) {
		err_only(s, err);
		return NULL;
	}
	all = open_inputs(s, loop, err);
	if (all != NULL) {
		all = source_number(all, ranges, nranges);
		if (s->shuffle)
			all = source_shuffle(all, (uint64_t)clock_wall() ^
						      ((uint64_t)getpid() << 32));
		if (reads_stdin(s) && isatty(STDIN_FILENO))
			msg_print("reading events from the terminal; end with Ctrl-D");
	}
	free(ranges);
	return all;
}

/* --- everything else */

/* What an option about the format of events is for. */
enum {
	FOR_LINES = 1,
	FOR_NEWLINES = 2, /* lines that end in one */
	FOR_TABLES = 4,	  /* csv, tsv */
	FOR_FIELDS = 8,	  /* json, yaml */
	FOR_ARGUMENTS = 16,
	FOR_ANY_FILE = FOR_LINES | FOR_TABLES | FOR_FIELDS,
};

static unsigned kind_of_input(const struct input *in, const struct reader_config *reader,
			      const struct reader_ops *format)
{
	if (in->kind == INPUT_WORDS)
		return FOR_ARGUMENTS;
	if (in->kind == INPUT_TEXT)
		return FOR_FIELDS;
	if (format == NULL)
		format = reader_of_file(in->path);
	if (format == &reader_csv_ops || format == &reader_tsv_ops)
		return FOR_TABLES;
	if (format != &reader_lines_ops)
		return FOR_FIELDS;
	return FOR_LINES | (reader->delimiter == '\n' ? FOR_NEWLINES : 0);
}

/* The kinds of all inputs together. */
static unsigned kinds_of_inputs(const struct settings *s,
				const struct reader_config *reader,
				const struct reader_ops *format)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < s->ninputs; i++)
		kinds |= kind_of_input(&s->inputs[i], reader, format);
	return kinds | (s->ninputs == 0
			    ? kind_of_input(&standard_input, reader, format)
			    : 0);
}

/* Refuse an option that no input has a use for.  Those of a run file may be there
 * for its own inputs, in whose place the command line has put others. */
static int check_format(const struct settings *s, const struct reader_config *reader,
			const struct reader_ops *format, struct err *err)
{
	const struct {
		bool given;
		const char *option, *what;
		unsigned kinds;
	} rules[] = {
	    {s->colsep != NULL, "-C", "lines and arguments", FOR_LINES | FOR_ARGUMENTS},
	    {s->header, "--header", "lines, arguments, csv and tsv",
	     FOR_LINES | FOR_ARGUMENTS | FOR_TABLES},
	    {s->no_header, "--no-header", "csv and tsv", FOR_TABLES},
	    {s->delimiter != NULL, "-d", "lines", FOR_LINES},
	    {s->null, "-0", "lines", FOR_LINES},
	    {s->crlf, "--crlf", "lines that end in a newline", FOR_NEWLINES},
	    {s->no_crlf, "--no-crlf", "lines that end in a newline", FOR_NEWLINES},
	    {s->format != NULL, "-f", "files and standard input", FOR_ANY_FILE},
	};
	unsigned kinds = kinds_of_inputs(s, reader, format);

	for (size_t i = 0; s->run_file == NULL && i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].given && (kinds & rules[i].kinds) == 0)
			return err_usage(err, "%s is for %s, and no input is of that kind",
					 rules[i].option, rules[i].what);
	if (s->delimiter != NULL && s->format != NULL && strcmp(s->format, "null") == 0)
		return err_usage(err, "-f null and -d exclude each other");
	return 0;
}

/* Those that no module's config is filled with before the run. */
static int check_values(const struct settings *s, struct reader_config *reader,
			const struct reader_ops **format, struct err *err)
{
	struct limits limits;

	if (reader_settings(s, reader, format, err) < 0)
		return -1;
	if (s->max_depth > READER_MOST_DEPTH)
		return err_usage(err, "--max-depth %llu: at most %d",
				 (unsigned long long)s->max_depth, READER_MOST_DEPTH);
	if (s->nice > 19)
		return err_usage(err, "--nice %llu: write 0 to 19",
				 (unsigned long long)s->nice);
	if (s->joblog_sync != NULL && strcmp(s->joblog_sync, "job") != 0 &&
	    strcmp(s->joblog_sync, "second") != 0)
		return err_usage(err, "--joblog-sync=%s: use second or job",
				 s->joblog_sync);
	return gates_limits(s, &limits, err);
}

int setup_values(const struct settings *s, struct err *err)
{
	const struct reader_ops *format;
	struct reader_config reader;
	const struct jobserver_env no_make = {.kind = JOBSERVER_NONE};
	struct sched_config sched;
	struct seq_range *ranges = NULL;
	size_t nranges;

	if (s->only != NULL && seq_ranges_parse(s->only, &ranges, &nranges) < 0)
		return err_only(s, err);
	free(ranges);
	if (check_values(s, &reader, &format, err) < 0)
		return -1;
	return setup_sched(s, &no_make, &sched, err);
}

static bool is_split(const struct settings *s)
{
	return s->colsep != NULL && (s->colsep[0] == '\0' || s->colsep[1] != '\0') &&
	       strcmp(s->colsep, "\\t") != 0;
}

static int check_failed_to(const struct settings *s, struct err *err)
{
	if (s->failed_to == NULL)
		return 0;
	if (s->ninputs > 1)
		return err_usage(err, "--failed-to: events of several inputs together have "
				      "no format of their own; use --joblog and "
				      "--resume-failed");
	if (s->header && is_split(s))
		return err_usage(err, "--failed-to: with --header, -C must be one character");
	return 0;
}

/* A command is words or a shell line; without one each event is. */
static int check_command(const struct settings *s, struct err *err)
{
	bool templates = s->workdir != NULL || s->input != NULL || s->nenv > 0 ||
			 setup_tag(s) != NULL;

	if (s->nwords > 0 && s->words[0][0] == '\0')
		return err_usage(err, "the command is empty");
	if (s->replace != NULL && s->replace[0] == '\0')
		return err_usage(err, "-I needs a text that stands for the event");
	if (s->nwords > 0)
		return 0;
	if (s->replace != NULL && !templates)
		return err_usage(err, "-I %s: events that are commands hold no "
				      "placeholders; give a command",
				 s->replace);
	if (s->max_args > 1)
		return err_usage(err, "-n %llu: events that are commands run one by one; "
				      "give a command",
				 (unsigned long long)s->max_args);
	if (reads_stdin(s) && isatty(STDIN_FILENO))
		return err_usage(err, "no command and no events");
	return 0;
}

int setup_check(const struct settings *s, struct err *err)
{
	const struct reader_ops *format;
	struct reader_config reader;

	/* also when nothing is read: a mistake does not wait for its input */
	if (check_values(s, &reader, &format, err) < 0 || pairs_check(s, err) < 0 ||
	    files_check(s, err) < 0)
		return -1;
	/* the second would find it empty, and cross all events with nothing */
	if (count_stdin(s) > 1)
		return err_usage(err, "standard input is given as an input twice");
	if (check_format(s, &reader, format, err) < 0)
		return -1;
	if (setup_engine_check(s, err) < 0 || check_command(s, err) < 0 ||
	    check_failed_to(s, err) < 0)
		return -1;
	return setup_output_check(s, err);
}

void setup_template(const struct settings *s, struct template_config *cfg)
{
	const char *shell = s->shell != NULL ? s->shell : getenv("VOLLEY_SHELL");
	const char *event_mark = s->replace != NULL ? s->replace : "{}";

	*cfg = (struct template_config){
	    .words = s->words,
	    .nwords = s->nwords,
	    .shell = shell != NULL && *shell != '\0' ? shell : NULL,
	    .replace = s->replace,
	    .workdir = s->workdir,
	    .tag = setup_tag(s),
	    .input = s->input == NULL && s->worker ? event_mark : s->input,
	    .worker = s->worker ? setup_reply(s) : NULL,
	    .env = s->env,
	    .nenv = s->nenv,
	    .event_options = s->event_options,
	    .direct = s->direct,
	    .append = s->max_args > 0 && s->input == NULL && !s->worker,
	    .batched = s->max_args > 1,
	    .literal = s->literal || s->direct,
	    .allow_nested = s->allow_nested,
	};
}

struct joblog *setup_joblog(const struct settings *s, const struct template *template,
			    struct loop *loop, struct resume **resume, struct err *err)
{
	bool again = s->resume || s->resume_failed;
	struct joblog_config cfg = {
	    .loop = loop,
	    .template = template,
	    .path = s->joblog,
	    .append = again,
	    .sync = s->joblog_sync != NULL && strcmp(s->joblog_sync, "job") == 0
			? JOBLOG_SYNC_JOB
			: JOBLOG_SYNC_SECOND,
	};
	struct joblog *log = joblog_open(&cfg, err);
	struct err ignored;

	*resume = NULL;
	if (log == NULL || !again)
		return log;
	*resume = resume_read(joblog_fd(log), s->joblog, s->resume_failed, err);
	if (*resume != NULL) {
		joblog_resume(log, *resume);
		return log;
	}
	joblog_close(log, &ignored);
	return NULL;
}

int setup_resume(const struct settings *s, struct resume **resume, struct err *err)
{
	int fd;

	*resume = NULL;
	if (!s->resume && !s->resume_failed)
		return 0;
	fd = open(s->joblog, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(err, "cannot open the job log '%s'", s->joblog);
	*resume = resume_read(fd, s->joblog, s->resume_failed, err);
	close(fd);
	return *resume != NULL ? 0 : -1;
}

static const struct reader_ops *input_format(const struct settings *s,
					     const struct reader_ops *format)
{
	if (s->ninputs == 0 || s->inputs[0].kind == INPUT_WORDS)
		return s->ninputs == 0 && format != NULL ? format : &reader_lines_ops;
	if (s->inputs[0].kind == INPUT_TEXT)
		return &reader_yaml_ops;
	return format != NULL ? format : reader_of_file(s->inputs[0].path);
}

static bool has_newline(char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr(words[i], '\n') != NULL)
			return true;
	return false;
}

/* Is the file where the events come from? */
static bool is_input(const struct settings *s, const char *path)
{
	for (size_t i = 0; i < s->ninputs; i++)
		if (s->inputs[i].kind == INPUT_FILE &&
		    files_same(strcmp(s->inputs[i].path, "-") == 0 ? "/dev/stdin"
								   : s->inputs[i].path,
			       path))
			return true;
	return s->ninputs == 0 && files_same("/dev/stdin", path);
}

struct failed_to *setup_failed_to(const struct settings *s, struct err *err)
{
	struct failed_to_config cfg = {
	    .path = s->failed_to,
	    .is_input = is_input(s, s->failed_to),
	    .selected = s->only != NULL,
	    .no_header = s->no_header,
	    .keeps_cr = s->no_crlf};
	const struct reader_ops *format;
	struct reader_config reader;

	if (reader_settings(s, &reader, &format, err) < 0)
		return NULL;
	cfg.format = input_format(s, format)->format;
	cfg.delimiter = reader.delimiter;
	if (s->ninputs > 0 && has_newline(s->inputs[0].words, s->inputs[0].nwords)) {
		cfg.delimiter = '\0';
		cfg.tells_nul = true;
	}
	if (s->header)
		cfg.header = s->colsep != NULL && s->colsep[1] == '\0' ? s->colsep[0] : '\t';
	return failed_to_open(&cfg, err);
}

static const char *temporary_directory(const struct settings *s)
{
	const char *dir = s->tmpdir != NULL ? s->tmpdir : getenv("TMPDIR");

	return dir != NULL && *dir != '\0' ? dir : "/tmp";
}

/* "30s", or "200%" of the median. */
static int parse_timeout(const char *text, struct sched_config *cfg, struct err *err)
{
	size_t len = strlen(text);
	char digits[8];
	uint64_t percent;

	if (len > 1 && len <= sizeof digits && text[len - 1] == '%') {
		memcpy(digits, text, len - 1);
		digits[len - 1] = '\0';
		if (units_uint(digits, &percent) == 0 && percent > 0) {
			cfg->timeout_percent = (unsigned)percent;
			return 0;
		}
	} else if (units_duration(text, &cfg->timeout_ns) == 0 && cfg->timeout_ns > 0) {
		return 0;
	}
	return err_usage(err,
			 "--timeout %s: write a duration (0.5, 30s, 1m30s) or a percentage "
			 "of the median run time (200%%)",
			 text);
}

static int setup_failures(const struct settings *s, struct sched_config *cfg,
			  struct err *err)
{
	const char *halt = s->halt != NULL ? s->halt : s->debug ? "now,fail=1" : "never";

	cfg->deadline_ns = s->deadline_ns;
	cfg->only_failed = s->only_failed;
	cfg->print_stopped = s->print_stopped;
	cfg->termination = termination_default;
	cfg->retry = (struct retry_rules){.tries = s->retries > 0 ? s->retries
								  : UINT64_MAX};
	if (halt_parse(halt, &cfg->halt, err) < 0)
		return -1;
	if (s->timeout != NULL && parse_timeout(s->timeout, cfg, err) < 0)
		return -1;
	if (s->termseq != NULL && termination_parse(s->termseq, &cfg->termination, err) < 0)
		return -1;
	if (s->retry_delay != NULL &&
	    retry_parse_delay(&cfg->retry, s->retry_delay, err) < 0)
		return -1;
	return s->retry_on != NULL ? retry_parse_on(&cfg->retry, s->retry_on, err) : 0;
}

/* Anything that looks like a number is one; any other text may name a file. */
static bool names_file(const char *jobs)
{
	return jobs != NULL && strspn(jobs, "0123456789+-%") < strlen(jobs) &&
	       access(jobs, F_OK) == 0;
}

bool setup_jobs_file(const struct settings *s, struct job_limit_file *f)
{
	if (s->debug || !names_file(s->jobs))
		return false;
	f->path = s->jobs;
	f->cpus = capacity_cpus("");
	f->most = job_limit_most();
	return true;
}

static int choose_slots(const struct settings *s, const struct jobserver_env *make,
			unsigned *slots, struct err *err)
{
	char text[16];
	const char *jobs = s->jobs;

	*slots = 1;
	if (s->debug)
		return 0;
	if (names_file(jobs))
		return job_limit_read(jobs, capacity_cpus(""), job_limit_most(), slots, err);
	if (jobs == NULL)
		jobs = gates_default_jobs(make, text, sizeof text);
	return job_limit_parse(jobs != NULL ? jobs : "100%", capacity_cpus(""), job_limit_most(),
			   slots, err);
}

int setup_sched(const struct settings *s, const struct jobserver_env *make,
		struct sched_config *cfg, struct err *err)
{
	unsigned slots;

	if (choose_slots(s, make, &slots, err) < 0)
		return -1;
	if (slots > job_limit_most()) {
		msg_print("-j %s: %u at a time is what the limits on open files and "
			  "processes allow (ulimit -Hn, -u)",
			  s->jobs != NULL ? s->jobs : "100%", job_limit_most());
		slots = job_limit_most();
	}
	*cfg = (struct sched_config){
	    .output = {.tmpdir = temporary_directory(s), .memory = OUTPUT_MEMORY},
	    .slots = slots,
	    .batch = s->max_args > 1 ? (size_t)s->max_args : 1,
	    .window = slots * 2 > WAITING_JOBS ? slots * 2 : WAITING_JOBS,
	    .selected = s->only != NULL,
	    .delay_ns = s->delay_ns,
	    .dry_run = s->dry_run,
	};
	cfg->output.whole = s->event_options; /* which may ask for retries */
	setup_output(s, &cfg->output);
	return setup_failures(s, cfg, err);
}

void setup_again(const struct settings *s, struct buf *before, struct buf *after)
{
	int split = s->options_end - s->literal;

	for (int i = 0; i < s->argc; i++) {
		struct buf *out = i < split ? before : after;

		if (out->len > 0)
			buf_addc(out, ' ');
		quote_word(out, bytes_str(i == 0 ? "volley" : s->argv[i]));
	}
}

const char *setup_again_option(const struct settings *s)
{
	if (s->joblog == NULL)
		return NULL;
	return s->resume_failed ? "" : "--resume-failed";
}
