/* SPDX-License-Identifier: ISC */
/* A job goes through this file from top to bottom: it is taken from the intake and
 * started; the engine reports what happens to it; its result is counted, or it is tried
 * again; its output is written, and it retires.  Every change calls changed(), and
 * the next turn of the loop starts what can start and checks whether the run is over. */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/intake.h"
#include "run/sched.h"

enum {
	MAX_STARTING_US = 1000, /* per turn of the loop, so that output stays live */
	BACKLOG_MS = 20,	/* how often a full backlog of messages, */
	LIMITS_MS = 1000,	/* and load and memory are looked at */
	SHORT_MS = 100,		/* how long no more jobs are started after a shortage */
	SHORT_RETRY_MS = 100,	/* for a job that got no process */
	SHORT_TRIES = 300,	/* half a minute without a process */
	MEDIAN_MS = 100,	/* how often --timeout N% is applied to running jobs */
	PATIENCE_MS = 1000,	/* with a reader, in a run that ends by force */
};

struct sched {
	struct sched_config cfg;
	struct run_state state;
	struct output *output;
	struct intake intake;
	struct job_rules rules;
	struct link running, waiting, done; /* waiting: for their next try */
	struct loop_call turn; /* starts what can start, and looks for the end */

	/* starts */
	uint64_t most;	    /* jobs at a time while the system is short of processes */
	int64_t grow_at;    /* when to try more than that */
	bool retried_last;  /* the last start was a retry: the next is a new job */
	int64_t next_start; /* --delay: not before this */
	struct loop_timer start_timer, median_timer;

	/* results */
	bool warned_short;

	/* the end */
	int64_t ending_since; /* clock_mono: when the phase last changed */
	int signo;	      /* END_SIGNAL */
	struct err err;	      /* END_ERROR; its status is 0 while there is none */
	bool failed; /* volley itself, after which output may be incomplete */
	int halt_status; /* END_HALTED: as a shell would have it in $? */
	bool finishing, engine_finished, finished;
	struct loop_timer deadline_timer, patience;
};

#define TELL(s, what, ...)                                                               \
	do {                                                                             \
		for (size_t tell_i = 0; tell_i < (s)->cfg.nwatchers; tell_i++) {         \
			const struct watcher *tell_w = &(s)->cfg.watchers[tell_i];       \
			if (tell_w->ops->what != NULL)                                   \
				tell_w->ops->what(tell_w->arg, __VA_ARGS__);             \
		}                                                                        \
	} while (0)

/* Something has changed: see turn.  A loop_call_fn. */
static void changed(void *sched);

static void finish_job(struct sched *s, struct job *job);

/* --- the end: phase and reason */

static void terminate_all(struct sched *s, unsigned from_step)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		job_terminate(LIST_ENTRY(l, struct job, link), KILL_STOP, from_step);
}

/* Is the output of stopped jobs wanted: for their records, or to be shown? */
static bool keeps_stopped(const struct sched *s)
{
	return !s->failed && (s->cfg.print_stopped || output_takes_records(s->output));
}

/* Drop what stopped jobs have written, unless it is wanted; and no job waits for a
 * reader any more. */
static void let_go(struct sched *s)
{
	struct engine *engine = s->cfg.engine;

	for (struct link *l = s->running.next; l != &s->running; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		if (job->killed == KILL_STOP && !keeps_stopped(s))
			output_discard(s->output, &job->output);
		engine->ops->hold(engine, &job->task, false);
	}
}

/* They will not be tried again. */
static void drop_waiting(struct sched *s)
{
	while (!list_empty(&s->waiting)) {
		struct job *job = LIST_ENTRY(s->waiting.next, struct job, link);

		list_remove(&job->link);
		s->state.retrying--;
		job->outcome.status = JOB_STOPPED;
		finish_job(s, job);
	}
}

/* By SIGKILL too: --termseq need not end with it. */
static void kill_all(struct sched *s)
{
	const struct termination *t = &s->cfg.termination;

	terminate_all(s, t->n - 1);
	if (t->steps[t->n - 1].signo != SIGKILL)
		sched_signal_all(s, SIGKILL);
	if (s->finishing)
		s->cfg.engine->ops->finish(s->cfg.engine, true);
}

/* The run is to end for this reason: go on to the phase, unless it is there or
 * further.  The only place where phase and reason change. */
