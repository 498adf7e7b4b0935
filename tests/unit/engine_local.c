/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "engine_check.h"
#include "engine_local_subject.h"
#include "sys/loop.h"
#include "tap.h"

/* What only an engine with processes of this machine can do wrong.  The rules
 * that all engines keep are tested by engine.c. */

static const int64_t HOUR = 3600 * NSEC_PER_SEC;

/* With slots for as many tasks as there may be. */
static void open_engine(int64_t drain_ns)
{
	static struct engine_subject changed;

	changed = engine_local_subject;
	changed.slots = 2000;
	engine_check_open(&changed, drain_ns);
}

static bool suspended;

static void suspend(void *arg)
{
	(void)arg;
	suspended = true;
}

/* Tasks get volley's own stdout and stderr; in the foreground also its terminal. */
static struct engine *open_inheriting(struct loop *loop, int64_t drain_ns, struct err *err)
{
	struct local_config cfg = {.loop = loop, .drain_ns = drain_ns, .inherit = true};

	return engine_local_open(&cfg, err);
}

static struct engine *open_foreground(struct loop *loop, int64_t drain_ns, struct err *err)
{
	struct local_config cfg = {.loop = loop,
				   .drain_ns = drain_ns,
				   .inherit = true,
				   .foreground = true,
				   .suspend = suspend};

	return engine_local_open(&cfg, err);
}

static void open_engine_as(struct engine *(*open)(struct loop *, int64_t, struct err *))
{
	static struct engine_subject changed;

	changed = engine_local_subject;
	changed.open = open;
	engine_check_open(&changed, HOUR);
}

/* A task that runs "sh -c LINE ARG". */
static struct checked_task *new_shell(const char *line, const char *arg)
{
	struct checked_task *t = task_new("");

	t->command.path = "/bin/sh";
	t->argv[1] = xstrdup("-c");
	t->argv[2] = xstrdup(line);
	t->argv[3] = xstrdup("sh");
	t->argv[4] = xstrdup(arg);
	t->argv[5] = NULL;
	return t;
}

static struct checked_task *run_shell(const char *line, const char *arg)
{
	struct checked_task *t = new_shell(line, arg);

	task_start(t);
	return t;
}

/* --- what a task is given */

static void test_surroundings(void)
{
	char *env[] = {(char *)"A=1", (char *)"EVENT_x=inner", NULL};
	struct checked_task *first, *t;

	setenv("EVENT_x", "outer", 1);
	setenv("VOLLEY_SEQ", "17", 1);
	open_engine(HOUR);
	first = task_run("hang");
	t = task_run("fds");
	task_wait(t);
	is(task_said(t, 0), "0 1 2\n", "a task has no descriptors but its three, though others run");
	t = task_run("copy line=end");
	task_wait(t);
	is(task_said(t, 0), "end\n", "its stdin is empty");
	t = task_run("sigs");
	task_wait(t);
	is(task_said(t, 0), "blocked:\nignored:\n",
	   "the signals that the loop watches are not blocked in it");
	t = task_run("pid pgrp");
	task_wait(t);
	ok(atoi(task_said(t, 0)) == t->pid && strchr(task_said(t, 0), '\n') != NULL &&
	       atoi(strchr(task_said(t, 0), '\n')) == t->pid,
	   "it leads a process group, and its pid is reported");
	t = task_new("env=A env=EVENT_x env=VOLLEY_SEQ env=HOME");
	t->command.env = env;
	t->command.dir = scratch;
	setenv("HOME", "changed later", 1);
	task_start(t);
	task_wait(t);
	ok(strncmp(task_said(t, 0), "1\ninner\n(unset)\n", 16) == 0,
	   "its environment is ours but what volley sets, with the task's in front");
	t = run_shell("env | grep -c '^EVENT_x='", "");
	task_wait(t);
	is(task_said(t, 0), "1\n", "(if the task does not set a variable, ours is kept)");
	t = task_new("cwd");
	t->command.dir = "/";
	task_start(t);
	task_wait(t);
	is(task_said(t, 0), "/\n", "it runs in the directory of its command");
	ok(t->result.usage.ru_maxrss > 0, "its resource usage is reported");
	task_signal(first, SIGKILL);
	task_wait(first);
	engine_check_close();
	unsetenv("EVENT_x");
	unsetenv("VOLLEY_SEQ");
}

static void test_inherit(void)
{
	int file = memfd_create("out", MFD_CLOEXEC), saved;
	char text[64] = "";
	struct checked_task *t;

	open_engine_as(open_inheriting);
	fflush(stdout);
	saved = fcntl(1, F_DUPFD_CLOEXEC, 10);
	dup2(file, 1);
	t = task_new("line=direct fds");
	task_start(t);
	task_wait(t);
	dup2(saved, 1);
	close(saved);
	if (pread(file, text, sizeof text - 1, 0) < 0)
		abort();
	is(text, "direct\n0 1 2\n", "a task can have our own stdout");
	is(task_story(t), "started vacated done ", "and its output is not reported");
	close(file);
	engine_check_close();
}

