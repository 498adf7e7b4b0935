/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>
#include <unistd.h>

#include "run/control.h"
#include "sys/terminal.h"

static void on_end_signal(void *arg, int signo)
{
	struct control *c = arg;

	sched_interrupt(c->sched, signo);
}

static void on_stop_signal(void *arg, int signo)
{
	struct control *c = arg;

	sched_signal_all(c->sched, signo);
	loop_signal_default(signo); /* returns when volley is continued */
	sched_signal_all(c->sched, SIGCONT);
}

void control_watch(struct control *c)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		loop_signal(c->loop, ends[i], on_end_signal, c);
	loop_signal(c->loop, SIGTSTP, on_stop_signal, c);
}

void control_suspend(void *arg)
{
	pid_t job = tcgetpgrp(STDIN_FILENO);

	(void)arg;
	terminal_give(STDIN_FILENO, getpgrp());
	loop_signal_default(SIGTSTP);
	if (job > 0)
		terminal_give(STDIN_FILENO, job);
}
