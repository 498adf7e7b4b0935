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

/* The run as a whole: what it is told by engine and output, and its end. */

enum { PATIENCE_MS = 1000 }; /* with a reader, once a signal has ended the run */

/* --- jobs */

void sched_set_state(struct job *job, enum job_state state)
{
	assert(state == job->state + 1 || (job->state == JOB_DONE && state == JOB_READY));
	job->state = state;
}

static void kill_step(void *arg)
{
	struct job *job = arg;
	struct sched *s = job->sched;
	const struct termination *t = &s->cfg.termination;
	unsigned step = job->kill_step < t->n ? job->kill_step : t->n - 1;

	job->kill_step = step + 1;
	s->engine->ops->signal(s->engine, &job->task, t->steps[step].signo);
	if (job->state == JOB_RUNNING && job->kill_step < t->n)
		loop_timer_set(s->cfg.loop, &job->kill_timer,
			       clock_in(t->steps[step].wait_ms * NSEC_PER_MSEC),
			       kill_step, job);
}

void sched_terminate(struct sched *s, struct job *job, unsigned from_step)
{
	(void)s;
	if (job->kill_step > from_step)
		return;
	job->kill_step = from_step;
	kill_step(job);
}

static void terminate_all(struct sched *s, unsigned from_step)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		sched_terminate(s, LIST_ENTRY(l, struct job, link), from_step);
}

/* Whatever --termseq says: its user may have left KILL out. */
static void kill_all(struct sched *s)
{
	const struct termination *t = &s->cfg.termination;

	terminate_all(s, t->n - 1);
	if (t->steps[t->n - 1].signo != SIGKILL)
		sched_signal_all(s, SIGKILL);
}

/* --- the end */

static void patience_is_over(void *arg)
{
	sched_check_end(arg);
}

/* A run that a signal ends waits for its reader no longer than this. */
static bool reader_sleeps(struct sched *s)
{
	int64_t since = output_blocked_since(s->output);

	if (s->outcome.signo == 0 || since == 0)
		return false;
	if (s->hurry || clock_mono() - since >= PATIENCE_MS * NSEC_PER_MSEC)
		return true;
	loop_timer_set(s->cfg.loop, &s->patience,
		       clock_after(since, PATIENCE_MS * NSEC_PER_MSEC), patience_is_over,
		       s);
	return false;
}

/* The run is over when nothing runs or waits to, and all that there is to write
 * is written, or never will be. */
void sched_check_end(struct sched *s)
{
	if (s->finished || !list_empty(&s->running) || !list_empty(&s->waiting))
		return;
	if (!s->stopping && !s->input_ended)
		return;
	if (s->engine->ops->settle != NULL && !s->engine->ops->settle(s->engine, s->hurry))
		return; /* room will be told */
	if (!list_empty(&s->done) && !output_is_broken(s->output) && !reader_sleeps(s))
		return;
	s->finished = true;
	if (s->cfg.resume != NULL && !s->cfg.selected && !s->state.ended_early &&
	    resume_left(s->cfg.resume) > 0)
		msg_print("of the commands in the job log %llu are not among those of this "
			  "run: has the command or the input changed?",
			  (unsigned long long)resume_left(s->cfg.resume));
	TELL(s, end, &s->state);
	loop_stop(s->cfg.loop);
}

/* Jobs that wait for their next try have failed so far: they count as stopped. */
static void drop_waiting(struct sched *s)
{
	while (!list_empty(&s->waiting)) {
		struct job *job = LIST_ENTRY(s->waiting.next, struct job, link);

		s->state.stopped++;
		s->state.retrying--;
		job->status = JOB_STOPPED;
		TELL(s, stopped, &s->state, job);
		output_drop(s->output, &job->output);
		job_pool_put(&s->pool, job);
	}
}

/* What a job has written that is now killed will not be shown: nobody has to
 * wait until it can be. */
static void forget_output(struct sched *s)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		output_discard(s->output, &job->output);
		s->engine->ops->hold(s->engine, &job->task, false);
	}
}

