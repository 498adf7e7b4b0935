/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <signal.h>

#include "sched_fixture.h"

/* What the scheduler starts, when, and what becomes of the output. */

static void test_slots(void)
{
	prepare(2);
	begin(4);
	is_int(sim_tasks(), 2, "as many jobs start as there are slots");
	is(sim_task(1), "b", "in the order of the events");
	sim_vacate(0);
	turn();
	is_int(sim_tasks(), 3, "a slot is free when its process is reaped, before the job "
			       "is done");
	done(0, 0);
	is_int(sim_tasks(), 2, "and not freed twice when it is done");
	done(0, 0);
	done(0, 0);
	ok(!t.ended, "the run goes on while a job runs");
	done(0, 0);
	ok(t.ended, "and ends with the last");
	is_int(status(), 0, "with status 0 when all succeeded");
	is_int(sched_state(t.sched)->total, 4, "the total was known");
	clean();
}

static void test_grouping(void)
{
	prepare(2);
	begin(2);
	sim_output(0, 0, "a1\n");
	sim_output(1, 0, "b1\n");
	sim_output(0, 1, "a-err\n");
	sim_output(0, 0, "a2\n");
	turn();
	is(written(t.out), "", "nothing is written before a job is done");
	done(1, 0);
	done(0, 0);
	is(written(t.out), "b1\na1\na2\n", "then all of it, in the order of completion");
	is(written(t.err), "a-err\n", "and stderr stays stderr");
	clean();
}

static void test_keep_order(void)
{
	prepare(3);
	t.cfg.output.keep_order = true;
	begin(3);
	sim_output(1, 0, "b\n");
	sim_output(0, 0, "a1\n");
	turn();
	is(written(t.out), "a1\n", "the job whose turn it is streams");
	done(1, 0);
	is(written(t.out), "a1\n", "one that is not waits, although it is done");
	sim_output(0, 0, "a2\n");
	done(0, 0);
	is(written(t.out), "a1\na2\nb\n", "until its turn comes");
	done(0, 0);
	ok(t.ended, "and the run ends");
	clean();
}

static void test_window(void)
{
	prepare(2);
	t.cfg.output.keep_order = true;
	t.cfg.window = 2;
	begin(4);
	done(1, 0);
	is_int(sim_tasks(), 2, "with one job waiting for its turn another starts");
	done(1, 0);
	is_int(sim_tasks(), 1, "when the window is full no job starts");
	done(0, 0);
	is_int(sim_tasks(), 1, "until the slow one is done");
	is(sim_task(0), "d", "and then the next");
	done(0, 0);
	clean();
}

static void test_results(void)
{
	prepare(4);
	begin(4);
	done(0, 3);
	sim_done(0, RESULT_SIGNALED, SIGKILL);
	sim_done(0, RESULT_NOT_STARTED, 126);
	sim_done(0, RESULT_LOST, 0);
	turn();
	is_int(sched_state(t.sched)->failed, 4, "failed, killed, not started and lost "
						"jobs have all failed");
	is_int(status(), 4, "the status is their number");
	clean();
}

static void test_many_failures(void)
{
	char *many[150];

	for (size_t i = 0; i < 150; i++)
		many[i] = (char *)"a";
	prepare(1);
	begin_with(many, 150);
	for (size_t i = 0; i < 150; i++)
		done(0, 1);
	ok(t.ended, "150 jobs run");
	is_int(status(), 101, "more than 100 failures are status 101");
	clean();
	prepare(1);
	begin_with(many, 100);
	for (size_t i = 0; i < 100; i++)
		done(0, 1);
	is_int(status(), 100, "exactly 100 failures are status 100");
	clean();
}

static void test_delay(void)
{
	prepare(4);
	t.cfg.delay_ns = 100 * NSEC_PER_MSEC;
	begin(3);
	is_int(sim_tasks(), 1, "the first job starts at once");
	pass_ms(99);
	is_int(sim_tasks(), 1, "the second not before the delay");
	pass_ms(1);
	is_int(sim_tasks(), 2, "but then");
	pass_ms(1000);
	is_int(sim_tasks(), 3, "and the third");
	done(0, 0);
	done(0, 0);
	done(0, 0);
	ok(t.ended, "the end does not wait for another");
	clean();
}

