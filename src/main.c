/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "cli/given.h"
#include "cli/option.h"
#include "cli/runfile.h"
#include "cli/setup.h"
#include "run/control.h"
#include "sys/lockfile.h"
#include "sys/terminal.h"
#include "watch/progress.h"
#include "watch/summary.h"

/* Descriptors 0-2 that are closed would be taken by the first files opened.
 * They are filled such that using them still fails, and is noticed; but who
 * closes stderr does not want to know. */
static void fill_standard_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", modes[fd]);
}

static int fail(const struct err *err)
{
	msg_print("%s", err->text);
	return err->status;
}

static int print_and_check(struct buf *text)
{
	bool failed = fwrite(text->data, 1, text->len, stdout) != text->len ||
		      fflush(stdout) != 0;

	if (failed)
		msg_print("cannot write to stdout: %s", strerror(errno));
	buf_clear(text);
	return failed ? STATUS_ERROR : STATUS_OK;
}

static int print_help(void)
{
	struct buf text = BUF_INIT;

	option_help(&text);
	return print_and_check(&text);
}

static int print_version(void)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, PACKAGE_STRING "\n");
	return print_and_check(&text);
}

static int print_run_file(const struct given_list *given)
{
	struct buf text = BUF_INIT;
	struct err err;

	if (runfile_print(given, &text, &err) < 0) {
		buf_clear(&text);
		return fail(&err);
	}
	return print_and_check(&text);
}

/* Die of the signal, so that our parent sees it; but without a core. */
static int die_of(int signo)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	loop_signal_default(signo);
	return STATUS_SIGNAL + signo;
}

/* Everything a run is made of; zeroes are what was not made. */
struct run {
	struct loop *loop;
	struct terminal *terminal;
	struct source *source;
	struct template *template;
	struct progress *progress;
	struct summary *summary;
	struct joblog *joblog;
	struct failed_to *failed_to;
	struct resume *resume;
	struct sink *sink;
	struct results *results;
	struct engine *engine;
	struct sched *sched;
	struct watcher watchers[5];
	struct control control;
	struct jobserver *make; /* the caller's */
	int64_t deadline; /* by the clock */
};

static void watch(struct run *r, const struct again *again, const struct settings *s,
		  struct sched_config *cfg)
{
	struct progress_config progress = {.loop = r->loop,
					   .terminal = r->terminal,
					   .kind = setup_progress(s),
					   .interval_ns = s->progress_ns,
					   .unit = s->unit};
	struct summary_config summary = {.template = r->template,
					 .columns = terminal_columns(r->terminal),
					 .again = *again};

	r->progress = progress_new(&progress);
	r->summary = summary_new(&summary);
	cfg->watchers = r->watchers;
	r->watchers[cfg->nwatchers++] = (struct watcher){&progress_ops, r->progress};
	if (s->verbose || s->debug)
		r->watchers[cfg->nwatchers++] =
		    (struct watcher){&verbose_ops, r->template};
	r->watchers[cfg->nwatchers++] = (struct watcher){&summary_ops, r->summary};
}

/* Where events come from and results go to. */
static int open_ends(struct run *r, const struct given_list *given, struct settings *s,
		     struct err *err)
{
	r->loop = loop_new(err);
	if (r->loop == NULL)
		return -1;
	r->terminal = terminal_new(r->loop, STDERR_FILENO);
	r->source = setup_source(s, r->loop);
	r->template = template_open(setup_template(s));
	r->sink = setup_sink(s);
	return setup_results(s, &r->results, err) < 0 ? given_blame(given, "results", err) : 0;
}

static int open_joblog(struct run *r, const struct settings *s, struct sched_config *cfg,
		       struct err *err)
{
	if (cfg->dry_run)
		return setup_resume(s, &r->resume, err);
	r->joblog = setup_joblog(s, r->template, r->loop, &r->resume, err);
	if (r->joblog == NULL)
		return -1;
	r->watchers[cfg->nwatchers++] = (struct watcher){&joblog_ops, r->joblog};
	return 0;
}

static int open_logs(struct run *r, const struct given_list *given,
		     const struct settings *s, struct sched_config *cfg, struct err *err)
{
	if (s->joblog.path != NULL && open_joblog(r, s, cfg, err) < 0)
		return given_blame(given, "joblog", err);
	cfg->resume = r->resume;
	if (s->failed_to == NULL || cfg->dry_run)
		return 0;
	r->failed_to = setup_failed_to(s, err);
	if (r->failed_to == NULL)
		return given_blame(given, "failed-to", err);
	r->watchers[cfg->nwatchers++] = (struct watcher){&failed_to_ops, r->failed_to};
	return 0;
}

static int open_engine(struct run *r, const struct settings *s, struct sched_config *cfg,
		       struct err *err)
{
	/* From here on there is something to clean up.  What is opened before may block,
	 * and ends by a signal's default action. */
	r->control = (struct control){.loop = r->loop,
				      .terminal = r->terminal,
				      .jobs_file = s->debug ? NULL : s->jobs_file,
				      .jobs = cfg->slots};
	control_watch(&r->control);
	r->engine = cfg->engine = setup_engine(s, r->loop, err);
	return r->engine != NULL ? 0 : -1;
}

