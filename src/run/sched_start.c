/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/sched_internal.h"

/* From events to running jobs. */

/* Per turn of the loop, so that output stays live.  To queue a job costs little, and
 * the more there are at once, the fewer writes and wake-ups they cost. */
enum { MAX_STARTS = 16, MAX_QUEUED = 256 };

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

static void input_failed(struct sched *s, const struct err *err)
{
	s->outcome.has_error = true;
	s->outcome.err = *err;
	s->state.ended_early = true;
	msg_print("%s", err->text);
	end_input(s);
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
		sched_stop_with_error(s, &err);
		return false;
	case SOURCE_AGAIN:
		return false;
	case SOURCE_END:
		end_input(s);
		return false;
	case SOURCE_ERROR:
		input_failed(s, &err);
		return false;
	}
	return false;
}

/* The next new job, with all its events; NULL: not now, or there is none. */
static struct job *collect(struct sched *s)
{
	struct job *job;

	while (!s->input_ended && !s->stopping &&
	       (s->next == NULL || s->next->nevents < s->cfg.batch))
		if (!pull_event(s))
			break;
	job = s->next;
	if (job == NULL || s->stopping || job->nevents == 0 ||
	    (job->nevents < s->cfg.batch && !s->input_ended))
		return NULL;
	s->next = NULL;
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

bool sched_is_queued(const struct sched *s)
{
	return s->engine->ops->place != NULL;
}

void sched_vacate(struct sched *s, struct job *job)
{
	if (!sched_is_queued(s))
		slot_set_give(&s->slots, job->slot);
	s->state.running--;
	leave_gates(s);
	loop_timer_cancel(s->cfg.loop, &job->timeout_timer);
	sched_want_fill(s);
}

/* --- one job */

static void number(struct sched *s, struct job *job)
{
	job->seq = s->cfg.batch > 1 ? s->next_seq + 1 : job->events[0]->seq;
	s->next_seq++;
	job->bindings = (struct bindings){
	    .events = (const struct event *const *)job->events,
	    .nevents = job->nevents,
	    .seq = job->seq,
	    .total = s->state.total,
	    .slots = s->cfg.slots,
	};
	output_begin(s->output, &job->output);
}

static void bind(struct sched *s, struct job *job)
{
	job->slot = sched_is_queued(s) ? s->engine->ops->place(s->engine)
				       : slot_set_take(&s->slots);
	job->bindings.slot = job->slot;
	job->tries++;
	job->start = 0;
	if (!sched_is_queued(s)) /* else its time has not begun */
		sched_begin_time(job);
}

static void timed_out(void *arg)
{
	struct job *job = arg;

	job->timed_out = true;
	sched_terminate(job->sched, job, 0);
}

void sched_begin_time(struct job *job)
{
	job->start = clock_mono();
	job->start_wall = clock_wall();
}

void sched_set_timeout(struct sched *s, struct job *job)
{
	int64_t median;

	job->timeout_ns = s->cfg.timeout_ns;
	if (s->cfg.timeout_percent > 0) {
		median = median_get(&s->run_times);
		job->timeout_ns = median > 0 ? median / 100 * s->cfg.timeout_percent : 0;
	}
	if (job->command.options.has_timeout) /* the event's own wins */
		job->timeout_ns = job->command.options.timeout_ns;
	if (job->timeout_ns > 0)
		loop_timer_set(s->cfg.loop, &job->timeout_timer,
			       clock_after(job->start, job->timeout_ns), timed_out, job);
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
		sched_stop_with_error(s, &err);
}

/* The job is counted as running, so that whoever gives up on it can vacate. */
static void start_job(struct sched *s, struct job *job)
{
	struct err err;

	bind(s, job);
	sched_set_state(job, JOB_RUNNING);
	s->state.running++;
	if (template_expand(s->cfg.template, &job->bindings, job->tries, job->arena,
			    &job->command, &err) < 0) {
		sched_job_refused(s, job, &err);
		return;
	}
	if (s->cfg.dry_run) {
		show_only(s, job);
		return;
	}
	if (job->command.tag != NULL)
		output_tag(s->output, &job->output, job->command.tag, job->seq, job->arena);
	job->task = (struct engine_task){.command = &job->command,
					 .seq = job->seq,
					 .slot = job->slot,
					 .inherit = s->cfg.terminal || s->cfg.ungroup,
					 .foreground = s->cfg.terminal};
	list_append(&s->running, &job->link);
	if (!sched_is_queued(s))
		sched_set_timeout(s, job);
	TELL(s, started, &s->state, job);
	s->engine->ops->start(s->engine, &job->task);
}

/* --- filling the slots */

static void fill_at(struct sched *s, int64_t when)
{
	if (s->fill_timer.pos == 0 || when < s->fill_timer.at)
		loop_timer_set(s->cfg.loop, &s->fill_timer, when, sched_fill, s);
}

static bool has_slot(struct sched *s)
{
	if (s->stopping || s->engine->ops->room(s->engine) == 0 ||
	    (!sched_is_queued(s) && s->state.running >= s->max_running))
		return false;
	if (s->cfg.delay_ns == 0 || s->cfg.dry_run || clock_mono() >= s->next_start)
		return true;
	fill_at(s, s->next_start);
	return false;
}

/* A job whose next try is due. */
static struct job *due_retry(struct sched *s)
{
	int64_t now, earliest = INT64_MAX;

	if (list_empty(&s->waiting))
		return NULL;
	now = clock_mono();
	for (struct link *l = s->waiting.next; l != &s->waiting; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		if (job->due <= now) {
			list_remove(&job->link);
			return job;
		}
		if (job->due < earliest)
			earliest = job->due;
	}
	if (earliest != INT64_MAX)
		fill_at(s, earliest);
	return NULL;
}

/* Jobs in memory beyond those that run: done and not yet written, or waiting for
 * their next try.  When there are too many, no new ones begin. */
static bool has_window(const struct sched *s)
{
	return output_waiting(s->output) + s->state.retrying < s->cfg.window;
}

static struct job *next_job(struct sched *s)
{
	struct job *job = due_retry(s);

	if (job != NULL || !has_window(s))
		return job;
	job = collect(s);
	if (job != NULL)
		number(s, job);
	return job;
}

static bool skip_job(struct sched *s, struct job *job)
{
	if (s->cfg.resume == NULL || job->tries > 0 ||
	    !resume_skips(s->cfg.resume, s->cfg.template, job))
		return false;
	output_drop(s->output, &job->output);
	job_pool_put(&s->pool, job);
	s->state.skipped++;
	TELL(s, skipped, &s->state);
	return true;
}

/* A gate may give away something that nobody needs: ask it last, and give that
 * back when there is no job after all. */
static bool start_next(struct sched *s)
{
	struct job *job;

	if (!has_slot(s) || !pass_gates(s))
		return false;
	job = next_job(s);
	if (job == NULL) {
		leave_gates(s);
		return false;
	}
	if (skip_job(s, job)) {
		leave_gates(s);
		return true;
	}
	if (job->tries > 0)
		s->state.retrying--;
	if (s->cfg.delay_ns > 0)
		s->next_start = clock_in(s->cfg.delay_ns);
	start_job(s, job);
	return true;
}

void sched_fill(void *arg)
{
	struct sched *s = arg;
	int starts = sched_is_queued(s) ? MAX_QUEUED : MAX_STARTS;

	while (start_next(s)) {
		if (--starts == 0) {
			sched_want_fill(s);
			return;
		}
	}
	sched_check_end(s);
}

void sched_want_fill(struct sched *s)
{
	loop_defer(s->cfg.loop, &s->fill, sched_fill, s);
}
