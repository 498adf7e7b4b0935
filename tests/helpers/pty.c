/* SPDX-License-Identifier: ISC */
#include <config.h>

/* Run a command on a new pseudo-terminal, as a user at a terminal would.
 *
 *	pty [-c COLS] [-r ROWS] [-f FDS] [-t FILE] [-x FIFO] COMMAND [ARG]...
 *
 *	-c, -r  size of the terminal (80 and 24)
 *	-f FDS  which of the command's descriptors 0, 1, 2 are the terminal
 *	        (012); the others are pty's own.  -e is -f 2
 *	-t FILE copy the output to FILE immediately, so that a test can wait for a
 *	        text to appear
 *	-x FIFO read orders from FIFO, one per line:
 *	          resize COLS ROWS
 *	          type TEXT        with ^C, ^Z, ^M ... for control characters
 *	          close            hang the terminal up
 *
 * The command leads a session with this controlling terminal.  Output to the terminal
 * is copied to stdout unchanged (to stderr if the command's stdout is pty's own).
 * Standard input is typed on the terminal, unless the command has it or it is a
 * terminal; its end types nothing.  The exit status is the command's, or 128+N if
 * signal N ended it. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STATUS_FAILED = 99,
	LINGER_MS = 200, /* for output of a command that left others on the terminal */
};

struct pty {
	const char *fds;	/* the command's descriptors that are the terminal */
	const char *transcript; /* NULL: none */
	const char *orders;	/* NULL: none */
	struct winsize size;

	int master;	   /* -1 when hung up */
	int slave;	   /* kept until the command ends: without it the
			    * terminal would hang up while no process has it open */
	int screen;	   /* where what the terminal receives goes */
	int transcript_fd; /* -1: none */
	int orders_fd;	   /* -1: none */
	int keyboard;	   /* -1: nothing (more) to type */
	int sigchld;
	pid_t pid;
	char line[4096]; /* an order that has not ended yet */
	size_t line_len;
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	exit(STATUS_FAILED);
}

static void write_all(int fd, const char *p, size_t n)
{
	while (fd >= 0 && n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return; /* the reader has gone; the command goes on */
		p += done;
		n -= (size_t)done;
	}
}

/* --- setting up */

static void open_terminal(struct pty *pty)
{
	pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->master < 0 || grantpt(pty->master) < 0 || unlockpt(pty->master) < 0)
		fail("cannot make a pseudo-terminal");
	pty->slave = open(ptsname(pty->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->slave < 0)
		fail("cannot open the pseudo-terminal");
	if (ioctl(pty->slave, TIOCSWINSZ, &pty->size) < 0)
		fail("cannot set the size");
}

static void open_files(struct pty *pty)
{
	pty->screen = strchr(pty->fds, '1') != NULL ? STDOUT_FILENO : STDERR_FILENO;
	pty->keyboard = strchr(pty->fds, '0') != NULL && !isatty(STDIN_FILENO) ? 0 : -1;
	pty->transcript_fd = pty->orders_fd = -1;
	if (pty->transcript != NULL) {
		pty->transcript_fd = open(
		    pty->transcript, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (pty->transcript_fd < 0)
			fail(pty->transcript);
	}
	if (pty->orders != NULL) {
		/* open for writing as well: so it has no end while others come
		 * and go */
		pty->orders_fd = open(pty->orders, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (pty->orders_fd < 0)
			fail(pty->orders);
	}
}

static int watch_children(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fail("cannot watch for children");
	return fd;
}

/* A shell that starts pty in the background makes it ignore SIGINT and SIGQUIT; on a
 * terminal no signal is ignored. */
static void reset_signals(const sigset_t *mask)
{
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

static _Noreturn void become_command(struct pty *pty, char **argv, const sigset_t *mask)
{
	setsid();
	if (ioctl(pty->slave, TIOCSCTTY, 0) < 0)
		fail("cannot take the terminal");
	for (int fd = 0; fd <= 2; fd++)
		if (strchr(pty->fds, '0' + fd) != NULL && dup2(pty->slave, fd) < 0)
			fail("cannot connect the terminal");
	reset_signals(mask);
	execvp(argv[0], argv);
	fail(argv[0]);
}

static void start(struct pty *pty, char **argv)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	pty->sigchld = watch_children();
	pty->pid = fork();
	if (pty->pid < 0)
		fail("cannot fork");
	if (pty->pid == 0)
		become_command(pty, argv, &mask);
}

/* --- orders */

/* "^C" is one byte, Control-C; "^?" is DEL. */
static void type(struct pty *pty, const char *text)
{
	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '^' && text[1] != '\0') {
			c = *++text;
			c = c == '?' ? 0x7f : (char)(c & 0x1f);
		}
		write_all(pty->master, &c, 1);
	}
}