static void connect_ends(struct run *r, struct sched_config *cfg)
{
	cfg->loop = cfg->output.loop = r->loop;
	cfg->output.terminal = r->terminal;
	cfg->output.sink = r->sink;
	cfg->output.results = r->results;
	cfg->source = r->source;
	cfg->template = r->template;
}

static int assemble(struct run *r, const struct again *again,
		    const struct given_list *given, struct settings *s, struct err *err)
{
	struct sched_config *cfg = setup_sched(s, r->make, err);

	if (cfg == NULL)
		return given_blame(given, "jobs", err);
	if (s->lock != NULL && !cfg->dry_run &&
	    lockfile_take(s->lock, s->lock_wait_ns, err) < 0)
		return given_blame(given, "lock", err); /* else held until volley ends */
	if (open_ends(r, given, s, err) < 0)
		return -1;
	connect_ends(r, cfg);
	watch(r, again, s, cfg);
	setup_jobserver(s, r->make, r->loop, cfg);
	if (open_logs(r, given, s, cfg, err) < 0 || open_engine(r, s, cfg, err) < 0)
		return -1;
	r->control.sched = r->sched = sched_new(cfg);
	return 0;
}

/* Returns the status of the run: the job log may still fail. */
static int take_apart(struct run *r, int status)
{
	struct err err;

	sched_free(r->sched);
	if (r->engine != NULL)
		r->engine->ops->close(r->engine);
	jobserver_close(r->make);
	if (joblog_close(r->joblog, &err) < 0)
		status = fail(&err);
	if (failed_to_close(r->failed_to, &err) < 0)
		status = fail(&err);
	resume_free(r->resume);
	sink_free(r->sink);
	results_free(r->results);
	summary_free(r->summary);
	progress_free(r->progress);
	template_free(r->template);
	source_free(r->source);
	if (!terminal_free(r->terminal) && clock_mono() >= r->deadline)
		status = STATUS_DEADLINE;
	loop_free(r->loop);
	return status;
}

/* What the jobs do is not reported any more.  Close what can be closed without them; the
 * guardian kills them when volley is gone. */
static _Noreturn void abandon(struct run *r)
{
	struct err err;

	fail(loop_error(r->loop));
	jobserver_close(r->make);
	if (joblog_close(r->joblog, &err) < 0)
		fail(&err);
	if (failed_to_close(r->failed_to, &err) < 0)
		fail(&err);
	terminal_free(r->terminal);
	_exit(STATUS_ERROR);
}

/* It is for messages, too: those that wait for a reader after the last job. */
static void set_deadline(struct run *r, const struct settings *s)
{
	if (s->sched.deadline_ns > 0)
		r->deadline = clock_after(sched_state(r->sched)->start, s->sched.deadline_ns);
	terminal_hurry(r->terminal, r->deadline);
}

static int run(const struct again *again, const struct given_list *given,
	       struct settings *s, struct jobserver *make)
{
	struct run r = {.make = make, .deadline = INT64_MAX};
	struct err err;
	int status, signo = 0;

	s->sched.dry_run |= make->dry_run;
	if (assemble(&r, again, given, s, &err) == 0) {
		sched_start(r.sched);
		set_deadline(&r, s);
		loop_run(r.loop);
		if (loop_error(r.loop) != NULL)
			abandon(&r);
		status = sched_exit_status(r.sched);
		signo = sched_signal(r.sched);
	} else {
		status = fail(&err);
	}
	status = take_apart(&r, status);
	return signo != 0 ? die_of(signo) : status;
}

static int check(const struct given_list *given, const struct settings *s, struct err *err)
{
	if (given_check(given, setup_inputs(s), err) < 0 ||
	    given_check_files(given, s, err) < 0)
		return -1;
	return setup_check(s, given, err);
}

/* line: the command line alone; given: with the run files under it. */
static int obey(const struct given_list *line, struct given_list *given,
		struct settings *settings, struct jobserver *make)
{
	struct again again;
	struct err err;

	if (given_find(line, "help") != NULL)
		return print_help();
	if (given_find(line, "version") != NULL)
		return print_version();
	if (runfile_merge(line, given, &err) < 0 || given_apply(given, settings, &err) < 0)
		return fail(&err);
	if (settings->print_run_file)
		return print_run_file(given);
	if (check(given, settings, &err) < 0)
		return fail(&err);
	setup_again(line, given, settings, &again);
	return run(&again, given, settings, make);
}

int main(int argc, char *argv[])
{
	struct arena *arena = arena_new();
	struct jobserver make;
	struct given_list line, given;
	struct settings settings;
	struct err err;
	int status;

	loop_hold_signals();
	fill_standard_descriptors();
	jobserver_probe(&make, getenv("MAKEFLAGS"));
	given_init(&line, arena);
	given_init(&given, arena);
	settings_init(&settings);
	if (argv_parse(&line, argc, argv, &err) < 0)
		status = fail(&err);
	else
		status = obey(&line, &given, &settings, &make);
	settings_clear(&settings);
	given_clear(&given);
	given_clear(&line);
	arena_free(arena);
	return status;
}
