/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_LOCAL_H
#define ENGINE_LOCAL_H

/* The engine that runs each task as a child process of volley.  It owns its children,
 * their pipes and its slots; what it reads goes to the scheduler's callbacks at once. */

#include "engine/engine.h"

struct local_config {
	struct loop *loop;
	int nice;	  /* added to the tasks' niceness */
	int64_t drain_ns; /* how long a stream may stay silent after the exit */
	bool inherit;	  /* stdout and stderr are volley's own, not captured */
	/* The terminal is the task's while it runs, and its stdin is volley's own unless
	 * events come from there: then it is the terminal.  For one slot, with inherit. */
	bool foreground;
	bool stdin_taken; /* events may come from volley's stdin */
	/* A task in the foreground was stopped by its user: stop volley as well, and
	 * return when it is continued. */
	void (*suspend)(void *arg);
	void *suspend_arg;
};

/* NULL with err. */
struct engine *engine_local_open(const struct local_config *cfg, struct err *err);

#endif
