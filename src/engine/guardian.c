/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "engine/guardian.h"
#include "sys/lockfile.h"
#include "sys/proctable.h"

enum {
	TABLE_SIZE = 65536,
	NO_GROUP_YET = -1,
	MAX_DEPTH = 1000,
	SWEEP_MS = 5,
	MAX_SWEEPS = 400, /* two seconds: what lives on hangs in the kernel */
};

/* Shared memory: written by volley only, read by the guardian when volley is no
 * more.  Untouched pages cost nothing. */
struct table {
	volatile uint32_t used; /* entries from 0 that were ever used */
	struct {
		volatile pid_t group; /* 0: free; NO_GROUP_YET: is being started */
		volatile uint64_t seq;
	} tasks[TABLE_SIZE];
};

struct guardian {
	struct table *table;
	int pipe_fd; /* the end that only volley holds */
	struct loop *loop; /* NULL: its death is not watched for */
	struct loop_fd watch;
	pid_t pid;
	int *free_tickets;
	size_t nfree, free_cap;
};

const char guardian_name[] = "volley-guard";

/* --- the second process: what it keeps open */

/* close_range is missing before Linux 5.9, and some filters refuse it.  Counting
 * up to the limit instead could take for ever: it may be 2^30. */
static void close_listed(int from, int to)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd >= from && fd <= to && fd != dirfd(dir))
			close(fd);
	}
	if (dir != NULL)
		closedir(dir);
}

static void close_all(int from, int to)
{
	if (from <= to && close_range((unsigned)from, (unsigned)to, 0) < 0)
		close_listed(from, to);
}

/* Either may be -1. */
static void keep_only(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	close_all(0, low - 1);
	close_all(low + 1, high - 1);
	close_all(high + 1, INT_MAX);
}

/* --- the second process: whom it kills */

static bool has_group(const struct table *t, pid_t group)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (t->tasks[i].group == group && group > 0)
			return true;
	return false;
}

static bool is_running(const struct table *t, uint64_t seq)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (t->tasks[i].group != 0 && t->tasks[i].seq == seq)
			return true;
	return false;
}

/* A daemon of a job that had ended normally carries a mark too, but its number is
 * not in the table. */
static bool is_marked(const struct table *t, const struct proc *p, pid_t volley)
{
	return proc_environment_number(p->pid, "VOLLEY_PID") == (uint64_t)volley &&
	       is_running(t, proc_environment_number(p->pid, "VOLLEY_SEQ"));
}

static bool descends_from_any(const struct proctable *all, const struct proc *p,
			      const bool *guarded)
{
	for (int depth = 0; p != NULL && depth < MAX_DEPTH; depth++) {
		if (guarded[p - all->procs])
			return true;
		p = proctable_find(all, p->parent);
	}
	return false;
}

static bool is_spared(const struct proc *p)
{
	return p->zombie || strcmp(p->name, guardian_name) == 0;
}

/* Kill what is in a task's group, carries a task's mark, or descends from such.
 * Returns how many were alive. */
static size_t sweep(const struct table *t, struct proctable *all, pid_t volley)
{
	size_t found = 0;
	bool *guarded;

	proctable_read(all);
	guarded = xcalloc(all->n + 1, sizeof *guarded);
	for (size_t i = 0; i < all->n; i++)
		guarded[i] = has_group(t, all->procs[i].group) ||
			     is_marked(t, &all->procs[i], volley);
	for (size_t i = 0; i < all->n; i++) {
		const struct proc *p = &all->procs[i];

		if (is_spared(p) || !descends_from_any(all, p, guarded))
			continue;
		found++;
		proc_signal(p, SIGKILL);
	}
	free(guarded);
	return found;
}

static void kill_groups(const struct table *t)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (t->tasks[i].group > 0)
			kill(-t->tasks[i].group, SIGKILL);
}

static bool has_tasks(const struct table *t)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (t->tasks[i].group != 0)
			return true;
	return false;
}

/* Sweep before the groups are killed, while the links between parents and children
 * still exist, and until nothing is left: some fork meanwhile, and the lock is to be
 * kept until all are dead. */
