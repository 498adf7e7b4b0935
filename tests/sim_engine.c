/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sim_engine.h"
#include "sys/loop.h"

enum { MAX_TASKS = 64 };

struct sim {
	struct engine base;
	struct engine_config cfg;
	struct sim_task {
		struct engine_task *task;
		bool vacated, held;
	} tasks[MAX_TASKS];
	size_t n, room;
	struct buf signals;
};

static struct sim *sim; /* the one opened last */

static struct engine *sim_open(const struct engine_config *cfg, struct err *err)
{
	(void)err;
	sim = xcalloc(1, sizeof *sim);
	sim->base.ops = &sim_engine_ops;
	sim->cfg = *cfg;
	sim->room = MAX_TASKS;
	return &sim->base;
}

static size_t sim_room(struct engine *e)
{
	return ((struct sim *)e)->room;
}

static void sim_start(struct engine *e, struct engine_task *task)
{
	struct sim *s = (struct sim *)e;

	assert(s->n < MAX_TASKS);
	s->tasks[s->n++] = (struct sim_task){.task = task};
}

static size_t find(const struct sim *s, const struct engine_task *task)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->tasks[i].task == task)
			return i;
	abort();
}

static void sim_signal(struct engine *e, struct engine_task *task, int signo)
{
	struct sim *s = (struct sim *)e;

	(void)find(s, task);
	buf_addf(&s->signals, "%s:%d ", task->command->argv[1], signo);
}

static void sim_hold(struct engine *e, struct engine_task *task, bool hold)
{
	struct sim *s = (struct sim *)e;

	s->tasks[find(s, task)].held = hold;
}

static void sim_drain(struct engine *e)
{
	(void)e;
}

static void sim_close(struct engine *e)
{
	struct sim *s = (struct sim *)e;

	assert(s->n == 0);
	buf_clear(&s->signals);
	free(s);
	sim = NULL;
}

const struct engine_ops sim_engine_ops = {
    .name = "sim",
    .open = sim_open,
    .room = sim_room,
    .start = sim_start,
    .signal = sim_signal,
    .hold = sim_hold,
    .drain = sim_drain,
    .close = sim_close,
};

size_t sim_tasks(void)
{
	return sim->n;
}

const char *sim_task(size_t index)
{
	return index < sim->n ? sim->tasks[index].task->command->argv[1] : "(none)";
}

void sim_set_room(size_t room)
{
	bool told = sim->room == 0 && room > 0;

	sim->room = room;
	if (told)
		sim->cfg.events->room(sim->cfg.arg);
}

void sim_started(size_t index)
{
	sim->cfg.events->started(sim->cfg.arg, sim->tasks[index].task, 1);
}

void sim_output(size_t index, int stream, const char *text)
{
	sim->cfg.events->output(sim->cfg.arg, sim->tasks[index].task, stream,
				bytes_str(text));
}

void sim_vacate(size_t index)
{
	sim->tasks[index].vacated = true;
	sim->cfg.events->vacated(sim->cfg.arg, sim->tasks[index].task);
}

void sim_done(size_t index, enum result_kind kind, int code)
{
	struct engine_result result = {.kind = kind, .code = code};
	struct engine_task *task = sim->tasks[index].task;

	if (kind == RESULT_NOT_STARTED || kind == RESULT_LOST)
		result.why = "the test says so";
	if (!sim->tasks[index].vacated)
		sim_vacate(index);
	sim->n--;
	memmove(&sim->tasks[index], &sim->tasks[index + 1],
		(sim->n - index) * sizeof sim->tasks[0]);
	sim->cfg.events->done(sim->cfg.arg, task, &result);
}

const char *sim_signals(void)
{
	static struct buf copy;

	buf_reset(&copy);
	buf_addb(&copy, buf_bytes(&sim->signals));
	buf_reset(&sim->signals);
	return buf_cstr(&copy);
}

bool sim_held(size_t index)
{
	return sim->tasks[index].held;
}
