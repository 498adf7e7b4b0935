/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/err.h"
#include "scratch.h"
#include "sys/spawn.h"
#include "tap.h"

static char *child; /* the scripted child */
static int null_fd;

/* Everything that comes out of the pipe until its end. */
static const char *read_all(int fd)
{
	static struct buf text;
	ssize_t n;

	buf_reset(&text);
	while ((n = read(fd, buf_room(&text, 4096), 4096)) > 0)
		text.len += (size_t)n;
	close(fd);
	return buf_cstr(&text);
}

static int status_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static struct spawn_seat *seat; /* of children that are started one by one */

static pid_t start(const struct spawn_spec *spec)
{
	enum spawn_stage stage;

	return spawn_start(seat, spec, &stage);
}

/* Start it and wait for its end: its status, or 1000 + errno. */
static int run(const struct spawn_spec *spec, enum spawn_stage *stage)
{
	pid_t pid = spawn_start(seat, spec, stage);
	int status;

	if (pid < 0)
		return 1000 + errno;
	status = status_of(pid);
	if (!spawn_has_left(seat))
		return -2;
	return spawn_error(seat, stage) != 0 ? 1000 + spawn_error(seat, stage) : status;
}

/* Run it to its end with its stdout in a pipe; its output, NULL if it did not
 * start or fail. */
static const char *output_of(struct spawn_spec spec)
{
	const char *text;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	spec.fds[0] = null_fd;
	spec.fds[1] = fds[1];
	spec.fds[2] = -1;
	pid = start(&spec);
	close(fds[1]);
	text = read_all(fds[0]);
	return status_of(pid) == 0 ? text : NULL;
}

static char *no_env[] = {NULL};

static struct spawn_spec spec_of(char *const *argv)
{
	static sigset_t none;

	sigemptyset(&none);
	return (struct spawn_spec){
	    .path = child, .argv = argv, .env = no_env, .mask = &none, .fds = {-1, -1, -1}};
}

#define ARGV(...) ((char *[]){child, __VA_ARGS__, NULL})
#define WORD(text) ((char *)(text))

static void test_what_a_child_is_given(void)
{
	char *env[] = {WORD("A=1"), WORD("B="), WORD("C=x=y"), NULL};
	struct spawn_spec spec;
	char real[PATH_MAX + 1];

	if (realpath(scratch, real) == NULL)
		abort();
	strcat(real, "\n");
	is(output_of(spec_of(ARGV(WORD("args"), WORD(""), WORD("a b"), WORD("*")))),
	   "[]\n[a b]\n[*]\n", "arguments arrive byte for byte");
	spec = spec_of(ARGV(WORD("env=A"), WORD("env=B"), WORD("env=C"), WORD("env=PATH")));
	spec.env = env;
	is(output_of(spec), "1\n\nx=y\n(unset)\n", "the environment is exactly the given one");
	spec = spec_of(ARGV(WORD("cwd")));
	spec.dir = scratch;
	is(output_of(spec), real, "the working directory, too");
}

static void test_streams(void)
{
	struct spawn_spec spec = spec_of(ARGV(WORD("copy"), WORD("line=o"), WORD("eline=e")));
	int in[2], out[2], err[2];
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    pipe2(err, O_CLOEXEC) < 0)
		abort();
	spec.fds[0] = in[0];
	spec.fds[1] = out[1];
	spec.fds[2] = err[1];
	pid = start(&spec);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	if (write(in[1], "i\n", 2) < 0)
		abort();
	close(in[1]);
	is(read_all(out[0]), "i\no\n", "0 and 1 are the descriptors that were passed");
	is(read_all(err[0]), "e\n", "and 2");
	is_int(status_of(pid), 0, "the child has ended well");
	is(output_of(spec_of(ARGV(WORD("fds")))), "0 1 2\n", "it has no other descriptors");
}

/* A source that already is where it should be must survive the exec. */
static void test_descriptor_in_place(void)
{
	struct spawn_spec spec = spec_of(ARGV(WORD("fds")));
	int saved = fcntl(0, F_DUPFD_CLOEXEC, 10), fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	dup3(null_fd, 0, O_CLOEXEC);
	spec.fds[0] = 0;
	spec.fds[1] = fds[1];
	pid = start(&spec);
	close(fds[1]);
	is(read_all(fds[0]), "0 1 2\n", "a descriptor that need not move is kept");
	status_of(pid);
	dup2(saved, 0);
	close(saved);
}

