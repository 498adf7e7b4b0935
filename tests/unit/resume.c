/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <unistd.h>

#include "job_fixture.h"
#include "run/resume.h"
#include "scratch.h"
#include "tap.h"

#define HEADER                                                                           \
	"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
#define LINE(seq, exit, signal, command)                                                 \
	seq "\t:\t1.000\t     0.100\t0\t2\t" exit "\t" signal "\t" command "\n"
#define AGAIN(seq, exit, command)                                                        \
	seq "\t:\t1.000\t     0.100\t1\t2\t" exit "\t0\t" command "\n"
#define OK(seq, command) LINE(seq, "0", "0", command)
#define FAILED(seq, command) LINE(seq, "3", "0", command)

static struct template *template;
static struct resume *read_log(const char *text, bool failed, struct err *err)
{
	const char *path = scratch_file("log", text, 0644);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct resume *r = resume_read(fd, "log", failed, err);

	close(fd);
	return r;
}

static bool skips(struct resume *r, uint64_t seq, const char *value)
{
	struct job *job = job_make(seq, value);
	bool again, answer = resume_skips(r, template, &job->bindings, &again);

	job_drop(job);
	return answer;
}

/* Which of the values are skipped: "y" or "n" for each. */
static const char *answers(const char *log, bool failed, const char *values)
{
	static char out[32];
	static struct err err;
	struct resume *r = read_log(log, failed, &err);
	size_t n = 0;

	if (r == NULL)
		return err.text;
	for (; values[n] != '\0'; n++) {
		char value[2] = {values[n], '\0'};

		out[n] = skips(r, n + 1, value) ? 'y' : 'n';
	}
	snprintf(out + n, sizeof out - n, ":%d", (int)resume_left(r));
	resume_free(r);
	return out;
}

static void test_texts(void)
{
	is(answers(HEADER, false, "ab"), "nn:0", "an empty log skips nothing");
	is(answers("", false, "ab"), "nn:0",
	   "a log without a header skips nothing, either");
	is(answers(HEADER OK("1", "cat a") OK("2", "cat b"), false, "abc"), "yyn:0",
	   "what was run is skipped");
	is(answers(HEADER OK("1", "cat a") OK("2", "cat b"), false, "cba"), "nyy:0",
	   "in another order too");
	is(answers(HEADER OK("1", "cat a"), false, "aaa"), "ynn:0",
	   "a command that ran once is skipped once");
	is(answers(HEADER OK("1", "cat a") OK("2", "cat a"), false, "aaa"), "yyn:0",
	   "one that ran twice, twice");
	is(answers(HEADER OK("1", "cat x") OK("2", "cat b"), false, "ab"), "ny:1",
	   "commands that are no longer in the run are counted");
	is(answers(HEADER OK("1", "cat a") OK("2", "cat a") OK("3", "cat x"), false, "aa"),
	   "yy:1", "each once");
	is(answers(HEADER OK("1", "cat a") "2\t:\t1.0", false, "ab"), "yn:0",
	   "a last line that is torn does not count");
	is(answers(HEADER OK("2", "cat b") OK("2", "cat b"), false, "bbb"), "yyn:0",
	   "runs of different inputs may have used a number twice");
}

static void test_failures(void)
{
	static const char log[] = HEADER FAILED("1", "cat a") OK("2", "cat b")
	    LINE("3", "0", "9", "cat c") LINE("4", "-1", "15", "cat d");

	is(answers(log, false, "abcd"), "yyyy:0", "--resume skips what has failed, too");
	is(answers(log, true, "abcd"), "nynn:0",
	   "--resume-failed does not: exit, signal, timeout");
	is(answers(HEADER FAILED("1", "cat a") OK("1", "cat a"), true, "a"), "y:0",
	   "unless it has succeeded since");
	is(answers(HEADER FAILED("1", "cat a") OK("1", "cat a"), false, "aa"), "yn:0",
	   "a job that was tried again is one job");
	is(answers(HEADER FAILED("1", "cat a") FAILED("1", "cat a") OK("1", "cat a"),
		   false, "aa"),
	   "yn:0", "however often");
	is(answers(HEADER OK("1", "cat x") FAILED("1", "cat a") OK("1", "cat a"), false,
		   "aa"),
	   "yn:1", "and not the command that had its number before");
}

static void test_bad_lines(void)
{
	is(answers(HEADER OK("1", "cat a") "nonsense\n", false, "a"),
	   "log:3: not a line of a job log; fix or remove it", "a bad line is named");
	is(answers(HEADER "0\t:\t1\t1\t0\t0\t0\t0\tcat a\n", false, "a"),
	   "log:2: not a line of a job log; fix or remove it", "also a bad number");
}