void sched_stop(struct sched *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->state.ended_early |= !s->input_ended || s->next != NULL;
	loop_timer_cancel(s->cfg.loop, &s->fill_timer);
	loop_timer_cancel(s->cfg.loop, &s->deadline_timer);
	drop_waiting(s);
	terminate_all(s, 0);
	forget_output(s);
	sched_want_fill(s); /* which finds the end, if nothing runs */
}

void sched_stop_with_error(struct sched *s, const struct err *err)
{
	if (!s->outcome.has_error) {
		s->outcome.has_error = true;
		s->outcome.err = *err;
		msg_print("%s", err->text);
	}
	sched_stop(s);
}

static void deadline_passed(void *arg)
{
	struct sched *s = arg;

	s->outcome.deadline = true;
	msg_print("the deadline has passed");
	sched_stop(s);
}

/* --- the engine's events */

static struct job *job_of(struct engine_task *task)
{
	return LIST_ENTRY(task, struct job, task);
}

static void on_started(void *arg, struct engine_task *task, pid_t pid)
{
	struct sched *s = arg;
	struct job *job = job_of(task);

	job->pid = pid;
	if (!sched_is_queued(s))
		return;
	sched_begin_time(job);
	sched_set_timeout(s, job);
}

static void on_output(void *arg, struct engine_task *task, int stream, struct bytes data)
{
	struct sched *s = arg;
	struct err err;

	if (s->stopping)
		return; /* the job is being killed */
	if (stream == 0)
		job_of(task)->stdout_bytes += data.len;
	if (output_add(s->output, &job_of(task)->output, stream, data, &err) < 0)
		sched_stop_with_error(s, &err);
}

