/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop_fixture.h"
#include "scratch.h"

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

/* --- descriptors */

static void test_descriptors(void)
{
	struct loop_fd reads = LOOP_FD_INIT, writes = LOOP_FD_INIT;
	int fds[2];

	make_pipe(fds);
	is_int(loop_fd_add(loop, &reads, fds[0], POLLIN, note_events, NAME("r")), 0,
	       "a pipe can be watched");
	loop_turn(loop);
	is(heard(), "", "while nothing is ready, no callback is called");
	if (write(fds[1], "x", 1) < 0)
		abort();
	is(heard(), "", "and none is called outside a turn of the loop");
	loop_turn(loop);
	is(heard(), "r:in ", "data is reported");
	loop_turn(loop);
	is(heard(), "r:in ", "again, as long as it is there");
	loop_fd_change(loop, &reads, 0);
	loop_turn(loop);
	is(heard(), "", "but not while the watch asks for nothing");
	loop_fd_change(loop, &reads, POLLIN);
	loop_turn(loop);
	is(heard(), "r:in ", "until it asks again");
	loop_fd_remove(loop, &reads);
	is_int(reads.fd, -1, "a watch that is removed has no descriptor");
	loop_turn(loop);
	is(heard(), "", "and gets no more reports");
	loop_fd_remove(loop, &reads);
	ok(true, "removing it twice is allowed");

	watch(&writes, fds[1], POLLOUT, note_events, NAME("w"));
	loop_turn(loop);
	is(heard(), "w:out ", "room to write is reported");
	loop_fd_change(loop, &writes, 0);
	close(fds[0]);
	loop_turn(loop);
	is(heard(), "w:err ", "the loss of the reader is reported without asking");
	errno = 0;
	ok(write(fds[1], "x", 1) < 0 && errno == EPIPE &&
	       sigismember(loop_inherited_mask(loop), SIGPIPE) == 0,
	   "writing to it is an error and no signal, but for children as ever");
	loop_fd_remove(loop, &writes);
	close(fds[1]);
}

static void test_what_cannot_be_watched(void)
{
	static const char *const paths[] = {"/dev/null", "/proc/self/exe"};
	struct loop_fd w = LOOP_FD_INIT;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		errno = 0;
		ok(loop_fd_add(loop, &w, fd, POLLIN, note_events, NAME("f")) < 0 &&
		       errno == EPERM,
		   "%s cannot be waited for: EPERM", paths[i]);
		is_int(w.fd, -1, "and is not watched");
		close(fd);
	}
	errno = 0;
	ok(loop_fd_add(loop, &w, 10000, POLLIN, note_events, NAME("f")) < 0 && errno == EBADF,
	   "a descriptor that is not open is EBADF");
}

struct pair {
	struct loop_fd first, second;
};

static void remove_both(void *arg, short events)
{
	struct pair *p = arg;

	note_events(NAME("one"), events);
	loop_fd_remove(loop, &p->first);
	loop_fd_remove(loop, &p->second);
}

static void test_removal_in_the_same_batch(void)
{
	struct pair p = {LOOP_FD_INIT, LOOP_FD_INIT};
	int a[2], b[2];

	make_pipe(a);
	make_pipe(b);
	if (write(a[1], "x", 1) < 0 || write(b[1], "x", 1) < 0)
		abort();
	watch(&p.first, a[0], POLLIN, remove_both, &p);
	watch(&p.second, b[0], POLLIN, remove_both, &p);
	loop_turn(loop);
	is(heard(), "one:in ",
	   "of two that are ready, the first callback can remove the second watch");
	close_pipe(a);
	close_pipe(b);
}

/* A child between fork and exec holds copies of all descriptors: closing one
 * then does not take it out of an epoll set. */
static void test_removal_while_a_copy_is_open(void)
{
	struct loop_fd w = LOOP_FD_INIT;
	int fds[2], copy;

	make_pipe(fds);
	copy = dup(fds[0]);
	watch(&w, fds[0], POLLIN, note_events, NAME("r"));
	loop_fd_remove(loop, &w);
	close_pipe(fds); /* end of file: always ready */
	loop_turn(loop);
	is(heard(), "", "a removed watch is silent though a copy is still open");
	close(copy);
}

/* --- timers */

static int64_t now;

struct setter {
	struct loop_timer timer;
	int64_t step;
	int left;
};

static void set_again(void *arg)
{
	struct setter *s = arg;

	note(NAME("again"));
	if (s->left-- > 0)
		loop_timer_set(loop, &s->timer, now + s->step, set_again, s);
}

