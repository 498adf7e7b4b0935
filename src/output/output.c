/* SPDX-License-Identifier: ISC */
/* Decides whose output is written next.  Jobs wait in one queue, in the order in which
 * they finished or, to keep the input's order, in that in which they began; without
 * turns all lines go through one job that is always first.  A pump, run by the loop,
 * gathers what the head of the queue has into batches, writes them, and retires the
 * jobs that are written.  A job that streams faster than its reader reads is held. */

#include <config.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/mem.h"
#include "output/channel.h"
#include "output/output.h"

enum {
	/* A streaming job is held when more than this waits, and let go below. */
	HOLD_ABOVE = 512 * 1024,
	GO_ON_BELOW = 256 * 1024,
	MOVE_SIZE = 1024 * 1024, /* passed through in one call, at most */
	AT_ONCE = 32 * 1024, /* this many bytes of lines are worth their own write */
};

/* Which job may write. */
enum turn {
	TURN_FINISHED, /* in the order in which jobs finish */
	TURN_INPUT,    /* in that of the input; the job at the head streams through */
	TURN_NONE,     /* every job, line by line */
};

struct output {
	struct output_config cfg;
	struct output_events events;
	void *arg;
	enum turn turn;
	struct shape shape;
	struct spill *spill;
	struct link queue, held;
	struct output_job live;	    /* TURN_NONE: all jobs' lines, first in the queue */
	bool one_file;		    /* by lines: both channels lead to the same place */
	struct channel channels[2]; /* stdout, stderr */
	struct loop_call pump;
	size_t waiting;
	struct output_job *last_written; /* to the terminal, if it still exists */
	bool broken;		    /* writing has failed: write nothing more */
	bool failed;		    /* as err says, which is still to be reported */
	struct err err;
};

/* What is written next. */
struct batch {
	struct channel_batch bytes;
	int stream;
	struct output_job *last; /* the job of its last piece */
};

static void pump(void *arg);

static struct output_job *head(const struct output *o)
{
	if (list_empty(&o->queue))
		return NULL;
	return LIST_ENTRY(o->queue.next, struct output_job, link);
}

static struct output_job *next_in_queue(const struct output *o, struct output_job *job)
{
	if (job->link.next == &o->queue)
		return NULL;
	return LIST_ENTRY(job->link.next, struct output_job, link);
}

/* The job from whose spools the job's bytes are written. */
static struct output_job *outlet_job(struct output *o, struct output_job *job)
{
	return o->turn == TURN_NONE ? &o->live : job;
}

static void want_pump(void *arg)
{
	struct output *o = arg;

	if (!o->broken)
		loop_defer(o->cfg.loop, &o->pump, pump, o);
}

/* --- failing */

static void fail(struct output *o, const struct err *err)
{
	o->broken = true;
	o->events.failed(o->arg, err);
}

/* The same where events may not be called. */
static void fail_later(struct output *o, const struct err *err)
{
	if (!o->failed)
		o->err = *err;
	o->failed = true;
	want_pump(o);
}

static void reader_gone(struct output *o)
{
	o->broken = true;
	o->events.reader_gone(o->arg);
}

static void write_failed(struct output *o, int stream, int error)
{
	struct err err;

	if (error == EPIPE) {
		reader_gone(o);
		return;
	}
	errno = error;
	err_sys(&err, "cannot write to %s", stream == 0 ? "stdout" : "stderr");
	fail(o, &err);
}

/* --- writing */

/* A reader that is gone is noticed even when there is nothing to write.  stderr need
 * not have a reader. */
static void on_reader_gone(void *arg)
{
	struct output *o = arg;

	if (!o->broken)
		reader_gone(o);
}

static void open_channel(struct output *o, int stream)
{
	struct channel *c = &o->channels[stream];

	*c = (struct channel){.ready = want_pump, .gone = on_reader_gone, .arg = o};
	channel_open(c, o->cfg.loop, o->cfg.terminal, o->cfg.fds[stream], stream == 0);
}

/* What follows the batch on the terminal? */
static enum terminal_rest rest_of(const struct output_job *last)
{
	const struct spool *out = last->shaped.out;

	if (!spool_is_empty(&out[0]) || (last->finished && !spool_is_empty(&out[1])))
		return TERMINAL_MORE;
	return last->finished ? TERMINAL_END : TERMINAL_OPEN;
}

