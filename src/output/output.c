/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/mem.h"
#include "output/channel.h"
#include "output/output.h"
#include "output/tag.h"

enum {
	MAX_PIECES = 64,
	/* A streaming job is held when so much of it waits, and let go below. */
	HOLD_ABOVE = 512 * 1024,
	GO_ON_BELOW = 256 * 1024,
	MOVE_SIZE = 1024 * 1024, /* what goes through at a time */
	AT_ONCE = 32 * 1024, /* lines of so much are worth a write of their own */
};

struct output {
	struct output_config cfg;
	struct output_events events;
	void *arg;
	struct spill *spill;
	struct link queue, held;
	struct output_job live;	    /* by lines: all jobs' lines, before the queue */
	bool shared;		    /* live is in use */
	bool one_file;		    /* both channels lead to the same place */
	struct channel channels[2]; /* stdout, stderr */
	struct loop_call pump;
	size_t waiting;
	struct output_job *last_written; /* to the terminal, if still here */
	bool broken; /* writing has failed: be still until the end */
	bool failed; /* as err says; still to be told */
	struct err err;
};

/* What one write takes: pieces of consecutive jobs. */
struct batch {
	struct iovec iov[MAX_PIECES];
	struct output_job *jobs[MAX_PIECES];
	int n;
	bool from_file; /* what the one job has in a file: there is no iov */
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

/* Where the job's bytes are taken from to be written. */
static struct output_job *outlet(struct output *o, struct output_job *job)
{
	return o->shared ? &o->live : job;
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

/* The same where nobody may be called back. */
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

/* A reader who is gone is noticed even when there is nothing to write.  stderr may
 * well have no reader. */
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

static void wait_for_channel(struct output *o, int stream)
{
	if (!channel_wait(&o->channels[stream]))
		want_pump(o); /* cannot be waited for: try again soon */
}

static char last_byte(const struct batch *b, ssize_t n)
{
	for (int i = 0; i < b->n; i++) {
		if ((size_t)n <= b->iov[i].iov_len)
			return ((const char *)b->iov[i].iov_base)[n - 1];
		n -= (ssize_t)b->iov[i].iov_len;
	}
	return '\n';
}

/* Drop from the spools what was written. */
static void take_written(struct output *o, const struct batch *b, int stream, size_t n)
{
	for (int i = 0; i < b->n && n > 0; i++) {
		size_t take = n < b->iov[i].iov_len ? n : b->iov[i].iov_len;

		spool_take(&b->jobs[i]->streams[stream], o->spill, take);
		n -= take;
	}
}

/* What comes next where the batch went? */
static enum terminal_rest rest_of(const struct batch *b)
{
	const struct output_job *last = b->jobs[b->n - 1];