static void test_timers(void)
{
	struct loop_timer a = {0}, b = {0}, c = {0};

	loop_timer_set(loop, &a, now + 30, note, NAME("a"));
	loop_timer_set(loop, &b, now + 10, note, NAME("b"));
	loop_timer_set(loop, &c, now + 20, note, NAME("c"));
	loop_turn(loop);
	is(heard(), "", "a timer does not fire before its time");
	now += 20;
	loop_turn(loop);
	is(heard(), "b c ", "timers fire by time, not in the order they were set");
	ok(b.pos == 0 && c.pos == 0 && a.pos != 0, "one that has fired is not set");
	loop_turn(loop);
	is(heard(), "", "and fires once");
	loop_timer_set(loop, &a, now + 100, note, NAME("moved"));
	now += 50;
	loop_turn(loop);
	is(heard(), "", "setting a timer again moves it");
	loop_timer_set(loop, &b, now, note, NAME("b"));
	now += 50;
	loop_turn(loop);
	is(heard(), "b moved ", "and changes what it calls");
	loop_timer_set(loop, &a, now, note, NAME("a"));
	loop_timer_cancel(loop, &a);
	loop_timer_cancel(loop, &a);
	loop_turn(loop);
	is(heard(), "", "a timer can be cancelled, twice if need be");
}

static void cancel_other(void *arg)
{
	note(NAME("cancels"));
	loop_timer_cancel(loop, arg);
}

static void test_timers_from_within(void)
{
	struct setter s = {.step = 10, .left = 2};
	struct loop_timer a = {0}, b = {0};

	loop_timer_set(loop, &s.timer, now + 10, set_again, &s);
	for (int i = 0; i < 5; i++) {
		now += 10;
		loop_turn(loop);
	}
	is(heard(), "again again again ", "a timer can set itself again when it fires");

	s = (struct setter){.step = -10, .left = 1000};
	loop_timer_set(loop, &s.timer, now, set_again, &s);
	loop_turn(loop);
	is(heard(), "again ", "even for the past: then it waits for the next turn");
	now += 1;
	loop_turn(loop);
	is(heard(), "again ", "and fires there");
	loop_timer_cancel(loop, &s.timer);

	loop_timer_set(loop, &a, now, cancel_other, &b);
	loop_timer_set(loop, &b, now + 1, note, NAME("b"));
	now += 1;
	loop_turn(loop);
	is(heard(), "cancels ", "a timer can cancel one that is due as well");
}

enum { MANY = 1000 };

static struct {
	struct loop_timer timers[MANY];
	bool cancelled[MANY], fired[MANY];
	int64_t last;
	int wrong;
} many;

static void fire_one_of_many(void *arg)
{
	struct loop_timer *t = arg;
	size_t i = (size_t)(t - many.timers);

	many.wrong += t->at < many.last || t->at > now || many.cancelled[i] ||
		      many.fired[i];
	many.last = t->at;
	many.fired[i] = true;
}

static void test_many_timers(void)
{
	int missing = 0;

	srandom(1);
	for (size_t i = 0; i < MANY; i++)
		loop_timer_set(loop, &many.timers[i], now + random() % 500,
			       fire_one_of_many, &many.timers[i]);
	for (size_t i = 0; i < MANY; i += 3)
		loop_timer_set(loop, &many.timers[i], now + random() % 1000,
			       fire_one_of_many, &many.timers[i]);
	for (size_t i = 0; i < MANY; i += 7) {
		loop_timer_cancel(loop, &many.timers[i]);
		many.cancelled[i] = true;
	}
	for (int i = 0; i < 250; i++) {
		now += 4;
		loop_turn(loop);
		for (size_t k = 0; k < MANY; k++)
			many.wrong += !many.fired[k] && !many.cancelled[k] &&
				      many.timers[k].at <= now;
	}
	for (size_t i = 0; i < MANY; i++)
		missing += many.fired[i] == many.cancelled[i];
	is_int(many.wrong, 0, "of 1000 timers each fires in its turn, in order");
	is_int(missing, 0, "each once, but those that were cancelled");
}

/* --- deferred calls */

struct again {
	struct loop_call call;
	int left;
};

static void defer_again(void *arg)
{
	struct again *a = arg;

	note(NAME("again"));
	if (a->left-- > 0)
		loop_defer(loop, &a->call, defer_again, a);
}

static void cancel_call(void *arg)
{
	note(NAME("cancels"));
	loop_defer_cancel(loop, arg);
}

static void test_deferred_calls(void)
{
	struct loop_call a = {0}, b = {0}, c = {0};
	struct again g = {.left = 1};

	loop_defer(loop, &a, note, NAME("a"));
	loop_defer(loop, &b, note, NAME("b"));
	loop_defer(loop, &a, note, NAME("other"));
	is(heard(), "", "a deferred call does not come at once");
	loop_turn(loop);
	is(heard(), "a b ", "but in the next turn, in order, and once");
	loop_turn(loop);
	is(heard(), "", "and then no more");

	loop_defer(loop, &g.call, defer_again, &g);
	loop_turn(loop);
	is(heard(), "again ", "one that defers itself waits for the next turn");
	loop_turn(loop);
	is(heard(), "again ", "and comes then");

	loop_defer(loop, &a, cancel_call, &b);
	loop_defer(loop, &b, note, NAME("b"));
	loop_defer(loop, &c, note, NAME("c"));
	loop_turn(loop);
	is(heard(), "cancels c ", "a call can cancel a later one");
	loop_defer_cancel(loop, &b);
	ok(true, "what is not queued can be cancelled");
	loop_defer(loop, &a, stop, NULL);
	loop_run(loop);
	ok(true, "a loop with a call to make does not wait");
}

