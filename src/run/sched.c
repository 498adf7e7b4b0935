/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/sched_internal.h"

/* The run as a whole: the events of engine and output, its phase and its end. */

enum { PATIENCE_MS = 1000 }; /* with a reader, in a run that ends by force */

/* --- jobs */

void sched_set_state(struct job *job, enum job_state state)
{
	assert(state == job->state + 1 || (job->state == JOB_DONE && state == JOB_READY) ||
	       (job->state == JOB_READY && state == JOB_DONE));
	job->state = state;
}

static void signal_job(struct job *job, int signo)
{
	struct engine *engine = job->sched->cfg.engine;

	engine->ops->signal(engine, &job->task, signo);
}

static void kill_step(void *arg)
{
	struct job *job = arg;
	const struct termination *t = &job->sched->cfg.termination;
	unsigned step = job->kill_step < t->n ? job->kill_step : t->n - 1;

	job->kill_step = step + 1;
	signal_job(job, t->steps[step].signo);
	if (job->state == JOB_RUNNING && job->kill_step < t->n)
		loop_timer_set(job->sched->cfg.loop, &job->kill_timer,
			       clock_in(t->steps[step].wait_ms * NSEC_PER_MSEC),
			       kill_step, job);
}

/* Has it ended by itself, so that it keeps its result?  Its process has, and its
 * output is only not read yet: it waits for a reader, not for what it left behind. */
static bool has_ended(const struct job *job)
{
	return job->vacated && job->output.held;
}

void sched_terminate(struct job *job, enum job_kill why, unsigned from_step)
{
	if (job->killed == KILL_NONE && !has_ended(job))
		job->killed = why;
	if (job->kill_step > from_step)
		return;
	job->kill_step = from_step;
	kill_step(job);
}

static void terminate_all(struct sched *s, unsigned from_step)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		sched_terminate(LIST_ENTRY(l, struct job, link), KILL_STOP, from_step);
}

bool sched_keeps_stopped(const struct sched *s)
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

		if (job->killed == KILL_STOP && !sched_keeps_stopped(s))
			output_discard(s->output, &job->output);
		engine->ops->hold(engine, &job->task, false);
	}
}

static void drop_waiting(struct sched *s)
{
	while (!list_empty(&s->waiting))
		sched_job_dropped(s, LIST_ENTRY(s->waiting.next, struct job, link));
}

/* Whatever --termseq says: it may not end in KILL. */
static void kill_all(struct sched *s)
{
	const struct termination *t = &s->cfg.termination;

	terminate_all(s, t->n - 1);
	if (t->steps[t->n - 1].signo != SIGKILL)
		sched_signal_all(s, SIGKILL);
	if (s->finishing)
		s->cfg.engine->ops->finish(s->cfg.engine, true);
}

/* --- the phase */

static bool has_events_left(const struct sched *s)
{
	return !s->input_ended || (s->next != NULL && s->next->nevents > 0);
}

