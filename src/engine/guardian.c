/* SPDX-License-Identifier: ISC */
/* Forks the guardian process, and keeps the table that it shares with volley up to
 * date.  When volley dies without a goodbye, the guardian kills the processes of all
 * tasks in the table, until several sweeps in a row find none.  It identifies processes
 * by pid and start time, since a pid may have been reused once volley is dead. */
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
#include "engine/strays.h"
#include "sys/lockfile.h"

enum {
	TABLE_SIZE = 65536,
	STRAYS_SIZE = 65536,
	NO_GROUP_YET = -1,
	SWEEP_MS = 5,
	CLEAN_SWEEPS = 3, /* in a row, because processes may still be starting */
	SWEEPS_AT_LEAST = 20,
	GIVE_UP_MS = 2000, /* then what is left hangs in the kernel */
};

/* Shared memory: written by volley only, read by the guardian when volley is dead.
 * Untouched pages cost nothing. */
struct table {
	volatile uint32_t used; /* entries from 0 that were ever used */
	struct {
		volatile pid_t group; /* 0: free; NO_GROUP_YET: is being started */
		volatile uint64_t seq, try;
		volatile uint64_t since, until; /* ticks: the leader started between */
	} tasks[TABLE_SIZE];
	/* What volley has found of killed tasks, each in a place by its pid. */
	struct {
		volatile pid_t pid;
		volatile uint64_t start; /* 0: there is none */
	} strays[STRAYS_SIZE];
};

struct guardian {
	struct table *table;
	int pipe_fd; /* the end that only volley holds */
	struct loop *loop; /* NULL: its death is not watched for */
	bool dead;
	struct loop_fd watch;
	pid_t pid;
	int *free_tickets;
	size_t nfree, free_cap;
};

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

/* Volley's processes kept their numbers until volley died, at the latest at the tick
 * died: processes that started later do not belong to its groups. */
static struct stray_owner *own_tasks(struct strays *s, const struct table *t,
				     uint64_t died)
{
	struct stray_owner *owners = xcalloc(t->used + 1, sizeof *owners);

	for (uint32_t i = 0; i < t->used; i++) {
		struct stray_owner *o = &owners[i];

		if (t->tasks[i].group == 0)
			continue;
		*o = (struct stray_owner){
		    .mark = {t->tasks[i].seq, t->tasks[i].try},
		    .leader = t->tasks[i].group == NO_GROUP_YET ? 0 : t->tasks[i].group,
		    .since = t->tasks[i].since,
		    .until = t->tasks[i].until,
		    .group_until = died,
		};
		strays_add(s, o);
	}
	return owners;
}

/* One owner for all of them: which task they belong to does not matter here. */
static void own_strays(struct strays *s, struct stray_owner *owner, const struct table *t)
{
	*owner = (struct stray_owner){.since = UINT64_MAX};
	strays_add(s, owner);
	for (size_t i = 0; i < STRAYS_SIZE; i++)
		if (t->strays[i].start != 0)
			strays_remember(owner, t->strays[i].pid, t->strays[i].start);
}

static void kill_groups(const struct table *t)
{
	for (uint32_t i = 0; i < t->used; i++)
		if (t->tasks[i].group > 0)
			kill(-t->tasks[i].group, SIGKILL);
}

/* Each process by itself, not by groups, unless /proc shows nothing: a group's number
 * may be free by now.  Returns how many were alive. */
static size_t kill_found(struct strays *s, const struct table *t)
{
	const char *why;

	if (strays_search(s, &why) == PROCESSES_NONE)
		kill_groups(t);
	for (size_t i = 0; i < s->n; i++)
		strays_signal(s, &s->v[i], SIGKILL);
	return s->n;
}

/* No task runs. */
static bool is_idle(const struct strays *s)
{
	return s->owners.next->next == &s->owners;
}

/* Ends with the process, which has the memory freed. */
static void kill_tasks(struct strays *s, const struct table *t, uint64_t died)
{
	struct stray_owner *owners = own_tasks(s, t, died);
	const struct timespec nap = {0, SWEEP_MS * NSEC_PER_MSEC};
	int64_t end = clock_in(GIVE_UP_MS * NSEC_PER_MSEC);

	own_strays(s, &owners[t->used], t);
	if (is_idle(s))
		return;
	for (int i = 0, clean = 0; clean < CLEAN_SWEEPS; i++) {
		if (i >= SWEEPS_AT_LEAST && clock_mono() > end)
			break;
		clean = kill_found(s, t) == 0 ? clean + 1 : 0;
		nanosleep(&nap, NULL);
	}
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

static _Noreturn void guard(const struct table *t, int pipe_fd, const char *run)
{
	struct strays strays;
	sigset_t all;

	setsid(); /* out of reach of the terminal's signals */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, strays_guardian_name);
	keep_only(pipe_fd, lockfile_held());
	strays_open(&strays, run, 0);
	strays.guardian = getpid();
	if (!is_dismissed(pipe_fd))
		kill_tasks(&strays, t, process_ticks());
	_exit(0);
}

/* --- volley's side */

struct guardian *guardian_new(const char *run, struct err *err)
{
	struct guardian *g = xcalloc(1, sizeof *g);
	int fds[2];

	g->table = mmap(NULL, sizeof *g->table, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (g->table == MAP_FAILED) {
		err_sys(err, "cannot map memory for the guardian");
		goto free_guardian;
	}
	if (pipe2(fds, O_CLOEXEC) < 0) {
		err_sys(err, "cannot create a pipe for the guardian");
		goto unmap;
	}
	g->watch = (struct loop_fd)LOOP_FD_INIT;
	g->pid = fork();
	if (g->pid == 0) {
		close(fds[1]); /* or it would never see the end of file */
		guard(g->table, fds[0], run);
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

pid_t guardian_pid(const struct guardian *g)
{
	return g->pid;
}

int guardian_enter(struct guardian *g, const struct mark *mark, uint64_t now)
{
	int ticket;

	if (g->dead)
		return -1;
	if (g->nfree > 0)
		ticket = g->free_tickets[--g->nfree];
	else if (g->table->used < TABLE_SIZE)
		ticket = (int)g->table->used++;
	else
		return -1;
	g->table->tasks[ticket].seq = mark->seq;
	g->table->tasks[ticket].try = mark->try;
	g->table->tasks[ticket].since = now;
	g->table->tasks[ticket].group = NO_GROUP_YET;
	return ticket;
}

void guardian_add_group(struct guardian *g, int ticket, pid_t group)
{
	if (ticket < 0)
		return;
	g->table->tasks[ticket].until = process_ticks();
	g->table->tasks[ticket].group = group;
}

void guardian_add_stray(struct guardian *g, pid_t pid, uint64_t start)
{
	size_t i = (size_t)pid % STRAYS_SIZE;

	g->table->strays[i].start = 0;
	g->table->strays[i].pid = pid;
	g->table->strays[i].start = start;
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
	g->dead = true;
	msg_print("the process that guards the jobs has died: if volley is now killed by "
		  "SIGKILL, processes of its jobs may keep running");
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

/* It has closed its end of the pipe, so it is ending by itself.  Its pid cannot have
 * been reused: it is not reaped yet. */
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