/* --- signals */

static void note_signal(void *arg, int signo)
{
	(void)arg;
	buf_addf(&said, "%d ", signo);
}

static bool is_blocked(const sigset_t *mask, int signo)
{
	return sigismember(mask, signo) == 1;
}

static void test_signals(void)
{
	sigset_t mask;
	char want[32];

	loop_signal(loop, SIGUSR1, note_signal, NULL);
	raise(SIGUSR1);
	is(heard(), "", "a watched signal is held back");
	loop_turn(loop);
	snprintf(want, sizeof want, "%d ", SIGUSR1);
	is(heard(), want, "until the loop reports it");

	signal(SIGUSR2, SIG_IGN);
	loop_signal(loop, SIGUSR2, note_signal, NULL);
	raise(SIGUSR2);
	loop_turn(loop);
	is(heard(), "", "one that is ignored stays ignored");
	sigprocmask(SIG_SETMASK, NULL, &mask);
	ok(!is_blocked(&mask, SIGUSR2), "and is not blocked");
	signal(SIGUSR2, SIG_DFL);

	ok(is_blocked(&mask, SIGUSR1) && is_blocked(&mask, SIGCHLD) &&
	       !is_blocked(loop_inherited_mask(loop), SIGUSR1) &&
	       !is_blocked(loop_inherited_mask(loop), SIGCHLD) &&
	       is_blocked(loop_inherited_mask(loop), SIGRTMIN),
	   "the inherited mask is that from before the loop");
}

static void test_default_death(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		loop_signal(loop, SIGTERM, note_signal, NULL);
		loop_signal_default(SIGTERM);
		_exit(0);
	}
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGTERM,
	   "a process can die of a signal it watches");
}

static void test_default_stop(void)
{
	pid_t pid;
	int status;

	if (under_valgrind()) {
		ok(true, "stopping by a watched signal # SKIP valgrind does not stop");
		return;
	}
	pid = fork();
	if (pid == 0) {
		loop_signal(loop, SIGTSTP, note_signal, NULL);
		setpgid(0, 0);
		loop_signal_default(SIGTSTP);
		raise(SIGTSTP);
		loop_turn(loop);
		_exit(said.len > 0 ? 7 : 1);
	}
	ok(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status),
	   "a process can stop by a signal it watches");
	kill(pid, SIGCONT);
	ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 7,
	   "and go on watching it when it is continued");
}

/* --- the whole */

static void test_run_and_stop(void)
{
	struct loop_timer t = {0};
	struct loop_call c = {0};
	struct loop_fd w = LOOP_FD_INIT;
	int fds[2];

	loop_timer_set(loop, &t, clock_mono() + 2 * NSEC_PER_MSEC, stop, NULL);
	loop_run(loop);
	ok(clock_mono() >= t.at, "the loop runs until it is stopped, and not too early");

	make_pipe(fds);
	if (write(fds[1], "x", 1) < 0)
		abort();
	watch(&w, fds[0], POLLIN, note_events, NAME("r"));
	loop_defer(loop, &c, stop, NULL);
	loop_timer_set(loop, &t, 0, note, NAME("t"));
	loop_run(loop);
	is(heard(), "", "what is ready when it is stopped waits");
	loop_turn(loop);
	is(heard(), "r:in t ", "until it runs again");
	loop_timer_cancel(loop, &t);
	loop_fd_remove(loop, &w);
	close_pipe(fds);
}

int main(void)
{
	struct err err;
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &block, NULL);
	signal(SIGCHLD, SIG_IGN); /* as some parents leave it */
	loop = loop_new(&err);
	if (!ok(loop != NULL, "there is a loop"))
		return done_testing();
	test_descriptors();
	test_what_cannot_be_watched();
	test_removal_in_the_same_batch();
	test_removal_while_a_copy_is_open();
	refuse = ENOSPC; /* all the same without epoll */
	test_descriptors();
	test_removal_in_the_same_batch();
	test_removal_while_a_copy_is_open();
	refuse = 0;
	clock_fake(&now);
	now = 1000000;
	test_timers();
	test_timers_from_within();
	test_many_timers();
	clock_fake(NULL);
	test_deferred_calls();
	test_signals();
	test_default_death();
	test_default_stop();
	test_run_and_stop();
	loop_free(loop);
	loop_free(NULL);
	buf_clear(&said);
	return done_testing();
}
