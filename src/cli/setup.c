/* SPDX-License-Identifier: ISC */

/* Turns the settings into what each stage is configured with: the source of events, the
 * template, the engine, the scheduler with what holds it back, the logs and the output.
 * Nothing is parsed here. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "cli/given.h"
#include "cli/setup.h"
#include "command/quote.h"
#include "engine/local.h"
#include "engine/worker.h"
#include "event/colsep.h"
#include "run/control.h"
#include "sys/capacity.h"

enum {
	OUTPUT_MEMORY = 32 * 1024 * 1024, /* before output goes to a file */
	WAITING_JOBS = 1024,		  /* finished ones that wait for their turn */
};

static const struct input standard_input = {.kind = INPUT_FILE, .path = "-"};

/* --- events */

static bool is_table(const struct reader_ops *format)
{
	return format == &reader_csv_ops || format == &reader_tsv_ops;
}

/* Without a name that says more, what ends events makes them lines. */
static const struct reader_ops *format_of(const struct settings *s, const struct input *in)
{
	if (in->kind == INPUT_WORDS)
		return &reader_lines_ops;
	if (in->kind == INPUT_TEXT)
		return &reader_yaml_ops;
	if (s->format != NULL)
		return s->format;
	if (s->null || s->delimiter >= 0)
		return &reader_lines_ops;
	return reader_of_file(in->path);
}

static char delimiter_of(const struct settings *s)
{
	if (s->null)
		return '\0';
	return (char)(s->delimiter >= 0 ? s->delimiter : '\n');
}

/* Are they lines only because nothing says what they are? */
static bool is_guessed(const struct settings *s, const struct input *in)
{
	return format_of(s, in) == &reader_lines_ops && in->kind == INPUT_FILE &&
	       s->format == NULL && !s->null && s->delimiter < 0 && s->colsep == NULL;
}

/* What separates the columns of a table; -1: not a single byte. */
static int separator_of(const struct settings *s, const struct reader_ops *format)
{
	if (format == &reader_tsv_ops)
		return '\t';
	return s->colsep != NULL ? colsep_byte(s->colsep) : ',';
}

static struct reader_config reader_settings(const struct settings *s)
{
	struct reader_config cfg = s->reader;

	cfg.delimiter = delimiter_of(s);
	cfg.separator = (char)separator_of(s, &reader_csv_ops);
	return cfg;
}

/* Lines and arguments may be split into columns; other formats have fields. */
static struct source *split_columns(const struct settings *s, struct source *from)
{
	if (s->colsep == NULL && !s->header)
		return from;
	return source_columns(from, s->colsep, s->header);
}

static struct source *open_input(const struct settings *s, const struct input *in,
				 struct loop *loop)
{
	struct source_file_config cfg = {.loop = loop,
					 .path = in->path,
					 .at = in->at,
					 .text = in->text,
					 .format = format_of(s, in),
					 .guessed = is_guessed(s, in),
					 .reader = reader_settings(s)};

	if (in->kind == INPUT_WORDS)
		return split_columns(s, source_args(in->words, in->nwords));
	if (cfg.format == &reader_lines_ops)
		return split_columns(s, source_file(&cfg));
	return source_file(&cfg);
}

/* Parts that are linked to the one before become one with it: those of :::+
 * first, then with --link all. */
static struct source *combine(const struct settings *s, struct source **parts, size_t n)
{
	size_t kept = 0;

	for (size_t first = 0, next; first < n; first = next) {
		for (next = first + 1; next < n && s->inputs.v[next].linked; next++)
			;
		parts[kept++] = source_link(parts + first, next - first, false);
	}
	return s->link ? source_link(parts, kept, true) : source_cross(parts, kept);
}

static struct source *open_inputs(const struct settings *s, struct loop *loop)
{
	struct source **parts, *all;

	if (s->inputs.n == 0)
		return open_input(s, &standard_input, loop);
	parts = xcalloc(s->inputs.n, sizeof *parts);
	for (size_t i = 0; i < s->inputs.n; i++)
		parts[i] = open_input(s, &s->inputs.v[i], loop);
	all = combine(s, parts, s->inputs.n);
	free(parts);
	return all;
}

