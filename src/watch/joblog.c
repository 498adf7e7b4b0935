/* SPDX-License-Identifier: ISC */
/* Appends a line to the job log when a job is retired, and syncs the file to the disk.
 * When it opens an existing log, it removes what an interrupted run left half written.
 * After a failed write nothing more is written, since --resume takes a line that does
 * not end for torn. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/resume.h"
#include "watch/joblog.h"

struct joblog {
	struct joblog_config cfg;
	int fd;
	bool dirty; /* written, and not synced to the disk */
	struct loop_timer sync_timer;
	struct buf line;
	bool failed;	/* nothing more is written */
	bool reported;	/* the failure */
	struct err err; /* of a sync by the timer, reported with the next line */
};

const char joblog_header[] = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\t"
			     "Signal\tCommand\n";

/* --- lines */

static int write_log(struct joblog *j, struct bytes text, struct err *err)
{
	if (bytes_write(j->fd, text) < 0)
		return err_sys(err, "cannot write the job log '%s'", j->cfg.path);
	j->dirty = true;
	return 0;
}

/* As GNU parallel writes them: after a signal Exitval is 0, after a timeout it is -1,
 * with the signal that ended the job. */
static int exit_value(const struct outcome *o)
{
	if (o->status == JOB_TIMEOUT)
		return -1;
	if (o->status == JOB_LOST && o->code == 0)
		return STATUS_ERROR; /* not 0, which means success */
	return o->status == JOB_SIGNALED ? 0 : o->code;
}

static int signal_value(const struct outcome *o)
{
	return o->status == JOB_TIMEOUT ? SIGTERM : outcome_signal(o);
}

static void format_line(struct joblog *j, const struct outcome *o)
{
	buf_reset(&j->line);
	buf_addf(&j->line, "%llu\t:\t%.3f\t%10.3f\t%d\t%llu\t%d\t%d\t",
		 (unsigned long long)o->bindings->seq, (double)o->start / NSEC_PER_SEC,
		 (double)o->runtime / NSEC_PER_SEC, o->again ? JOBLOG_AGAIN : 0,
		 (unsigned long long)o->stdout_bytes, exit_value(o), signal_value(o));
	resume_command(j->cfg.template, o->bindings, &j->line);
	buf_addc(&j->line, '\n');
}

/* --- to the disk */

static int sync_now(struct joblog *j, struct err *err)
{
	if (!j->dirty)
		return 0;
	j->dirty = false;
	/* EINVAL, EROFS: a pipe, for example, cannot be synced and need not be. */
	if (fdatasync(j->fd) < 0 && errno != EINVAL && errno != EROFS)
		return err_sys(err, "cannot write the job log '%s' to the disk",
			       j->cfg.path);
	return 0;
}

static void sync_later(void *arg)
{
	struct joblog *j = arg;

	if (sync_now(j, &j->err) < 0)
		j->failed = true;
}

static int log_line(struct joblog *j, const struct outcome *o, struct err *err)
{
	if (j->failed) {
		*err = j->err;
		return -1;
	}
	format_line(j, o);
	if (write_log(j, buf_bytes(&j->line), err) < 0)
		return -1;
	return j->cfg.sync == JOBLOG_SYNC_JOB ? sync_now(j, err) : 0;
}

static int job_retired(void *arg, const struct run_state *run, const struct outcome *o,
		       struct err *err)
{
	struct joblog *j = arg;

	(void)run;
	if (j->reported)
		return 0;
	if (log_line(j, o, err) < 0) {
		/* Nothing may follow half a line: --resume takes it for torn. */
		j->failed = j->reported = true;
		return -1;
	}
	if (j->cfg.sync == JOBLOG_SYNC_SECOND && j->sync_timer.pos == 0)
		loop_timer_set(j->cfg.loop, &j->sync_timer, clock_in(NSEC_PER_SEC),
			       sync_later, j);
	return 0;
}

/* --- opening */

/* A last line without newline was being written when volley was killed: its job will
 * be run again. */
static int drop_torn_line(struct joblog *j, off_t size, struct err *err)
{
	char last;

	while (size > 0) {
		if (pread(j->fd, &last, 1, size - 1) != 1)
			return err_sys(err, "cannot read the job log '%s'", j->cfg.path);
		if (last == '\n')
			break;
		size--;
	}
	if (ftruncate(j->fd, size) < 0)
		return err_sys(err, "cannot repair the job log '%s'", j->cfg.path);
	return 0;
}

/* A file that is empty, or holds only the beginning of the header, is a job log too. */
static int check_header(const struct joblog *j, struct err *err)
{
	char text[sizeof "Seq\tHost\tStarttime" - 1];
	ssize_t n = pread(j->fd, text, sizeof text, 0);

	if (n >= 0 && memcmp(text, joblog_header, (size_t)n) == 0)
		return 0;
	return err_set(err, "'%s' is not a job log and was not changed; name another file",
		       j->cfg.path);
}

static int begin_file(struct joblog *j, struct err *err)
{
	struct stat st;

	if (fstat(j->fd, &st) < 0)
		return err_sys(err, "cannot read the job log '%s'", j->cfg.path);
	if (!S_ISREG(st.st_mode))
		return write_log(j, bytes_str(joblog_header), err);
	if (check_header(j, err) < 0 ||
	    drop_torn_line(j, j->cfg.append ? st.st_size : 0, err) < 0)
		return -1;
	if (lseek(j->fd, 0, SEEK_END) > 0)
		return 0;
	return write_log(j, bytes_str(joblog_header), err);
}

static int lock_file(const struct joblog *j, struct err *err)
{
	if (flock(j->fd, LOCK_EX | LOCK_NB) == 0 || errno == EINVAL)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, "another run writes the job log '%s'", j->cfg.path);
	return err_sys(err, "cannot lock the job log '%s'", j->cfg.path);
}

struct joblog *joblog_open(const struct joblog_config *cfg, struct err *err)
{
	struct joblog *j = xcalloc(1, sizeof *j);

	j->cfg = *cfg;
	j->fd = open(cfg->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (j->fd < 0) {
		err_sys(err, "cannot open the job log '%s'", cfg->path);
		goto free_log;
	}
	if (lock_file(j, err) < 0 || begin_file(j, err) < 0)
		goto close_file;
	return j;

close_file:
	close(j->fd);
free_log:
	free(j);
	return NULL;
}

int joblog_fd(const struct joblog *j)
{
	return j->fd;
}

int joblog_close(struct joblog *j, struct err *err)
{
	int result = 0;

	if (j == NULL)
		return 0;
	loop_timer_cancel(j->cfg.loop, &j->sync_timer);
	if (j->failed && !j->reported) {
		*err = j->err;
		result = -1;
	} else if (!j->failed) {
		result = sync_now(j, err);
	}
	close(j->fd);
	buf_clear(&j->line);
	free(j);
	return result;
}

const struct watcher_ops joblog_ops = {.retired = job_retired};
