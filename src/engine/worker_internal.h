/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_WORKER_INTERNAL_H
#define ENGINE_WORKER_INTERNAL_H

/* What the files of the worker engine share: worker.c (tasks, and the lives of
 * workers), worker_io.c (their streams).  Nobody else includes this. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "engine/children.h"
#include "engine/launch.h"
#include "engine/worker.h"
#include "engine/worker_protocol.h"
#include "sys/loop.h"

enum { WORKER_READ_SIZE = 64 * 1024 };

/* A task in a worker's queue. */
struct sent {
	struct engine_task *task;
	struct worker *worker; /* NULL: it is lost, and about to be told so */
	struct link link;
	uint64_t from; /* where its line begins in all that the worker is written */
	bool told;     /* that it has started */
	bool killed;
	bool held;
	struct sent *next_free;
};

struct worker {
	struct workers *engine;
	unsigned number;
	bool alive;   /* has a process, or one whose end is not dealt with */
	bool closing; /* gets no more tasks: its stdin is closed, or about to be */
	bool put_down; /* ends because a task was killed */
	bool wanted_terminal;
	bool not_started; /* its launch has failed */
	struct child child;
	struct launch launch;
	uint64_t lives; /* processes so far: the try of its mark, */
	char life[32];	/* and the variable that says so */
	int in, out, err;
	int gate; /* open until its process has come to its program */
	struct loop_fd in_watch, out_watch, err_watch, gate_watch;

	struct link tasks; /* sent; the head's reply is the next */
	size_t ntasks, nheld;
	struct buf lines; /* to be written */
	size_t lines_at;  /* so much of that is */
	uint64_t written; /* in this life, and perhaps seen by the process */
	uint64_t queued;  /* the same, and what is to be */
	uint64_t given, answered; /* tasks, in this life */
	size_t window, fast;
	int64_t head_since;
	int64_t now; /* when what is being dealt with came */

	struct worker_decoder decoder;
	struct buf said; /* a line on stderr that is not complete */
	int status;	 /* as waitpid gives it */
	struct engine_result result;
	char why[LAUNCH_WHY]; /* it ended */
	struct loop_call flush;
	struct loop_timer grace, hint, err_later;
};

struct workers {
	struct engine base;
	struct worker_config cfg;
	struct children children;
	struct launch_means means;
	struct worker **v;
	size_t n, cap; /* slots that were ever there */
	unsigned slots; /* in use now */
	char *buffer;
	struct sent *free_list;
	unsigned deaths; /* in a row */
	bool failed, hinted;
	bool finishing; /* no task will come any more */
};

/* --- worker.c */

/* The task that the next reply is for; there must be one. */
struct sent *worker_first(struct worker *w);

/* Is there one, and was a part of it written? */
bool worker_has_begun(struct worker *w);

/* Tell that it has started, once; there must be one. */
void worker_tell_head(struct worker *w);

/* Take the task out of the queue / tell that it is done: then it is gone. */
void worker_dequeue(struct sent *s);
void worker_finish(struct workers *e, struct sent *s, const struct engine_result *result);

/* The run has to end. */
void workers_fail(struct workers *e, const struct err *err);

/* Do what there is to do with its stdin; a loop_call_fn. */
void worker_flush(void *worker);

/* --- worker_io.c */

void worker_close_fd(struct worker *w, struct loop_fd *watch, int *fd);

/* Watch one of its descriptors, if it is not yet; fn gets w.  The run ends when that
 * cannot be done. */
void worker_watch(struct worker *w, struct loop_fd *watch, int fd, short events,
		  loop_fd_fn fn);

/* Write what there is, as far as its pipe takes it. */
void worker_write(struct worker *w);

/* End its input when it gets no more, and see that it ends then. */
void worker_close_if_over(struct worker *w);

/* Read its replies, unless a task is held. */
void worker_watch_stdout(struct worker *w);

void worker_stderr_ready(void *worker, short events); /* a loop_fd_fn */

/* It has ended: take what is in its pipes, and close them. */
void worker_read_rest(struct worker *w);

#endif