static void test_process(void)
{
	const char *text = output_of(spec_of(ARGV(WORD("pid"), WORD("pgrp"), WORD("sid"))));
	long pid = 0, group = 0, session = 0;

	sscanf(text != NULL ? text : "", "%ld %ld %ld", &pid, &group, &session);
	ok(pid > 0 && group == pid, "a child leads a process group of its own");
	is_int(session, getsid(0), "in the session of its parent");
}

static void test_signal_mask(void)
{
	struct spawn_spec spec = spec_of(ARGV(WORD("sigs")));
	sigset_t ours, old, childs;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ours, &old);
	is(output_of(spec), "blocked:\nignored:\n",
	   "what is blocked here is not blocked in the child");
	sigemptyset(&childs);
	sigaddset(&childs, SIGUSR1);
	spec.mask = &childs;
	is(output_of(spec), "blocked: USR1\nignored:\n", "but what it is said to inherit");
	sigprocmask(SIG_SETMASK, NULL, &ours);
	ok(sigismember(&ours, SIGTERM) == 1 && sigismember(&ours, SIGUSR1) == 0,
	   "and the parent's own mask is as before");
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_file_limit(void)
{
	struct rlimit now, files;
	struct spawn_spec spec =
	    spec_of((char *[]){WORD("sh"), WORD("-c"), WORD("ulimit -n"), NULL});

	if (under_valgrind()) {
		ok(true, "the limit on open files # SKIP valgrind keeps it to itself");
		return;
	}
	getrlimit(RLIMIT_NOFILE, &now);
	files = now;
	files.rlim_cur = 123;
	spec.path = "/bin/sh";
	spec.files = &files;
	is(output_of(spec), "123\n", "a child can have another limit on open files");
	getrlimit(RLIMIT_NOFILE, &files);
	is_int(files.rlim_cur, now.rlim_cur, "which is not the parent's");
}

/* A parent that dies in a way it cannot notice: its child must not survive. */
static void test_parent_death(void)
{
	int fds[2];
	pid_t parent;

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	parent = fork();
	if (parent == 0) {
		struct spawn_spec spec = spec_of(ARGV(WORD("hang")));

		spec.fds[1] = fds[1];
		spec.death_signal = SIGKILL;
		start(&spec);
		raise(SIGKILL);
	}
	close(fds[1]);
	is(read_all(fds[0]), "", "when its parent is killed, a child dies");
	is_int(status_of(parent), 128 + SIGKILL, "(the parent was)");
}

static void test_failures(void)
{
	const char *plain = scratch_file("plain", "echo no\n", 0644);
	const char *script = scratch_file("script", "echo no\n", 0755);
	const char *lost = scratch_file("lost", "#!/nonexistent/sh\n", 0755);
	static char big[256 * 1024];
	const struct {
		const char *what, *path, *dir;
		char *arg;
		enum spawn_stage stage;
		int error;
	} cases[] = {
	    {"a missing directory", child, "/nonexistent", NULL, SPAWN_DIR, ENOENT},
	    {"a directory that is none", child, plain, NULL, SPAWN_DIR, ENOTDIR},
	    {"a missing program", "/nonexistent", NULL, NULL, SPAWN_EXEC, ENOENT},
	    {"a missing interpreter", lost, NULL, NULL, SPAWN_EXEC, ENOENT},
	    {"a program without leave", plain, NULL, NULL, SPAWN_EXEC, EACCES},
	    {"a directory as program", "/", NULL, NULL, SPAWN_EXEC, EACCES},
	    {"a script without #!", script, NULL, NULL, SPAWN_EXEC, ENOEXEC},
	    {"an argument too long", child, NULL, big, SPAWN_EXEC, E2BIG},
	};
	int before = count_descriptors();

	memset(big, 'x', sizeof big - 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct spawn_spec spec = spec_of(ARGV(cases[i].arg));
		enum spawn_stage stage = SPAWN_FORK;

		if (under_valgrind() && (cases[i].path == lost || cases[i].arg == big)) {
			ok(true, "%s # SKIP valgrind finds it too late", cases[i].what);
			continue;
		}
		spec.path = cases[i].path;
		spec.dir = cases[i].dir;
		is_int(run(&spec, &stage), 1000 + cases[i].error, "%s: %s", cases[i].what,
		       strerror(cases[i].error));
		is_int(stage, cases[i].stage, "where it is known");
		errno = 0;
		ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "and no child is left");
	}
	is_int(count_descriptors(), before, "nor a descriptor");
}