	if (!spool_is_empty(&last->streams[0]) ||
	    (last->finished && !spool_is_empty(&last->streams[1])))
		return TERMINAL_MORE;
	return last->finished ? TERMINAL_END : TERMINAL_OPEN;
}

static ssize_t try_write(struct output *o, const struct batch *b, int stream)
{
	struct channel *c = &o->channels[stream];

	if (c->shares_terminal && !terminal_before_output(o->cfg.terminal)) {
		errno = EAGAIN;
		return -1;
	}
	if (b->from_file)
		return spool_send(&b->jobs[0]->streams[stream], o->spill, c->writer.fd);
	return writer_write(&c->writer, b->iov, b->n);
}

/* Write the batch.  False: no more now. */
static bool write_batch(struct output *o, struct batch *b, int stream)
{
	struct channel *c = &o->channels[stream];
	ssize_t n = try_write(o, b, stream);
	int error = errno, last = -1;

	if (n > 0 && !b->from_file) {
		last = (unsigned char)last_byte(b, n);
		take_written(o, b, stream, (size_t)n);
	}
	if (n > 0)
		c->inside_line = b->from_file ? !spool_is_empty(&b->jobs[0]->streams[stream])
					      : last != '\n';
	if (c->shares_terminal) {
		terminal_after_output(o->cfg.terminal, last,
				      n < 0 && error != EAGAIN ? TERMINAL_END
							       : rest_of(b));
		o->last_written = b->jobs[b->n - 1];
	}
	if (b->from_file && (n == 0 || (n < 0 && error != EAGAIN))) {
		c->writer.direct = false; /* copying works, or it tells what is wrong */
		return true;
	}
	if (n >= 0 || (error == EAGAIN && writer_grow(&c->writer)))
		return true;
	if (error == EAGAIN)
		wait_for_channel(o, stream);
	else
		write_failed(o, stream, error);
	return false;
}

static int add_piece(struct output *o, struct batch *b, struct output_job *job,
		     int stream, struct err *err)
{
	struct spool *s = &job->streams[stream];
	struct bytes data;

	if (spool_is_in_file(s) && channel_is_direct(&o->channels[stream])) {
		b->from_file = true;
		b->jobs[b->n++] = job;
		return 0;
	}
	if (spool_peek(s, o->spill, &data, err) < 0)
		return -1;
	if (data.len > 0) {
		b->iov[b->n] = (struct iovec){(void *)data.p, data.len};
		b->jobs[b->n++] = job;
	}
	return 0;
}

/* --- the head of the queue */

/* Replace the job's streams by its record. */
static int render(struct output *o, struct output_job *job, struct err *err)
{
	struct sink_job in = {job->outcome, job->streams, o->spill};
	struct spool text = SPOOL_INIT;
	int result = sink_render(o->cfg.sink, &in, &text, err);

	spool_clear(&job->streams[0], o->spill);
	if (!o->cfg.sink->ops->stdout_only)
		spool_clear(&job->streams[1], o->spill);
	job->streams[0] = text;
	job->outcome = NULL;
	return result;
}

/* The stdout of the head and of as many jobs behind it as can go in the same
 * write: each must be complete and have no stderr to come in between. */
static int gather_stdout(struct output *o, struct batch *b, struct err *err)
{
	struct output_job *job;

	for (job = head(o); job != NULL && b->n < MAX_PIECES; job = next_in_queue(o, job)) {
		bool from_file;

		if (!job->finished && (o->cfg.sink != NULL || o->cfg.whole))
			return 0;
		if (job->outcome != NULL && render(o, job, err) < 0)
			return -1;
		from_file = spool_is_in_file(&job->streams[0]);
		if (from_file && b->n > 0)
			return 0; /* only one piece fits the spill's buffer */
		if (add_piece(o, b, job, 0, err) < 0)
			return -1;
		if (from_file || !job->finished || !spool_is_empty(&job->streams[1]))
			return 0;
	}
	return 0;
}

/* Is there the rest of a line to come on the other stream, which goes to the same place? */
static bool must_wait(const struct output *o, int stream)
{
	return o->one_file && o->channels[1 - stream].inside_line &&
	       !spool_is_empty(&head(o)->streams[1 - stream]);
}

/* What is to be written next, and on which stream.  By lines neither stream waits
 * for the other, but for the end of a line. */
static int gather(struct output *o, struct batch *b, int *stream, struct err *err)
{
	b->n = 0;
	b->from_file = false;
	*stream = 0;
	if (!(o->cfg.by_lines && (o->channels[0].blocked != 0 || must_wait(o, 0))) &&
	    gather_stdout(o, b, err) < 0)
		return -1;
	if (b->n > 0 || !(o->cfg.by_lines ? !must_wait(o, 1) : head(o)->finished))
		return 0;
	*stream = 1;
	return add_piece(o, b, head(o), 1, err);
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
	if (!job->finished || job->outcome != NULL)
		return false;
	if (o->shared)
		return o->live.streams[0].taken >= job->marks[0] &&
		       o->live.streams[1].taken >= job->marks[1];
	return spool_is_empty(&job->streams[0]) && spool_is_empty(&job->streams[1]);
}

static struct output_job *next_to_retire(struct output *o)
{
	return o->shared ? next_in_queue(o, &o->live) : head(o);
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

/* --- holding jobs back whose stdout is written as it comes */

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

/* Does what the job writes go through, and not wait for the job's end or turn? */
static bool streams_through(struct output *o, struct output_job *job)
{
	return o->cfg.sink == NULL && !o->cfg.whole && outlet(o, job) == head(o);
}

static void let_go(struct output *o)
{
	const struct output_job *job = head(o);

	if (job != NULL && (holds_more_than(&job->streams[0], GO_ON_BELOW) ||
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
	int stream;
	bool retired;

	if (o->broken || (head(o) == NULL && !o->failed))
		return false;
	if (o->failed || gather(o, &b, &stream, &o->err) < 0) {
		fail(o, &o->err);
		return false;
	}
	if (b.n > 0 && (o->channels[stream].blocked != 0 || !write_batch(o, &b, stream)))
		return false;
	retired = retire_written(o);
	let_go(o);
	return b.n > 0 || retired;
}

static void pump(void *arg)
{
	struct output *o = arg;
	/* A fast reader may not keep the loop from everything else. */
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

static bool is_shaped(const struct output *o, const struct output_job *job)
{
	return o->cfg.by_lines || job->tags[0].len > 0;
}

/* Are what is shown and what results hold two things?  Streaming also takes away
 * what results need at the end. */
static bool is_kept(const struct output *o, const struct output_job *job)
{
	return o->cfg.results != NULL && (is_shaped(o, job) || o->cfg.keep_order);
}

/* Many lines are written without a stay in the spool, behind what is there. */
static size_t write_at_once(void *arg, struct bytes data)
{
	struct channel *c = arg;
	struct output *o = c->arg;
	struct spool *before = &o->live.streams[c - o->channels];
	struct bytes first;
	struct err ignored; /* the pump will see it too */
	ssize_t n;

	if (data.len < AT_ONCE || o->broken || c->blocked != 0 || c->shares_terminal ||
	    must_wait(o, (int)(c - o->channels)) || spool_is_in_file(before) ||
	    spool_peek(before, o->spill, &first, &ignored) < 0)
		return 0;
	n = writer_write(&c->writer,
			 (struct iovec[]){{(void *)first.p, first.len},
					  {(void *)data.p, data.len}},
			 2);
	if (n <= 0)
		return 0;
	c->inside_line = (size_t)n > first.len
			     ? data.p[(size_t)n - first.len - 1] != '\n'
			     : first.p[n - 1] != '\n';
	if ((size_t)n < first.len)
		first.len = (size_t)n;
	spool_take(before, o->spill, first.len);
	return (size_t)n - first.len;
}

static struct line_mode line_mode(struct output *o, const struct output_job *job,
				  int stream)
{
	return (struct line_mode){.tag = job->tags[stream],
				  .whole = o->cfg.by_lines,
				  .spill = o->spill,
				  .at_once = o->shared ? write_at_once : NULL,
				  .arg = &o->channels[stream]};
}

void output_begin(struct output *o, struct output_job *job)
{
	*job = (struct output_job){.finished = false};
	if (o->cfg.keep_order)
		join_queue(o, job);
}

void output_tag(struct output *o, struct output_job *job, const char *text,
		uint64_t number, struct arena *a)
{
	for (int i = 0; i < 2; i++)
		job->tags[i] = tag_make(text, number, o->cfg.color[i], a);
}

/* There is more to be written. */
static void added(struct output *o, struct output_job *job, int stream)
{
	if (!streams_through(o, job) || (stream != 0 && !o->cfg.by_lines))
		return;
	want_pump(o);
	if (stream == 0 && holds_more_than(&outlet(o, job)->streams[0], HOLD_ABOVE))
		hold(o, job);
}

int output_add(struct output *o, struct output_job *job, int stream, struct bytes data,
	       struct err *err)
{
	struct line_mode mode = line_mode(o, job, stream);
	struct spool *to = &outlet(o, job)->streams[stream];

	assert(!job->finished);
	if (is_kept(o, job) && spool_add(&job->kept[stream], o->spill, data, err) < 0)
		return -1;
	if ((is_shaped(o, job) ? lines_add(&job->lines[stream], &mode, data, to, err)
			       : spool_add(to, o->spill, data, err)) < 0)
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
		errno = EOPNOTSUPP; /* or a failure: writing will tell which */
	} else if (ioctl(pipe_fd, FIONREAD, &there) == 0 && there > 0) {
		if (c->blocked == 0 && !writer_grow(&c->writer))
			wait_for_channel(o, 0);
		if (c->blocked != 0)
			hold(o, job);
		errno = EAGAIN;
	}
	return -1;
}

ssize_t output_move(struct output *o, struct output_job *job, int stream, int pipe_fd)
{
	struct spool *to = &job->streams[stream];
	ssize_t n;

	assert(!job->finished);
	if (is_shaped(o, job) || is_kept(o, job)) {
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
	struct sink_job in = {outcome, job->streams, o->spill};

	return sink != NULL && sink->ops->check != NULL ? sink->ops->check(sink, &in, err)
							: 0;
}

bool output_takes_records(const struct output *o)
{
	return o->cfg.sink != NULL || o->cfg.results != NULL;
}

int output_record(struct output *o, struct output_job *job, const struct outcome *outcome,
		  struct err *err)
{
	const struct spool *streams = is_kept(o, job) ? job->kept : job->streams;
	int result;

	job->outcome = o->cfg.sink != NULL ? outcome : NULL;
	if (o->cfg.results == NULL)
		return 0;
	result = results_add(o->cfg.results, outcome, streams, o->spill, err);
	spool_clear(&job->kept[0], o->spill);
	spool_clear(&job->kept[1], o->spill);
	return result;
}

/* The last line may still lack its end. */
static void end_lines(struct output *o, struct output_job *job)
{
	struct err err;

	for (int i = 0; i < 2; i++) {
		struct line_mode mode = line_mode(o, job, i);
		struct spool *to = &outlet(o, job)->streams[i];

		if (is_shaped(o, job) && lines_end(&job->lines[i], &mode, to, &err) < 0)
			fail_later(o, &err);
		job->marks[i] = to->total;
	}
}

void output_finish(struct output *o, struct output_job *job)
{
	end_lines(o, job);
	job->finished = true;
	unhold(job);
	o->waiting++;
	if (!job->queued)
		join_queue(o, job);
	want_pump(o);
}

void output_discard(struct output *o, struct output_job *job)
{
	for (int i = 0; i < 2; i++) {
		spool_clear(&job->streams[i], o->spill);
		spool_clear(&job->kept[i], o->spill);
		lines_clear(&job->lines[i], o->spill);
	}
}

void output_mute(struct output *o, struct output_job *job)
{
	output_discard(o, job);
	job->outcome = NULL;
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

struct output *output_new(const struct output_config *cfg,
			  const struct output_events *events, void *arg)
{
	struct output *o = xcalloc(1, sizeof *o);

	o->cfg = *cfg;
	o->events = *events;
	o->arg = arg;
	o->spill = spill_new(cfg->tmpdir, cfg->memory);
	list_init(&o->queue);
	list_init(&o->held);
	o->shared = cfg->by_lines && !cfg->keep_order;
	o->live.streams[0].bounded = true; /* by holding jobs back */
	if (o->shared)
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