static void enter(struct sched *s, enum run_phase phase, enum end_reason reason)
{
	enum run_phase from = s->state.phase;

	if (reason > s->state.reason)
		s->state.reason = reason;
	changed(s);
	if (phase <= from)
		return;
	s->state.phase = phase;
	s->ending_since = clock_mono();
	if (from == PHASE_RUNNING) {
		s->state.ended_early |= intake_has_more(&s->intake);
		drop_waiting(s);
	}
	if (from < PHASE_STOPPING && phase >= PHASE_STOPPING) {
		terminate_all(s, 0);
		let_go(s);
	}
	if (phase == PHASE_KILLING)
		kill_all(s);
}

static void keep_error(struct sched *s, const struct err *err)
{
	if (s->err.status != 0)
		return;
	s->err = *err;
	msg_print("%s", err->text);
}

/* An error in volley itself, in the engine or in the output ends the run. */
static void fail(void *sched, const struct err *err)
{
	struct sched *s = sched;

	keep_error(s, err);
	s->failed = true;
	enter(s, PHASE_STOPPING, END_ERROR);
}

/* The input ends here, because of this error; what was read before is run. */
static void fail_input(struct sched *s, const struct err *err)
{
	keep_error(s, err);
	s->state.ended_early = true;
	enter(s, PHASE_RUNNING, END_ERROR);
}

/* --- the next job */

/* Jobs in memory beyond those that run: done and not yet written, or waiting for
 * their next try.  When there are too many, no new ones begin. */
static bool has_window(const struct sched *s)
{
	return output_waiting(s->output) + s->state.retrying < s->cfg.window;
}

/* A job for new events; NULL: not now, or no more events.  It stays in the intake until
 * take_job takes it. */
static struct job *new_job(struct sched *s)
{
	bool known = s->state.total_known;
	uint64_t total = s->state.total;
	struct err err;

	if (!has_window(s))
		return NULL;
	if (intake_collect(&s->intake, &err) < 0) {
		if (s->intake.ended)
			fail_input(s, &err);
		else
			fail(s, &err);
	}
	if (s->state.total_known != known || s->state.total != total)
		TELL(s, total, &s->state);
	return s->state.phase == PHASE_RUNNING ? intake_peek(&s->intake) : NULL;
}

static void start_at(struct sched *s, int64_t when)
{
	if (s->start_timer.pos == 0 || when < s->start_timer.at)
		loop_timer_set(s->cfg.loop, &s->start_timer, when, changed, s);
}

/* A job whose next try is due; take_job takes it off the list. */
static struct job *due_retry(struct sched *s)
{
	int64_t now, earliest = INT64_MAX;

	if (list_empty(&s->waiting))
		return NULL;
	now = clock_mono();
	for (struct link *l = s->waiting.next; l != &s->waiting; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		if (job->due <= now)
			return job;
		if (job->due < earliest)
			earliest = job->due;
	}
	start_at(s, earliest);
	return NULL;
}

/* New jobs and retries take turns, so that neither can starve the other. */
static struct job *next_job(struct sched *s)
{
	struct job *job = s->retried_last ? new_job(s) : due_retry(s);

	if (job == NULL)
		job = s->retried_last ? due_retry(s) : new_job(s);
	return job;
}

static void take_job(struct sched *s, struct job *job)
{
	if (job == intake_peek(&s->intake)) {
		intake_take(&s->intake);
		output_begin(s->output, &job->output);
	} else {
		list_remove(&job->link);
		s->state.retrying--;
	}
}

/* Whether it was run before is asked only once: the answer uses up what the log
 * has of it. */
static bool skip_job(struct sched *s, struct job *job)
{
	if (s->cfg.resume == NULL || job->outcome.try + job->shortages > 0 ||
	    !resume_skips(s->cfg.resume, s->cfg.template, &job->bindings,
			  &job->outcome.again))
		return false;
	output_drop(s->output, &job->output);
	intake_put(&s->intake, job);
	s->state.skipped++;
	TELL(s, skipped, &s->state);
	return true;
}

/* --- what holds starts back */

/* The system was short of processes: start fewer at a time for a while. */
static void slow_down(struct sched *s)
{
	s->most = s->state.running > 0 ? s->state.running : 1;
	s->grow_at = clock_in(SHORT_MS * NSEC_PER_MSEC);
}

