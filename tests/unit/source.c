/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/source.h"
#include "sys/loop.h"
#include "tap.h"

static struct loop *loop;
static char dir[] = "/tmp/volley-source.XXXXXX";

/* --- what a source gives, as text */

/* "1:a,b" per event: its number if it has one, and its items. */
static void show_event(struct buf *out, const struct event *e, struct arena *a)
{
	if (out->len > 0)
		buf_addc(out, ' ');
	if (e->seq > 0)
		buf_addf(out, "%d:", (int)e->seq);
	for (size_t i = 0; i < e->nitems; i++) {
		if (i > 0)
			buf_addc(out, ',');
		buf_addb(out, item_text(&e->items[i], a));
	}
}

/* Take events until there is none; each in a new arena, as jobs have them. */
static void drain(struct source *s, struct buf *out)
{
	for (;;) {
		struct arena *a = arena_new();
		struct event e;
		struct err err;
		enum source_result result = source_next(s, a, &e, &err);

		if (result == SOURCE_EVENT)
			show_event(out, &e, a);
		arena_free(a);
		if (result == SOURCE_EVENT)
			continue;
		if (result == SOURCE_AGAIN)
			buf_adds(out, " ...");
		else if (result == SOURCE_ERROR)
			buf_addf(out, " ! %s", err.text);
		return;
	}
}

static void gives(struct source *s, const char *want, const char *name)
{
	struct buf out = BUF_INIT;

	drain(s, &out);
	is(buf_cstr(&out), want, "%s", name);
	buf_clear(&out);
}

/* The same, and free it. */
static void check(struct source *s, const char *want, const char *name)
{
	gives(s, want, name);
	source_free(s);
}

static long long total_of(struct source *s)
{
	uint64_t n;

	return source_total(s, &n) ? (long long)n : -1;
}

/* --- sources to combine */

/* "a b c": the words are kept until the end of the test. */
static struct source *words(const char *text)
{
	static char store[4096];
	static char *list[512];
	static size_t used, count;
	size_t first = count;
	char *copy = strcpy(store + used, text);

	used += strlen(text) + 1;
	for (char *w = strtok(copy, " "); w != NULL; w = strtok(NULL, " "))
		list[count++] = w;
	return source_args(list + first, count - first);
}