/* False: no more now. */
static bool write_batch(struct output *o, const struct batch *b)
{
	struct channel *c = &o->channels[b->stream];
	int result = channel_write(c, &b->bytes, o->spill), error = errno;
	bool failed = result < 0 && error != EAGAIN;

	if (c->shares_terminal) {
		terminal_after_output(o->cfg.terminal, c->last_byte,
				      failed ? TERMINAL_END : rest_of(b->last));
		o->last_written = b->last;
	}
	if (failed)
		write_failed(o, b->stream, error);
	return result == 0;
}

/* --- the head of the queue */

static int add_piece(struct output *o, struct batch *b, struct output_job *job, struct err *err)
{
	b->last = job;
	return channel_gather(&o->channels[b->stream], &b->bytes, &job->shaped.out[b->stream],
			      err);
}

/* The stdout of the head and of as many jobs after it as fit into the same write: each
 * must be complete and have no stderr to come in between. */
static int gather_stdout(struct output *o, struct batch *b, struct err *err)
{
	struct output_job *job;

	for (job = head(o); job != NULL && b->bytes.n < CHANNEL_PIECES;
	     job = next_in_queue(o, job)) {
		bool from_file;

		if (!job->finished && (o->cfg.sink != NULL || o->cfg.whole))
			return 0;
		if (job->shaped.record != NULL &&
		    shape_render(&o->shape, &job->shaped, err) < 0)
			return -1;
		from_file = spool_is_in_file(&job->shaped.out[0]);
		if (from_file && b->bytes.n > 0)
			return 0; /* the spill's buffer holds only one piece */
		if (add_piece(o, b, job, err) < 0)
			return -1;
		if (from_file || !job->finished || !spool_is_empty(&job->shaped.out[1]))
			return 0;
	}
	return 0;
}

/* Has the other stream, which goes to the same place, begun a line that is still to be
 * ended? */
static bool must_wait(const struct output *o, int stream)
{
	return o->one_file && o->channels[1 - stream].inside_line &&
	       !spool_is_empty(&head(o)->shaped.out[1 - stream]);
}

/* By lines neither stream waits for the other, except for the end of a line; else
 * stderr comes when the job has finished and its stdout is written. */
static int gather(struct output *o, struct batch *b, struct err *err)
{
	b->bytes.n = 0;
	b->bytes.from_file = false;
	b->stream = 0;
	if (!(o->cfg.by_lines && (o->channels[0].blocked != 0 || must_wait(o, 0))) &&
	    gather_stdout(o, b, err) < 0)
		return -1;
	if (b->bytes.n > 0 || !(o->cfg.by_lines ? !must_wait(o, 1) : head(o)->finished))
		return 0;
	b->stream = 1;
	return add_piece(o, b, head(o), err);
}

static void retire(struct output *o, struct output_job *job)
{
	list_remove(&job->link);
	job->queued = false;
	o->waiting--;
	output_discard(o, job);
	if (o->last_written == job) {
		terminal_close_line(o->cfg.terminal);
		o->last_written = NULL;
	}
	o->events.retired(o->arg, job);
}

static bool is_written(const struct output *o, const struct output_job *job)
{
	if (!job->finished || job->shaped.record != NULL)
		return false;
	if (o->turn == TURN_NONE)
		return o->live.shaped.out[0].taken >= job->marks[0] &&
		       o->live.shaped.out[1].taken >= job->marks[1];
	return spool_is_empty(&job->shaped.out[0]) && spool_is_empty(&job->shaped.out[1]);
}

static struct output_job *next_to_retire(struct output *o)
{
	return o->turn == TURN_NONE ? next_in_queue(o, &o->live) : head(o);
}

static bool retire_written(struct output *o)
{
	struct output_job *job;
	bool any = false;

	while (!o->broken && (job = next_to_retire(o)) != NULL && is_written(o, job)) {
		retire(o, job);
		any = true;
	}
	return any;
}

/* --- holding jobs whose stdout is written as it comes */

static void unhold(struct output_job *job)
{
	if (job->held)
		list_remove(&job->held_link);
	job->held = false;
}

static bool holds_more_than(const struct spool *s, size_t most)
{
	return spool_is_in_file(s) || spool_in_memory(s) > most;
}

/* Is what the job writes written at once, and does not wait for its end or turn? */
static bool streams_through(struct output *o, struct output_job *job)
{
	return o->cfg.sink == NULL && !o->cfg.whole && outlet_job(o, job) == head(o);
}