/* After a shortage the number of jobs grows again, step by step, until the next. */
static bool is_short(struct sched *s)
{
	if (s->state.running < s->most)
		return false;
	if (clock_mono() < s->grow_at) {
		start_at(s, s->grow_at);
		return true;
	}
	s->grow_at = clock_in(SHORT_MS * NSEC_PER_MSEC);
	s->most += s->most / 4 + 1;
	if (s->most >= s->cfg.slots)
		s->most = UINT64_MAX;
	return s->state.running >= s->most;
}

/* When to look again whether a job may start; 0: it may now. */
static int64_t held_until(struct sched *s)
{
	if (clock_mono() < s->next_start)
		return s->next_start;
	if (msg_is_full()) /* each job may add messages, and they are kept in memory */
		return clock_in(BACKLOG_MS * NSEC_PER_MSEC);
	if (!limits_allow(&s->cfg.limits, (unsigned)s->state.running))
		return clock_in(LIMITS_MS * NSEC_PER_MSEC);
	return 0;
}

/* A dry run starts nothing that could be held back. */
static bool may_start(struct sched *s)
{
	const struct gate *gate = s->cfg.gate;
	int64_t until = s->cfg.dry_run ? 0 : held_until(s);

	if (until > 0) {
		start_at(s, until);
		return false;
	}
	return gate == NULL || gate->enter(s->cfg.gate_arg, (unsigned)s->state.running,
					   changed, s);
}

static void leave_gate(struct sched *s)
{
	if (s->cfg.gate != NULL)
		s->cfg.gate->leave(s->cfg.gate_arg, (unsigned)s->state.running);
}

/* Timers come last in a turn of the loop, but no job may start after the deadline. */
static bool is_too_late(const struct sched *s)
{
	return s->deadline_timer.pos != 0 && clock_mono() >= s->deadline_timer.at;
}

/* --- results */

/* What a job printed may not fit the output format (-o table): then it has
 * failed, though its command succeeded. */
static void check_output(struct sched *s, struct job *job)
{
	struct outcome *o = &job->outcome;
	struct err err;

	if (o->status != JOB_OK || output_check(s->output, &job->output, o, &err) == 0)
		return;
	o->status = JOB_REFUSED;
	o->code = STATUS_ERROR;
	o->why = arena_str(job->arena, err.text);
}

static void check_halt(struct sched *s, const struct outcome *o)
{
	if (s->cfg.dry_run || s->state.phase != PHASE_RUNNING ||
	    !halt_reached(&s->cfg.halt, s->state.ok, s->state.failed))
		return;
	s->halt_status = outcome_shell_status(o);
	enter(s, s->cfg.halt.when == HALT_NOW ? PHASE_STOPPING : PHASE_DRAINING,
		    END_HALTED);
}

static void update_timeouts(void *arg)
{
	struct sched *s = arg;

	for (struct link *l = s->running.next; l != &s->running; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		if (job->state == JOB_RUNNING)
			job_check_time(job);
	}
}

/* Another success may mean another time for running jobs (--timeout N%).  Not at once:
 * with many jobs that would cost each of them more than it does. */
static void add_run_time(struct sched *s, int64_t runtime)
{
	median_add(&s->rules.run_times, runtime);
	if (s->cfg.timeout_percent > 0 && s->median_timer.pos == 0)
		loop_timer_set(s->cfg.loop, &s->median_timer,
			       clock_in(MEDIAN_MS * NSEC_PER_MSEC), update_timeouts, s);
}

static void count_result(struct sched *s, const struct outcome *o)
{
	s->state.done++;
	if (o->status == JOB_OK) {
		s->state.ok++;
		add_run_time(s, o->runtime);
	} else {
		s->state.failed++;
	}
	check_halt(s, o);
}

/* False: the results cannot be written, and the run ends. */
static bool record(struct sched *s, struct job *job)
{
	struct err err;

	if (!output_takes_records(s->output))
		return true;
	job_describe(job);
	if (output_record(s->output, &job->output, &job->outcome, &err) == 0)
		return true;
	fail(s, &err);
	return false;
}

