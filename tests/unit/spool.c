/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "output/spool.h"
#include "scratch.h"
#include "tap.h"

enum { KIB = 1024, MIB = 1024 * 1024 };

static struct err err;
static char block[3 * MIB];

/* The size of the temporary files: of all unlinked files that are open. */
static long long file_size(void)
{
	long long size = 0;
	struct stat st;

	for (int fd = 3; fd < 100; fd++)
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0)
			size += (long long)st.st_size;
	return size;
}

static int add(struct spool *s, struct spill *spill, size_t n)
{
	return spool_add(s, spill, (struct bytes){block, n}, &err);
}

/* Take everything; how much it was. */
static size_t drain(struct spool *s, struct spill *spill)
{
	struct bytes data;
	size_t n = 0;

	while (spool_peek(s, &data, &err) == 0 && data.len > 0) {
		spool_take(s, spill, data.len);
		n += data.len;
	}
	return n;
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static void test_small(void)
{
	struct spill *spill = spill_new("/nonexistent", 10 * MIB);
	struct spool s = SPOOL_INIT;
	struct bytes data;

	ok(spool_is_empty(&s), "a new spool is empty");
	is_int(spool_peek(&s, &data, &err), 0, "peeking into it is not an error");
	is_int(data.len, 0, "there is nothing");
	is_int(spool_add(&s, spill, bytes_str("hello"), &err), 0,
	       "a small amount is kept without a file");
	spool_add(&s, spill, bytes_str(" you"), &err);
	ok(!spool_is_empty(&s), "then it is not empty");
	spool_peek(&s, &data, &err);
	ok(bytes_is(data, "hello you"), "it has what was added");
	spool_take(&s, spill, 6);
	spool_peek(&s, &data, &err);
	ok(bytes_is(data, "you"), "without what was taken");
	is_int(s.taken, 6, "which is counted");
	spool_take(&s, spill, 3);
	ok(spool_is_empty(&s), "until all is taken");
	is_int(s.total, 9, "it counts everything ever added");
	spool_add(&s, spill, bytes_str("x"), &err);
	spool_clear(&s, spill);
	ok(spool_is_empty(&s), "cleared, it is empty");
	is_int(spool_add(&s, spill, bytes_str("y"), &err), 0, "and can be used again");
	spool_clear(&s, spill);
	spill_free(spill);
	spill_free(NULL);
}

static void test_limits(void)
{
	struct spill *spill = spill_new(scratch, 256 * KIB);
	struct spool a = SPOOL_INIT, b = SPOOL_INIT, c = SPOOL_INIT;

	add(&a, spill, 250 * KIB);
	is_int(file_size(), 0, "no file below the limit");
	add(&b, spill, 60 * KIB);
	add(&c, spill, 10 * KIB);
	is_int(file_size(), 0, "small spools do not go to a file even above the limit");
	add(&b, spill, 10 * KIB);
	ok(file_size() > 0, "a larger spool does");
	is_int(count_entries(scratch), 0, "the file has no name");
	is_int(drain(&a, spill), 250 * KIB, "what was kept is there");
	is_int(drain(&b, spill), 70 * KIB, "and what is in the file");
	is_int(drain(&c, spill), 10 * KIB, "and the rest");
	is_int(file_size(), 0, "an unused file is closed");
	add(&a, spill, 250 * KIB);
	is_int(file_size(), 0, "what was taken no longer counts against the limit");
	spool_clear(&a, spill);
	add(&a, spill, 250 * KIB);
	is_int(file_size(), 0, "nor what was cleared");
	spool_clear(&a, spill);
	spool_clear(&b, spill);
	spool_clear(&c, spill);
	spill_free(spill);

	spill = spill_new(scratch, 100 * MIB);
	add(&a, spill, 3 * MIB);
	ok(file_size() >= 2 * MIB, "much output of one job goes to the file below the limit, too");
	ok(a.tail.cap < 2 * MIB, "and does not stay in memory");
	spool_clear(&a, spill);
	add(&a, spill, MIB);
	is_int(a.tail.cap, 0, "which is given back");
	spool_clear(&a, spill);
	is_int(file_size(), 0, "clearing it gives its space back");
	spill_free(spill);
}

/* One that is read almost as fast as it is written must not touch the disk. */
static void test_streaming(void)
{
	struct spill *spill = spill_new("/nonexistent", MIB);
	struct spool s = SPOOL_INIT, other = SPOOL_INIT;
	int failed = 0;

	for (int i = 0; i < 1000 && !failed; i++) {
		failed = add(&s, spill, 10000) < 0;
		if (!failed)
			spool_take(&s, spill, 9999);
	}
	ok(!failed, "a stream that is read as it comes is not spilled, however long");
	is_int(add(&other, spill, 900 * KIB), 0, "and does not count against the limit");
	is_int(drain(&s, spill), 1000, "and what was not taken is still there");
	spool_clear(&s, spill);
	ok(s.tail.cap == 0, "once cleared, it holds no memory");
	spool_clear(&other, spill);
	spill_free(spill);
}

static void test_space_is_used_again(void)
{
	struct spill *spill = spill_new(scratch, 0);
	struct spool s = SPOOL_INIT, stays = SPOOL_INIT;

	add(&stays, spill, MIB);
	for (int i = 0; i < 20; i++) {
		add(&s, spill, 2 * MIB);
		drain(&s, spill);
	}
	ok(file_size() <= 3 * MIB, "what was read no longer takes space");
	for (int i = 0; i < 20; i++) {
		add(&s, spill, 2 * MIB);
		spool_clear(&s, spill);
	}
	ok(file_size() <= 3 * MIB, "nor does what was cleared");
	is_int(drain(&stays, spill), MIB, "what stays is intact");
	spool_clear(&stays, spill);
	spill_free(spill);
}

/* --- without a copy */

static int pipe_fds[2];

static void open_pipe(void)
{
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
}

static void close_pipe(void)
{
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_moving(void)
{
	struct spill *spill = spill_new(scratch, MIB);
	struct spool s = SPOOL_INIT;

	open_pipe();
	ok(write(pipe_fds[1], "0123456789", 10) == 10, "there is something in a pipe");
	ok(spool_move(&s, spill, pipe_fds[0]) < 0 && errno == EOPNOTSUPP,
	   "an empty spool does not move it to a file");
	add(&s, spill, 200 * KIB);
	is_int(file_size(), 0, "nor does a spool with little in memory");
	is_int(spool_move(&s, spill, pipe_fds[0]), 10, "until there is much");
	is_int(file_size(), 200 * KIB + 10, "then both are in the file");
	ok(spool_move(&s, spill, pipe_fds[0]) < 0 && errno == EAGAIN,
	   "an empty pipe is EAGAIN");
	close(pipe_fds[1]);
	is_int(spool_move(&s, spill, pipe_fds[0]), 0, "one that has ended is 0");
	is_int(s.total, 200 * KIB + 10, "what was moved is counted");
	is_int(drain(&s, spill), 200 * KIB + 10, "and is there");
	ok(spool_is_empty(&s), "and nothing else is");
	spool_clear(&s, spill);
	spill_free(spill);
	close(pipe_fds[0]);
}

static void test_moving_to_nowhere(void)
{
	struct spill *spill = spill_new("/nonexistent", 10 * MIB);
	struct spool s = SPOOL_INIT;
	int left;

	open_pipe();
	add(&s, spill, 200 * KIB);
	ok(write(pipe_fds[1], "0123456789", 10) == 10 &&
	       spool_move(&s, spill, pipe_fds[0]) < 0 && errno == EOPNOTSUPP,
	   "without a file nothing is moved");
	ok(ioctl(pipe_fds[0], FIONREAD, &left) == 0 && left == 10,
	   "and the pipe has kept what it had");
	is_int(drain(&s, spill), 200 * KIB, "so has the spool");
	spool_clear(&s, spill);
	spill_free(spill);
	close_pipe();
}

/* A pipe holds the file's own pages until it is read, and another pipe may take
 * them over: whatever becomes of the spool, they must stay as they are. */
static void test_sent_pages_stay(const char *dir, const char *name)
{
	struct spill *spill = spill_new(dir, 0);
	struct spool a = SPOOL_INIT, b = SPOOL_INIT;
	static char got[128 * KIB], other[2 * MIB];
	size_t len = 0, sent;
	int next[2];
	ssize_t n;

	open_pipe();
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (char)(i * 2654435761u >> 13);
	add(&a, spill, MIB);
	add(&a, spill, MIB);
	n = spool_send(&a, spill, pipe_fds[1]);
	ok(n > 0, "%s: what is in a file can be sent to a pipe", name);
	ok(spool_send(&a, spill, pipe_fds[1]) < 0 && errno == EAGAIN,
	   "%s: until that is full", name);
	sent = (size_t)n;
	if (pipe2(next, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	n = splice(pipe_fds[0], NULL, next[1], NULL, sent, 0);
	sent += (size_t)spool_send(&a, spill, pipe_fds[1]);
	spool_clear(&a, spill);
	is_int(file_size(), 0, "%s: the space is given back", name);
	memset(other, 'b', sizeof other);
	for (int i = 0; i < 20; i++)
		spool_add(&b, spill, (struct bytes){other, sizeof other}, &err);
	while ((n = read(next[0], got + len, sizeof got - len)) > 0 ||
	       (n = read(pipe_fds[0], got + len, sizeof got - len)) > 0)
		len += (size_t)n;
	ok(len == sent && memcmp(got, block, len) == 0,
	   "%s: what was sent is what is read, though the spool is long gone", name);
	spool_clear(&b, spill);
	spill_free(spill);
	close_pipe();
	close(next[0]);
	close(next[1]);
}

/* What was read takes little space beside what waits.  A queue of spools, of which
 * the oldest is read while a new one is written; then one that never ends. */
static void test_space_is_bounded(void)
{
	enum { WAITING = 100, SIZE = 300 * KIB };
	struct spill *spill = spill_new(scratch, 0);
	static struct spool queue[WAITING];
	struct spool *one = &queue[0];
	long long most = 0;
	size_t wrong = 0;

	for (size_t i = 0; i < 10 * WAITING; i++) {
		struct spool *s = &queue[i % WAITING];

		wrong += i >= WAITING && drain(s, spill) != SIZE;
		spool_clear(s, spill);
		wrong += add(s, spill, SIZE) < 0;
		most = file_size() > most ? file_size() : most;
	}
	is_int(wrong, 0, "a queue of spools goes through");
	ok(most < (long long)WAITING * SIZE * 3 / 2 + 16 * MIB,
	   "and takes little more space than what waits (%lld MiB)", most / MIB);
	for (size_t i = 0; i < WAITING; i++)
		spool_clear(&queue[i], spill);
	add(one, spill, 3 * MIB);
	for (int i = most = 0; i < 50; i++) {
		struct bytes data;

		wrong += add(one, spill, 3 * MIB) < 0;
		for (size_t n = 3 * MIB; n > 0; n -= data.len) {
			wrong += spool_peek(one, &data, &err) < 0 || data.len == 0;
			data.len = data.len < n ? data.len : n;
			spool_take(one, spill, data.len);
		}
		most = file_size() > most ? file_size() : most;
	}
	ok(wrong == 0 && most < 32 * MIB, "so does one spool without an end (%lld MiB)",
	   most / MIB);
	spool_clear(one, spill);
	is_int(file_size(), 0, "nothing is left at the end");
	spill_free(spill);
}

static void test_no_descriptors(void)
{
	struct spill *spill = spill_new(scratch, 0);
	struct spool a = SPOOL_INIT, b = SPOOL_INIT;
	struct rlimit old, few;
	int failed;

	memset(block, 'a', sizeof block);
	add(&a, spill, MIB);
	getrlimit(RLIMIT_NOFILE, &old);
	few = (struct rlimit){3, old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	failed = add(&b, spill, MIB) | add(&a, spill, MIB) | add(&b, spill, MIB);
	setrlimit(RLIMIT_NOFILE, &old);
	is_int(failed, 0, "without a descriptor for another file, spools share one");
	is_int(drain(&a, spill), 2 * MIB, "each has");
	is_int(drain(&b, spill), 2 * MIB, "what is its own");
	is_int(file_size(), 0, "until neither uses it");
	spool_clear(&a, spill);
	spool_clear(&b, spill);
	spill_free(spill);
}

/* --- reading without taking */

/* Do all bytes that a cursor gives have this value, and are there so many? */
static bool reads(const struct spool *s, char value, size_t n)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(s);
	struct bytes data;

	do {
		if (spool_read(&c, &data, &err) < 0 || data.len > n)
			return false;
		for (size_t i = 0; i < data.len; i++)
			if (data.p[i] != value)
				return false;
		n -= data.len;
	} while (data.len > 0);
	return n == 0;
}

/* Two that share one file, so that each has several pieces in it. */
static void share_a_file(struct spool *a, struct spool *b, struct spill *spill)
{
	struct rlimit old, few;

	getrlimit(RLIMIT_NOFILE, &old);
	memset(block, 'a', sizeof block);
	add(a, spill, MIB);
	few = (struct rlimit){3, old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	for (int i = 0; i < 3; i++) {
		memset(block, 'b', sizeof block);
		add(b, spill, MIB);
		memset(block, 'a', sizeof block);
		add(a, spill, MIB);
	}
	setrlimit(RLIMIT_NOFILE, &old);
}

static void test_reading(void)
{
	struct spill *spill = spill_new(scratch, 0);
	struct spool a = SPOOL_INIT, b = SPOOL_INIT;

	ok(reads(&a, 'a', 0), "nothing is read from an empty spool");
	add(&a, spill, 10);
	share_a_file(&a, &b, spill);
	add(&a, spill, 10);
	for (int i = 0; i < 2; i++) {
		ok(reads(&a, 'a', 4 * MIB + 20), "all pieces are read, and the rest");
		ok(reads(&b, 'b', 3 * MIB), "of the other too");
	}
	spool_take(&a, spill, 5000);
	ok(reads(&a, 'a', 4 * MIB + 20 - 5000), "without what was taken");
	is_int(drain(&a, spill), 4 * MIB + 20 - 5000, "reading takes nothing");
	spool_clear(&a, spill);
	spool_clear(&b, spill);
	spill_free(spill);
}

static void test_nothing_moved(void)
{
	struct spill *spill = spill_new(scratch, 0);
	struct spool a = SPOOL_INIT, b = SPOOL_INIT;

	share_a_file(&a, &b, spill);
	open_pipe();
	ok(spool_move(&b, spill, pipe_fds[0]) < 0 && errno == EAGAIN,
	   "an empty pipe adds nothing after another spool's bytes");
	is_int(drain(&b, spill), 3 * MIB, "what was there is read");
	ok(spool_is_empty(&b), "and then it is empty");
	spool_clear(&a, spill);
	spool_clear(&b, spill);
	spill_free(spill);
	close_pipe();
}

/* Jobs need descriptors, too. */
static void test_many_spools(void)
{
	enum { MANY = 200 };
	struct spill *spill = spill_new(scratch, 0);
	static struct spool all[MANY];
	int before = count_descriptors(), wrong = 0;

	for (size_t i = 0; i < MANY; i++) {
		memset(block, (int)i, 70 * KIB);
		wrong += add(&all[i], spill, 70 * KIB) < 0;
		wrong += spool_in_memory(&all[i]) > 0;
	}
	ok(wrong == 0 && count_descriptors() - before < 100, "many spools share files");
	for (size_t i = 0; i < MANY; i++) {
		struct bytes data;

		wrong += spool_peek(&all[i], &data, &err) < 0 || data.len == 0 ||
			 data.p[0] != (char)i || data.p[data.len - 1] != (char)i;
		wrong += drain(&all[i], spill) != 70 * KIB;
		spool_clear(&all[i], spill);
	}
	is_int(wrong, 0, "and none gets bytes of another");
	spill_free(spill);
	is_int(count_descriptors(), before, "all are closed at the end");
}

/* Any mixture of adding and taking, with copies and without, keeps the order of
 * the bytes. */
struct model {
	struct spool spool;
	uint64_t added, taken; /* byte number n is byte_at(n) */
};

static char byte_at(uint64_t n)
{
	return (char)(n * 2654435761u >> 13);
}

static int model_add(struct model *m, struct spill *spill, size_t n)
{
	for (size_t i = 0; i < n; i++)
		block[i] = byte_at(m->added + i);
	m->added += n;
	return add(&m->spool, spill, n);
}

static int model_move(struct model *m, struct spill *spill, size_t n)
{
	ssize_t moved;

	n = n < 60000 ? n : 60000;
	for (size_t i = 0; i < n; i++)
		block[i] = byte_at(m->added + i);
	if (write(pipe_fds[1], block, n) != (ssize_t)n)
		return -1;
	moved = spool_move(&m->spool, spill, pipe_fds[0]);
	m->added += n;
	if (moved == (ssize_t)n)
		return 0;
	if (moved >= 0 || errno != EOPNOTSUPP || read(pipe_fds[0], block, n) != (ssize_t)n)
		return -1;
	return add(&m->spool, spill, n);
}

static int check_taken(struct model *m, struct bytes data)
{
	for (size_t i = 0; i < data.len; i++)
		if (data.p[i] != byte_at(m->taken + i))
			return -1;
	m->taken += data.len;
	return 0;
}

static int model_send(struct model *m, struct spill *spill)
{
	ssize_t n;

	if (!spool_is_in_file(&m->spool))
		return 0;
	n = spool_send(&m->spool, spill, pipe_fds[1]);
	if (n <= 0 || read(pipe_fds[0], block, sizeof block) != n)
		return -1;
	return check_taken(m, (struct bytes){block, (size_t)n});
}

static int model_take(struct model *m, struct spill *spill, size_t most)
{
	struct bytes data;

	if (spool_peek(&m->spool, &data, &err) < 0 ||
	    (data.len == 0) != (m->added == m->taken) ||
	    spool_is_empty(&m->spool) != (m->added == m->taken))
		return -1;
	if (data.len > most)
		data.len = most;
	if (check_taken(m, data) < 0)
		return -1;
	spool_take(&m->spool, spill, data.len);
	return 0;
}

static size_t any_size(void)
{
	static const size_t most[] = {10, 5000, 70000, 400000, 2500000};

	return (size_t)random() % most[random() % 5] + 1;
}

static bool random_run(uint64_t memory)
{
	struct spill *spill = spill_new(scratch, memory);
	struct model m[3] = {{SPOOL_INIT, 0, 0}, {SPOOL_INIT, 0, 0}, {SPOOL_INIT, 0, 0}};
	int wrong = 0;

	for (int i = 0; i < 300 && !wrong; i++) {
		struct model *one = &m[random() % 3];

		if (one->added - one->taken < 6 * MIB && random() % 3 == 0)
			wrong = model_add(one, spill, any_size());
		else if (random() % 3 == 0)
			wrong = model_move(one, spill, any_size());
		else if (random() % 2 == 0)
			wrong = model_send(one, spill);
		else
			wrong = model_take(one, spill, any_size());
	}
	for (int i = 0; i < 3; i++) {
		while (!wrong && m[i].taken < m[i].added)
			wrong = model_take(&m[i], spill, sizeof block);
		wrong |= m[i].spool.total != m[i].added;
		spool_clear(&m[i].spool, spill);
	}
	wrong |= file_size() > 0;
	spill_free(spill);
	return !wrong;
}

static void test_order(void)
{
	static const uint64_t memory[] = {0, 100 * KIB, MIB, 100 * MIB};

	srandom(1);
	open_pipe();
	for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
		ok(random_run(memory[i]),
		   "any mixture of adding and taking keeps the order (memory: %llu)",
		   (unsigned long long)memory[i]);
	close_pipe();
}

static void test_full(void)
{
	struct spill *spill = spill_new(scratch, 0);
	struct spool s = SPOOL_INIT;
	struct rlimit old, small = {MIB + MIB / 2, 0};
	int result;

	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	is_int(add(&s, spill, MIB), 0, "the first block fits");
	result = add(&s, spill, MIB);
	setrlimit(RLIMIT_FSIZE, &old);
	is_int(result, -1, "the second does not: that is an error");
	ok(strstr(err.text, scratch) != NULL && strstr(err.text, strerror(EFBIG)) != NULL &&
	       strstr(err.text, "--tmpdir") != NULL,
	   "the message names the directory, the reason and the option");
	is_int(drain(&s, spill), 2 * MIB, "nothing of it is lost");
	is_int(add(&s, spill, MIB), 0, "and when there is space again, it goes on");
	spool_clear(&s, spill);
	is_int(file_size(), 0, "the space is given back");
	spill_free(spill);
}

static void test_full_directory(void)
{
	const char *path = scratch_path("tmpfs");
	struct spill *spill;
	struct spool s = SPOOL_INIT;

	mkdir(path, 0755);
	if (mount("none", path, "tmpfs", 0, "size=1200k") < 0) {
		ok(true, "a full directory # SKIP cannot mount one: %s", strerror(errno));
		return;
	}
	spill = spill_new(path, 0);
	is_int(add(&s, spill, MIB), 0, "there is space for one block");
	ok(add(&s, spill, MIB) < 0 && strstr(err.text, strerror(ENOSPC)) != NULL,
	   "and then no space left on the device");
	is_int(drain(&s, spill), 2 * MIB, "nothing is lost");
	is_int(add(&s, spill, MIB), 0, "the space of the failed write is used again");
	spool_clear(&s, spill);
	spill_free(spill);
	umount(path);
	rmdir(path);
}

static void test_no_directory(void)
{
	struct spill *spill = spill_new("/nonexistent", 0);
	struct spool s = SPOOL_INIT;

	ok(add(&s, spill, MIB) < 0 && strstr(err.text, "/nonexistent") != NULL,
	   "a directory that is missing is named");
	spool_clear(&s, spill);
	spill_free(spill);
}

int main(void)
{
	int before;

	signal(SIGXFSZ, SIG_IGN);
	scratch_make();
	before = count_descriptors();
	test_small();
	test_limits();
	test_streaming();
	test_space_is_used_again();
	test_moving();
	test_moving_to_nowhere();
	test_sent_pages_stay(scratch, "on disk");
	if (access("/dev/shm", W_OK) == 0)
		test_sent_pages_stay("/dev/shm", "on tmpfs");
	test_space_is_bounded();
	test_no_descriptors();
	test_reading();
	test_nothing_moved();
	test_many_spools();
	test_order();
	test_full();
	test_full_directory();
	test_no_directory();
	is_int(count_descriptors(), before, "no descriptor is left open");
	scratch_remove();
	return done_testing();
}
