/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_ENGINE_H
#define TESTS_SIM_ENGINE_H

/* An engine that runs nothing: the test says what happens to each task.  It
 * keeps the contract of engine.h, as it passes the same conformance test. */

#include "engine/engine.h"

struct engine *sim_engine_open(struct loop *loop);

/* How many tasks the engine opened last has, and the index-th of them (the
 * oldest first) by its second argument (argv[1]). */
size_t sim_tasks(void);
const char *sim_task(size_t index);

/* Which try of its job the task is. */
unsigned sim_try(size_t index);

/* From now on place finds a slot, or none. */
void sim_set_room(bool room);

/* What task number index does; output and an end imply that it has started. */
void sim_started(size_t index);
void sim_output(size_t index, int stream, const char *text);
void sim_vacate(size_t index);
/* Vacates first if that was not done; the task is gone after this. */
void sim_done(size_t index, enum result_kind kind, int code);
void sim_result(size_t index, const struct engine_result *result);

/* The engine reports that nothing more can be run. */
void sim_fail(const struct err *err);

/* The signals that were sent, as "NAME:signo NAME:signo ", and forget them. */
const char *sim_signals(void);

/* The signal that the task was sent last; 0: none. */
int sim_signaled(size_t index);

/* Is the task held back? */
bool sim_held(size_t index);

#endif
