/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_CHECK_H
#define TESTS_ENGINE_CHECK_H

/* The contract of engine.h as a test that every engine has to pass, and what
 * the tests of a single engine need besides: tasks whose story is written down
 * and checked against the rules while it happens. */

#include "base/buf.h"
#include "engine/engine.h"

/* An engine, and how to make its tasks behave.  What a task does is a script in
 * the language of tests/helpers/child: "line=a eline=b exit=3", "hang", ...;
 * "missing" is a command that does not exist, "forbidden" one that may not be
 * executed. */
struct engine_subject {
	const char *name;
	struct engine *(*open)(struct loop *loop, int64_t drain_ns, struct err *err);
	/* Fill the command's path and argv (an array of 16).  The script stays as long
	 * as the command. */
	void (*command)(struct command *c, const char *script);
	/* Let the tasks do what they are about to do; NULL: they do so anyway. */
	void (*play)(void);
	unsigned slots; /* two at least, and as many as endings are checked at once */
	bool queues;	/* several tasks may be in a slot */
	/* Rule 8: it keeps processes.  The output of a task is told at its end, stdout
	 * and stderr together; nothing is known of what a task has said that is killed,
	 * or lost because its process has ended by itself.  Scripts may hold "reply",
	 * to answer before their end. */
	bool keeps;
};

struct checked_task {
	struct engine_task task;
	struct command command;
	char *script, *argv[16];
	struct buf said[2]; /* its stdout and stderr */
	/* "started", "out" (once for many), "vacated", "done" as they came, a
	 * blank behind each; a breach of the rules stands there as "!what". */
	struct buf story;
	struct engine_result result;
	char why[256];
	pid_t pid;
	int64_t asked, began; /* when start was called; as started says */
	bool ended;
	void (*on)(struct checked_task *t, const char *what); /* told of it all, or NULL */
};

/* The engine, its subject and the loop of this test; one at a time. */
extern const struct engine_subject *subject;
extern struct engine *engine;
extern struct loop *engine_loop;
extern char engine_failed[]; /* what it said when it could not go on */
/* A vacated or room was reported at which place did not return 0; for tests to reset. */
extern bool engine_told_room;

void engine_check_open(const struct engine_subject *subject, int64_t drain_ns);
/* Fails the test when a task has not ended; finishes the engine. */
void engine_check_close(void);

struct checked_task *task_new(const char *script);
void task_start(struct checked_task *t); /* there must be room */
struct checked_task *task_run(const char *script); /* new and start */
struct checked_task *task_runf(const char *fmt, ...) /* with names of files in it */
    __attribute__((format(printf, 1, 2)));
void task_signal(struct checked_task *t, int signo);
void task_hold(struct checked_task *t, bool hold);

/* Run the loop until the task has ended / the story has this in it. */
void task_wait(struct checked_task *t);
void task_wait_for(struct checked_task *t, const char *what);
void turns(int n); /* of the loop, without waiting */
void engine_finish(bool now); /* and wait until it has finished */
bool engine_has_finished(void);

/* Is this in its story? */
bool task_has(const struct checked_task *t, const char *what);

const char *task_story(struct checked_task *t);
const char *task_said(struct checked_task *t, int stream);
/* "exit 3", "signal 9", "not started 127", "lost", and " truncated" and
 * " wanted the terminal" behind it. */
const char *task_result(struct checked_task *t);

/* Every rule, with one engine. */
void engine_check(const struct engine_subject *subject);

#endif
