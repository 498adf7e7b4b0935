/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>

#include "sched_fixture.h"
#include "sys/spawn.h"

/* The second try of a job, several jobs that wait for one, and starts that fail for
 * want of processes. */

static const struct termination two_steps = {.steps = {{SIGTERM, 100}, {SIGKILL, 25}},
					     .n = 2};

static void die_of(int signo)
{
	sim_done(0, RESULT_SIGNALED, signo);
	turn();
}

static void test_second_timeout(void)
{
	prepare(1);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	t.cfg.retry.tries = 2;
	t.cfg.termination = two_steps;
	begin(1);
	for (unsigned try = 1; try <= 2; try++) {
		is_int(sim_try(0), try, "try %u", try);
		pass_ms(499);
		is(sim_signals(), "", "nothing happens before its time");
		pass_ms(1);
		is(sim_signals(), "a:15 ", "at it TERM");
		pass_ms(99);
		is(sim_signals(), "", "then a wait");
		pass_ms(1);
		is(sim_signals(), "a:9 ", "then KILL");
		pass_ms(1000);
		is(sim_signals(), "", "and no more");
		die_of(SIGKILL);
	}
	ok(t.ended, "two tries are all");
	is_int(status(), 1, "and the job has failed");
	clean();
}

static void test_second_try_is_fresh(void)
{
	prepare(1);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	t.cfg.retry.tries = 2;
	t.cfg.termination = two_steps;
	begin(1);
	sim_output(0, 0, "first\n");
	pass_ms(500);
	is(sim_signals(), "a:15 ", "the first try takes too long");
	die_of(SIGTERM);
	is_int(sim_try(0), 2, "and is tried again");
	pass_ms(300);
	is(sim_signals(), "", "the second is not killed for the first");
	sim_output(0, 0, "second\n");
	done(0, 0);
	ok(t.ended && status() == 0, "and its success is one");
	is(written(t.out), "second\n", "with its own output");
	clean();
}

static void test_second_try_stopped(void)
{
	prepare(1);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	t.cfg.retry.tries = 2;
	t.cfg.termination = two_steps;
	begin(1);
	pass_ms(500);
	die_of(SIGTERM);
	sched_interrupt(t.sched, SIGINT);
	turn();
	is(sim_signals(), "a:15 a:15 ", "an interrupt ends the second try");
	pass_ms(100);
	is(sim_signals(), "a:9 ", "up to KILL");
	die_of(SIGKILL);
	is_int(t.stopped, 1, "which counts as stopped, not as timed out");
	is_int(sched_state(t.sched)->failed, 0, "or as failed");
	is_int(status(), STATUS_SIGNAL + SIGINT, "in a run that a signal has ended");
	clean();
}

/* Each step of the usual sequence comes after its wait, and not before. */
static void test_waits_between_signals(void)
{
	static const struct {
		int64_t wait_ms;
		const char *then;
	} steps[] = {{200, "a:15 "}, {100, "a:15 "}, {50, "a:9 "}, {10000, ""}};

	prepare(1);
	t.cfg.timeout_ns = NSEC_PER_SEC;
	begin(1);
	pass_ms(1000);
	is(sim_signals(), "a:15 ", "the first signal comes at once");
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		pass_ms(steps[i].wait_ms - 1);
		is(sim_signals(), "", "no signal within %d ms", (int)steps[i].wait_ms);
		pass_ms(1);
		is(sim_signals(), steps[i].then, "and then '%s'", steps[i].then);
	}
	die_of(SIGKILL);
	clean();
}

static void fail_all(size_t n)
{
	while (n-- > 0)
		done(0, 1);
}

static void test_many_wait(void)
{
	prepare(4);
	t.cfg.retry = (struct retry_rules){.tries = 2, .delay_ns = NSEC_PER_SEC};
	begin(4);
	fail_all(4);
	is_int(sched_state(t.sched)->retrying, 4, "four jobs wait for their next try");
	pass_ms(749);
	is_int(sim_tasks(), 0, "all of them");
	pass_ms(501);
	is_int(sim_tasks(), 4, "and all get it");
	for (size_t i = 0; i < 4; i++)
		is_int(sim_try(i), 2, "their second");
	is_int(sched_state(t.sched)->retrying, 0, "then no job waits");
	fail_all(2);
	done(0, 0);
	ok(!t.ended, "the run continues while a job runs");
	done(0, 0);
	ok(t.ended && status() == 2, "each counts once");
	is_int(t.retired, 4, "and is reported once");
	clean();
}

