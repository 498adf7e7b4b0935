/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/guardian.h"
#include "sys/proctable.h"

enum { TABLE_SIZE = 65536, SWEEPS = 3, NO_GROUP_YET = -1 };

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
	int pipe_fd; /* the end that only volley holds; -1: dismissed */
	pid_t pid;
	int *free_tickets;
	size_t nfree, free_cap;
};

const char guardian_name[] = "volley-guard";

/* --- the second process */

/* Kernels before 5.9, and some filters, know no close_range. */
static void close_all(int from, int to)
{
	if (from > to || close_range((unsigned)from, (unsigned)to, 0) == 0)
		return;
	for (long most = sysconf(_SC_OPEN_MAX); from <= to && from < most; from++)
		close(from);
}

static void keep_only(int fd)
{
	close_all(0, fd - 1);
	close_all(fd + 1, INT_MAX);
}

static bool is_running(const struct table *t, uint64_t seq)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (t->tasks[i].group != 0 && t->tasks[i].seq == seq)
			return true;
	return false;
}

/* Those that have left their group.  A daemon of a job that had ended normally
 * carries a mark too, but its number is not in the table. */
static void kill_marked(const struct table *t, pid_t volley)
{
	struct proctable all = {0};

	proctable_read(&all);
	for (size_t i = 0; i < all.n; i++) {
		const struct proc *p = &all.procs[i];

		if (p->zombie || strcmp(p->name, guardian_name) == 0 ||
		    proc_environment_number(p->pid, "VOLLEY_PID") != (uint64_t)volley)
			continue;
		if (is_running(t, proc_environment_number(p->pid, "VOLLEY_SEQ")))
			proc_signal(p, SIGKILL);
	}
	proctable_clear(&all);
}

static void kill_tasks(const struct table *t, pid_t volley)
{
	bool any = false;

	for (uint32_t i = 0; i < t->used; i++) {
		if (t->tasks[i].group == 0)
			continue;
		any = true;
		if (t->tasks[i].group != NO_GROUP_YET)
			kill(-t->tasks[i].group, SIGKILL);
	}
	for (int i = 0; any && i < SWEEPS; i++) /* some fork while we look */
		kill_marked(t, volley);
}

static _Noreturn void guard(const struct table *t, int pipe_fd, pid_t volley)
{
	sigset_t all;
	char byte;

	setsid(); /* out of reach of the terminal's signals */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, guardian_name);
	keep_only(pipe_fd);
	while (read(pipe_fd, &byte, 1) < 0 && errno == EINTR)
		continue;
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
	g->pid = fork();
	if (g->pid == 0)
		guard(g->table, fds[0], volley);
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

void guardian_dismiss(struct guardian *g)
{
	if (g->pipe_fd >= 0)
		close(g->pipe_fd);
	g->pipe_fd = -1;
}

void guardian_free(struct guardian *g)
{
	guardian_dismiss(g);
	while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	munmap(g->table, sizeof *g->table);
	free(g->free_tickets);
	free(g);
}
