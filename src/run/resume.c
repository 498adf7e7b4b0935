/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/msg.h"
#include "run/resume.h"

enum { READ_SIZE = 64 * 1024, COLUMNS = 9 };

struct resume {
	bool failed_again;
	struct counter failed; /* number and command: 1 when its last line failed */
	struct counter by_command, by_number;
	struct counter used; /* keys of which at least one was used up */
	uint64_t left;	     /* different keys that were not */
	bool by_number_told;
	struct buf text; /* scratch */
};

/* --- reading */

struct line {
	uint64_t seq;
	long exit, signal;
	struct bytes command;
};

static bool split_line(struct bytes text, struct line *line)
{
	struct bytes columns[COLUMNS];
	const char *end = text.p + text.len;

	for (int i = 0; i < COLUMNS - 1; i++) {
		const char *tab = memchr(text.p, '\t', (size_t)(end - text.p));

		if (tab == NULL)
			return false;
		columns[i] = (struct bytes){text.p, (size_t)(tab - text.p)};
		text.p = tab + 1;
	}
	line->command = (struct bytes){text.p, (size_t)(end - text.p)};
	line->seq = strtoull(columns[0].p, NULL, 10);
	line->exit = strtol(columns[6].p, NULL, 10);
	line->signal = strtol(columns[7].p, NULL, 10);
	return line->seq > 0;
}

/* A job that had failed and was run again by --resume-failed has several lines
 * and is one job all the same. */
static void take_line(struct resume *r, const struct line *line)
{
	bool failed = line->exit != 0 || line->signal != 0, again;
	uint32_t *last;

	if (r->failed_again && failed)
		return;
	last = counter_at(&r->failed, hash_of(line->seq, line->command));
	again = *last > 0;
	*last = failed;
	if (again)
		return;
	if (++*counter_at(&r->by_command, hash_of(0, line->command)) == 1)
		r->left++;
	*counter_at(&r->by_number, hash_of(line->seq, (struct bytes){"", 0})) = 1;
}

static int read_lines(struct resume *r, int fd, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	uint64_t number = 0;
	off_t at = 0;
	ssize_t n;
	int result = 0;

	while ((n = pread(fd, buf_room(&text, READ_SIZE), READ_SIZE, at)) > 0 &&
	       result == 0) {
		char *from = text.data, *newline;

		at += n;
		text.len += (size_t)n;
		while ((newline = memchr(from, '\n',
					 (size_t)(text.data + text.len - from))) != NULL) {
			struct line line;
			struct bytes one = {from, (size_t)(newline - from)};

			from = newline + 1;
			if (++number == 1)
				continue; /* the header */
			if (!split_line(one, &line)) {
				result = err_set(err,
						 "%s:%llu: not a line of a job log; mend or "
						 "remove it",
						 path, (unsigned long long)number);
				break;
			}
			take_line(r, &line);
		}
		buf_consume(&text, (size_t)(from - text.data));
	}
	if (n < 0)
		result = err_sys(err, "cannot read the job log '%s'", path);
	buf_clear(&text);
	return result;
}

/* --- asking */

static bool use_up(struct resume *r, struct counter *c, struct hash_key key)
{
	uint32_t *count = counter_at(c, key);

	if (*count == 0)
		return false;
	--*count;
	if (++*counter_at(&r->used, key) == 1 && r->left > 0)
		r->left--;
	return true;
}

bool resume_skips(struct resume *r, const struct template *t, const struct job *job)
{
	if (template_is_numbered(t)) {
		msg_once(&r->by_number_told,
			 "the command holds the number of its job or slot: jobs in the job "
			 "log are matched by number, not by what they did");
		return use_up(r, &r->by_number,
			      hash_of(job->seq, (struct bytes){"", 0}));
	}
	buf_reset(&r->text);
	template_show(t, &job->bindings, &r->text);
	for (size_t i = 0; i < r->text.len; i++)
		if (r->text.data[i] == '\n')
			r->text.data[i] = '\0'; /* as the log has it */
	return use_up(r, &r->by_command, hash_of(0, buf_bytes(&r->text)));
}

uint64_t resume_left(const struct resume *r)
{
	return r->left;
}

struct resume *resume_read(int fd, const char *path, bool failed, struct err *err)
{
	struct resume *r = xcalloc(1, sizeof *r);

	r->failed_again = failed;
	if (read_lines(r, fd, path, err) == 0)
		return r;
	resume_free(r);
	return NULL;
}

void resume_free(struct resume *r)
{
	if (r == NULL)
		return;
	counter_clear(&r->failed);
	counter_clear(&r->by_command);
	counter_clear(&r->by_number);
	counter_clear(&r->used);
	buf_clear(&r->text);
	free(r);
}
