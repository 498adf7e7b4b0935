/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "output_fixture.h"

/* --- order */

static void test_completion_order(void)
{
	struct job *a, *b, *c;

	open_onto_file(false);
	a = begin(1);
	b = begin(2);
	c = begin(3);
	add(a, 0, "a1 ");
	add(b, 1, "B ");
	add(c, 0, "c ");
	add(a, 0, "a2 ");
	add(b, 0, "b ");
	turn(3);
	is(written(), "", "nothing of a job is written before its end");
	finish(c);
	finish(b);
	is_int(output_waiting(t.output), 2, "what has finished waits");
	is(written(), "", "only the loop writes");
	turn(1);
	is(written(), "c b B ", "each is then written whole, stdout before stderr");
	is(told(), "3 2 ", "and is retired");
	is_int(output_waiting(t.output), 0, "and no longer waits");
	finish(a);
	turn(1);
	is(written(), "c b B a1 a2 ", "the job that finishes last is written last");
	is(told(), "1 ", "and is retired, too");
	finish(begin(4));
	is(told(), "", "even a job without output is not retired at once");
	turn(1);
	is(told(), "4 ", "but from the loop");
	close_output();
}

static void test_keep_order(void)
{
	struct job *a, *b, *c;

	open_onto_file(true);
	a = begin(1);
	b = begin(2);
	c = begin(3);
	add(c, 0, "c ");
	finish(c);
	add(b, 0, "b1 ");
	add(a, 0, "a1 ");
	add(a, 1, "A ");
	turn(1);
	is(written(), "a1 ", "in input order the first streams its stdout");
	add(a, 0, "a2 ");
	turn(1);
	is(written(), "a1 a2 ", "straight through");
	is_int(output_waiting(t.output), 1, "the others wait, finished or not");
	finish(a);
	turn(1);
	is(written(), "a1 a2 A b1 ", "its stderr follows when it ends; then the next streams");
	add(b, 0, "b2 ");
	finish(b);
	turn(1);
	is(written(), "a1 a2 A b1 b2 c ", "and last the one that finished first");
	is(told(), "1 2 3 ", "they are retired in order");
	close_output();
}

static void test_whole(void)
{
	struct job *a;

	open_onto_file(true);
	output_free(t.output);
	t.cfg.whole = true;
	open_output();
	a = begin(1);
	add(a, 0, "a ");
	finish(begin(2));
	turn(1);
	is(written(), "", "a job that may be tried again is not shown before its end, even the first");
	finish(a);
	turn(1);
	is(written(), "a ", "whose end comes");
	is(told(), "1 2 ", "in order");
	close_output();
}

static void test_many_jobs(void)
{
	enum { JOBS = 10000 };
	static struct job *jobs[JOBS];
	struct buf want = BUF_INIT;
	size_t retired = 0;
	const char *text;

	for (int keep = 0; keep < 2; keep++) {
		open_onto_file(keep);
		buf_reset(&want);
		for (int i = 0; i < JOBS; i++)
			jobs[i] = begin(i);
		for (int i = 0; i < JOBS; i++) {
			char line[32];

			snprintf(line, sizeof line, "%d\n", i);
			if (i % 3 != 0)
				add(jobs[i], i % 5 == 0, line);
			if (i % 3 != 0)
				buf_adds(&want, line);
		}
		for (int i = 0; i < JOBS; i++) /* from the end, when order is kept */
			finish(jobs[keep ? JOBS - 1 - i : i]);
		for (int i = 0; i < 1000 && output_waiting(t.output) > 0; i++)
			turn(1);
		text = written();
		ok(strcmp(text, buf_cstr(&want)) == 0, "10000 jobs at once are written %s",
		   keep ? "in input order" : "in completion order");
		retired = 0;
		for (text = told(); *text != '\0'; text++)
			retired += *text == ' ';
		is_int(retired, JOBS, "and all are retired");
		close_output();
	}
	buf_clear(&want);
}

/* --- a reader that is slow */

