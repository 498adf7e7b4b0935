/* SPDX-License-Identifier: ISC */
/* Starts a process from a spawn_spec, finds programs in PATH, and runs a program to read
 * its output.  A start does not wait for the exec: the child shares this process's memory
 * until then, under the rules listed below. */
#include <config.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/rawcall.h"
#include "sys/spawn.h"
#include "sys/textfile.h"

/* How a child gets from here to its program.
 *
 * fork copies the page tables: 6 ms for each child of a parent with 500 MB.
 * vfork and posix_spawn share the memory instead, but the parent is suspended
 * until the child's exec, which costs more than all the rest of a start.  So
 * spawn_start shares the memory and does not wait (CLONE_VM without CLONE_VFORK):
 * two to three times as many starts a second.  What makes that right:
 *
 *   - The child has a stack of its own, in its seat.  A seat is used again only
 *     after the child has left the shared memory.  The kernel clears
 *     the seat's word (CLONE_CHILD_CLEARTID) when a process gives up its memory
 *     map, in exec after it has read argv and environment, or in its exit.
 *   - The depth of that stack is known: no recursion, no arrays, no libc, and no
 *     signal frames (next point).  STACK_SIZE is twenty times what is used.
 *   - No handler of ours can run in the child: CLONE_CLEAR_SIGHAND resets them all
 *     in the child before its first instruction, and the table of handlers is its
 *     own (no CLONE_SIGHAND).
 *   - errno, stdio's buffers, malloc's heap and thread-local data are the running
 *     parent's.  So the child makes bare system calls (sys/rawcall.h), which touch
 *     no memory but their arguments; it writes to its seat and to nothing else.
 *   - What it reads (argv, environment, the spec) is the caller's to keep until the
 *     child has left; the spec itself is copied into the seat.
 *   - A failed exec leaves its errno in the seat, to be read when the child is
 *     reaped: no pipe is needed.
 *   - The descriptor table is a copy (no CLONE_FILES): the parent may close its
 *     ends at once.  A child on its way holds copies of all of the parent's until
 *     its exec, so closing one here does not close it everywhere: see
 *     loop_fd_remove.
 *   - The process group is set on both sides, so that it can be signalled as soon
 *     as spawn_start has returned.
 *
 * Where this cannot be (other processors, kernels before 5.5, seccomp filters that
 * refuse clone3, valgrind) or should not (sanitizers, which keep shadows of
 * stacks; a debugger, which takes this clone for a fork and removes its breakpoints
 * from the child's memory, which is ours), spawn_start waits: vfork, with the same
 * child. */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(RAWCALL_CLONE) && !defined(SANITIZED)
enum { CAN_RUN_ASIDE = 1 };
#else
enum { CAN_RUN_ASIDE = 0 };
#endif

enum { STACK_SIZE = 8192, KERNEL_SIGSET_SIZE = 8 };

/* What the child tells its parent through memory that both see (shared for real,
 * as vfork may be a fork): nothing when its program has started, else what went
 * wrong. */
struct report {
	int error;
	enum spawn_stage stage;
};

struct spawn_seat {
	struct spawn_spec spec;
	struct report report;
	pid_t parent;
	int occupied; /* cleared by the kernel */
	_Alignas(16) unsigned char stack[STACK_SIZE];
};

static _Noreturn void fail(struct report *report, enum spawn_stage stage, long result)
{
	report->stage = stage;
	report->error = (int)-result;
	for (;;)
		rawcall(SYS_exit_group, 127, 0, 0, 0);
}

/* dup alone would leave close-on-exec set when source and target are equal. */
static long move_fd(int from, int to)
{
	if (from != to)
		return rawcall(SYS_dup3, from, to, 0, 0);
	return rawcall(SYS_fcntl, to, F_SETFD, 0, 0);
}

/* A source among 0-2 would be overwritten by an earlier move, but the engine opens all
 * its descriptors above 2. */