static void let_go(struct output *o)
{
	const struct output_job *job = head(o);

	if (job != NULL && (holds_more_than(&job->shaped.out[0], GO_ON_BELOW) ||
			    (o->channels[0].blocked != 0 && !o->cfg.by_lines)))
		return;
	while (!o->broken && !list_empty(&o->held)) {
		struct output_job *held =
		    LIST_ENTRY(o->held.next, struct output_job, held_link);

		unhold(held);
		o->events.hold(o->arg, held, false);
	}
}

static void hold(struct output *o, struct output_job *job)
{
	if (job->held)
		return;
	job->held = true;
	list_append(&o->held, &job->held_link);
	o->events.hold(o->arg, job, true);
}

/* --- the pump */

/* One step at the head of the queue.  False: nothing more can be done now. */
static bool step(struct output *o)
{
	struct batch b;
	bool retired;

	if (o->broken || (head(o) == NULL && !o->failed))
		return false;
	if (o->failed || gather(o, &b, &o->err) < 0) {
		fail(o, &o->err);
		return false;
	}
	if (b.bytes.n > 0 &&
	    (o->channels[b.stream].blocked != 0 || !write_batch(o, &b)))
		return false;
	retired = retire_written(o);
	let_go(o);
	return b.bytes.n > 0 || retired;
}

static void pump(void *arg)
{
	struct output *o = arg;
	/* With a fast reader this could go on for ever; the loop has other work. */
	int steps = 64;

	while (steps-- > 0)
		if (!step(o))
			return;
	want_pump(o);
}

/* --- the queue */

static void join_queue(struct output *o, struct output_job *job)
{
	list_append(&o->queue, &job->link);
	job->queued = true;
}

/* TURN_NONE: many lines are written at once, after those that wait. */
static size_t write_at_once(void *arg, struct bytes data)
{
	struct channel *c = arg;
	struct output *o = c->arg;
	int stream = (int)(c - o->channels);
	struct spool *before = &o->live.shaped.out[stream];

	if (data.len < AT_ONCE || o->broken || c->blocked != 0 || c->shares_terminal ||
	    must_wait(o, stream) || spool_is_in_file(before))
		return 0;
	return channel_write_after(c, before, o->spill, data);
}

static struct shape_stream stream_of(struct output *o, struct output_job *job, int stream)
{
	return (struct shape_stream){
	    .shape = &o->shape,
	    .job = &job->shaped,
	    .stream = stream,
	    .to = &outlet_job(o, job)->shaped.out[stream],
	    .write = o->turn == TURN_NONE ? write_at_once : NULL,
	    .arg = &o->channels[stream]};
}

void output_begin(struct output *o, struct output_job *job)
{
	*job = (struct output_job){.finished = false};
	if (o->turn == TURN_INPUT)
		join_queue(o, job);
}

void output_tag(struct output *o, struct output_job *job, const char *text,
		uint64_t number, struct arena *a)
{
	shape_tag(&o->shape, &job->shaped, text, number, a);
}

/* There is more to be written. */
static void added(struct output *o, struct output_job *job, int stream)
{
	if (!streams_through(o, job) || (stream != 0 && !o->cfg.by_lines))
		return;
	want_pump(o);
	if (stream == 0 && holds_more_than(&outlet_job(o, job)->shaped.out[0], HOLD_ABOVE))
		hold(o, job);
}

int output_add(struct output *o, struct output_job *job, int stream, struct bytes data,
	       struct err *err)
{
	struct shape_stream to = stream_of(o, job, stream);

	assert(!job->finished);
	if (shape_add(&to, data, err) < 0)
		return -1;
	added(o, job, stream);
	return 0;
}

/* Straight from the job's pipe to our stdout: nothing is before it. */
static ssize_t pass_through(struct output *o, struct output_job *job, int pipe_fd)
{
	struct channel *c = &o->channels[0];
	ssize_t n = -1;
	int there;

	errno = EAGAIN;
	if (c->blocked == 0)
		n = writer_splice(&c->writer, pipe_fd, MOVE_SIZE);
	if (n >= 0)
		return n;
	if (errno != EAGAIN) {
		errno = EOPNOTSUPP; /* if it is a failure, writing will report it */
	} else if (ioctl(pipe_fd, FIONREAD, &there) == 0 && there > 0) {
		if (c->blocked == 0 && !writer_grow(&c->writer))
			channel_wait(c);
		if (c->blocked != 0)
			hold(o, job);
		errno = EAGAIN;
	}
	return -1;
}