/* --- the two ends of a task, in either order */

static void test_closes_its_streams(void)
{
	struct checked_task *t;

	open_engine(HOUR);
	t = task_runf("close=1 close=2 post=%s wait=%s exit=4", scratch_fifo("closed"),
		      scratch_fifo("go"));
	scratch_meet("closed", O_RDONLY);
	while (*task_story(t) == '\0') /* it is asked from time to time */
		turns(1);
	turns(5);
	is(task_story(t), "started ", "a task that closes its streams and lives on is not done");
	scratch_meet("go", O_WRONLY);
	task_wait(t);
	is(task_result(t), "exit 4", "but when it ends");
	engine_check_close();
}

static void test_background_holder(void)
{
	struct checked_task *t;
	int64_t now = clock_mono();
	pid_t holder;

	clock_fake(&now);
	open_engine(1000);
	t = task_runf("line=a fork-hold=%s exit=3", scratch_path("holder"));
	task_wait_for(t, "vacated");
	holder = scratch_pid("holder");
	is(task_story(t), "started out vacated ",
	   "a task that leaves a holder of its streams is vacated at once");
	now += 999;
	turns(5);
	ok(!t->ended, "but not done while they may have more to say");
	now += 1;
	turns(2);
	ok(t->ended, "after a time of silence it is");
	is(task_result(t), "exit 3 truncated", "truncated, as the result says");
	ok(!is_gone(holder),
	   "processes that it left keep running, since the task ended normally");
	kill(holder, SIGKILL);
	clock_fake(NULL);
	engine_check_close();
}

static void test_talking_holder(void)
{
	/* One each: the next turn must not find the last one's end still open. */
	static const char *const turns_to_talk[] = {"talk1", "talk2", "talk3"};
	struct checked_task *t;
	int64_t now = clock_mono();

	clock_fake(&now);
	open_engine(1000);
	for (size_t i = 0; i < 3; i++)
		scratch_fifo(turns_to_talk[i]);
	t = run_shell("{ for i in 1 2; do : <\"$1\"$i; echo $i >&$i; done; : <\"$1\"3; } &",
		      scratch_path("talk"));
	task_wait_for(t, "vacated");
	for (size_t i = 0; i < 2; i++) {
		t->story.len = 0; /* another "out" can be waited for */
		now += 999;
		turns(2);
		scratch_meet(turns_to_talk[i], O_WRONLY);
		task_wait_for(t, "out");
	}
	is(task_said(t, 0), "1\n", "what a holder of stdout says is heard");
	is(task_said(t, 1), "2\n", "or of stderr");
	now += 999;
	turns(2);
	ok(!t->ended, "and every byte restarts the drain time");
	scratch_meet(turns_to_talk[2], O_WRONLY);
	task_wait(t);
	is(task_result(t), "exit 0", "if they close the streams in time nothing is cut off");
	clock_fake(NULL);
	engine_check_close();
}

static void let_go(void *task)
{
	task_hold(task, false);
}

static void test_silence_while_held(void)
{
	struct loop_timer timer = {0};
	struct checked_task *t;
	int64_t now = clock_mono();

	clock_fake(&now);
	open_engine(1000);
	t = task_run("line=a");
	task_hold(t, true);
	task_wait_for(t, "vacated");
	loop_timer_set(engine_loop, &timer, now + 500, let_go, t);
	now += 1000;
	task_wait(t);
	is(task_said(t, 0), "a\n",
	   "the time during which a task is held does not count as silence");
	is(task_result(t), "exit 0", "so that nothing is cut off when it is read again");
	t = task_runf("fork-hold=%s", scratch_path("silent"));
	task_hold(t, true);
	task_wait_for(t, "vacated");
	now += 5000;
	turns(2);
	ok(!t->ended, "a process that holds the streams is not cut off meanwhile");
	task_hold(t, false);
	now += 1000;
	turns(2);
	is(task_result(t), "exit 0 truncated", "but when it is silent after that");
	kill(scratch_pid("silent"), SIGKILL);
	clock_fake(NULL);
	engine_check_close();
}

/* --- killing */

