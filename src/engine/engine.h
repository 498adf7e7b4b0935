/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/* The contract between the scheduler and the code that runs jobs: as processes of this
 * machine (local.h), in persistent workers (worker.h), on a cluster; in tests a
 * simulation.
 *
 * An engine knows tasks, not jobs: what to run, and in which slot.  What is
 * particular to one engine (niceness, the terminal, replies) is in the
 * configuration that it is opened with; the scheduler never sees it.  Rules:
 *
 * 1. start never blocks and never calls back: even an immediate failure is
 *    reported later, from the loop.
 * 2. For each start there are: at most one started; any number of outputs; exactly
 *    one vacated, when the task's place is free for another; and exactly one done,
 *    after all of these.  A task is done when its process has ended and its streams
 *    are at end of file, in either order; or, where processes are kept, when it has
 *    been answered.
 * 3. There are three ways to fail: the command failed (RESULT_EXITED not 0,
 *    RESULT_SIGNALED), it could not be started (RESULT_NOT_STARTED), the machinery
 *    lost it (RESULT_LOST).  A task that was reported as started is never
 *    RESULT_NOT_STARTED.
 * 4. A callback may start, signal and hold any task, but not close the engine.
 * 5. Every engine has slots, as many as resize says, and places the tasks: place
 *    names the slot that the next one goes to.  A slot may queue several tasks;
 *    they run in the order of their starts.  started is reported when a task begins
 *    to run, with the time: not before the one ahead of it in its slot is done.  A
 *    task that ends before its turn is done without it.
 * 6. An engine that is out of places for now returns 0 from place; when that changes,
 *    vacated or room is reported at once.  Everything else that holds starts back (delays,
 *    gates, halting) is the scheduler's.
 * 7. After resize to fewer slots, tasks in the others run on; those slots get no
 *    more, and nothing is kept there after the last.
 * 8. An engine may keep the processes that run tasks, one in a slot.  A task's
 *    output is then the reply of its process: it is reported when it is whole, and
 *    then the task is done.  A process that ends without a reply has lost (3) all
 *    tasks of which it may have seen a part; the next process gets the others.  A
 *    signal that ends a task ends its process: that loses no other task, but one
 *    that was running runs again, which is not reported.
 * 9. finish ends what the engine keeps; finished follows from the loop, once, when
 *    nothing is left.  There is no start after finish.
 *
 * One conformance test runs against every engine: tests/engine_check.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "command/template.h"
#include "sys/loop.h"

struct engine;

/* What the engine is given; embedded in the scheduler's job, which keeps it
 * until done.  The engine changes only its own pointer here. */
struct engine_task {
	const struct command *command;
	uint64_t seq;	  /* the job's number */
	unsigned try;	  /* from 1 */
	unsigned slot;	  /* from 1, as place said */
	void *engine_own; /* the engine's state of this task */
};

enum result_kind {
	RESULT_EXITED,	    /* code: exit status */
	RESULT_SIGNALED,    /* code: signal number */
	RESULT_NOT_STARTED, /* code: 126 or 127, as a shell would say; why is set */
	RESULT_LOST,	    /* the machinery failed by itself; why is set */
};

struct engine_result {
	enum result_kind kind;
	int code;
	const char *why;    /* a phrase; valid during the callback; or NULL */
	bool truncated;	    /* a stream was closed while another process held it */
	/* RESULT_NOT_STARTED because the system is short of processes, descriptors
	 * or memory: worth trying again when something has ended. */
	bool try_again;
	bool wanted_terminal; /* it was killed because it waited for the terminal */
	bool has_usage;	      /* usage is that of this task alone */
	struct rusage usage;
};

struct engine_events {
	/* when: clock_mono, ns; the task may have begun a little earlier than this
	 * is reported. */
	void (*started)(void *arg, struct engine_task *task, int64_t when);
	void (*output)(void *arg, struct engine_task *task, int stream,
		       struct bytes data);
	/* Instead of output, where the engine has a pipe with much in it: take from
	 * there what can go on without being looked at.  As read(2) returns; -1 with
	 * errno EAGAIN when it cannot be now, and then the task is held (it is not
	 * asked for one that cannot be); with EOPNOTSUPP: read it, and report it by
	 * output. */
	ssize_t (*move)(void *arg, struct engine_task *task, int stream, int pipe_fd);
	void (*vacated)(void *arg, struct engine_task *task);
	void (*done)(void *arg, struct engine_task *task,
		     const struct engine_result *result);
	void (*room)(void *arg); /* place may succeed again */
	/* Nothing more can be run: the run has to end. */
	void (*failed)(void *arg, const struct err *err);
	void (*finished)(void *arg);
};

struct engine_ops {
	const char *name;
	/* Set the number of slots, at least 1.  Before the first place, and whenever
	 * the number changes. */
	void (*resize)(struct engine *e, unsigned slots);
	/* The slot that the next task goes to; 0: none has room now.  It only asks:
	 * the slot is taken by start. */
	unsigned (*place)(struct engine *e);
	/* Run the task in the slot that place returned last.  Not after finish. */
	void (*start)(struct engine *e, struct engine_task *task);
	/* To everything that the task runs.  SIGCONT and SIGKILL as any other. */
	void (*signal)(struct engine *e, struct engine_task *task, int signo);
	/* Stop or continue reading the task's stdout; what was read before may still be
	 * reported.  Where processes are kept, no other task of the slot is answered
	 * meanwhile.  A killed task is held no longer than its process lives: done must
	 * not depend on it. */
	void (*hold)(struct engine *e, struct engine_task *task, bool hold);
	/* Append where the task runs, for people: "pid 123". */
	void (*describe)(struct engine *e, const struct engine_task *task,
			 struct buf *out);
	/* No task runs, and none will start.  now: without patience; may be called
	 * again to say that. */
	void (*finish)(struct engine *e, bool now);
	void (*close)(struct engine *e); /* no task may be running */
};

/* Every engine's struct begins with this; its open function sets ops and loop. */
struct engine {
	const struct engine_ops *ops;
	struct loop *loop;
	const struct engine_events *events;
	void *arg; /* of the events */
	bool over; /* finished is or will be reported */
	struct loop_call report;
};

/* Report to these events from now on.  Once, before anything else. */
void engine_attach(struct engine *e, const struct engine_events *events, void *arg);

/* For engines: nothing is left, so report finished from the loop, once. */
void engine_is_over(struct engine *e);

/* For engines, in close. */
void engine_clear(struct engine *e);

/* For engines: which slots are taken.  All zero at first. */
struct slots {
	uint64_t *taken; /* a bit per slot */
	unsigned n;	 /* slots there are */
	unsigned ntaken;
	unsigned room; /* slots there are bits for */
};

void slots_clear(struct slots *s);

/* Change the number of slots; those that are taken stay taken, also above n. */
void slots_resize(struct slots *s, unsigned n);

/* The lowest free slot, from 1; 0: as many are taken as there are slots. */
unsigned slots_lowest(const struct slots *s);

void slots_take(struct slots *s, unsigned slot);
void slots_give(struct slots *s, unsigned slot);

#endif