/* True: the job's output is still to be written. */
static bool finish_stopped(struct sched *s, struct job *job)
{
	bool shown = keeps_stopped(s) && record(s, job) &&
		     (s->cfg.print_stopped || output_shows_stopped(s->output));

	s->state.stopped++;
	TELL(s, stopped, &s->state, &job->outcome);
	return shown;
}

static bool finish_done(struct sched *s, struct job *job)
{
	check_output(s, job);
	job_explain(job);
	if (!record(s, job)) { /* the job log may not say that it is done */
		job->outcome.status = JOB_STOPPED;
		return finish_stopped(s, job);
	}
	count_result(s, &job->outcome);
	TELL(s, done, &s->state, &job->outcome);
	return true;
}

/* The result is final. */
static void finish_job(struct sched *s, struct job *job)
{
	job->state = JOB_DONE;
	if (job->outcome.status == JOB_STOPPED ? !finish_stopped(s, job)
					       : !finish_done(s, job)) {
		output_drop(s->output, &job->output);
		intake_put(&s->intake, job);
		return;
	}
	list_append(&s->done, &job->link);
	output_finish(s->output, &job->output);
	if (s->cfg.only_failed && job->outcome.status == JOB_OK)
		output_mute(s->output, &job->output);
}

/* --- trying again */

static void try_again(struct sched *s, struct job *job, int64_t delay)
{
	output_discard(s->output, &job->output);
	job->outcome.stdout_bytes = 0;
	job->state = JOB_READY;
	job->killed = KILL_NONE;
	job->kill_step = 0;
	job->due = clock_in(delay);
	list_append(&s->waiting, &job->link);
	s->state.retrying++;
}

/* Different for jobs that failed together, here and in other runs. */
static uint64_t random_of(const struct job *job)
{
	return hash_of((uint64_t)clock_wall() + job->bindings.seq, bytes_str("")).a;
}

/* The system had no process or descriptor to spare: the job has not failed, but
 * fewer should run at a time. */
static bool wants_process(const struct job *job, const struct engine_result *r)
{
	return r->try_again && job->killed == KILL_NONE && job->shortages < SHORT_TRIES;
}

static void wait_for_process(struct sched *s, struct job *job,
			     const struct engine_result *r)
{
	job->shortages++;
	job->outcome.try--;
	slow_down(s);
	msg_once(&s->warned_short, "%s; running fewer jobs at a time for now", r->why);
	try_again(s, job, SHORT_RETRY_MS * NSEC_PER_MSEC);
}

static bool wants_retry(const struct sched *s, const struct job *job)
{
	const struct event_options *own = &job->command.options;
	uint64_t tries = s->cfg.retry.tries;

	if (own->has_retries) /* the event's own option wins */
		tries = own->retries > 0 ? own->retries : UINT64_MAX;
	return s->state.phase == PHASE_RUNNING &&
	       retry_wanted(&s->cfg.retry, &job->outcome, tries);
}

/* --- the engine's events */

static struct job *job_of(struct engine_task *task)
{
	return LIST_ENTRY(task, struct job, task);
}

static void on_started(void *arg, struct engine_task *task, int64_t when)
{
	(void)arg;
	job_begin(job_of(task), when);
}

static void on_output(void *arg, struct engine_task *task, int stream, struct bytes data)
{
	struct sched *s = arg;
	struct job *job = job_of(task);
	struct err err;

	if (job->killed == KILL_STOP && !keeps_stopped(s))
		return;
	if (stream == 0)
		job->outcome.stdout_bytes += data.len;
	if (output_add(s->output, &job->output, stream, data, &err) < 0)
		fail(s, &err);
}

static ssize_t on_move(void *arg, struct engine_task *task, int stream, int pipe_fd)
{
	struct sched *s = arg;
	struct job *job = job_of(task);
	ssize_t n = -1;

	errno = EOPNOTSUPP;
	if (job->killed != KILL_STOP) /* else it may not wait for a reader any more */
		n = output_move(s->output, &job->output, stream, pipe_fd);
	if (n > 0 && stream == 0)
		job->outcome.stdout_bytes += (uint64_t)n;
	return n;
}

/* The job's process has ended: its slot is free, and what the gate gave for it. */
static void on_vacated(void *arg, struct engine_task *task)
{
	struct sched *s = arg;
	struct job *job = job_of(task);

	job->state = JOB_VACATED;
	s->state.running--;
	leave_gate(s);
	loop_timer_cancel(s->cfg.loop, &job->timeout_timer);
	changed(s);
}

