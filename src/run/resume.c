/* SPDX-License-Identifier: ISC */
/* Reads an earlier run's job log into counts by command, then decides for each job of
 * this run whether the log has it.  Every match uses up one line, so a command that is
 * there twice is skipped twice.  If the command contains the slot number, every slot is
 * tried, because the log does not say in which one the job will run now. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "run/resume.h"

enum { READ_SIZE = 64 * 1024, COLUMNS = 9, MOST_SLOTS = 16384 };

/* A line of the log. */
struct entry {
	struct hash_key command;
	bool failed;
};

struct resume {
	bool failed_again;
	struct counter done, failed; /* by command: jobs of the log that are not yet
				      * matched with one of this run */
	struct counter unused; /* by command: 1 while no job of this run had it */
	uint64_t nunused;
	struct counter latest; /* by number: the latest entry, counted from 1 */
	struct entry *entries;
	size_t n, cap;
	bool any_slot; /* the slot in a command is not known: see key_of */
	struct buf text;      /* scratch */
};

void resume_command(const struct template *t, const struct bindings *job, struct buf *out)
{
	size_t start = out->len;

	template_show(t, job, out);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '\n')
			out->data[i] = '\0';
}

/* --- reading */

struct line {
	uint64_t seq;
	bool again; /* it had failed before, and was run again for that */
	bool failed;
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
	line->again = strtol(columns[4].p, NULL, 10) == JOBLOG_AGAIN;
	line->failed = strtol(columns[6].p, NULL, 10) != 0 ||
		       strtol(columns[7].p, NULL, 10) != 0;
	return line->seq > 0;
}

static struct hash_key key_of_seq(uint64_t seq)
{
	return hash_of(seq, (struct bytes){"", 0});
}

/* The command of the failed job that this line shows a second run of; NULL if it is no
 * second run.  Logs of GNU parallel do not mark these: there it is a job with the same
 * number and command. */
static const struct hash_key *find_failed(const struct resume *r, const struct line *line,
					  const struct hash_key *command)
{
	uint32_t at = counter_get(&r->latest, key_of_seq(line->seq));
	const struct entry *e = at > 0 ? &r->entries[at - 1] : NULL;

	if (line->again && counter_get(&r->failed, *command) > 0)
		return command;
	if (e == NULL || !e->failed || counter_get(&r->failed, e->command) == 0)
		return NULL;
	if (!line->again &&
	    (e->command.a != command->a || e->command.b != command->b))
		return NULL;
	return &e->command;
}

/* A job that had failed and was run again has several lines, and is one job. */
static void take_line(struct resume *r, const struct line *line)
{
	struct hash_key command = hash_of(0, line->command);
	const struct hash_key *before = find_failed(r, line, &command);

	if (before != NULL)
		--*counter_at(&r->failed, *before);
	++*counter_at(line->failed ? &r->failed : &r->done, command);
	if (counter_get(&r->unused, command) == 0) {
		*counter_at(&r->unused, command) = 1;
		r->nunused++;
	}
	r->entries = xgrow(r->entries, &r->cap, r->n + 1, sizeof *r->entries);
	r->entries[r->n++] = (struct entry){command, line->failed};
	*counter_at(&r->latest, key_of_seq(line->seq)) = (uint32_t)r->n;
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
						 "%s:%llu: not a line of a job log; fix or "
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

/* The command with that slot in it, as the log has it. */
static struct hash_key key_of(struct resume *r, const struct template *t,
			      const struct bindings *job, unsigned slot)
{
	struct bindings bindings = *job;

	bindings.slot = slot;
	buf_reset(&r->text);
	resume_command(t, &bindings, &r->text);
	return hash_of(0, buf_bytes(&r->text));
}

static bool take(struct counter *c, struct hash_key command)
{
	if (counter_get(c, command) == 0)
		return false;
	--*counter_at(c, command);
	return true;
}

/* How many slots to try.  The job may have been in any slot, but slot numbers never
 * exceed the number of lines, because the lowest free slot is taken. */
static unsigned count_slots(struct resume *r, const struct template *t)
{
	r->any_slot = template_has_slot(t);
	if (!r->any_slot)
		return 1;
	return r->n < MOST_SLOTS ? (unsigned)r->n : MOST_SLOTS;
}

bool resume_skips(struct resume *r, const struct template *t,
		  const struct bindings *job, bool *again)
{
	unsigned slots = count_slots(r, t);
	struct hash_key command, failed = {0, 0};

	*again = false;
	for (unsigned slot = 1; slot <= slots; slot++) {
		command = key_of(r, t, job, slot);
		if (take(&r->unused, command))
			r->nunused--;
		if (take(&r->done, command))
			return true;
		if (failed.a == 0 && counter_get(&r->failed, command) > 0)
			failed = command;
	}
	if (failed.a == 0 || !take(&r->failed, failed))
		return false;
	*again = r->failed_again;
	return !r->failed_again;
}

uint64_t resume_left(const struct resume *r)
{
	return r->any_slot ? 0 : r->nunused;
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
	counter_clear(&r->done);
	counter_clear(&r->failed);
	counter_clear(&r->unused);
	counter_clear(&r->latest);
	free(r->entries);
	buf_clear(&r->text);
	free(r);
}
