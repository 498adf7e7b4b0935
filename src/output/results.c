/* SPDX-License-Identifier: ISC */
/* Writes results to one file, by appending records, or to a directory per job.  What
 * cannot be written whole is taken back: a file is cut to its last whole record, and a
 * job's directory has no "result" while its other files change. */

#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "output/results.h"
#include "output/sink.h"

struct results {
	const char *path;
	struct sink *sink; /* NULL: it is a directory */
	bool has_header; /* the file had contents, its header among them */
	int fd;		 /* of the file, or of the directory */
};

static int fail(const struct results *r, const char *name, struct err *err)
{
	return err_sys(err, "cannot write results to '%s%s%s'", r->path,
		       r->sink == NULL ? "/" : "", name);
}

/* What is written to: the file, or one in the directory. */
struct target {
	const struct results *results;
	const char *name; /* in the directory */
	int fd;
};

static int write_to(void *arg, struct bytes data, struct err *err)
{
	const struct target *t = arg;

	return bytes_write(t->fd, data) < 0 ? fail(t->results, t->name, err) : 0;
}

/* --- one file */

/* The header that this run would write must be the one in the file. */
static int compare_header(const struct results *r, struct bytes header, struct err *err)
{
	char *there = xmalloc(header.len);
	ssize_t n = pread(r->fd, there, header.len, 0);
	bool same = n >= 0 && bytes_eq((struct bytes){there, (size_t)n}, header);

	free(there);
	if (!same)
		return err_set(err,
			       "results file '%s' has other columns than this run's results; "
			       "name another file",
			       r->path);
	return 0;
}

static void add_header(const struct results *r, const struct sink_job *job,
		       struct sink_out *out)
{
	if (r->sink->ops->header == NULL)
		return;
	r->sink->ops->header(r->sink, job, &out->text);
	if (out->text.len == 0 || !r->has_header)
		return;
	out->failed = compare_header(r, buf_bytes(&out->text), out->err) < 0;
	buf_reset(&out->text);
}

static int add_to_file(struct results *r, const struct sink_job *job, struct err *err)
{
	struct target file = {r, "", r->fd};
	struct sink_out out = {write_to, &file, .err = err};
	off_t start = lseek(r->fd, 0, SEEK_END);

	add_header(r, job, &out);
	r->sink->ops->job(r->sink, job, &out);
	if (sink_end(&out) == 0)
		return 0;
	/* The file must end with a whole record, so that it can be continued. */
	if (start >= 0 && ftruncate(r->fd, start) < 0 && errno != EINVAL)
		err_sys(err, "cannot shorten results file '%s'", r->path);
	return -1;
}

/* --- a directory per job */

enum { RESULT = 2 };

/* A stream of the job, or its RESULT. */
static int add_file(struct results *r, const struct sink_job *job, int what,
		    const char *name, struct err *err)
{
	struct target file = {
	    r, name, openat(r->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
	struct sink_out out = {write_to, &file, .err = err};
	int result;

	if (file.fd < 0)
		return fail(r, name, err);
	if (what == RESULT) {
		sink_json_record(job->outcome, &out.text);
		buf_adds(&out.text, "}\n");
	} else {
		struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[what]);
		struct bytes data;

		while (sink_read(&out, &c, &data))
			sink_write(&out, data);
	}
	result = sink_end(&out);
	return close(file.fd) < 0 && result == 0 ? fail(r, name, err) : result;
}

/* While the job's files change, its result is not there. */
static int add_to_directory(struct results *r, const struct sink_job *job,
			    struct err *err)
{
	static const char *const names[] = {"stdout", "stderr", ".result"};
	unsigned long long seq = job->outcome->bindings->seq;
	char name[64], result[64];

	snprintf(name, sizeof name, "%llu", seq);
	snprintf(result, sizeof result, "%llu/result", seq);
	if (mkdirat(r->fd, name, 0777) < 0 && errno != EEXIST)
		return fail(r, name, err);
	if (unlinkat(r->fd, result, 0) < 0 && errno != ENOENT)
		return fail(r, result, err);
	for (int i = 0; i <= RESULT; i++) {
		snprintf(name, sizeof name, "%llu/%s", seq, names[i]);
		if (add_file(r, job, i, name, err) < 0)
			return -1;
	}
	return renameat(r->fd, name, r->fd, result) < 0 ? fail(r, result, err) : 0;
}

/* --- opening */

static int check_contents(struct results *r, bool go_on, struct err *err)
{
	struct stat st;
	char last = '\n';

	if (fstat(r->fd, &st) < 0)
		return err_sys(err, "cannot examine results file '%s'", r->path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	if (!go_on)
		return err_set(err,
			       "results file '%s' has contents, which are not overwritten; "
			       "remove it or name another",
			       r->path);
	if (pread(r->fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		return err_set(err,
			       "results file '%s' ends in the middle of a record; repair it "
			       "or name another",
			       r->path);
	r->has_header = true;
	return 0;
}

static int open_file(struct results *r, bool go_on, struct err *err)
{
	r->fd = open(r->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (r->fd < 0)
		return err_sys(err, "cannot open results file '%s'", r->path);
	return check_contents(r, go_on, err);
}

/* Are there jobs of an earlier run, whose directories are numbers? */
static bool has_jobs(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;
	bool found = false;

	if (dir == NULL && copy >= 0)
		close(copy);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL)
		found = entry->d_name[strspn(entry->d_name, "0123456789")] == '\0';
	if (dir != NULL)
		closedir(dir);
	return found;
}

static int open_directory(struct results *r, bool go_on, struct err *err)
{
	if (mkdir(r->path, 0777) < 0 && errno != EEXIST)
		return err_sys(err, "cannot create results directory '%s'", r->path);
	r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0)
		return err_sys(err, "cannot open results directory '%s'", r->path);
	if (!go_on && has_jobs(r->fd))
		return err_set(err,
			       "results directory '%s' has results of another run, which are "
			       "not overwritten; remove it or name another",
			       r->path);
	return 0;
}

struct results *results_open(const char *path, bool go_on, struct err *err)
{
	const struct sink_format *format = sink_format_of_file(path);
	struct results *r = xcalloc(1, sizeof *r);

	r->path = path;
	r->sink = format != NULL ? format->make() : NULL;
	if ((r->sink != NULL ? open_file(r, go_on, err) : open_directory(r, go_on, err)) < 0) {
		results_free(r);
		return NULL;
	}
	return r;
}

int results_add(struct results *r, const struct outcome *outcome,
		const struct spool *streams, struct err *err)
{
	struct sink_job job = {outcome, streams};

	return r->sink != NULL ? add_to_file(r, &job, err) : add_to_directory(r, &job, err);
}

void results_free(struct results *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	sink_free(r->sink);
	free(r);
}
