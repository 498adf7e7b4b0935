/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Run a command with its stdout connected to this program, and copy its output.
 *
 *	far [-s] [-n] [-w FIFO] [-c BYTES] COMMAND [ARG]...
 *
 *	-s        use a socket instead of a pipe
 *	-n        make it non-blocking, as another process might have done
 *	-w FIFO   read nothing until the FIFO is opened for writing
 *	-c BYTES  read that many bytes, then close it
 *
 * When the command has ended, print on stderr whether the file description is
 * "blocking" or "non-blocking".  The exit status is the command's, or 128+N if signal
 * N ended it. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_FAILED = 99 };

struct far {
	bool socket, nonblocking;
	const char *fifo;
	long bytes;
	int ends[2]; /* to read from, to write to */
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "far: %s: %s\n", what, strerror(errno));
	exit(STATUS_FAILED);
}

static void copy(int from, long left)
{
	char block[65536];
	ssize_t n = 1;

	while (left > 0 && n > 0) {
		n = read(from, block, left < 65536 ? (size_t)left : sizeof block);
		for (ssize_t at = 0, done; at < n; at += done) {
			done = write(STDOUT_FILENO, block + at, (size_t)(n - at));
			if (done < 0)
				fail("cannot write");
		}
		left -= n;
	}
}

static pid_t start_reader(const struct far *far)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("cannot fork");
	if (pid > 0)
		return pid;
	close(far->ends[1]);
	if (far->fifo != NULL && open(far->fifo, O_RDONLY) < 0)
		fail(far->fifo);
	copy(far->ends[0], far->bytes);
	_exit(0);
}

static pid_t start_command(const struct far *far, char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("cannot fork");
	if (pid > 0)
		return pid;
	dup2(far->ends[1], STDOUT_FILENO);
	close(far->ends[0]);
	close(far->ends[1]);
	execvp(command[0], command);
	fail(command[0]);
}

static char **parse(struct far *far, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+snw:c:")) != -1) {
		switch (c) {
		case 's':
			far->socket = true;
			break;
		case 'n':
			far->nonblocking = true;
			break;
		case 'w':
			far->fifo = optarg;
			break;
		case 'c':
			far->bytes = atol(optarg);
			break;
		default:
			exit(STATUS_FAILED);
		}
	}
	return argv + optind;
}

int main(int argc, char **argv)
{
	struct far far = {.bytes = LONG_MAX};
	char **command = parse(&far, argc, argv);
	int status, flags;
	pid_t reader, pid;

	if ((far.socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, far.ends)
			: pipe(far.ends)) < 0)
		fail("cannot connect");
	if (far.nonblocking)
		fcntl(far.ends[1], F_SETFL, O_NONBLOCK);
	reader = start_reader(&far);
	pid = start_command(&far, command);
	close(far.ends[0]);
	waitpid(pid, &status, 0);
	flags = fcntl(far.ends[1], F_GETFL);
	fputs(flags & O_NONBLOCK ? "non-blocking\n" : "blocking\n", stderr);
	close(far.ends[1]);
	waitpid(reader, NULL, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
