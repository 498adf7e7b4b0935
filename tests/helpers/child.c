/* SPDX-License-Identifier: ISC */
#include <config.h>

/* A scripted child for tests: each argument is a step, done in order.  The
 * table at the end of this file lists them; "child" alone prints it.
 *
 * Linked with nothing of volley's and built without sanitizers, so that the
 * descriptors, signals and memory it reports are only what it was given. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	STATUS_BAD_STEP = 99,	/* an error in the test, or an impossible step */
	HOLD_SECONDS_MAX = 120, /* a forgotten background child ends by itself */
	PATTERN_LINE = 64,	/* bytes per line of out= and err= */
};

struct step {
	const char *name;
	void (*run)(const char *value); /* value: after "=", NULL without one */
	const char *help;
};

/* The reply to the line that is being served. */
static struct {
	FILE *to[2]; /* stdout and stderr; NULL: as they are */
	char *text[2];
	size_t len[2];
	int status;
	bool given, over;
} reply;

/* --- small parts */

static _Noreturn void fail(const char *what, const char *value)
{
	fprintf(stderr, "child: %s '%s': %s\n", what, value, strerror(errno));
	exit(STATUS_BAD_STEP);
}

static _Noreturn void fail_bad(const char *what, const char *value)
{
	errno = EINVAL;
	fail(what, value != NULL ? value : "");
}

static long number(const char *text)
{
	char *end;
	long n;

	if (text == NULL)
		fail_bad("a number is missing", text);
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < 0)
		fail_bad("not a number", text);
	return n;
}

/* "TERM", "SIGTERM" or "15" */
static int signal_number(const char *text)
{
	if (text == NULL)
		fail_bad("a signal is missing", text);
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (int sig = 1; sig < NSIG; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name != NULL && strcmp(name, text) == 0)
			return sig;
	}
	return (int)number(text);
}

static void put(int fd, const char *p, size_t n)
{
	if (reply.to[0] != NULL) {
		fwrite(p, 1, n, reply.to[fd - 1]);
		return;
	}
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			fail("cannot write", fd == STDOUT_FILENO ? "stdout" : "stderr");
		p += done;
		n -= (size_t)done;
	}
}

static void put_line(int fd, const char *text)
{
	char line[8192];
	int n = snprintf(line, sizeof line, "%s\n", text);

	if (n < 0 || (size_t)n >= sizeof line)
		fail_bad("too long", text);
	put(fd, line, (size_t)n);
}

static void put_number(long n)
{
	char text[32];

	snprintf(text, sizeof text, "%ld", n);
	put_line(STDOUT_FILENO, text);
}

/* n bytes, the same each time, in lines that differ from each other */
static void put_pattern(int fd, long n)
{
	char block[PATTERN_LINE * 26];

	for (size_t i = 0; i < sizeof block; i++) {
		bool last = i % PATTERN_LINE == PATTERN_LINE - 1;

		block[i] = last ? '\n' : (char)('a' + i / PATTERN_LINE);
	}
	for (; n > 0; n -= (long)sizeof block)
		put(fd, block, n < (long)sizeof block ? (size_t)n : sizeof block);
}

/* --- output and input */

static void step_out(const char *value)
{
	put_pattern(STDOUT_FILENO, number(value));
}

static void step_err(const char *value)
{
	put_pattern(STDERR_FILENO, number(value));
}

static void step_line(const char *value)
{
	put_line(STDOUT_FILENO, value != NULL ? value : "");
}

static void step_eline(const char *value)
{
	put_line(STDERR_FILENO, value != NULL ? value : "");
}

static void step_text(const char *value)
{
	put(STDOUT_FILENO, value != NULL ? value : "", value != NULL ? strlen(value) : 0);
}

static void step_taste(const char *value)
{
	char byte;

	(void)value;
	if (read(STDIN_FILENO, &byte, 1) != 1)
		fail("cannot read", "stdin");
}