static size_t count_stdin(const struct settings *s)
{
	size_t n = s->inputs.n == 0;

	for (size_t i = 0; i < s->inputs.n; i++)
		n += s->inputs.v[i].kind == INPUT_FILE &&
		     strcmp(s->inputs.v[i].path, "-") == 0;
	return n;
}

static bool reads_stdin(const struct settings *s)
{
	return count_stdin(s) > 0;
}

struct source *setup_source(const struct settings *s, struct loop *loop)
{
	struct source *all = source_number(open_inputs(s, loop), s->only, s->nonly);

	if (s->shuffle)
		all = source_shuffle(all,
				     (uint64_t)clock_wall() ^ ((uint64_t)getpid() << 32));
	if (reads_stdin(s) && isatty(STDIN_FILENO))
		msg_print("reading events from the terminal; end with Ctrl-D");
	return all;
}

/* --- checks */

static unsigned kind_of_input(const struct settings *s, const struct input *in)
{
	const struct reader_ops *format = format_of(s, in);
	unsigned names = s->header ? FOR_NAMES : 0;

	if (in->kind == INPUT_WORDS)
		return FOR_ARGUMENTS | names;
	if (is_table(format))
		return FOR_TABLES | (s->reader.no_header ? 0 : FOR_NAMES);
	if (format != &reader_lines_ops)
		return FOR_FIELDS | FOR_NAMES;
	return FOR_LINES | names | (delimiter_of(s) == '\n' ? FOR_NEWLINES : 0);
}

unsigned setup_inputs(const struct settings *s)
{
	unsigned kinds = s->inputs.n < 2 ? FOR_ONE : FOR_SEVERAL;

	for (size_t i = 0; i < s->inputs.n; i++)
		kinds |= kind_of_input(s, &s->inputs.v[i]);
	return s->inputs.n > 0 ? kinds : kinds | kind_of_input(s, &standard_input);
}

/* -C with a table. */
static int check_separator(const struct settings *s, const struct input *in,
			   const struct given *colsep, struct err *err)
{
	const struct reader_ops *format = format_of(s, in);
	int byte = s->colsep != NULL ? colsep_byte(s->colsep) : -1;

	if (s->colsep == NULL || !is_table(format))
		return 0;
	if (byte == '\n' || byte == '\r' || (byte == '"' && s->reader.quote != QUOTE_NO))
		return given_error(colsep, "a line break or quote cannot separate fields", err);
	if (format == &reader_tsv_ops && byte != '\t')
		return given_error(colsep, "in tsv, tabs separate fields; use -f csv", err);
	if (byte < 0)
		return given_error(colsep, "in csv, one byte separates fields, not a regular "
					   "expression; use -f lines to split lines by one",
				   err);
	return 0;
}

static int check_separators(const struct settings *s, const struct given *colsep,
			    struct err *err)
{
	for (size_t i = 0; i < s->inputs.n; i++)
		if (check_separator(s, &s->inputs.v[i], colsep, err) < 0)
			return -1;
	return s->inputs.n > 0 ? 0 : check_separator(s, &standard_input, colsep, err);
}

int setup_check(const struct settings *s, const struct given_list *given, struct err *err)
{
	if (check_separators(s, given_find(given, "colsep"), err) < 0)
		return -1;
	/* the second would find it empty, and cross all events with nothing */
	if (count_stdin(s) > 1)
		return err_usage(err, "standard input is given as an input twice");
	if (reads_stdin(s) && s->run_file != NULL && strcmp(s->run_file, "-") == 0)
		return err_usage(err, "standard input is the run file, so events must come "
				      "from elsewhere");
	if (s->template.nwords > 0 && s->template.words[0][0] == '\0') {
		err_usage(err, "the command is empty");
		return given->words_at != NULL ? err_at(err, given->words_at[0]) : -1;
	}
	if (s->template.nwords == 0 && reads_stdin(s) && isatty(STDIN_FILENO))
		return err_usage(err, "no command and no events\n%s", option_usage);
	if (s->failed_to != NULL && s->header && s->colsep != NULL &&
	    colsep_byte(s->colsep) < 0)
		return given_error(given_find(given, "failed-to"),
				   "with a header, the columns must be separated by one "
				   "character",
				   err);
	return 0;
}

