/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/results.h"
#include "sink_fixture.h"

/* Files of results, in a scratch directory. */

static char scratch[] = "/tmp/volley-results.XXXXXX";

static const char *contents(const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return NULL;
	text[n] = '\0';
	return text;
}

static int add(struct results *r, struct err *err)
{
	sink_job(); /* makes the event's JSON */
	return results_add(r, &t.outcome, t.streams, err);
}

static struct results *open_results(const char *path, bool go_on)
{
	struct err err;
	struct results *r = results_open(path, go_on, &err);

	if (r == NULL)
		printf("# %s\n", err.text);
	return r;
}

static const char *refusal(const char *path, bool go_on)
{
	static struct err err;
	struct results *r = results_open(path, go_on, &err);

	results_free(r);
	return r == NULL ? err.text : NULL;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "made %s", path);
	close(fd);
}

static void test_directory(void)
{
	struct results *r = open_results("dir", false);
	struct err err;

	job();
	give(0, "out\n", 4);
	give(1, "\0", 1);
	is_int(add(r, &err), 0, "directory: added");
	is(contents("dir/3/stdout"), "out\n", "directory: stdout");
	is_int(contents("dir/3/stderr") != NULL && access("dir/3/stderr", F_OK) == 0, 1,
	       "directory: stderr");
	ok(strncmp(contents("dir/3/result"), "{\"seq\":3,\"event\":\"x\",", 21) == 0 &&
	       strstr(contents("dir/3/result"), "stdout") == NULL,
	   "directory: the result, without outputs");
	ok(access("dir/3/.result", F_OK) < 0, "directory: no temporary file is left");
	results_free(r);

	is(refusal("dir", false),
	   "results directory 'dir' has results of another run, which are not overwritten; "
	   "remove it or name another",
	   "directory: results of another run are kept");
	r = open_results("dir", true);
	job();
	is_int(add(r, &err), 0, "directory: again");
	is(contents("dir/3/stdout"), "", "directory: results of the same job are replaced");
	unlink("dir/3/stdout");
	mkdir("dir/3/stdout", 0700);
	is_int(add(r, &err), -1, "directory: a file that cannot be created is an error");
	is(err.text, "cannot write results to 'dir/3/stdout': Is a directory",
	   "directory: that names it");
	ok(access("dir/3/result", F_OK) < 0, "directory: and then there is no result");
	results_free(r);
	put("file", "");
	is(refusal("file", false), "cannot open results directory 'file': Not a directory",
	   "directory: a file is not a directory");
	is(refusal("no/dir", false),
	   "cannot create results directory 'no/dir': No such file or directory",
	   "directory: only the last part of the path is created");
}

static void test_files(void)
{
	struct results *r = open_results("r.json", false);
	struct err err;
	char first[2048];

	job();
	add(r, &err);
	snprintf(first, sizeof first, "%s", contents("r.json"));
	ok(strstr(first, "\"stdout\":\"\",\"stderr\":\"\"}\n") != NULL, "JSON: with outputs");
	add(r, &err);
	is_int(strlen(contents("r.json")), 2 * strlen(first), "JSON: a line per job");
	results_free(r);
	is(refusal("r.json", false),
	   "results file 'r.json' has contents, which are not overwritten; remove it or "
	   "name another",
	   "JSON: a file with contents is not overwritten");
	r = open_results("r.json", true);
	add(r, &err);
	is_int(strlen(contents("r.json")), 3 * strlen(first), "JSON: but is continued on request");
	results_free(r);
	put("r.json", "{\"seq\":1");
	is(refusal("r.json", true),
	   "results file 'r.json' ends in the middle of a record; repair it or name another",
	   "JSON: unless its last record is torn");
	r = open_results("r.yml", false);
	add(r, &err);
	ok(strncmp(contents("r.yml"), "- seq: 3\n", 9) == 0, "YAML");
	results_free(r);
	is(refusal("no/r.csv", false),
	   "cannot open results file 'no/r.csv': No such file or directory",
	   "a file that cannot be created");
}

static void test_csv(void)
{
	struct results *r = open_results("r.csv", false);
	struct err err;
	size_t len, header;

	job();
	add(r, &err);
	len = strlen(contents("r.csv"));
	header = (size_t)(strchr(contents("r.csv"), '\n') + 1 - contents("r.csv"));
	add(r, &err);
	is_int(strlen(contents("r.csv")), 2 * len - header, "CSV: one header");
	results_free(r);
	r = open_results("r.csv", true);
	is_int(add(r, &err), 0, "CSV: continuing with the same columns");
	is_int(strlen(contents("r.csv")), 3 * len - 2 * header, "CSV: needs no header");
	results_free(r);
	r = open_results("r.csv", true);
	job_of_mapping();
	is_int(add(r, &err), -1, "CSV: but other columns are refused");
	is(err.text,
	   "results file 'r.csv' has other columns than this run's results; name another "
	   "file",
	   "CSV: with a reason");
	results_free(r);
}

static void test_full(void)
{
	struct results *r;
	struct err err;

	if (symlink("/dev/full", "full.json") < 0)
		return;
	r = open_results("full.json", false);
	job();
	is_int(add(r, &err), -1, "a full disk is an error");
	is(err.text, "cannot write results to 'full.json': No space left on device",
	   "that names the file");
	results_free(r);

	if (mkdir("full", 0700) < 0 || mkdir("full/3", 0700) < 0 ||
	    symlink("/dev/full", "full/3/stdout") < 0)
		return;
	r = open_results("full", true);
	give(0, "out\n", 4);
	is_int(add(r, &err), -1, "also in a directory");
	is(err.text, "cannot write results to 'full/3/stdout': No space left on device",
	   "with the job's file");
	ok(access("full/3/result", F_OK) < 0, "and the job has no result");
	results_free(r);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void remove_scratch(void)
{
	ok(chdir("/") == 0 && nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0,
	   "all files are removed");
}

int main(void)
{
	if (mkdtemp(scratch) == NULL || chdir(scratch) < 0)
		return 99;
	fixture_open();
	test_directory();
	test_files();
	test_csv();
	test_full();
	fixture_close();
	remove_scratch();
	return done_testing();
}