static void step_copy(const char *value)
{
	char block[65536];
	ssize_t n;

	(void)value;
	while ((n = read(STDIN_FILENO, block, sizeof block)) > 0)
		put(STDOUT_FILENO, block, (size_t)n);
	if (n < 0)
		fail("cannot read", "stdin");
}

static void step_close(const char *value)
{
	if (close((int)number(value)) < 0)
		fail("cannot close", value);
}

/* --- synchronization: files, FIFOs, time */

static void open_and_close(const char *path, int flags)
{
	int fd;

	if (path == NULL)
		fail_bad("a file is missing", path);
	do
		fd = open(path, flags | O_CLOEXEC, 0666);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		fail("cannot open", path);
	close(fd);
}

static void step_touch(const char *value)
{
	open_and_close(value, O_WRONLY | O_CREAT);
}

static void step_wait(const char *value)
{
	open_and_close(value, O_RDONLY);
}

static void step_post(const char *value)
{
	open_and_close(value, O_WRONLY);
}

static void step_nap(const char *value)
{
	long ms = number(value);
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

static void step_hang(const char *value)
{
	(void)value;
	alarm(HOLD_SECONDS_MAX);
	for (;;)
		pause();
}

static void write_pid(const char *path, pid_t pid)
{
	FILE *f;

	if (path == NULL)
		return;
	f = fopen(path, "we");
	if (f == NULL || fprintf(f, "%ld\n", (long)pid) < 0 || fclose(f) != 0)
		fail("cannot write", path);
}

/* --- processes and signals */

static void step_pidfile(const char *value)
{
	if (value == NULL)
		fail_bad("a file is missing", value);
	write_pid(value, getpid());
}

/* Returns when the background child is where it should be: it holds the write
 * end of a pipe until then. */
static void hold(const char *pidfile, bool own_session)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		fail("cannot make", "a pipe");
	pid = fork();
	if (pid < 0)
		fail("cannot fork", "");
	if (pid == 0) {
		if (own_session)
			setsid();
		close(ready[0]);
		close(ready[1]);
		step_hang(NULL);
	}
	close(ready[1]);
	while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	close(ready[0]);
	write_pid(pidfile, pid);
}

static void step_fork_hold(const char *value)
{
	hold(value, false);
}

static void step_setsid_hold(const char *value)
{
	hold(value, true);
}

static void step_ignore(const char *value)
{
	if (signal(signal_number(value), SIG_IGN) == SIG_ERR)
		fail("cannot ignore", value);
}

static void step_kill(const char *value)
{
	int sig = signal_number(value);
	sigset_t set;

	if (sig != SIGKILL && sig != SIGSTOP)
		signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (kill(getpid(), sig) < 0)
		fail("cannot send", value);
}

static void step_traceme(const char *value)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		fail("cannot be traced", value);
	execlp(value, value, (char *)NULL);
	fail("cannot execute", value);
}

static void step_exit(const char *value)
{
	reply.status = (int)number(value);
	reply.over = true;
	if (reply.to[0] == NULL)
		exit(reply.status);
}

static void step_quit(const char *value)
{
	_exit((int)number(value));
}

/* --- what this process inherited */

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void step_fds(const char *value)
{
	int fds[1024];
	size_t n = 0;
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	(void)value;
	if (dir == NULL)
		fail("cannot open", "/proc/self/fd");
	while ((entry = readdir(dir)) != NULL && n < sizeof fds / sizeof fds[0]) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir))
			fds[n++] = fd;
	}
	closedir(dir);
	qsort(fds, n, sizeof fds[0], compare_ints);
	for (size_t i = 0; i < n; i++) {
		char text[16];
		int len = snprintf(text, sizeof text, i > 0 ? " %d" : "%d", fds[i]);

		put(STDOUT_FILENO, text, (size_t)len);
	}
	put(STDOUT_FILENO, "\n", 1);
}

