/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <signal.h>

#include "sched_fixture.h"

/* What the scheduler does when jobs fail. */

static void test_timeout(void)
{
	prepare(2);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	begin(2);
	sim_output(0, 0, "partial\n");
	pass_ms(499);
	is(sim_signals(), "", "nothing is killed before its time");
	pass_ms(1);
	is(sim_signals(), "a:15 b:15 ", "and everything is killed when it is over");
	done(1, 0);
	pass_ms(200);
	is(sim_signals(), "a:15 ", "what ends is left alone, what does not gets more");
	pass_ms(100);
	pass_ms(50);
	is(sim_signals(), "a:15 a:9 ", "until KILL");
	sim_done(0, RESULT_SIGNALED, SIGKILL);
	turn();
	is(written(t.out), "partial\n", "its partial output is shown");
	is_int(status(), 2, "and it has failed, even with exit 0");
	clean();
}

static void test_timeout_percent(void)
{
	prepare(1);
	t.cfg.timeout_percent = 200;
	begin(5);
	pass_ms(100);
	done(0, 0);
	pass_ms(100000);
	is(sim_signals(), "", "one run time has no median");
	done(0, 0);
	pass_ms(300);
	done(0, 0);
	pass_ms(599);
	is(sim_signals(), "", "twice the median of three has not passed");
	pass_ms(1);
	is(sim_signals(), "d:15 ", "and now it has");
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	done(0, 0);
	clean();
}

static void test_retries(void)
{
	prepare(1);
	t.cfg.retry.tries = 3;
	begin(2);
	sim_output(0, 0, "first\n");
	done(0, 1);
	ok(strcmp(sim_task(0), "a") == 0 && sim_try(0) == 2,
	   "a failed job is tried again at once");
	done(0, 1);
	is(sim_task(0), "b", "but a new job comes between two retries");
	done(0, 1);
	ok(strcmp(sim_task(0), "a") == 0 && sim_try(0) == 3, "and then the third try");
	sim_output(0, 0, "third\n");
	done(0, 0);
	is(written(t.out), "third\n", "only the last try's output is shown");
	for (int i = 0; i < 2; i++)
		done(0, 1);
	ok(t.ended, "three tries are all");
	is_int(t.retired, 2, "a job is reported once");
	is_int(status(), 1, "and counts once");
	clean();
}

static void test_retry_delay(void)
{
	prepare(1);
	t.cfg.retry = (struct retry_rules){.tries = 2, .delay_ns = NSEC_PER_SEC};
	begin(2);
	done(0, 1);
	is(sim_task(0), "b", "while a job waits for its next try another has the slot");
	pass_ms(1250);
	is_int(sim_tasks(), 1, "when its time has come it waits for a slot");
	done(0, 0);
	is(sim_task(0), "a", "and gets it");
	done(0, 1);
	ok(t.ended, "and the run ends");
	clean();
	prepare(1);
	t.cfg.retry = (struct retry_rules){.tries = 2, .delay_ns = NSEC_PER_SEC};
	begin(1);
	done(0, 1);
	pass_ms(749);
	is_int(sim_tasks(), 0, "chance takes no more than a quarter off");
	ok(!t.ended, "the run waits");
	pass_ms(501);
	is_int(sim_tasks(), 1, "and adds no more");
	done(0, 0);
	is_int(status(), 0, "a second success is one");
	clean();
}

static void test_halt_soon(void)
{
	prepare(2);
	t.cfg.halt = (struct halt){HALT_SOON, HALT_FAIL, 1, false};
	t.cfg.retry = (struct retry_rules){.tries = 2, .on[JOB_FAILED] = true, .listed = true,
					   .delay_ns = NSEC_PER_SEC};
	begin(4);
	done(0, 9); /* waits for its next try */
	is_int(sim_tasks(), 2, "a failure that is tried again does not halt");
	sim_done(0, RESULT_SIGNALED, 5);
	turn();
	is_int(sim_tasks(), 1, "halt soon: no other job starts");
	is(sim_signals(), "", "and no job is killed");
	pass_ms(5000);
	is_int(sim_tasks(), 1, "also no retry");
	done(0, 1);
	ok(t.ended, "the run ends with the running jobs, which are not tried again");
	is_int(t.stopped, 1, "the job that waited is reported as stopped");
	is_int(status(), 128 + 5, "with the status of the job that halted it");
	clean();
}

