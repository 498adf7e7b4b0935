/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/children.h"
#include "sys/file_limit.h"

enum {
	SWEEP_MS = 20, /* how often to look for what a killed child has left */
	GIVE_UP_MS = 2000, /* after SIGKILL: it hangs in the kernel */
};

/* --- the process group */

/* Volley is a subreaper, so what a job leaves behind becomes its child.  Only
 * while one of the group is left is the group's number certain to be the job's:
 * once the leader is reaped and the group empty, it may be given to others. */
static bool group_is_alive(pid_t group)
{
	siginfo_t info;

	return waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static struct child *owner(struct link *l)
{
	return LIST_ENTRY(LIST_ENTRY(l, struct stray_owner, link), struct child, strays);
}

/* Find and signal what killed children have left, and tell the owners of those
 * that may have left nothing more.  Processes are polled for: the kernel tells of
 * our children only. */
static void sweep(void *arg)
{
	struct children *all = arg;
	struct link *l, *next;

	strays_sweep(&all->killed, &all->processes);
	for (l = all->killed.next; l != &all->killed; l = next) {
		struct child *c = owner(l);

		next = l->next;
		if (c->killed_hard != 0)
			c->strays.signo = SIGKILL; /* for what it forks meanwhile */
		c->swept(c);
	}
	if (!list_empty(&all->killed))
		loop_timer_set(all->loop, &all->sweep_later,
			       clock_in(SWEEP_MS * NSEC_PER_MSEC), sweep, all);
}

bool child_leaves_strays(const struct child *c)
{
	if (!c->killed || (c->strays.found == 0 && !group_is_alive(c->pid)))
		return false;
	return c->killed_hard == 0 ||
	       clock_mono() - c->killed_hard < GIVE_UP_MS * NSEC_PER_MSEC;
}

/* --- signals */

bool child_is_fatal(int signo)
{
	return signo == SIGTERM || signo == SIGKILL || signo == SIGINT ||
	       signo == SIGHUP || signo == SIGQUIT;
}

/* The sweep comes in the loop's next turn, one for all that are killed together.
 * Until then some parents may be dead: the marks tell whose the orphans are. */
static void signal_strays(struct child *c, int signo)
{
	if (!c->killed) {
		c->killed = true;
		c->strays.leader = c->pid;
		c->strays.found = 1; /* at least one sweep has to say otherwise */
		list_append(&c->all->killed, &c->strays.link);
	}
	if (signo == SIGKILL && c->killed_hard == 0)
		c->killed_hard = clock_mono();
	c->strays.signo = signo;
	loop_defer(c->all->loop, &c->all->sweep_now, sweep, c->all);
}

bool child_untrace(const struct child *c, int signo)
{
	long forward = signo == SIGTRAP ? 0 : signo; /* SIGTRAP is the stop at its exec */

	return ptrace(PTRACE_DETACH, c->pid, NULL, forward) == 0;
}

void child_signal(struct child *c, int signo)
{
	if (c->pid <= 0)
		return;
	if (child_is_fatal(signo))
		signal_strays(c, signo);
	if (c->reaped && !group_is_alive(c->pid))
		return;
	kill(-c->pid, signo);
	if (child_is_fatal(signo) && signo != SIGKILL)
		kill(-c->pid, SIGCONT); /* a stopped process would not hear it */
}

void child_release(struct child *c)
{
	if (c->all == NULL)
		return;
	guardian_leave(c->all->guardian, c->ticket);
	if (c->killed)
		list_remove(&c->strays.link);
	c->all = NULL;
}

/* --- the start */

char **child_script_argv(const struct command *command)
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

static pid_t spawn_script(const struct spawn_spec *spec, const struct command *command,
			  enum spawn_stage *stage)
{
	struct spawn_spec shell = *spec;
	char **argv = child_script_argv(command);
	pid_t pid;
	int error;

	shell.path = "/bin/sh";
	shell.argv = argv;
	pid = spawn(&shell, stage);
	error = errno;
	free(argv);
	errno = error;
	return pid;
}

static pid_t spawn_child(struct children *all, const struct child_spec *child,
			 enum spawn_stage *stage)
{
	struct child_env_room room = {0};
	struct spawn_spec spec = {
	    .path = child->command->path,
	    .argv = child->command->argv,
	    .env = child_env_build(&all->env, child->command, &room),
	    .dir = child->command->dir,
	    .fds = {child->fds[0], child->fds[1], child->fds[2]},
	    .mask = loop_inherited_mask(all->loop),
	    .files = &all->files,
	    .nice = all->nice,
	    .terminal = -1,
	};
	pid_t pid = spawn(&spec, stage);
	int error;

	/* A script without #!: what every shell does with one. */
	if (pid < 0 && *stage == SPAWN_EXEC && errno == ENOEXEC)
		pid = spawn_script(&spec, child->command, stage);
	error = errno;
	child_env_room_clear(&room);
	errno = error;
	return pid;
}

void child_explain(const struct command *c, enum spawn_stage stage, int error,
		   struct engine_result *r, char *why)
{
	const char *reason = strerror(error);

	r->kind = RESULT_NOT_STARTED;
	r->code = 126;
	r->why = why;
	if (stage == SPAWN_DIR) {
		snprintf(why, CHILD_WHY, "cannot change to directory '%.150s': %s",
			 c->dir, reason);
	} else if (stage == SPAWN_EXEC && error == E2BIG) {
		snprintf(why, CHILD_WHY,
			 "its arguments and environment together are too long for the "
			 "kernel");
	} else if (stage == SPAWN_EXEC && error == ENOENT) {
		r->code = 127;
		snprintf(why, CHILD_WHY,
			 "cannot execute '%.150s': there is no such file, or not the "
			 "interpreter that its first line names",
			 c->path);
	} else if (stage == SPAWN_EXEC) {
		snprintf(why, CHILD_WHY, "cannot execute '%.150s': %s", c->path, reason);
	} else {
		r->try_again = error == EAGAIN || error == ENOMEM || error == EMFILE ||
			       error == ENFILE;
		snprintf(why, CHILD_WHY, "cannot start a process: %s", reason);
	}
}

void child_guard(struct children *all, struct child *c, uint64_t seq)
{
	c->all = all;
	c->strays.seq = seq;
	c->ticket = guardian_enter(all->guardian, seq);
}

void child_begin(struct child *c, loop_child_fn fn, void *arg)
{
	guardian_add_group(c->all->guardian, c->ticket, c->pid);
	loop_child_add(c->all->loop, &c->watch, c->pid, fn, arg);
}

int child_start(struct children *all, struct child *c, const struct child_spec *spec,
		struct engine_result *r, char *why)
{
	enum spawn_stage stage = SPAWN_FORK;
	int error;

	child_guard(all, c, spec->seq);
	c->pid = spawn_child(all, spec, &stage);
	error = errno;
	for (int i = 0; i < 3; i++)
		if (spec->fds[i] >= 0)
			close(spec->fds[i]);
	if (c->pid < 0) {
		child_release(c);
		child_explain(spec->command, stage, error, r, why);
		return -1;
	}
	child_begin(c, spec->fn, spec->arg);
	return 0;
}

/* --- life */

int children_init(struct children *all, struct loop *loop, int nice, struct err *err)
{
	*all = (struct children){.loop = loop, .nice = nice};
	all->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (all->null_fd < 0)
		return err_sys(err, "cannot open /dev/null");
	all->guardian = guardian_new(err);
	if (all->guardian == NULL) {
		close(all->null_fd);
		return -1;
	}
	guardian_watch(all->guardian, all->loop);
	list_init(&all->killed);
	child_env_init(&all->env);
	file_limit_raise(&all->files);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return 0;
}

void children_clear(struct children *all)
{
	guardian_free(all->guardian);
	loop_timer_cancel(all->loop, &all->sweep_later);
	loop_defer_cancel(all->loop, &all->sweep_now);
	proctable_clear(&all->processes);
	setrlimit(RLIMIT_NOFILE, &all->files);
	child_env_clear(&all->env);
	close(all->null_fd);
}