static bool is_ignored(int sig)
{
	struct sigaction sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

static bool is_blocked(int sig)
{
	sigset_t set;

	return sigprocmask(SIG_BLOCK, NULL, &set) == 0 && sigismember(&set, sig) == 1;
}

static void put_signals(const char *label, bool (*wanted)(int sig))
{
	char line[1024];
	int len = snprintf(line, sizeof line, "%s:", label);

	for (int sig = 1; sig < NSIG; sig++) {
		const char *name = sigabbrev_np(sig);

		if (!wanted(sig))
			continue;
		if (name != NULL)
			len += snprintf(line + len, sizeof line - (size_t)len, " %s",
					name);
		else
			len += snprintf(line + len, sizeof line - (size_t)len, " %d",
					sig);
	}
	put_line(STDOUT_FILENO, line);
}

static void step_sigs(const char *value)
{
	(void)value;
	put_signals("blocked", is_blocked);
	put_signals("ignored", is_ignored);
}

static void step_pid(const char *value)
{
	(void)value;
	put_number(getpid());
}

static void step_pgrp(const char *value)
{
	(void)value;
	put_number(getpgrp());
}

static void step_sid(const char *value)
{
	(void)value;
	put_number(getsid(0));
}

static void step_cwd(const char *value)
{
	char *path = getcwd(NULL, 0);

	(void)value;
	if (path == NULL)
		fail("cannot find", "the current directory");
	put_line(STDOUT_FILENO, path);
	free(path);
}

static void step_env(const char *value)
{
	const char *found;

	if (value == NULL)
		fail_bad("a name is missing", value);
	found = getenv(value);
	put_line(STDOUT_FILENO, found != NULL ? found : "(unset)");
}

/* --- a persistent worker */

static void run_step(const char *word);

static void open_reply(void)
{
	for (int i = 0; i < 2; i++)
		if ((reply.to[i] = open_memstream(&reply.text[i], &reply.len[i])) == NULL)
			fail("cannot keep", "a reply");
	reply.status = 0;
}

static void close_reply(void)
{
	for (int i = 0; i < 2; i++) {
		fclose(reply.to[i]);
		reply.to[i] = NULL;
	}
}

static void write_string(FILE *f, const char *text, size_t n)
{
	putc('"', f);
	for (; n-- > 0; text++) {
		if (*text == '\n')
			fputs("\\n", f);
		else
			fprintf(f, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	}
	putc('"', f);
}

/* A single write, so that the reader gets it completely. */
static void step_reply(const char *value)
{
	char *line;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	(void)value;
	close_reply();
	fprintf(f, "{\"status\":%d,\"stdout\":", reply.status);
	write_string(f, reply.text[0], reply.len[0]);
	fputs(",\"stderr\":", f);
	write_string(f, reply.text[1], reply.len[1]);
	fputs("}\n", f);
	fclose(f);
	put(STDOUT_FILENO, line, len);
	free(line);
	free(reply.text[0]);
	free(reply.text[1]);
	reply.given = true;
	open_reply();
}

static void step_raw(const char *value)
{
	if (value == NULL)
		fail_bad("a text is missing", value);
	if (write(STDOUT_FILENO, value, strlen(value)) < 0)
		fail("cannot write", "stdout");
}

static void step_pad(const char *value)
{
	(void)value;
}

static void serve_line(char *line)
{
	char *rest = line;
	const char *word;

	open_reply();
	reply.given = reply.over = false;
	while (!reply.over && (word = strtok_r(rest, " \n", &rest)) != NULL)
		run_step(word);
	if (!reply.given)
		step_reply(NULL);
	close_reply();
	free(reply.text[0]);
	free(reply.text[1]);
}

/* Reads no byte of the next line before this one is answered. */
static void step_serve(const char *value)
{
	char *line = NULL;
	size_t size = 0;

	(void)value;
	setvbuf(stdin, NULL, _IONBF, 0);
	while (getline(&line, &size, stdin) > 0)
		serve_line(line);
	free(line);
}

/* --- the script */

static const struct step steps[] = {
	{"out", step_out, "=N: N bytes of a fixed pattern to stdout"},
	{"err", step_err, "=N: the same to stderr"},
	{"line", step_line, "=TEXT: TEXT and a newline to stdout"},
	{"eline", step_eline, "=TEXT: the same to stderr"},
	{"text", step_text, "=TEXT: TEXT without a newline to stdout"},
	{"copy", step_copy, ": stdin to stdout, until its end"},
	{"taste", step_taste, ": read one byte of stdin"},
	{"close", step_close, "=FD: close a descriptor"},
	{"touch", step_touch, "=FILE: create it"},
	{"wait", step_wait, "=FIFO: until somebody opens it for writing"},
	{"post", step_post, "=FIFO: open it for writing, so that a wait= goes on"},
	{"nap", step_nap, "=MS: sleep (also as two words: nap MS)"},
	{"hang", step_hang, ": until killed"},
	{"pidfile", step_pidfile, "=FILE: write its process number there"},
	{"fork-hold", step_fork_hold,
	 "[=FILE]: leave a child that keeps all descriptors; its number to FILE"},
	{"setsid-hold", step_setsid_hold, "[=FILE]: the same in a session of its own"},
	{"ignore", step_ignore, "=SIGNAL: ignore it from now on"},
	{"kill", step_kill, "=SIGNAL: send it to itself, with the default action"},
	{"traceme", step_traceme, "=PROGRAM: let the parent trace it, and become PROGRAM"},
	{"exit", step_exit, "=N: end with this status"},
	{"serve", step_serve, ": each line of stdin is steps, all they say one reply in JSON"},
	{"reply", step_reply, ": (in such a line) reply now, and not at its end"},
	{"raw", step_raw, "=TEXT: (there) TEXT to the real stdout"},
	{"quit", step_quit, "=N: (there, where exit=N is the reply's) end with this status"},
	{"pad", step_pad, "=TEXT: nothing"},
	{"fds", step_fds, ": the open descriptors on one line: 0 1 2"},
	{"sigs", step_sigs, ": lines 'blocked: ...' and 'ignored: ...'"},
	{"pid", step_pid, ": its process number"},
	{"pgrp", step_pgrp, ": its process group"},
	{"sid", step_sid, ": its session"},
	{"cwd", step_cwd, ": the current directory"},
	{"env", step_env, "=NAME: the variable's value, or (unset)"},
	{NULL, NULL, NULL},
};

static const struct step *find_step(const char *word)
{
	size_t len = strcspn(word, "=");

	for (const struct step *s = steps; s->name != NULL; s++)
		if (strlen(s->name) == len && memcmp(s->name, word, len) == 0)
			return s;
	fail_bad("no such step", word);
}

static void run_step(const char *word)
{
	const char *equals = strchr(word, '=');

	find_step(word)->run(equals != NULL ? equals + 1 : NULL);
}

/* args [ARG]...: each on a line, in brackets; nothing after it is a step. */
static int show_args(char **argv)
{
	for (; *argv != NULL; argv++) {
		put(STDOUT_FILENO, "[", 1);
		put(STDOUT_FILENO, *argv, strlen(*argv));
		put(STDOUT_FILENO, "]\n", 2);
	}
	return 0;
}

static void show_steps(void)
{
	puts("usage: child STEP...   or: child [STEP]... args [ARG]...");
	for (const struct step *s = steps; s->name != NULL; s++)
		printf("  %s%s\n", s->name, s->help);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		show_steps();
	while (*++argv != NULL) {
		if (strcmp(*argv, "args") == 0)
			return show_args(argv + 1);
		if (strcmp(*argv, "nap") == 0 && argv[1] != NULL)
			step_nap(*++argv);
		else
			run_step(*argv);
	}
	return 0;
}