/* The timer is that of the job which is due first, whichever failed last. */
static void test_earliest_first(void)
{
	prepare(2);
	t.cfg.retry = (struct retry_rules){.tries = 2, .delay_ns = NSEC_PER_SEC};
	begin(2);
	done(0, 1);
	pass_ms(700);
	done(0, 1);
	pass_ms(549);
	ok(sim_tasks() <= 1, "the second is not due");
	pass_ms(1);
	is_int(sim_tasks(), 1, "when the first is");
	is(sim_task(0), "a", "which failed first");
	done(0, 0);
	pass_ms(700);
	is(sim_task(0), "b", "and then the other");
	done(0, 0);
	ok(t.ended && status() == 0, "and the run succeeds");
	clean();
}

/* Of those that are left when one has been started, too. */
static void test_earliest_next(void)
{
	prepare(3);
	t.cfg.retry = (struct retry_rules){.tries = 3, .delay_ns = NSEC_PER_SEC};
	begin(3);
	done(0, 1);
	pass_ms(1250);
	is_int(sim_tasks(), 3, "one of three has its second try");
	for (int i = 0; i < 3; i++)
		done(0, 1);
	for (int i = 0; i < 1250; i++)
		pass_ms(1);
	is_int(sim_tasks(), 2, "two others have theirs before its third");
	ok(sim_try(0) == 2 && sim_try(1) == 2, "which is twice as far away");
	done(0, 0);
	done(0, 0);
	pass_ms(1250);
	is_int(sim_try(0), 3, "and then comes");
	done(0, 0);
	ok(t.ended && status() == 0, "and the run succeeds");
	clean();
}

static void test_window_of_waiting(void)
{
	prepare(1);
	t.cfg.window = 2;
	t.cfg.retry = (struct retry_rules){.tries = 2, .delay_ns = NSEC_PER_SEC};
	begin(6);
	fail_all(2);
	is_int(sim_tasks(), 0, "no more jobs begin than may wait for their next try");
	pass_ms(1250);
	is(sim_task(0), "a", "the first to begin is one of them");
	done(0, 0);
	while (sim_tasks() > 0)
		done(0, 0);
	ok(t.ended && sched_state(t.sched)->done == 6, "and then all the others");
	clean();
}

static void test_delays_grow(void)
{
	prepare(1);
	t.cfg.retry = (struct retry_rules){.tries = 3, .delay_ns = NSEC_PER_SEC};
	begin(1);
	done(0, 1);
	pass_ms(1250);
	is_int(sim_try(0), 2, "a second after the first try comes the next");
	done(0, 1);
	pass_ms(1499);
	is_int(sim_tasks(), 0, "after the second it takes twice as long");
	pass_ms(1001);
	is_int(sim_try(0), 3, "to the third");
	done(0, 0);
	clean();
}

static void test_end_drops_all(void)
{
	prepare(4);
	t.cfg.retry = (struct retry_rules){.tries = 2, .delay_ns = NSEC_PER_SEC};
	begin(6);
	fail_all(3);
	sched_drain(t.sched);
	turn();
	is_int(t.stopped, 3, "a drain gives up all jobs that wait");
	is_int(sched_state(t.sched)->retrying, 0, "at once");
	while (sim_tasks() > 0)
		done(0, 0);
	ok(t.ended, "and the run ends with the running jobs");
	pass_ms(5000);
	is_int(sim_tasks(), 0, "no job comes back");
	clean();
}

static void test_late_drain(void)
{
	prepare(2);
	begin(1);
	sched_drain(t.sched);
	done(0, 0);
	ok(t.ended && !sched_state(t.sched)->ended_early,
	   "a drain when all has been started leaves nothing out");
	clean();
}

static void test_no_timeout_after_the_end(void)
{
	prepare(1);
	t.cfg.timeout_ns = 500 * NSEC_PER_MSEC;
	begin(1);
	pass_ms(400);
	sim_vacate(0);
	pass_ms(5000);
	is(sim_signals(), "", "a job that has ended does not time out while its output comes");
	sim_done(0, RESULT_EXITED, 0);
	turn();
	is_int(status(), 0, "and has succeeded");
	clean();
}

/* --- what was run before */

/* A log of the jobs 1, 2, ... with these events, which had this exit status. */
static struct resume *log_of(const char *events, int code)
{
	int fd = scratch_file();
	struct resume *r;
	struct err err;
	char *program = spawn_find_program("true", &err);

	dprintf(fd, "Seq\tHost\n");
	for (int i = 0; events[i] != '\0'; i++)
		dprintf(fd, "%d\t:\t1\t1\t0\t0\t%d\t0\t%s %c\n", i + 1, code, program,
			events[i]);
	r = resume_read(fd, "log", code != 0, &err);
	close(fd);
	free(program);
	return r;
}

