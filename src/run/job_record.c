/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "run/job_record.h"

static const char *status_word(const struct job *job)
{
	switch (job->status) {
	case JOB_OK:
		return "ok";
	case JOB_FAILED:
	case JOB_REFUSED:
		return "failed";
	case JOB_SIGNALED:
		return "signal";
	case JOB_TIMEOUT:
		return "timeout";
	case JOB_NOT_STARTED:
		return "not-started";
	case JOB_LOST:
		return "lost";
	case JOB_STOPPED:
		return "stopped";
	}
	return NULL;
}

static bool has_exit(const struct job *job)
{
	return job->status == JOB_OK || job->status == JOB_FAILED ||
	       job->status == JOB_REFUSED || job->status == JOB_NOT_STARTED;
}

static struct bytes take(struct buf *b, struct arena *a)
{
	struct bytes copy = arena_bytes(a, buf_bytes(b));

	buf_clear(b);
	return copy;
}

void job_record(struct job *job, const struct sched_config *cfg, struct record *r)
{
	struct buf b = BUF_INIT;

	*r = (struct record){
	    .seq = job->seq,
	    .events = (const struct event *const *)job->events,
	    .nevents = job->nevents,
	    .batched = cfg->batch > 1,
	    .status = status_word(job),
	    .exit = has_exit(job) ? job->code : -1,
	    .signal = job->status == JOB_SIGNALED ? job->code : 0,
	    .try = job->tries,
	    .slot = job->slot,
	    .start = job->start_wall,
	    .runtime = job->end - job->start,
	    .truncated = job->truncated,
	};
	record_event_json(&b, r);
	r->event = take(&b, job->arena);
	template_show(cfg->template, &job->bindings, &b);
	r->command = take(&b, job->arena);
}

void job_check_output(struct job *job, struct output *output)
{
	struct record record = {.seq = job->seq};
	struct err err;

	if (job->status != JOB_OK ||
	    output_check(output, &job->output, &record, &err) == 0)
		return;
	job->status = JOB_REFUSED;
	job->code = STATUS_ERROR;
	job->why = arena_str(job->arena, err.text);
}

int job_hand_over(struct job *job, struct output *output, const struct sched_config *cfg,
		  struct err *err)
{
	struct record *record;
	int result = 0;

	if (output_takes_records(output)) {
		record = arena_alloc(job->arena, sizeof *record);
		job_record(job, cfg, record);
		result = output_record(output, &job->output, record, err);
	}
	output_finish(output, &job->output);
	return result;
}
