/* SPDX-License-Identifier: ISC */
/* Kills a job step by step, watches its time, and turns the engine's result into the
 * job's outcome.  An outcome is filled in here and nowhere else. */
#include <config.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/job.h"

enum { MAX_MESSAGES = 10 }; /* about single jobs */

/* --- killing */

void job_signal(struct job *job, int signo)
{
	struct engine *engine = job->rules->cfg->engine;

	engine->ops->signal(engine, &job->task, signo);
}

static void kill_step(void *arg)
{
	struct job *job = arg;
	const struct termination *t = &job->rules->cfg->termination;
	unsigned step = job->kill_step < t->n ? job->kill_step : t->n - 1;

	job->kill_step = step + 1;
	job_signal(job, t->steps[step].signo);
	if (job->kill_step < t->n)
		loop_timer_set(job->rules->cfg->loop, &job->kill_timer,
			       clock_in(t->steps[step].wait_ms * NSEC_PER_MSEC),
			       kill_step, job);
}

/* Has it ended by itself, so that it keeps its result?  Its process has, and only its
 * output remains to be read: it waits for a reader, not for a background process. */
static bool has_ended(const struct job *job)
{
	return job->state == JOB_VACATED && job->output.held;
}

void job_terminate(struct job *job, enum job_kill why, unsigned from_step)
{
	if (job->killed == KILL_NONE && !has_ended(job))
		job->killed = why;
	if (job->kill_step > from_step)
		return;
	job->kill_step = from_step;
	kill_step(job);
}

/* --- time */

/* How long the job may run; 0: without limit. */
static int64_t time_limit(const struct job *job)
{
	const struct job_rules *rules = job->rules;

	if (job->command.options.has_timeout) /* the event's own wins */
		return job->command.options.timeout_ns;
	if (rules->cfg->timeout_percent > 0)
		return median_percent(&rules->run_times, rules->cfg->timeout_percent);
	return rules->cfg->timeout_ns;
}

static void check_time(void *arg)
{
	job_check_time(arg);
}

void job_check_time(struct job *job)
{
	int64_t limit = time_limit(job);

	if (limit == 0 || job->started == 0 || job->killed != KILL_NONE)
		return;
	if (clock_mono() - job->started >= limit)
		job_terminate(job, KILL_TIMEOUT, 0);
	else
		loop_timer_set(job->rules->cfg->loop, &job->timeout_timer,
			       clock_after(job->started, limit), check_time, job);
}

void job_begin(struct job *job, int64_t when)
{
	job->started = when;
	job->outcome.start = clock_wall() - (clock_mono() - when);
	job_check_time(job);
}

void job_print(const struct job *job)
{
	const struct sched_config *cfg = job->rules->cfg;
	struct buf b = BUF_INIT;

	if (job->started == 0)
		buf_adds(&b, "waiting for its turn");
	else
		buf_addf(&b, "running for %.1fs",
			 (double)(clock_mono() - job->started) / NSEC_PER_SEC);
	buf_addf(&b, ": job %llu, ", (unsigned long long)job->bindings.seq);
	cfg->engine->ops->describe(cfg->engine, &job->task, &b);
	buf_adds(&b, ": ");
	template_show(cfg->template, &job->bindings, &b);
	msg_print("%s", buf_cstr(&b));
	buf_clear(&b);
}

/* --- the outcome */

static enum job_status status_of(const struct job *job, const struct engine_result *r)
{
	if (job->killed == KILL_TIMEOUT)
		return JOB_TIMEOUT;
	if (job->killed == KILL_STOP && r->kind != RESULT_LOST) /* by itself */
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

void job_judge(struct job *job, const struct engine_result *r)
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
	loop_timer_cancel(job->rules->cfg->loop, &job->kill_timer);
}

static void complain(const struct job *job, const char *why)
{
	const struct event *e = job->events[0];
	unsigned long long seq = job->bindings.seq;

	if (job->rules->messages == MAX_MESSAGES)
		msg_print("more of these messages are not shown");
	if (job->rules->messages++ >= MAX_MESSAGES)
		return;
	if (e->file != NULL && e->line > 0)
		msg_print("job %llu (%s:%llu): %s", seq, event_file(e),
			  (unsigned long long)e->line, why);
	else
		msg_print("job %llu: %s", seq, why);
}

void job_explain(struct job *job)
{
	const struct outcome *o = &job->outcome;

	if (o->why != NULL)
		complain(job, o->why);
	if (o->wanted_terminal)
		complain(job, "wanted the terminal; use --debug to run it with one");
	if (o->truncated)
		msg_once(&job->rules->warned_truncated,
			 "job %llu left a process that kept its output open: what "
			 "that writes from now on is lost (redirect it, or raise --drain)",
			 (unsigned long long)job->bindings.seq);
}

static struct bytes take_text(struct buf *b, struct arena *a)
{
	struct bytes copy = arena_bytes(a, buf_bytes(b));

	buf_clear(b);
	return copy;
}

void job_describe(struct job *job)
{
	struct buf b = BUF_INIT;

	outcome_event_json(&b, &job->outcome);
	job->outcome.event = take_text(&b, job->arena);
	template_show(job->rules->cfg->template, &job->bindings, &b);
	job->outcome.command = take_text(&b, job->arena);
}
