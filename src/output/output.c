/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "output/output.h"
#include "sys/writer.h"

enum {
	MAX_PIECES = 64,
	/* A streaming job is held when so much of it waits, and let go below. */
	HOLD_ABOVE = 512 * 1024,
	GO_ON_BELOW = 256 * 1024,
};

struct channel {
	struct output *output;
	struct writer writer;
	struct loop_fd watch;
	bool shares_terminal;
	bool blocked; /* takes no more now; the watch will tell */
};

struct output {
	struct output_config cfg;
	struct output_events events;
	void *arg;
	struct spill *spill;
	struct link queue;
	struct channel channels[2]; /* stdout, stderr */
	struct loop_call pump;
	size_t waiting;
	bool broken; /* writing has failed: be still until the end */
};

/* What one write takes: pieces of consecutive jobs. */
struct batch {
	struct iovec iov[MAX_PIECES];
	struct output_job *jobs[MAX_PIECES];
	int n;
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

static void want_pump(struct output *o)
{
	if (!o->broken)
		loop_defer(o->cfg.loop, &o->pump, pump, o);
}

/* --- failing */

static void fail(struct output *o, const struct err *err)
{
	o->broken = true;
	o->events.failed(o->arg, err);
}

static void reader_gone(struct output *o)
{
	o->broken = true;
	o->events.reader_gone(o->arg);
}

static void write_failed(struct output *o, int stream)
{
	struct err err;

	if (errno == EPIPE) {
		reader_gone(o);
		return;
	}
	err_sys(&err, "cannot write to %s", stream == 0 ? "stdout" : "stderr");
	fail(o, &err);
}

/* --- writing */

static void channel_ready(void *arg, short events)
{
	struct channel *c = arg;

	if (c->output->broken)
		return;
	if (events & POLLOUT) {
		c->blocked = false;
		loop_fd_change(c->output->cfg.loop, &c->watch, 0);
		want_pump(c->output);
	} else if (events & (POLLERR | POLLHUP)) {
		loop_fd_remove(c->output->cfg.loop, &c->watch);
		reader_gone(c->output);
	}
}

static void open_channel(struct output *o, int stream)
{
	struct channel *c = &o->channels[stream];
	int fd = o->cfg.fds[stream];

	c->output = o;
	c->watch = (struct loop_fd)LOOP_FD_INIT;
	c->shares_terminal = terminal_shares(o->cfg.terminal, fd);
	writer_open(&c->writer, fd);
	/* Watched for nothing but the reader's end, so that it is noticed even
	 * when there is nothing to write.  stderr may well have no reader. */
	if (stream == 0 && c->writer.waitable)
		(void)loop_fd_add(o->cfg.loop, &c->watch, c->writer.fd, 0, channel_ready,
				  c);
}

static void wait_for_channel(struct output *o, int stream)
{
	struct channel *c = &o->channels[stream];

	c->blocked = true;
	if (c->watch.fd >= 0) {
		loop_fd_change(o->cfg.loop, &c->watch, POLLOUT);
	} else if (loop_fd_add(o->cfg.loop, &c->watch, c->writer.fd, POLLOUT,
			       channel_ready, c) < 0) {
		c->blocked = false;
		want_pump(o); /* cannot be waited for: try again soon */
	}
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

/* Write the batch; drop from the spools what was taken.  False: no more now. */
static bool write_batch(struct output *o, struct batch *b, int stream)
{
	struct channel *c = &o->channels[stream];
	size_t left;
	ssize_t n;

	if (c->shares_terminal)
		terminal_before_output(o->cfg.terminal);
	n = writer_write(&c->writer, b->iov, b->n);
	if (c->shares_terminal)
		terminal_after_output(o->cfg.terminal, n > 0 ? last_byte(b, n) : '\n');
	if (n < 0 && errno == EAGAIN)
		wait_for_channel(o, stream);
	else if (n < 0)
		write_failed(o, stream);
	left = n > 0 ? (size_t)n : 0;
	for (int i = 0; i < b->n && left > 0; i++) {
		size_t take = left < b->iov[i].iov_len ? left : b->iov[i].iov_len;

		spool_take(&b->jobs[i]->streams[stream], o->spill, take);
		left -= take;
	}
	return n >= 0;
}

static int add_piece(struct output *o, struct batch *b, struct output_job *job,
		     int stream, struct err *err)
{
	struct bytes data;

	if (spool_peek(&job->streams[stream], o->spill, &data, err) < 0)
		return -1;
	if (data.len > 0) {
		b->iov[b->n] = (struct iovec){(void *)data.p, data.len};
		b->jobs[b->n++] = job;
	}
	return 0;
}

static bool in_file(const struct spool *s)
{
	return s->first_block < s->nblocks;
}

/* The stdout of the head and of as many jobs behind it as can go in the same
 * write: each must be complete and have no stderr to come in between. */
static int gather_stdout(struct output *o, struct batch *b, struct err *err)
{
	struct output_job *job;

	b->n = 0;
	for (job = head(o); job != NULL && b->n < MAX_PIECES; job = next_in_queue(o, job)) {
		bool from_file = in_file(&job->streams[0]);

		if (from_file && b->n > 0)
			return 0; /* only one piece fits the spill's buffer */
		if (o->cfg.whole && !job->finished)
			return 0;
		if (add_piece(o, b, job, 0, err) < 0)
			return -1;
		if (from_file || !job->finished || !spool_is_empty(&job->streams[1]))
			return 0;
	}
	return 0;
}

static void retire(struct output *o, struct output_job *job)
{
	list_remove(&job->link);
	job->queued = false;
	o->waiting--;
	o->events.retired(o->arg, job);
}

static void let_go(struct output *o, struct output_job *job)
{
	const struct spool *s = &job->streams[0];

	if (job->held && !in_file(s) && s->tail.len - s->tail_at < GO_ON_BELOW) {
		job->held = false;
		o->events.hold(o->arg, job, false);
	}
}

/* One step at the head of the queue.  False: nothing more can be done now. */
static bool step(struct output *o)
{
	struct output_job *job = head(o);
	int stream = 0;
	struct batch b;
	struct err err;

	if (job == NULL || o->broken || (o->cfg.whole && !job->finished))
		return false;
	if (gather_stdout(o, &b, &err) < 0) {
		fail(o, &err);
		return false;
	}
	if (b.n == 0 && !job->finished)
		return false;
	if (b.n == 0 && !spool_is_empty(&job->streams[1])) {
		stream = 1;
		if (add_piece(o, &b, job, 1, &err) < 0) {
			fail(o, &err);
			return false;
		}
	}
	if (b.n > 0 && (o->channels[stream].blocked || !write_batch(o, &b, stream)))
		return false;
	while (!o->broken && (job = head(o)) != NULL && job->finished &&
	       spool_is_empty(&job->streams[0]) && spool_is_empty(&job->streams[1]))
		retire(o, job);
	if (job != NULL && !o->broken)
		let_go(o, job);
	return true;
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

void output_begin(struct output *o, struct output_job *job)
{
	*job = (struct output_job){.streams = {SPOOL_INIT, SPOOL_INIT}};
	if (o->cfg.keep_order)
		join_queue(o, job);
}

int output_add(struct output *o, struct output_job *job, int stream, struct bytes data,
	       struct err *err)
{
	assert(!job->finished);
	if (spool_add(&job->streams[stream], o->spill, data, err) < 0)
		return -1;
	if (stream != 0 || o->cfg.whole || job != head(o))
		return 0;
	want_pump(o);
	if (!job->held && (in_file(&job->streams[0]) ||
			   job->streams[0].tail.len - job->streams[0].tail_at >
			       HOLD_ABOVE)) {
		job->held = true;
		o->events.hold(o->arg, job, true);
	}
	return 0;
}

void output_finish(struct output *o, struct output_job *job)
{
	job->finished = true;
	job->held = false;
	o->waiting++;
	if (!job->queued)
		join_queue(o, job);
	want_pump(o);
}

void output_discard(struct output *o, struct output_job *job)
{
	spool_clear(&job->streams[0], o->spill);
	spool_clear(&job->streams[1], o->spill);
}

void output_drop(struct output *o, struct output_job *job)
{
	output_discard(o, job);
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

bool output_is_blocked(const struct output *o)
{
	return o->channels[0].blocked || o->channels[1].blocked;
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
	open_channel(o, 0);
	open_channel(o, 1);
	return o;
}

void output_free(struct output *o)
{
	if (o == NULL)
		return;
	loop_defer_cancel(o->cfg.loop, &o->pump);
	for (int i = 0; i < 2; i++) {
		loop_fd_remove(o->cfg.loop, &o->channels[i].watch);
		writer_close(&o->channels[i].writer);
	}
	spill_free(o->spill);
	free(o);
}
