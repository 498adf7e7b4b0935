/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "scratch.h"
#include "sys/writer.h"
#include "tap.h"

static char block[65536];

static ssize_t put(struct writer *w, size_t n)
{
	struct iovec iov[2] = {{block, n / 2}, {block + n / 2, n - n / 2}};

	return writer_write(w, iov, 2);
}

/* Write until no more is taken; how much was. -1: for another reason. */
static ssize_t fill(struct writer *w, size_t piece)
{
	ssize_t n, all = 0;

	while ((n = put(w, piece)) > 0)
		all += n;
	return n < 0 && errno == EAGAIN ? all : -1;
}

static bool is_nonblocking(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

static void empty(int fd, size_t n)
{
	static char bin[65536];

	while (n > 0) {
		ssize_t got = read(fd, bin, n < sizeof bin ? n : sizeof bin);

		if (got <= 0)
			abort();
		n -= (size_t)got;
	}
}

static void test_pipe(void)
{
	struct writer w;
	ssize_t taken;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	writer_open(&w, fds[1]);
	ok(w.waitable && w.own && w.fd != fds[1] && !w.tty, "a pipe is opened again");
	ok((fcntl(w.fd, F_GETFD) & FD_CLOEXEC) != 0, "not for children");
	taken = fill(&w, 3000);
	ok(taken >= 30000, "a pipe that is full is EAGAIN, and does not block");
	ok(!is_nonblocking(fds[1]), "the descriptor that others share stays blocking");
	empty(fds[0], (size_t)taken);
	is_int(put(&w, 100), 100, "one that is read again takes more");
	empty(fds[0], 100);
	close(fds[0]);
	errno = 0;
	ok(put(&w, 1) < 0 && errno == EPIPE, "one that nobody reads is EPIPE");
	writer_close(&w);
	is_int(w.fd, -1, "a closed writer has no descriptor");
	ok(fcntl(fds[1], F_GETFD) >= 0, "its caller still has");
	close(fds[1]);
}

/* --- without a copy */

static void test_splice(void)
{
	struct writer w;
	int from[2], to[2];
	char got[16];

	if (pipe2(from, O_CLOEXEC) < 0 || pipe2(to, O_CLOEXEC) < 0)
		abort();
	writer_open(&w, to[1]);
	ok(w.direct, "a pipe takes data without copying");
	ok(write(from[1], "hello", 5) == 5 && writer_splice(&w, from[0], 100) == 5 &&
	       read(to[0], got, sizeof got) == 5 && memcmp(got, "hello", 5) == 0,
	   "all that there is in another pipe");
	ok(writer_splice(&w, from[0], 100) < 0 && errno == EAGAIN,
	   "when that is empty it does not block");
	fill(&w, 3000);
	ok(write(from[1], "hello", 5) == 5 && writer_splice(&w, from[0], 100) < 0 &&
	       errno == EAGAIN,
	   "or when it is full itself");
	ok(read(from[0], got, sizeof got) == 5, "and the other pipe has kept all");
	close(from[1]);
	empty(to[0], 30000);
	is_int(writer_splice(&w, from[0], 100), 0, "the other's end is 0");
	close(from[0]);
	close(to[0]);
	close(to[1]);
	writer_close(&w);
}

static void test_splice_to_file(void)
{
	int from[2], fd = open(scratch_path("spliced"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct writer w;
	char got[16];

	if (pipe2(from, O_CLOEXEC) < 0 || fd < 0)
		abort();
	writer_open(&w, fd);
	ok(w.direct && write(from[1], "hello", 5) == 5 &&
	       writer_splice(&w, from[0], 100) == 5 && pread(fd, got, sizeof got, 0) == 5,
	   "a file can take it as well");
	fcntl(fd, F_SETFL, O_APPEND);
	ok(write(from[1], "hello", 5) == 5 && writer_splice(&w, from[0], 100) < 0 &&
	       errno == EINVAL && !w.direct,
	   "but not one that is appended to, which it knows then");
	writer_close(&w);
	close(from[0]);
	close(from[1]);
	close(fd);
}

static void test_grow(void)
{
	struct writer w;
	int fds[2], size;

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	size = fcntl(fds[1], F_GETPIPE_SZ);
	writer_open(&w, fds[1]);
	is_int(fcntl(fds[1], F_GETPIPE_SZ), size, "a pipe is left as it is");
	ok(writer_grow(&w) && fcntl(fds[1], F_GETPIPE_SZ) > size,
	   "until it is full: then it is made larger");
	ok(!writer_grow(&w), "once");
	writer_close(&w);
	close(fds[0]);
	close(fds[1]);
}

/* What cannot be opened anew (another user's terminal; a pipe without reader)
 * is written to in small pieces, when it is ready for one. */
static void test_small(void)
{
	struct writer w;
	ssize_t taken;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	writer_open(&w, fds[1]);
	writer_close(&w);
	w = (struct writer){.fd = fds[1], .small = true, .waitable = true};
	is_int(put(&w, 100), 50, "in small pieces: one of them at a time");
	empty(fds[0], 50);
	taken = fill(&w, sizeof block);
	ok(taken >= 60000 && taken % 4096 == 0, "each of which a pipe takes at once, or none");
	ok(!is_nonblocking(fds[1]), "all that without O_NONBLOCK");
	close(fds[0]);
	close(fds[1]);

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	close(fds[0]);
	writer_open(&w, fds[1]);
	errno = 0;
	ok(put(&w, 100) < 0 && errno == EPIPE,
	   "a pipe that has lost its reader before it is opened is EPIPE");
	writer_close(&w);
	close(fds[1]);
}

static void test_socket(void)
{
	struct writer w;
	ssize_t taken;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	writer_open(&w, fds[1]);
	ok(w.socket && w.waitable && w.fd == fds[1], "a socket is used as it is");
	taken = fill(&w, 3000);
	ok(taken > 0, "a socket that is full is EAGAIN, and does not block");
	ok(!is_nonblocking(fds[1]), "and not by O_NONBLOCK");
	empty(fds[0], (size_t)taken);
	is_int(put(&w, 100), 100, "one that is read again takes more");
	close(fds[0]);
	errno = 0;
	ok(put(&w, 1) < 0 && errno == EPIPE, "one that nobody reads is EPIPE");
	writer_close(&w);
	close(fds[1]);
}

static void test_file(void)
{
	const char *path = scratch_file("file", "before", 0644);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	struct writer w;
	struct stat st;

	writer_open(&w, fd);
	ok(!w.waitable && w.fd == fd, "a regular file is used as it is");
	is_int(put(&w, sizeof block), sizeof block, "and takes everything at once");
	fstat(fd, &st);
	is_int(st.st_size, 6 + sizeof block, "at its end, when it is opened for that");
	writer_close(&w);
	close(fd);
}

static void test_what_cannot_be_written(void)
{
	static const struct {
		const char *path;
		int flags, error;
	} cases[] = {
	    {"/dev/full", O_WRONLY, ENOSPC},
	    {"/dev/null", O_RDONLY, EBADF},
	    {"/proc/self/exe", O_RDONLY, EBADF},
	    {"/", O_RDONLY, EBADF},
	};
	struct writer w;
	int fds[2];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int fd = open(cases[i].path, cases[i].flags | O_CLOEXEC);

		writer_open(&w, fd);
		errno = 0;
		ok(put(&w, 10) < 0 && errno == cases[i].error, "%s%s is: %s", cases[i].path,
		   cases[i].flags == O_RDONLY ? ", opened for reading," : "",
		   strerror(cases[i].error));
		writer_close(&w);
		close(fd);
	}
	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	writer_open(&w, fds[0]);
	errno = 0;
	ok(put(&w, 10) < 0 && errno == EBADF, "the reading end of a pipe is not written to");
	writer_close(&w);
	close(fds[0]);
	close(fds[1]);
	writer_open(&w, 10000);
	errno = 0;
	ok(put(&w, 10) < 0 && errno == EBADF, "nor what is not open");
}

static void test_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave = -1;
	struct writer w;

	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
		slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0) {
		ok(true, "a terminal # SKIP there are none here");
		return;
	}
	writer_open(&w, slave);
	ok(w.tty && w.waitable && w.own, "a terminal is recognised and opened again");
	ok(fill(&w, 1000) > 0, "a terminal whose screen is not read does not block");
	ok(!is_nonblocking(slave), "and its own descriptor is left alone");
	writer_close(&w);
	close(slave);
	close(master);
}

int main(void)
{
	int before;

	signal(SIGPIPE, SIG_IGN);
	memset(block, 'x', sizeof block);
	scratch_make();
	before = count_descriptors();
	test_pipe();
	test_splice();
	test_splice_to_file();
	test_grow();
	test_small();
	test_socket();
	test_file();
	test_what_cannot_be_written();
	test_terminal();
	is_int(count_descriptors(), before, "no descriptor is left open");
	scratch_remove();
	return done_testing();
}