static char *path_of(const char *name)
{
	static char path[sizeof dir + 256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void write_bytes(const char *name, struct bytes text)
{
	FILE *f = fopen(path_of(name), "w");

	fwrite(text.p, 1, text.len, f);
	fclose(f);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, bytes_str(text));
}

static struct source_file_config config(const char *path)
{
	return (struct source_file_config){
	    .loop = loop,
	    .path = path,
	    .reader = {.delimiter = '\n', .max_event = 1 << 20},
	};
}

static struct source *file(const char *path)
{
	struct source_file_config cfg = config(path);

	return source_file(&cfg);
}

static struct source *file_with(const char *name, const char *text)
{
	write_file(name, text);
	return file(path_of(name));
}

/* --- waiting */

static int ready_calls;

static void on_ready(void *arg)
{
	ready_calls++;
	loop_stop(arg);
}

/* Let the loop run until the source calls. */
static void wait_ready(struct source *s)
{
	source_on_ready(s, on_ready, loop);
	loop_run(loop);
}

static struct source *pipe_source(int *writer)
{
	int fd[2];

	if (pipe(fd) < 0)
		return NULL;
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	*writer = fd[1];
	return file("-");
}

static void send_text(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		printf("# write failed\n");
}

static int count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* --- tests */

static void test_args(void)
{
	struct source *s = words("a b c");
	char *empty[] = {(char *)""};

	is_int(total_of(s), 3, "the number of arguments is known");
	gives(s, "a b c", "arguments come in their order");
	check(s, "", "and there are no more after them");
	s = source_args(empty, 1);
	is_int(total_of(s), 1, "an empty argument counts as one");
	check(s, "", "and its text is empty");
	check(source_args(NULL, 0), "", "no events are fine");
}

static void test_file(void)
{
	struct source *s = file_with("list", "a\nb\n");
	struct arena *a = arena_new();
	struct event e;
	struct err err;

	source_next(s, a, &e, &err);
	source_next(s, a, &e, &err);
	is(e.items[0].text.p, "b", "a file gives its lines");
	is(e.file, path_of("list"), "with the file's name");
	is_int(e.line, 2, "and the line's number");
	arena_free(a);
	check(s, "", "the file gives no more after its end");
	check(file_with("empty", ""), "", "an empty file gives none");
	check(file("/dev/null"), "", "/dev/null gives none either");
}

static void test_file_errors(void)
{
	char want[512];
	struct source *s;

	check(file("/nonexistent/x"),
	      " ! cannot open '/nonexistent/x': No such file or directory",
	      "a missing file is an error");
	check(file("/"), " ! cannot read '/': Is a directory", "so is a directory");
	write_bytes("nul", (struct bytes){"a\nb\nc\0d\ne\n", 10});
	snprintf(want, sizeof want,
		 "a b ! %s:3:2: NUL byte in a line; use -0 if NUL ends each event",
		 path_of("nul"));
	s = file(path_of("nul"));
	is_int(total_of(s), -1, "a file with an error has no total");
	gives(s, want, "the events before the error come first");
	gives(s, strchr(want, '!') - 1, "an error stays");
	is_int(total_of(s), -1, "and there is no total after it");
	source_free(s);
	is_int(total_of(s = file("/nonexistent/x")), -1,
	       "a file that cannot be opened has no total");
	source_free(s);
}

static void test_formats(void)
{
	struct source_file_config cfg;

	check(file_with("e.yaml", "- a: 1\n- a: 2\n"), "{\"a\":1} {\"a\":2}",
	      "the extension chooses the format");
	check(file_with("e.YML", "[a, b]"), "a b", "in either case");
	check(file_with("e.txt", "- a\n"), "- a", "any other file has lines");
	write_file("e", "[a, b]");
	cfg = config(path_of("e"));
	cfg.format = &reader_yaml_ops;
	check(source_file(&cfg), "a b", "unless a format is given");
}

static void test_big_file(void)
{
	struct source *s;
	struct buf text = BUF_INIT;
	uint64_t n = 0, bad = 0;
	struct arena *a = arena_new();
	struct event e;
	struct err err;
	char want[16];

	for (int i = 1; i <= 100000; i++)
		buf_addf(&text, "%d\n", i);
	s = file_with("big", buf_cstr(&text));
	is_int(total_of(s), 100000, "the lines of a big file are counted ahead");
	while (source_next(s, a, &e, &err) == SOURCE_EVENT) {
		snprintf(want, sizeof want, "%d", (int)++n);
		bad += !bytes_is(e.items[0].text, want) || e.line != n;
		arena_reset(a);
	}
	is_int(n, 100000, "and all of them are events");
	is_int(bad, 0, "in their order");
	is_int(total_of(s), 100000, "the total stays the same");
	source_free(s);
	arena_free(a);
	buf_clear(&text);
}

static long long total_with(const char *text, bool skip_blank, char delimiter)
{
	struct source_file_config cfg;
	struct source *s;
	long long n;

	write_file("count", text);
	cfg = config(path_of("count"));
	cfg.reader.skip_blank = skip_blank;
	cfg.reader.delimiter = delimiter;
	s = source_file(&cfg);
	n = total_of(s);
	source_free(s);
	return n;
}

/* Take one event and forget it. */
static enum source_result take_one(struct source *s)
{
	struct arena *a = arena_new();
	struct event e;
	struct err err;
	enum source_result result = source_next(s, a, &e, &err);

	arena_free(a);
	return result;
}

static void test_totals(void)
{
	struct source *s;

	is_int(total_with("a\nb", false, '\n'), 2, "a last line without newline counts");
	is_int(total_with("a\n\n \nb\n", true, '\n'), 2, "skipped lines do not count");
	is_int(total_with("a,b,c", false, ','), 3, "the delimiter is respected");
	is_int(total_with("", false, '\n'), 0, "an empty file has the total 0");

	s = file_with("t.yaml", "- a\n- b\n- c\n");
	is_int(total_of(s), -1, "YAML is not counted ahead");
	take_one(s);
	is_int(total_of(s), 3, "but the total of a short one is known once its first event was taken");
	check(s, "b c", "and the events read for that are not lost");
}

static void test_stdin_file(void)
{
	char skipped[2];
	struct source *s;
	int fd;

	write_file("in", "1\n2\n3\n");
	fd = open(path_of("in"), O_RDONLY);
	dup2(fd, STDIN_FILENO);
	close(fd);
	ok(read(STDIN_FILENO, skipped, 2) == 2, "standard input may be a file that is partly read");
	s = file("-");
	is_int(total_of(s), 2, "the rest of it is counted");
	check(s, "2 3", "and read");
	ok(lseek(STDIN_FILENO, 0, SEEK_CUR) == 6, "and the descriptor is left open at its end");

	fd = open("/", O_RDONLY);
	dup2(fd, STDIN_FILENO);
	close(fd);
	check(file("-"), " ! cannot read standard input: Is a directory",
	      "standard input may not be a directory");
}

static void test_live_pipe(void)
{
	int before = count_descriptors(), writer, flags;
	struct source *s = pipe_source(&writer);
	struct arena *a = arena_new();
	struct event e;
	struct err err;

	gives(s, " ...", "an empty pipe has no event yet");
	gives(s, " ...", "and none when asked twice");
	ready_calls = 0;
	send_text(writer, "a\nb");
	wait_ready(s);
	is_int(ready_calls, 1, "the ready function is called when there is input");
	is_int(source_next(s, a, &e, &err), SOURCE_EVENT, "a line is an event at once");
	is(e.file, "(stdin)", "from standard input");
	gives(s, " ...", "an incomplete line is not an event");
	send_text(writer, "c\nd\n");
	wait_ready(s);
	is_int(total_of(s), -1, "an open pipe has no total");
	gives(s, "bc d ...", "the pieces of a line are joined");
	send_text(writer, "e");
	close(writer);
	wait_ready(s);
	gives(s, "e", "the last line needs no newline");
	gives(s, "", "there is nothing after the end");
	is_int(total_of(s), 4, "the total is known at the end");
	flags = fcntl(STDIN_FILENO, F_GETFL);
	ok((flags & O_NONBLOCK) == 0, "standard input is not made non-blocking");
	source_free(s);
	arena_free(a);
	is_int(count_descriptors(), before, "no descriptor is left open");
}

static void test_short_pipe(void)
{
	int writer;
	struct source *s = pipe_source(&writer);

	send_text(writer, "a\nb\nc\n");
	close(writer);
	take_one(s);
	is_int(total_of(s), 3, "the total of a short pipe is known once its first event was taken");
	check(s, "b c", "and no event is lost");
}

static void test_wait_and_free(void)
{
	int writer;
	struct source *s = pipe_source(&writer);

	gives(s, " ...", "a source that waits has no event");
	source_free(s);
	send_text(writer, "a\n");
	close(writer);
	check(file("-"), "a", "it can be freed, and another source can continue");
}

static void test_fifo(void)
{
	int before = count_descriptors(), writer;
	struct source *s;

	mkfifo(path_of("fifo"), 0600);
	s = file(path_of("fifo"));
	gives(s, " ...", "a FIFO without writer does not block");
	writer = open(path_of("fifo"), O_WRONLY);
	send_text(writer, "a\n");
	wait_ready(s);
	gives(s, "a ...", "its events are what the writer writes");
	close(writer);
	wait_ready(s);
	check(s, "", "it ends when the writer closes it");
	is_int(count_descriptors(), before, "its descriptor is closed");
}

static void test_live_yaml(void)
{
	struct source_file_config cfg = config("-");
	struct source *s;
	int writer;

	source_free(pipe_source(&writer));
	cfg.format = &reader_yaml_ops;
	s = source_file(&cfg);
	send_text(writer, "- a\n- b\n");
	gives(s, "a ...", "an entry of YAML is known when the next one begins");
	send_text(writer, "- @\n");
	close(writer);
	wait_ready(s);
	check(s, "b ! (stdin):3:3: a value cannot begin with '@'; quote it",
	      "a syntax error is reported after the events before it");
}

static struct source *cross(const char *a, const char *b, const char *c)
{
	struct source *parts[3] = {words(a), words(b), c != NULL ? words(c) : NULL};

	return source_cross(parts, c != NULL ? 3 : 2);
}

static void test_cross(void)
{
	struct source *s = cross("a b", "1 2", "x y"), *one = words("a b");

	is_int(total_of(s), 8, "the total of a cross is the product");
	check(s, "a,1,x a,1,y a,2,x a,2,y b,1,x b,1,y b,2,x b,2,y",
	      "a cross gives every combination, the last source varying fastest");
	check(cross("a b", "", "x"), "", "an empty source makes the cross empty");
	check(cross("", "1 2", NULL), "", "an empty first source, too");
	check(cross("a b", "1", ""), "", "and an empty last source");
	is_int(total_of(s = cross("a b", "", NULL)), 0, "the total is then 0");
	source_free(s);
	check(source_cross(&one, 1), "a b", "one source is itself");
}

static void test_cross_wait(void)
{
	struct source *parts[2], *s;
	struct arena *a = arena_new();
	struct event e;
	struct err err;
	int writer;

	parts[0] = file_with("list", "a\nb\n");
	parts[1] = pipe_source(&writer);
	s = source_cross(parts, 2);
	gives(s, " ...", "a cross waits for the sources that it holds");
	is_int(total_of(s), -1, "it has no total before that");
	send_text(writer, "1\n2\n");
	close(writer);
	wait_ready(s);
	source_next(s, a, &e, &err);
	is_int(total_of(s), 4, "it has one afterwards");
	is(e.file, path_of("list"), "its events name the first file");
	is_int(e.line, 1, "and its line");
	arena_free(a);
	check(s, "a,2 b,1 b,2", "and the others follow");

	parts[0] = words("a");
	parts[1] = file_with("list", "x\ny\n");
	s = source_cross(parts, 2);
	a = arena_new();
	source_next(s, a, &e, &err);
	ok(e.file != NULL && e.line == 1, "an event's file is that of the first source with a file");
	arena_free(a);
	source_free(s);

	parts[0] = words("a");
	parts[1] = file("/");
	check(source_cross(parts, 2), " ! cannot read '/': Is a directory",
	      "an error in a held source is reported");
}

/* The order that a seed gives to the letters. */
static void shuffled(uint64_t seed, struct buf *out)
{
	struct source *s = source_shuffle(words("a b c d e f g h i j"), seed);

	buf_reset(out);
	drain(s, out);
	source_free(s);
}

static void test_shuffle(void)
{
	struct buf first = BUF_INIT, again = BUF_INIT;
	struct source *s = source_shuffle(words("a b c"), 1);
	int place[3] = {0, 0, 0};
	bool all = true;

	is_int(total_of(s), 3, "a shuffled source knows its total");
	take_one(s);
	is_int(total_of(s), 3, "the total does not change");
	source_free(s);
	shuffled(1, &first);
	shuffled(1, &again);
	is(buf_cstr(&first), buf_cstr(&again), "the same seed gives the same order");
	shuffled(2, &again);
	ok(strcmp(buf_cstr(&first), buf_cstr(&again)) != 0, "another seed gives another order");
	for (const char *c = "abcdefghij"; *c != '\0'; c++)
		all &= strchr(buf_cstr(&first), *c) != NULL;
	ok(all && first.len == 19, "every event comes once");
	for (uint64_t seed = 0; seed < 3000; seed++) {
		char *list[] = {(char *)"a", (char *)"b", (char *)"c"};

		s = source_shuffle(source_args(list, 3), seed);
		buf_reset(&again);
		drain(s, &again);
		source_free(s);
		place[again.data[0] - 'a']++;
	}
	ok(place[0] > 900 && place[1] > 900 && place[2] > 900,
	   "each is first in about a third of the orders (%d %d %d)", place[0], place[1],
	   place[2]);
	check(source_shuffle(words(""), 1), "", "no events are fine");
	check(source_shuffle(file("/"), 1), " ! cannot read '/': Is a directory",
	      "an error is reported");
	buf_clear(&first);
	buf_clear(&again);
}

/* The events of a list of five that these ranges select, and their total. */
static void check_ranges(const char *text, const char *want, int total)
{
	struct seq_range *ranges;
	size_t n;
	struct source *s;

	if (!ok(seq_ranges_parse(text, &ranges, &n) == 0, "'%s' is a list of ranges",
		text))
		return;
	s = source_number(words("a b c d e"), ranges, n);
	free(ranges);
	is_int(total_of(s), total, "it has %d", total);
	gives(s, want, "they select these events");
	is_int(total_of(s), total, "the total counts the selected events");
	source_free(s);
}

static void test_number(void)
{
	static const struct seq_range two = {1, 2};
	struct source *s = source_number(words("a b c"), NULL, 0);

	is_int(total_of(s), 3, "numbers do not change the total");
	check(s, "1:a 2:b 3:c", "events are numbered from 1");
	check_ranges("2", "2:b", 1);
	check_ranges("1,3-4", "1:a 3:c 4:d", 3);
	check_ranges("4-", "4:d 5:e", 2);
	check_ranges("4-5,1-2,2-4", "1:a 2:b 3:c 4:d 5:e", 5);
	check_ranges("1-4,2-3", "1:a 2:b 3:c 4:d", 4);
	check_ranges("2-2,7-", "2:b", 1);
	check_ranges("2-2,7,9-", "2:b ! event 7 is selected, but the input has only 5", 1);
	check_ranges("6", " ! event 6 is selected, but the input has only 5", 0);
	check_ranges("1,2-18446744073709551615", "1:a 2:b 3:c 4:d 5:e", 5);
	write_bytes("nul", (struct bytes){"a\nb\n\0\n", 6});
	check(source_number(file(path_of("nul")), &two, 1), "1:a 2:b",
	      "nothing is read after the last number");
}

static void test_bad_ranges(void)
{
	static const char *const bad[] = {"",
					  "0",
					  "a",
					  "1,",
					  ",1",
					  "3-1",
					  "-3",
					  "1--2",
					  "1 ",
					  " 1",
					  "1-2-3",
					  "1,,2",
					  "18446744073709551616",
					  "99999999999999999999999999"};
	struct seq_range *ranges = NULL;
	size_t n;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(seq_ranges_parse(bad[i], &ranges, &n) < 0 && ranges == NULL,
		   "'%s' is none", bad[i]);
}

static void test_shuffle_wait(void)
{
	int writer;
	struct source *s =
	    source_number(source_shuffle(pipe_source(&writer), 1), NULL, 0);

	gives(s, " ...", "a shuffled source waits for all events");
	send_text(writer, "a\na\n");
	close(writer);
	wait_ready(s);
	check(s, "1:a 2:a", "it gives the first when it has all");
}

static void clean_up(void)
{
	DIR *d = opendir(dir);

	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		if (e->d_name[0] != '.')
			unlink(path_of(e->d_name));
	closedir(d);
	rmdir(dir);
}

int main(void)
{
	struct err err;

	loop = loop_new(&err);
	if (loop == NULL || mkdtemp(dir) == NULL)
		return 1;
	test_args();
	test_file();
	test_file_errors();
	test_formats();
	test_big_file();
	test_totals();
	test_stdin_file();
	test_live_pipe();
	test_short_pipe();
	test_wait_and_free();
	test_fifo();
	test_live_yaml();
	test_cross();
	test_cross_wait();
	test_shuffle();
	test_shuffle_wait();
	test_number();
	test_bad_ranges();
	source_free(NULL);
	clean_up();
	loop_free(loop);
	return done_testing();
}