static void test_newlines(void)
{
	struct err err;
	struct resume *r;
	char log[] = HEADER OK("1", "cat 'a@b'");
	int fd;

	*strchr(log, '@') = '\0';
	fd = open(scratch_path("nul"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (write(fd, log, sizeof log - 1) != (ssize_t)sizeof log - 1)
		abort();
	r = resume_read(fd, "nul", false, &err);
	ok(r != NULL && skips(r, 1, "a\nb"), "a newline is written in the log as NUL");
	resume_free(r);
	close(fd);
}

/* Longer than what is read at a time. */
static void test_long(void)
{
	struct buf log = BUF_INIT;
	char value[32], *big = malloc(200001);
	struct err err;
	struct resume *r;
	bool all = true;

	memset(big, 'x', 200000);
	big[200000] = '\0';
	buf_adds(&log, HEADER);
	for (int i = 0; i < 5000; i++)
		buf_addf(&log, "%d\t:\t1.0\t1.0\t0\t0\t0\t0\tcat v%d\n", i + 1, i);
	buf_addf(&log, "9999\t:\t1.0\t1.0\t0\t0\t0\t0\tcat %s\n", big);
	r = read_log(buf_cstr(&log), false, &err);
	for (int i = 4999; i >= 0 && r != NULL; i--) {
		snprintf(value, sizeof value, "v%d", i);
		all = all && skips(r, (uint64_t)i + 1, value);
	}
	ok(r != NULL && all, "thousands of lines are remembered");
	ok(r != NULL && skips(r, 1, big), "and a very long one");
	resume_free(r);
	buf_clear(&log);
	free(big);
}

static const char *numbered(const char *word, const char *log, bool failed,
			    const char *values)
{
	char *words[] = {(char *)"cat", (char *)word, (char *)"{}"};
	struct template *plain = template;
	const char *got;

	template = job_template(words, 3);
	got = answers(log, failed, values);
	template_free(template);
	template = plain;
	return got;
}

static void test_numbers(void)
{
	is(numbered("{#}", HEADER OK("1", "cat 1 a") OK("2", "cat 2 b"), false, "abc"),
	   "yyn:0", "a command with its number in it is skipped");
	is(numbered("{#}", HEADER OK("1", "cat 1 a") OK("2", "cat 2 b"), false, "bab"),
	   "nnn:2", "under another number it is another one");
	is(numbered("{%}", HEADER OK("1", "cat 2 a") OK("2", "cat 1 b") OK("3", "cat 3 c"),
		    false, "cbad"),
	   "yyyn:0", "in which slot it ran does not matter");
	is(numbered("{%}", HEADER OK("1", "cat 2 a") OK("2", "cat 1 a"), false, "aaa"),
	   "yyn:0", "but how often");
	is(numbered("{%}", HEADER FAILED("1", "cat 2 a") OK("2", "cat 1 b")
		    AGAIN("1", "0", "cat 1 a"),
		    true, "aab"),
	   "yny:0", "and so does the slot in which it ran again");
}

/* Jobs that had failed and were run again, perhaps under another number. */
static void test_again(void)
{
	static const char moved[] = HEADER FAILED("1", "cat a") OK("1", "cat x")
	    AGAIN("2", "0", "cat a");
	static const char twice[] = HEADER FAILED("1", "cat a") FAILED("2", "cat a")
	    AGAIN("1", "0", "cat a");

	is(answers(moved, false, "xaa"), "yyn:0", "one that has moved is one job");
	is(answers(moved, true, "xaa"), "yyn:0", "for --resume-failed, too");
	is(answers(HEADER FAILED("1", "cat a") AGAIN("2", "3", "cat a"), false, "xaa"),
	   "nyn:0", "also if it has failed again");
	is(answers(HEADER FAILED("1", "cat a") AGAIN("2", "3", "cat a")
		   AGAIN("3", "0", "cat a"), true, "aa"),
	   "yn:0", "and if it has succeeded at last");
	is(answers(HEADER FAILED("1", "cat a") OK("2", "cat a"), false, "aaa"), "yyn:0",
	   "a second one that ran besides is another job");
	is(answers(HEADER FAILED("1", "cat a") OK("2", "cat a"), true, "aaa"), "ynn:0",
	   "of the two one has failed");
	is(answers(twice, true, "aa"), "yn:0", "of two that failed one has succeeded");
	is(answers(twice, false, "aaa"), "yyn:0", "and two were run");
}

static void test_is_again(void)
{
	struct err err;
	struct resume *r = read_log(HEADER FAILED("1", "cat a") OK("2", "cat b"), true, &err);
	struct job *a = job_make(5, "a"), *b = job_make(6, "b"), *c = job_make(7, "c");
	bool again;

	ok(!resume_skips(r, template, &a->bindings, &again) && again,
	   "a job that had failed is run again");
	ok(resume_skips(r, template, &b->bindings, &again), "(one that had not is skipped)");
	ok(!resume_skips(r, template, &c->bindings, &again) && !again, "a new one is new");
	job_drop(a);
	job_drop(b);
	job_drop(c);
	resume_free(r);
}

int main(void)
{
	char *words[] = {(char *)"cat", (char *)"{}"};

	scratch_make();
	template = job_template(words, 2);
	test_texts();
	test_failures();
	test_bad_lines();
	test_newlines();
	test_long();
	test_numbers();
	test_again();
	test_is_again();
	template_free(template);
	scratch_remove();
	return done_testing();
}
