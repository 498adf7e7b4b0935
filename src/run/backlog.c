/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/backlog.h"

enum { LOOK_AGAIN_MS = 20 };

static void ask_again(void *arg)
{
	struct backlog *b = arg;

	if (b->ready != NULL)
		b->ready(b->ready_arg);
}

static bool enter(void *arg, unsigned running)
{
	struct backlog *b = arg;

	(void)running;
	if (!msg_is_full())
		return true;
	if (b->timer.pos == 0)
		loop_timer_set(b->loop, &b->timer,
			       clock_in(LOOK_AGAIN_MS * NSEC_PER_MSEC), ask_again, b);
	return false;
}

static void leave(void *arg, unsigned running)
{
	(void)arg;
	(void)running;
}

static void on_ready(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
	struct backlog *b = arg;

	b->ready = fn;
	b->ready_arg = fn_arg;
}

const struct gate_ops backlog_gate = {enter, leave, on_ready};

void backlog_clear(struct backlog *b)
{
	loop_timer_cancel(b->loop, &b->timer);
}