static void kill_tasks(const struct table *t, pid_t volley)
{
	const struct timespec nap = {0, SWEEP_MS * NSEC_PER_MSEC};
	struct proctable all = {0};

	if (!has_tasks(t))
		return;
	for (int i = 0; i < MAX_SWEEPS; i++) {
		size_t found = sweep(t, &all, volley);

		if (i == 0)
			kill_groups(t);
		if (found == 0)
			break;
		nanosleep(&nap, NULL);
	}
	proctable_clear(&all);
}

/* End of file without a goodbye: volley is dead. */
static bool is_dismissed(int pipe_fd)
{
	char goodbye;
	ssize_t n;

	do
		n = read(pipe_fd, &goodbye, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

static _Noreturn void guard(const struct table *t, int pipe_fd, pid_t volley)
{
	sigset_t all;

	setsid(); /* out of reach of the terminal's signals */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, guardian_name);
	keep_only(pipe_fd, lockfile_held());
	if (!is_dismissed(pipe_fd))
		kill_tasks(t, volley);
	_exit(0);
}

/* --- volley's side */

struct guardian *guardian_new(struct err *err)
{
	struct guardian *g = xcalloc(1, sizeof *g);
	pid_t volley = getpid();
	int fds[2];

	g->table = mmap(NULL, sizeof *g->table, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (g->table == MAP_FAILED) {
		err_sys(err, "cannot map memory for the guardian");
		goto free_guardian;
	}
	if (pipe2(fds, O_CLOEXEC) < 0) {
		err_sys(err, "cannot make a pipe for the guardian");
		goto unmap;
	}
	g->watch = (struct loop_fd)LOOP_FD_INIT;
	g->pid = fork();
	if (g->pid == 0) {
		close(fds[1]); /* or it would never see the end of file */
		guard(g->table, fds[0], volley);
	}
	close(fds[0]);
	if (g->pid < 0) {
		err_sys(err, "cannot start the guardian process");
		close(fds[1]);
		goto unmap;
	}
	g->pipe_fd = fds[1];
	return g;

unmap:
	munmap(g->table, sizeof *g->table);
free_guardian:
	free(g);
	return NULL;
}

int guardian_enter(struct guardian *g, uint64_t seq)
{
	int ticket;

	if (g->nfree > 0)
		ticket = g->free_tickets[--g->nfree];
	else if (g->table->used < TABLE_SIZE)
		ticket = (int)g->table->used++;
	else
		return -1;
	g->table->tasks[ticket].seq = seq;
	g->table->tasks[ticket].group = NO_GROUP_YET;
	return ticket;
}

void guardian_add_group(struct guardian *g, int ticket, pid_t group)
{
	if (ticket >= 0)
		g->table->tasks[ticket].group = group;
}

void guardian_leave(struct guardian *g, int ticket)
{
	if (ticket < 0)
		return;
	g->table->tasks[ticket].group = 0;
	g->free_tickets = xgrow(g->free_tickets, &g->free_cap, g->nfree + 1,
				sizeof *g->free_tickets);
	g->free_tickets[g->nfree++] = ticket;
}

static void unwatch(struct guardian *g)
{
	if (g->loop != NULL)
		loop_fd_remove(g->loop, &g->watch);
}

static void guardian_died(void *arg, short events)
{
	struct guardian *g = arg;

	(void)events;
	unwatch(g);
	msg_print("the process that guards the jobs has died: if volley is killed by "
		  "SIGKILL now, what the jobs have started may live on");
}

void guardian_watch(struct guardian *g, struct loop *loop)
{
	if (loop_fd_add(loop, &g->watch, g->pipe_fd, 0, guardian_died, g) == 0)
		g->loop = loop;
}

void guardian_dismiss(struct guardian *g)
{
	const char goodbye = 'g';

	unwatch(g);
	(void)!write(g->pipe_fd, &goodbye, 1);
}

/* Nothing reads from the pipe: it has closed its end.  Until then its pid is not
 * reaped, and so is nobody else's. */
static bool has_ended(const struct guardian *g)
{
	struct pollfd p = {.fd = g->pipe_fd};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

void guardian_free(struct guardian *g)
{
	bool ended;

	guardian_dismiss(g);
	ended = has_ended(g);
	if (!ended)
		kill(g->pid, SIGKILL); /* it may be stopped */
	while (waitpid(g->pid, NULL, ended ? WNOHANG : 0) < 0 && errno == EINTR)
		continue;
	close(g->pipe_fd);
	munmap(g->table, sizeof *g->table);
	free(g->free_tickets);
	free(g);
}
