/* SPDX-License-Identifier: ISC */
#include <config.h>

#include "base/clock.h"
#include "engine_check.h"
#include "engine_local_subject.h"
#include "tap.h"

/* A task that is held is not read; everything else about it goes on. */

static const int64_t HOUR = 3600 * NSEC_PER_SEC, DRAIN = 1000;

static void test_stderr_is_read(void)
{
	struct checked_task *t;

	engine_check_open(&engine_local_subject, HOUR);
	t = task_run("line=a eline=b hang");
	task_hold(t, true);
	task_wait_for(t, "out");
	turns(3);
	is(task_said(t, 1), "b\n", "the stderr of a task that is held is read while it runs");
	is(task_said(t, 0), "", "and its stdout is not");
	task_signal(t, SIGKILL);
	task_wait(t);
	engine_check_close();
}

static void test_silence_before_the_hold(void)
{
	struct checked_task *t;
	int64_t now = clock_mono();

	clock_fake(&now);
	engine_check_open(&engine_local_subject, DRAIN);
	t = task_runf("fork-hold=%s", scratch_path("holder"));
	task_wait_for(t, "vacated");
	now += DRAIN - 1;
	task_hold(t, true);
	now += DRAIN;
	turns(2);
	ok(!t->ended, "a hold ends the silence after which streams are closed");
	task_hold(t, false);
	now += DRAIN - 1;
	turns(2);
	ok(!t->ended, "which restarts when the task is released");
	now += 1;
	turns(2);
	is(task_result(t), "exit 0 truncated", "and ends as ever");
	kill(scratch_pid("holder"), SIGKILL);
	clock_fake(NULL);
	engine_check_close();
}

/* Another process of its group ignores SIGTERM, so that the task is not done when its
 * own has ended. */
static void test_hold_after_the_kill(void)
{
	struct checked_task *t;

	engine_check_open(&engine_local_subject, HOUR);
	t = task_runf("ignore=TERM fork-hold=%s line=a wait=%s kill=TERM",
		      scratch_path("member"), scratch_fifo("go"));
	task_wait_for(t, "out");
	task_signal(t, SIGTERM);
	scratch_meet("go", O_WRONLY);
	task_wait_for(t, "vacated");
	task_hold(t, true);
	task_signal(t, SIGKILL);
	task_wait(t);
	is(task_result(t), "signal 15", "a killed task whose process has ended is not held");
	engine_check_close();
}

int main(void)
{
	int before;

	keep_descriptors_to_ourselves();
	scratch_make();
	before = count_descriptors();
	test_stderr_is_read();
	test_silence_before_the_hold();
	test_hold_after_the_kill();
	is_int(count_descriptors(), before, "no descriptor is left open");
	scratch_remove();
	return done_testing();
}
