/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "run/jobserver.h"
#include "scratch.h"
#include "tap.h"

static struct loop *loop;
static int ready;

static void note_ready(void *arg)
{
	(void)arg;
	ready++;
}

static struct jobserver probe(const char *flags)
{
	struct jobserver j;

	jobserver_probe(&j, flags);
	jobserver_close(&j);
	return j;
}

static void test_probing(const int fds[2])
{
	char flags[200];
	const char *closed = "-j --jobserver-auth=1000,1001";

	is_int(probe(NULL).kind, JOBSERVER_NONE, "without make there is no jobserver");
	is_int(probe("").kind, JOBSERVER_NONE, "and make without -j has none");
	is_int(probe(closed).kind, JOBSERVER_CLOSED, "descriptors that make has closed");
	is_int(probe(" -j4 --jobserver-auth=-2,-2").kind, JOBSERVER_CLOSED, "or numbers below 0");
	snprintf(flags, sizeof flags, " -j4 --jobserver-auth=%d,%d", fds[0], fds[1]);
	is_int(probe(flags).kind, JOBSERVER_THERE, "a pipe that is there");
	is_int(probe(flags).slots, 4, "and make's -j");
	ok(!probe(flags).dry_run, "which is not a dry run");
	snprintf(flags, sizeof flags, "kn -j8 --jobserver-fds=%d,%d", fds[0], fds[1]);
	ok(probe(flags).kind == JOBSERVER_THERE && probe(flags).dry_run,
	   "the old spelling, and make -n");
	ok(!probe("--no-print-directory").dry_run, "a long option is not the letter n");
	ok(!probe("NAME=n").dry_run, "a variable is not, either");
	ok(!probe(" -- n=n").dry_run, "and neither is text after a blank");
	snprintf(flags, sizeof flags,
		 " -j4 --jobserver-auth=1000,1001 --jobserver-auth=%d,%d", fds[0], fds[1]);
	is_int(probe(flags).kind, JOBSERVER_THERE, "the last one counts");
	snprintf(flags, sizeof flags, " --jobserver-auth=%d,%d",
		 open("/dev/null", O_RDWR | O_CLOEXEC), fds[1]);
	is_int(probe(flags).kind, JOBSERVER_CLOSED,
	       "a descriptor that is not a pipe is not touched");
	is_int(probe(" --jobserver-auth=fifo:/no/such").kind, JOBSERVER_CLOSED,
	       "a FIFO that is not there");
}

static int tokens_in(int fd)
{
	char text[64];
	ssize_t n = read(fd, text, sizeof text);

	if (n > 0 && write(fd, text, (size_t)n) != n)
		abort();
	return n < 0 ? 0 : (int)n;
}

/* fd: both ends of it, not blocking. */
static void test_tokens(const char *flags, int fd, const char *style)
{
	const struct gate *gate = &jobserver_gate;
	struct jobserver own, *j = &own;
	char text[8];

	jobserver_probe(j, flags);
	if (!ok(j->kind == JOBSERVER_THERE, "%s: can be opened", style))
		return;
	j->loop = loop;
	ready = 0;
	ok(gate->enter(j, 0, note_ready, NULL) && tokens_in(fd) == 2,
	   "%s: the first job needs no token", style);
	ok(gate->enter(j, 1, note_ready, NULL) && tokens_in(fd) == 1,
	   "%s: the second does", style);
	ok(gate->enter(j, 2, note_ready, NULL) && tokens_in(fd) == 0,
	   "%s: and the third", style);
	ok(!gate->enter(j, 3, note_ready, NULL), "%s: without a token no job", style);
	ok(!gate->enter(j, 3, note_ready, NULL), "%s: even when asked again", style);
	loop_turn(loop);
	is_int(ready, 0, "%s: the callback is not called while there is no token", style);
	gate->leave(j, 2);
	is_int(tokens_in(fd), 1, "%s: a job that ends gives its token back", style);
	loop_turn(loop);
	is_int(ready, 1, "%s: and then it is worth asking again", style);
	ok(gate->enter(j, 2, note_ready, NULL), "%s: which succeeds", style);
	gate->leave(j, 0);
	is_int(tokens_in(fd), 2, "%s: when all have ended, all tokens are back", style);
	gate->enter(j, 0, note_ready, NULL);
	gate->enter(j, 1, note_ready, NULL);
	jobserver_close(j);
	is_int(read(fd, text, sizeof text), 2, "%s: and in the end", style);
	ok((text[0] == 'x' && text[1] == 'y') || (text[0] == 'y' && text[1] == 'x'),
	   "%s: they are the same bytes", style);
}

int main(void)
{
	struct err err;
	char flags[200];
	int fds[2], own;

	scratch_make();
	loop = loop_new(&err);
	if (pipe(fds) < 0 || write(fds[1], "xy", 2) != 2)
		abort();
	test_probing(fds);
	snprintf(flags, sizeof flags, "/proc/self/fd/%d", fds[0]);
	own = open(flags, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	snprintf(flags, sizeof flags, " -j4 --jobserver-auth=%d,%d", fds[0], fds[1]);
	test_tokens(flags, own, "pipe");
	ok((fcntl(fds[0], F_GETFL) & O_NONBLOCK) == 0, "make's own pipe stays blocking");
	close(own);

	if (mkfifo(scratch_path("fifo"), 0600) < 0)
		abort();
	own = open(scratch_path("fifo"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (write(own, "xy", 2) != 2)
		abort();
	snprintf(flags, sizeof flags, " -j3 --jobserver-auth=fifo:%s -- A=b",
		 scratch_path("fifo"));
	is_int(probe(flags).kind, JOBSERVER_THERE, "a FIFO is found by its path");
	test_tokens(flags, own, "FIFO");
	close(own);
	loop_free(loop);
	scratch_remove();
	return done_testing();
}
