/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "sim_engine.h"
#include "sys/loop.h"

enum { MAX_TASKS = 256 };

struct sim {
	struct engine base;
	struct sim_task {
		struct engine_task *task;
		bool started, vacated, held;
		int signo;
	} tasks[MAX_TASKS];
	size_t n;
	struct slots slots;
	bool no_room, finishing;
	struct buf signals;
};

static struct sim *sim; /* the one opened last */

static void sim_resize(struct engine *e, unsigned slots)
{
	slots_resize(&((struct sim *)e)->slots, slots);
}

static unsigned sim_place(struct engine *e)
{
	struct sim *s = (struct sim *)e;

	return s->no_room ? 0 : slots_lowest(&s->slots);
}

static void sim_start(struct engine *e, struct engine_task *task)
{
	struct sim *s = (struct sim *)e;

	assert(!s->finishing && s->n < MAX_TASKS);
	slots_take(&s->slots, task->slot);
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

	s->tasks[find(s, task)].signo = signo;
	buf_addf(&s->signals, "%s:%d ", task->command->argv[1], signo);
}

static void sim_hold(struct engine *e, struct engine_task *task, bool hold)
{
	struct sim *s = (struct sim *)e;

	s->tasks[find(s, task)].held = hold;
}

static void sim_describe(struct engine *e, const struct engine_task *task, struct buf *out)
{
	(void)e;
	buf_addf(out, "slot %u", task->slot);
}

static void sim_finish(struct engine *e, bool now)
{
	struct sim *s = (struct sim *)e;

	(void)now;
	assert(s->n == 0);
	s->finishing = true;
	engine_is_over(e);
}

static void sim_close(struct engine *e)
{
	struct sim *s = (struct sim *)e;

	assert(s->n == 0);
	engine_clear(e);
	buf_clear(&s->signals);
	slots_clear(&s->slots);
	free(s);
	sim = NULL;
}

static const struct engine_ops sim_ops = {
    .name = "sim",
    .resize = sim_resize,
    .place = sim_place,
    .start = sim_start,
    .signal = sim_signal,
    .hold = sim_hold,
    .describe = sim_describe,
    .finish = sim_finish,
    .close = sim_close,
};

struct engine *sim_engine_open(struct loop *loop)
{
	sim = xcalloc(1, sizeof *sim);
	sim->base.ops = &sim_ops;
	sim->base.loop = loop;
	return &sim->base;
}

size_t sim_tasks(void)
{
	return sim->n;
}

const char *sim_task(size_t index)
{
	return index < sim->n ? sim->tasks[index].task->command->argv[1] : "(none)";
}

void sim_set_room(bool room)
{
	bool grown = sim->no_room && room;

	sim->no_room = !room;
	if (grown)
		sim->base.events->room(sim->base.arg);
}

void sim_started(size_t index)
{
	if (sim->tasks[index].started)
		return;
	sim->tasks[index].started = true;
	sim->base.events->started(sim->base.arg, sim->tasks[index].task, clock_mono());
}

void sim_output(size_t index, int stream, const char *text)
{
	sim_started(index);
	sim->base.events->output(sim->base.arg, sim->tasks[index].task, stream, bytes_str(text));
}

void sim_vacate(size_t index)
{
	struct engine_task *task = sim->tasks[index].task;

	sim->tasks[index].vacated = true;
	slots_give(&sim->slots, task->slot);
	sim->base.events->vacated(sim->base.arg, task);
}

void sim_done(size_t index, enum result_kind kind, int code)
{
	struct engine_result result = {.kind = kind, .code = code};

	if (kind == RESULT_NOT_STARTED || kind == RESULT_LOST)
		result.why = "the test says so";
	sim_result(index, &result);
}

void sim_result(size_t index, const struct engine_result *result)
{
	struct engine_task *task = sim->tasks[index].task;

	if (result->kind != RESULT_NOT_STARTED)
		sim_started(index);
	if (!sim->tasks[index].vacated)
		sim_vacate(index);
	sim->n--;
	memmove(&sim->tasks[index], &sim->tasks[index + 1],
		(sim->n - index) * sizeof sim->tasks[0]);
	sim->base.events->done(sim->base.arg, task, result);
}

void sim_fail(const struct err *err)
{
	sim->base.events->failed(sim->base.arg, err);
}

const char *sim_signals(void)
{
	static struct buf copy;

	buf_reset(&copy);
	buf_addb(&copy, buf_bytes(&sim->signals));
	buf_reset(&sim->signals);
	return buf_cstr(&copy);
}

int sim_signaled(size_t index)
{
	return sim->tasks[index].signo;
}

bool sim_held(size_t index)
{
	return sim->tasks[index].held;
}

unsigned sim_try(size_t index)
{
	return sim->tasks[index].task->try;
}
