/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "run/limits.h"
#include "tap.h"

static struct loop *loop;
static int ready, messages;
static int64_t now;

static void note_ready(void *arg)
{
	(void)arg;
	ready++;
}

static void note_message(void *arg, struct bytes text)
{
	(void)arg;
	messages++;
	printf("# %.*s", (int)text.len, text.p);
}

static bool enters(struct limits *l, unsigned running)
{
	return limits_gate.enter(l, running);
}

static void test_memory(void)
{
	struct limits l = {.loop = loop, .memfree = UINT64_MAX};

	limits_gate.on_ready(&l, note_ready, NULL);
	ok(!enters(&l, 0), "not enough memory holds starts back");
	loop_turn(loop);
	is_int(ready, 0, "it is not asked at once again");
	now += NSEC_PER_SEC;
	loop_turn(loop);
	is_int(ready, 1, "but after a second");
	is_int(messages, 0, "a moment is nothing to tell of");
	for (int i = 0; i < 5; i++)
		enters(&l, 0);
	is_int(messages, 1, "but when nothing of ours runs, it is said once why");
	l.memfree = 1;
	ok(enters(&l, 0), "enough memory does not hold");
	limits_gate.leave(&l, 0);
	limits_clear(&l);
}

static void test_own_jobs(void)
{
	struct limits l = {.loop = loop, .memfree = UINT64_MAX};

	messages = 0;
	for (int i = 0; i < 10; i++)
		enters(&l, 2);
	is_int(messages, 0, "while jobs of ours run, nothing is said");
	limits_clear(&l);
}

static void test_load(void)
{
	struct limits l = {.loop = loop, .load = 1000000};
	pid_t busy[4];
	bool held = false;

	ok(enters(&l, 0), "a load that is below lets in");
	l.load = 1;
	for (int i = 0; i < 4; i++)
		if ((busy[i] = fork()) == 0)
			for (;;)
				continue;
	for (int i = 0; i < 1000000 && !held; i++)
		held = !enters(&l, 1);
	ok(held, "processes that want to run hold starts back");
	for (int i = 0; i < 4; i++) {
		kill(busy[i], SIGKILL);
		waitpid(busy[i], NULL, 0);
	}
	limits_clear(&l);
}

int main(void)
{
	struct err err;

	now = 1000 * NSEC_PER_SEC;
	clock_fake(&now);
	msg_set_writer(note_message, NULL);
	loop = loop_new(&err);
	test_memory();
	test_own_jobs();
	test_load();
	loop_free(loop);
	return done_testing();
}