static void test_halt_now(void)
{
	prepare(3);
	t.cfg.halt = (struct halt){HALT_NOW, HALT_SUCCESS, 1, false};
	begin(6);
	done(1, 3);
	done(0, 0);
	is(sim_signals(), "c:15 d:15 ", "halt now: the running jobs are killed");
	sim_done(0, RESULT_SIGNALED, 15);
	sim_done(0, RESULT_SIGNALED, 15);
	turn();
	ok(t.ended && t.stopped == 2, "and have been stopped");
	is_int(status(), 0, "success was what was waited for");
	clean();
	prepare(1);
	t.cfg.halt = (struct halt){HALT_NOW, HALT_FAIL, 50, true};
	begin(6);
	done(0, 1);
	done(0, 1);
	ok(!t.ended, "half of two jobs is not counted yet");
	done(0, 0);
	ok(t.ended, "of three it is");
	is_int(status(), 2, "and the status is the number that failed");
	clean();
}

/* What began first counts. */
static void test_timeout_and_stop(void)
{
	prepare(2);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	t.cfg.termination = (struct termination){.steps = {{SIGINT, 1000}, {SIGKILL, 0}},
						 .n = 2};
	t.cfg.halt = (struct halt){HALT_NOW, HALT_FAIL, 1, false};
	begin(2);
	done(0, 1);
	is(sim_signals(), "b:2 ", "a halt ends the other job");
	pass_ms(600);
	is(sim_signals(), "", "whose time is over a little later");
	pass_ms(400);
	sim_done(0, RESULT_SIGNALED, SIGKILL);
	turn();
	ok(t.ended && t.stopped == 1 && sched_state(t.sched)->failed == 1,
	   "it was stopped, and has not timed out");
	is_int(status(), 1, "the status is the failed job's");
	clean();
	prepare(2);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	begin(2);
	pass_ms(500);
	sim_output(0, 0, "a\n");
	sched_interrupt(t.sched, SIGTERM);
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	ok(t.stopped == 0 && sched_state(t.sched)->failed == 2,
	   "one whose time was over before the end of the run has timed out");
	is(written(t.out), "a\n", "and what it has written is shown");
	clean();
}

/* It has ended, but its reader has not taken all of it. */
static void test_stop_after_exit(void)
{
	prepare(2);
	begin(2);
	sim_vacate(0);
	sched_interrupt(t.sched, SIGTERM);
	done(0, 0);
	is_int(t.stopped, 1, "a job that left its output open to others is stopped");
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	clean();
}

static struct engine_result short_of_processes(void)
{
	return (struct engine_result){.kind = RESULT_NOT_STARTED,
				      .code = 126,
				      .why = "no process",
				      .try_again = true};
}

static void test_shortage(void)
{
	struct engine_result none = short_of_processes();

	prepare(4);
	t.begin_only = true;
	begin(6);
	sim_result(3, &none);
	turn();
	is_int(sim_tasks(), 3, "after a shortage no more run than could");
	pass_ms(99);
	done(0, 0);
	is_int(sim_tasks(), 3, "one is started when one has ended");
	pass_ms(1);
	is_int(sim_tasks(), 4, "after a while more are tried again");
	is_int(sim_try(3), 1, "and what was not started has lost no try");
	while (sim_tasks() > 0)
		done(0, 0);
	ok(t.ended && sched_state(t.sched)->ok == 6, "all run in the end");
	clean();
	prepare(1);
	t.begin_only = true;
	begin(1);
	for (int i = 0; i < 300; i++) {
		sim_result(0, &none);
		turn();
		pass_ms(100);
	}
	is_int(sim_tasks(), 1, "for half a minute a process is waited for");
	sim_result(0, &none);
	turn();
	ok(t.ended && status() == 1, "and then the job has failed");
	clean();
}

static void test_percent_reaches_running(void)
{
	prepare(2);
	t.cfg.timeout_percent = 200;
	begin(5);
	for (int i = 0; i < 3; i++) {
		pass_ms(100);
		done(1, 0);
	}
	is(sim_signals(), "", "a job that was there before the median");
	pass_ms(100);
	is(sim_signals(), "a:15 ", "is killed when it is known, if its time is over");
	sim_done(0, RESULT_SIGNALED, SIGTERM);
	turn();
	done(0, 0);
	clean();
}

