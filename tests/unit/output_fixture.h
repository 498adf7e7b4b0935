/* SPDX-License-Identifier: ISC */
#ifndef TESTS_OUTPUT_FIXTURE_H
#define TESTS_OUTPUT_FIXTURE_H

/* An output to a file or a pipe, the jobs that it writes, and what it reports. */

#include "base/mem.h"
#include "output/output.h"
#include "scratch.h"
#include "tap.h"

enum { KIB = 1024, MIB = 1024 * 1024 };

struct job {
	struct output_job output;
	int id;
};

static struct {
	struct loop *loop;
	struct terminal *terminal;
	struct output *output;
	struct output_config cfg;
	struct buf told; /* by events: "1 " retired, "+1 " held, "-1 " let go */
	struct buf got;	 /* what came out of a pipe */
	int pipe[2];
} t;

/* --- the output's events */

static inline void note_retired(void *arg, struct output_job *output)
{
	struct job *job = LIST_ENTRY(output, struct job, output);

	(void)arg;
	buf_addf(&t.told, "%d ", job->id);
	free(job); /* it may be */
}

static inline void note_hold(void *arg, struct output_job *output, bool hold)
{
	(void)arg;
	buf_addf(&t.told, "%c%d ", hold ? '+' : '-',
		 LIST_ENTRY(output, struct job, output)->id);
}

static inline void note_failed(void *arg, const struct err *err)
{
	(void)arg;
	buf_addf(&t.told, "failed: %s ", err->text);
}

static inline void note_reader_gone(void *arg)
{
	(void)arg;
	buf_adds(&t.told, "gone ");
}

static const struct output_events events = {note_retired, note_hold, note_failed,
					    note_reader_gone};

static inline const char *told(void)
{
	static struct buf copy;

	buf_reset(&copy);
	buf_addb(&copy, buf_bytes(&t.told));
	buf_reset(&t.told);
	return buf_cstr(&copy);
}

/* --- what the output needs */

static inline void turn(int times)
{
	while (times-- > 0)
		loop_turn(t.loop);
}

/* An output in completion order with enough memory; change t.cfg and call
 * open_output for another. */
static inline void prepare(int out, int err)
{
	t.cfg = (struct output_config){.loop = t.loop,
				       .terminal = t.terminal,
				       .fds = {out, err},
				       .tmpdir = scratch,
				       .memory = 100 * MIB};
}

static inline void open_output(void)
{
	buf_reset(&t.told);
	t.output = output_new(&t.cfg, &events, NULL);
}

static inline void close_output(void)
{
	output_free(t.output);
	close(t.cfg.fds[0]);
	close(t.cfg.fds[1]);
}

/* Both streams into one file, so that their order can be seen. */
static inline void open_onto_file(bool keep_order)
{
	int fd = memfd_create("out", MFD_CLOEXEC);

	prepare(fd, fcntl(fd, F_DUPFD_CLOEXEC, 3));
	t.cfg.keep_order = keep_order;
	open_output();
}

static inline void open_onto_pipe(bool keep_order)
{
	if (pipe2(t.pipe, O_CLOEXEC) < 0)
		abort();
	prepare(t.pipe[1], open("/dev/null", O_WRONLY | O_CLOEXEC));
	t.cfg.keep_order = keep_order;
	open_output();
	buf_reset(&t.got);
}

static inline const char *written(void)
{
	static struct buf text;
	struct stat st;

	fstat(t.cfg.fds[0], &st);
	buf_reset(&text);
	if (st.st_size > 0 &&
	    pread(t.cfg.fds[0], buf_room(&text, (size_t)st.st_size), (size_t)st.st_size, 0) ==
		st.st_size)
		text.len = (size_t)st.st_size;
	return buf_cstr(&text);
}

/* Take what is in the pipe, which must be less than a pipe holds. */
static inline void read_pipe(size_t most)
{
	ssize_t n;

	fcntl(t.pipe[0], F_SETFL, O_NONBLOCK);
	n = read(t.pipe[0], buf_room(&t.got, most), most);
	if (n > 0)
		t.got.len += (size_t)n;
}

static inline struct job *begin(int id)
{
	struct job *job = xcalloc(1, sizeof *job);

	output_begin(t.output, &job->output);
	job->id = id;
	return job;
}

static inline int add(struct job *job, int stream, const char *text)
{
	struct err err;

	return output_add(t.output, &job->output, stream, bytes_str(text), &err);
}

static inline void finish(struct job *job)
{
	output_finish(t.output, &job->output);
}

static inline void drop(struct job *job)
{
	output_drop(t.output, &job->output);
	free(job);
}

/* n bytes that differ from job to job and place to place. */
static inline void add_many_to(struct job *job, int stream, size_t n, struct buf *want)
{
	struct buf data = BUF_INIT;
	struct err err;

	for (uint64_t at = job->output.shaped.out[stream].total; n > 0; n--, at++)
		buf_addc(&data, (char)((at + (uint64_t)job->id * 77) * 2654435761u >> 13));
	output_add(t.output, &job->output, stream, buf_bytes(&data), &err);
	if (want != NULL)
		buf_addb(want, buf_bytes(&data));
	buf_clear(&data);
}

static inline void add_many(struct job *job, size_t n, struct buf *want)
{
	add_many_to(job, 0, n, want);
}

/* --- the whole test */

static inline void output_fixture_begin(void)
{
	struct err err;

	scratch_make();
	t.loop = loop_new(&err);
	t.terminal = terminal_new(t.loop, -1);
}

static inline void output_fixture_end(void)
{
	terminal_free(t.terminal);
	loop_free(t.loop);
	buf_clear(&t.told);
	buf_clear(&t.got);
	scratch_remove();
}

#endif