static void test_signals_reach_all(void)
{
	struct checked_task *t;
	pid_t member;

	open_engine(HOUR);
	t = task_runf("fork-hold=%s line=ready hang", scratch_path("member"));
	task_wait_for(t, "out");
	member = scratch_pid("member");
	task_signal(t, SIGTERM);
	task_wait(t);
	is(task_result(t), "signal 15", "a signal reaches the whole process group");
	ok(has_ended(member), "before the task is done");

	t = task_run("kill=STOP line=x");
	if (waitid(P_ALL, 0, &(siginfo_t){0}, WSTOPPED | WNOWAIT) < 0)
		abort();
	turns(3);
	task_signal(t, SIGTERM);
	task_wait(t);
	is(task_result(t), "signal 15", "one that is stopped is woken to die");
	engine_check_close();
}

/* Its parent dies of SIGTERM, it does not: done must wait for SIGKILL. */
static void test_stubborn_member(void)
{
	struct checked_task *t;
	int64_t now = clock_mono();
	char line[1024];
	pid_t member;

	snprintf(line, sizeof line,
		 "'%s' ignore=TERM close=1 close=2 pidfile='%s' post=\"$1\" hang & wait",
		 built_program("tests/helpers/child"), scratch_path("member"));
	open_engine(HOUR);
	t = run_shell(line, scratch_fifo("ready"));
	scratch_meet("ready", O_RDONLY);
	member = scratch_pid("member");
	task_signal(t, SIGTERM);
	task_wait_for(t, "vacated");
	clock_fake(&now);
	for (int i = 0; i < 20; i++) {
		now += 20 * NSEC_PER_MSEC;
		turns(1);
	}
	clock_fake(NULL);
	is(task_story(t), "started vacated ",
	   "a killed task is not done while one of its group ignores the signal");
	ok(!has_ended(member), "(which does)");
	task_signal(t, SIGKILL);
	task_wait(t);
	ok(has_ended(member), "but when SIGKILL has taken that, too");
	is(task_result(t), "signal 15", "its result is of its own process");
	engine_check_close();
}

/* --- a task started and ended within one turn of the loop */

static struct checked_task *quick;
static struct loop_call call;

static void start_talker(void *arg)
{
	(void)arg;
	quick = task_runf("line=a post=%s exit=1", scratch_path("has-talked"));
	scratch_meet("has-talked", O_RDONLY);
}

static void start_quick(void)
{
	siginfo_t info;

	quick = task_run("line=a exit=1");
	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0)
		abort();
}

static void start_quick_when_vacated(struct checked_task *t, const char *what)
{
	(void)t;
	if (strcmp(what, "vacated") == 0)
		start_quick();
}

static void test_quick_tasks(void)
{
	struct checked_task *t;

	open_engine(HOUR);
	scratch_fifo("has-talked");
	turns(2); /* nothing is left over that could come first */
	loop_defer(engine_loop, &call, start_talker, NULL);
	turns(1);
	task_wait(quick);
	is(task_story(quick), "started out vacated done ",
	   "a task that writes in the turn that started it is reported in order");
	t = task_new("exit=0");
	t->on = start_quick_when_vacated;
	task_start(t);
	task_wait(t);
	task_wait(quick);
	is(task_story(quick), "started out vacated done ",
	   "and so is one that ends in the turn in which another's end has started it");
	engine_check_close();
}

/* --- many */

static void test_many_tasks(void)
{
	enum { MANY = 500, SOFT = 256 };
	static struct checked_task *all[MANY];
	struct rlimit old, low;
	int started = 0, killed = 0;

	getrlimit(RLIMIT_NOFILE, &old);
	if (old.rlim_max < 2 * MANY + 100 || under_valgrind()) {
		ok(true, "500 tasks at once # SKIP the hard limit of files is %llu, or ours",
		   (unsigned long long)old.rlim_max);
		return;
	}
	low = old;
	low.rlim_cur = SOFT;
	setrlimit(RLIMIT_NOFILE, &low);
	open_engine(HOUR);
	for (int i = 0; i < MANY; i++)
		all[i] = task_run(i == 0 ? "fds hang" : "line=a hang");
	for (int i = 0; i < MANY; i++) {
		task_wait_for(all[i], "out");
		started += strcmp(task_story(all[i]), "started out ") == 0;
	}
	is_int(started, MANY, "500 tasks run at once with a limit of 256 files");
	is(task_said(all[0], 0), "0 1 2\n", "no task has a descriptor of another");
	quick = run_shell("ulimit -n", "");
	task_wait(quick);
	is(task_said(quick, 0), "256\n", "tasks have the limit that we were given");
	for (int i = 0; i < MANY; i++)
		task_signal(all[i], SIGKILL);
	for (int i = 0; i < MANY; i++) {
		task_wait(all[i]);
		killed += strcmp(task_result(all[i]), "signal 9") == 0;
	}
	is_int(killed, MANY, "and are killed all together");
	engine_check_close();
	getrlimit(RLIMIT_NOFILE, &low);
	is_int(low.rlim_cur, SOFT, "in the end the limit is as before");
	setrlimit(RLIMIT_NOFILE, &old);
}

