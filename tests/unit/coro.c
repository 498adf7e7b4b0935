/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <pthread.h>
#include <signal.h>

#include "event/coro.h"
#include "tap.h"

struct talk {
	char said[64];
	bool signals_blocked;
};

static void count(struct coro *c, void *arg)
{
	struct talk *t = arg;
	sigset_t now;

	pthread_sigmask(SIG_SETMASK, NULL, &now);
	t->signals_blocked = sigismember(&now, SIGINT) && sigismember(&now, SIGCHLD);
	for (int i = 1; i <= 3; i++) {
		char digit[] = {(char)('0' + i), '\0'};

		strcat(t->said, digit);
		if (i < 3)
			coro_yield(c);
	}
}

int main(void)
{
	struct talk talk = {"", false};
	struct err err;
	struct coro *c = coro_new(count, &talk, &err);
	sigset_t now;

	ok(c != NULL, "a coroutine can be made");
	is(talk.said, "", "which does not begin by itself");
	ok(coro_resume(c), "it is not done after its first turn");
	is(talk.said, "1", "and has done what comes before its yield");
	strcat(talk.said, ",");
	ok(coro_resume(c), "nor after its second");
	strcat(talk.said, ",");
	ok(!coro_resume(c), "but after its last");
	is(talk.said, "1,2,3", "turns alternate");
	coro_free(c);
	ok(talk.signals_blocked, "signals are blocked in it");
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	ok(!sigismember(&now, SIGINT), "and not in the caller");

	talk.said[0] = '\0';
	c = coro_new(count, &talk, &err);
	coro_free(c);
	is(talk.said, "", "one that never had a turn can be freed");
	coro_free(NULL);
	return done_testing();
}
