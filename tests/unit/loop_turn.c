/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <limits.h>

#include "base/clock.h"
#include "loop_fixture.h"

/* What a turn of the loop takes first, and watches that epoll has no room for. */

/* Some watches are epoll's and some are polled; one changes sides. */
static void test_no_more_watches(void)
{
	struct loop_fd a = LOOP_FD_INIT, b = LOOP_FD_INIT;
	int first[2], second[2];

	make_pipe(first);
	make_pipe(second);
	watch(&a, first[0], POLLIN, note_events, NAME("a"));
	refuse = ENOSPC;
	watch(&b, second[0], POLLIN, note_events, NAME("b"));
	if (write(first[1], "x", 1) < 0 || write(second[1], "x", 1) < 0)
		abort();
	loop_turn(loop);
	is(heard(), "b:in a:in ", "when watches run out, the others go on");
	loop_fd_change(loop, &a, 0);
	loop_turn(loop);
	is(heard(), "b:in ", "a watch that cannot be changed in the set leaves it");
	loop_fd_change(loop, &a, POLLIN);
	loop_fd_remove(loop, &b);
	refuse = 0;
	loop_turn(loop);
	is(heard(), "a:in ", "and is reported as usual");
	loop_fd_remove(loop, &a);

	watch(&a, first[0], POLLIN, note_events, NAME("a"));
	refuse = ENOMEM;
	loop_fd_remove(loop, &a);
	refuse = 0;
	loop_turn(loop);
	is(heard(), "", "a watch that cannot be removed gets no reports");
	refuse = ENOMEM;
	watch(&a, first[0], POLLIN, note_events, NAME("a"));
	loop_fd_remove(loop, &a);
	refuse = 0;
	watch(&a, first[0], POLLIN, note_events, NAME("again"));
	loop_turn(loop);
	is(heard(), "again:in ", "its descriptor can be watched again");
	loop_fd_remove(loop, &a);
	close_pipe(first);
	close_pipe(second);
}

enum { POLLED = 200 };

static void count_event(void *arg, short events)
{
	int *n = arg;

	(void)events;
	++*n;
}

static void test_polled_in_turn(void)
{
	static struct loop_fd watches[POLLED];
	static int counts[POLLED];
	int fds[2], copy[POLLED], least = INT_MAX;

	make_pipe(fds);
	if (write(fds[1], "x", 1) < 0)
		abort();
	refuse = ENOSPC;
	for (int i = 0; i < POLLED; i++) {
		watches[i] = (struct loop_fd)LOOP_FD_INIT;
		copy[i] = dup(fds[0]);
		watch(&watches[i], copy[i], POLLIN, count_event, &counts[i]);
	}
	for (int i = 0; i < 20; i++)
		loop_turn(loop);
	for (int i = 0; i < POLLED; i++) {
		least = counts[i] < least ? counts[i] : least;
		loop_fd_remove(loop, &watches[i]);
		close(copy[i]);
	}
	refuse = 0;
	ok(least >= 2, "of many that are polled each has its turn");
	close_pipe(fds);
}

/* --- timers */

static int64_t now;

enum { READY = 200 };

static struct {
	struct loop_fd watches[READY];
	int fds[READY];
	struct loop_call call;
} ready;

static void note_call(void *arg)
{
	static int left = 3;

	if (left-- > 0)
		loop_defer(loop, &ready.call, note_call, arg);
	else
		note(arg);
}

static void note_last(void *arg, short events)
{
	(void)arg;
	(void)events;
	note(NAME("all"));
	loop_defer(loop, &ready.call, note_call, NAME("call"));
	loop_fd_remove(loop, &ready.watches[READY - 1]);
}

/* What has happened by a timer's time, and what follows from that, comes first. */
static void test_timer_is_last(void)
{
	struct loop_timer t = {0};
	int fds[2], count = 0;

	make_pipe(fds);
	if (write(fds[1], "x", 1) < 0)
		abort();
	for (int i = 0; i < READY; i++) {
		ready.watches[i] = (struct loop_fd)LOOP_FD_INIT;
		ready.fds[i] = dup(fds[0]);
		watch(&ready.watches[i], ready.fds[i], POLLIN,
		      i < READY - 1 ? count_event : note_last, &count);
	}
	loop_timer_set(loop, &t, now + 10, note, NAME("timer"));
	now += 20;
	loop_turn(loop);
	is(heard(), "all call timer ", "a timer waits for all that happened before it");
	is_int(count >= READY - 1 && count < 3 * READY, true,
	       "but not until nothing is ready any more");
	for (int i = 0; i < READY; i++) {
		loop_fd_remove(loop, &ready.watches[i]);
		close(ready.fds[i]);
	}
	close_pipe(fds);
}

static void test_pause(void)
{
	struct loop_timer t = {0};

	loop_timer_set(loop, &t, clock_in(10), note, NAME("timer"));
	clock_pause();
	now += 100;
	clock_resume();
	loop_turn(loop);
	is(heard(), "", "the time of a pause does not count for timers");
	now += 10;
	loop_turn(loop);
	is(heard(), "timer ", "and they fire as much later");
}

int main(void)
{
	struct err err;

	loop = loop_new(&err);
	if (!ok(loop != NULL, "there is a loop"))
		return done_testing();
	test_no_more_watches();
	test_polled_in_turn();
	clock_fake(&now);
	test_timer_is_last();
	test_pause();
	clock_fake(NULL);
	loop_free(loop);
	buf_clear(&said);
	return done_testing();
}
