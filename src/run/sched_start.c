/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/sched_internal.h"

/* From events to running jobs. */

enum {
	MAX_STARTING_US = 1000, /* per turn of the loop, so that output stays live */
	SHORT_MS = 100,		/* no more are started for so long after a shortage */
	MEDIAN_MS = 100,	/* how often --timeout N% is applied to what runs */
};

/* --- events */

static uint64_t jobs_of(const struct sched *s, uint64_t events)
{
	return (events + s->cfg.batch - 1) / s->cfg.batch;
}

bool sched_ask_total(struct sched *s)
{
	uint64_t events;

	if (s->state.total_known || !source_total(s->cfg.source, &events))
		return false;
	s->state.total_known = true;
	s->state.total = jobs_of(s, events);
	return true;
}

static void end_input(struct sched *s)
{
	uint64_t total = s->next_seq + (s->next != NULL && s->next->nevents > 0);

	s->input_ended = true;
	if (!s->state.total_known || s->state.total != total) {
		s->state.total = total;
		s->state.total_known = true;
		TELL(s, total, &s->state);
	}
}

/* Once an event is there, a short input may be known to its end. */
static int prepare(struct sched *s, const struct event *first, struct err *err)
{
	if (s->prepared)
		return 0;
	s->prepared = true;
	if (sched_ask_total(s))
		TELL(s, total, &s->state);
	return template_prepare(s->cfg.template, first, s->state.total_known, err);
}

/* Add an event to the job that is being collected.  False: none is there now. */
static bool pull_event(struct sched *s)
{
	struct job *job = s->next != NULL ? s->next : job_pool_take(&s->pool);
	struct event *e = arena_alloc(job->arena, sizeof *e);
	struct err err;

	s->next = job;
	job->sched = s;
	switch (source_next(s->cfg.source, job->arena, e, &err)) {
	case SOURCE_EVENT:
		job->events = xgrow(job->events, &job->events_cap, job->nevents + 1,
				    sizeof(struct event *));
		job->events[job->nevents++] = e;
		if (prepare(s, e, &err) == 0)
			return true;
		sched_fail(s, &err);
		return false;
	case SOURCE_AGAIN:
		return false;
	case SOURCE_END:
		end_input(s);
		return false;
	case SOURCE_ERROR:
		sched_input_failed(s, &err);
		end_input(s);
		return false;
	}
	return false;
}

/* The next new job, with all its events; NULL: not now, or there is none.  It is
 * still next: take_job ends that. */
static struct job *collect(struct sched *s)
{
	struct job *job;

	while (!s->input_ended && s->state.phase == PHASE_RUNNING &&
	       (s->next == NULL || s->next->nevents < s->cfg.batch))
		if (!pull_event(s))
			break;
	job = s->next;
	if (job == NULL || s->state.phase != PHASE_RUNNING || job->nevents == 0 ||
	    (job->nevents < s->cfg.batch && !s->input_ended))
		return NULL;
	return job;
}

/* --- gates */

static bool pass_gates(struct sched *s)
{
	unsigned running = (unsigned)s->state.running;

	for (size_t i = 0; i < s->cfg.ngates; i++) {
		const struct gate *g = &s->cfg.gates[i];

		if (g->ops->enter(g->arg, running))
			continue;
		while (i-- > 0) /* give back what the others gave */
			s->cfg.gates[i].ops->leave(s->cfg.gates[i].arg, running);
		return false;
	}
	return true;
}

static void leave_gates(struct sched *s)
{
	for (size_t i = 0; i < s->cfg.ngates; i++)
		s->cfg.gates[i].ops->leave(s->cfg.gates[i].arg,
					   (unsigned)s->state.running);
}

void sched_vacate(struct sched *s, struct job *job)
{
	job->vacated = true;
	s->state.running--;
	leave_gates(s);
	loop_timer_cancel(s->cfg.loop, &job->timeout_timer);
	sched_changed(s);
}

/* --- time */

/* How long the job may run; 0: as long as it likes. */
static int64_t time_limit(const struct sched *s, const struct job *job)
{
	if (job->command.options.has_timeout) /* the event's own wins */
		return job->command.options.timeout_ns;
	if (s->cfg.timeout_percent > 0)
		return median_percent(&s->run_times, s->cfg.timeout_percent);
	return s->cfg.timeout_ns;
}

/* The limit may have grown since the timer was set. */
static void check_time(void *arg)
{
	struct job *job = arg;
	struct sched *s = job->sched;
	int64_t limit = time_limit(s, job);

	if (limit == 0)
		return;
	if (clock_mono() - job->started >= limit)
		sched_terminate(job, KILL_TIMEOUT, 0);
	else
		loop_timer_set(s->cfg.loop, &job->timeout_timer,
			       clock_after(job->started, limit), check_time, job);
}

