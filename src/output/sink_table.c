/* SPDX-License-Identifier: ISC */
/* Joins the CSV tables that jobs print.  Each is checked when its job has finished; the
 * first one decides what the columns are.  The header is written once, and from each
 * job the rows after it. */

#include <config.h>

#include "base/csv.h"
#include "base/mem.h"
#include "output/sink.h"

struct sink_table {
	struct sink base;
	struct csv_scan first; /* the table whose columns all others must have */
	bool known, written;   /* its columns are known; its header is written */
	uint64_t first_seq;
};

/* --- checking */

static void add_names(struct buf *b, const struct csv_scan *s)
{
	enum { ENOUGH = 300 };
	size_t len = s->names.len - 1; /* without the last NUL */

	for (size_t i = 0; i < len && i < ENOUGH; i++)
		buf_addc(b, s->names.data[i] != '\0' ? s->names.data[i] : ',');
	if (len > ENOUGH)
		buf_adds(b, "...");
}

static int other_columns(const struct sink_table *s, const struct csv_scan *scan,
			 struct err *err)
{
	struct buf here = BUF_INIT, there = BUF_INIT;

	add_names(&here, scan);
	add_names(&there, &s->first);
	err_set(err, "its table has the columns %s, but that of job %llu has %s",
		buf_cstr(&here), (unsigned long long)s->first_seq, buf_cstr(&there));
	buf_clear(&here);
	buf_clear(&there);
	return -1;
}

static int scan_all(const struct sink_job *job, struct csv_scan *scan, struct err *err)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[0]);
	struct sink_out none = {.err = err};
	struct bytes data;
	struct err why;
	size_t body;
	int result = 0;

	while (result == 0 && sink_read(&none, &c, &data))
		result = csv_scan_add(scan, data, &body, &why);
	if (none.failed)
		return -1;
	if (result == 0)
		result = csv_scan_end(scan, &why);
	return result == 0 ? 0
			   : err_set(err, "its output is not a CSV table: %s", why.text);
}

static int table_check(struct sink *base, const struct sink_job *job, struct err *err)
{
	struct sink_table *s = (struct sink_table *)base;
	struct csv_scan scan = CSV_SCAN_INIT;
	int result;

	if (sink_stream_size(job, 0) == 0)
		return 0;
	result = scan_all(job, &scan, err);
	if (result == 0 && !s->known) {
		s->known = true;
		s->first = scan;
		s->first_seq = job->outcome->bindings->seq;
		return 0;
	}
	if (result == 0 && !bytes_eq(buf_bytes(&scan.names), buf_bytes(&s->first.names)))
		result = other_columns(s, &scan, err);
	csv_scan_clear(&scan);
	return result;
}

/* --- writing */

static void table_header(struct sink *base, const struct sink_job *job, struct buf *out)
{
	struct sink_table *s = (struct sink_table *)base;

	if (s->written || sink_stream_size(job, 0) == 0)
		return;
	s->written = true;
	buf_addb(out, buf_bytes(&s->first.header));
}

static void table_job(struct sink *base, const struct sink_job *job, struct sink_out *out)
{
	struct spool_cursor c = SPOOL_CURSOR_INIT(&job->streams[0]);
	struct csv_scan scan = CSV_SCAN_INIT;
	struct bytes data;
	struct err err;
	char last = '\n';

	(void)base;
	while (sink_read(out, &c, &data)) {
		size_t body = 0;

		if (scan.row == 1)
			(void)csv_scan_add(&scan, data, &body, &err); /* checked before */
		buf_add(&out->text, data.p + body, data.len - body);
		last = data.p[data.len - 1];
	}
	if (last != '\n' && scan.row > 1)
		buf_addc(&out->text, '\n');
	csv_scan_clear(&scan);
}

static void table_free(struct sink *base)
{
	csv_scan_clear(&((struct sink_table *)base)->first);
}

static const struct sink_ops table_ops = {.job = table_job,
					  .header = table_header,
					  .check = table_check,
					  .free = table_free,
					  .stdout_only = true,
					  .ok_only = true};

struct sink *sink_table_new(void)
{
	struct sink_table *s = xcalloc(1, sizeof *s);

	s->base.ops = &table_ops;
	return &s->base;
}