/* --- command and engine */

/* Is it volley's own worker, perhaps after its interpreter?  It learns from
 * VOLLEY_REPLY how to reply, and by JSON it can say that an event has failed. */
static bool has_own_worker(char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(words[i], '/');

		if (strcmp(slash != NULL ? slash + 1 : words[i], "volley-worker.py") == 0)
			return true;
	}
	return false;
}

static enum worker_reply_kind reply_of(const struct settings *s)
{
	const struct template_config *cfg = &s->template;

	if (s->reply >= 0)
		return (enum worker_reply_kind)s->reply;
	return has_own_worker(cfg->words, cfg->nwords) ? WORKER_REPLY_JSON
						       : WORKER_REPLY_LINE;
}

/* How output of jobs is distinguished: the template of their tags, or NULL. */
static const char *tag_of(const struct settings *s)
{
	if (s->tagstring != NULL)
		return s->tagstring;
	return s->tag ? (s->template.replace != NULL ? s->template.replace : "{}") : NULL;
}

const struct template_config *setup_template(struct settings *s)
{
	static const char *const replies[] = {[WORKER_REPLY_LINE] = "line",
					      [WORKER_REPLY_NULL] = "null",
					      [WORKER_REPLY_JSON] = "json"};
	struct template_config *cfg = &s->template;

	if (cfg->shell == NULL)
		cfg->shell = getenv("VOLLEY_SHELL");
	if (cfg->shell != NULL && *cfg->shell == '\0')
		cfg->shell = NULL;
	cfg->tag = tag_of(s);
	cfg->worker = s->worker ? replies[reply_of(s)] : NULL;
	cfg->append = s->max_args > 0 && cfg->input == NULL && !s->worker;
	if (cfg->input == NULL && s->worker)
		cfg->input = cfg->replace != NULL ? cfg->replace : "{}";
	cfg->env = s->env;
	cfg->nenv = s->nenv;
	cfg->batched = s->max_args > 1;
	cfg->literal |= cfg->direct;
	return cfg;
}

static bool is_same_input(const char *a, const char *b)
{
	a = strcmp(a, "-") == 0 ? "/dev/stdin" : a;
	b = strcmp(b, "-") == 0 ? "/dev/stdin" : b;
	return strcmp(a, b) == 0 || given_same_file(a, b);
}

/* Is the file where the events come from?  "-": standard input. */
static bool is_input(const struct settings *s, const char *path)
{
	bool found = s->inputs.n == 0 && is_same_input("-", path);

	for (size_t i = 0; i < s->inputs.n && !found; i++)
		found = s->inputs.v[i].kind == INPUT_FILE &&
			is_same_input(s->inputs.v[i].path, path);
	return found;
}

static struct engine *open_workers(const struct settings *s, struct loop *loop,
				   struct err *err)
{
	struct worker_config cfg = s->workers;

	cfg.loop = loop;
	cfg.nice = s->nice;
	cfg.drain_ns = s->drain_ns;
	cfg.reply = reply_of(s);
	return engine_worker_open(&cfg, err);
}

struct engine *setup_engine(const struct settings *s, struct loop *loop, struct err *err)
{
	struct local_config cfg = {
	    .loop = loop,
	    .nice = s->nice,
	    .drain_ns = s->drain_ns,
	    .inherit = s->ungroup || s->debug,
	    .foreground = s->debug,
	    .stdin_taken = is_input(s, "-"),
	    .suspend = control_suspend,
	};

	return s->worker ? open_workers(s, loop, err) : engine_local_open(&cfg, err);
}

/* --- the run again */

/* Append " <FILE" if standard input is a file that can be read again by its name. */
static void add_redirection(struct buf *out)
{
	char path[4096], cwd[4096];
	struct stat now, named;
	size_t skip = 0;
	ssize_t n;

	if (fstat(STDIN_FILENO, &now) < 0 || !S_ISREG(now.st_mode) ||
	    lseek(STDIN_FILENO, 0, SEEK_CUR) != 0)
		return;
	n = readlink("/proc/self/fd/0", path, sizeof path - 1);
	if (n <= 0)
		return;
	path[n] = '\0';
	if (stat(path, &named) < 0 || named.st_dev != now.st_dev || named.st_ino != now.st_ino)
		return;
	if (getcwd(cwd, sizeof cwd) != NULL && strncmp(path, cwd, strlen(cwd)) == 0 &&
	    path[strlen(cwd)] == '/')
		skip = strlen(cwd) + 1;
	buf_adds(out, " <");
	quote_word(out, bytes_str(path + skip));
}

