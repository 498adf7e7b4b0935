/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/sched_internal.h"

/* From a job's result to its retirement, or to its next try. */

enum {
	MAX_MESSAGES = 10, /* about single jobs */
	SHORT_RETRY_MS = 100, /* for a job that got no process */
	SHORT_TRIES = 300, /* half a minute without a process */
};

/* --- messages */

static void complain(struct sched *s, const struct job *job, const char *why)
{
	const struct event *e = job->events[0];
	unsigned long long seq = job->bindings.seq;

	if (s->messages == MAX_MESSAGES)
		msg_print("more of these messages are not shown");
	if (s->messages++ >= MAX_MESSAGES)
		return;
	if (e->file != NULL && e->line > 0)
		msg_print("job %llu (%s:%llu): %s", seq, e->file,
			  (unsigned long long)e->line, why);
	else
		msg_print("job %llu: %s", seq, why);
}

static void explain(struct sched *s, const struct job *job)
{
	const struct outcome *o = &job->outcome;

	if (o->why != NULL)
		complain(s, job, o->why);
	if (o->wanted_terminal)
		complain(s, job, "wanted the terminal; use --debug to run it with one");
	if (o->truncated)
		msg_once(&s->told_truncated,
			 "job %llu left a process behind that kept its output open: what "
			 "that writes from now on is lost (redirect it, or raise --drain)",
			 (unsigned long long)job->bindings.seq);
}

/* --- judging */

static enum job_status status_of(const struct job *job, const struct engine_result *r)
{
	if (job->killed == KILL_TIMEOUT)
		return JOB_TIMEOUT;
	if (job->killed == KILL_STOP)
		return JOB_STOPPED;
	switch (r->kind) {
	case RESULT_EXITED:
		return r->code == 0 ? JOB_OK : JOB_FAILED;
	case RESULT_SIGNALED:
		return JOB_SIGNALED;
	case RESULT_NOT_STARTED:
		return JOB_NOT_STARTED;
	case RESULT_LOST:
		return JOB_LOST;
	}
	return JOB_LOST;
}

/* The only place that fills in an outcome. */
static void judge(struct sched *s, struct job *job, const struct engine_result *r)
{
	struct outcome *o = &job->outcome;

	o->status = status_of(job, r);
	o->code = r->code;
	o->has_usage = r->has_usage;
	o->usage = r->usage;
	o->truncated = r->truncated;
	o->wanted_terminal = r->wanted_terminal;
	o->why = r->why != NULL ? arena_str(job->arena, r->why) : NULL;
	if (job->started != 0) {
		o->runtime = clock_mono() - job->started;
	} else { /* it had no turn */
		o->runtime = 0;
		o->start = clock_wall();
	}
	loop_timer_cancel(s->cfg.loop, &job->kill_timer);
}

/* What a job printed may not fit what is made of it (-o table): then it has
 * failed, though it ended well. */
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

/* --- halting */

static void check_halt(struct sched *s, const struct outcome *o)
{
	if (s->cfg.dry_run || s->state.phase != PHASE_RUNNING ||
	    !halt_reached(&s->cfg.halt, s->state.ok, s->state.failed))
		return;
	s->halt_status = outcome_shell_status(o);
	sched_enter(s, s->cfg.halt.when == HALT_NOW ? PHASE_STOPPING : PHASE_DRAINING,
		    END_HALTED);
}

/* --- settling */

static void count_result(struct sched *s, const struct outcome *o)
{
	s->state.done++;
	if (o->status == JOB_OK) {
		s->state.ok++;
		median_add(&s->run_times, o->runtime);
		sched_median_changed(s);
	} else {
		s->state.failed++;
	}
	check_halt(s, o);
}

static struct bytes take_text(struct buf *b, struct arena *a)
{
	struct bytes copy = arena_bytes(a, buf_bytes(b));

	buf_clear(b);
	return copy;
}

/* Fill in the texts that only sinks and results read. */
static void describe(struct sched *s, struct job *job)
{
	struct buf b = BUF_INIT;

	outcome_event_json(&b, &job->outcome);
	job->outcome.event = take_text(&b, job->arena);
	template_show(s->cfg.template, &job->bindings, &b);
	job->outcome.command = take_text(&b, job->arena);
}