static void test_blocked_reader(void)
{
	struct buf want = BUF_INIT;
	struct job *a, *b;

	open_onto_pipe(false);
	a = begin(1);
	b = begin(2);
	add_many(a, 2 * MIB, &want);
	add_many(b, 300 * KIB, &want);
	finish(a);
	finish(b);
	turn(5);
	ok(output_blocked_since(t.output) != 0, "output waits for a reader that does not read");
	is(told(), "", "while the loop goes on");
	for (int i = 0; i < 1000 && t.got.len < want.len; i++) {
		read_pipe(50000);
		turn(1);
	}
	ok(bytes_eq(buf_bytes(&t.got), buf_bytes(&want)),
	   "when it reads, it gets everything in order");
	is(told(), "1 2 ", "and the jobs are retired");
	ok(output_blocked_since(t.output) == 0, "then nothing waits");
	close_output();
	close(t.pipe[0]);
	buf_clear(&want);
}

static void test_hold(void)
{
	struct buf want = BUF_INIT;
	struct job *a, *b;

	open_onto_pipe(true);
	a = begin(1);
	b = begin(2);
	add_many(b, MIB, NULL);
	is(told(), "", "a job after the first is not held, however much waits");
	add_many(a, MIB, &want); /* in the pipe, which is made larger for it */
	turn(2);
	is(told(), "+1 -1 ", "the first is held while much waits");
	add_many(a, 400 * KIB, &want);
	turn(2);
	is(told(), "", "nor is the first while little waits");
	add_many(a, 400 * KIB, &want);
	is(told(), "+1 ", "the first job is held when its reader is slow");
	add_many(a, 10, &want);
	is(told(), "", "once");
	while (t.got.len < 300 * KIB) {
		read_pipe(50000);
		turn(1);
	}
	is(told(), "", "until most is read");
	for (int i = 0; i < 1000 && t.got.len < want.len; i++) {
		read_pipe(50000);
		turn(1);
	}
	is(told(), "-1 ", "then it is let go");
	ok(bytes_eq(buf_bytes(&t.got), buf_bytes(&want)), "and nothing is lost");
	drop(a);
	drop(b);
	close_output();
	close(t.pipe[0]);
	buf_clear(&want);
}

/* --- a reader that goes away, and other failures */

static void test_reader_gone_unasked(void)
{
	struct job *a;

	open_onto_pipe(false);
	a = begin(1);
	turn(1);
	is(told(), "", "while there is a reader, nothing is reported");
	close(t.pipe[0]);
	turn(1);
	is(told(), "gone ", "a reader that is gone is noticed without writing");
	ok(output_is_broken(t.output), "and nothing more will be written");
	add(a, 0, "x");
	finish(a);
	turn(2);
	is(told(), "", "it is reported once");
	drop(a);
	close_output();
}

static void test_reader_gone_while_blocked(void)
{
	struct job *a;

	open_onto_pipe(false);
	a = begin(1);
	add_many(a, 2 * MIB, NULL);
	finish(a);
	turn(2);
	close(t.pipe[0]);
	turn(3);
	is(told(), "gone ", "a reader that goes away while output waits for it is noticed");
	drop(a);
	close_output();
}

static void test_reader_of_stderr(void)
{
	struct job *a;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		abort();
	prepare(open("/dev/null", O_WRONLY | O_CLOEXEC), fds[1]);
	open_output();
	close(fds[0]);
	turn(2);
	is(told(), "", "stderr needs no reader");
	a = begin(1);
	add(a, 1, "x");
	finish(a);
	turn(2);
	is(told(), "gone ", "as long as nothing is written there");
	drop(a);
	close_output();

	open_onto_pipe(false);
	output_free(t.output);
	t.cfg.fds[0] = t.cfg.fds[1];
	t.cfg.fds[1] = t.pipe[1];
	open_output();
	a = begin(2);
	add_many_to(a, 1, 2 * MIB, NULL);
	finish(a);
	turn(2);
	ok(output_blocked_since(t.output) != 0, "output waits for a slow reader of stderr");
	while (t.got.len < 2 * MIB) {
		read_pipe(50000);
		turn(1);
	}
	is(told(), "2 ", "until it has read everything");
	close(t.pipe[0]);
	turn(2);
	is(told(), "", "after that it may go away as if nothing had waited");
	close_output();
}

static void test_failed_writes(void)
{
	static const struct {
		int stream;
		const char *want;
	} cases[] = {
	    {0, "failed: cannot write to stdout: No space left on device "},
	    {1, "failed: cannot write to stderr: No space left on device "},
	};

	for (size_t i = 0; i < 2; i++) {
		struct job *a, *b;

		prepare(open("/dev/full", O_WRONLY | O_CLOEXEC),
			open("/dev/full", O_WRONLY | O_CLOEXEC));
		open_output();
		a = begin(1);
		b = begin(2);
		add(a, cases[i].stream, "x");
		add(b, 0, "y");
		finish(a);
		finish(b);
		turn(3);
		is(told(), cases[i].want, "a write that fails is reported once, and names its object");
		ok(output_is_broken(t.output), "and ends all writing");
		drop(a);
		drop(b);
		close_output();
	}
}