/* The option that reads the failed events where --failed-to has put them. */
static void add_failed_file(const struct settings *s, struct buf *out)
{
	const struct reader_ops *format = format_of(s, &standard_input);

	buf_adds(out, "-a ");
	quote_word(out, bytes_str(s->failed_to));
	if (s->format == NULL && reader_of_file(s->failed_to) != format)
		buf_addf(out, " -f %s", format->format);
}

static const char *keep(struct buf *text, struct arena *a)
{
	const char *copy = arena_str(a, buf_cstr(text));

	buf_clear(text);
	return copy;
}

void setup_again(const struct given_list *line, const struct given_list *all,
		 const struct settings *s, struct again *again)
{
	struct buf before = BUF_INIT, after = BUF_INIT, file = BUF_INIT;
	size_t n;

	*again = (struct again){.selected = s->only, .nselected = s->nonly};
	argv_again(line, s->joblog.path == NULL ? "only" : "", &before, &after);
	n = after.len;
	if (is_input(s, "-"))
		add_redirection(&after);
	again->same_input = is_input(s, "-") && after.len == n;
	if (again->same_input && s->inputs.n == 0 && s->failed_to != NULL &&
	    s->reader.path == NULL) { /* which that file has no more */
		add_failed_file(s, &file);
		again->from_file = keep(&file, line->arena);
	}
	again->before = keep(&before, line->arena);
	again->after = keep(&after, line->arena);
	again->numbers = s->joblog.path == NULL ? "--only" : NULL;
	again->failed = s->resume_failed ? "" : "--resume-failed";
	again->rest = s->resume || s->resume_failed ? "" : "--resume";
	again->terminal = given_may_add(all, "debug") ? "--debug" : "";
}

/* --- running */

/* By default all CPUs; inside make, as many as make has. */
static unsigned default_slots(const struct jobserver *make)
{
	if (make->kind == JOBSERVER_CLOSED)
		return 1;
	if (make->kind == JOBSERVER_THERE && make->slots > 0)
		return make->slots;
	return capacity_cpus("");
}

static int choose_slots(const struct settings *s, const struct jobserver *make,
			unsigned *slots, struct err *err)
{
	unsigned most = limits_most_jobs();

	*slots = s->jobs > 0 ? s->jobs : default_slots(make);
	if (s->debug)
		*slots = 1;
	else if (s->jobs_file != NULL &&
		 limits_read_jobs(s->jobs_file, slots, err) < 0)
		return -1;
	if (*slots > most) {
		msg_print("%u jobs at a time: %u is what the limits on open files and "
			  "processes allow (ulimit -Hn, -u)",
			  *slots, most);
		*slots = most;
	}
	return 0;
}

