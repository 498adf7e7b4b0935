/* SPDX-License-Identifier: ISC */
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
#include "sys/memfile.h"

/* The end we read is a description of our own, so O_NONBLOCK hurts nobody. */
static int open_pipe(int *read_end, int *write_end)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*read_end = fds[0];
	*write_end = fds[1];
	return 0;
}

/* stdin may be where the events come from: then it is not for the task. */
static void lend_terminal(struct launch_means *means, struct spawn_spec *spec)
{
	struct lease *l = &means->terminal;

	l->lent = lease_possible(l);
	if (l->lent)
		spec->terminal = l->fd;
	if (spec->fds[0] < 0 && !isatty(STDIN_FILENO))
		spec->fds[0] = l->lent ? l->fd : means->children->null_fd;
}

/* Where "stty tostop" is in force, a group in the background is stopped when it writes
 * to the terminal, and each job is such a group.  With SIGTTOU blocked it may write. */
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

static pid_t spawn_task(struct launch *l, struct launch_means *means,
			const struct engine_task *task, int input, const int write_ends[2])
{
	struct spawn_spec spec = {
	    .path = l->script != NULL ? "/bin/sh" : task->command->path,
	    .argv = l->script != NULL ? l->script : task->command->argv,
	    .env = child_env_build(&means->children->env, task->command, NULL, &l->env),
	    .dir = task->command->dir,
	    .fds = {-1, -1, -1},
	    .mask = choose_mask(l, means),
	    .files = &means->children->files,
	    .nice = means->children->nice,
	    .terminal = -1,
	    .death_signal = l->death_signal,
	};

	if (input >= 0)
		spec.fds[0] = input;
	else if (!means->foreground)
		spec.fds[0] = means->children->null_fd;
	if (!means->inherit) {
		spec.fds[1] = write_ends[0];
		spec.fds[2] = write_ends[1];
	}
	if (means->foreground)
		lend_terminal(means, &spec);
	return spawn_start(l->seat, &spec, &l->stage);
}

/* What the task is to be given: its input and the ends of its streams.  False
 * with errno. */
static bool open_child_ends(struct launch *l, const struct launch_means *means,
			    const struct engine_task *task, int *input, int write_ends[2])
{
	if (task->command->input.p != NULL &&
	    (*input = memfile_new(task->command->input)) < 0)
		return false;
	for (int i = 0; i < 2 && !means->inherit; i++)
		if (open_pipe(&l->read_ends[i], &write_ends[i]) < 0)
			return false;
	return true;
}

static void close_ends(const int *ends, int n)
{
	for (int i = 0; i < n; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

static void try_launch(struct launch *l, struct launch_means *means,
		       const struct engine_task *task)
{
	int write_ends[2] = {-1, -1}, input = -1;

	l->pid = l->read_ends[0] = l->read_ends[1] = -1;
	l->stage = SPAWN_FORK;
	if (open_child_ends(l, means, task, &input, write_ends))
		l->pid = spawn_task(l, means, task, input, write_ends);
	l->error = l->pid < 0 ? errno : 0;
	close_ends(write_ends, 2);
	close_ends(&input, 1);
	if (l->pid < 0)
		close_ends(l->read_ends, 2);
}

void launch_first(struct launch *l, struct launch_means *means,
		  const struct engine_task *task)
{
	free(l->script);
	l->script = NULL;
	try_launch(l, means, task);
	if (l->pid < 0)
		launch_again(l, means, task);
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

bool launch_again(struct launch *l, struct launch_means *means,
		  const struct engine_task *task)
{
	learn_error(l);
	if (l->stage != SPAWN_EXEC || l->error != ENOEXEC || l->script != NULL)
		return false;
	l->script = child_script_argv(task->command);
	try_launch(l, means, task);
	return true;
}

void launch_explain(struct launch *l, const struct command *command,
		    struct engine_result *result)
{
	learn_error(l);
	child_explain(command, l->stage, l->error, result, l->why);
}

void launch_init(struct launch *l)
{
	*l = (struct launch){.pid = -1, .seat = spawn_seat_new()};
}

void launch_clear(struct launch *l)
{
	free(l->script);
	spawn_seat_free(l->seat);
	child_env_room_clear(&l->env);
}
