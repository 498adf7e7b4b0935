/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_SHELL_RUN_H
#define TESTS_UNIT_SHELL_RUN_H

/* Real shells, run in a scratch directory, with "show" on their PATH to tell
 * what reached it. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/shell/dialect.h"
#include "shell_templates.h"

static const struct shell {
	const char *name, *words[3]; /* the program and its flags */
	enum shell_bit bit;
	struct shell_dialect dialect;
} shells[] __attribute__((unused)) = {
    {"dash", {"dash"}, DASH, {.kind = SHELL_DASH}},
    {"bash", {"bash"}, BASH, {.kind = SHELL_BASH}},
    {"mksh", {"mksh"}, MKSH, {.kind = SHELL_MKSH}},
    {"zsh", {"zsh", "-f"}, ZSH, {.kind = SHELL_ZSH}},
    {"busybox", {"busybox", "sh"}, BUSYBOX, {.kind = SHELL_BUSYBOX}},
};
enum { NSHELLS = sizeof shells / sizeof *shells };

/* Those that are asked what they are. */
static const struct shell all_shells[] __attribute__((unused)) = {
    {"dash", {"dash"}, 0, {0}},	   {"bash", {"bash"}, 0, {0}},
    {"zsh", {"zsh", "-f"}, 0, {0}}, {"ksh93", {"ksh93"}, 0, {0}},
    {"mksh", {"mksh"}, 0, {0}},	   {"busybox", {"busybox", "sh"}, 0, {0}},
    {"yash", {"yash"}, 0, {0}},
};
enum { NALL = sizeof all_shells / sizeof *all_shells };

static char scratch[256];
static char *environment[6];
static long runs;
static unsigned patience = 60; /* seconds, after which a shell is endless */

/* --- running a shell */

static bool is_installed(const char *name)
{
	char *path = xstrdup(getenv("PATH")), *rest = path, *dir, file[4096];
	bool found = false;

	while (!found && (dir = strsep(&rest, ":")) != NULL) {
		snprintf(file, sizeof file, "%s/%s", dir, name);
		found = access(file, X_OK) == 0;
	}
	free(path);
	return found;
}

static inline void on_alarm(int sig)
{
	(void)sig;
}

/* Wait for the child at most so long that only an endless one is killed. */
static bool wait_for(pid_t pid)
{
	int status;

	alarm(patience);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
		kill(-pid, SIGKILL);
	}
	alarm(0);
	return true;
}

static bool run(char *const *argv)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid;
	int failed;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	failed = posix_spawnp(&pid, argv[0], &files, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	runs++;
	failed = failed || !wait_for(pid);
	kill(-pid, SIGKILL); /* what it left in the background */
	return !failed;
}

/* What show wrote since the last call. */
static void read_records(struct buf *out)
{
	int fd = open("records", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf_reset(out);
	if (fd < 0)
		return;
	while ((n = read(fd, buf_room(out, 65536), 65536)) > 0)
		out->len += (size_t)n;
	close(fd);
	unlink("records");
}

static void run_shell(const struct shell *sh, char *const *tail, struct buf *records)
{
	char *argv[64];
	size_t n = 0;

	for (size_t i = 0; i < 3 && sh->words[i] != NULL; i++)
		argv[n++] = (char *)sh->words[i];
	while (*tail != NULL)
		argv[n++] = *tail++;
	argv[n] = NULL;
	run(argv);
	read_records(records);
}

static inline void run_text(const struct shell *sh, struct buf *text, struct buf *records)
{
	char *tail[] = {(char *)"-c", buf_cstr(text), (char *)"volley", NULL};

	run_shell(sh, tail, records);
}

static void enter_scratch(void)
{
	const char *tmp = getenv("TMPDIR"), *build = getenv("TOP_BUILDDIR");
	char cwd[2048];
	struct buf b = BUF_INIT;

	if (build == NULL)
		build = getcwd(cwd, sizeof cwd);
	snprintf(scratch, sizeof scratch, "%s/volley-shell-XXXXXX",
		 tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(scratch) == NULL || chdir(scratch) < 0) {
		printf("Bail out! no scratch directory\n");
		exit(1);
	}
	buf_addf(&b, "PATH=%s/tests/helpers:%s", build, getenv("PATH"));
	environment[0] = buf_cstr(&b);
	b = (struct buf)BUF_INIT;
	buf_addf(&b, "SHOW_OUT=%s/records", scratch);
	environment[1] = buf_cstr(&b);
	b = (struct buf)BUF_INIT;
	buf_addf(&b, "HOME=%s", scratch);
	environment[2] = buf_cstr(&b);
	environment[3] = xstrdup("LC_ALL=C.UTF-8");
}

static void leave_scratch(void)
{
	char *argv[] = {(char *)"rm", (char *)"-rf", scratch, NULL};

	if (chdir("/") == 0)
		run(argv);
	for (size_t i = 0; i < 4; i++)
		free(environment[i]);
}

#endif
