/* SPDX-License-Identifier: ISC */
/* Opens a task's pipes, chooses its terminal, signal mask and environment, starts its
 * process and, if that fails, explains why.  A program that the kernel refuses with
 * ENOEXEC is started a second time as a script of /bin/sh. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/launch.h"
#include "sys/textfile.h"

/* --- the terminal */

/* The kernel stops a background process that does this, unless SIGTTOU is blocked. */
static void set_foreground(int fd, pid_t group)
{
	sigset_t block, old;

	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &old);
	tcsetpgrp(fd, group);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

bool lease_possible(struct lease *l)
{
	if (l->fd < 0)
		l->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return l->fd >= 0 && tcgetpgrp(l->fd) == getpgrp();
}

void lease_give(struct lease *l, pid_t group)
{
	if (!lease_possible(l))
		return;
	set_foreground(l->fd, group);
	l->lent = true;
}

void lease_end(struct lease *l)
{
	if (l->lent)
		set_foreground(l->fd, getpgrp());
	l->lent = false;
}

void lease_clear(struct lease *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* --- the start */

/* Our end is a description of its own, so O_NONBLOCK affects no other process. */
static bool open_pipe(int *ours, int *theirs, bool we_write)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	*ours = fds[we_write];
	*theirs = fds[!we_write];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return true;
}

static void close_ends(int ends[LAUNCH_ENDS])
{
	for (int i = 0; i < LAUNCH_ENDS; i++) {
		if (ends[i] >= 0)
			close(ends[i]);
		ends[i] = -1;
	}
}

/* False with errno. */
static bool open_ends(struct launch *l, int theirs[LAUNCH_ENDS])
{
	const struct launch_means *means = l->means;
	const bool piped[] = {means->feed, !means->inherit, !means->inherit, means->feed};
	struct bytes input = l->order.command->input;

	for (int i = 0; i < LAUNCH_ENDS; i++)
		if (piped[i] && !open_pipe(&l->ends[i], &theirs[i], i == STDIN_FILENO))
			return false;
	if (!means->feed && input.p != NULL)
		return (theirs[STDIN_FILENO] = textfile_hold(input)) >= 0;
	return true;
}

/* A task must not read the events from volley's stdin.  A terminal has other lines for
 * it when the events have ended. */
static void lend_terminal(struct launch_means *means, struct spawn_spec *spec)
{
	struct lease *l = &means->terminal;

	l->lent = lease_possible(l);
	if (l->lent)
		spec->terminal = l->fd;
	if (spec->fds[0] < 0 && means->stdin_taken && !isatty(STDIN_FILENO))
		spec->fds[0] = l->lent ? l->fd : means->children->null_fd;
}

/* With "stty tostop", a background process group is stopped when it writes to the
 * terminal, and each job is such a group.  With SIGTTOU blocked it may write. */
static bool terminal_stops_writers(void)
{
	struct termios mode;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (tcgetattr(fd, &mode) == 0 && (mode.c_lflag & TOSTOP) != 0)
			return true;
	return false;
}

static const sigset_t *choose_mask(struct launch *l, const struct launch_means *means)
{
	l->mask = *means->mask;
	if (means->inherit && !means->foreground && terminal_stops_writers())
		sigaddset(&l->mask, SIGTTOU);
	return &l->mask;
}

static pid_t start_process(struct launch *l, const int fds[3])
{
	struct launch_means *means = l->means;
	struct children *children = means->children;
	const struct command *command = l->order.command;
	struct spawn_spec spec = {
	    .path = l->script != NULL ? "/bin/sh" : command->path,
	    .argv = l->script != NULL ? l->script : command->argv,
	    .env = children_env(children, command, l->order.own, &l->env),
	    .dir = command->dir,
	    .fds = {fds[0], fds[1], fds[2]},
	    .mask = choose_mask(l, means),
	    .files = &children->files,
	    .nice = children->nice,
	    .terminal = -1,
	    .death_signal = child_death_signal(l->order.child),
	};

	if (means->foreground)
		lend_terminal(means, &spec);
	else if (fds[0] < 0)
		spec.fds[0] = children->null_fd;
	return spawn_start(l->seat, &spec, &l->stage);
}