void sched_enter(struct sched *s, enum run_phase phase, enum end_reason reason)
{
	enum run_phase from = s->state.phase;

	if (reason > s->state.reason)
		s->state.reason = reason;
	sched_changed(s);
	if (phase <= from)
		return;
	s->state.phase = phase;
	s->ending_since = clock_mono();
	if (from == PHASE_RUNNING) {
		s->state.ended_early |= has_events_left(s);
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
	if (s->has_err)
		return;
	s->has_err = true;
	s->err = *err;
	msg_print("%s", err->text);
}

void sched_fail(struct sched *s, const struct err *err)
{
	keep_error(s, err);
	s->failed = true;
	sched_enter(s, PHASE_STOPPING, END_ERROR);
}

void sched_input_failed(struct sched *s, const struct err *err)
{
	keep_error(s, err);
	s->state.ended_early = true;
	sched_enter(s, PHASE_RUNNING, END_ERROR);
}

static void deadline_passed(void *arg)
{
	struct sched *s = arg;

	if (s->state.phase < PHASE_STOPPING)
		msg_print("the deadline has passed");
	sched_enter(s, PHASE_STOPPING, END_DEADLINE);
}

/* --- the end */

static bool is_idle(const struct sched *s)
{
	return list_empty(&s->running) && list_empty(&s->waiting) &&
	       (s->state.phase != PHASE_RUNNING || !has_events_left(s));
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
	loop_timer_set(s->cfg.loop, &s->patience, until, sched_changed, s);
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
	s->finished = true;
	if (s->cfg.resume != NULL && !s->cfg.selected && !s->state.ended_early &&
	    resume_left(s->cfg.resume) > 0)
		msg_print("of the commands in the job log %llu are not among those of this "
			  "run: has the command or the input changed?",
			  (unsigned long long)resume_left(s->cfg.resume));
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

	sched_fill(s);
	check_end(s);
}

void sched_changed(void *arg)
{
	struct sched *s = arg;

	loop_defer(s->cfg.loop, &s->turn, turn, s);
}

/* --- the engine's events */

static struct job *job_of(struct engine_task *task)
{
	return LIST_ENTRY(task, struct job, task);
}

static void on_started(void *arg, struct engine_task *task, int64_t when)
{
	sched_job_started(arg, job_of(task), when);
}

static void on_output(void *arg, struct engine_task *task, int stream, struct bytes data)
{
	struct sched *s = arg;
	struct job *job = job_of(task);
	struct err err;

	if (job->killed == KILL_STOP && !sched_keeps_stopped(s))
		return;
	if (stream == 0)
		job->outcome.stdout_bytes += data.len;
	if (output_add(s->output, &job->output, stream, data, &err) < 0)
		sched_fail(s, &err);
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

static void on_vacated(void *arg, struct engine_task *task)
{
	sched_vacate(arg, job_of(task));
}

static void on_done(void *arg, struct engine_task *task,
		    const struct engine_result *result)
{
	sched_job_done(arg, job_of(task), result);
}

static void on_failed(void *arg, const struct err *err)
{
	sched_fail(arg, err);
}

static void on_finished(void *arg)
{
	struct sched *s = arg;

	s->engine_finished = true;
	sched_changed(s);
}

static const struct engine_events engine_events = {
    .started = on_started,
    .output = on_output,
    .move = on_move,
    .vacated = on_vacated,
    .done = on_done,
    .room = sched_changed,
    .failed = on_failed,
    .finished = on_finished,
};

/* --- the output's events */

static struct job *job_of_output(struct output_job *output)
{
	return LIST_ENTRY(output, struct job, output);
}

static void on_retired(void *arg, struct output_job *output)
{
	struct sched *s = arg;
	struct job *job = job_of_output(output);
	struct err err;

	sched_set_state(job, JOB_RETIRED);
	/* A stopped job is not logged as run. */
	for (size_t i = 0; i < s->cfg.nwatchers && job->outcome.status != JOB_STOPPED; i++) {
		const struct watcher *w = &s->cfg.watchers[i];

		if (w->ops->retired != NULL &&
		    w->ops->retired(w->arg, &s->state, &job->outcome, &err) < 0)
			sched_fail(s, &err);
	}
	job_pool_put(&s->pool, job);
	sched_changed(s);
}

static void on_hold(void *arg, struct output_job *output, bool hold)
{
	struct sched *s = arg;
	struct job *job = job_of_output(output);
	struct engine *engine = s->cfg.engine;

	if (job->state == JOB_RUNNING && (!hold || s->state.phase < PHASE_STOPPING))
		engine->ops->hold(engine, &job->task, hold);
}

static void on_output_failed(void *arg, const struct err *err)
{
	sched_fail(arg, err);
}

static void on_reader_gone(void *arg)
{
	sched_enter(arg, PHASE_STOPPING, END_READER_GONE);
}

static const struct output_events output_events = {
    .retired = on_retired,
    .hold = on_hold,
    .failed = on_output_failed,
    .reader_gone = on_reader_gone,
};

/* --- the public face */

struct sched *sched_new(const struct sched_config *cfg)
{
	struct sched *s = xcalloc(1, sizeof *s);

	assert(cfg->slots > 0 && cfg->batch > 0 && cfg->termination.n > 0);
	s->cfg = *cfg;
	s->cfg.output.whole |= cfg->retry.tries > 1 || cfg->only_failed;
	s->most = UINT64_MAX;
	s->random = (uint64_t)clock_wall();
	list_init(&s->running);
	list_init(&s->waiting);
	list_init(&s->done);
	engine_attach(cfg->engine, &engine_events, s);
	cfg->engine->ops->resize(cfg->engine, cfg->slots);
	job_pool_init(&s->pool);
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
		job_pool_put(&s->pool, job);
	}
	if (s->next != NULL)
		job_pool_put(&s->pool, s->next);
	job_pool_clear(&s->pool);
	output_free(s->output);
	free(s);
}

void sched_start(struct sched *s)
{
	s->state.start = clock_mono();
	source_on_ready(s->cfg.source, sched_changed, s);
	for (size_t i = 0; i < s->cfg.ngates; i++)
		s->cfg.gates[i].ops->on_ready(s->cfg.gates[i].arg, sched_changed, s);
	if (s->cfg.deadline_ns > 0)
		loop_timer_set(s->cfg.loop, &s->deadline_timer,
			       clock_after(s->state.start, s->cfg.deadline_ns),
			       deadline_passed, s);
	sched_ask_total(s);
	TELL(s, begin, &s->state);
	sched_changed(s);
}

void sched_interrupt(struct sched *s, int signo)
{
	if (s->signo == 0)
		s->signo = signo;
	sched_enter(s, s->state.phase < PHASE_STOPPING ? PHASE_STOPPING : PHASE_KILLING,
		    END_SIGNAL);
}

void sched_drain(struct sched *s)
{
	sched_enter(s, PHASE_DRAINING, END_DRAINED);
}

void sched_set_slots(struct sched *s, unsigned slots)
{
	assert(slots > 0);
	s->cfg.slots = slots;
	s->cfg.engine->ops->resize(s->cfg.engine, slots);
	sched_changed(s);
}

void sched_signal_all(struct sched *s, int signo)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		signal_job(LIST_ENTRY(l, struct job, link), signo);
}

void sched_each_running(const struct sched *s,
			void (*fn)(void *arg, const struct bindings *job, int64_t started,
				   const char *where),
			void *arg)
{
	struct engine *engine = s->cfg.engine;
	struct buf where = BUF_INIT;

	for (struct link *l = s->running.next; l != &s->running; l = l->next) {
		const struct job *job = LIST_ENTRY(l, struct job, link);

		buf_reset(&where);
		engine->ops->describe(engine, &job->task, &where);
		fn(arg, &job->bindings, job->started, buf_cstr(&where));
	}
	buf_clear(&where);
}

const struct run_state *sched_state(const struct sched *s)
{
	return &s->state;
}

const struct err *sched_error(const struct sched *s)
{
	return &s->err;
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
