/* SPDX-License-Identifier: ISC */

/* Formats a phrase and an exit status into a struct err; the phrase may quote a file's name
 * or an event, and is made printable.  All functions return -1, so
 * that a caller can fill the error and return in one statement. */

#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

static void __attribute__((format(printf, 3, 0)))
fill(struct err *err, int status, const char *fmt, va_list ap)
{
	char raw[sizeof err->text], shown[BYTES_PRINTABLE];
	struct bytes rest = {raw, 0};
	size_t len = 0, n;

	err->status = status;
	err->placed = false;
	vsnprintf(raw, sizeof raw, fmt, ap);
	rest.len = strlen(raw);
	while (rest.len > 0 &&
	       len + (n = bytes_printable(&rest, "", shown)) < sizeof err->text) {
		memcpy(err->text + len, shown, n);
		len += n;
	}
	err->text[len] = '\0';
}

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, STATUS_ERROR, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	const char *reason = strerror(errno);
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	fill(err, STATUS_ERROR, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", reason);
	return -1;
}

int err_usage(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, STATUS_USAGE, fmt, ap);
	va_end(ap);
	return -1;
}

int err_at(struct err *err, struct place at)
{
	char where[sizeof err->text];
	size_t n;

	if (!err->placed && at.file != NULL) {
		snprintf(where, sizeof where, "%s:%llu:%llu: ", at.file,
			 (unsigned long long)at.line, (unsigned long long)at.column);
		n = strlen(where);
		memmove(err->text + n, err->text, sizeof err->text - n);
		memcpy(err->text, where, n);
		err->text[sizeof err->text - 1] = '\0';
	}
	err->placed = true;
	return -1;
}