static ssize_t on_move(void *arg, struct engine_task *task, int stream, int pipe_fd)
{
	struct sched *s = arg;
	struct job *job = job_of(task);
	ssize_t n = -1;

	errno = EOPNOTSUPP;
	if (!s->stopping)
		n = output_move(s->output, &job->output, stream, pipe_fd);
	if (n > 0 && stream == 0)
		job->stdout_bytes += (uint64_t)n;
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

static void on_room(void *arg)
{
	sched_want_fill(arg);
}

static void on_suspended(void *arg, struct engine_task *task)
{
	struct sched *s = arg;

	if (!s->stopping)
		s->cfg.suspend(s->cfg.suspend_arg);
	s->engine->ops->signal(s->engine, task, SIGCONT);
}

static void on_failed(void *arg, const struct err *err)
{
	sched_stop_with_error(arg, err);
}

static const struct engine_events engine_events = {
    .started = on_started,
    .output = on_output,
    .move = on_move,
    .vacated = on_vacated,
    .done = on_done,
    .room = on_room,
    .suspended = on_suspended,
    .failed = on_failed,
};

/* --- the output's events */

static void on_retired(void *arg, struct output_job *output)
{
	struct sched *s = arg;
	struct job *job = LIST_ENTRY(output, struct job, output);
	struct err err;

	sched_set_state(job, JOB_RETIRED);
	for (size_t i = 0; i < s->cfg.nwatchers; i++) {
		const struct watcher *w = &s->cfg.watchers[i];

		if (w->ops->retired != NULL &&
		    w->ops->retired(w->arg, &s->state, job, &err) < 0)
			sched_stop_with_error(s, &err);
	}
	job_pool_put(&s->pool, job);
	sched_want_fill(s);
}

static void on_hold(void *arg, struct output_job *output, bool hold)
{
	struct sched *s = arg;
	struct job *job = LIST_ENTRY(output, struct job, output);

	if (job->state == JOB_RUNNING)
		s->engine->ops->hold(s->engine, &job->task, hold);
}

static void on_output_failed(void *arg, const struct err *err)
{
	sched_stop_with_error(arg, err);
}

static void on_reader_gone(void *arg)
{
	struct sched *s = arg;

	s->state.reader_gone = true;
	if (s->outcome.signo == 0)
		s->outcome.signo = SIGPIPE;
	sched_stop(s);
}

static const struct output_events output_events = {
    .retired = on_retired,
    .hold = on_hold,
    .failed = on_output_failed,
    .reader_gone = on_reader_gone,
};

/* --- the public face */

struct sched *sched_new(const struct sched_config *cfg, struct err *err)
{
	struct sched *s = xcalloc(1, sizeof *s);
	struct engine_config engine = {.loop = cfg->loop,
				       .events = &engine_events,
				       .arg = s,
				       .drain_ns = cfg->drain_ns,
				       .nice = cfg->nice,
				       .slots = cfg->slots,
				       .workers = cfg->workers};

	assert(cfg->slots > 0 && cfg->batch > 0 && cfg->termination.n > 0);
	s->cfg = *cfg;
	s->cfg.output.whole |= cfg->retry.tries > 1 || cfg->only_failed;
	s->max_running = cfg->slots;
	s->random = (uint64_t)clock_wall();
	list_init(&s->running);
	list_init(&s->waiting);
	list_init(&s->done);
	s->engine = cfg->engine->open(&engine, err);
	if (s->engine == NULL) {
		free(s);
		return NULL;
	}
	job_pool_init(&s->pool);
	slot_set_init(&s->slots, cfg->slots);
	s->output = output_new(&s->cfg.output, &output_events, s);
	return s;
}

void sched_free(struct sched *s)
{
	if (s == NULL)
		return;
	assert(list_empty(&s->running));
	loop_timer_cancel(s->cfg.loop, &s->fill_timer);
	loop_timer_cancel(s->cfg.loop, &s->deadline_timer);
	loop_timer_cancel(s->cfg.loop, &s->patience);
	loop_defer_cancel(s->cfg.loop, &s->fill);
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
	s->engine->ops->close(s->engine);
	slot_set_clear(&s->slots);
	free(s);
}

void sched_start(struct sched *s)
{
	s->state.start = clock_mono();
	source_on_ready(s->cfg.source, sched_fill, s);
	for (size_t i = 0; i < s->cfg.ngates; i++)
		s->cfg.gates[i].ops->on_ready(s->cfg.gates[i].arg, sched_fill, s);
	if (s->cfg.deadline_ns > 0)
		loop_timer_set(s->cfg.loop, &s->deadline_timer,
			       clock_after(s->state.start, s->cfg.deadline_ns),
			       deadline_passed, s);
	sched_ask_total(s);
	TELL(s, begin, &s->state);
	sched_want_fill(s);
}

void sched_interrupt(struct sched *s, int signo)
{
	if (s->outcome.signo == 0)
		s->outcome.signo = signo;
	if (!s->stopping) {
		sched_stop(s);
		return;
	}
	s->hurry = true;
	kill_all(s);
	sched_check_end(s);
}

void sched_drain(struct sched *s)
{
	if (s->draining)
		return;
	s->draining = true;
	s->state.ended_early |= !s->input_ended || s->next != NULL;
	s->input_ended = true;
	s->engine->ops->drain(s->engine);
	drop_waiting(s);
	sched_want_fill(s);
}

void sched_set_slots(struct sched *s, unsigned slots)
{
	assert(slots > 0);
	slot_set_resize(&s->slots, slots);
	s->max_running = s->cfg.slots = slots;
	if (s->engine->ops->resize != NULL)
		s->engine->ops->resize(s->engine, slots);
	sched_want_fill(s);
}

void sched_signal_all(struct sched *s, int signo)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		s->engine->ops->signal(s->engine, &LIST_ENTRY(l, struct job, link)->task,
				       signo);
}

void sched_each_running(const struct sched *s,
			void (*fn)(void *arg, const struct job *job), void *arg)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		fn(arg, LIST_ENTRY(l, struct job, link));
}

const struct run_state *sched_state(const struct sched *s)
{
	return &s->state;
}

const struct sched_outcome *sched_outcome(const struct sched *s)
{
	return &s->outcome;
}

int sched_exit_status(const struct sched *s)
{
	if (s->outcome.signo != 0)
		return STATUS_SIGNAL + s->outcome.signo;
	if (s->outcome.has_error)
		return s->outcome.err.status;
	if (s->outcome.deadline)
		return STATUS_DEADLINE;
	if (s->outcome.halted)
		return s->outcome.halt_status;
	return s->state.failed > 100 ? STATUS_MANY_FAILED : (int)s->state.failed;
}