static bool try_launch(struct launch *l)
{
	struct child *c = l->order.child;
	int theirs[LAUNCH_ENDS] = {-1, -1, -1, -1};

	l->stage = SPAWN_FORK;
	l->error = 0;
	child_guard(l->means->children, c, &l->order.mark);
	c->pid = open_ends(l, theirs) ? start_process(l, theirs) : -1;
	if (c->pid < 0)
		l->error = errno;
	else
		child_begin(c, l->order.changed, l->order.arg);
	close_ends(theirs);
	if (c->pid >= 0)
		return true;
	close_ends(l->ends);
	child_release(c);
	return false;
}

bool launch_child(struct launch *l, const struct launch_order *order)
{
	l->order = *order;
	free(l->script);
	l->script = NULL;
	return try_launch(l) || launch_child_again(l);
}

int launch_take_end(struct launch *l, int which)
{
	int fd = l->ends[which];

	l->ends[which] = -1;
	return fd;
}

void launch_close_ends(struct launch *l)
{
	close_ends(l->ends);
}

bool launch_has_left(const struct launch *l)
{
	return spawn_has_left(l->seat);
}

static bool dumps_core(int signo)
{
	static const int dumping[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
				      SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};

	for (size_t i = 0; i < sizeof dumping / sizeof dumping[0]; i++)
		if (dumping[i] == signo)
			return true;
	return false;
}

int launch_signal(const struct launch *l, int signo)
{
	return dumps_core(signo) && !launch_has_left(l) ? SIGKILL : signo;
}

bool launch_has_failed(const struct launch *l)
{
	enum spawn_stage stage;

	return spawn_has_left(l->seat) && spawn_error(l->seat, &stage) != 0;
}

/* What the seat knows now and the start did not know yet. */
static void learn_error(struct launch *l)
{
	if (l->error == 0)
		l->error = spawn_error(l->seat, &l->stage);
}

static char **script_argv(const struct command *command)
{
	size_t n = 0;
	char **argv;

	while (command->argv[n] != NULL)
		n++;
	argv = xcalloc(n + 2, sizeof *argv);
	memcpy(argv + 1, command->argv, n * sizeof *argv);
	argv[0] = (char *)"/bin/sh";
	argv[1] = (char *)command->path;
	return argv;
}

bool launch_child_again(struct launch *l)
{
	learn_error(l);
	if (l->stage != SPAWN_EXEC || l->error != ENOEXEC || l->script != NULL ||
	    l->order.child->killed)
		return false;
	l->script = script_argv(l->order.command);
	close_ends(l->ends);
	child_release(l->order.child);
	return try_launch(l);
}

/* Short of processes, descriptors or memory: some may be free again later. */
static bool is_shortage(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

void launch_explain(struct launch *l, struct engine_result *r)
{
	const struct command *command = l->order.command;
	const char *reason;

	learn_error(l);
	reason = strerror(l->error);
	r->kind = RESULT_NOT_STARTED;
	r->code = 126;
	r->why = l->why;
	if (l->stage == SPAWN_DIR) {
		snprintf(l->why, sizeof l->why, "cannot change to directory '%.150s': %s",
			 command->dir, reason);
	} else if (l->stage == SPAWN_EXEC && l->error == E2BIG) {
		snprintf(l->why, sizeof l->why,
			 "its arguments and environment together are too long for the "
			 "kernel");
	} else if (l->stage == SPAWN_EXEC && l->error == ENOENT) {
		r->code = 127;
		snprintf(l->why, sizeof l->why,
			 "cannot execute '%.150s': there is no such file, or the "
			 "interpreter named in its first line does not exist",
			 command->path);
	} else if (l->stage == SPAWN_EXEC) {
		snprintf(l->why, sizeof l->why, "cannot execute '%.150s': %s",
			 command->path, reason);
	} else {
		r->try_again = is_shortage(l->error);
		snprintf(l->why, sizeof l->why, "cannot start a process: %s", reason);
	}
}

void launch_init(struct launch *l, struct launch_means *means)
{
	*l = (struct launch){
	    .means = means, .ends = {-1, -1, -1, -1}, .seat = spawn_seat_new()};
}

void launch_clear(struct launch *l)
{
	close_ends(l->ends);
	free(l->script);
	spawn_seat_free(l->seat);
	free(l->env.v);
}
