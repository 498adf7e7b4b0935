/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <signal.h>

#include "sched_fixture.h"

/* How a run ends when, after the reason to end it, something else goes wrong. */

enum why { DRAIN, HALT_SOON_, HALT_NOW_, DEADLINE, ERROR, INTERRUPT, NWHY };
enum then { NOTHING, READER_GONE, WRITE_ERROR, BLOCKED, LOG_ERROR, RETRY, HALF_BATCH, NTHEN };

static const char *const whys[] = {"drained", "halted soon", "halted now",
				   "deadline", "error",	     "INT"};
static const char *const thens[] = {"nothing else",  "reader gone", "write error",
				    "reader blocked", "log error",  "retry pending",
				    "half a batch"};

static const int statuses[NWHY][NTHEN] = {
    /* nothing, reader, write, blocked, log, retry, half a batch */
    [DRAIN] = {0, 128 + SIGPIPE, 126, 0, 126, 0, 0},
    [HALT_SOON_] = {3, 128 + SIGPIPE, 126, 3, 126, 3, 3},
    [HALT_NOW_] = {3, 128 + SIGPIPE, 126, 3, 126, 3, 3},
    [DEADLINE] = {124, 128 + SIGPIPE, 126, 124, 126, 124, 124},
    [ERROR] = {126, 126, 126, 126, 126, 126, 126},
    [INTERRUPT] = {130, 130, 130, 130, 130, 130, 130},
};

enum { FULL = 1024 * 1024, RETRIED = 5, FAILED = 3 };

static int input[2], reader;

static bool stops(enum why why)
{
	return why >= HALT_NOW_;
}

static bool halts(enum why why)
{
	return why == HALT_SOON_ || why == HALT_NOW_;
}

/* A pipe that takes no more. */
static int full_pipe(void)
{
	static const char block[4096];
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	fcntl(fds[1], F_SETPIPE_SZ, FULL);
	while (write(fds[1], block, sizeof block) > 0)
		;
	reader = fds[0];
	return fds[1];
}

static void empty_pipe(void)
{
	static char block[65536];

	while (read(reader, block, sizeof block) > 0)
		;
}

static int open_stdout(enum then then)
{
	reader = -1;
	if (then == WRITE_ERROR)
		return open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (then == READER_GONE || then == BLOCKED)
		return full_pipe();
	return scratch_file();
}

/* Jobs a and b run, more could; of the batches [a b] runs, and c waits for more. */
static void begin_case(enum why why, enum then then)
{
	char path[64];

	prepare(2);
	close(t.out);
	t.cfg.output.fds[0] = t.out = open_stdout(then);
	t.cfg.halt = (struct halt){why == HALT_NOW_    ? HALT_NOW
				   : why == HALT_SOON_ ? HALT_SOON
						       : HALT_NEVER,
				   HALT_FAIL, 1, false};
	t.cfg.deadline_ns = why == DEADLINE ? 10 * NSEC_PER_SEC : 0;
	t.cfg.retry = (struct retry_rules){.tries = then == RETRY ? 2 : 1,
					   .delay_ns = NSEC_PER_SEC,
					   .listed = true,
					   .on_code = {[RETRIED] = true}};
	if (then == HALF_BATCH) {
		t.cfg.batch = 2;
		if (pipe2(input, O_CLOEXEC) < 0 || write(input[1], "a\nb\nc\n", 6) != 6)
			abort();
		snprintf(path, sizeof path, "/proc/self/fd/%d", input[0]);
		begin_with_file(path);
	} else {
		begin(6);
	}
}

static void end_for(enum why why)
{
	struct err err;

	switch (why) {
	case DRAIN:
		sched_drain(t.sched);
		break;
	case DEADLINE:
		t.now += 10 * NSEC_PER_SEC;
		break;
	case ERROR:
		err_set(&err, "the engine has failed");
		sim_fail(&err);
		break;
	case INTERRUPT:
		sched_interrupt(t.sched, SIGINT);
		break;
	default: /* the failure of the first job does it */
		break;
	}
}

static void test_lost_before(void)
{
	struct err err;

	prepare(2);
	begin(3);
	err_set(&err, "the engine has failed");
	sim_fail(&err);
	sim_done(0, RESULT_LOST, 0);
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	ok(sched_state(t.sched)->failed == 1 && sched_state(t.sched)->stopped == 1,
	   "what a failing engine has lost has failed; what it still had is stopped");
	clean();
}

static void go_wrong(enum then then)
{
	if (then == READER_GONE)
		close(reader);
	t.log_fails = then == LOG_ERROR;
}

static void let_end(enum why why)
{
	turn();
	while (sim_tasks() > 0) {
		sim_done(0, stops(why) ? RESULT_SIGNALED : RESULT_EXITED,
			 stops(why) ? SIGTERM : 0);
		turn();
	}
}

/* Only a run that is ended by force gives up on its reader. */
static void check_blocked(enum why why)
{
	ok(!t.ended, "%s, %s: the run waits for its reader", whys[why], thens[BLOCKED]);
	pass_ms(999);
	ok(!t.ended, "for a second at least");
	pass_ms(1);
	is_int(t.ended, why >= DEADLINE, "and %s", why >= DEADLINE ? "no longer"
								    : "as long as it takes");
	if (t.ended)
		return;
	pass_ms(3600000);
	ok(!t.ended, "(an hour)");
	empty_pipe();
	turn();
}

static void check(enum why why, enum then then)
{
	int started;

	begin_case(why, then);
	if (then == RETRY) {
		sim_done(1, RESULT_EXITED, RETRIED);
		turn();
		is_int(sched_state(t.sched)->retrying, 1, "%s: a job waits for its retry",
		       whys[why]);
	}
	sim_output(0, 0, "a\n");
	sim_done(0, RESULT_EXITED, halts(why) ? FAILED : 0);
	end_for(why);
	go_wrong(then);
	started = t.started;
	let_end(why);
	if (then == BLOCKED)
		check_blocked(why);
	pass_ms(5000);
	ok(t.ended, "%s, %s: the run ends", whys[why], thens[then]);
	is_int(sched_exit_status(t.sched), statuses[why][then], "with the right status");
	is_int(t.started, started, "and nothing has started after the reason to end it");
	is_int(sched_state(t.sched)->ended_early, 1, "events are left");
	clean();
	if (reader >= 0 && then != READER_GONE)
		close(reader);
	if (then == HALF_BATCH) {
		close(input[0]);
		close(input[1]);
	}
}

int main(void)
{
	for (enum why why = 0; why < NWHY; why++)
		for (enum then then = 0; then < NTHEN; then++)
			check(why, then);
	test_lost_before();
	return done_testing();
}