static long move_fds(const int fds[3])
{
	long result = 0;

	for (int i = 0; i < 3 && result >= 0; i++)
		if (fds[i] >= 0)
			result = move_fd(fds[i], i);
	return result;
}

/* The kernel adds 20, so that no niceness looks like an error. */
static void add_niceness(int more)
{
	long now = 20 - rawcall(SYS_getpriority, PRIO_PROCESS, 0, 0, 0);

	rawcall(SYS_setpriority, PRIO_PROCESS, 0, now + more, 0);
}

static void set_mask(const sigset_t *mask)
{
	rawcall(SYS_rt_sigprocmask, SIG_SETMASK, (long)mask, 0, KERNEL_SIGSET_SIZE);
}

/* Unless SIGTTOU is blocked, a group that is not yet the terminal's is stopped. */
static void take_terminal(int fd)
{
	pid_t self = (pid_t)rawcall(SYS_getpid, 0, 0, 0, 0);
	uint64_t all = UINT64_MAX;

	rawcall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, KERNEL_SIGSET_SIZE);
	rawcall(SYS_ioctl, fd, TIOCSPGRP, (long)&self, 0);
}

/* In the child, on the parent's memory: see the rules above. */
static _Noreturn void child_main(const struct spawn_spec *spec, pid_t parent,
				 struct report *report)
{
	long result;

	rawcall(SYS_setpgid, 0, 0, 0, 0);
	if (spec->death_signal != 0)
		rawcall(SYS_prctl, PR_SET_PDEATHSIG, spec->death_signal, 0, 0);
	if (rawcall(SYS_getppid, 0, 0, 0, 0) != parent)
		fail(report, SPAWN_FORK, -ESRCH); /* it died before it could be watched */
	if (spec->files != NULL)
		rawcall(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)spec->files, 0);
	if (spec->nice != 0)
		add_niceness(spec->nice);
	if (spec->terminal >= 0)
		take_terminal(spec->terminal);
	result = move_fds(spec->fds);
	if (result < 0)
		fail(report, SPAWN_FORK, result);
	if (spec->dir != NULL) {
		result = rawcall(SYS_chdir, (long)spec->dir, 0, 0, 0);
		if (result < 0)
			fail(report, SPAWN_DIR, result);
	}
	set_mask(spec->mask);
	result = rawcall(SYS_execve, (long)spec->path, (long)spec->argv, (long)spec->env, 0);
	fail(report, SPAWN_EXEC, result);
}

/* --- waiting for the exec */

static struct report *shared_report(void)
{
	static struct report *page;

	if (page == NULL) {
		page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			mem_die(sizeof *page);
	}
	page->error = 0;
	return page;
}

/* The child's copy is closed by its exec or its end. */
static void wait_for_exec(int gate[2])
{
	char byte;

	close(gate[1]);
	while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	close(gate[0]);
}

/* Under emulation (valgrind, qemu) vfork is a fork, whose parent continues at once:
 * then each start waits at a pipe, and the first one does so to see which it is. */
static pid_t start_child(const struct spawn_spec *spec, struct report *report)
{
	static bool vfork_is_real;
	volatile bool same_memory = false;
	bool gated = !vfork_is_real;
	pid_t parent = getpid(), pid;
	int gate[2], error;

	if (gated && pipe2(gate, O_CLOEXEC) < 0)
		return -1;
	pid = vfork();
	if (pid == 0) {
		same_memory = true;
		child_main(spec, parent, report);
	}
	error = errno;
	if (gated)
		wait_for_exec(gate);
	vfork_is_real |= same_memory;
	errno = error;
	return pid;
}

/* As spawn_start, but when it returns the child has executed its program; one that
 * cannot is reaped. */
