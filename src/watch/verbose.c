/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/msg.h"
#include "watch/verbose.h"

static void show_command(void *arg, const struct run_state *run,
			 const struct bindings *job)
{
	struct buf line = BUF_INIT;

	(void)run;
	template_show(arg, job, &line);
	buf_addc(&line, '\n');
	msg_raw(buf_bytes(&line));
	buf_clear(&line);
}

const struct watcher_ops verbose_ops = {.started = show_command};