static void on_done(void *arg, struct engine_task *task, const struct engine_result *r)
{
	struct sched *s = arg;
	struct job *job = job_of(task);

	list_remove(&job->link);
	job_judge(job, r);
	if (wants_process(job, r) && s->state.phase == PHASE_RUNNING) {
		wait_for_process(s, job, r);
	} else if (wants_process(job, r)) {
		job->outcome.status = JOB_STOPPED;
		finish_job(s, job);
	} else if (wants_retry(s, job)) {
		try_again(s, job,
			  retry_delay(&s->cfg.retry, job->outcome.try, random_of(job)));
	} else {
		finish_job(s, job);
	}
	changed(s);
}

static void on_finished(void *arg)
{
	struct sched *s = arg;

	s->engine_finished = true;
	changed(s);
}

static const struct engine_events engine_events = {
    .started = on_started,
    .output = on_output,
    .move = on_move,
    .vacated = on_vacated,
    .done = on_done,
    .room = changed,
    .failed = fail,
    .finished = on_finished,
};

/* --- the output's events */

static void on_retired(void *arg, struct output_job *output)
{
	struct sched *s = arg;
	struct job *job = LIST_ENTRY(output, struct job, output);
	struct err err;

	assert(job->state == JOB_DONE);
	/* A stopped job is not logged as run. */
	for (size_t i = 0; i < s->cfg.nwatchers && job->outcome.status != JOB_STOPPED; i++) {
		const struct watcher *w = &s->cfg.watchers[i];

		if (w->ops->retired != NULL &&
		    w->ops->retired(w->arg, &s->state, &job->outcome, &err) < 0)
			fail(s, &err);
	}
	intake_put(&s->intake, job);
	changed(s);
}

static void on_hold(void *arg, struct output_job *output, bool hold)
{
	struct sched *s = arg;
	struct job *job = LIST_ENTRY(output, struct job, output);
	struct engine *engine = s->cfg.engine;

	if ((job->state == JOB_RUNNING || job->state == JOB_VACATED) &&
	    (!hold || s->state.phase < PHASE_STOPPING))
		engine->ops->hold(engine, &job->task, hold);
}

static void on_reader_gone(void *arg)
{
	enter(arg, PHASE_STOPPING, END_READER_GONE);
}

static const struct output_events output_events = {
    .retired = on_retired,
    .hold = on_hold,
    .failed = fail,
    .reader_gone = on_reader_gone,
};

/* --- starts */

/* Its result is known without the engine. */
static void finish_here(struct sched *s, struct job *job, const struct engine_result *r)
{
	on_vacated(s, &job->task);
	job_judge(job, r);
	finish_job(s, job);
}

/* There is no command for its event. */
static void refuse(struct sched *s, struct job *job, const struct err *err)
{
	struct engine_result r = {.kind = RESULT_NOT_STARTED, .code = STATUS_ERROR,
				  .why = err->text};

	if (err->status == STATUS_NOT_FOUND)
		r.code = STATUS_NOT_FOUND;
	finish_here(s, job, &r);
}

static void show_only(struct sched *s, struct job *job)
{
	struct buf line = BUF_INIT;
	struct err err;
	int failed;

	template_show(s->cfg.template, &job->bindings, &line);
	buf_addc(&line, '\n');
	failed = output_add(s->output, &job->output, 0, buf_bytes(&line), &err);
	buf_clear(&line);
	finish_here(s, job, &(struct engine_result){.kind = RESULT_EXITED});
	if (failed)
		fail(s, &err);
}

static void give_to_engine(struct sched *s, struct job *job)
{
	struct engine *engine = s->cfg.engine;

	if (job->command.tag != NULL)
		output_tag(s->output, &job->output, job->command.tag, job->bindings.seq,
			   job->arena);
	job->task = (struct engine_task){.command = &job->command,
					 .seq = job->bindings.seq,
					 .try = job->outcome.try,
					 .slot = job->bindings.slot};
	list_append(&s->running, &job->link);
	TELL(s, started, &s->state, &job->bindings);
	engine->ops->start(engine, &job->task);
}

