/* SPDX-License-Identifier: ISC */
/* Writes failed events as their reader would read them.  A table has a row per input
 * format: how a header and an event are written, and what goes before, between and
 * after events.  The last part decides at the end of the run whether the new file
 * replaces the old one. */

#include <config.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/utf8.h"
#include "base/yaml_text.h"
#include "output/outcome.h"
#include "watch/failed_to.h"

struct format;

struct failed_to {
	struct failed_to_config cfg;
	const struct format *format;
	FILE *file;
	char *target; /* the file that is replaced in the end; NULL: written directly */
	char *part;   /* its name until it is complete; NULL likewise */
	int stream;   /* our own, which gets the events after the jobs' output; -1: none */
	struct buf text;
	bool any;
	bool replaces; /* the existing file, at the end */
	bool crlf; /* lines: how they end; known from the first on */
	int error; /* errno of the first write that failed, or 0 */
};

struct format {
	const char *name;
	void (*header)(struct failed_to *f, const struct event *first);
	void (*event)(struct failed_to *f, const struct event *e);
	const char *before, *between, *after; /* the events; before, after: if any */
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

/* --- lines */

/* The first line decides how lines that end in a newline are read: a mark before it is
 * skipped, and if it ends in a CR, all lines lose one. */
static void prepare_lines(struct failed_to *f, const struct item *first, struct bytes line)
{
	bool ends_in_cr = line.len > 0 && line.p[line.len - 1] == '\r';

	if (f->cfg.delimiter != '\n')
		return;
	f->crlf = first->crlf || (ends_in_cr && !f->cfg.keeps_cr);
	if (csv_has_mark(line))
		buf_adds(&f->text, byte_order_mark);
}

static void end_line(struct failed_to *f)
{
	if (f->crlf)
		buf_addc(&f->text, '\r');
	buf_addc(&f->text, f->cfg.delimiter);
}

static void lines_header(struct failed_to *f, const struct event *first)
{
	const struct item *item = &first->items[0];

	if (f->cfg.header == '\0') {
		prepare_lines(f, item, item->text);
		return;
	}
	prepare_lines(f, item, item->fields[0].name);
	for (size_t i = 0; i < item->nfields; i++) {
		if (i > 0)
			buf_addc(&f->text, f->cfg.header);
		buf_addb(&f->text, item->fields[i].name);
	}
	end_line(f);
}

static void lines_event(struct failed_to *f, const struct event *e)
{
	buf_addb(&f->text, e->items[0].text);
	end_line(f);
}

/* --- csv, tsv */

static void add_row(struct failed_to *f, const struct item *item, bool names)
{
	char delimiter = f->cfg.separator;

	for (size_t i = 0; i < item->nfields; i++) {
		struct bytes cell = names ? item->fields[i].name : item->fields[i].value;

		if (i > 0)
			buf_addc(&f->text, delimiter);
		if (!f->cfg.quoted)
			buf_addb(&f->text, cell);
		else if (cell.len == 0)
			buf_adds(&f->text, "\"\""); /* or the row might be blank */
		else
			csv_add_field(&f->text, cell, delimiter);
	}
	buf_adds(&f->text, item->crlf ? "\r\n" : "\n");
}

static void csv_header(struct failed_to *f, const struct event *first)
{
	const struct item *item = &first->items[0];
	bool plain = f->cfg.no_header || !f->cfg.quoted; /* no quotes protect a mark */

	if (plain && csv_has_mark(f->cfg.no_header ? item->text : item->fields[0].name))
		buf_adds(&f->text, byte_order_mark); /* the first one is skipped */
	if (!f->cfg.no_header)
		add_row(f, item, true);
}

/* Without a header, {} is the row as it was written. */
static void csv_event(struct failed_to *f, const struct event *e)
{
	const struct item *item = &e->items[0];

	if (item->text.p == NULL) {
		add_row(f, item, false);
		return;
	}
	buf_addb(&f->text, item->text);
	buf_adds(&f->text, item->crlf ? "\r\n" : "\n");
}

/* --- json, yaml */

static void json_event(struct failed_to *f, const struct event *e)
{
	event_json(&f->text, e);
}

/* JSON is valid YAML except for some characters, which can only occur inside quotes. */
static void yaml_event(struct failed_to *f, const struct event *e)
{
	struct buf json = BUF_INIT;
	struct bytes rest;

	event_json(&json, e);
	for (rest = buf_bytes(&json); rest.len > 0;) {
		uint32_t code = 0;
		size_t n = utf8_first(rest, &code);

		assert(n > 0); /* JSON is UTF-8 */
		if (yaml_text_is_plain(code))
			buf_add(&f->text, rest.p, n);
		else
			buf_addf(&f->text, "\\u%04x", (unsigned)code);
		rest.p += n;
		rest.len -= n;
	}
	buf_clear(&json);
}

static const struct format formats[] = {
    {"lines", lines_header, lines_event, "", "", ""},
    {"csv", csv_header, csv_event, "", "", ""},
    {"tsv", csv_header, csv_event, "", "", ""},
    {"json", NULL, json_event, "[\n", ",\n", "\n]\n"},
    {"jsonl", NULL, json_event, "", "\n", "\n"},
    {"yaml", NULL, yaml_event, "- ", "\n- ", "\n"},
};

/* --- writing */

static void add_event(struct failed_to *f, const struct event *e)
{
	buf_reset(&f->text);
	buf_adds(&f->text, f->any ? f->format->between : f->format->before);
	if (!f->any && f->format->header != NULL)
		f->format->header(f, e);
	f->any = true;
	f->format->event(f, e);
	fwrite(f->text.data, 1, f->text.len, f->file); /* flushing reports errors */
}

/* The first error is reported by failed_to_close. */
static void flush(struct failed_to *f)
{
	if ((fflush(f->file) != 0 || ferror(f->file)) && f->error == 0)
		f->error = errno;
}

static void add_job(void *arg, const struct run_state *run, const struct outcome *o)
{
	struct failed_to *f = arg;

	(void)run;
	if (o->status == JOB_OK)
		return;
	for (size_t i = 0; i < o->bindings->nevents; i++)
		add_event(f, o->bindings->events[i]);
	flush(f);
}

/* Events that were not run exist only in the input. */
static bool has_events_left(const struct failed_to *f, const struct run_state *run)
{
	return f->cfg.is_input && (run->ended_early || f->cfg.selected);
}

static bool has_begun(const struct run_state *run)
{
	return run->reason != END_ERROR || run->done + run->stopped > 0;
}

static void run_ended(void *arg, const struct run_state *run)
{
	struct failed_to *f = arg;

	f->replaces = has_begun(run) && !has_events_left(f, run);
	if (has_begun(run) && !f->replaces)
		msg_print("%s: '%s' is unchanged: it is the input, and may hold "
			  "events that were not run",
			  f->cfg.name, f->cfg.path);
	/* Words may hold newlines, so a NUL ends each; the file does not show it. */
	else if (f->any && f->cfg.tells_nul)
		msg_print("%s: each event in '%s' ends with a NUL, since some hold a "
			  "newline; read it with -0 -a",
			  f->cfg.name, f->cfg.path);
}

const struct watcher_ops failed_to_ops = {
    .done = add_job, .stopped = add_job, .end = run_ended};

/* --- life */

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

/* volley's own stdout or stderr, which are not opened a second time: that would cut off
 * what is written there, and a socket cannot be opened.  -1: it is neither. */
static int find_stream(const struct stat *st)
{
	struct stat own;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &own) == 0 && own.st_dev == st->st_dev &&
		    own.st_ino == st->st_ino && !S_ISCHR(st->st_mode))
			return fd;
	return -1;
}