/* --- not waiting for the exec */

static void test_seat_again(void)
{
	struct spawn_spec spec = spec_of(ARGV(WORD("exit=7")));
	enum spawn_stage stage;

	spec.path = "/nonexistent";
	is_int(run(&spec, &stage), 1000 + ENOENT, "a child that fails has an errno");
	spec.path = child;
	is_int(run(&spec, &stage), 7, "the next in its seat has none");
}

/* The spec need not stay, and a child can be signalled at once, as a group. */
static void test_group_in_a_seat(void)
{
	int killed = 0;

	for (int i = 0; i < 100; i++) {
		struct spawn_spec spec = spec_of(ARGV(WORD("hang")));
		pid_t pid = start(&spec);

		memset(&spec, 0xff, sizeof spec);
		if (pid > 0 && kill(-pid, SIGKILL) == 0)
			killed += status_of(pid) == 128 + SIGKILL;
	}
	is_int(killed, 100, "a group is there as soon as its start has returned");
}

static volatile sig_atomic_t handled;

static void on_signal(int signo)
{
	(void)signo;
	handled = 1;
}

/* The child waits for its exec with our handler's address in its memory: it must
 * die from a signal that it is sent on its way, not handle it. */
static void test_no_handler_in_a_seat(void)
{
	struct sigaction old, ours = {.sa_handler = on_signal};
	int died = 0;

	sigaction(SIGUSR1, &ours, &old);
	for (int i = 0; i < 200; i++) {
		struct spawn_spec spec = spec_of(ARGV(WORD("hang")));
		pid_t pid = start(&spec);

		kill(-pid, SIGUSR1);
		died += status_of(pid) == 128 + SIGUSR1;
	}
	sigaction(SIGUSR1, &old, NULL);
	is_int(died, 200, "a signal on the way to the exec ends the child");
	ok(!handled, "and no handler has run on our memory");
}

/* A thousand children on their way at once, each with words of its own, while the
 * parent uses its stack, heap and errno. */
static void test_many_seats(void)
{
	enum { MANY = 1000 };
	static struct spawn_seat *seats[MANY];
	static char words[MANY][16];
	static char *argv[MANY][3];
	static pid_t pids[MANY];
	enum spawn_stage stage;
	int wrong = 0;

	for (int i = 0; i < MANY; i++) {
		struct spawn_spec spec;

		snprintf(words[i], sizeof words[i], "exit=%d", i % 100);
		argv[i][0] = child;
		argv[i][1] = words[i];
		spec = spec_of(argv[i]);
		seats[i] = spawn_seat_new();
		errno = 4711;
		pids[i] = spawn_start(seats[i], &spec, &stage);
		wrong += errno != 4711;
		free(strdup(words[i]));
	}
	is_int(wrong, 0, "errno is not touched by %d starts", MANY);
	wrong = 0;
	for (int i = 0; i < MANY; i++) {
		wrong += status_of(pids[i]) != i % 100;
		spawn_seat_free(seats[i]);
	}
	is_int(wrong, 0, "and each child has been given its own words");
}

static void test_bad_descriptor(void)
{
	struct spawn_spec spec = spec_of(ARGV(NULL));
	enum spawn_stage stage = SPAWN_EXEC;

	spec.fds[1] = 10000;
	is_int(run(&spec, &stage), 1000 + EBADF, "a descriptor that is not open is an error");
	is_int(stage, SPAWN_FORK, "of the start");
}

static void test_many(void)
{
	struct spawn_spec spec = spec_of(ARGV(NULL));
	int before = count_descriptors(), failed = 0;
	enum spawn_stage stage;

	spec.argv = (char *[]){WORD("true"), NULL};
	spec.path = "/bin/true";
	for (int i = 0; i < 1000; i++)
		failed += run(&spec, &stage) != 0;
	is_int(failed, 0, "1000 children start and end");
	is_int(count_descriptors(), before, "and leave no descriptors behind");
}

/* --- finding programs */