/* It counts as running from here on: what gives up on it vacates it. */
static void start_job(struct sched *s, struct job *job, unsigned slot)
{
	struct err err;

	assert(!s->finishing && job->state == JOB_READY);
	job->bindings.slot = slot;
	job->bindings.try = ++job->outcome.try;
	job->started = 0;
	job->state = JOB_RUNNING;
	s->state.running++;
	if (template_expand(s->cfg.template, &job->bindings, job->arena, &job->command,
			    &err) < 0)
		refuse(s, job, &err);
	else if (s->cfg.dry_run)
		show_only(s, job);
	else
		give_to_engine(s, job);
}

/* Delays, limits and the gate hold up jobs, not the end of the run: they are asked only when
 * there is a job to start. */
static bool start_next(struct sched *s)
{
	struct engine *engine = s->cfg.engine;
	struct job *job;
	unsigned slot;

	if (s->state.phase != PHASE_RUNNING || is_short(s))
		return false;
	slot = engine->ops->place(engine);
	job = slot != 0 ? next_job(s) : NULL;
	if (job == NULL || is_too_late(s) || !may_start(s))
		return false;
	take_job(s, job);
	if (skip_job(s, job)) {
		leave_gate(s);
		return true;
	}
	s->retried_last = job->outcome.try > 0;
	if (s->cfg.delay_ns > 0)
		s->next_start = clock_in(s->cfg.delay_ns);
	start_job(s, job, slot);
	return true;
}

static void fill(struct sched *s)
{
	int64_t until = clock_in(MAX_STARTING_US * (NSEC_PER_MSEC / 1000));

	while (start_next(s)) {
		if (clock_mono() < until)
			continue;
		changed(s);
		return;
	}
}

/* --- the end: is the run over? */

static bool is_idle(const struct sched *s)
{
	return list_empty(&s->running) && list_empty(&s->waiting) &&
	       (s->state.phase != PHASE_RUNNING || !intake_has_more(&s->intake));
}

/* A halt, a drain and the end of the input wait for the reader as long as it
 * takes. */
static bool ends_by_force(const struct sched *s)
{
	return s->state.phase >= PHASE_STOPPING && s->state.reason >= END_DEADLINE;
}

static bool gives_up_on_reader(struct sched *s)
{
	int64_t since = output_blocked_since(s->output), until;

	if (!ends_by_force(s) || since == 0)
		return false;
	until = clock_after(since > s->ending_since ? since : s->ending_since,
			    PATIENCE_MS * NSEC_PER_MSEC);
	if (s->state.phase == PHASE_KILLING || clock_mono() >= until)
		return true;
	loop_timer_set(s->cfg.loop, &s->patience, until, changed, s);
	return false;
}

static bool is_written(struct sched *s)
{
	return list_empty(&s->done) || output_is_broken(s->output) ||
	       gives_up_on_reader(s);
}

static bool engine_has_finished(struct sched *s)
{
	if (!s->finishing)
		s->cfg.engine->ops->finish(s->cfg.engine,
					   s->state.phase == PHASE_KILLING);
	s->finishing = true;
	return s->engine_finished;
}

static void finish(struct sched *s)
{
	unsigned long long left;

	s->finished = true;
	if (s->cfg.resume != NULL && !s->cfg.selected && !s->state.ended_early &&
	    (left = resume_left(s->cfg.resume)) > 0)
		msg_print("the job log has %llu command%s that this run does not have: has "
			  "the command or the input changed?",
			  left, left == 1 ? "" : "s");
	TELL(s, end, &s->state);
	loop_stop(s->cfg.loop);
}

/* The run is over when nothing runs or is still to run, the engine has ended what
 * it kept, and everything is written, or never will be. */
static void check_end(struct sched *s)
{
	if (!s->finished && is_idle(s) && engine_has_finished(s) && is_written(s))
		finish(s);
}

static void turn(void *arg)
{
	struct sched *s = arg;

	fill(s);
	check_end(s);
}

static void changed(void *arg)
{
	struct sched *s = arg;

	loop_defer(s->cfg.loop, &s->turn, turn, s);
}

/* --- what the caller does */

struct sched *sched_new(const struct sched_config *cfg)
{
	struct sched *s = xcalloc(1, sizeof *s);