static bool has_color(const struct settings *s, int fd)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (s->color == COLOR_ALWAYS || s->color == COLOR_NEVER)
		return s->color == COLOR_ALWAYS;
	return isatty(fd) && (no == NULL || *no == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

static void complete_output(const struct settings *s, struct output_config *cfg)
{
	if (cfg->tmpdir == NULL)
		cfg->tmpdir = getenv("TMPDIR");
	if (cfg->tmpdir == NULL || *cfg->tmpdir == '\0')
		cfg->tmpdir = "/tmp";
	cfg->memory = OUTPUT_MEMORY;
	cfg->whole = s->template.event_options; /* which may ask for retries */
	cfg->fds[0] = STDOUT_FILENO;
	cfg->fds[1] = STDERR_FILENO;
	cfg->color[0] = has_color(s, STDOUT_FILENO);
	cfg->color[1] = has_color(s, STDERR_FILENO);
}

struct sched_config *setup_sched(struct settings *s, const struct jobserver *make,
				 struct err *err)
{
	struct sched_config *cfg = &s->sched;

	if (choose_slots(s, make, &cfg->slots, err) < 0)
		return NULL;
	complete_output(s, &cfg->output);
	cfg->batch = s->max_args > 1 ? (size_t)s->max_args : 1;
	cfg->window = cfg->slots * 2 > WAITING_JOBS ? cfg->slots * 2 : WAITING_JOBS;
	cfg->selected = s->only != NULL;
	if (s->debug && !s->halt_given) /* it stops at the first failure */
		cfg->halt = (struct halt){HALT_NOW, HALT_FAIL, 1, false};
	return cfg;
}

void setup_jobserver(const struct settings *s, struct jobserver *make, struct loop *loop,
		     struct sched_config *cfg)
{
	/* A dry run starts nothing that could be held back. */
	if (s->sched.dry_run)
		return;
	if (make->kind == JOBSERVER_CLOSED)
		msg_print("make's jobserver is not available here: %s%s", make->why,
			  s->jobs == 0 && s->jobs_file == NULL
			      ? "; running one job at a time"
			      : "");
	if (make->kind != JOBSERVER_THERE)
		return;
	make->loop = loop;
	cfg->gate = &jobserver_gate;
	cfg->gate_arg = make;
}

struct joblog *setup_joblog(const struct settings *s, const struct template *template,
			    struct loop *loop, struct resume **resume, struct err *err)
{
	bool again = s->resume || s->resume_failed;
	struct joblog_config cfg = s->joblog;
	struct joblog *log;
	struct err ignored;

	cfg.loop = loop;
	cfg.template = template;
	cfg.append = again;
	log = joblog_open(&cfg, err);
	if (log == NULL || !again)
		return log;
	*resume = resume_read(joblog_fd(log), cfg.path, s->resume_failed, err);
	if (*resume != NULL)
		return log;
	joblog_close(log, &ignored);
	return NULL;
}

int setup_resume(const struct settings *s, struct resume **resume, struct err *err)
{
	int fd;

	if (!s->resume && !s->resume_failed)
		return 0;
	fd = open(s->joblog.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(err, "cannot open the job log '%s'", s->joblog.path);
	*resume = resume_read(fd, s->joblog.path, s->resume_failed, err);
	close(fd);
	return *resume != NULL ? 0 : -1;
}

static bool has_newline(char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr(words[i], '\n') != NULL)
			return true;
	return false;
}

struct failed_to *setup_failed_to(const struct settings *s, struct err *err)
{
	const struct input *in = s->inputs.n > 0 ? &s->inputs.v[0] : &standard_input;
	struct failed_to_config cfg = {.name = "--failed-to",
				       .path = s->failed_to,
				       .is_input = is_input(s, s->failed_to),
				       .selected = s->only != NULL,
				       .format = format_of(s, in)->format,
				       .delimiter = delimiter_of(s),
				       .separator = (char)separator_of(s, format_of(s, in)),
				       .quoted = s->reader.quote != QUOTE_NO,
				       .no_header = s->reader.no_header,
				       .keeps_cr = s->reader.crlf == CRLF_KEEP};

	if (cfg.is_input && s->reader.path != NULL) {
		err_usage(err,
			  "--failed-to would replace its input '%s', of which --path reads "
			  "only a part; name another file",
			  s->failed_to);
		return NULL;
	}
	if (has_newline(in->words, in->nwords)) {
		cfg.delimiter = '\0';
		cfg.tells_nul = true;
	}
	if (s->header)
		cfg.header = s->colsep != NULL ? (char)colsep_byte(s->colsep) : '\t';
	return failed_to_open(&cfg, err);
}

/* --- output */

/* --dry-run shows commands, which are no results. */
struct sink *setup_sink(const struct settings *s)
{
	return s->sched.dry_run || s->output == NULL ? NULL : s->output->make();
}

int setup_results(const struct settings *s, struct results **results, struct err *err)
{
	if (s->results == NULL || s->sched.dry_run)
		return 0;
	/* When a part of a run is done again, what is missing is added. */
	*results = results_open(s->results,
				s->only != NULL || s->resume || s->resume_failed, err);
	return *results != NULL ? 0 : -1;
}

enum progress_kind setup_progress(const struct settings *s)
{
	if (s->debug || (s->ungroup && s->progress == PROGRESS_AUTO))
		return PROGRESS_NONE;
	return s->progress;
}
