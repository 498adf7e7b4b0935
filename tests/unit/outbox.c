/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "scratch.h"
#include "sys/outbox.h"
#include "tap.h"

static struct loop *loop;
static int drained, torn;
static char block[1000];

static void note_drained(void *arg)
{
	(void)arg;
	drained++;
}

static struct outbox *open_on(int fd)
{
	drained = 0;
	return outbox_new(loop, fd, note_drained, NULL);
}

static void add_blocks(struct outbox *o, int n)
{
	for (int i = 0; i < n; i++) {
		memset(block, 'a' + i % 26, sizeof block - 1);
		block[sizeof block - 1] = '\n';
		outbox_add(o, (struct bytes){block, sizeof block});
	}
}

/* What was written so far ends inside a line, of which this much was read. */
static bool ends_inside_line(int fd, size_t read)
{
	int there;

	return ioctl(fd, FIONREAD, &there) == 0 &&
	       ((size_t)there + read) % sizeof block != 0;
}

/* Read so many blocks, with the loop's help; how many were whole and in order. */
static int read_blocks(int fd, int n)
{
	char got[sizeof block];
	int right = 0;

	for (int i = 0; i < n; i++) {
		size_t len = 0;

		while (len < sizeof got) {
			struct pollfd p = {.fd = fd, .events = POLLIN};

			loop_turn(loop);
			torn += ends_inside_line(fd, len);
			if (poll(&p, 1, 1000) > 0)
				len += (size_t)read(fd, got + len, sizeof got - len);
		}
		right += got[0] == 'a' + i % 26 && got[998] == got[0] && got[999] == '\n';
	}
	return right;
}

static void test_slow_reader(const char *what, int reads, int writes)
{
	struct outbox *o = open_on(writes);

	torn = 0;
	outbox_add(o, bytes_str("hello\n"));
	ok(outbox_waiting(o) == 0 && read(reads, block, 6) == 6, "%s: text is written at once",
	   what);
	add_blocks(o, 2000);
	ok(outbox_waiting(o) > 1000000, "what is not taken waits");
	ok(!ends_inside_line(reads, 0), "from the beginning of a line");
	is_int(read_blocks(reads, 2000), 2000, "and is written from the loop, whole and in order");
	is_int(torn, 0, "line by line");
	loop_turn(loop);
	ok(outbox_waiting(o) == 0 && drained == 1, "the end of the output is reported");
	ok(outbox_free(o), "and nothing is left");
}

static void test_sleeping_reader(void)
{
	struct outbox *o;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	o = open_on(fds[1]);
	add_blocks(o, 2000);
	outbox_hurry(o, INT64_MAX);
	outbox_hurry(o, clock_mono());
	ok(!outbox_free(o), "in a hurry the rest is given up");
	o = open_on(fds[1]);
	add_blocks(o, 1);
	close(fds[0]);
	loop_turn(loop);
	ok(outbox_waiting(o) == 0 && drained == 1, "text that has lost its reader is dropped");
	ok(outbox_free(o), "without an error message");
	close(fds[1]);
}

static void test_slow_end(void)
{
	struct outbox *o;
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	pid = fork();
	if (pid == 0)
		_exit(read_blocks(fds[0], 500) == 500 ? 0 : 1);
	o = open_on(fds[1]);
	add_blocks(o, 500);
	ok(outbox_free(o), "the end waits for a slow reader");
	ok(waitpid(pid, &status, 0) == pid && status == 0, "who gets it all");
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	struct err err;
	int fds[2], before;

	loop = loop_new(&err);
	if (!ok(loop != NULL, "there is a loop"))
		return done_testing();
	before = count_descriptors();
	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	test_slow_reader("a pipe", fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	test_slow_reader("a socket", fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	test_sleeping_reader();
	test_slow_end();
	is_int(count_descriptors(), before, "no descriptor is left open");
	loop_free(loop);
	return done_testing();
}
