/* SPDX-License-Identifier: ISC */

/* A thread and its creator take turns by means of two semaphores: each posts the
 * other's and then waits for its own.  The two share data without locks, since only one
 * of them runs at a time. */

#include <config.h>

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "event/coro.h"

enum { STACK_SIZE = 2 * 1024 * 1024 }; /* only what is used takes memory */

struct coro {
	pthread_t thread;
	sem_t turn;   /* posted: the coroutine runs */
	sem_t answer; /* posted: the caller runs */
	coro_fn fn;
	void *arg;
	bool started, ended;
};

static void take(sem_t *sem)
{
	while (sem_wait(sem) < 0)
		assert(errno == EINTR);
}

static void *thread_main(void *arg)
{
	struct coro *c = arg;

	take(&c->turn);
	if (c->started)
		c->fn(c, c->arg);
	c->ended = true;
	sem_post(&c->answer);
	return NULL;
}

/* Returns an errno. */
static int start_thread(struct coro *c)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int e;

#ifdef M_ARENA_MAX
	/* A second heap would gain nothing for threads that take turns, but cost
	 * address space (64 MiB) and memory. */
	mallopt(M_ARENA_MAX, 1);
#endif
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* the thread inherits it */
	e = pthread_create(&c->thread, &attr, thread_main, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return e;
}

static void destroy(struct coro *c)
{
	sem_destroy(&c->turn);
	sem_destroy(&c->answer);
	free(c);
}

struct coro *coro_new(coro_fn fn, void *arg, struct err *err)
{
	struct coro *c = xcalloc(1, sizeof *c);
	int e;

	c->fn = fn;
	c->arg = arg;
	sem_init(&c->turn, 0, 0);
	sem_init(&c->answer, 0, 0);
	e = start_thread(c);
	if (e != 0) {
		errno = e;
		err_sys(err, "cannot start a thread");
		destroy(c);
		return NULL;
	}
	return c;
}

bool coro_resume(struct coro *c)
{
	assert(!c->ended);
	c->started = true;
	sem_post(&c->turn);
	take(&c->answer);
	return !c->ended;
}

void coro_yield(struct coro *c)
{
	sem_post(&c->answer);
	take(&c->turn);
}

void coro_free(struct coro *c)
{
	if (c == NULL)
		return;
	assert(c->ended || !c->started);
	if (!c->ended)
		sem_post(&c->turn);
	pthread_join(c->thread, NULL);
	destroy(c);
}
