/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/* The contract between the scheduler and whatever runs jobs: processes of this
 * machine (local), persistent workers, a cluster; in tests a simulation.
 *
 * An engine knows tasks, not jobs: what to run, and where.  Rules:
 *
 * 1. start never blocks and never calls back: even an immediate failure is told
 *    later, from the loop.
 * 2. For each start there are: at most one started; any number of outputs; at
 *    most one vacated, when the task's slot is free for another; and exactly one
 *    done, after all of these.  A task is done when its process has been reaped
 *    and its streams are at end of file, in either order; or, where processes are
 *    kept (7), when it has been answered.
 * 3. Three different ways to fail: the command failed (RESULT_EXITED not 0,
 *    RESULT_SIGNALED), it could not be started (RESULT_NOT_STARTED), the
 *    machinery lost it (RESULT_LOST).  What has been told to have started is not
 *    told to be RESULT_NOT_STARTED.
 * 4. A callback may start, signal and hold any task, but not close the engine.
 * 5. room counts the engine's own capacity.  Everything else that holds starts
 *    back (-j, delays, halting) is the scheduler's.
 * 6. An engine that has place queues tasks: it says which slot the next one goes
 *    to, several may be in one.  The tasks of a slot have their turns in the order
 *    of their starts, and started is told when a task's turn has come: not before
 *    the one ahead is done.  What ends before its turn is done without.  Then -j is
 *    the engine's as well: resize tells it how many slots there are; a slot that is
 *    too many gets no more tasks, and nothing is kept in it when its last is done.
 * 7. An engine may keep the processes that run tasks, one in a slot; it has settle,
 *    to end them.  A task's output is the reply of its process: it is told when that
 *    is whole, and then the task is done.  A process that ends without has lost (3)
 *    all the tasks of which it may have seen a part; the next process gets the
 *    others.  A signal that ends a task ends its process: that loses no other task,
 *    but one that had its turn has it again, which is not told.
 *
 * One conformance test runs against every engine: tests/engine_check.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"
#include "command/template.h"

struct loop;
struct engine;

/* What the engine is given; embedded in the scheduler's job, which keeps it
 * until done.  The engine changes nothing here but its own pointer. */
struct engine_task {
	const struct command *command;
	uint64_t seq;	  /* the job's number: VOLLEY_SEQ in its environment */
	unsigned slot;	  /* from 1; what place has said */
	bool inherit;	  /* stdout and stderr are volley's own, not captured */
	bool foreground;  /* the terminal is the task's while it runs, and its stdin
			   * is volley's own, or the terminal if that is none */
	void *engine_own; /* the engine's state of this task */
};

enum result_kind {
	RESULT_EXITED,	    /* code: exit status */
	RESULT_SIGNALED,    /* code: signal number */
	RESULT_NOT_STARTED, /* code: 126 or 127, as a shell would say; why is set */
	RESULT_LOST,	    /* the machinery failed; why is set */
};

struct engine_result {
	enum result_kind kind;
	int code;
	const char *why;	/* a phrase; valid during the callback; or NULL */
	bool truncated;		/* a stream was closed though somebody still held it */
	/* RESULT_NOT_STARTED because the system is short of processes, descriptors
	 * or memory just now: worth trying again when something has ended. */
	bool try_again;
	bool wanted_terminal;	/* it was killed because it waited for the terminal */
	struct rusage usage;
};

struct engine_events {
	void (*started)(void *arg, struct engine_task *task, pid_t pid);
	void (*output)(void *arg, struct engine_task *task, int stream,
		       struct bytes data);
	/* Instead of output, where the engine has a pipe with much in it: take from
	 * there what can go on without being looked at.  As read(2) returns; -1 with
	 * errno EAGAIN when it cannot be now, and then the task is held (it is not
	 * asked for one that cannot be); with EOPNOTSUPP: read it, and tell it by
	 * output. */
	ssize_t (*move)(void *arg, struct engine_task *task, int stream, int pipe_fd);
	void (*vacated)(void *arg, struct engine_task *task);
	void (*done)(void *arg, struct engine_task *task,
		     const struct engine_result *result);
	void (*room)(void *arg); /* room() has grown from 0 */
	/* A task that has the terminal was stopped by its user (Ctrl-Z): stop as
	 * well, and send it SIGCONT when continued. */
	void (*suspended)(void *arg, struct engine_task *task);
	/* Nothing more can be run: the run has to end. */
	void (*failed)(void *arg, const struct err *err);
};

enum worker_reply_kind { WORKER_REPLY_LINE, WORKER_REPLY_NULL, WORKER_REPLY_JSON };

/* For the engine of persistent workers. */
struct worker_rules {
	enum worker_reply_kind reply;
	size_t window; /* tasks in one worker; 0: grows by itself */
	uint64_t max;  /* tasks in a worker's life; 0: no limit */
};

struct engine_config {
	struct loop *loop;
	const struct engine_events *events;
	void *arg;	   /* first argument of every event */
	int nice;	   /* added to the tasks' niceness */
	int64_t drain_ns;  /* how long a stream may stay silent after the exit */
	unsigned slots;	   /* for engines that have place */
	struct worker_rules workers;
};

struct engine_ops {
	const char *name;
	struct engine *(*open)(const struct engine_config *cfg, struct err *err);
	size_t (*room)(struct engine *e);
	void (*start)(struct engine *e, struct engine_task *task);
	/* To everything that the task runs.  SIGCONT and SIGKILL as any other. */
	void (*signal)(struct engine *e, struct engine_task *task, int signo);
	/* Stop or go on reading the task's stdout; what was read before may still be
	 * told.  Where processes are kept, nobody in the slot is answered meanwhile.
	 * A task that was killed is not held any longer than its process lives: done
	 * must not depend on it. */
	void (*hold)(struct engine *e, struct engine_task *task, bool hold);
	void (*drain)(struct engine *e); /* no more starts will come */

	/* These may be NULL. */
	unsigned (*place)(struct engine *e); /* there must be room */
	void (*resize)(struct engine *e, unsigned slots);
	/* No task runs, and none will: end what waits for more of them; now: without
	 * patience.  False while something is left; room is told when nothing is. */
	bool (*settle)(struct engine *e, bool now);

	void (*close)(struct engine *e); /* no task may be running */
};

/* Every engine's struct begins with this. */
struct engine {
	const struct engine_ops *ops;
};

extern const struct engine_ops engine_local_ops;
extern const struct engine_ops engine_worker_ops;

#endif