/* --- the temporary file */

static int temporary_file(void)
{
	struct stat st;

	for (int fd = 3; fd < 100; fd++)
		if (fd != t.cfg.fds[0] && fd != t.cfg.fds[1] && fstat(fd, &st) == 0 &&
		    S_ISREG(st.st_mode) && st.st_nlink == 0)
			return fd;
	return -1;
}

static void test_large_outputs(void)
{
	struct buf want = BUF_INIT;
	struct job *jobs[5];

	open_onto_pipe(false);
	output_free(t.output);
	t.cfg.memory = 100 * KIB;
	open_output();
	for (int i = 0; i < 5; i++) {
		jobs[i] = begin(i);
		add_many(jobs[i], (size_t)(i * 700 * KIB + 100), &want);
	}
	ok(temporary_file() >= 0, "output beyond the memory limit goes to a file");
	for (int i = 0; i < 5; i++)
		finish(jobs[i]);
	for (int i = 0; i < 10000 && t.got.len < want.len; i++) {
		read_pipe(60000);
		turn(1);
	}
	ok(bytes_eq(buf_bytes(&t.got), buf_bytes(&want)), "and comes out in order");
	is(told(), "0 1 2 3 4 ", "with all jobs retired");
	close_output();
	close(t.pipe[0]);
	buf_clear(&want);
}

static void test_no_temporary_file(void)
{
	struct job *a;
	struct err err = {0};
	static char data[2 * MIB];

	open_onto_file(false);
	output_free(t.output);
	t.cfg.tmpdir = "/nonexistent";
	open_output();
	a = begin(1);
	ok(output_add(t.output, &a->output, 0, (struct bytes){data, sizeof data}, &err) < 0 &&
	       strstr(err.text, "/nonexistent") != NULL,
	   "a temporary file that cannot be created is an error");
	drop(a);
	close_output();
}

static void test_lost_temporary_file(void)
{
	struct job *a;

	open_onto_file(false);
	a = begin(1);
	add_many(a, 2 * MIB, NULL);
	finish(a);
	if (ftruncate(temporary_file(), 0) < 0)
		abort();
	turn(2);
	ok(strstr(told(), "failed: a temporary file in") != NULL && output_is_broken(t.output),
	   "one that cannot be read back is reported as a failure");
	drop(a);
	close_output();
}

/* --- forgetting */

static void test_drop_and_discard(void)
{
	struct job *a, *b, *c;

	open_onto_file(true);
	a = begin(1);
	b = begin(2);
	c = begin(3);
	add(a, 0, "a ");
	add(b, 0, "b ");
	add(b, 1, "B ");
	add(c, 0, "c ");
	finish(c);
	output_discard(t.output, &b->output);
	add(b, 0, "again ");
	finish(b);
	drop(a);
	turn(2);
	is(written(), "again c ", "of a dropped job nothing is written, of a discarded one what "
				  "came later");
	is(told(), "2 3 ", "a dropped job is not retired");
	a = begin(4);
	b = begin(5);
	add(b, 0, "x ");
	finish(b);
	drop(b);
	is_int(output_waiting(t.output), 0, "a finished job that is dropped no longer waits");
	finish(a);
	turn(1);
	is(told(), "4 ", "and the jobs before it are not affected");
	close_output();

	open_onto_file(false);
	a = begin(1);
	add(a, 0, "a ");
	drop(a);
	turn(1);
	is(written(), "", "a running job can be dropped in completion order, too");
	close_output();
}

int main(void)
{
	int before;

	output_fixture_begin();
	before = count_descriptors();
	test_completion_order();
	test_keep_order();
	test_whole();
	test_many_jobs();
	test_blocked_reader();
	test_hold();
	test_reader_gone_unasked();
	test_reader_gone_while_blocked();
	test_reader_of_stderr();
	test_failed_writes();
	test_large_outputs();
	test_no_temporary_file();
	test_lost_temporary_file();
	test_drop_and_discard();
	output_free(NULL);
	is_int(count_descriptors(), before, "no descriptor is left open");
	output_fixture_end();
	return done_testing();
}
