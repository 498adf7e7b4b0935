/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "output_fixture.h"

/* What a job writes is passed on without a copy where it need not be read. */

/* What the job writes to the pipe, moved on. */
static ssize_t move(struct job *job, int from[2], struct bytes data)
{
	if (data.len > 0 && write(from[1], data.p, data.len) != (ssize_t)data.len)
		abort();
	return output_move(t.output, &job->output, 0, from[0]);
}

static void open_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
}

static void close_pipe(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static void test_moving_in_order(void)
{
	int from[2];
	struct job *a, *b;

	open_pipe(from);
	open_onto_file(true);
	a = begin(1);
	b = begin(2);
	add(a, 0, "a1 ");
	ok(move(a, from, bytes_str("a2 ")) < 0 && errno == EOPNOTSUPP,
	   "nothing is moved while other output waits before it");
	turn(1);
	is_int(move(a, from, (struct bytes){NULL, 0}), 3, "after that it goes straight to stdout");
	is(written(), "a1 a2 ", "at once");
	ok(move(b, from, bytes_str("b1 ")) < 0 && errno == EOPNOTSUPP,
	   "a job whose turn it is not waits");
	is(written(), "a1 a2 ", "for its turn");
	finish(a);
	turn(1);
	is_int(move(b, from, (struct bytes){NULL, 0}), 3, "when its turn comes");
	is(written(), "a1 a2 b1 ", "it goes straight through");
	finish(b);
	turn(1);
	is(told(), "1 2 ", "both are retired");
	close_output();
	close_pipe(from);
}

static void test_moving_waits(void)
{
	struct job *a;
	int from[2];

	open_pipe(from);
	open_onto_file(false);
	a = begin(1);
	ok(move(a, from, bytes_str("a")) < 0 && errno == EOPNOTSUPP,
	   "in completion order output waits for the end of the job");
	add_many(a, 200 * KIB, NULL);
	is_int(move(a, from, (struct bytes){NULL, 0}), 1, "in a file if it is much");
	is(written(), "", "and nowhere else");
	finish(a);
	turn(5);
	is_int(lseek(t.cfg.fds[0], 0, SEEK_END), 200 * KIB + 1, "until the job ends");
	close_output();
	close_pipe(from);
}

static void test_moving_to_a_slow_reader(void)
{
	static char block[50000];
	size_t moved = 0;
	int from[2], asked = 0;
	struct job *a, *b;
	ssize_t n;

	open_pipe(from);
	open_onto_pipe(true);
	a = begin(1);
	b = begin(2);
	memset(block, 'a', sizeof block);
	do {
		(void)!write(from[1], block, sizeof block); /* what it takes */
		n = move(a, from, (struct bytes){NULL, 0});
		moved += n > 0 ? (size_t)n : 0;
	} while (++asked < 100 && t.told.len == 0);
	ok(n < 0 && errno == EAGAIN && asked < 100, "no more is taken than the reader reads");
	is(told(), "+1 ", "the job is held");
	turn(3);
	finish(b);
	turn(3);
	is(told(), "", "while there is no reader, whatever else happens");
	read_pipe(2 * MIB);
	turn(2);
	is(told(), "-1 ", "and goes on when there is one");
	while ((n = move(a, from, (struct bytes){NULL, 0})) > 0)
		moved += (size_t)n;
	read_pipe(MIB);
	is_int(t.got.len, moved, "everything has arrived");
	finish(a);
	turn(1);
	close_output();
	close(t.pipe[0]);
	close_pipe(from);
}

static void test_moving_is_not_for_all(void)
{
	struct job *a;
	int from[2];

	open_pipe(from);
	open_onto_file(true);
	close_output();
	t.cfg.fds[0] = memfd_create("out", MFD_CLOEXEC);
	t.cfg.fds[1] = fcntl(t.cfg.fds[0], F_DUPFD_CLOEXEC, 3);
	t.cfg.by_lines = true;
	open_output();
	a = begin(1);
	ok(move(a, from, bytes_str("a")) < 0 && errno == EOPNOTSUPP,
	   "lines cannot be moved unread");
	finish(a);
	turn(1);
	close_output();
	close_pipe(from);
}

int main(void)
{
	int before;

	output_fixture_begin();
	before = count_descriptors();
	test_moving_in_order();
	test_moving_waits();
	test_moving_to_a_slow_reader();
	test_moving_is_not_for_all();
	is_int(count_descriptors(), before, "no descriptor is left open");
	output_fixture_end();
	return done_testing();
}
