/* SPDX-License-Identifier: ISC */
/* Connects signals and the jobs file with the scheduler: SIGINT, SIGTERM, SIGHUP and
 * SIGQUIT interrupt the run, SIGTSTP stops it together with its jobs, SIGUSR1 lists the
 * running jobs and SIGUSR2 starts no more.  While volley is stopped its clock is paused, so that no job
 * times out meanwhile. */
#include <config.h>

#include <signal.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/control.h"
#include "run/limits.h"

static void on_end_signal(void *arg, int signo)
{
	struct control *c = arg;

	terminal_hurry(c->terminal, clock_mono());
	sched_interrupt(c->sched, signo);
}

/* The jobs are stopped as well: time does not count. */
static void stop_until_continued(void)
{
	clock_pause();
	loop_signal_default(SIGTSTP);
	clock_resume();
}

static void on_stop_signal(void *arg, int signo)
{
	struct control *c = arg;

	sched_signal_all(c->sched, signo);
	terminal_leave(c->terminal);
	stop_until_continued();
	terminal_return(c->terminal);
	sched_signal_all(c->sched, SIGCONT);
}

static void on_list_signal(void *arg, int signo)
{
	struct control *c = arg;

	(void)signo;
	sched_print(c->sched);
}

static void on_drain_signal(void *arg, int signo)
{
	struct control *c = arg;

	(void)signo;
	if (sched_state(c->sched)->phase != PHASE_RUNNING)
		return;
	msg_print("starting no more jobs; %llu still run",
		  (unsigned long long)sched_state(c->sched)->running);
	sched_drain(c->sched);
}

static void look_at_jobs_file(void *arg)
{
	struct control *c = arg;
	unsigned jobs;
	struct err err;

	if (limits_read_jobs(c->jobs_file, &jobs, &err) < 0) {
		msg_once(&c->warned, "%s; continuing with %u jobs at a time", err.text,
			 c->jobs);
	} else if (jobs != c->jobs) {
		c->jobs = jobs;
		c->warned = false;
		sched_set_slots(c->sched, jobs);
	}
	loop_timer_set(c->loop, &c->timer, clock_in(NSEC_PER_SEC), look_at_jobs_file, c);
}

void control_watch(struct control *c)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		loop_signal(c->loop, ends[i], on_end_signal, c);
	loop_signal(c->loop, SIGTSTP, on_stop_signal, c);
	loop_signal(c->loop, SIGUSR1, on_list_signal, c);
	loop_signal(c->loop, SIGUSR2, on_drain_signal, c);
	if (c->jobs_file != NULL)
		loop_timer_set(c->loop, &c->timer, clock_in(NSEC_PER_SEC),
			       look_at_jobs_file, c);
}

/* The terminal has stopped only the job's group, which is in its foreground.  Stop
 * volley's group too, with everything in a pipeline with volley; otherwise the shell
 * would wait for them. */
void control_suspend(void *arg)
{
	(void)arg;
	kill(0, SIGTSTP); /* blocked here until all of volley is stopped */
	stop_until_continued();
}
