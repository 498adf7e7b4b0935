/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/sched.h"
#include "run/slot_set.h"

enum {
	MAX_STARTS = 16,    /* per turn of the loop, so that output stays live */
	MAX_MESSAGES = 10,  /* about jobs that could not be started */
	MAX_FREE_JOBS = 64, /* kept for use again */
};

/* How a job is ended: signal, then how long to wait for it. */
static const struct {
	int signo, wait_ms;
} termination[] = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50}, {SIGKILL, 25}};

enum { TERMINATION_STEPS = sizeof termination / sizeof termination[0] };

struct sched {
	struct sched_config cfg;
	struct run_state state;
	struct sched_outcome outcome;
	struct engine *engine;
	struct output *output;

	struct link running, done, free_jobs;
	size_t nfree;
	struct job *next;      /* collects its batch of events */
	struct slot_set slots;
	uint64_t next_seq;
	bool prepared;	       /* the template has seen an event */
	bool input_ended, stopping, finished;
	int64_t next_start;    /* --delay: not before this */
	struct loop_timer delay;
	struct loop_call fill;
	unsigned messages;
	bool told_truncated;
};

static void fill(void *arg);

/* --- telling the watchers */

#define TELL(s, what, ...)                                                               \
	do {                                                                             \
		for (size_t tell_i = 0; tell_i < (s)->cfg.nwatchers; tell_i++) {         \
			const struct watcher *tell_w = &(s)->cfg.watchers[tell_i];       \
			if (tell_w->ops->what != NULL)                                   \
				tell_w->ops->what(tell_w->arg, __VA_ARGS__);             \
		}                                                                        \
	} while (0)

/* --- jobs */

static void set_state(struct job *job, enum job_state state)
{
	assert(state == job->state + 1);
	job->state = state;
}

static struct job *take_job(struct sched *s)
{
	struct job *job;

	if (list_empty(&s->free_jobs)) {
		job = xcalloc(1, sizeof *job);
		job->arena = arena_new();
	} else {
		struct job old;

		job = LIST_ENTRY(s->free_jobs.next, struct job, link);
		list_remove(&job->link);
		s->nfree--;
		old = *job;
		*job = (struct job){.arena = old.arena,
				    .events = old.events,
				    .events_cap = old.events_cap};
	}
	job->sched = s;
	list_init(&job->link);
	return job;
}

static void destroy_job(struct job *job)
{
	arena_free(job->arena);
	free(job->events);
	free(job);
}

static void put_job(struct sched *s, struct job *job)
{
	list_remove(&job->link);
	if (s->nfree >= MAX_FREE_JOBS) {
		destroy_job(job);
		return;
	}
	arena_reset(job->arena);
	list_append(&s->free_jobs, &job->link);
	s->nfree++;
}

static void want_fill(struct sched *s)
{
	loop_defer(s->cfg.loop, &s->fill, fill, s);
}

/* --- ending */

/* A run that was broken off does not wait for a reader who may never read. */
static bool is_given_up(const struct sched *s)
{
	return s->stopping && (output_is_broken(s->output) ||
			       (s->outcome.signo != 0 && output_is_blocked(s->output)));
}

/* The run is over when nothing runs and all that there is to write is written. */
static void check_end(struct sched *s)
{
	if (s->finished || !list_empty(&s->running))
		return;
	if (!s->stopping && !s->input_ended)
		return;
	if (!list_empty(&s->done) && !is_given_up(s))
		return;
	s->finished = true;
	TELL(s, end, &s->state);
	loop_stop(s->cfg.loop);
}

static void kill_step(void *arg)
{
	struct job *job = arg;
	struct sched *s = job->sched;
	unsigned step = job->kill_step < TERMINATION_STEPS ? job->kill_step
							   : TERMINATION_STEPS - 1;

	job->kill_step = step + 1;
	s->engine->ops->signal(s->engine, &job->task, termination[step].signo);
	if (job->state == JOB_RUNNING && job->kill_step < TERMINATION_STEPS)
		loop_timer_set(s->cfg.loop, &job->kill_timer,
			       clock_mono() + termination[step].wait_ms * NSEC_PER_MSEC,
			       kill_step, job);
}