static void test_skipped(void)
{
	prepare(4);
	add_gate(1);
	t.cfg.resume = log_of("bc", 0);
	begin(4);
	is_int(sim_tasks(), 1, "a gate for one job lets in one");
	done(0, 0);
	is(sim_task(0), "d", "jobs that are skipped do not stay in it");
	is_int(sched_state(t.sched)->skipped, 2, "and are counted");
	done(0, 0);
	ok(t.ended && sched_state(t.sched)->done == 2, "but not as done");
	is_int(gate.inside, 0, "at the end the gate is empty");
	clean();
	resume_free(t.cfg.resume);
}

static void test_closed_gate(void)
{
	prepare(4);
	add_gate(0);
	begin(0);
	ok(t.ended, "a closed gate does not hold up the end of a run without events");
	clean();
}

/* --- starts that fail for want of processes */

static void no_process(void)
{
	struct engine_result r = {.kind = RESULT_NOT_STARTED,
				  .code = STATUS_ERROR,
				  .why = "cannot start a process",
				  .try_again = true};

	sim_result(0, &r);
	turn();
}

static void test_shortage_is_no_try(void)
{
	prepare(1);
	t.cfg.retry.tries = 2;
	begin(1);
	for (int i = 0; i < 3; i++) {
		no_process();
		pass_ms(100);
		is_int(sim_try(0), 1, "a job that got no process has had no try");
	}
	done(0, 1);
	is_int(sim_try(0), 2, "when it has failed it is tried again");
	no_process();
	pass_ms(100);
	is_int(sim_try(0), 2, "that try is not used up either");
	done(0, 0);
	ok(t.ended && status() == 0, "so it may still succeed");
	clean();
}

static void test_shortage_without_retries(void)
{
	prepare(1);
	begin(2);
	no_process();
	pass_ms(99);
	ok(!t.ended, "without --retries, too, a shortage is waited for");
	pass_ms(1);
	for (int i = 0; i < 2 && sim_tasks() > 0; i++)
		done(0, 0);
	ok(t.ended && status() == 0, "and is not a failure");
	is_int(sched_state(t.sched)->done, 2, "all jobs are run");
	clean();
}

static void test_shortage_of_one_to_repeat(void)
{
	static char *values[] = {(char *)"a", (char *)"a"};

	prepare(1);
	t.cfg.delay_ns = 100 * NSEC_PER_MSEC;
	t.cfg.resume = log_of("aa", 1);
	begin_with(values, 2);
	no_process();
	for (int i = 0; i < 2; i++) {
		pass_ms(100);
		done(0, 0);
	}
	is_int(t.again, 2, "both jobs are ones that had failed");
	clean();
	resume_free(t.cfg.resume);
}

static void test_after_a_shortage(void)
{
	prepare(4);
	begin(6);
	no_process();
	is_int(sim_tasks(), 3, "when there is no process for a fourth job, three run");
	pass_ms(99);
	is_int(sim_tasks(), 3, "for a moment");
	pass_ms(1);
	is_int(sim_tasks(), 4, "then it is tried again");
	while (sim_tasks() > 0)
		done(0, 0);
	ok(t.ended && sched_state(t.sched)->done == 6, "all jobs are run");
	clean();
}

static void test_lasting_shortage(void)
{
	prepare(1);
	begin(1);
	for (int i = 0; i < 400 && !t.ended; i++) {
		if (sim_tasks() > 0)
			no_process();
		pass_ms(100);
	}
	ok(t.ended, "after half a minute without a process the wait ends");
	is_int(status(), 1, "and the job has failed");
	clean();
}

static void test_shortage_in_a_drain(void)
{
	prepare(1);
	begin(2);
	sched_drain(t.sched);
	no_process();
	ok(t.ended, "a run that ends waits for no process");
	is_int(t.stopped, 1, "the job was not run");
	is_int(status(), 0, "which is not a failure");
	clean();
}

int main(void)
{
	test_second_timeout();
	test_second_try_is_fresh();
	test_second_try_stopped();
	test_waits_between_signals();
	test_many_wait();
	test_earliest_first();
	test_earliest_next();
	test_window_of_waiting();
	test_delays_grow();
	test_end_drops_all();
	test_late_drain();
	test_no_timeout_after_the_end();
	test_skipped();
	test_closed_gate();
	test_shortage_is_no_try();
	test_shortage_without_retries();
	test_shortage_of_one_to_repeat();
	test_after_a_shortage();
	test_lasting_shortage();
	test_shortage_in_a_drain();
	return done_testing();
}