/* False: the results cannot be written, and the run ends. */
static bool record(struct sched *s, struct job *job)
{
	struct err err;

	if (!output_takes_records(s->output))
		return true;
	describe(s, job);
	if (output_record(s->output, &job->output, &job->outcome, &err) == 0)
		return true;
	sched_fail(s, &err);
	return false;
}

/* True: the job's output is still to be written. */
static bool settle_stopped(struct sched *s, struct job *job)
{
	bool shown = sched_keeps_stopped(s) && record(s, job) &&
		     (s->cfg.print_stopped || output_shows_stopped(s->output));

	s->state.stopped++;
	TELL(s, stopped, &s->state, &job->outcome);
	return shown;
}

static bool settle_done(struct sched *s, struct job *job)
{
	check_output(s, job);
	explain(s, job);
	if (!record(s, job)) { /* the job log may not say that it is done */
		job->outcome.status = JOB_STOPPED;
		return settle_stopped(s, job);
	}
	count_result(s, &job->outcome);
	TELL(s, done, &s->state, &job->outcome);
	return true;
}

/* The result is final. */
static void settle(struct sched *s, struct job *job)
{
	sched_set_state(job, JOB_DONE);
	if (job->outcome.status == JOB_STOPPED ? !settle_stopped(s, job)
					       : !settle_done(s, job)) {
		output_drop(s->output, &job->output);
		job_pool_put(&s->pool, job);
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
	sched_set_state(job, JOB_DONE);
	sched_set_state(job, JOB_READY);
	job->killed = KILL_NONE;
	job->kill_step = 0;
	job->due = clock_in(delay);
	list_append(&s->waiting, &job->link);
	s->state.retrying++;
}

static uint64_t next_random(struct sched *s)
{
	uint64_t z = (s->random += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The system had no process or descriptor to spare: that is no failure of the
 * job's, but a reason to run fewer at a time. */
static bool wants_process(const struct job *job, const struct engine_result *r)
{
	return r->try_again && job->killed == KILL_NONE && job->shortages < SHORT_TRIES;
}

static void wait_for_process(struct sched *s, struct job *job,
			     const struct engine_result *r)
{
	job->shortages++;
	job->outcome.try--;
	sched_slow_down(s);
	msg_once(&s->told_short, "%s; running fewer jobs at a time for now", r->why);
	try_again(s, job, SHORT_RETRY_MS * NSEC_PER_MSEC);
}

/* In total; the event's own option wins. */
static uint64_t tries_of(const struct sched *s, const struct job *job)
{
	const struct event_options *own = &job->command.options;

	if (!own->has_retries)
		return s->cfg.retry.tries;
	return own->retries > 0 ? own->retries : UINT64_MAX;
}

static bool wants_retry(const struct sched *s, const struct job *job)
{
	return s->state.phase == PHASE_RUNNING &&
	       retry_wanted(&s->cfg.retry, &job->outcome, tries_of(s, job));
}

void sched_job_done(struct sched *s, struct job *job, const struct engine_result *r)
{
	list_remove(&job->link);
	judge(s, job, r);
	if (wants_process(job, r) && s->state.phase == PHASE_RUNNING) {
		wait_for_process(s, job, r);
	} else if (wants_process(job, r)) {
		job->outcome.status = JOB_STOPPED;
		settle(s, job);
	} else if (wants_retry(s, job)) {
		try_again(s, job,
			  retry_delay(&s->cfg.retry, job->outcome.try, next_random(s)));
	} else {
		settle(s, job);
	}
	sched_changed(s);
}

/* It was not given to the engine. */
static void settle_here(struct sched *s, struct job *job, const struct engine_result *r)
{
	sched_vacate(s, job);
	judge(s, job, r);
	settle(s, job);
}

void sched_job_refused(struct sched *s, struct job *job, const struct err *err)
{
	struct engine_result r = {.kind = RESULT_NOT_STARTED,
				  .code = err->status == STATUS_NOT_FOUND
					      ? STATUS_NOT_FOUND
					      : STATUS_ERROR,
				  .why = err->text};

	settle_here(s, job, &r);
}

void sched_job_shown(struct sched *s, struct job *job)
{
	settle_here(s, job, &(struct engine_result){.kind = RESULT_EXITED});
}

void sched_job_dropped(struct sched *s, struct job *job)
{
	list_remove(&job->link);
	s->state.retrying--;
	job->outcome.status = JOB_STOPPED;
	settle(s, job);
}
