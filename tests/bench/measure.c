/* SPDX-License-Identifier: ISC */

/* measure null|pipe|file COMMAND [WORD]...: run the command with such a stdout, and
 * print "SECONDS PEAK_KIB STATUS" to stderr.  A small program, because a process
 * inherits the peak memory of the process that starts it.  "file" is an unnamed file in
 * the current directory. */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void drain(int fd)
{
	static char buffer[64 * 1024];

	while (read(fd, buffer, sizeof buffer) > 0)
		continue;
}

int main(int argc, char **argv)
{
	int ends[2] = {-1, -1}, out, quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "pipe") == 0)
		out = pipe2(ends, O_CLOEXEC) < 0 ? -1 : ends[1];
	else if (strcmp(argv[1], "file") == 0)
		out = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	else
		out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	start = now();
	pid = fork();
	if (pid == 0) {
		dup2(out, 1);
		dup2(quiet, 2);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	close(out);
	if (ends[0] >= 0)
		drain(ends[0]);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 1;
	fprintf(stderr, "%.6f %ld %d\n", now() - start, usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