static void test_interrupt(void)
{
	prepare(2);
	begin(4);
	sim_output(0, 0, "partial\n");
	sched_interrupt(t.sched, SIGTERM);
	turn();
	is(sim_signals(), "a:15 b:15 ", "an interrupt sends TERM to every job");
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	is_int(sim_tasks(), 1, "and starts no other");
	pass_ms(200);
	is(sim_signals(), "b:15 ", "a job that stays gets it again");
	pass_ms(100);
	is(sim_signals(), "b:15 ", "and again");
	pass_ms(50);
	is(sim_signals(), "b:9 ", "and then KILL, 350 ms after the first");
	ok(!t.ended, "the run waits for it");
	sim_done(0, RESULT_SIGNALED, SIGKILL);
	turn();
	ok(t.ended, "and is over when it is dead");
	is(written(t.out), "", "what stopped jobs had written is not shown");
	is_int(sched_state(t.sched)->stopped, 2, "they count as stopped");
	is_int(status(), 128 + SIGTERM, "the status is the signal's");
	clean();
}

static void test_second_interrupt(void)
{
	prepare(1);
	begin(1);
	sched_interrupt(t.sched, SIGINT);
	sched_interrupt(t.sched, SIGINT);
	turn();
	is(sim_signals(), "a:15 a:9 ", "a second interrupt kills at once");
	sim_done(0, RESULT_SIGNALED, SIGKILL);
	turn();
	ok(t.ended, "and the run ends");
	clean();
}

static void test_stop_on_failure(void)
{
	prepare(1);
	t.cfg.halt = (struct halt){HALT_NOW, HALT_FAIL, 1, false};
	begin(4);
	done(0, 0);
	sim_output(0, 0, "why it failed\n");
	done(0, 7);
	ok(t.ended, "the first failure ends the run");
	is(written(t.out), "why it failed\n", "with that job's output shown");
	is_int(status(), 7, "and with its status");
	is_int(sched_state(t.sched)->done, 2, "the others did not run");
	clean();
}

static void test_batches(void)
{
	prepare(4);
	t.cfg.batch = 3;
	begin(4);
	is_int(sim_tasks(), 2, "four events in batches of three are two jobs");
	is(sim_task(1), "d", "the last one smaller");
	is_int(sched_state(t.sched)->total, 2, "and the total counts jobs");
	done(0, 0);
	done(0, 0);
	ok(t.ended, "and the run ends");
	clean();
}

static void test_room(void)
{
	prepare(4);
	begin(0);
	ok(t.ended, "without events the run ends at once");
	clean();
	prepare(1);
	begin(2);
	sim_set_room(false);
	done(0, 0);
	is_int(sim_tasks(), 0, "an engine without room gets no job");
	sim_set_room(true);
	turn();
	is_int(sim_tasks(), 1, "until it says that there is");
	done(0, 0);
	clean();
}

static void test_failed_write(void)
{
	prepare(1);
	t.cfg.output.fds[0] = open("/dev/full", O_WRONLY | O_CLOEXEC);
	begin(4);
	sim_output(0, 0, "lost\n");
	done(0, 0);
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	ok(t.ended, "a failed write ends the run");
	is_int(status(), STATUS_ERROR, "with status 126");
	ok(strstr(t.said, "No space left") != NULL,
	   "and says why");
	close(t.cfg.output.fds[0]);
	clean();
}

int main(void)
{
	test_slots();
	test_grouping();
	test_keep_order();
	test_window();
	test_results();
	test_many_failures();
	test_delay();
	test_interrupt();
	test_second_interrupt();
	test_stop_on_failure();
	test_batches();
	test_room();
	test_failed_write();
	return done_testing();
}