static void test_out_of_descriptors(void)
{
	struct rlimit old, low;
	struct checked_task *t;
	int open;

	open_engine(HOUR);
	task_wait(task_run("exit=0"));
	open = count_descriptors();
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = (rlim_t)lowest_free_descriptor() + 3; /* a pipe and a half, at most */
	setrlimit(RLIMIT_NOFILE, &low);
	t = task_run("line=a");
	setrlimit(RLIMIT_NOFILE, &old);
	task_wait(t);
	is(task_result(t), "not started 126", "without descriptors a task does not start");
	is(t->why, "cannot start a process: Too many open files",
	   "the reason is reported");
	ok(t->result.try_again, "and that it may be tried again");
	is_int(count_descriptors(), open,
	       "the descriptors that were opened for it are closed");
	engine_check_close();
}

/* --- the terminal: in a process that leads a session on a pseudo-terminal */

static int slave;

static bool ends_as(struct checked_task *t, const char *result, const char *said)
{
	task_wait(t);
	return strcmp(task_result(t), result) == 0 && strcmp(task_said(t, 0), said) == 0;
}

static bool background_reader(void)
{
	return ends_as(run_shell("read x </dev/tty; echo not reached", ""),
		       "signal 9 wanted the terminal", "");
}

static bool background_setter(void)
{
	return ends_as(run_shell("stty -echo </dev/tty; echo not reached", ""),
		       "signal 9 wanted the terminal", "");
}

static bool foreground_owner(void)
{
	struct checked_task *t = task_new("exit=6");

	t->command.path = "/bin/sh";
	free(t->argv[1]);
	t->argv[1] = xstrdup("-c");
	t->argv[2] = xstrdup("stty -echo </dev/tty && exit 6");
	t->argv[3] = NULL;
	task_start(t);
	return ends_as(t, "exit 6", "") && tcgetpgrp(0) == getpgrp();
}

static bool foreground_never_started(void)
{
	struct checked_task *t = task_new("missing");

	task_start(t);
	return ends_as(t, "not started 127", "") && tcgetpgrp(0) == getpgrp();
}

/* As "volley --debug ... &" in a shell, which has the terminal. */
static bool background_of_terminal(void)
{
	pid_t shell = fork();
	struct checked_task *t;
	bool kept;

	if (shell == 0) {
		pause();
		_exit(0);
	}
	setpgid(shell, shell);
	tcsetpgrp(0, shell);
	t = task_new("exit=5");
	task_start(t);
	kept = ends_as(t, "exit 5", "") && tcgetpgrp(0) == shell;
	kill(shell, SIGKILL);
	return kept;
}

static bool suspends(void)
{
	struct checked_task *t = task_new("kill=STOP exit=2");

	suspended = false;
	task_start(t);
	return ends_as(t, "exit 2", "") && suspended &&
	       strcmp(task_story(t), "started vacated done ") == 0;
}

static const struct {
	bool (*holds)(void);
	bool foreground;
	const char *what;
} on_terminal[] = {
    {background_reader, false,
     "a task in the background that reads the terminal is killed, and why"},
    {background_setter, false, "and one that changes its modes"},
    {foreground_owner, true,
     "one that is given the terminal has it, and then it is ours again"},
    {foreground_never_started, true, "even when it could not be started"},
    {background_of_terminal, true, "but not when it was not ours to give"},
    {suspends, true, "when its user stops it, volley is suspended, and then it goes on"},
};

static _Noreturn void lead_a_session(size_t i)
{
	bool held;

	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	dup2(slave, 0);
	open_engine_as(on_terminal[i].foreground ? open_foreground : local_open);
	held = on_terminal[i].holds();
	engine_check_close();
	_exit(held ? 0 : 1);
}

static void test_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
		ok(true, "tasks and the terminal # SKIP there is none");
		return;
	}
	for (size_t i = 0; i < sizeof on_terminal / sizeof on_terminal[0]; i++) {
		int status = -1, sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
		pid_t pid;

		slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			dup2(sink, 1); /* its tests are not ours */
			lead_a_session(i);
		}
		waitpid(pid, &status, 0);
		is_int(status, 0, "%s", on_terminal[i].what);
		close(slave);
		close(sink);
	}
	close(master);
}

int main(void)
{
	int before;

	keep_descriptors_to_ourselves();
	scratch_make();
	before = count_descriptors();
	test_surroundings();
	test_inherit();
	test_closes_its_streams();
	test_background_holder();
	test_talking_holder();
	test_silence_while_held();
	test_signals_reach_all();
	test_stubborn_member();
	test_quick_tasks();
	test_many_tasks();
	test_out_of_descriptors();
	test_terminal();
	is_int(count_descriptors(), before, "no descriptor is left open");
	scratch_remove();
	return done_testing();
}