	assert(cfg->slots > 0 && cfg->batch > 0 && cfg->termination.n > 0);
	s->cfg = *cfg;
	s->cfg.output.whole |= cfg->retry.tries > 1 || cfg->only_failed;
	s->rules.cfg = &s->cfg;
	intake_init(&s->intake, &s->rules, &s->state);
	s->most = UINT64_MAX;
	list_init(&s->running);
	list_init(&s->waiting);
	list_init(&s->done);
	engine_attach(cfg->engine, &engine_events, s);
	cfg->engine->ops->resize(cfg->engine, cfg->slots);
	s->output = output_new(&s->cfg.output, &output_events, s);
	return s;
}

void sched_free(struct sched *s)
{
	if (s == NULL)
		return;
	assert(list_empty(&s->running));
	loop_timer_cancel(s->cfg.loop, &s->start_timer);
	loop_timer_cancel(s->cfg.loop, &s->median_timer);
	loop_timer_cancel(s->cfg.loop, &s->deadline_timer);
	loop_timer_cancel(s->cfg.loop, &s->patience);
	loop_defer_cancel(s->cfg.loop, &s->turn);
	source_on_ready(s->cfg.source, NULL, NULL);
	while (!list_empty(&s->done)) {
		struct job *job = LIST_ENTRY(s->done.next, struct job, link);

		output_drop(s->output, &job->output);
		intake_put(&s->intake, job);
	}
	intake_clear(&s->intake);
	output_free(s->output);
	free(s);
}

static void deadline_passed(void *arg)
{
	struct sched *s = arg;

	if (s->state.phase < PHASE_STOPPING)
		msg_print("the deadline has passed");
	enter(s, PHASE_STOPPING, END_DEADLINE);
}

void sched_start(struct sched *s)
{
	s->state.start = clock_mono();
	source_on_ready(s->cfg.source, changed, s);
	if (s->cfg.deadline_ns > 0)
		loop_timer_set(s->cfg.loop, &s->deadline_timer,
			       clock_after(s->state.start, s->cfg.deadline_ns),
			       deadline_passed, s);
	intake_ask_total(&s->intake);
	TELL(s, begin, &s->state);
	changed(s);
}

void sched_interrupt(struct sched *s, int signo)
{
	if (s->signo == 0)
		s->signo = signo;
	enter(s, s->state.phase < PHASE_STOPPING ? PHASE_STOPPING : PHASE_KILLING,
		    END_SIGNAL);
}

void sched_drain(struct sched *s)
{
	enter(s, PHASE_DRAINING, END_DRAINED);
}

void sched_set_slots(struct sched *s, unsigned slots)
{
	assert(slots > 0);
	s->cfg.slots = slots;
	s->cfg.engine->ops->resize(s->cfg.engine, slots);
	changed(s);
}

void sched_signal_all(struct sched *s, int signo)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		job_signal(LIST_ENTRY(l, struct job, link), signo);
}

void sched_print(const struct sched *s)
{
	msg_print("%llu running, %llu done, %llu failed",
		  (unsigned long long)s->state.running, (unsigned long long)s->state.done,
		  (unsigned long long)s->state.failed);
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		job_print(LIST_ENTRY(l, struct job, link));
}

const struct run_state *sched_state(const struct sched *s)
{
	return &s->state;
}

int sched_signal(const struct sched *s)
{
	if (s->state.reason == END_SIGNAL)
		return s->signo;
	return s->state.reason == END_READER_GONE ? SIGPIPE : 0;
}

static int failures(const struct sched *s)
{
	return s->state.failed > 100 ? STATUS_MANY_FAILED : (int)s->state.failed;
}

static int status_of_halt(const struct sched *s)
{
	const struct halt *h = &s->cfg.halt;

	if (h->why == HALT_SUCCESS)
		return STATUS_OK;
	if (h->why == HALT_FAIL && h->count == 1 && !h->percent)
		return s->halt_status;
	return failures(s);
}

int sched_exit_status(const struct sched *s)
{
	switch (s->state.reason) {
	case END_OF_INPUT:
	case END_DRAINED:
		return failures(s);
	case END_HALTED:
		return status_of_halt(s);
	case END_DEADLINE:
		return STATUS_DEADLINE;
	case END_ERROR:
		return s->err.status;
	case END_READER_GONE:
	case END_SIGNAL:
		return STATUS_SIGNAL + sched_signal(s);
	}
	return STATUS_ERROR;
}