/* A new file that is to replace the regular file, of which st is NULL if it does not
 * exist, and has the same owner and mode. */
static FILE *open_part(struct failed_to *f, const struct stat *st)
{
	struct buf name = BUF_INIT;
	FILE *file;

	buf_addf(&name, "%s.part", f->target);
	f->part = xstrdup(buf_cstr(&name));
	buf_clear(&name);
	file = fopen(f->part, "we");
	if (file != NULL && st != NULL) {
		(void)!fchown(fileno(file), st->st_uid, st->st_gid);
		(void)!fchmod(fileno(file), st->st_mode & 07777);
	}
	return file;
}

/* Follows symbolic links; one that leads nowhere yet, a device and a pipe are written to
 * directly. */
static FILE *open_target(struct failed_to *f)
{
	const char *path = f->cfg.path;
	struct stat st, link;
	bool there = stat(path, &st) == 0;

	f->stream = there ? find_stream(&st) : -1;
	if (f->stream >= 0)
		return tmpfile();
	if ((there && !S_ISREG(st.st_mode)) || (!there && lstat(path, &link) == 0))
		return fopen(path, "we");
	f->target = there ? realpath(path, NULL) : xstrdup(path);
	return f->target != NULL ? open_part(f, there ? &st : NULL) : NULL;
}

static void free_all(struct failed_to *f)
{
	buf_clear(&f->text);
	free(f->target);
	free(f->part);
	free(f);
}

struct failed_to *failed_to_open(const struct failed_to_config *cfg, struct err *err)
{
	struct failed_to *f = xcalloc(1, sizeof *f);

	f->cfg = *cfg;
	f->format = find_format(cfg->format);
	assert(f->format != NULL);
	f->file = open_target(f);
	if (f->file != NULL)
		return f;
	err_sys(err, "%s: cannot open '%s'", cfg->name,
		f->part != NULL ? f->part : cfg->path);
	free_all(f);
	return NULL;
}

static int copy_to_stream(struct failed_to *f)
{
	char data[16384];
	size_t n;

	rewind(f->file);
	while ((n = fread(data, 1, sizeof data, f->file)) > 0)
		if (bytes_write(f->stream, (struct bytes){data, n}) < 0)
			return -1;
	return ferror(f->file) ? -1 : 0;
}

int failed_to_close(struct failed_to *f, struct err *err)
{
	int error;

	if (f == NULL)
		return 0;
	if (f->any)
		fputs(f->format->after, f->file);
	flush(f);
	if (f->stream >= 0 && copy_to_stream(f) < 0 && f->error == 0)
		f->error = errno;
	if (fclose(f->file) != 0 && f->error == 0)
		f->error = errno;
	if (f->part != NULL && !f->replaces)
		unlink(f->part);
	else if (f->error == 0 && f->part != NULL && rename(f->part, f->target) < 0)
		f->error = errno;
	errno = error = f->error;
	if (error != 0)
		err_sys(err, "%s: cannot write '%s'", f->cfg.name, f->cfg.path);
	free_all(f);
	return error != 0 ? -1 : 0;
}