static void hang_up(struct pty *pty)
{
	close(pty->slave);
	close(pty->master);
	pty->master = pty->slave = -1;
}

static void obey(struct pty *pty, const char *order)
{
	unsigned short cols, rows;

	if (sscanf(order, "resize %hu %hu", &cols, &rows) == 2) {
		pty->size.ws_col = cols;
		pty->size.ws_row = rows;
		if (pty->master >= 0)
			ioctl(pty->master, TIOCSWINSZ, &pty->size);
	} else if (strncmp(order, "type ", 5) == 0) {
		type(pty, order + 5);
	} else if (strcmp(order, "close") == 0 && pty->master >= 0) {
		hang_up(pty);
	} else {
		fprintf(stderr, "pty: what is '%s'?\n", order);
	}
}

static void read_orders(struct pty *pty)
{
	char *newline;
	ssize_t n = read(pty->orders_fd, pty->line + pty->line_len,
			 sizeof pty->line - 1 - pty->line_len);

	if (n <= 0)
		return;
	pty->line_len += (size_t)n;
	pty->line[pty->line_len] = '\0';
	while ((newline = strchr(pty->line, '\n')) != NULL) {
		*newline = '\0';
		obey(pty, pty->line);
		pty->line_len -= (size_t)(newline + 1 - pty->line);
		memmove(pty->line, newline + 1, pty->line_len + 1);
	}
}

/* --- copying */

/* Returns false at the end of the output. */
static bool copy_screen(struct pty *pty)
{
	char block[65536];
	ssize_t n = read(pty->master, block, sizeof block);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) /* EIO: no process has the terminal open */
		return false;
	write_all(pty->transcript_fd, block, (size_t)n);
	write_all(pty->screen, block, (size_t)n);
	return true;
}

static void copy_keyboard(struct pty *pty)
{
	char block[512];
	ssize_t n = read(pty->keyboard, block, sizeof block);

	if (n > 0)
		write_all(pty->master, block, (size_t)n);
	else if (n == 0 || errno != EINTR)
		pty->keyboard = -1;
}

static bool command_ended(struct pty *pty, int *status)
{
	struct signalfd_siginfo info;

	while (read(pty->sigchld, &info, sizeof info) > 0)
		continue;
	return waitpid(pty->pid, status, WNOHANG) == pty->pid;
}

/* The last output may still be in the terminal's buffer. */
static void drain(struct pty *pty)
{
	struct pollfd fd = {pty->master, POLLIN, 0};

	if (pty->master < 0)
		return;
	close(pty->slave);
	while (poll(&fd, 1, LINGER_MS) > 0 && copy_screen(pty))
		continue;
}

/* Returns the command's wait status. */
static int attend(struct pty *pty)
{
	int status;

	for (;;) {
		struct pollfd fds[] = {
			{pty->sigchld, POLLIN, 0},
			{pty->master, POLLIN, 0},
			{pty->orders_fd, POLLIN, 0},
			{pty->master >= 0 ? pty->keyboard : -1, POLLIN, 0},
		};

		if (poll(fds, sizeof fds / sizeof fds[0], -1) < 0 && errno != EINTR)
			fail("cannot wait");
		if (fds[1].revents != 0)
			copy_screen(pty);
		if (fds[2].revents != 0)
			read_orders(pty);
		if (fds[3].revents != 0)
			copy_keyboard(pty);
		if (fds[0].revents != 0 && command_ended(pty, &status))
			return status;
	}
}

/* --- the command line */

static unsigned short to_size(const char *text)
{
	int n = atoi(text);

	if (n < 1 || n > 9999) {
		errno = EINVAL;
		fail(text);
	}
	return (unsigned short)n;
}

static char **parse(struct pty *pty, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+c:r:f:et:x:")) != -1) {
		switch (c) {
		case 'c':
			pty->size.ws_col = to_size(optarg);
			break;
		case 'r':
			pty->size.ws_row = to_size(optarg);
			break;
		case 'f':
			pty->fds = optarg;
			break;
		case 'e':
			pty->fds = "2";
			break;
		case 't':
			pty->transcript = optarg;
			break;
		case 'x':
			pty->orders = optarg;
			break;
		default:
			exit(STATUS_FAILED);
		}
	}
	if (optind == argc) {
		fputs("pty: no command\n", stderr);
		exit(STATUS_FAILED);
	}
	return argv + optind;
}

int main(int argc, char **argv)
{
	struct pty pty = {.fds = "012", .size = {.ws_col = 80, .ws_row = 24}};
	char **command = parse(&pty, argc, argv);
	int status;

	open_terminal(&pty);
	open_files(&pty);
	start(&pty, command);
	status = attend(&pty);
	drain(&pty);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