static pid_t start_and_wait(const struct spawn_spec *spec, enum spawn_stage *stage)
{
	struct report *report = shared_report();
	pid_t pid = start_child(spec, report);

	if (pid > 0 && report->error == 0)
		return pid;
	*stage = SPAWN_FORK;
	if (pid > 0) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		errno = report->error;
		*stage = report->stage;
	}
	return -1;
}

/* --- not waiting for it */

#ifdef RAWCALL_CLONE
static _Noreturn void run_aside(void *arg)
{
	struct spawn_seat *seat = arg;

	child_main(&seat->spec, seat->parent, &seat->report);
}

static long clone_aside(struct spawn_seat *seat)
{
	struct clone_args args = {
	    .flags = CLONE_VM | CLONE_CLEAR_SIGHAND | CLONE_CHILD_CLEARTID,
	    .child_tid = (uintptr_t)&seat->occupied,
	    .exit_signal = SIGCHLD,
	    .stack = (uintptr_t)seat->stack,
	    .stack_size = sizeof seat->stack,
	};

	return rawcall_clone(&args, sizeof args, run_aside, seat);
}
#else
static long clone_aside(struct spawn_seat *seat)
{
	(void)seat;
	return -ENOSYS;
}
#endif

/* Checked once: a tracer that attaches later is not noticed. */
static bool is_traced(void)
{
	char text[1024];
	const char *tracer;

	textfile_read("/proc/self/status", text, sizeof text);
	tracer = strstr(text, "\nTracerPid:");
	return tracer != NULL && atoi(tracer + strlen("\nTracerPid:")) != 0;
}

static bool may_run_aside(void)
{
	static bool asked, traced;

	if (!asked)
		traced = is_traced();
	asked = true;
	return !traced;
}

/* The child's pid; -1: it cannot be started this way, at least not now. */
static pid_t start_aside(struct spawn_seat *seat)
{
	static bool refused = !CAN_RUN_ASIDE;
	long result;

	if (refused || !may_run_aside())
		return -1;
	seat->parent = getpid();
	seat->report.error = 0;
	seat->occupied = 1;
	result = clone_aside(seat);
	if (result > 0) {
		/* Fails if the child has already done so and called exec. */
		rawcall(SYS_setpgid, result, 0, 0, 0);
		return (pid_t)result;
	}
	seat->occupied = 0;
	refused = result == -ENOSYS || result == -EPERM || result == -EINVAL;
	return -1;
}

pid_t spawn_start(struct spawn_seat *seat, const struct spawn_spec *spec,
		  enum spawn_stage *stage)
{
	pid_t pid;

	assert(spawn_has_left(seat));
	seat->spec = *spec;
	pid = start_aside(seat);
	return pid > 0 ? pid : start_and_wait(spec, stage);
}

bool spawn_has_left(const struct spawn_seat *seat)
{
	return __atomic_load_n(&seat->occupied, __ATOMIC_ACQUIRE) == 0;
}

int spawn_error(const struct spawn_seat *seat, enum spawn_stage *stage)
{
	*stage = seat->report.stage;
	return seat->report.error;
}

struct spawn_seat *spawn_seat_new(void)
{
	struct spawn_seat *seat = xmalloc(sizeof *seat);

	seat->occupied = 0;
	seat->report = (struct report){0, SPAWN_FORK};
	return seat;
}

void spawn_seat_free(struct spawn_seat *seat)
{
	assert(seat == NULL || spawn_has_left(seat));
	free(seat);
}

/* --- finding programs */

static bool is_program(const char *path, int *why)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			*why = errno;
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		*why = EISDIR;
		return false;
	}
	if (access(path, X_OK) < 0) {
		*why = errno;
		return false;
	}
	return true;
}

static int not_found(struct err *err, const char *name, int why)
{
	errno = why;
	if (why != 0)
		return err_sys(err, "cannot execute '%s'", name);
	err_set(err, "'%s': command not found", name);
	err->status = STATUS_NOT_FOUND;
	return -1;
}

