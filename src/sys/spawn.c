/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "sys/spawn.h"
#include "sys/terminal.h"

/* What the child tells its parent through memory that both see (shared for real,
 * as vfork may be a fork): nothing when its program has started, else what went
 * wrong. */
struct report {
	int error;
	enum spawn_stage stage;
};

static void fail(struct report *report, enum spawn_stage stage)
{
	report->stage = stage;
	report->error = errno;
	_exit(127);
}

/* dup2 alone would leave close-on-exec set when source and target are equal. */
static int move_fd(int from, int to)
{
	if (from != to)
		return dup2(from, to);
	return fcntl(to, F_SETFD, 0);
}

/* Sources that are themselves among 0-2 would be overwritten by an earlier
 * move: the engine opens all of its own above 2, so there are none. */
static int move_fds(const int fds[3])
{
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && move_fd(fds[i], i) < 0)
			return -1;
	return 0;
}

/* In the child, on memory shared with the parent, which stands still until the
 * exec: system calls only, and no signal handler can run, as volley has none. */
static void child_main(const struct spawn_spec *spec, pid_t parent, struct report *report)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127); /* the parent died before it could be watched */
	if (spec->files != NULL)
		setrlimit(RLIMIT_NOFILE, spec->files);
	if (spec->nice != 0)
		(void)!nice(spec->nice);
	if (spec->terminal >= 0)
		terminal_give(spec->terminal, getpid());
	if (move_fds(spec->fds) < 0)
		fail(report, SPAWN_FORK);
	if (spec->dir != NULL && chdir(spec->dir) < 0)
		fail(report, SPAWN_DIR);
	sigprocmask(SIG_SETMASK, spec->mask, NULL);
	execve(spec->path, spec->argv, spec->env);
	fail(report, SPAWN_EXEC);
}

static struct report *shared_report(void)
{
	static struct report *page;

	if (page == NULL) {
		page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			msg_die_no_memory(sizeof *page);
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

/* Under emulation (valgrind, qemu) vfork is a fork, whose parent does not stand
 * still: then each start waits at a pipe, and the first one does so to see which
 * it is. */
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

pid_t spawn(const struct spawn_spec *spec, enum spawn_stage *stage)
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
	return path;
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

/* The child of spawn_ask; -1: there is none. */
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
		};

		pid = spawn(&spec, &stage);
	}
	if (null_fd >= 0)
		close(null_fd);
	free(path);
	return pid;
}

/* Nobody reads signals while we wait for the child, so those that end us shall
 * do so at once; the child goes with us. */
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
