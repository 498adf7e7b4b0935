/* SPDX-License-Identifier: ISC */
/* Writes results to one file, by appending records, or to a directory per job.  What
 * cannot be written whole is taken back: a file is cut to its last whole record, and a
 * job's directory has no "result" while its other files change. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "output/results.h"
#include "output/sink.h"

enum { ONE_WRITE = 1024 * 1024 };

struct results {
	const char *path;
	struct sink *sink; /* of the file, or of the file "result" */
	bool directory;
	bool has_header; /* the file had contents, its header among them */
	int fd;		 /* of the file, or of the directory */
	struct buf record; /* for one write */
};

/* --- writing */

static int flush(struct results *r, struct err *err)
{
	int result = bytes_write(r->fd, buf_bytes(&r->record));

	buf_reset(&r->record);
	return result == 0 ? 0 : err_sys(err, "cannot write results to '%s'", r->path);
}

/* Takes the bytes that the sink makes. */
static int add_to_record(void *arg, struct bytes data, struct err *err)
{
	struct results *r = arg;

	buf_addb(&r->record, data);
	return r->directory || r->record.len < ONE_WRITE ? 0 : flush(r, err);
}

/* --- one file */

/* The header that this run would write must be the one in the file. */
static int compare_header(struct results *r, const struct buf *header, struct err *err)
{
	char *there = xmalloc(header->len);
	ssize_t n = pread(r->fd, there, header->len, 0);
	bool same = n >= 0 && bytes_eq((struct bytes){there, (size_t)n},
				       buf_bytes(header));

	free(there);
	if (!same)
		return err_set(err,
			       "results file '%s' has other columns than this run's results; "
			       "name another file",
			       r->path);
	return 0;
}

static int add_header(struct results *r, const struct sink_job *job, struct err *err)
{
	struct buf header = BUF_INIT;
	int result = 0;

	if (r->sink->ops->header == NULL)
		return 0;
	r->sink->ops->header(r->sink, job, &header);
	if (header.len > 0 && r->has_header)
		result = compare_header(r, &header, err);
	else
		buf_addb(&r->record, buf_bytes(&header));
	buf_clear(&header);
	return result;
}

static int add_to_file(struct results *r, const struct sink_job *job, struct err *err)
{
	struct sink_out out = {add_to_record, r};
	off_t start = lseek(r->fd, 0, SEEK_END);

	if (add_header(r, job, err) == 0 &&
	    r->sink->ops->job(r->sink, job, &out, err) == 0 && flush(r, err) == 0)
		return 0;
	/* The file must end with a whole record, so that it can be continued. */
	if (start >= 0 && ftruncate(r->fd, start) < 0 && errno != EINVAL)
		err_sys(err, "cannot shorten results file '%s'", r->path);
	return -1;
}

/* --- a directory per job */

static int fail(const struct results *r, const char *name, struct err *err)
{
	return err_sys(err, "cannot write results to '%s/%s'", r->path, name);
}

static int create(const struct results *r, const char *name, struct err *err)
{
	int fd = openat(r->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	return fd >= 0 ? fd : fail(r, name, err);
}

static int finish(const struct results *r, int fd, int result, const char *name,
		  struct err *err)
{
	if (close(fd) < 0 && result == 0)
		return fail(r, name, err);
	return result;
}

static int write_stream(struct results *r, const struct sink_job *job, int stream,
			const char *name, struct err *err)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[stream]);
	int fd = create(r, name, err), result;
	struct bytes data;

	if (fd < 0)
		return -1;
	do {
		result = spool_read(&c, job->spill, &data, err);
		if (result == 0 && bytes_write(fd, data) < 0)
			result = fail(r, name, err);
	} while (result == 0 && data.len > 0);
	return finish(r, fd, result, name, err);
}

static int write_result(struct results *r, const struct sink_job *job, const char *name,
			struct err *err)
{
	struct sink_out out = {add_to_record, r};
	int fd, result = r->sink->ops->job(r->sink, job, &out, err);

	if (result == 0 && (fd = create(r, name, err)) >= 0) {
		if (bytes_write(fd, buf_bytes(&r->record)) < 0)
			result = fail(r, name, err);
		result = finish(r, fd, result, name, err);
	} else {
		result = -1;
	}
	buf_reset(&r->record);
	return result;
}

/* While the job's files change, its result is not there. */
static int add_to_directory(struct results *r, const struct sink_job *job,
			    struct err *err)
{
	enum { SIZE = 64 };
	unsigned long long seq = job->outcome->bindings->seq;
	char dir[SIZE], out[SIZE], errors[SIZE], new[SIZE], result[SIZE];

	snprintf(dir, SIZE, "%llu", seq);
	snprintf(out, SIZE, "%llu/stdout", seq);
	snprintf(errors, SIZE, "%llu/stderr", seq);
	snprintf(new, SIZE, "%llu/.result", seq);
	snprintf(result, SIZE, "%llu/result", seq);
	if (mkdirat(r->fd, dir, 0777) < 0 && errno != EEXIST)
		return fail(r, dir, err);
	if (unlinkat(r->fd, result, 0) < 0 && errno != ENOENT)
		return fail(r, result, err);
	if (write_stream(r, job, 0, out, err) < 0 ||
	    write_stream(r, job, 1, errors, err) < 0 ||
	    write_result(r, job, new, err) < 0)
		return -1;
	return renameat(r->fd, new, r->fd, result) < 0 ? fail(r, result, err) : 0;
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

static int open_directory(struct results *r, struct err *err)
{
	if (mkdir(r->path, 0777) < 0 && errno != EEXIST)
		return err_sys(err, "cannot create results directory '%s'", r->path);
	r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0)
		return err_sys(err, "cannot open results directory '%s'", r->path);
	return 0;
}

struct results *results_open(const char *path, bool go_on, struct err *err)
{
	const struct sink_format *format = sink_format_of_file(path);
	struct results *r = xcalloc(1, sizeof *r);

	r->path = path;
	r->directory = format == NULL;
	r->sink = r->directory ? sink_json_new(false) : format->make();
	if ((r->directory ? open_directory(r, err) : open_file(r, go_on, err)) < 0) {
		results_free(r);
		return NULL;
	}
	return r;
}

int results_add(struct results *r, const struct outcome *outcome,
		const struct spool *streams, struct spill *spill, struct err *err)
{
	struct sink_job job = {outcome, streams, spill};

	buf_reset(&r->record);
	return r->directory ? add_to_directory(r, &job, err) : add_to_file(r, &job, err);
}

void results_free(struct results *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	sink_free(r->sink);
	buf_clear(&r->record);
	free(r);
}