static void kill_all(struct sched *s, unsigned from_step)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next) {
		struct job *job = LIST_ENTRY(l, struct job, link);

		if (job->kill_step > from_step)
			continue;
		job->kill_step = from_step;
		kill_step(job);
	}
}

static void stop(struct sched *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->state.ended_early = !s->input_ended || s->next != NULL;
	loop_timer_cancel(s->cfg.loop, &s->delay);
	kill_all(s, 0);
	want_fill(s); /* which finds the end, if nothing runs */
}

static void stop_with_error(struct sched *s, const struct err *err)
{
	if (!s->outcome.has_error) {
		s->outcome.has_error = true;
		s->outcome.err = *err;
		msg_print("%s", err->text);
	}
	stop(s);
}

/* --- results */

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

static void judge(struct sched *s, struct job *job, const struct engine_result *r)
{
	job->code = r->code;
	job->usage = r->usage;
	job->truncated = r->truncated;
	job->wanted_terminal = r->wanted_terminal;
	job->why = r->why != NULL ? arena_str(job->arena, r->why) : NULL;
	switch (r->kind) {
	case RESULT_EXITED:
		job->status = r->code == 0 ? JOB_OK : JOB_FAILED;
		break;
	case RESULT_SIGNALED:
		job->status = JOB_SIGNALED;
		break;
	case RESULT_NOT_STARTED:
		job->status = JOB_NOT_STARTED;
		break;
	case RESULT_LOST:
		job->status = JOB_LOST;
		break;
	}
	if (s->stopping && job->kill_step > 0)
		job->status = JOB_STOPPED;
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

/* What a shell would have in $?. */
static int shell_status(const struct job *job)
{
	return job->status == JOB_SIGNALED ? STATUS_SIGNAL + job->code : job->code;
}

static void count_result(struct sched *s, const struct job *job)
{
	if (job->status == JOB_STOPPED) {
		s->state.stopped++;
		return;
	}
	s->state.done++;
	if (job->status == JOB_OK) {
		s->state.ok++;
		return;
	}
	s->state.failed++;
	if (s->cfg.stop_on_failure && !s->stopping) {
		s->outcome.halt_status = shell_status(job);
		stop(s);
	}
}

/* The job has its result: hand its output on, or drop it. */
static void settle(struct sched *s, struct job *job)
{
	set_state(job, JOB_DONE);
	job->end = clock_mono();
	loop_timer_cancel(s->cfg.loop, &job->kill_timer);
	explain(s, job);
	count_result(s, job);
	if (job->status == JOB_STOPPED) {
		output_drop(s->output, &job->output);
		put_job(s, job);
		return;
	}
	TELL(s, done, &s->state, job);
	list_append(&s->done, &job->link);
	output_finish(s->output, &job->output);
}

/* --- the engine's events */

static struct job *job_of(struct engine_task *task)
{
	return LIST_ENTRY(task, struct job, task);
}

static void on_started(void *arg, struct engine_task *task, pid_t pid)
{
	(void)arg;
	job_of(task)->pid = pid;
}

static void on_output(void *arg, struct engine_task *task, int stream, struct bytes data)
{
	struct sched *s = arg;
	struct err err;

	if (output_add(s->output, &job_of(task)->output, stream, data, &err) < 0)
		stop_with_error(s, &err);
}

static void on_vacated(void *arg, struct engine_task *task)
{
	struct sched *s = arg;
	struct job *job = job_of(task);

	slot_set_give(&s->slots, job->slot);
	s->state.running--;
	want_fill(s);
}

static void on_done(void *arg, struct engine_task *task,
		    const struct engine_result *result)
{
	struct sched *s = arg;
	struct job *job = job_of(task);

	list_remove(&job->link);
	judge(s, job, result);
	settle(s, job);
	check_end(s);
}

static void on_room(void *arg)
{
	want_fill(arg);
}

static void on_suspended(void *arg, struct engine_task *task)
{
	struct sched *s = arg;

	s->cfg.suspend(s->cfg.suspend_arg);
	s->engine->ops->signal(s->engine, task, SIGCONT);
}

static const struct engine_events engine_events = {
    .started = on_started,
    .output = on_output,
    .vacated = on_vacated,
    .done = on_done,
    .room = on_room,
    .suspended = on_suspended,
};

/* --- the output's events */

static void on_retired(void *arg, struct output_job *output)
{
	struct sched *s = arg;
	struct job *job = LIST_ENTRY(output, struct job, output);

	set_state(job, JOB_RETIRED);
	put_job(s, job);
	want_fill(s);
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
	stop_with_error(arg, err);
}

static void on_reader_gone(void *arg)
{
	struct sched *s = arg;

	s->state.reader_gone = true;
	if (s->outcome.signo == 0)
		s->outcome.signo = SIGPIPE;
	stop(s);
}

static const struct output_events output_events = {
    .retired = on_retired,
    .hold = on_hold,
    .failed = on_output_failed,
    .reader_gone = on_reader_gone,
};

/* --- starting jobs */

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

static bool ask_total(struct sched *s)
{
	uint64_t events;

	if (s->state.total_known || !source_total(s->cfg.source, &events))
		return false;
	s->state.total_known = true;
	s->state.total = (events + s->cfg.batch - 1) / s->cfg.batch;
	return true;
}

/* Once an event is there, a short input may be known to its end. */
static int prepare(struct sched *s, const struct event *first, struct err *err)
{
	if (s->prepared)
		return 0;
	s->prepared = true;
	if (ask_total(s))
		TELL(s, total, &s->state);
	return template_prepare(s->cfg.template, first, s->state.total_known, err);
}

/* Add an event to the job that is being collected.  False: none is there now. */
static bool pull_event(struct sched *s)
{
	struct job *job = s->next != NULL ? s->next : take_job(s);
	struct event *e = arena_alloc(job->arena, sizeof *e);
	struct err err;

	s->next = job;
	switch (source_next(s->cfg.source, job->arena, e, &err)) {
	case SOURCE_EVENT:
		job->events = xgrow(job->events, &job->events_cap, job->nevents + 1,
				    sizeof(struct event *));
		job->events[job->nevents++] = e;
		if (prepare(s, e, &err) == 0)
			return true;
		stop_with_error(s, &err);
		return false;
	case SOURCE_AGAIN:
		return false;
	case SOURCE_END:
		end_input(s);
		return false;
	case SOURCE_ERROR:
		s->outcome.has_error = true;
		s->outcome.err = err;
		s->state.ended_early = true;
		msg_print("%s", err.text);
		end_input(s);
		return false;
	}
	return false;
}

/* The next job, with all its events; NULL: not now, or there is none. */
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

static void bind(struct sched *s, struct job *job)
{
	job->seq = job->events[0]->seq;
	if (s->cfg.batch > 1)
		job->seq = s->next_seq + 1;
	s->next_seq++;
	job->slot = slot_set_take(&s->slots);
	job->tries++;
	job->bindings = (struct bindings){
	    .events = (const struct event *const *)job->events,
	    .nevents = job->nevents,
	    .seq = job->seq,
	    .total = s->state.total,
	    .slot = job->slot,
	    .slots = s->cfg.slots,
	};
	job->start = clock_mono();
	job->start_wall = clock_wall();
}

/* A job that needs no engine, as it is not to run or cannot. */
static void settle_now(struct sched *s, struct job *job, enum job_status status,
		       const struct err *err)
{
	slot_set_give(&s->slots, job->slot);
	job->status = status;
	if (err != NULL) {
		job->code = err->status == STATUS_NOT_FOUND ? STATUS_NOT_FOUND
							    : STATUS_ERROR;
		job->why = arena_str(job->arena, err->text);
	}
	settle(s, job);
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
	settle_now(s, job, JOB_OK, NULL);
	if (failed)
		stop_with_error(s, &err);
}

static void start_job(struct sched *s, struct job *job)
{
	struct err err;

	bind(s, job);
	output_begin(s->output, &job->output);
	set_state(job, JOB_RUNNING);
	if (template_expand(s->cfg.template, &job->bindings, job->tries, job->arena,
			    &job->command, &err) < 0) {
		settle_now(s, job, JOB_NOT_STARTED, &err);
		return;
	}
	if (s->cfg.dry_run) {
		show_only(s, job);
		return;
	}
	job->task = (struct engine_task){.command = &job->command,
					 .inherit = s->cfg.terminal,
					 .foreground = s->cfg.terminal};
	list_append(&s->running, &job->link);
	s->state.running++;
	TELL(s, started, &s->state, job);
	s->engine->ops->start(s->engine, &job->task);
}

static bool may_start(struct sched *s)
{
	if (s->stopping || s->state.running >= s->cfg.slots ||
	    output_waiting(s->output) >= s->cfg.window ||
	    s->engine->ops->room(s->engine) == 0)
		return false;
	if (s->cfg.delay_ns == 0 || s->cfg.dry_run || clock_mono() >= s->next_start)
		return true;
	if (s->delay.pos == 0)
		loop_timer_set(s->cfg.loop, &s->delay, s->next_start, fill, s);
	return false;
}

static void fill(void *arg)
{
	struct sched *s = arg;
	int starts = 0;

	while (may_start(s)) {
		struct job *job;

		if (starts++ == MAX_STARTS) {
			want_fill(s);
			return;
		}
		job = collect(s);
		if (job == NULL)
			break;
		if (s->cfg.delay_ns > 0)
			s->next_start = clock_mono() + s->cfg.delay_ns;
		start_job(s, job);
	}
	check_end(s);
}

/* --- the public face */

struct sched *sched_new(const struct sched_config *cfg, struct err *err)
{
	struct sched *s = xcalloc(1, sizeof *s);
	struct engine_config engine = {.loop = cfg->loop,
				       .events = &engine_events,
				       .arg = s,
				       .drain_ns = cfg->drain_ns};

	assert(cfg->slots > 0 && cfg->batch > 0);
	s->cfg = *cfg;
	list_init(&s->running);
	list_init(&s->done);
	list_init(&s->free_jobs);
	slot_set_init(&s->slots, cfg->slots);
	s->engine = cfg->engine->open(&engine, err);
	if (s->engine == NULL) {
		slot_set_clear(&s->slots);
		free(s);
		return NULL;
	}
	s->output = output_new(&cfg->output, &output_events, s);
	return s;
}

static void free_jobs(struct sched *s, struct link *list, bool drop)
{
	while (!list_empty(list)) {
		struct job *job = LIST_ENTRY(list->next, struct job, link);

		if (drop)
			output_drop(s->output, &job->output);
		list_remove(&job->link);
		destroy_job(job);
	}
}

void sched_free(struct sched *s)
{
	if (s == NULL)
		return;
	loop_timer_cancel(s->cfg.loop, &s->delay);
	loop_defer_cancel(s->cfg.loop, &s->fill);
	source_on_ready(s->cfg.source, NULL, NULL);
	assert(list_empty(&s->running));
	free_jobs(s, &s->done, true);
	free_jobs(s, &s->free_jobs, false);
	if (s->next != NULL)
		destroy_job(s->next);
	output_free(s->output);
	s->engine->ops->close(s->engine);
	slot_set_clear(&s->slots);
	free(s);
}

void sched_start(struct sched *s)
{
	s->state.start = clock_mono();
	ask_total(s);
	source_on_ready(s->cfg.source, fill, s);
	TELL(s, begin, &s->state);
	want_fill(s);
}

void sched_interrupt(struct sched *s, int signo)
{
	if (s->outcome.signo == 0)
		s->outcome.signo = signo;
	if (s->stopping)
		kill_all(s, TERMINATION_STEPS - 1);
	else
		stop(s);
}

void sched_signal_all(struct sched *s, int signo)
{
	for (struct link *l = s->running.next; l != &s->running; l = l->next)
		s->engine->ops->signal(s->engine, &LIST_ENTRY(l, struct job, link)->task,
				       signo);
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
	if (s->outcome.halt_status != 0)
		return s->outcome.halt_status;
	return s->state.failed > 100 ? STATUS_MANY_FAILED : (int)s->state.failed;
}
