/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SCHED_FIXTURE_H
#define TESTS_SCHED_FIXTURE_H

/* A scheduler with a simulated engine and a fake clock: nothing here runs a process
 * or waits. */

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/sched.h"
#include "sim_engine.h"
#include "sys/terminal.h"
#include "tap.h"

static struct {
	struct loop *loop;
	struct terminal *terminal;
	struct source *source;
	struct template *template;
	struct sched *sched;
	struct sched_config cfg;
	int out, err; /* files for stdout and stderr */
	int64_t now;
	bool ended, log_fails;
	bool begin_only; /* what the engine has got does not run by itself */
	int started, retired, stopped;
	int again; /* of those retired: they had failed in an earlier run */
	char said[2000]; /* messages */
} t;

/* --- what it tells */

static inline void note_end(void *arg, const struct run_state *run)
{
	(void)arg;
	(void)run;
	t.ended = true;
}

static inline void note_started(void *arg, const struct run_state *run,
				const struct bindings *job)
{
	(void)arg;
	(void)run;
	(void)job;
	t.started++;
}

static inline int note_retired(void *arg, const struct run_state *run,
			       const struct outcome *o, struct err *err)
{
	(void)arg;
	(void)run;
	t.retired++;
	t.again += o->again;
	return t.log_fails ? err_set(err, "no log") : 0;
}

static inline void note_stopped(void *arg, const struct run_state *run,
				const struct outcome *o)
{
	(void)arg;
	(void)run;
	t.stopped += o->status == JOB_STOPPED;
}

static const struct watcher_ops watcher_ops = {
    .end = note_end, .started = note_started, .retired = note_retired, .stopped = note_stopped};
static const struct watcher watchers[] = {{&watcher_ops, NULL}};

static inline void hear(void *arg, struct bytes text)
{
	size_t len = strlen(t.said);

	(void)arg;
	snprintf(t.said + len, sizeof t.said - len, "%.*s", (int)text.len, text.p);
}

/* --- a run */

static inline int scratch_file(void)
{
	char name[] = "/tmp/volley-sched.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	return fd;
}

/* Change t.cfg behind this, then begin. */
static inline void prepare(unsigned slots)
{
	memset(&t, 0, sizeof t);
	t.out = scratch_file();
	t.err = scratch_file();
	t.cfg = (struct sched_config){
	    .slots = slots,
	    .batch = 1,
	    .retry = {.tries = 1},
	    .termination = termination_default,
	    .window = 100,
	    .watchers = watchers,
	    .nwatchers = 1,
	    .output = {.fds = {t.out, t.err}, .tmpdir = "/tmp", .memory = 1 << 20},
	};
	t.now = 1000 * NSEC_PER_SEC;
	clock_fake(&t.now);
}

/* --- a gate */

static struct {
	unsigned places, inside, refused;
} gate;

static inline bool gate_enter(void *arg, unsigned running, loop_call_fn ready,
			      void *ready_arg)
{
	(void)ready;
	(void)ready_arg;
	(void)arg;
	(void)running;
	if (gate.inside == gate.places) {
		gate.refused++;
		return false;
	}
	gate.inside++;
	return true;
}

static inline void gate_leave(void *arg, unsigned running)
{
	(void)arg;
	(void)running;
	gate.inside--;
}

/* Between prepare and begin: let no more than so many jobs run.  Never calls back. */
static inline void add_gate(unsigned places)
{
	static const struct gate ops = {gate_enter, gate_leave};

	gate.places = places;
	gate.inside = gate.refused = 0;
	t.cfg.gate = &ops;
}

/* --- running it */

/* Enough turns for everything that follows from one thing; what the engine has got
 * then runs. */
static inline void turn(void)
{
	for (int i = 0; i < 10; i++)
		loop_turn(t.loop);
	for (size_t i = 0; i < sim_tasks() && !t.begin_only; i++)
		sim_started(i);
}

static inline void begin_with_source(struct source *source)
{
	static char *words[] = {(char *)"true", (char *)"{}"};
	struct template_config template = {.words = words, .nwords = 2, .append = true};

	t.terminal = terminal_new(t.loop, t.err);
	t.source = source_number(source, NULL, 0);
	t.template = template_open(&template);
	t.cfg.loop = t.cfg.output.loop = t.loop;
	t.cfg.output.terminal = t.terminal;
	t.cfg.source = t.source;
	t.cfg.template = t.template;
	t.cfg.engine = sim_engine_open(t.loop);
	t.sched = sched_new(&t.cfg);
	msg_set_writer(hear, NULL);
	sched_start(t.sched);
	turn();
}

static inline void open_loop(void)
{
	struct err err;

	t.loop = loop_new(&err);
}

static inline void begin_with(char **values, size_t n)
{
	open_loop();
	begin_with_source(source_args(values, n));
}

/* Events are the lines of the file. */
static inline void begin_with_file(const char *path)
{
	struct source_file_config cfg = {.path = path, .reader = {.delimiter = '\n'}};

	open_loop();
	cfg.loop = t.loop;
	begin_with_source(source_file(&cfg));
}

/* Events a, b, ... */
static inline void begin(size_t n)
{
	static char *values[] = {(char *)"a", (char *)"b", (char *)"c",
				 (char *)"d", (char *)"e", (char *)"f"};

	begin_with(values, n);
}

static inline void clean(void)
{
	sched_free(t.sched);
	t.cfg.engine->ops->close(t.cfg.engine);
	template_free(t.template);
	source_free(t.source);
	terminal_free(t.terminal);
	loop_free(t.loop);
	close(t.out);
	close(t.err);
	clock_fake(NULL);
}

/* --- what happens in it */

static inline void pass_ms(int64_t ms)
{
	t.now += ms * NSEC_PER_MSEC;
	turn();
}

static inline void done(size_t index, int code)
{
	sim_done(index, RESULT_EXITED, code);
	turn();
}

static inline int status(void)
{
	return sched_exit_status(t.sched);
}

/* What has been written to the file so far. */
static inline const char *written(int fd)
{
	static char text[4096];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

#endif
