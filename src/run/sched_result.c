/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/job_record.h"
#include "run/sched_internal.h"

/* From a job's result to its retirement, or to its next try. */

enum {
	MAX_MESSAGES = 10, /* about single jobs */
	SHORT_RETRY_MS = 100,
	SHORT_TRIES = 300, /* half a minute without any process to be had */
};

/* --- messages */

static void complain(struct sched *s, const struct job *job, const char *why)
{
	const struct event *e = job->events[0];

	if (s->messages == MAX_MESSAGES)
		msg_print("more of these messages are not shown");
	if (s->messages++ >= MAX_MESSAGES)
		return;
	if (e->file != NULL && e->line > 0)
		msg_print("job %llu (%s:%llu): %s", (unsigned long long)job->seq, e->file,
			  (unsigned long long)e->line, why);
	else
		msg_print("job %llu: %s", (unsigned long long)job->seq, why);
}

static void explain(struct sched *s, const struct job *job)
{
	if (job->status == JOB_STOPPED)
		return;
	if (job->why != NULL)
		complain(s, job, job->why);
	if (job->wanted_terminal)
		complain(s, job, "wanted the terminal; use --debug to run it with one");
	if (job->truncated)
		msg_once(&s->told_truncated,
			 "job %llu left a process behind that kept its output open: what "
			 "that writes from now on is lost (redirect it, or raise --drain)",
			 (unsigned long long)job->seq);
}

/* --- judging */

static enum job_status status_of(const struct sched *s, const struct job *job,
				 const struct engine_result *r)
{
	if (job->timed_out)
		return JOB_TIMEOUT;
	if (s->stopping && job->kill_step > 0)
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

static void judge(struct sched *s, struct job *job, const struct engine_result *r)
{
	job->status = status_of(s, job, r);
	job->code = r->code;
	job->usage = r->usage;
	job->truncated = r->truncated;
	job->wanted_terminal = r->wanted_terminal;
	job->why = r->why != NULL ? arena_str(job->arena, r->why) : NULL;
	if (job->start == 0) /* it had no turn */
		sched_begin_time(job);
	job->end = clock_mono();
	loop_timer_cancel(s->cfg.loop, &job->kill_timer);
}

/* What a shell would have in $?. */
static int shell_status(const struct job *job)
{
	if (job->status == JOB_TIMEOUT)
		return STATUS_DEADLINE;
	return job->status == JOB_SIGNALED ? STATUS_SIGNAL + job->code : job->code;
}

/* --- halting */

static int halt_status(const struct sched *s, const struct job *job)
{
	const struct halt *h = &s->cfg.halt;

	if (h->why == HALT_SUCCESS)
		return STATUS_OK;
	if (h->count == 1 && !h->percent)
		return shell_status(job);
	return s->state.failed > 100 ? STATUS_MANY_FAILED : (int)s->state.failed;
}

static void check_halt(struct sched *s, const struct job *job)
{
	if (s->outcome.halted || s->stopping ||
	    !halt_reached(&s->cfg.halt, s->state.ok, s->state.failed))
		return;
	s->outcome.halted = true;
	s->outcome.halt_status = halt_status(s, job);
	if (s->cfg.halt.when == HALT_NOW)
		sched_stop(s);
	else
		sched_drain(s);
}

/* --- settling */

static void count_result(struct sched *s, const struct job *job)
{
	s->state.done++;
	if (job->status == JOB_OK) {
		s->state.ok++;
		median_add(&s->run_times, job->end - job->start);
	} else {
		s->state.failed++;
	}
	check_halt(s, job);
}

/* It was ended because the run ends: as if it had never been started. */
static void forget(struct sched *s, struct job *job)
{
	s->state.stopped++;
	TELL(s, stopped, &s->state, job);
	output_drop(s->output, &job->output);
	job_pool_put(&s->pool, job);
}

/* The result is final: hand the output on. */
static void settle(struct sched *s, struct job *job)
{
	struct err err;

	sched_set_state(job, JOB_DONE);
	job_check_output(job, s->output);
	explain(s, job);
	if (job->status == JOB_STOPPED) {
		forget(s, job);
		return;
	}
	count_result(s, job);
	TELL(s, done, &s->state, job);
	list_append(&s->done, &job->link);
	if (job_hand_over(job, s->output, &s->cfg, &err) < 0)
		sched_stop_with_error(s, &err);
	if (s->cfg.only_failed && job->status == JOB_OK)
		output_mute(s->output, &job->output);
}

/* --- trying again */

static void try_again(struct sched *s, struct job *job, int64_t delay)
{
	output_discard(s->output, &job->output);
	job->stdout_bytes = 0;
	sched_set_state(job, JOB_DONE);
	sched_set_state(job, JOB_READY);
	job->timed_out = false;
	job->kill_step = 0;
	job->due = clock_in(delay);
	list_append(&s->waiting, &job->link);
	s->state.retrying++;
	sched_want_fill(s);
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
static bool is_short(struct sched *s, struct job *job, const struct engine_result *r)
{
	if (!r->try_again || s->stopping || s->draining || job->shortages >= SHORT_TRIES)
		return false;
	job->shortages++;
	job->tries--;
	s->max_running = s->state.running > 0 ? (unsigned)s->state.running : 1;
	msg_once(&s->told_short, "%s; going on with at most %u jobs at a time", r->why,
		 s->max_running);
	return true;
}

/* In total; the event's own option wins. */
static uint64_t tries_of(const struct sched *s, const struct job *job)
{
	const struct event_options *own = &job->command.options;

	if (!own->has_retries)
		return s->cfg.retry.tries;
	return own->retries > 0 ? own->retries : UINT64_MAX;
}

static void stop_unstarted(struct sched *s, struct job *job)
{
	job->status = JOB_STOPPED;
	settle(s, job);
}

void sched_job_done(struct sched *s, struct job *job, const struct engine_result *r)
{
	list_remove(&job->link);
	judge(s, job, r);
	if (is_short(s, job, r))
		try_again(s, job, SHORT_RETRY_MS * NSEC_PER_MSEC);
	else if (r->try_again && s->draining)
		stop_unstarted(s, job);
	else if (!s->stopping && !s->draining &&
		 retry_wanted(&s->cfg.retry, job, tries_of(s, job)))
		try_again(s, job,
			  retry_delay(&s->cfg.retry, job->tries, next_random(s)));
	else
		settle(s, job);
	sched_check_end(s);
}

void sched_job_refused(struct sched *s, struct job *job, const struct err *err)
{
	struct engine_result r = {.kind = RESULT_NOT_STARTED,
				  .code = err->status == STATUS_NOT_FOUND
					      ? STATUS_NOT_FOUND
					      : STATUS_ERROR,
				  .why = err->text};

	sched_vacate(s, job);
	judge(s, job, &r);
	settle(s, job);
}

void sched_job_shown(struct sched *s, struct job *job)
{
	struct engine_result r = {.kind = RESULT_EXITED};

	sched_vacate(s, job);
	judge(s, job, &r);
	settle(s, job);
}
