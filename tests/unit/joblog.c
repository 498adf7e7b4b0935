/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "job_fixture.h"
#include "scratch.h"
#include "tap.h"
#include "watch/joblog.h"

static struct loop *loop;
static struct template *template;
static const struct run_state run;

static struct joblog *open_log(const char *path, bool append, struct err *err)
{
	struct joblog_config cfg = {
	    .loop = loop, .template = template, .path = path, .append = append};

	return joblog_open(&cfg, err);
}

static int add(struct joblog *log, uint64_t seq, const char *value,
	       enum job_status status, int code, struct err *err)
{
	struct job *job = job_make(seq, value);
	int result;

	job->outcome.status = status;
	job->outcome.code = code;
	job->outcome.start = INT64_C(1700000000123456789);
	job->outcome.runtime = 1234 * NSEC_PER_MSEC;
	job->outcome.stdout_bytes = 42;
	result = joblog_ops.retired(log, &run, &job->outcome, err);
	job_drop(job);
	return result;
}

/* The file's text, with NUL shown as @. */
static const char *contents(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = '@';
	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static const char *after_header(const char *path)
{
	const char *text = contents(path);
	size_t len = strlen(joblog_header);

	return strncmp(text, joblog_header, len) == 0 ? text + len : text;
}

static void test_lines(void)
{
	const char *path = scratch_path("lines");
	struct err err;
	struct joblog *log = open_log(path, false, &err);

	is(contents(path),
	   "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n",
	   "a log begins with GNU parallel's header");
	add(log, 1, "a", JOB_OK, 0, &err);
	is(after_header(path), "1\t:\t1700000000.123\t     1.234\t0\t42\t0\t0\tcat a\n",
	   "a line per job, written at once");
	add(log, 2, "x\ny", JOB_FAILED, 3, &err);
	add(log, 3, "b", JOB_SIGNALED, 9, &err);
	add(log, 4, "c", JOB_TIMEOUT, 9, &err);
	add(log, 5, "d", JOB_NOT_STARTED, 127, &err);
	add(log, 6, "e", JOB_LOST, 0, &err);
	is(after_header(path),
	   "1\t:\t1700000000.123\t     1.234\t0\t42\t0\t0\tcat a\n"
	   "2\t:\t1700000000.123\t     1.234\t0\t42\t3\t0\tcat 'x@y'\n"
	   "3\t:\t1700000000.123\t     1.234\t0\t42\t0\t9\tcat b\n"
	   "4\t:\t1700000000.123\t     1.234\t0\t42\t-1\t15\tcat c\n"
	   "5\t:\t1700000000.123\t     1.234\t0\t42\t127\t0\tcat d\n"
	   "6\t:\t1700000000.123\t     1.234\t0\t42\t126\t0\tcat e\n",
	   "exit, newline, signal, timeout, not started, lost");
	is_int(joblog_close(log, &err), 0, "it can be closed");
}

static void test_files(void)
{
	struct err err;
	struct joblog *log, *other;
	const char *path = scratch_file("torn", "", 0644);

	log = open_log(path, true, &err);
	ok(log != NULL, "an empty file becomes a log");
	other = open_log(path, true, &err);
	ok(other == NULL && strstr(err.text, "another run writes the job log") != NULL,
	   "two runs cannot share one");
	add(log, 1, "a", JOB_OK, 0, &err);
	joblog_close(log, &err);
	if (truncate(path, (off_t)strlen(contents(path)) - 5) < 0)
		abort();
	log = open_log(path, true, &err);
	is(after_header(path), "", "a torn last line is dropped");
	joblog_close(log, &err);

	if (truncate(path, 20) < 0)
		abort();
	log = open_log(path, true, &err);
	is(contents(path), joblog_header, "a torn header is repaired");
	joblog_close(log, &err);

	path = scratch_file("letter", "Dear all,\n", 0644);
	log = open_log(path, true, &err);
	ok(log == NULL && strstr(err.text, "is not a job log") != NULL,
	   "a file that is not a job log is refused");
	log = open_log(path, false, &err);
	ok(log == NULL, "also when it would be overwritten");
	is(contents(path), "Dear all,\n", "and is not changed");
	scratch_file("letter", "no newline", 0644);
	ok(open_log(path, true, &err) == NULL, "with or without a newline");
	is(contents(path), "no newline", "too");

	log = open_log(scratch_path("lines"), false, &err);
	is(contents(scratch_path("lines")), joblog_header, "without --resume the log is overwritten");
	joblog_close(log, &err);
	ok(open_log(scratch_path("no/such"), false, &err) == NULL &&
	       strstr(err.text, "No such file") != NULL,
	   "a bad path is reported");
}

/* The disk is full in the middle of a line. */
static void test_full(void)
{
	const char *path = scratch_path("full");
	struct rlimit old, small;
	struct err err;
	struct joblog *log = open_log(path, false, &err);

	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = strlen(joblog_header) + 10;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	is_int(add(log, 1, "a", JOB_OK, 0, &err), -1, "a log that cannot be written is reported");
	ok(strstr(err.text, "cannot write the job log") != NULL, "by name");
	setrlimit(RLIMIT_FSIZE, &old);
	is_int(add(log, 2, "b", JOB_OK, 0, &err), 0, "once");
	is_int(joblog_close(log, &err), 0, "only");
	is(after_header(path), "1\t:\t170000", "and nothing follows half a line");
	log = open_log(path, true, &err);
	is(after_header(path), "", "which is dropped as torn");
	joblog_close(log, &err);
}

int main(void)
{
	char *words[] = {(char *)"cat", (char *)"{}"};
	struct err err;

	scratch_make();
	loop = loop_new(&err);
	template = job_template(words, 2);
	test_lines();
	test_files();
	test_full();
	template_free(template);
	loop_free(loop);
	scratch_remove();
	return done_testing();
}