static void test_deadline(void)
{
	prepare(1);
	t.cfg.deadline_ns = 10 * NSEC_PER_SEC;
	begin(3);
	done(0, 0);
	pass_ms(9999);
	is(sim_signals(), "", "before the deadline jobs run");
	pass_ms(1);
	is(sim_signals(), "b:15 ", "at it they are killed");
	sim_done(0, RESULT_SIGNALED, 15);
	turn();
	ok(t.ended, "and no others start");
	is_int(status(), STATUS_DEADLINE, "the status is 124");
	clean();
}

static void test_second_interrupt(void)
{
	prepare(1);
	t.cfg.termination = (struct termination){.steps = {{SIGINT, 1000}}, .n = 1};
	begin(1);
	sched_interrupt(t.sched, SIGINT);
	is(sim_signals(), "a:2 ", "an interrupt does as --termseq says");
	sched_interrupt(t.sched, SIGINT);
	is(sim_signals(), "a:9 ", "a second one kills, even if it does not say KILL");
	sim_done(0, RESULT_SIGNALED, 9);
	turn();
	clean();
}

static void test_gate(void)
{
	prepare(4);
	add_gate(2);
	begin(3);
	is_int(sim_tasks(), 2, "no more jobs run than a gate allows");
	ok(gate.refused > 0 && gate.inside == 2, "the gate was asked");
	sim_vacate(0);
	turn();
	is_int(sim_tasks(), 3, "when a slot is free again another may enter");
	done(0, 0);
	done(0, 0);
	done(0, 0);
	is_int(gate.inside, 0, "at the end every job has left the gate");
	clean();
}

static void test_limits(void)
{
	static char root[20];

	prepare(4);
	t.cfg.limits = (struct limits){.root = root, .memfree = UINT64_MAX};
	begin(1);
	is_int(sim_tasks(), 0, "a lack of memory holds starts back");
	for (int i = 0; i < 3; i++)
		pass_ms(1000);
	ok(strstr(t.said, "nothing starts while only") != NULL, "it is looked at again");
	strcpy(root, "/nonexistent");
	pass_ms(999);
	is_int(sim_tasks(), 0, "once a second,");
	pass_ms(1);
	is_int(sim_tasks(), 1, "and then the run goes on");
	done(0, 0);
	ok(t.ended, "to its end");
	clean();
}

static bool backlog;

static bool has_backlog(void *arg)
{
	(void)arg;
	return backlog;
}

static void test_backlog(void)
{
	prepare(1);
	begin(2);
	msg_set_full(has_backlog, NULL);
	backlog = true;
	done(0, 0);
	pass_ms(100);
	is_int(sim_tasks(), 0, "messages without a reader hold starts back");
	backlog = false;
	pass_ms(20);
	is_int(sim_tasks(), 1, "until they are read");
	done(0, 0);
	clean();
}

static void test_slots(void)
{
	prepare(1);
	begin(6);
	sched_set_slots(t.sched, 3);
	turn();
	is_int(sim_tasks(), 3, "more slots: more jobs at once");
	sched_set_slots(t.sched, 1);
	done(0, 0);
	done(0, 0);
	is_int(sim_tasks(), 1, "fewer slots: no job starts until few enough run");
	done(0, 0);
	is_int(sim_tasks(), 1, "then one by one");
	sched_drain(t.sched);
	done(0, 0);
	ok(t.ended, "a drained run ends with what runs");
	is_int(sched_state(t.sched)->done, 4, "the rest is not run");
	is_int(status(), 0, "which is not a failure");
	clean();
}

static void test_failing_log(void)
{
	prepare(1);
	t.log_fails = true;
	begin(4);
	done(0, 0);
	sim_done(0, RESULT_SIGNALED, 15);
	turn();
	ok(t.ended, "a watcher that fails ends the run");
	is_int(status(), STATUS_ERROR, "with status 126");
	ok(strstr(t.said, "no log") != NULL, "and its reason");
	clean();
}

int main(void)
{
	test_timeout();
	test_timeout_percent();
	test_retries();
	test_retry_delay();
	test_halt_soon();
	test_halt_now();
	test_timeout_and_stop();
	test_stop_after_exit();
	test_shortage();
	test_percent_reaches_running();
	test_deadline();
	test_second_interrupt();
	test_gate();
	test_limits();
	test_backlog();
	test_slots();
	test_failing_log();
	return done_testing();
}