ssize_t output_move(struct output *o, struct output_job *job, int stream, int pipe_fd)
{
	struct spool *to = &job->shaped.out[stream];
	ssize_t n;

	assert(!job->finished);
	if (!shape_is_raw(&o->shape, &job->shaped)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (stream == 0 && streams_through(o, job) && spool_is_empty(to) &&
	    channel_is_direct(&o->channels[0]))
		return pass_through(o, job, pipe_fd);
	n = spool_move(to, o->spill, pipe_fd);
	if (n > 0)
		added(o, job, stream);
	return n;
}

int output_check(struct output *o, struct output_job *job, const struct outcome *outcome,
		 struct err *err)
{
	struct sink *sink = o->cfg.sink;
	struct sink_job in = {outcome, job->shaped.out};

	return sink != NULL && sink->ops->check != NULL ? sink->ops->check(sink, &in, err)
							: 0;
}

bool output_takes_records(const struct output *o)
{
	return o->cfg.sink != NULL || o->cfg.results != NULL;
}

bool output_shows_stopped(const struct output *o)
{
	return o->cfg.sink != NULL && !o->cfg.sink->ops->ok_only;
}

int output_record(struct output *o, struct output_job *job, const struct outcome *outcome,
		  struct err *err)
{
	return shape_record(&o->shape, &job->shaped, outcome, err);
}

void output_finish(struct output *o, struct output_job *job)
{
	struct err err;

	for (int i = 0; i < 2; i++) {
		struct shape_stream to = stream_of(o, job, i);

		if (shape_end(&to, &err) < 0)
			fail_later(o, &err);
		job->marks[i] = to.to->total;
	}
	job->finished = true;
	unhold(job);
	o->waiting++;
	if (!job->queued)
		join_queue(o, job);
	want_pump(o);
}

void output_discard(struct output *o, struct output_job *job)
{
	shape_clear(&o->shape, &job->shaped);
}

void output_mute(struct output *o, struct output_job *job)
{
	output_discard(o, job);
	job->shaped.record = NULL;
}

void output_drop(struct output *o, struct output_job *job)
{
	output_discard(o, job);
	unhold(job);
	if (o->last_written == job)
		o->last_written = NULL;
	if (job->queued)
		list_remove(&job->link);
	if (job->finished && job->queued)
		o->waiting--;
	job->queued = false;
	want_pump(o);
}

bool output_is_broken(const struct output *o)
{
	return o->broken;
}

int64_t output_blocked_since(const struct output *o)
{
	int64_t since = o->channels[0].blocked;

	return since != 0 ? since : o->channels[1].blocked;
}

size_t output_waiting(const struct output *o)
{
	return o->waiting;
}

static enum turn turn_of(const struct output_config *cfg)
{
	if (cfg->keep_order)
		return TURN_INPUT;
	return cfg->by_lines ? TURN_NONE : TURN_FINISHED;
}

struct output *output_new(const struct output_config *cfg,
			  const struct output_events *events, void *arg)
{
	struct output *o = xcalloc(1, sizeof *o);

	o->cfg = *cfg;
	o->events = *events;
	o->arg = arg;
	o->turn = turn_of(cfg);
	o->spill = spill_new(cfg->tmpdir, cfg->memory);
	o->shape = (struct shape){.spill = o->spill,
				  .sink = cfg->sink,
				  .results = cfg->results,
				  .by_lines = cfg->by_lines,
				  .copies = o->turn == TURN_INPUT,
				  .color = {cfg->color[0], cfg->color[1]}};
	list_init(&o->queue);
	list_init(&o->held);
	o->live.shaped.out[0].bounded = true; /* by holding jobs */
	if (o->turn == TURN_NONE)
		list_append(&o->queue, &o->live.link);
	open_channel(o, 0);
	open_channel(o, 1);
	o->one_file = cfg->by_lines && channel_is_same(&o->channels[0], &o->channels[1]);
	return o;
}

void output_free(struct output *o)
{
	if (o == NULL)
		return;
	loop_defer_cancel(o->cfg.loop, &o->pump);
	output_discard(o, &o->live);
	channel_close(&o->channels[0]);
	channel_close(&o->channels[1]);
	spill_free(o->spill);
	free(o);
}