void sched_job_started(struct sched *s, struct job *job, int64_t when)
{
	(void)s;
	job->started = when;
	job->outcome.start = clock_wall() - (clock_mono() - when);
	if (job->killed == KILL_NONE)
		check_time(job);
}

static void update_timeouts(void *arg)
{
	struct sched *s = arg;

	for (struct link *l = s->running.next; l != &s->running; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		if (job->started != 0 && !job->vacated && job->killed == KILL_NONE)
			check_time(job);
	}
}

/* Not at once: with many jobs that would cost each of them more than it does. */
void sched_median_changed(struct sched *s)
{
	if (s->cfg.timeout_percent > 0 && s->median_timer.pos == 0)
		loop_timer_set(s->cfg.loop, &s->median_timer,
			       clock_in(MEDIAN_MS * NSEC_PER_MSEC), update_timeouts, s);
}

/* --- one job */

static void number(struct sched *s, struct job *job)
{
	uint64_t seq = s->cfg.batch > 1 ? s->next_seq + 1 : job->events[0]->seq;

	s->next_seq++;
	job->bindings = (struct bindings){
	    .events = (const struct event *const *)job->events,
	    .nevents = job->nevents,
	    .seq = seq,
	    .total = s->state.total,
	    .slots = s->cfg.slots,
	};
	job->outcome.bindings = &job->bindings;
	job->outcome.batched = s->cfg.batch > 1;
	output_begin(s->output, &job->output);
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
	sched_job_shown(s, job);
	if (failed)
		sched_fail(s, &err);
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

	assert(!s->finishing);
	job->bindings.slot = slot;
	job->bindings.try = ++job->outcome.try;
	job->started = 0;
	job->vacated = false;
	sched_set_state(job, JOB_RUNNING);
	s->state.running++;
	if (template_expand(s->cfg.template, &job->bindings, job->arena, &job->command,
			    &err) < 0)
		sched_job_refused(s, job, &err);
	else if (s->cfg.dry_run)
		show_only(s, job);
	else
		give_to_engine(s, job);
}

/* --- filling the slots */

static void start_at(struct sched *s, int64_t when)
{
	if (s->start_timer.pos == 0 || when < s->start_timer.at)
		loop_timer_set(s->cfg.loop, &s->start_timer, when, sched_changed, s);
}

void sched_slow_down(struct sched *s)
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

static bool is_too_early(struct sched *s)
{
	if (s->cfg.delay_ns == 0 || s->cfg.dry_run || clock_mono() >= s->next_start)
		return false;
	start_at(s, s->next_start);
	return true;
}

/* Timers come last in a turn of the loop, but no job may start after the deadline. */
static bool is_too_late(const struct sched *s)
{
	return s->deadline_timer.pos != 0 && clock_mono() >= s->deadline_timer.at;
}

/* The slot for the next job; 0: none now. */
static unsigned place(struct sched *s)
{
	if (s->state.phase != PHASE_RUNNING || is_short(s))
		return 0;
	return s->cfg.engine->ops->place(s->cfg.engine);
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

/* Jobs in memory beyond those that run: done and not yet written, or waiting for
 * their next try.  When there are too many, no new ones begin. */
static bool has_window(const struct sched *s)
{
	return output_waiting(s->output) + s->state.retrying < s->cfg.window;
}

static struct job *new_job(struct sched *s)
{
	return has_window(s) ? collect(s) : NULL;
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
	if (job == s->next) {
		s->next = NULL;
		number(s, job);
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
	    !resume_skips(s->cfg.resume, s->cfg.template, &job->bindings))
		return false;
	output_drop(s->output, &job->output);
	job_pool_put(&s->pool, job);
	s->state.skipped++;
	TELL(s, skipped, &s->state);
	return true;
}

/* Delays and gates hold up jobs, not the end of the run: they are asked only when
 * there is a job to start. */
static bool start_next(struct sched *s)
{
	unsigned slot = place(s);
	struct job *job = slot != 0 ? next_job(s) : NULL;

	if (job == NULL || is_too_late(s) || is_too_early(s) || !pass_gates(s))
		return false;
	take_job(s, job);
	if (skip_job(s, job)) {
		leave_gates(s);
		return true;
	}
	s->retried_last = job->outcome.try > 0;
	if (s->cfg.delay_ns > 0)
		s->next_start = clock_in(s->cfg.delay_ns);
	start_job(s, job, slot);
	return true;
}

void sched_fill(struct sched *s)
{
	int64_t until = clock_in(MAX_STARTING_US * (NSEC_PER_MSEC / 1000));

	while (start_next(s)) {
		if (clock_mono() < until)
			continue;
		sched_changed(s);
		return;
	}
}
