/* SPDX-License-Identifier: ISC */

/* feed WORKERS EVENTS COMMAND [WORD]...: send EVENTS lines to WORKERS processes
 * of the command, up to WINDOW at a time to each, and count the answers.  This is the
 * minimal work of any executor with persistent workers. */

#include <config.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WINDOW = 256, LINE = 24, MAX_WORKERS = 64 };

struct worker {
	int in, out;
	int flying; /* lines that are not answered yet */
};

static long left, awaited;

static void start(struct worker *w, char **command)
{
	int in[2], out[2];

	if (pipe(in) < 0 || pipe(out) < 0)
		exit(1);
	if (fork() == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd <= out[1]; fd++)
			close(fd);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	*w = (struct worker){in[1], out[0], 0};
}

static void give(struct worker *w)
{
	char lines[WINDOW * LINE];
	size_t len = 0;

	for (; left > 0 && w->flying < WINDOW; left--, w->flying++)
		len += (size_t)snprintf(lines + len, LINE, "%ld\n", left);
	if (len > 0 && write(w->in, lines, len) != (ssize_t)len)
		exit(1);
}

static void take(struct worker *w)
{
	static char answers[WINDOW * LINE];
	ssize_t n = read(w->out, answers, sizeof answers);
	const char *p = answers, *end = answers + n;

	if (n <= 0) {
		fprintf(stderr, "feed: a worker has ended\n");
		exit(1);
	}
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		w->flying--;
		awaited--;
	}
}

int main(int argc, char **argv)
{
	static struct worker workers[MAX_WORKERS];
	struct pollfd polled[MAX_WORKERS];
	int n = argc > 3 ? atoi(argv[1]) : 0;

	if (n <= 0 || n > MAX_WORKERS) {
		fprintf(stderr, "usage: feed WORKERS EVENTS COMMAND [WORD]...\n");
		return 2;
	}
	left = awaited = atol(argv[2]);
	for (int i = 0; i < n; i++) {
		start(&workers[i], argv + 3);
		polled[i] = (struct pollfd){.fd = workers[i].out, .events = POLLIN};
		give(&workers[i]);
	}
	while (awaited > 0) {
		poll(polled, (nfds_t)n, -1);
		for (int i = 0; i < n; i++) {
			if (polled[i].revents == 0)
				continue;
			take(&workers[i]);
			give(&workers[i]);
		}
	}
	for (int i = 0; i < n; i++)
		close(workers[i].in);
	while (wait(NULL) > 0)
		continue;
	return 0;
}