static char *search_path(const char *name, int *why)
{
	const char *path = getenv("PATH"), *dir, *end;
	struct buf file = BUF_INIT;

	if (path == NULL)
		path = _PATH_DEFPATH;
	for (dir = path;; dir = end + 1) {
		int reason = 0;

		end = strchrnul(dir, ':');
		buf_reset(&file);
		buf_add(&file, dir, (size_t)(end - dir));
		buf_adds(&file, dir == end ? "./" : "/");
		buf_adds(&file, name);
		if (is_program(buf_cstr(&file), &reason))
			return file.data;
		if (reason != 0 && reason != EISDIR) /* a directory hides nothing */
			*why = reason;
		if (*end == '\0')
			break;
	}
	buf_clear(&file);
	return NULL;
}

/* A script cannot be executed without the program that its first line names; the kernel
 * then says that the script does not exist.  False with err. */
static bool has_interpreter(const char *path, struct err *err)
{
	char line[256], *name;
	int why = 0;

	if (textfile_read(path, line, sizeof line) < 3 || memcmp(line, "#!", 2) != 0)
		return true;
	name = line + 2 + strspn(line + 2, " \t");
	name[strcspn(name, " \t\n")] = '\0';
	if (*name != '/' || is_program(name, &why))
		return true; /* what is not absolute depends on the job's directory */
	if (why != 0) {
		errno = why;
		err_sys(err, "cannot execute '%s': its first line names '%s'", path, name);
		return false;
	}
	err_set(err, "cannot execute '%s': its first line names '%s', which does not exist",
		path, name);
	err->status = STATUS_NOT_FOUND;
	return false;
}

char *spawn_find_program(const char *name, struct err *err)
{
	int why = 0;
	char *path = NULL;

	if (strchr(name, '/') != NULL) {
		if (is_program(name, &why))
			path = xstrdup(name);
	} else if (*name != '\0') {
		path = search_path(name, &why);
	}
	if (path == NULL)
		not_found(err, name, why);
	if (path == NULL || has_interpreter(path, err))
		return path;
	free(path);
	return NULL;
}

static size_t read_all(int fd, char *out, size_t size)
{
	size_t len = 0;
	char rest[512];
	ssize_t n;

	for (;;) {
		if (len + 1 < size)
			n = read(fd, out + len, size - 1 - len);
		else
			n = read(fd, rest, sizeof rest);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return len;
		if (len + 1 < size)
			len += (size_t)n;
	}
}

/* The pid of the child of spawn_ask; -1 on failure. */
static pid_t start_asking(char *const *argv, int write_end)
{
	struct err ignored;
	char *path = spawn_find_program(argv[0], &ignored);
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	enum spawn_stage stage;
	pid_t pid = -1;
	sigset_t none;

	sigemptyset(&none);
	if (path != NULL && null_fd >= 0) {
		struct spawn_spec spec = {
		    .path = path,
		    .argv = argv,
		    .env = environ,
		    .fds = {null_fd, write_end, write_end},
		    .mask = &none,
		    .terminal = -1,
		    .death_signal = SIGKILL,
		};

		pid = start_and_wait(&spec, &stage);
	}
	if (null_fd >= 0)
		close(null_fd);
	free(path);
	return pid;
}

/* No signals are read while we wait for the child, so signals that end this process
 * must do so at once; the child is then killed too. */
static void let_signals_end_us(sigset_t *old)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	sigprocmask(SIG_UNBLOCK, &ends, old);
}

int spawn_ask(char *const *argv, char *out, size_t size)
{
	int pipe_fd[2], status = -1;
	sigset_t old;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return -1;
	pid = start_asking(argv, pipe_fd[1]);
	close(pipe_fd[1]);
	let_signals_end_us(&old);
	out[read_all(pipe_fd[0], out, size)] = '\0';
	close(pipe_fd[0]);
	while (pid >= 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid >= 0 ? status : -1;
}
