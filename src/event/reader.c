/* SPDX-License-Identifier: ISC */
#include <config.h>

#include <inttypes.h>
#include <stdarg.h>

#include "base/buf.h"
#include "event/reader.h"

static void add_size(struct buf *b, uint64_t bytes)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		uint64_t n = bytes >> units[i].shift;

		if (n > 0 && n << units[i].shift == bytes) {
			buf_addf(b, "%" PRIu64 " %s", n, units[i].name);
			return;
		}
	}
	buf_addf(b, "%" PRIu64 " bytes", bytes);
}

struct reader *reader_open(const struct reader_ops *ops, const struct reader_config *cfg)
{
	struct reader *r = ops->open(cfg);

	r->ops = ops;
	return r;
}

int reader_feed(struct reader *r, struct bytes data, struct err *err)
{
	return data.len > 0 ? r->ops->feed(r, data, err) : 0;
}

int reader_finish(struct reader *r, struct err *err)
{
	return r->ops->finish(r, err);
}

void reader_close(struct reader *r)
{
	if (r != NULL)
		r->ops->close(r);
}

int reader_error(const struct reader_config *cfg, uint64_t line, uint64_t column,
		 struct err *err, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "%s:%" PRIu64 ":%" PRIu64 ": ", cfg->name, line, column);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	err_set(err, "%s", buf_cstr(&b));
	buf_clear(&b);
	return -1;
}

int reader_too_long(const struct reader_config *cfg, uint64_t line, uint64_t column,
		    struct err *err)
{
	struct buf size = BUF_INIT;

	add_size(&size, cfg->max_event);
	reader_error(cfg, line, column, err,
		     "event longer than %s; --max-event raises the limit",
		     buf_cstr(&size));
	buf_clear(&size);
	return -1;
}