/* What is found, with the scratch directory cut off; or the status. */
static const char *found(const char *path, const char *name)
{
	static char text[sizeof (struct err)];
	struct err err = {0};
	char *file;

	if (path != NULL)
		setenv("PATH", path, 1);
	else
		unsetenv("PATH");
	file = spawn_find_program(name, &err);
	if (file == NULL)
		snprintf(text, sizeof text, "%d %s", err.status, err.text);
	else if (strncmp(file, scratch, strlen(scratch)) == 0)
		snprintf(text, sizeof text, "%s", file + strlen(scratch));
	else
		snprintf(text, sizeof text, "%s", file);
	free(file);
	return text;
}

static const char *search_path(const char *dirs)
{
	static char path[512];
	size_t len = 0;

	for (; *dirs != '\0'; dirs++)
		len += (size_t)snprintf(path + len, sizeof path - len, "%s%s/%c",
					len > 0 ? ":" : "", scratch, *dirs);
	return path;
}

static void test_find_program(void)
{
	char *old = strdup(getenv("PATH"));
	char here[512];

	scratch_file("a/tool", "", 0755);
	scratch_file("b/tool", "", 0755);
	scratch_file("c/tool", "", 0644);
	scratch_file("d/tool/x", "", 0755);
	if (getcwd(here, sizeof here) == NULL || chdir(scratch_path("a")) < 0)
		abort();
	is(found(search_path("ab"), "tool"), "/a/tool", "the first in PATH is found");
	is(found(search_path("xba"), "tool"), "/b/tool",
	   "a missing directory is not an error");
	is(found(search_path("cb"), "tool"), "/b/tool", "what may not be executed is passed over");
	is(found(search_path("db"), "tool"), "/b/tool", "and so is a directory");
	is(found(search_path("c"), "tool"), "126 cannot execute 'tool': Permission denied",
	   "if that is all there is, the status is 126");
	is(found(search_path("cd"), "tool"), "126 cannot execute 'tool': Permission denied",
	   "though a directory of that name follows");
	is(found(search_path("d"), "tool"), "127 'tool': command not found",
	   "a directory alone is as good as nothing");
	is(found(search_path("ab"), "none"), "127 'none': command not found",
	   "what is nowhere has status 127");
	is(found("", "tool"), "./tool", "an empty PATH is the current directory");
	is(found("/nonexistent::/x", "tool"), "./tool", "and so is an empty part of it");
	ok(strstr(found(NULL, "sh"), "bin/sh") != NULL, "without PATH there is a default");
	is(found(search_path("b"), ""), "127 '': command not found", "the empty name is nothing");
	is(found(search_path("b"), "./tool"), "./tool", "a name with a slash is not searched for");
	is(found(search_path("a"), "../c/tool"), "126 cannot execute '../c/tool': Permission denied",
	   "but may be forbidden");
	is(found(search_path("a"), "./none"), "127 './none': command not found", "or missing");
	is(found(search_path("a"), "../d"), "126 cannot execute '../d': Is a directory",
	   "or a directory");
	if (chdir(here) < 0)
		abort();
	setenv("PATH", old, 1);
	free(old);
}

/* --- asking */

static void test_ask(void)
{
	int before = count_descriptors(), status;
	char out[16];

	status = spawn_ask((char *[]){child, WORD("copy"), WORD("line=a"), WORD("eline=b"),
				      WORD("exit=3"), NULL},
			   out, sizeof out);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 3, "an answer has a status");
	is(out, "a\nb\n", "and all that was written, stdin being empty");
	status = spawn_ask(ARGV(WORD("out=100000")), out, sizeof out);
	ok(status == 0 && strlen(out) == sizeof out - 1,
	   "a long one is cut, without making the asked one fail");
	status = spawn_ask((char *[]){WORD("/nonexistent"), NULL}, out, sizeof out);
	ok((status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) && *out == '\0',
	   "nobody to ask: no answer");
	is_int(count_descriptors(), before, "no descriptor is left");
}

int main(void)
{
	keep_descriptors_to_ourselves();
	scratch_make();
	child = built_program("tests/helpers/child");
	null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	seat = spawn_seat_new();
	test_what_a_child_is_given();
	test_streams();
	test_descriptor_in_place();
	test_process();
	test_signal_mask();
	test_file_limit();
	test_parent_death();
	test_failures();
	test_bad_descriptor();
	test_many();
	test_seat_again();
	test_group_in_a_seat();
	test_no_handler_in_a_seat();
	test_many_seats();
	test_find_program();
	test_ask();
	spawn_seat_free(seat);
	scratch_remove();
	return done_testing();
}
